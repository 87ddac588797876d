internal import Base
internal import Merging

/// Finds the parts of build files and manifests that say how tests are run and judged.
enum SettingsRegions {
  static func regions(of file: SourceView, path: RepositoryPath, commands: [String]) -> [SealedRegion] {
    let name = String(decoding: path.name, as: UTF8.self)
    switch name.lowercased() {
    case "pyproject.toml": return sections(of: file, sealing: pyproject)
    case "setup.cfg":
      return sections(of: file, sealing: setupConfiguration) + lines(of: file) { $0.contains("pytest11") }
    case "cargo.toml":
      let sections = sections(of: file, sealing: cargo)
      return merged(sections, lines(of: file, where: isCargoSwitch))
    case "cmakelists.txt": return statements(of: file, kind: .runner, where: isCMakeTest)
    case "build.gradle", "build.gradle.kts": return gradle(file)
    case "settings.gradle", "settings.gradle.kts": return lines(of: file) { $0.hasPrefix("include") }
    case "pom.xml": return merged(maven(file), lines(of: file) { $0.hasPrefix("<module>") })
    case "package.swift": return statements(of: file, kind: .runner) { $0.hasPrefix(".testTarget(") }
    case "meson.build":
      return statements(of: file, kind: .runner) { $0.hasPrefix("test(") || $0.hasPrefix("benchmark(") }
    case "build", "build.bazel":
      return statements(of: file, kind: .runner) { $0.prefix { $0 != "(" }.hasSuffix("_test") && $0.contains("(") }
    case "rakefile": return rake(file)
    case "setup.py": return lines(of: file) { $0.hasPrefix("test_suite") || $0.contains("pytest11") }
    case "justfile", ".justfile": return MakeRegions.regions(of: file, commands: commands, tool: "just")
    default:
      return file.language.name == "Make" ? MakeRegions.regions(of: file, commands: commands, tool: "make") : []
    }
  }

  // MARK: Sections

  /// What a section of this name is sealed as; `nil` where it is not.
  typealias Sealing = (String) -> SealKind?

  private static func pyproject(_ section: String) -> SealKind? {
    let name = section.filter { $0 != "\"" && $0 != "'" && $0 != " " }
    if name.hasPrefix("project.entry-points.pytest11") || name.hasPrefix("tool.poetry.plugins.pytest11") {
      return .runner
    }
    guard name.hasPrefix("tool.") else { return nil }
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count > 1 else { return nil }
    if ["pytest", "tox", "nox", "poe", "taskipy", "unittest", "behave", "ward"].contains(parts[1]) { return .runner }
    if parts[1] == "uv", parts.contains("workspace") { return .runner }
    if parts[1] == "hatch", parts.contains("envs") { return .runner }
    if parts[1] == "pdm", parts.contains("scripts") { return .runner }
    let lint = [
      "coverage", "ruff", "flake8", "pylint", "mypy", "pyright", "basedpyright", "black", "isort", "bandit",
      "pydocstyle",
      "interrogate", "vulture", "pytype", "pycodestyle", "autopep8", "yapf", "djlint",
    ]
    return lint.contains(parts[1]) ? .lint : nil
  }

  private static func setupConfiguration(_ section: String) -> SealKind? {
    if ["tool:pytest", "pytest", "nosetests", "tox", "aliases", "test"].contains(section) { return .runner }
    let lint = ["flake8", "pycodestyle", "pydocstyle", "pylint", "isort", "pep8", "pylama", "yapf", "bandit"]
    if lint.contains(section) || section.hasPrefix("mypy") || section.hasPrefix("coverage") { return .lint }
    return nil
  }

  private static func cargo(_ section: String) -> SealKind? {
    if section.hasPrefix("profile.test") || section == "workspace" || section == "[test]" || section == "[bench]" {
      return .runner
    }
    return section.hasPrefix("lints") || section.hasPrefix("workspace.lints") ? .lint : nil
  }

  private static func isCargoSwitch(_ line: String) -> Bool {
    let key = line.prefix { $0 != "=" }.trimmingBlanks
    return line.contains("=") && ["harness", "test", "doctest", "autotests"].contains(key)
  }

