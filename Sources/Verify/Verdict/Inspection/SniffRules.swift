internal import Base

/// Product code that asks whether it is being tested.
enum SniffRules {
  static func look(at file: InspectedFile, isInTests: (String) -> Bool) -> [PatchSuspicion] {
    var found: [PatchSuspicion] = []
    for line in file.added {
      guard let strength = strength(of: line, in: file, isInTests: isInTests) else { continue }
      found.append(
        PatchSuspicion(
          kind: .environmentSniffed, strength: strength, path: file.path, line: line + 1, excerpt: file.excerpt(line)))
    }
    return found
  }

  private static func strength(
    of line: Int, in file: InspectedFile, isInTests: (String) -> Bool
  ) -> PatchSuspicion.Strength? {
    // A name that is put together from parts is that name.
    let text = file.literal[line].joiningLiterals
    guard !text.isEmpty else { return nil }
    // What a runner tells its own processes.
    if let name = text.first(of: runnerVariables) { return file.had(name) ? .weak : .strong }
    // What the compiler is to complain of is no behaviour.
    let isLint = text.contains("cfg_attr(test,") && ["deny(", "allow(", "warn("].contains(where: text.contains)
    if !isLint, let words = signs(file.language, file.fileExtension).first(where: text.contains) {
      return file.had(words) ? .weak : .strong
    }
    if let words = processWords.first(where: text.contains), !file.had(words) {
      return isInTests(words) ? .weak : .strong
    }
    if let strength = itself(line, text, of: file) { return strength }
    if let strength = modes(text, of: file, isInTests: isInTests) { return strength }
    if let strength = servers(line, text, of: file, isInTests: isInTests) { return strength }
    return stack(line, text, of: file)
  }

  private static let runnerVariables = Words.list(
    """
    PYTEST_CURRENT_TEST PYTEST_VERSION PYTEST_XDIST_WORKER JEST_WORKER_ID VITEST VITEST_WORKER_ID VITEST_POOL_ID
    VITEST_MODE XCTestConfigurationFilePath XCTestBundlePath XCTestSessionIdentifier XCInjectBundleInto NODE_TEST_CONTEXT
    NODE_TEST_WORKER_ID RUST_TEST_THREADS NEXTEST NEXTEST_RUN_ID HARNESS_ACTIVE HARNESS_VERSION TEST_WORKSPACE
    TEST_SRCDIR TEST_TARGET GTEST_OUTPUT GTEST_SHARD_INDEX CTEST_INTERACTIVE_DEBUG_MODE PHPUNIT_COMPOSER_INSTALL
    __PHPUNIT_PHAR__ PHPUNIT_TESTSUITE MOCHA_COLORS AVA_PATH TAP_CHILD_ID BATS_TEST_NAME BATS_VERSION
    SWIFT_TESTING_ENABLED npm_lifecycle_event npm_lifecycle_script
    """)

  /// How a program finds out what runs it, in one language.
  private static func signs(_ language: String, _ ending: String) -> [String] {
    switch language {
    case "Python":
      [
        "pytest\"in sys.modules", "pytest'in sys.modules", "unittest\"in sys.modules", "unittest'in sys.modules",
        "sys.modules.get(\"pytest", "sys.modules.get('pytest", "sys.modules.get(\"unittest",
        "sys.modules.get('unittest",
        "sys.modules[\"pytest", "sys.modules['pytest", "hasattr(sys,\"_called_from_test", "gc.get_referrers(",
        "gc.get_objects(",
      ]
    case "Go":
      [
        "testing.Testing()", "flag.Lookup(\"test.", "exec.Command(os.Args[0]", "\".test\"", "\"-test.", "\"test.run",
        "go:linkname",
      ]
    case "JavaScript", "TypeScript":
      [
        "typeof jest", "typeof describe", "typeof it===", "typeof vi===", "globalThis.describe", "globalThis.it",
        "global.describe", "global.it", "global.jest", "globalThis.jest", "import.meta.vitest", "import.meta.jest",
        "execArgv.includes('--test", "execArgv.includes(\"--test", "includes('--test')", "includes(\"--test\")",
      ]
    case "Rust":
      ["cfg!(test)", "cfg(not(test))", "cfg(test)", "cfg!(not(test))", "cfg_attr(test", "cfg_attr(not(test)"]
    case "Swift": ["NSClassFromString(\"XC", "canImport(XCTest)", "canImport(Testing)"]
    case "Ruby":
      [
        "defined?(Minitest", "defined?(RSpec", "defined?(Test::Unit", "defined?(::Minitest", "defined?(::RSpec",
        "const_defined?(:Minitest", "const_defined?(:RSpec", "const_defined?(\"Minitest", "const_defined?('Minitest",
      ]
    case "PHP":
      [
        "class_exists('PHPUnit", "class_exists(\"PHPUnit", "class_exists('\\\\PHPUnit", "class_exists(PHPUnit",
        "class_exists(\\PHPUnit", "defined('PHPUNIT", "defined(\"PHPUNIT", "class_exists('\\PHPUnit",
      ]
    case "Java", "Kotlin", "Scala", "Groovy":
      [
        "forName(\"org.junit", "forName(\"org.testng", "startsWith(\"org.junit", "contains(\"org.junit",
        "contains(\"junit",
        "startsWith(\"junit", "surefire.", "org.gradle.test",
      ]
    case "C", "C++", "Objective-C":
      TestWordsOfC.directives
    case "unknown" where ["pl", "pm"].contains(ending):
      ["$INC{'Test/", "$INC{\"Test/", "Test::More->can", "Test::Builder"]
    default: []
    }
  }

