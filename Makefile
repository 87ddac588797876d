# What a newcomer needs: `make run REPO=path` and `make test`. `make help` lists the rest.

# The repository to try Arborist on.
REPO ?= .
# Where `make install` puts the programs: PREFIX/bin.
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

LINTED := $(wildcard Sources Tests Hooks Templates Benchmarks Fuzz Package.swift)

export REPO SWIFT

.PHONY: help run build test lint bench install clean

help:
	@echo 'make run [REPO=path]       build, review the branch checked out in path, show what resolving would give'
	@echo 'make test                  build and run the tests'
	@echo 'make lint                  check the format of the code'
	@echo 'make bench                 build and run the benchmarks'
	@echo 'make build                 build the release programs'
	@echo 'make install [PREFIX=path] put them into PREFIX/bin (default: /usr/local/bin)'
	@echo 'make clean                 delete what was built'

run: build
	@scripts/try .build/release/arborist

build:
	@scripts/system-packages build
	@scripts/build-release

test:
	@scripts/system-packages test
	scripts/check-imports
	@if scripts/check-imports --pretend Base Git 2>/dev/null; then echo 'scripts/check-imports finds nothing' >&2; exit 1; fi
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	@scripts/run-tests

lint:
	$(SWIFT) format lint --strict -r $(LINTED)

bench:
	@scripts/system-packages build
	@scripts/bench

install: build
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 .build/release/arborist .build/release/arborist-cell .build/release/arborist-hook \
	  '$(DESTDIR)$(PREFIX)/bin'

clean:
	$(SWIFT) package clean
