"""Makes repositories with a branch that turned tests red, and says which of its lines did.

    branches.py DIRECTORY [LANGUAGE ...] [--seeds N] [--first N] [--large] [--forty]

Every case is a directory with a repository and `truth.json`. The same arguments make the same commits. A program of a
few modules is written in one of several languages from one model; a branch changes the model by refactorings, renames,
new functions with tests, new files, moves, documents and one or two mistakes, spread over commits. The mistakes are
known by the statements that they changed, so what has to be found is known exactly.

With `--large` a program has a dozen modules, and its branch 25 to 40 hunks outside of tests. Besides one mistake there
are two that both break a test, two changes that only together break one, of which each is an answer, and a mistake
between honest changes of the lines on both sides of it. With `--forty` a branch changes forty functions of one program,
a line each, and one of them wrongly: each of the forty once, in one commit, in four and in forty.
"""

import json
import os
import random
import shutil
import subprocess
import sys

WORDS = ("amount batch carry delta edge factor grade height index joint kernel limit margin node offset price quota "
         "ratio scale total unit value weight yield zone").split()


# The model: integers, locals, conditions, loops and calls.

class Statement:
    count = 0

    def __init__(self, kind, *parts):
        self.kind, self.parts = kind, list(parts)
        Statement.count += 1
        self.tag = Statement.count


class Function:
    def __init__(self, name, parameters, body, notes):
        self.name, self.parameters, self.body, self.notes = name, parameters, body, notes


def evaluate(functions, name, arguments):
    function = functions[name]
    scope = dict(zip(function.parameters, arguments))

    def value(expression):
        if isinstance(expression, int):
            return expression
        if isinstance(expression, str):
            return scope[expression]
        if expression[0] == "call":
            return evaluate(functions, expression[1], [value(part) for part in expression[2]])
        left, right = value(expression[1]), value(expression[2])
        return {"+": left + right, "-": left - right, "*": left * right, "<": int(left < right),
                ">": int(left > right)}[expression[0]]

    def run(statements):
        for statement in statements:
            kind, parts = statement.kind, statement.parts
            if kind in ("let", "set"):
                scope[parts[0]] = value(parts[1])
            elif kind == "if":
                run(parts[1])if value(parts[0]) else None
            elif kind == "for":
                for number in range(value(parts[1])):
                    scope[parts[0]] = number
                    run(parts[2])
            elif kind == "return":
                return value(parts[0])
        return None
    # Only the last statement of a function returns.
    return run(function.body)


def walk(statements):
    for statement in statements:
        yield statement
        if statement.kind == "if":
            yield from walk(statement.parts[1])
        elif statement.kind == "for":
            yield from walk(statement.parts[2])


def map_expression(expression, change):
    if isinstance(expression, tuple):
        if expression[0] == "call":
            expression = ("call", expression[1], [map_expression(part, change) for part in expression[2]])
        else:
            expression = (expression[0],) + tuple(map_expression(part, change) for part in expression[1:])
    return change(expression)


def map_function(function, change):
    for statement in walk(function.body):
        place = 0 if statement.kind in ("return", "if") else 1
        if statement.kind != "note":
            statement.parts[place] = map_expression(statement.parts[place], change)


def calls(function):
    found = set()

    def note(expression):
        if isinstance(expression, tuple) and expression[0] == "call":
            found.add(expression[1])
        return expression
    map_function(function, note)
    return found


# The languages.

class Language:
    """How a language writes the model; what is here fits languages with braces."""
    program = None  # what runs its tests, where that is not the first word of the command
    extension, comment, end, indent = "", "//", "}", "    "
    private = "{}"
    mode = "100644"

    def var(self, name): return name
    def call(self, name, arguments): return f"{name}({', '.join(arguments)})"
    def operator(self, op, left, right): return f"({left} {op} {right})"
    def condition(self, text): return f"if ({text}) {{"
    def loop(self, name, count): return f"for (let {name} = 0; {name} < {count}; {name}++) {{"
    def let(self, name, text): return f"let {name} = {text};"
    def set(self, name, text): return f"{name} = {text};"
    def give(self, text): return f"return {text};"
    def header(self, function): return f"function {function.name}({', '.join(function.parameters)}) {{"

    def expression(self, expression):
        if isinstance(expression, int):
            return str(expression)
        if isinstance(expression, str):
            return self.var(expression)
        if expression[0] == "call":
            return self.call(expression[1], [self.expression(part) for part in expression[2]])
        return self.operator(expression[0], self.expression(expression[1]), self.expression(expression[2]))

    def statements(self, statements, depth):
        for statement in statements:
            pad, kind, parts = self.indent * depth, statement.kind, statement.parts
            if kind == "note":
                yield f"{pad}{self.comment} {parts[0]}", statement.tag
            elif kind in ("let", "set"):
                yield pad + getattr(self, kind)(parts[0], self.expression(parts[1])), statement.tag
            elif kind == "return":
                yield pad + self.give(self.expression(parts[0])), statement.tag
            else:
                inner = parts[1] if kind == "if" else parts[2]
                yield pad + (self.condition(self.expression(parts[0])) if kind == "if"
                             else self.loop(parts[0], self.expression(parts[1]))), statement.tag
                yield from self.statements(inner, depth + 1)
                yield from ((pad + line, None) for line in self.closing(kind, parts[0]))

    def closing(self, kind, name): return [self.end] if self.end else []

    def function(self, function):
        for note in function.notes:
            yield f"{self.comment} {note}", None
        yield self.header(function), None
        yield from self.statements(function.body, 1)
        if self.end:
            yield self.end, None

    def module(self, project, name):
        yield from self.opening(project, name)
        for place, function in enumerate(project.modules[name]):
            if place:
                yield "", None
            yield from self.function(function)
        yield from self.ending(project, name)

    def opening(self, project, name): return []
    def ending(self, project, name): return []
    def source(self, name): return f"src/{name}.{self.extension}"
    def tests(self, project): return {}
    def extra(self, project): return {}

    def check(self, test):
        return self.call(test[1], [str(number) for number in test[2]]), test[3]


