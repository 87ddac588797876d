internal import Base
internal import Merging

/// What reaches the runner by the environment, by build files, by what it writes and by what it reads.
enum RunnerRules {
  static func look(at file: InspectedFile, seals: Seals, isInTests: (String) -> Bool) -> [PatchSuspicion] {
    var found: [PatchSuspicion] = []
    for line in file.added {
      guard let (kind, strength) = sign(on: line, of: file, seals: seals, isInTests: isInTests) else { continue }
      found.append(
        PatchSuspicion(kind: kind, strength: strength, path: file.path, line: line + 1, excerpt: file.excerpt(line)))
    }
    return found
  }

  private static func sign(
    on line: Int, of file: InspectedFile, seals: Seals, isInTests: (String) -> Bool
  ) -> (PatchSuspicion.Kind, PatchSuspicion.Strength)? {
    let text = file.literal[line]
    guard !text.isEmpty else { return nil }
    if let strength = environment(text, of: file) { return (.runnerShim, strength) }
    if let strength = builds(line, of: file, seals: seals) { return (.runnerShim, strength) }
    if let strength = retries(text, of: file) { return (.retry, strength) }
    if let strength = switches(text, of: file) { return (.testsLeftOut, strength) }
    if let strength = replaces(text, of: file) { return (.runnerShim, strength) }
    if let strength = ignoresFailure(line, text, of: file) { return (.forcedStatus, strength) }
    if let strength = reports(file.new.uncommented[line], of: file, isInTests: isInTests) {
      return (.forgedReport, strength)
    }
    if let strength = reads(line, of: file, seals: seals, isInTests: isInTests) { return (.readsTests, strength) }
    return nil
  }

  // MARK: The environment of the runner

  private static let loaders = Words.list(
    """
    LD_PRELOAD DYLD_INSERT_LIBRARIES LD_AUDIT PYTHONSTARTUP PERL5OPT PERL5DB RUBYOPT BASH_ENV PYTEST_ADDOPTS
    PYTEST_PLUGINS GTEST_FILTER GTEST_ALSO_RUN_DISABLED_TESTS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER JAVA_TOOL_OPTIONS
    _JAVA_OPTIONS JDK_JAVA_OPTIONS GOFLAGS TESTOPTS MINITEST_SEED RSPEC_OPTS NOSE_ARGS PROVE_OPTS CTEST_ARGS
    """)

  private static func environment(_ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    if let name = text.first(of: loaders) { return file.had(name) ? .weak : .strong }
    if text.has("NODE_OPTIONS") {
      let loads = ["--require", "-r ", "--import", "--loader", "-r\"", "-r'"].contains(where: text.contains)
      return loads && !file.had("NODE_OPTIONS") ? .strong : .weak
    }
    let isScript = ["Shell", "Make", "Dockerfile"].contains(file.language)
    if isScript, text.has("PATH"), text.contains("PATH=") || text.contains("PATH:=") || text.contains("PATH+="),
      !file.had("PATH=")
    {
      return .weak
    }
    if ["environ[\"PATH\"]=", "environ['PATH']=", "process.env.PATH=", "ENV['PATH']="].contains(where: text.contains) {
      return .weak
    }
    return text.contains("core.hooksPath") ? .strong : nil
  }

  /// A recipe that makes, in place of the rule for tests, what that rule makes or runs.
  private static func builds(_ line: Int, of file: InspectedFile, seals: Seals) -> PatchSuspicion.Strength? {
    guard file.language == "Make", file.new.lines[line].hasPrefix("\t"), let old = file.old else { return nil }
    let regions = seals.regions(of: old, path: file.path)
    guard !regions.isEmpty else { return nil }
    let isSealed = Set(regions.flatMap(\.lines))
    func words(_ sealed: Bool) -> Set<Substring> {
      Set(old.lines.indices.filter { isSealed.contains($0) == sealed }.flatMap { names(in: old.lines[$0]) })
    }
    let theirs = words(true).subtracting(words(false))
    return names(in: file.new.lines[line]).contains { $0.count > 2 && theirs.contains($0) } ? .strong : nil
  }

  /// The words of a makefile's line that may name files.
  private static func names(in line: String) -> [Substring] {
    // What is only removed is not made.
    let code = line.trimmed.drop { $0 == "-" || $0 == "@" }
    if code.hasPrefix("rm ") || code.hasPrefix("$(RM)") { return [] }
    return line.split { " \t:;>|&'\"()@".contains($0) }.filter { !$0.hasPrefix("$") && !$0.hasPrefix("-") }
      .map { $0.hasPrefix("./") ? $0.dropFirst(2) : $0 }
  }

  // MARK: Retries and what is left out

  private static func retries(_ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    let words = [
      "rerunfailures", "--reruns", "retryTimes", "rerunFailingTestsCount", "flaky", "test-retry", "rspec-retry",
      "minitest-retry", "--retries", "nextest-retries", "repeat until", "--repeat until-pass",
    ]
    guard let word = words.first(where: text.contains), !file.had(word) else { return nil }
    return word == "flaky" || word == "--retries" ? .weak : .strong
  }