  /// The sections whose headings in brackets are sealed, each up to the next heading.
  private static func sections(of file: SourceView, sealing: Sealing) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var open: (name: String, kind: SealKind, start: Int)?
    var last = 0
    func close() {
      guard let section = open else { return }
      regions.append(SealedRegion(name: "[\(section.name)]", kind: section.kind, lines: section.start..<last + 1))
      open = nil
    }
    for line in 0..<file.count {
      let text = file.uncommented[line].trimmed
      if text.hasPrefix("["), let end = text.lastIndex(of: "]"), !file.lines[line].hasPrefix(" ") {
        close()
        let name = String(text[text.index(after: text.startIndex)..<end])
        if let kind = sealing(name) { open = (name, kind, line) }
      }
      if !text.isEmpty { last = line }
    }
    close()
    return regions
  }

  // MARK: Lines and statements

  private static func lines(
    of file: SourceView, kind: SealKind = .runner, where isSealed: (String) -> Bool
  ) -> [SealedRegion] {
    (0..<file.count).compactMap { line in
      let text = file.uncommented[line].trimmed
      guard isSealed(text) else { return nil }
      return SealedRegion(name: String(text.words.first ?? "a line"), kind: kind, lines: line..<line + 1)
    }
  }

  /// The first list, and what of the second lies outside of it.
  private static func merged(_ first: [SealedRegion], _ second: [SealedRegion]) -> [SealedRegion] {
    first + second.filter { other in !first.contains { $0.lines.overlaps(other.lines) } }
  }

  /// Calls that begin on a line of their own, up to their closing parenthesis.
  private static func statements(
    of file: SourceView, kind: SealKind, where isSealed: (String) -> Bool
  ) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var line = 0
    while line < file.count {
      let code = file.uncommented[line].trimmed
      guard isSealed(code), let end = file.blockEnd(from: line, open: "(", close: ")") else {
        line += 1
        continue
      }
      let name = code.prefix { $0 != "(" }.trimmingBlanks
      regions.append(SealedRegion(name: name, kind: kind, lines: line..<end + 1))
      line = end + 1
    }
    return regions
  }

  private static func isCMakeTest(_ line: String) -> Bool {
    let lower = line.lowercased()
    let calls = [
      "add_test(", "add_test (", "enable_testing(", "set_tests_properties(", "gtest_discover_tests(",
      "gtest_add_tests(",
      "catch_discover_tests(", "doctest_discover_tests(", "include(ctest", "set(ctest", "set_property(test",
      "add_subdirectory(test", "add_subdirectory(spec", "option(build_testing", "set(build_testing",
    ]
    if calls.contains(where: lower.hasPrefix) { return true }
    for call in ["add_executable(", "target_link_libraries(", "target_compile_definitions(", "target_compile_options("]
    where lower.hasPrefix(call) {
      let target = lower.dropFirst(call.count).prefix { !$0.isWhitespace && $0 != ")" }
      return target.split { !$0.isLetter }.contains { $0.hasPrefix("test") || $0.hasSuffix("test") || $0 == "tests" }
    }
    return false
  }

  // MARK: Gradle, Maven, Rake

  private static func gradle(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var line = 0
    while line < file.count {
      let code = file.uncommented[line].trimmed
      let compact = code.filter { $0 != " " }
      let lint = ["checkstyle", "pmd{", "spotbugs", "detekt", "jacoco", "ktlint", "spotless"].contains(
        where: compact.hasPrefix)
      let runs = [
        "test{", "test.", "tasks.test", "tasks.withType<Test>", "tasks.withType(Test)", "tasks.named(\"test\"",
        "tasks.named('test'", "tasks.named<Test>", "testing{", "check.", "tasks.check", "tasks.named(\"check\"",
        "testOptions{", "gradle.startParameter", "integrationTest{",
      ].contains(where: compact.hasPrefix)
      guard lint || runs else {
        line += 1
        continue
      }
      let end = code.contains("{") ? file.blockEnd(from: line, open: "{", close: "}") ?? line : line
      let name = code.prefix { $0 != "{" }.trimmingBlanks
      regions.append(SealedRegion(name: name, kind: runs ? .runner : .lint, lines: line..<end + 1))
      line = end + 1
    }
    return regions
  }

  private static func maven(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var start: Int?
    var artifact: (name: String, kind: SealKind)?
    let runners = ["maven-surefire", "maven-failsafe", "maven-invoker"]
    let lint = ["jacoco-", "maven-checkstyle", "maven-pmd", "spotbugs-", "maven-enforcer", "errorprone", "spotless-"]
    let switches = [
      "<skipTests>", "<maven.test", "<skipITs>", "<surefire", "<failsafe", "<testFailureIgnore>", "<argLine>",
      "<skipIT",
    ]
    for line in 0..<file.count {
      let text = file.lines[line].trimmed
      if text.hasPrefix("<plugin>") {
        start = line
        artifact = nil
      }
      if start != nil, text.hasPrefix("<artifactId>") {
        let name = text.dropFirst(12).prefix { $0 != "<" }
        if runners.contains(where: name.hasPrefix) { artifact = (String(name), .runner) }
        if lint.contains(where: name.hasPrefix) { artifact = (String(name), .lint) }
      }
      if text.hasSuffix("</plugin>"), let begin = start {
        if let artifact {
          regions.append(SealedRegion(name: artifact.name, kind: artifact.kind, lines: begin..<line + 1))
        }
        start = nil
      } else if start == nil, switches.contains(where: text.hasPrefix) {
        let name = String(text.dropFirst().prefix { $0 != ">" })
        regions.append(SealedRegion(name: name, kind: .runner, lines: line..<line + 1))
      }
    }
    return regions
  }

  private static func rake(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    for line in 0..<file.count where line >= regions.last?.lines.upperBound ?? 0 {
      let code = file.uncommented[line].trimmed
      let words = code.words
      let isTask =
        words.first == "task" && words.dropFirst().contains { ["test", "spec", "default", "tests"].contains($0) }
      guard isTask || code.contains("TestTask") || code.contains("RakeTask") else { continue }
      let indent = file.indent(of: line)
      var end = line
      if code.contains(" do") {
        end =
          (line + 1..<max(file.count, line + 1)).first {
            file.indent(of: $0) == indent && file.code[$0].trimmed == "end"
          } ?? line
      }
      regions.append(SealedRegion(name: "task \(words.dropFirst().first ?? "")", kind: .runner, lines: line..<end + 1))
    }
    return regions
  }
}