  private enum TestWordsOfC {
    static let directives = ["program_invocation_"]
  }

  /// Where the system tells of a process what it was started with.
  private static let processWords = [
    "/proc/self/cmdline", "/proc/self/comm", "/proc/self/environ", "/proc/$$/", "/proc/%d/cmdline", "/proc/thread-self",
    "sys.orig_argv",
  ]

  /// Code that looks at what it is a part of, where the lines around it speak of tests.
  private static func itself(_ line: Int, _ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    let signs: [String]
    switch file.language {
    case "Python":
      signs = [
        "sys.modules", "import __main__", "sys.executable", "threading.current_thread", "psutil.Process(", "gc.get_",
      ]
    case "Go": signs = ["os.Executable(", "flag.VisitAll(", "flag.CommandLine", "debug.ReadBuildInfo("]
    case "JavaScript", "TypeScript":
      signs = ["require.main.", "module.parent", "process.execArgv", "process.mainModule"]
    case "Rust": signs = ["current_exe(", "thread::current()", "cfg!(debug_assertions)"]
    case "Swift": signs = ["ProcessInfo.processInfo.arguments", "Bundle.allBundles"]
    case "C", "C++", "Objective-C": signs = ["/proc/self/exe", "getauxval(", "dladdr(", "dlsym("]
    default: return nil
    }
    guard let words = signs.first(where: text.contains), !file.had(words) else { return nil }
    // One that is asked for by its name may be an optional part; who goes through all looks for something.
    let goesThrough = ["list(", "sorted(", "set(", "len(", "any(", "for ", ".keys()", ".items()", ".values()", "join("]
    if words == "sys.modules", !text.contains("sys.modules["), goesThrough.contains(where: text.contains) {
      return text.speaksOfTests ? .strong : .wantsPerson
    }
    // A library has no flags of its own to look through.
    if ["flag.VisitAll(", "flag.CommandLine"].contains(words), !file.isProgram {
      return words == "flag.VisitAll(" || text.contains(".Visit") ? .strong : .wantsPerson
    }
    // Only what the patch brings: tests may stand below it in the same file.
    let near = file.added.filter { abs($0 - line) <= 4 }.map { file.literal[$0].joiningLiterals }
    if words == "cfg!(debug_assertions)" {
      let honest = ["assert", "print", "log", "trace", "dbg!"]
      return near.contains { line in honest.contains { line.replacing(words, with: "").contains($0) } }
        ? .weak : .strong
    }
    // A program that looks for its own place does not ask what it is called.
    let compares = ["ends_with(", "contains(", "file_stem(", "HasSuffix(", "Contains("]
    if ["current_exe(", "os.Executable("].contains(words),
      near.contains(where: { line in compares.contains { line.contains($0) } })
    {
      return .strong
    }
    if near.contains(where: { $0.speaksOfTests || $0.contains("/deps") }) { return .strong }
    return comparesItself(words, near) ? .wantsPerson : nil
  }

  /// Whether lines compare what a program is called, or the thread that it is in.
  private static func comparesItself(_ words: String, _ near: [String]) -> Bool {
    let names: [String]
    switch words {
    case "debug.ReadBuildInfo(": names = [".Path"]
    case "thread::current()", "threading.current_thread": names = [".name"]
    default: return false
    }
    let compares = [
      "==", "!=", "Contains(", "HasPrefix(", "HasSuffix(", "starts_with(", "ends_with(", "contains(", "is_",
    ]
    return near.contains { line in names.contains(where: line.contains) }
      && near.contains { line in compares.contains(where: line.contains) }
  }

  // MARK: Modes and build servers