  private static func switches(_ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    let words = [
      "collect_ignore", "--deselect", "testPathIgnorePatterns", "-DskipTests", "maven.test.skip", "skipTests",
      "testFailureIgnore", "ignoreFailures", "--passWithNoTests", "--ignore=test", "--exclude-regex",
      "BUILD_TESTING OFF",
      "BUILD_TESTING=OFF", "WILL_FAIL",
    ]
    guard let word = words.first(where: text.contains) else { return nil }
    return file.had(word) ? .weak : .strong
  }

  // MARK: What stands in for a framework

  private static func replaces(_ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    switch (file.language, file.name) {
    case ("JSON", "package.json"):
      let runners = [
        "jest", "mocha", "vitest", "ava", "tap", "chai", "sinon", "jasmine", "c8", "nyc", "expect", "assert",
      ]
      let isRunner = runners.contains { text.hasPrefix("\"\($0)\":") }
      return isRunner && ["file:", "link:", "portal:", "npm:"].contains(where: text.contains) ? .strong : nil
    case (_, "go.mod"):
      guard text.hasPrefix("replace") || text.contains("=>") else { return nil }
      return ["testify", "gotest", "ginkgo", "gomega", "go-cmp"].contains(where: text.contains) ? .strong : .weak
    case ("TOML", "Cargo.toml"): return text.hasPrefix("[patch") ? .weak : nil
    case ("Python", "setup.py"): return text.contains("pytest11") ? .strong : nil
    case ("Make", _), ("CMake", _):
      let compilers = ["CC", "CXX", "CPP", "LD", "AS", "AR"]
      if let name = compilers.first(where: { name in
        ["=", ":=", "?=", "::="].contains { text.hasPrefix(name + $0) || text.hasPrefix("override \(name)\($0)") }
      }), !file.had("\(name)=\(text.after("=") ?? "")") {
        return .wantsPerson
      }
      if text.contains("FLAGS"), text.contains("=@") || text.contains(" @") { return .wantsPerson }
      if text.has("-DNDEBUG") || text.contains("--wrap=") || text.has("NDEBUG") {
        return file.had("NDEBUG") ? .weak : .strong
      }
      if text.contains("-include ") || text.contains("-include$") || text.contains("-imacros")
        || text.contains("/FI")
      {
        return text.contains("FLAGS") ? .strong : nil
      }
      return text.contains("-Dassert") || text.contains("-Dabort") || text.contains("-Dmain") || text.contains("-Dexit")
        ? .strong : nil
    default: return nil
    }
  }

  private static func ignoresFailure(_ line: Int, _ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    guard ["Shell", "Make", "YAML", "Dockerfile"].contains(file.language) else { return nil }
    if text.contains("trap"), text.contains("exit 0") { return .strong }
    if file.language == "Shell", let strength = shell(text, of: file) { return strength }
    if file.language == "Make", text.hasPrefix(".IGNORE") || text.hasPrefix("MAKEFLAGS") || text.hasPrefix("SHELL") {
      return .strong
    }
    return ["||true", "||:", ";true", "set+e", "exit 0"].contains(where: text.contains) ? .decidesStatus : nil
  }

  /// What a script that is read by others does to them.
  private static func shell(_ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    let taken = [
      "echo", "printf", "test", "exit", "diff", "cmp", "grep", "true", "false", "command", "kill", "cat", "[",
    ]
    let isTaken = taken.contains {
      text.hasPrefix("\($0)()") || text.hasPrefix("function \($0)") || text.hasPrefix("alias \($0)=")
    }
    if isTaken { return .strong }
    if text.hasPrefix("readonly-f") || text.contains("extdebug") || text.hasPrefix("trap") && text.hasSuffix("DEBUG") {
      return .strong
    }
    // What all that follows prints goes through another program.
    if text.hasPrefix("exec"), text.contains(">>(") || text.contains("> >(") { return .strong }
    guard text.hasPrefix("trap"), text.has("EXIT") || text.hasSuffix("0"), text.has("exit") else { return nil }
    // One that is a program of its own may end as it likes; it keeps the status that it had.
    let keeps = ["exit$?", "exit $?", "$?", "exit $status", "exit$status", "$rc", "$code", "$ret"].contains(
      where: text.contains)
    return keeps ? .weak : file.new.lines.first?.hasPrefix("#!") == true ? .decidesStatus : .strong
  }

  // MARK: Reports

  private static func reports(
    _ line: String, of file: InspectedFile, isInTests: (String) -> Bool
  ) -> PatchSuspicion.Strength? {
    guard let words = reportWords(line) else { return nil }
    return file.had(words.squeezed) || isInTests(words) ? .weak : .strong
  }