extension Substring {
  var trimmingBlanks: String { String(self).trimmed }
}

/// The rules and variables of a makefile that run the tests.
enum MakeRegions {
  static func regions(of file: SourceView, commands: [String], tool: String) -> [SealedRegion] {
    let rules = rules(of: file)
    var sealed = named(in: commands, tool: tool)
    for rule in rules where rule.targets.contains(where: speaksOfTests) { sealed.formUnion(rule.targets) }
    // What a sealed rule needs is sealed too where it is no file of the product.
    let phony = Set(rules.filter { $0.targets == [".PHONY"] }.flatMap(\.needs))
    for _ in 0..<4 {
      for rule in rules where rule.targets.contains(where: sealed.contains) {
        sealed.formUnion(rule.needs.filter { phony.contains($0) && speaksOfTests($0) })
      }
    }
    let running = rules.filter { rule in rule.targets.contains { sealed.contains($0) || isSpecial($0) } }
    var regions = running.map { rule in
      SealedRegion(name: "target \(rule.targets.joined(separator: " "))", kind: .runner, lines: rule.lines)
    }
    let used = Set(running.flatMap { variables(usedIn: file.uncommented[$0.lines]) }).subtracting(ofProduct)
    for line in 0..<file.count {
      guard let name = variable(assignedIn: file.uncommented[line]) else { continue }
      guard used.contains(name) || isRunnerVariable(name), !regions.contains(where: { $0.lines.contains(line) }) else {
        continue
      }
      var end = line
      while file.lines[end].hasSuffix("\\"), end + 1 < file.count { end += 1 }
      regions.append(SealedRegion(name: "variable \(name)", kind: .runner, lines: line..<end + 1))
    }
    return regions
  }

  private struct Rule {
    var targets: [String]
    var needs: [String]
    var lines: Range<Int>
  }

  /// What compiles the product, even where the tests are compiled with it too.
  private static let ofProduct = Words.set(
    """
    CC CXX CPP AR LD CFLAGS CPPFLAGS CXXFLAGS LDFLAGS LDLIBS LIBS OBJ OBJS OBJECTS SRC SRCS SOURCES HEADERS INCLUDES
    INCLUDE PROG PROGRAM BIN TARGET LIB NAME VERSION PREFIX DESTDIR BUILD BUILDDIR OUT
    """)

  private static func isSpecial(_ target: String) -> Bool {
    [".DEFAULT", ".IGNORE", ".ONESHELL", "%", ".DEFAULT_GOAL"].contains(target)
  }