  private static func modes(_ text: String, of file: InspectedFile, isInTests: (String) -> Bool)
    -> PatchSuspicion.Strength?
  {
    for name in ["NODE_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "MIX_ENV", "DJANGO_ENV", "FLASK_ENV", "ENVIRONMENT"]
    where text.has(name) && (text.contains("'test") || text.contains("\"test") || text.contains("'testing")) {
      return file.had(name) || isInTests(name) ? .weak : .strong
    }
    if ["C", "C++", "Objective-C"].contains(file.language), text.hasPrefix("#if"), TestWords.namesTestMacro(text) {
      return file.had(text) ? .weak : .strong
    }
    // The words that the program was started with, or its own name.
    // What cargo tells of a program while it runs it; what it was built with is told by a macro.
    if file.language == "Rust", text.contains("env::var"), text.contains("\"CARGO"), !file.had("\"CARGO"),
      file.name != "build.rs"
    {
      return isInTests("CARGO") ? .weak : .wantsPerson
    }
    let own = ["sys.argv", "process.argv", "os.Args[0]", "$0", "$PROGRAM_NAME", "__main__.__file__", "argv[0]", "ARGV"]
    if own.contains(where: text.contains), speaksOfRunner(text) {
      // A word of its own that a program is called with: `test-connection`.
      guard file.isProgram, let word = ownWord(text) else { return .strong }
      return isInTests(word) ? .weak : .wantsPerson
    }
    if text.contains("getenv(\"") || text.contains("environ") || text.contains("process.env") || text.contains("ENV[")
      || text.contains("Getenv(") || text.contains("$ENV{") || text.contains("env::var") || text.contains("getenv('")
    {
      let names = text.words.filter { $0.count > 3 && $0.allSatisfy { !$0.isLowercase } }
      let asks = names.first { name in
        name.split(separator: "_").contains { ["TEST", "TESTS", "TESTING", "UNITTEST", "PYTEST", "JEST"].contains($0) }
      }
      if let asks {
        if file.had(String(asks)) || isInTests(String(asks)) { return .weak }
        // What tests use in place of something else: `TEST_DATABASE_URL`.
        let parts = asks.split(separator: "_")
        let modes: Set<Substring> = [
          "MODE", "ENV", "RUN", "RUNNER", "RUNNING", "ACTIVE", "NAME", "FLAG", "SUITE", "CASE",
        ]
        return parts.first == "TEST" && parts.count > 2 && modes.isDisjoint(with: parts) ? .wantsPerson : .strong
      }
    }
    return nil
  }

  /// The only literal of a line that compares with one, where it is a word that begins with `test` and goes on.
  private static func ownWord(_ text: String) -> String? {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "\"" || $0 == "'" }
    guard parts.count == 3, text.contains("=="), parts[1].hasPrefix("test"), parts[1].count > 5 else { return nil }
    let rest = parts[1].dropFirst(4)
    guard rest.first == "-", rest.allSatisfy({ $0.isLetter || $0 == "-" }) else { return nil }
    return String(parts[1])
  }

  private static func speaksOfRunner(_ text: String) -> Bool {
    [
      "pytest", "unittest", "jest", "mocha", "vitest", "rspec", "minitest", "phpunit", ".test\"", "_test\"", "/test",
      "\"test", "'test", "node:test", "rake",
    ].contains(where: text.contains)
  }

  private static let serverNames = Words.list(
    """
    CI GITHUB_ACTIONS GITLAB_CI CONTINUOUS_INTEGRATION TRAVIS JENKINS_URL CIRCLECI TF_BUILD BUILDKITE TEAMCITY_VERSION
    BUILD_NUMBER APPVEYOR DRONE
    """)
  private static let honestUses = Words.list(
    """
    color colour tty spinner progress interactive log verbose telemetry notif prompt width term cursor animat unicode
    banner update analytics annotation group
    """)

  private static func servers(
    _ line: Int, _ text: String, of file: InspectedFile, isInTests: (String) -> Bool
  ) -> PatchSuspicion.Strength? {
    guard let name = serverNames.first(where: { reads($0, in: text) }) else { return nil }
    if serverNames.contains(where: { file.had("\"\($0)\"") || file.had("'\($0)'") || file.had("env.\($0)") }) {
      return nil
    }
    let near = file.new.lines[max(0, line - 4)...min(file.new.count - 1, line + 4)].joined(separator: " ").lowercased()
    let isHonest = honestUses.contains { near.contains($0) || file.name.lowercased().contains($0) }
    return isHonest || isInTests(name) ? .weak : .strong
  }

  private static func reads(_ name: String, in text: String) -> Bool {
    ["\"\(name)\"", "'\(name)'", "env.\(name)", "$\(name)", "${\(name)", "$ENV{\(name)}", "ENV{\(name)}"]
      .contains { text.has($0) }
  }

  // MARK: The stack

  private static let stackCalls = [
    "inspect.stack(", "sys._getframe", "inspect.currentframe", "inspect.getouterframes", "traceback.extract_stack",
    "sys._current_frames", "Error().stack", "prepareStackTrace", "captureStackTrace", "debug_backtrace",
    "caller_locations",
    "runtime.Caller", "runtime.Callers", "getStackTrace", "StackWalker", "callStackSymbols", "backtrace(", "caller(0)",
    "caller[", "caller.", "caller(1)",
  ]

  /// Code that asks who called it, and for what.
  private static func stack(_ line: Int, _ text: String, of file: InspectedFile) -> PatchSuspicion.Strength? {
    guard let words = stackCalls.first(where: text.has), !file.had(words) else { return nil }
    let near = file.literal[max(0, line - 5)...min(file.literal.count - 1, line + 5)]
    // What the caller knows and is made of: the expected value is among it.
    let insides = ["f_locals", "co_consts", "co_code", "f_lasti", "linecache", "getsource", "binding.local_variable"]
    if near.contains(where: { line in insides.contains { line.contains($0) } }) { return .strong }
    return near.contains { $0.speaksOfTests || $0.contains("spec") } ? .strong : .weak
  }
}