def imports(project, name):
    """The functions of other modules that a module uses, by module."""
    used = {}
    for function in project.modules[name]:
        for callee in calls(function):
            if project.home(callee) != name:
                used.setdefault(project.home(callee), set()).add(callee)
    return {home: sorted(names) for home, names in sorted(used.items())}


class Python(Language):
    extension, comment, end = "py", "#", ""
    command = "python3 -m unittest discover -v -s tests -t ."

    def condition(self, text): return f"if {text}:"
    def loop(self, name, count): return f"for {name} in range({count}):"
    def let(self, name, text): return f"{name} = {text}"
    set = let
    def give(self, text): return f"return {text}"
    def header(self, function): return f"def {function.name}({', '.join(function.parameters)}):"

    def opening(self, project, name):
        for home, names in imports(project, name).items():
            yield f"from src.{home} import {', '.join(names)}", None
        yield "", None

    def tests(self, project):
        files = {"tests/__init__.py": "", "src/__init__.py": ""}
        for name, tests in project.tests.items():
            names = ", ".join(sorted({test[1] for test in tests}))
            lines = ["import unittest", f"from src.{name} import {names}", "", "", f"class {name.title()}Tests(unittest.TestCase):"]
            for test in tests:
                lines += [f"    def test_{test[0]}(self):", f"        self.assertEqual({self.check(test)[0]}, {test[3]})", ""]
            files[f"tests/test_{name}.py"] = "\n".join(lines)
        return files


class Pytest(Python):
    command = "python3 -m pytest -q -rA -p no:cacheprovider tests"
    program = "pytest"

    def tests(self, project):
        files = {"tests/__init__.py": "", "src/__init__.py": "", "conftest.py": ""}
        for name, tests in project.tests.items():
            names = ", ".join(sorted({test[1] for test in tests}))
            lines = [f"from src.{name} import {names}", ""] if names else []
            for test in tests:
                lines += ["", f"def test_{test[0]}():", f"    assert {self.check(test)[0]} == {test[3]}", ""]
            files[f"tests/test_{name}.py"] = "\n".join(lines)
        return files


class JavaScript(Language):
    extension = "js"
    command = "node --test --test-reporter=tap tests/"

    def opening(self, project, name):
        for home, names in imports(project, name).items():
            yield f"const {{ {', '.join(names)} }} = require('./{home}');", None
        yield "", None

    def ending(self, project, name):
        yield "", None
        for function in project.modules[name]:
            yield f"exports.{function.name} = {function.name};", None

    def tests(self, project):
        files = {}
        for name, tests in project.tests.items():
            names = ", ".join(sorted({test[1] for test in tests}))
            lines = ["const test = require('node:test');", "const assert = require('node:assert');",
                     f"const {{ {names} }} = require('../src/{name}');", ""]
            for test in tests:
                lines += [f"test('{name} {test[0]}', () => {{", f"  assert.strictEqual({self.check(test)[0]}, {test[3]});", "});", ""]
            files[f"tests/{name}.test.js"] = "\n".join(lines)
        return files


class Ruby(Language):
    extension, comment, end, indent = "rb", "#", "end", "  "
    command = "ruby -Isrc -e 'Dir[\"tests/*.rb\"].sort.each { |f| require \"./\" + f }' -- --verbose --seed 1"

    def condition(self, text): return f"if {text} != 0" if text[1:2] != "(" and "<" not in text and ">" not in text else f"if {text}"
    def loop(self, name, count): return f"(0...{count}).each do |{name}|"
    def let(self, name, text): return f"{name} = {text}"
    set = let
    def give(self, text): return f"return {text}"
    def header(self, function): return f"def {function.name}({', '.join(function.parameters)})"

    def opening(self, project, name):
        for home in imports(project, name):
            yield f"require_relative '{home}'", None
        yield "", None

    def tests(self, project):
        files = {}
        for name, tests in project.tests.items():
            lines = ["require 'minitest/autorun'", f"require_relative '../src/{name}'", "", f"class {name.title()}Test < Minitest::Test"]
            for test in tests:
                lines += [f"  def test_{test[0]}", f"    assert_equal {test[3]}, {self.check(test)[0]}", "  end", ""]
            files[f"tests/{name}_test.rb"] = "\n".join(lines + ["end", ""])
        return files


class RSpec(Ruby):
    command = "rspec --format json --order defined -Isrc tests"
    program = "rspec"

    def tests(self, project):
        files = {}
        for name, tests in project.tests.items():
            lines = [f"require_relative '../src/{name}'", "", f"RSpec.describe '{name}' do"]
            for test in tests:
                lines += [f"  it '{test[0]}' do", f"    expect({self.check(test)[0]}).to eq({test[3]})", "  end", ""]
            files[f"tests/{name}_spec.rb"] = "\n".join(lines + ["end", ""])
        return files


