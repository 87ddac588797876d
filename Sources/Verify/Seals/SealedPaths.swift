internal import Base
internal import Merging
internal import Policy

/// What a path alone says of a file: whether all of it is sealed, and as what.
enum SealedPaths {
  static func kind(of path: RepositoryPath) -> SealKind? {
    let place = Place(path)
    if ProtectedPaths.pattern(covering: path) != nil { return .protected }
    if runnerFiles.contains(place.name) || runnerPrefixes.contains(where: place.name.hasPrefix) { return .runner }
    if lintFiles.contains(place.name) || lintPrefixes.contains(where: place.name.hasPrefix) { return .lint }
    if GeneratedFile.at(path.bytes)?.kind == .lockFile { return .lockFile }
    if loadedByItself.contains(place.name) || place.name.hasSuffix(".pth") { return .runner }
    if isTestName(place) { return .test }
    if isTestData(place) { return .testData }
    if place.directories.contains(where: runnerDirectories.contains) { return .runner }
    if place.isInTests { return isCode(path) ? .test : .testData }
    return nil
  }

  /// A path in lower case, in its components.
  struct Place {
    let directories: [String]
    let name: String
    /// The name as it is written.
    let exact: String

    init(_ path: RepositoryPath) {
      let components = path.components.map { String(decoding: $0, as: UTF8.self) }
      directories = components.dropLast().map { $0.lowercased() }
      exact = components.last ?? ""
      name = exact.lowercased()
    }

    var isInTests: Bool {
      // Perl keeps its tests in `t` at the root.
      if directories.first == "t" || directories.first == "xt" { return true }
      return directories.contains { SealedPaths.testDirectories.contains($0) || SealedPaths.endsLikeTests($0) }
    }
  }

  static let testDirectories = Words.set(
    """
    test tests spec specs __tests__ __test__ testing testsuite testsuites test-suite e2e cypress androidtest
    integrationtest integration-test integration-tests integration_tests integration_test unittest unittests
    unit-tests unit_tests functional_tests test_suite selftest selftests regress
    """)
  private static let dataDirectories = Words.set(
    """
    testdata test-data test_data fixtures fixture __fixtures__ __mocks__ __snapshots__ snapshots golden goldens
    cassettes testutil testutils test-utils test_utils mocks testfixtures expected_output
    """)
  /// What a runner loads from wherever it finds it.
  private static let runnerDirectories: Set<String> = [".mvn", ".cargo"]

  /// `CoreTests`, `app-test`, `src/testFixtures`.
  static func endsLikeTests(_ directory: String) -> Bool {
    ["tests", "-test", "_test", "-spec", "_spec", "-specs"].contains(where: directory.hasSuffix)
      && !["latests", "contests"].contains(directory)
      || directory.hasPrefix("testfixture") || directory.hasPrefix("test_") || directory.hasPrefix("test-")
  }

  static func isTestName(_ place: Place) -> Bool {
    guard let stem = place.name.split(separator: ".").first.map(String.init) else { return false }
    let inner = place.name.split(separator: ".").dropFirst().dropLast()
    if inner.contains(where: { ["test", "tests", "spec", "cy", "e2e", "test-d", "itest"].contains($0) }) {
      return true
    }
    if stem == "test" || stem == "tests" { return true }
    if ["test_", "test-", "tests_"].contains(where: stem.hasPrefix) { return true }
    if ["_test", "_tests", "_spec", "_unittest", "-test", "-tests", "-spec", "_testcase"].contains(
      where: stem.hasSuffix)
    {
      return true
    }
    if place.name.hasSuffix(".t") || place.name.hasSuffix(".bats") || place.name.hasSuffix(".feature") { return true }
    return isCapitalTestName(place)
  }

  /// `FooTest.java`, `FooTests.swift`, `TestFoo.java`: the capital tells them from `latest.java`.
  private static func isCapitalTestName(_ place: Place) -> Bool {
    let exact = place.exact.split(separator: ".").first.map(String.init) ?? ""
    let isJava = ["java", "kt", "groovy", "scala"].contains(place.name.split(separator: ".").last ?? "")
    var endings = ["Test", "Tests", "TestCase", "TestCases", "Spec", "Specs"]
    if isJava { endings.append("IT") }
    if endings.contains(where: { exact.hasSuffix($0) && exact.count > $0.count }) { return true }
    guard isJava || place.name.hasSuffix(".cs") || place.name.hasSuffix(".php"), exact.hasPrefix("Test") else {
      return false
    }
    return exact.dropFirst(4).first?.isUppercase ?? false
  }