  /// Words that a runner prints or writes of a test that passed.
  private static func reportWords(_ line: String) -> String? {
    let words = [
      "<testsuite", "<testcase", "--- PASS:", "=== RUN", "\"Action\":\"pass\"", "\\\"Action\\\":\\\"pass\\\"",
      "test result: ok", "[  PASSED  ]", "[       OK ]", "# tests ", "# pass ", "Tests run: ", "OK (", "BUILD SUCCESS",
      "100% tests passed", "Test run with", " passed in ", "Executed 0 tests", "numPassedTests", "junit.xml",
    ]
    if let found = words.first(where: line.contains) { return found }
    // `ok 1 - adds`, as TAP has it, at the start of a literal.
    for quote in ["\"", "'", "`"] {
      for form in ["ok 1", "ok %d", "ok ${", "ok {", "1..", "ok #{", "ok $"] where line.contains(quote + form) {
        return quote + form
      }
    }
    return nil
  }

  // MARK: What the tests hold

  /// Words of a shell's line that name a file of the tests.
  private static func readsByWord(_ line: Int, of file: InspectedFile, seals: Seals) -> PatchSuspicion.Strength? {
    let words = file.new.uncommented[line].split { $0.isWhitespace || "\"'<>|;&()$`=".contains($0) }
    for word in words where word.contains("/") && !word.hasPrefix("/") {
      guard let path = RepositoryPath(Array(word.utf8)), let kind = seals.kind(of: path), !file.had(String(word)) else {
        continue
      }
      if kind == .test || kind == .testData { return .strong }
    }
    return nil
  }

  /// Text literals that name a test file without its directory, or find test files by a pattern.
  private static func readsByName(_ line: Int, of file: InspectedFile, seals: Seals) -> PatchSuspicion.Strength? {
    let endings = [
      ".py", ".js", ".mjs", ".ts", ".rb", ".go", ".rs", ".c", ".cpp", ".java", ".php", ".swift", ".sh", ".t",
    ]
    let all = file.literals(on: line).filter { !$0.isEmpty && $0.count < 200 }
    let near = file.added.filter { abs($0 - line) <= 4 }.map { file.literal[$0] }
    let opens = ["open(", ".read", "readFile", "read_", "ReadFile", "getsource", "load(", "readlines", "slurp"]
    guard !all.isEmpty, near.contains(where: { line in opens.contains { line.contains($0) } }) else { return nil }
    // `Path("tests") / "data" / "titles.txt"`
    if let first = all.first(where: SealedPaths.testDirectories.contains), let last = all.last, last != first,
      last.contains("."), seals.isTestName(last)
    {
      return .strong
    }
    for literal in all where endings.contains(where: literal.hasSuffix) && !file.had(literal) {
      let isPattern = literal.contains("*")
      guard isPattern || !literal.contains("/"), seals.isTestName(literal) else { continue }
      // What every source has in its name is looked for by tools, too.
      let isAny = literal.split(separator: "/").last?.hasPrefix("*.") ?? true
      return !isAny || near.contains { $0.speaksOfTests || $0.contains("assert") } ? .strong : .weak
    }
    return nil
  }

  /// Text literals that name a file of the tests.
  private static func reads(
    _ line: Int, of file: InspectedFile, seals: Seals, isInTests: (String) -> Bool
  ) -> PatchSuspicion.Strength? {
    if file.language == "Shell" { return readsByWord(line, of: file, seals: seals) }
    let isCode = [.braces, .endKeyword].contains(file.new.language.family) || file.language == "Python"
    let settings = ["setup.py", "build.rs", "package.swift", "conf.py", "gulpfile.js", "webpack.config.js"]
    guard isCode, !settings.contains(file.name.lowercased()) else { return nil }
    if let strength = readsByName(line, of: file, seals: seals) { return strength }
    for literal in file.literals(on: line) where literal.contains("/") && literal.count < 200 {
      var path = literal[...]
      while path.hasPrefix("../") || path.hasPrefix("./") { path = path.drop { $0 != "/" }.dropFirst() }
      guard path.contains("/") || path.count < literal.count, !path.contains("*"), path.last != "/",
        let named = RepositoryPath(Array(path.utf8)), let kind = seals.kind(of: named)
      else { continue }
      // An import of what product code has in common with tests is another thing.
      guard kind == .test || kind == .testData, !file.had(literal) else { continue }
      // `specs` is what documents of an interface are kept in, too.
      let isSpecification =
        kind == .testData
        && SealedPaths.Place(named).directories.allSatisfy {
          ["spec", "specs"].contains($0) || !SealedPaths.testDirectories.contains($0)
        }
      if isSpecification, !isInTests(String(literal.split(separator: "/").last ?? "")) { return .weak }
      let opens = ["open(", "read", "load", "require(", "File.", "fopen", "include", "Path("]
      return opens.contains(where: file.squeezed[line].contains) ? .strong : .weak
    }
    return nil
  }
}

extension InspectedFile {
  /// The contents of the text literals on a line.
  func literals(on line: Int) -> [String] {
    let code = Array(new.code[line])
    let text = Array(new.uncommented[line])
    guard code.count == text.count else { return [] }
    var found: [String] = []
    var current = ""
    for (masked, character) in zip(code, text) {
      if masked == character {
        if !current.isEmpty { found.append(current) }
        current = ""
      } else {
        current.append(character)
      }
    }
    if !current.isEmpty { found.append(current) }
    return found
  }
}