class Rust(Language):
    extension = "rs"
    command = "cargo test --offline --test all"
    program = "cargo"

    def condition(self, text): return f"if {text} {{"
    def loop(self, name, count): return f"for {name} in 0..{count} {{"
    def let(self, name, text): return f"let mut {name}: i64 = {text};"
    def header(self, function): return f"pub fn {function.name}({', '.join(p + ': i64' for p in function.parameters)}) -> i64 {{"

    def opening(self, project, name):
        for home, names in imports(project, name).items():
            yield f"use crate::{home}::{{{', '.join(names)}}};", None
        yield "", None

    def extra(self, project):
        modules = [f"pub mod {name};" for name in project.modules]
        return {"Cargo.toml": "[package]\nname = \"program\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
                "Cargo.lock": "version = 3\n\n[[package]]\nname = \"program\"\nversion = \"1.0.0\"\n",
                "src/lib.rs": "\n".join(["#![allow(unused)]", ""] + modules + [""])}

    def tests(self, project):
        lines = ["#![allow(unused)]"]
        for name, tests in project.tests.items():
            lines += [f"mod {name} {{", f"    use program::{name}::*;"]
            for test in tests:
                lines += ["    #[test]", f"    fn {test[0]}() {{", f"        assert_eq!({self.check(test)[0]}, {test[3]});", "    }"]
            lines += ["}", ""]
        return {"tests/all.rs": "\n".join(lines)}


class Perl(Language):
    extension, comment = "pl", "#"
    command = "perl tests/all.t 2>&1"

    def var(self, name): return "$" + name
    def loop(self, name, count): return f"for my ${name} (0 .. {count} - 1) {{"
    def let(self, name, text): return f"my ${name} = {text};"
    def set(self, name, text): return f"${name} = {text};"

    def header(self, function): return f"sub {function.name} {{"

    def function(self, function):
        lines = list(super().function(function))
        place = next(i for i, line in enumerate(lines) if line[0].startswith("sub "))
        lines.insert(place + 1, (f"    my ({', '.join('$' + p for p in function.parameters)}) = @_;", None))
        return lines

    def opening(self, project, name):
        yield "use strict; use warnings;", None
        for home in imports(project, name):
            yield f"require './src/{home}.pl';", None
        yield "", None

    def ending(self, project, name): return [("", None), ("1;", None)]

    def tests(self, project):
        lines = ["use strict; use warnings; use Test::More;"]
        for name, tests in project.tests.items():
            lines.append(f"eval {{ require './src/{name}.pl' }};")
            lines += [f"is(eval {{ {test[1]}({', '.join(map(str, test[2]))}) }}, {test[3]}, '{name} {test[0]}');" for test in tests]
        return {"tests/all.t": "\n".join(lines + ["done_testing();", ""])}


class PHP(Language):
    extension = "php"
    command = "php tests/all.php"

    def var(self, name): return "$" + name
    def loop(self, name, count): return f"for (${name} = 0; ${name} < {count}; ${name}++) {{"
    def let(self, name, text): return f"${name} = {text};"
    set = let
    def header(self, function): return f"function {function.name}({', '.join('$' + p for p in function.parameters)}) {{"

    def opening(self, project, name):
        yield "<?php", None
        for home in imports(project, name):
            yield f"require_once __DIR__ . '/{home}.php';", None
        yield "", None

    def tests(self, project):
        lines = ["<?php", "$number = 0; $failed = 0;", "function check($name, $function, $expected) {",
                 "  global $number, $failed; $number++;",
                 "  try { $good = $function() === $expected; } catch (Error $error) { $good = false; }",
                 "  if (!$good) { $failed++; }", "  echo ($good ? 'ok ' : 'not ok ') . \"$number - $name\\n\";", "}"]
        count = 0
        for name, tests in project.tests.items():
            lines += [f"require __DIR__ . '/../src/{name}.php';".replace("require ", "require_once ")]
            lines += [f"check('{name} {test[0]}', function () {{ return {self.check(test)[0]}; }}, {test[3]});" for test in tests]
            count += len(tests)
        return {"tests/all.php": "\n".join(lines + ["echo \"1..$number\\n\";", "exit($failed ? 1 : 0);", ""])}


class Lua(Language):
    extension, comment, end, indent = "lua", "--", "end", "  "
    command = "lua5.4 tests/all.lua"

    def condition(self, text): return f"if {text} then"
    def loop(self, name, count): return f"for {name} = 0, {count} - 1 do"
    def let(self, name, text): return f"local {name} = {text}"
    def set(self, name, text): return f"{name} = {text}"
    def give(self, text): return f"return {text}"

    def header(self, function): return f"function {function.name}({', '.join(function.parameters)})"

    def tests(self, project):
        lines = ["local number, failed = 0, 0", "local function check(name, body, expected)", "  number = number + 1",
                 "  local good, value = pcall(body)", "  good = good and value == expected",
                 "  if not good then failed = failed + 1 end",
                 "  print((good and 'ok ' or 'not ok ') .. number .. ' - ' .. name)", "end"]
        for name in project.modules:
            lines.append(f"dofile('src/{name}.lua')")
        for name, tests in project.tests.items():
            lines += [f"check('{name} {test[0]}', function() return {self.check(test)[0]} end, {test[3]})" for test in tests]
        return {"tests/all.lua": "\n".join(lines + ["print('1..' .. number)", "os.exit(failed == 0 and 0 or 1)", ""])}