  private static func isTestData(_ place: Place) -> Bool {
    if place.directories.contains(where: dataDirectories.contains) { return true }
    return [".snap", ".golden", ".approved.txt", ".cassette", ".ambr"].contains(where: place.name.hasSuffix)
  }

  static func isCode(_ path: RepositoryPath) -> Bool {
    switch Language.ofFile(at: path.bytes).family {
    case .braces, .endKeyword, .build: true
    case .indentation: path.fileExtension.elementsEqual("py".utf8)
    case .markup, .data: false
    case .other:
      ["sh", "bash", "pl", "pm", "t", "tcl", "bats", "exs", "ex", "clj", "fs", "hs", "ml"].contains {
        path.fileExtension.elementsEqual($0.utf8)
      }
    }
  }

  /// Settings of test runners, and scripts that do nothing but run tests.
  private static let runnerFiles = Words.set(
    """
    pytest.ini .pytest.ini tox.ini noxfile.py conftest.py pytest.toml .pytest.toml nose.cfg phpunit.xml
    phpunit.xml.dist phpunit.dist.xml .rspec .rspec-local rakefile.test karma.conf.js protractor.conf.js
    ctestconfig.cmake ctestcustom.cmake ctestcustom.cmake.in cmakepresets.json codeception.yml behat.yml
    behat.yml.dist pest.php wercker.yml .taprc .nycrc nightwatch.json nextest.toml dune.test test.exs
    test_helper.exs spec_helper.rb rails_helper.rb test_helper.rb runtests.sh run-tests.sh run_tests.sh
    runtests.py run_tests.py run-tests.py runtests run-tests run_tests runtest.sh .swift-testing cucumber.js
    cucumber.yml wallaby.js .testem.js testem.js testng.xml surefire.properties junit-platform.properties
    xunit.runner.json .runsettings taskfile.yml taskfile.yaml taskfile.dist.yml taskfile.dist.yaml go.work
    pnpm-workspace.yaml lerna.json playwright.config.ts playwright.config.js .lua-test .busted
    """)
  private static let runnerPrefixes = Words.list(
    """
    vite.config. jest.config. jest.setup. jest-setup. setuptests. vitest.config. vitest.setup. vitest.workspace. .mocharc
    ava.config. karma.conf. cypress.config. wdio.conf nyc.config. jasmine.json playwright.config. .c8rc
    stryker.conf web-test-runner.config test-setup. setup-tests.
    """)
  /// Settings of linters, type checkers, formatters and coverage.
  private static let lintFiles = Words.set(
    """
    .coveragerc codecov.yml .codecov.yml codecov.yaml .codecov.yaml .coveralls.yml ruff.toml .ruff.toml .flake8
    mypy.ini .mypy.ini pyrightconfig.json .pylintrc pylintrc .bandit clippy.toml .clippy.toml rustfmt.toml
    .rustfmt.toml deny.toml tarpaulin.toml .tarpaulin.toml .swiftlint.yml .swift-format .swiftformat
    .rubocop.yml .rubocop_todo.yml .simplecov .reek.yml phpstan.neon phpstan.neon.dist phpstan-baseline.neon
    psalm.xml psalm-baseline.xml .php-cs-fixer.php .php-cs-fixer.dist.php phpcs.xml phpcs.xml.dist
    checkstyle.xml pmd.xml spotbugs-exclude.xml detekt.yml lint.xml .editorconfig .clang-tidy .clang-format
    .cppcheck sonar-project.properties biome.json biome.jsonc .shellcheckrc .yamllint .yamllint.yml
    .markdownlint.json .hadolint.yaml tslint.json .jshintrc .jscsrc .credo.exs .dialyzer_ignore.exs .lgtm.yml
    .semgrepignore
    """)
  private static let lintPrefixes = Words.list(
    """
    .eslintrc eslint.config. .eslintignore .stylelintrc stylelint.config. .prettierrc prettier.config.
    .golangci. .commitlintrc
    """)
  /// What interpreters and tools load before anything that they are asked to run.
  private static let loadedByItself = Words.set(
    """
    sitecustomize.py usercustomize.py gradlew gradlew.bat mvnw mvnw.cmd gradle.properties .babelrc .babelrc.js
    babel.config.js babel.config.json babel.config.cjs rust-toolchain rust-toolchain.toml .python-version .nvmrc
    .node-version .tool-versions .ruby-version global.json .npmrc .yarnrc .yarnrc.yml .pythonrc .perltidyrc
    .proverc jvm.config maven.config init.gradle init.gradle.kts .bazelrc .ctest bunfig.toml .env.test .testrc
    """)
}

/// Tables of words, written as text.
enum Words {
  static func list(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }
  static func set(_ text: String) -> Set<String> { Set(list(text)) }
}