  private static func isRunnerVariable(_ name: String) -> Bool {
    if ["SHELL", ".SHELLFLAGS", "MAKEFLAGS", "PATH", ".DEFAULT_GOAL"].contains(name) { return true }
    return name.uppercased().split(separator: "_").contains {
      ["TEST", "TESTS", "CHECK", "PYTEST", "COVERAGE"].contains($0)
    }
  }

  static func speaksOfTests(_ target: String) -> Bool {
    let words = target.lowercased().split { !$0.isLetter }
    return words.contains {
      ["check", "coverage", "lint", "spec", "specs", "ci", "verify", "selftest", "unittest"].contains($0)
        || $0.hasPrefix("test") || $0.hasSuffix("test") || $0.hasSuffix("tests")
    }
  }

  /// The lines of the recipes of these targets, and of what they need; without one, of the first.
  static func recipes(of file: SourceView, targets: [String]) -> [String] {
    let rules = rules(of: file).filter { !($0.targets.first?.hasPrefix(".") ?? true) }
    var wanted = Set(targets.isEmpty ? rules.first?.targets ?? [] : targets)
    for _ in 0..<4 {
      for rule in rules where rule.targets.contains(where: wanted.contains) {
        wanted.formUnion(rule.needs.filter(speaksOfTests))
      }
    }
    return rules.filter { $0.targets.contains(where: wanted.contains) }.flatMap { rule in
      rule.lines.dropFirst().map { file.uncommented[$0].trimmed }
        + file.uncommented[rule.lines.lowerBound].split(separator: ";").dropFirst().map(String.init)
    }
  }

  /// The targets that the test commands ask for.
  private static func named(in commands: [String], tool: String) -> Set<String> {
    var found: Set<String> = []
    for command in commands {
      let words = command.split { $0.isWhitespace || $0 == ";" || $0 == "&" || $0 == "|" }
      for (index, word) in words.enumerated() where word.split(separator: "/").last.map(String.init) == tool {
        for argument in words[(index + 1)...] where !argument.hasPrefix("-") && !argument.contains("=") {
          found.insert(String(argument))
        }
      }
    }
    return found
  }

  private static func rules(of file: SourceView) -> [Rule] {
    var rules: [Rule] = []
    var line = 0
    while line < file.count {
      let text = file.uncommented[line]
      guard let first = text.first, !first.isWhitespace, let colon = text.firstIndex(of: ":"),
        variable(assignedIn: text) == nil
      else {
        line += 1
        continue
      }
      let targets = text[..<colon].split(whereSeparator: \.isWhitespace).map(String.init)
      let rest = text[text.index(after: colon)...].drop { $0 == ":" }
      let needs = rest.prefix { $0 != ";" }.split(whereSeparator: \.isWhitespace).map(String.init)
      var end = line
      var next = line + 1
      while next < file.count {
        let follows =
          file.lines[next].hasPrefix("\t") || file.lines[next - 1].hasSuffix("\\")
          || (file.lines[next].hasPrefix(" ") && !file.isBlank(next))
        if follows { end = next } else if !file.isBlank(next) { break }
        next += 1
      }
      rules.append(Rule(targets: targets, needs: needs, lines: line..<end + 1))
      line = end + 1
    }
    return rules
  }

  /// The variable that a line assigns; `nil` where it assigns none.
  private static func variable(assignedIn line: String) -> String? {
    guard let first = line.first, first != "\t", let equals = line.firstIndex(of: "=") else { return nil }
    var left = line[..<equals]
    while let last = left.last, ":?+!".contains(last) { left.removeLast() }
    // `target: VARIABLE = value` assigns too, for one target.
    if let colon = left.lastIndex(of: ":") { left = left[left.index(after: colon)...] }
    let words = left.split(whereSeparator: \.isWhitespace).filter { !["export", "override", "unexport"].contains($0) }
    guard words.count == 1, let name = words.first else { return nil }
    return name.allSatisfy { $0.isLetter || $0.isNumber || "_.-".contains($0) } ? String(name) : nil
  }

  private static func variables(usedIn lines: ArraySlice<String>) -> [String] {
    lines.flatMap { line -> [String] in
      var names: [String] = []
      var rest = line[...]
      while let dollar = rest.firstIndex(of: "$") {
        rest = rest[rest.index(after: dollar)...]
        guard let open = rest.first, open == "(" || open == "{" else { continue }
        names.append(String(rest.dropFirst().prefix { $0 != ")" && $0 != "}" && $0 != ":" && $0 != " " }))
      }
      return names
    }
  }
}