class Tcl(Language):
    extension, comment = "tcl", "#"
    command = "tclsh tests/all.tcl"

    def var(self, name): return "$" + name
    def call(self, name, arguments): return f"[{name} {' '.join(arguments)}]"
    def operator(self, op, left, right): return f"[expr {{{left} {op} {right}}}]"
    def condition(self, text): return f"if {{{text}}} {{"
    def loop(self, name, count): return f"for {{set {name} 0}} {{${name} < {count}}} {{incr {name}}} {{"
    def let(self, name, text): return f"set {name} {text}"
    set = let
    def give(self, text): return f"return {text}"
    def header(self, function): return f"proc {function.name} {{{' '.join(function.parameters)}}} {{"

    def tests(self, project):
        lines = ["set number 0", "set failed 0", "proc check {name body expected} {", "  global number failed",
                 "  incr number", "  if {[catch {uplevel #0 $body} value] || $value != $expected} {", "    incr failed",
                 "    puts \"not ok $number - $name\"", "  } else {", "    puts \"ok $number - $name\"", "  }", "}"]
        for name in project.modules:
            lines.append(f"source src/{name}.tcl")
        for name, tests in project.tests.items():
            lines += [f"check {{{name} {test[0]}}} {{{test[1]} {' '.join(map(str, test[2]))}}} {test[3]}" for test in tests]
        return {"tests/all.tcl": "\n".join(lines + ["puts \"1..$number\"", "exit [expr {$failed > 0}]", ""])}


class Shell(Language):
    extension, comment = "sh", "#"
    mode = "100755"
    command = "sh tests/all.sh"

    def var(self, name): return f"${name}"
    def call(self, name, arguments): return f"$({name} {' '.join(arguments)})"
    def operator(self, op, left, right): return f"$(({left} {op} {right}))"
    def condition(self, text): return f"if [ {text} -ne 0 ]; then"
    def loop(self, name, count): return f"for {name} in $(seq 0 $(({count} - 1))); do"
    def let(self, name, text): return f"local {name}={text}"
    def set(self, name, text): return f"{name}={text}"
    def give(self, text): return f"echo {text}"
    def header(self, function): return f"{function.name}() {{"
    def closing(self, kind, name): return ["fi" if kind == "if" else "done"]

    def function(self, function):
        lines = list(super().function(function))
        place = next(i for i, line in enumerate(lines) if line[0].endswith("() {"))
        names = " ".join(f"{name}=${number + 1}" for number, name in enumerate(function.parameters))
        lines.insert(place + 1, (f"    local {names}", None))
        return lines

    def tests(self, project):
        lines = ["number=0; failed=0", "check() {", "  number=$((number + 1))", "  if [ \"$2\" = \"$3\" ]; then",
                 "    echo \"ok $number - $1\"", "  else", "    failed=1; echo \"not ok $number - $1\"", "  fi", "}"]
        for name in project.modules:
            lines.append(f". src/{name}.sh")
        for name, tests in project.tests.items():
            lines += [f"check '{name} {test[0]}' \"{self.check(test)[0]}\" {test[3]}" for test in tests]
        return {"tests/all.sh": "\n".join(lines + ["echo \"1..$number\"", "exit $failed", ""])}


class C(Language):
    extension = "c"
    command = "make -s check"

    def let(self, name, text): return f"int {name} = {text};"
    def loop(self, name, count): return f"for (int {name} = 0; {name} < {count}; {name}++) {{"

    def header(self, function):
        return f"int {function.name}({', '.join('int ' + name for name in function.parameters)}) {{"

    def opening(self, project, name):
        for home in [name] + list(imports(project, name)):
            yield f"#include \"{home}.h\"", None
        yield "", None

    def extra(self, project):
        files = {"Makefile": "check:\n\tcc -Wall -Werror=implicit-function-declaration -Isrc -o all src/*.c tests/all.c\n\t./all\n"}
        for name, functions in project.modules.items():
            files[f"src/{name}.h"] = "\n".join(
                ["#pragma once", ""] + [self.header(function)[:-2] + ";" for function in functions] + [""])
        return files

    def tests(self, project):
        lines = ["#include <stdio.h>"] + [f"#include \"{name}.h\"" for name in project.modules]
        lines += ["static int number, failed;", "static void check(const char *name, int value, int expected) {",
                  "  if (value != expected) failed = 1;",
                  "  printf(\"%s %d - %s\\n\", value == expected ? \"ok\" : \"not ok\", ++number, name);", "}", "int main(void) {"]
        for name, tests in project.tests.items():
            lines += [f"  check(\"{name} {test[0]}\", {self.check(test)[0]}, {test[3]});" for test in tests]
        return {"tests/all.c": "\n".join(lines + ["  printf(\"1..%d\\n\", number);", "  return failed;", "}", ""])}


class Go(Language):
    extension, indent = "go", "\t"
    command = "go test -v ./..."

    def source(self, name): return f"{name}.go"
    def condition(self, text): return f"if {text} {{"
    def loop(self, name, count): return f"for {name} := 0; {name} < {count}; {name}++ {{"
    def let(self, name, text): return f"{name} := {text}"
    def set(self, name, text): return f"{name} = {text}"
    def give(self, text): return f"return {text}"
    def header(self, function): return f"func {function.name}({', '.join(p + ' int' for p in function.parameters)}) int {{"
    def opening(self, project, name): return [("package program", None), ("", None)]
    def extra(self, project): return {"go.mod": "module example.org/program\n\ngo 1.19\n"}

    def tests(self, project):
        files = {}
        for name, tests in project.tests.items():
            lines = ["package program", "", "import \"testing\"", ""]
            for test in tests:
                title = "".join(part.title() for part in f"{name} {test[0]}".replace("_", " ").split())
                lines += [f"func Test{title}(t *testing.T) {{", f"\tif got := {self.check(test)[0]}; got != {test[3]} {{",
                          f"\t\tt.Errorf(\"got %d\", got)", "\t}", "}", ""]
            files[f"{name}_test.go"] = "\n".join(lines)
        return files


LANGUAGES = {"pytest": Pytest, "rspec": RSpec, "rust": Rust, "python": Python, "javascript": JavaScript, "ruby": Ruby, "perl": Perl, "php": PHP, "lua": Lua, "tcl": Tcl,
             "shell": Shell, "c": C, "go": Go}


# A program.

SMALL = ("parts", "stock", "orders", "report")
LARGE = SMALL + ("prices", "customers", "invoices", "carriers", "returns", "ledger", "taxes", "labels")


class Project:
    def __init__(self, numbers, language, large=False):
        self.numbers, self.language, self.large = numbers, language, large
        self.modules, self.tests, self.documents, self.serial = {}, {}, {}, 0
        for name in LARGE if large else SMALL:
            self.modules[name] = []
            self.tests[name] = []
            for _ in range(numbers.randint(6, 9) if large else numbers.randint(4, 6)):
                self.add_function(name)
        self.documents["README.md"] = [f"Chapter {number}: {numbers.choice(WORDS)}." for number in range(60)]

    def functions(self): return {f.name: f for functions in self.modules.values() for f in functions}
    def home(self, name): return next(m for m, functions in self.modules.items() if any(f.name == name for f in functions))

    def name(self, stem):
        self.serial += 1
        return f"{stem}_{self.serial}"

    def add_function(self, module, place=None, avoid=()):
        numbers = self.numbers
        name = self.name(numbers.choice(WORDS))
        a, b = self.name("a"), self.name("b")
        x, y, i = self.name(numbers.choice(WORDS)), self.name("sum"), self.name("i")
        body = [Statement("let", x, ("+", ("*", a, numbers.randint(2, 9)), numbers.randint(1, 9))),
                Statement("let", y, ("-", x, b))]
        if numbers.random() < 0.6:
            body.append(Statement("if", (">", a, numbers.randint(2, 5)), [
                Statement("set", y, ("+", y, numbers.randint(2, 30)))]))
        body.append(Statement("set", x, ("+", x, numbers.randint(1, 5))))
        if numbers.random() < 0.5:
            body.append(Statement("for", i, numbers.randint(2, 4), [Statement("set", y, ("+", y, ("*", i, x)))]))
        known = [f for f in self.functions() if f not in avoid]
        if self.large:
            # Modules that use each other in a circle do not load in every language: that would be a mistake too.
            before = list(self.modules)[:list(self.modules).index(module) + 1]
            known = [f for f in known if self.home(f) in before]
        if known and numbers.random() < 0.5:
            body.append(Statement("set", y, ("+", y, ("call", numbers.choice(known), self.arguments(numbers.choice(known), b)))))
            callee = body[-1].parts[1][2][1]
            body[-1].parts[1] = ("+", y, ("call", callee, self.arguments(callee, b)))
        body.append(Statement("note", f"the {numbers.choice(WORDS)} counts twice"))
        body.append(Statement("set", y, ("+", y, ("*", x, 2))))
        body.append(Statement("return", ("+", x, y)))
        function = Function(name, [a, b], body, [f"Tells the {numbers.choice(WORDS)} of a {numbers.choice(WORDS)}.",
                                                 f"It is {numbers.choice(WORDS)} by {numbers.choice(WORDS)}."])
        self.modules[module].insert(len(self.modules[module]) if place is None else place, function)
        for _ in range(2):
            arguments = [numbers.randint(1, 9) for _ in function.parameters]
            self.tests[module].append([self.name(f"{name}_gives"), name, arguments, evaluate(self.functions(), name, arguments)])
        return function

    def add_switch(self, module):
        """Puts into a function a number that is always zero, and far from it a sum that counts it not once."""
        function = self.numbers.choice(self.modules[module])
        switch, y = self.name("switch"), function.body[1].parts[0]
        function.body[0:0] = [Statement("let", switch, ("*", function.parameters[0], 0))] + [
            Statement("note", f"the {self.numbers.choice(WORDS)} comes first") for _ in range(8)]
        function.body[-1:-1] = [Statement("set", y, ("+", y, ("*", switch, 0)))]
        return function

    def arguments(self, callee, name):
        return [name] + [self.numbers.randint(1, 5) for _ in self.functions()[callee].parameters[1:]]

    def render(self):
        """Every file, and for each source line the statement that it is of."""
        language, files, tags = self.language, {}, {}
        for name in self.modules:
            lines = list(language.module(self, name))
            files[language.source(name)] = "\n".join(line for line, _ in lines) + "\n"
            tags[language.source(name)] = [tag for _, tag in lines]
        for more in (language.extra(self), language.tests(self)):
            files.update(more)
        for name, lines in self.documents.items():
            files[name] = "\n".join(lines) + "\n"
        return files, tags


# What a branch does.

class Branch:
    def __init__(self, project, numbers):
        self.project, self.numbers = project, numbers
        self.bugs = []          # tags of the statements
        self.guarded = set()    # functions that no other edit may touch
        self.watched = set()    # functions whose value a mistake changes
        self.edited = set()     # functions whose lines another edit changed: a mistake there could not be told apart
        self.original = set(project.functions().values())

    def free(self, touched_twice=False):
        return [f for f in self.project.functions().values() if f.name not in self.guarded]

    def document(self):
        lines = self.project.documents["README.md"]
        place = self.numbers.randrange(len(lines))
        lines[place] = f"Chapter {place}: {self.numbers.choice(WORDS)} and {self.numbers.choice(WORDS)}."

    def describe(self):
        function = self.numbers.choice(list(self.project.functions().values()))
        function.notes.append(f"See also {self.numbers.choice(WORDS)}.")

    def rename_local(self):
        function = self.numbers.choice(self.free())
        self.edited.add(function)
        old, new = function.body[0].parts[0], self.project.name("renamed")
        map_function(function, lambda e: new if e == old else e)
        for statement in walk(function.body):
            if statement.kind in ("let", "set") and statement.parts[0] == old:
                statement.parts[0] = new

    def insert_step(self):
        function = self.numbers.choice(self.free())
        self.edited.add(function)
        name = function.body[0].parts[0]
        extra = self.project.name("step")
        place = self.numbers.randint(1, len(function.body) - 1)
        function.body[place:place] = [Statement("let", extra, ("*", name, 1)), Statement("set", name, ("-", extra, 0))]

    def add_function(self):
        module = self.numbers.choice(list(self.project.modules))
        self.project.add_function(module, self.numbers.randrange(len(self.project.modules[module]) + 1), self.watched)

    def add_module(self):
        name = self.project.name(self.numbers.choice(WORDS)).replace("_", "")
        self.project.modules[name], self.project.tests[name] = [], []
        for _ in range(2):
            self.project.add_function(name, avoid=self.watched)

    def rename_function(self):
        """The definition, every call and every test: hunks that need each other."""
        choice = [f for f in self.free() if not any(
            f.name in calls(self.project.functions()[g]) for g in self.guarded if g in self.project.functions())]
        function = self.numbers.choice(choice or self.free())
        if not choice:
            return
        old, new = function.name, self.project.name("better")
        for other in self.project.functions().values():
            map_function(other, lambda e: ("call", new, e[2]) if isinstance(e, tuple) and e[0] == "call" and e[1] == old else e)
        function.name = new
        self.edited.update(f for f in self.project.functions().values() if new in calls(f))
        self.watched = {new if name == old else name for name in self.watched}
        for tests in self.project.tests.values():
            for test in tests:
                test[1] = new if test[1] == old else test[1]

    def move_module(self):
        if self.numbers.random() < 0.5:
            return
        old = self.numbers.choice(list(self.project.modules))
        new = old + "er"
        self.project.modules = {new if n == old else n: f for n, f in self.project.modules.items()}
        self.project.tests = {new if n == old else n: t for n, t in self.project.tests.items()}

    def picture(self):
        self.project.documents[f"docs/{self.project.name('picture')}.bin"] = ["\0" + self.numbers.choice(WORDS)]

    def mistake(self, kinds=("change", "change", "drop", "add")):
        """Changes, drops or adds one statement of a function that a test looks at; its tests go red."""
        for _ in range(200):
            function = self.numbers.choice([f for f in self.free() if f in self.original - self.edited])
            before = self.values()
            kind = self.numbers.choice(kinds)
            statements = [s for s in walk(function.body) if s.kind in ("set", "let", "return")]
            statement = self.numbers.choice(statements)
            place = 0 if statement.kind == "return" else 1
            old = statement.parts[place]
            if kind == "change":
                statement.parts[place] = self.spoil(old)
                undo = lambda: statement.parts.__setitem__(place, old)
                tag = statement.tag
            elif kind == "drop":
                if statement not in function.body or statement.kind != "set":
                    continue
                # With a call its import may go, and that is not known to be a part of the mistake.
                if self.project.large and isinstance(old[2], tuple) and old[2][0] == "call":
                    continue
                at = function.body.index(statement)
                del function.body[at]
                undo = lambda: function.body.insert(at, statement)
                tag = statement.tag
            else:
                name = function.body[1].parts[0]
                at = self.numbers.randint(2, len(function.body) - 1)
                new = Statement("set", name, ("+", name, self.numbers.randint(40, 60)))
                function.body.insert(at, new)
                undo = lambda: function.body.remove(new)
                tag = new.tag
            changed = {test for test, value in self.values().items() if before.get(test) != value}
            if changed and statement.parts[place] != old or changed and kind != "change":
                self.bugs.append(tag)
                self.guarded.add(function.name)
                names = {test[1] for tests in self.project.tests.values() for test in tests if test[0] in changed}
                self.watched |= names | {function.name} | self.callers(function.name)
                return changed
            undo()
        raise SystemExit("no mistake could be made")

    def beside(self):
        """A mistake, and honest changes of the lines on both sides of it."""
        known = len(self.bugs)
        changed = self.mistake(("change",))
        for function in self.project.functions().values():
            for at, statement in enumerate(function.body):
                if statement.tag != self.bugs[known]:
                    continue
                # Two steps that change nothing, before and behind; what returns stays the last.
                name = function.body[0].parts[0] if at else function.parameters[0]
                for place in (at + 1, at) if statement.kind != "return" else (at,):
                    if place == at and function.parameters[0] != name and at == 0:
                        continue
                    extra = self.project.name("step")
                    function.body[place:place] = [Statement("let", extra, ("*", name, 1)), Statement("set", name, ("-", extra, 0))] \
                        if place or name == function.parameters[0] else []
                return changed
        return changed

    def together(self):
        """Two changes of one function that only together break its tests."""
        function = self.switched
        switch, count = function.body[0], function.body[-2]
        before = self.values()
        switch.parts[1] = switch.parts[1][:2] + (self.numbers.randint(2, 9),)
        assert self.values() == before
        count.parts[1] = ("+", count.parts[1][1], ("*", switch.parts[0], self.numbers.randint(2, 9)))
        self.bugs += [switch.tag, count.tag]
        return {test for test, value in self.values().items() if before.get(test) != value}

    def callers(self, name):
        found, waiting = {name}, [name]
        while waiting:
            callee = waiting.pop()
            for function in self.project.functions().values():
                if function.name not in found and callee in calls(function):
                    found.add(function.name)
                    waiting.append(function.name)
        return found

    def spoil(self, expression):
        if isinstance(expression, int):
            return expression + self.numbers.choice((-1, 1, 7))
        if isinstance(expression, str):
            return ("+", expression, 13)
        if expression[0] == "call":
            return ("call", expression[1], [expression[2][0], expression[2][1] + 1] + expression[2][2:]) \
                if isinstance(expression[2][1], int) else expression
        if self.numbers.random() < 0.5 and expression[0] in "+-":
            return ("-" if expression[0] == "+" else "+",) + expression[1:]
        return (expression[0], expression[1], self.spoil(expression[2]))

    def values(self):
        functions = self.project.functions()
        return {test[0]: evaluate(functions, test[1], test[2]) for tests in self.project.tests.values() for test in tests}


EDITS = ["document", "document", "describe", "describe", "rename_local", "insert_step", "add_function", "rename_function",
         "add_module", "move_module", "picture"]


# Repositories.

class Repository:
    def __init__(self, path):
        self.path = path
        self.clock = 1_700_000_000
        os.makedirs(path)
        self.git("init", "-q", "--bare", "-b", "main", ".")

    def git(self, *arguments, data=None):
        environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
        return subprocess.run(["git", *arguments], cwd=self.path, input=data, env=environment, check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()

    def commit(self, branch, files, mode, parents):
        self.clock += 60
        stream = [f"commit refs/heads/{branch}\nmark :1\ncommitter Ada <ada@example.com> {self.clock} +0000\ndata 8\nA change\n"]
        stream += [f"{'merge' if number else 'from'} {parent}\n" for number, parent in enumerate(parents)]
        stream.append("deleteall\n")
        for path, content in sorted(files.items()):
            kind = mode if path.startswith("src/") else "100644"
            stream.append(f"M {kind} inline {path}\ndata {len(content.encode())}\n{content}\n")
        stream.append("get-mark :1\n")
        return self.git("fast-import", "--quiet", "--force", data="".join(stream).encode())


def hunks(repository, base, head, *paths):
    text = repository.git("diff", "-M", base, head, "--", *paths)
    return sum(1 for line in text.splitlines() if line.startswith("@@") or line.startswith("Binary"))


def product(repository, base, head):
    """How many hunks lie outside of tests."""
    return hunks(repository, base, head, ".", ":(exclude)tests", ":(exclude)*_test.go")


def write(directory, name, language, repository, base, head, answers, mistakes):
    truth = {"language": language, "command": LANGUAGES[language].command, "base": base, "head": head,
             "answers": answers, "mistakes": mistakes, "hunks": product(repository, base, head),
             "commits": int(repository.git("rev-list", "--count", f"{base}..{head}"))}
    with open(os.path.join(directory, name, "truth.json"), "w") as file:
        json.dump(truth, file, indent=1)


def make(directory, language, seed):
    numbers = random.Random(f"{language} {seed}")
    Statement.count = 0
    project = Project(numbers, LANGUAGES[language]())
    name = f"{language}-{seed:02}"
    repository = Repository(os.path.join(directory, name, "repo.git"))
    mode = project.language.mode
    base_files, base_tags = project.render()
    base = repository.commit("main", base_files, mode, [])
    branch = Branch(project, numbers)
    kind = ("one", "one", "one", "pair", "two")[seed % 5]
    edits = numbers.choice((0, 2, 5, 9, 14, 20))
    squashed = seed % 3 == 0
    plan = [numbers.choice(EDITS) for _ in range(edits)]
    wanted = 2 if kind in ("pair", "two") else 1
    places = sorted(numbers.randint(0, len(plan)) for _ in range(wanted))
    for number, place in enumerate(places):
        plan.insert(place + number, "mistake")
    head = base
    for number, edit in enumerate(plan):
        getattr(branch, edit)()
        last = number == len(plan) - 1
        if not last and (squashed or numbers.random() < 0.4):
            continue
        files, tags = project.render()
        head = repository.commit("feature", files, mode, [head])
    own = lines(base_tags, tags, branch.bugs, base_files, files)
    write(directory, name, language, repository, base, head, [sum(own, [])], wanted)


KINDS = ("one", "both", "together", "beside", "one", "together", "beside", "both")


def make_large(directory, language, seed, salt=0):
    """A branch that goes on until it has 25 to 40 hunks outside of tests."""
    numbers = random.Random(f"large {language} {seed} {salt}")
    Statement.count = 0
    project = Project(numbers, LANGUAGES[language](), large=True)
    kind, squashed = KINDS[seed % len(KINDS)], numbers.random() < 0.3
    name = f"{language}-large-{seed:02}-{kind}"
    switched = project.add_switch(numbers.choice(list(project.modules))) if kind == "together" else None
    for tests in project.tests.values():
        for test in tests:
            test[3] = evaluate(project.functions(), test[1], test[2])
    repository = Repository(os.path.join(directory, name, "repo.git"))
    mode = project.language.mode
    base_files, base_tags = project.render()
    base = head = repository.commit("main", base_files, mode, [])
    branch = Branch(project, numbers)
    if switched:
        branch.switched = switched
        branch.guarded.add(switched.name)
        branch.watched |= branch.callers(switched.name)
    wanted, early = numbers.randint(25, 38), numbers.randint(0, 12)
    todo = {"one": ["mistake"], "both": ["mistake", "mistake"], "together": ["together"], "beside": ["beside"]}[kind]
    files, count, number = base_files, 0, 0
    while count < wanted or todo:
        edit = todo.pop() if todo and number >= early and numbers.random() < 0.5 else numbers.choice(EDITS)
        getattr(branch, edit)()
        number += 1
        files, tags = project.render()
        commit = repository.commit("work", files, mode, [head])
        count = product(repository, base, commit)
        if (count >= wanted and not todo) or not squashed and numbers.random() < 0.6:
            head = commit
    if count > 40:
        shutil.rmtree(os.path.join(directory, name))
        return make_large(directory, language, seed, salt + 1)
    repository.git("update-ref", "refs/heads/feature", head)
    repository.git("update-ref", "-d", "refs/heads/work")
    own = lines(base_tags, tags, branch.bugs, base_files, files)
    answers = own if kind == "together" else [sum(own, [])]
    write(directory, name, language, repository, base, head, answers, 2 if kind == "both" else 1)


def make_forty(directory, language, bad, commits):
    """Forty functions of which each is changed by a line, and one wrongly."""
    Statement.count = 0
    numbers = random.Random(f"forty {language} {bad} {commits}")
    project = Project.__new__(Project)
    project.numbers, project.language, project.serial = numbers, LANGUAGES[language](), 0
    project.modules, project.tests, project.documents = {"parts": []}, {"parts": []}, {"README.md": ["Parts"]}
    for number in range(40):
        body = [Statement("let", "total", ("*", "amount", 2))]
        body += [Statement("note", f"the {numbers.choice(WORDS)} of {number} counts twice") for _ in range(7)]
        body += [Statement("set", "total", ("+", "total", 1)), Statement("return", "total")]
        function = Function(f"part_{number}", ["amount"], body, [f"Tells part {number}."])
        project.modules["parts"].append(function)
        project.tests["parts"].append([f"part_{number}_gives", function.name, [3], 7])
    name = f"{language}-forty-{bad:02}-{commits:02}"
    repository = Repository(os.path.join(directory, name, "repo.git"))
    base_files, base_tags = project.render()
    base = head = repository.commit("main", base_files, project.language.mode, [])
    for number, function in enumerate(project.modules["parts"]):
        # Doubled in another way, or doubled wrongly.
        function.body[0].parts[1] = ("+", "amount", ("+", "amount", 1)) if number == bad else ("+", "amount", "amount")
        if (number + 1) % (40 // commits) == 0:
            files, tags = project.render()
            head = repository.commit("feature", files, project.language.mode, [head])
    tag = project.modules["parts"][bad].body[0].tag
    write(directory, name, language, repository, base, head,
          lines(base_tags, tags, [tag], base_files, files), 1)


def lines(base_tags, tags, bugs, base_files, files):
    """The lines that each mistake changed, those of the base and those of the head."""
    result = []
    for bug in bugs:
        own = []
        for side, known in (("old", base_tags), ("new", tags)):
            for path, of_lines in known.items():
                text = (base_files if side == "old" else files)[path].split("\n")
                own += [[side, path, number + 1, text[number]] for number, tag in enumerate(of_lines) if tag == bug]
        result.append(own)
    return result


def main():
    arguments = sys.argv[1:]
    options = {"--seeds": 8, "--first": 0}
    for name in options:
        if name in arguments:
            at = arguments.index(name)
            options[name] = int(arguments[at + 1])
            del arguments[at:at + 2]
    kinds = [name for name in ("--large", "--forty") if name in arguments]
    directory, *languages = [argument for argument in arguments if argument not in kinds]
    for language in languages or LANGUAGES:
        program = LANGUAGES[language].program or LANGUAGES[language].command.split()[0]
        if not shutil.which(program):
            print(f"skipped: {language}, since there is no {program}", file=sys.stderr)
            continue
        if "--forty" in kinds:
            for commits in (1, 4, 40):
                for bad in range(40):
                    make_forty(directory, language, bad, commits)
            continue
        for seed in range(options["--first"], options["--first"] + options["--seeds"]):
            (make_large if "--large" in kinds else make)(directory, language, seed)


main()
