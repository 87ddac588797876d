internal import Base

/// Reads what Maven prints with Surefire or Failsafe.
struct SurefireReader: LogReader {
  var run = RunBuilder(.surefire)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var detail: TestIdentity?
  private var isResults = false
  private var isCompilation = false
  private var claims: TestCounts?
  private var isWithin = false

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    let text = Self.withoutLevel(line)
    if text.trimmed.elementsEqual("T E S T S".utf8) {
      run.isRecognised = true
      (isWithin, isResults) = (true, false)
      return run.see()
    }
    if text.hasPrefix("COMPILATION ERROR") {
      isCompilation = true
      run.isRecognised = true
      builds.append(BuildFailure(unit: ""))
      return run.see()
    }
    if isCompilation { return readCompilation(text) }
    if text.hasPrefix("BUILD SUCCESS") || text.hasPrefix("BUILD FAILURE") {
      if !isWithin, run.isRecognised { run.see() }
      return
    }
    guard isWithin else { return }
    if text.hasPrefix("Results:") || text.hasPrefix("Results :") {
      (isResults, detail) = (true, nil)
      return run.see()
    }
    if text.contains(text: "The forked VM terminated without properly saying goodbye") {
      run.ending = .crashed(text.name)
    }
    if text.hasPrefix("Tests run: ") { return readSum(text) }
    if isResults { return readFlake(text.trimmed) }
    readTest(line, text)
  }

  /// Without `[INFO] ` and the like.
  private static func withoutLevel(_ line: Bytes) -> Bytes {
    for level in ["[INFO] ", "[ERROR] ", "[WARNING] "] { if let rest = line.after(level) { return rest } }
    return line
  }

  /// `shop.ShopTest.differs  Time elapsed: 0.01 s  <<< FAILURE!`, older `differs(shop.ShopTest)`.
  private mutating func readTest(_ line: Bytes, _ text: Bytes) {
    for (mark, outcome) in [("<<< FAILURE!", TestOutcome.failed), ("<<< ERROR!", .errored)] {
      guard let head = text.trimmed.before(mark)?.trimmed else { continue }
      guard !head.hasPrefix("Tests run: ") else { return }
      let parts = head.split(at: "Time elapsed: ") ?? (head, head[head.endIndex...])
      var name = parts.0.trimmed
      while name.last == UInt8(ascii: "-") || name.last == 0x20 { name.removeLast() }
      guard let identity = Self.identity(name) else { continue }
      // Where failures are run again each try has its line.
      let isRetry = run.outcome(of: identity)?.isRed ?? false
      run.record(identity, outcome, duration: DurationText.parse(parts.1.trimmed), isRetry: isRetry)
      return detail = identity
    }
    if line.hasPrefix("[") || text.hasPrefix("Running ") {
      detail = nil
    } else if let detail {
      run.explain(detail, line)
    }
  }

  /// Under "Flakes:" stand the tests that passed when they were run again.
  private mutating func readFlake(_ text: Bytes) {
    if text.hasSuffix(":"), let word = text.before(":"), !word.contains(UInt8(ascii: ".")) {
      isFlakes = word.elementsEqual("Flakes".utf8)
    } else if isFlakes, let identity = Self.identity(text), run.outcome(of: identity)?.isRed ?? false {
      run.record(identity, .passed, isRetry: true)
    }
  }

  private var isFlakes = false

  private static func identity(_ name: Bytes) -> TestIdentity? {
    if let (method, type) = name.split(at: "("), let type = type.before(")"), type.contains(UInt8(ascii: ".")) {
      // Where it tells of tries it has the class on both sides.
      return TestIdentity(
        suite: [type.name], name: (method.after(String(decoding: type, as: UTF8.self) + ".") ?? method).name)
    }
    let head = name.split(at: "[")?.0 ?? name
    guard let (type, _) = head.splitLast(at: "."), !type.isEmpty, !type.contains(0x20) else { return nil }
    return TestIdentity(suite: [type.name], name: name[(type.endIndex + 1)...].name)
  }

  private mutating func readSum(_ text: Bytes) {
    var counts = TestCounts()
    var total = 0
    for part in text.split(separator: UInt8(ascii: ",")) {
      guard let (name, value) = Bytes(part).trimmed.split(at: ": ") else { continue }
      guard let (number, _) = value.leadingInteger else { continue }
      switch String(decoding: name, as: UTF8.self) {
      case "Tests run": total = number
      case "Failures": counts.failed = number
      case "Errors": counts.errored = number
      case "Skipped": counts.skipped = number
      // A test that passed at last is counted as one that passed.
      default: break
      }
    }
    // The lines with a time are those of one class; the sum of all stands alone under "Results".
    guard isResults, !text.contains(text: "Time elapsed") else { return run.see() }
    counts.passed = max(0, total - (counts.failed ?? 0) - (counts.errored ?? 0) - (counts.skipped ?? 0))
    let old = claims ?? TestCounts(passed: 0, failed: 0, errored: 0, skipped: 0)
    claims = TestCounts(
      passed: (old.passed ?? 0) + (counts.passed ?? 0), failed: (old.failed ?? 0) + (counts.failed ?? 0),
      errored: (old.errored ?? 0) + (counts.errored ?? 0), skipped: (old.skipped ?? 0) + (counts.skipped ?? 0))
    run.claimed = claims
    if run.ending == .cut { run.ending = .complete }
    isWithin = false
    detail = nil
    run.see()
  }

  /// `/path/Bad.java:[1,37] incompatible types`.
  private mutating func readCompilation(_ text: Bytes) {
    if text.hasPrefix("BUILD FAILURE") || text.hasPrefix("----------< ") {
      isCompilation = false
      if run.claimed == nil { run.ending = .stopped("it could not be built") }
      return run.see()
    }
    guard let (path, rest) = text.split(at: ":["), let (number, tail) = rest.leadingInteger,
      let (_, message) = tail.split(at: "] "), !builds.isEmpty
    else { return }
    let diagnostic = BuildDiagnostic(path: Array(path), line: number, message: Array(message))
    let last = builds.count - 1
    if !builds[last].diagnostics.contains(diagnostic), builds[last].diagnostics.count < 100 {
      builds[last].diagnostics.append(diagnostic)
    }
  }
}

/// Reads what Gradle prints for its tests.
struct GradleReader: LogReader {
  var run = RunBuilder(.gradle)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var detail: TestIdentity?
  private var task = ""

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if let rest = line.after("> Task :") ?? line.after(":"), line.hasPrefix("> Task") {
      let name = rest.words.first ?? rest
      task = name.name
      detail = nil
      if rest.hasSuffix(" FAILED"), name.contains(text: "compile") {
        run.isRecognised = true
        builds.append(BuildFailure(unit: name.name))
        run.ending = .stopped("it could not be built")
      }
      return
    }
    for (mark, outcome) in [(" PASSED", TestOutcome.passed), (" FAILED", .failed), (" SKIPPED", .skipped)] {
      guard let head = line.before(mark), let (type, name) = head.split(at: " > "), !type.contains(0x20), !type.isEmpty
      else { continue }
      run.isRecognised = true
      var suite = [type.name]
      var test = name
      while let (group, tail) = test.split(at: " > ") {
        suite.append(group.name)
        test = tail
      }
      let identity = TestIdentity(suite: suite, name: test.name)
      run.record(identity, outcome)
      return detail = outcome.isRed ? identity : nil
    }
    // `5 tests completed, 2 failed, 1 skipped`; printed only where something failed.
    if let (total, rest) = line.leadingInteger,
      let sums = rest.after(total == 1 ? " test completed" : " tests completed")
    {
      var counts = TestCounts(total: total, failed: 0, skipped: 0)
      for part in sums.split(separator: UInt8(ascii: ",")) {
        guard let (number, word) = Bytes(part).trimmed.leadingInteger else { continue }
        if word.hasPrefix(" failed") { counts.failed = number }
        if word.hasPrefix(" skipped") { counts.skipped = number }
      }
      counts.passed = max(0, total - (counts.failed ?? 0) - (counts.skipped ?? 0))
      counts.total = nil
      run.isRecognised = true
      run.claimed = counts
      detail = nil
      return run.see()
    }
    if line.hasPrefix("BUILD SUCCESSFUL in ") || line.hasPrefix("BUILD FAILED in ") {
      if run.isRecognised {
        if run.ending == .cut { run.ending = .complete }
        run.see()
      }
      return detail = nil
    }
    if let detail, line.first == 0x20 { run.explain(detail, line) } else if !line.isEmpty { detail = nil }
  }
}

/// Reads what `dotnet test` prints with its console logger.
struct DotnetReader: LogReader {
  var run = RunBuilder(.dotnet)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var detail: TestIdentity?
  private var claims: TestCounts?
  private var pending: TestCounts?

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    let text = line.trimmed
    if line.hasPrefix("Test run for ") || line.hasPrefix("Starting test execution") {
      run.isRecognised = true
      run.ending = .cut
      return run.see()
    }
    if line.hasPrefix("Build FAILED.") {
      run.isRecognised = true
      run.see()
      builds.append(BuildFailure(unit: ""))
      if run.claimed == nil { run.ending = .stopped("it could not be built") }
      return
    }
    guard run.isRecognised else { return }
    if readSum(line) { return }
    if text.hasPrefix("The active test run was aborted") { run.ending = .crashed(text.name) }
    for (mark, outcome) in [("Passed ", TestOutcome.passed), ("Failed ", .failed), ("Skipped ", .skipped)] {
      guard line.hasPrefix("  "), line.indentation <= 4, let rest = text.after(mark),
        let (name, time) = rest.splitLast(at: " ["),
        let time = time.before("]")
      else { continue }
      let identity = Self.identity(name)
      run.record(identity, outcome, duration: DurationText.parse(time.after("< ") ?? time))
      return detail = outcome.isRed ? identity : nil
    }
    if let detail { run.explain(detail, line) }
  }

  /// `Shop.Tests.CartTests.Adds(a: 1)`.
  static func identity(_ name: Bytes) -> TestIdentity {
    let head = name.split(at: "(")?.0 ?? name
    guard let (type, _) = head.splitLast(at: "."), !type.isEmpty else {
      return TestIdentity(suite: [], name: name.name)
    }
    return TestIdentity(suite: [type.name], name: name[(type.endIndex + 1)...].name)
  }

  /// `Failed!  - Failed: 1, Passed: 2, Skipped: 0, Total: 3, Duration: 5 ms - x.dll (net8.0)`, or a line for each sum.
  private mutating func readSum(_ line: Bytes) -> Bool {
    if line.hasPrefix("Passed!  - ") || line.hasPrefix("Failed!  - ") || line.hasPrefix("Skipped! - ") {
      var counts = TestCounts()
      for part in line.dropFirst(11).split(separator: UInt8(ascii: ",")) {
        guard let (name, value) = Bytes(part).split(at: ":"), let number = value.trimmed.integer else { continue }
        switch String(decoding: name.trimmed, as: UTF8.self) {
        case "Failed": counts.failed = number
        case "Passed": counts.passed = number
        case "Skipped": counts.skipped = number
        default: break
        }
      }
      add(counts)
      return true
    }
    if let total = line.after("Total tests: ")?.trimmed.integer {
      pending = TestCounts(total: total, passed: 0, failed: 0, skipped: 0)
      detail = nil
      return true
    }
    guard pending != nil else { return false }
    let text = line.trimmed
    if let number = text.after("Passed: ")?.trimmed.integer {
      pending?.passed = number
    } else if let number = text.after("Failed: ")?.trimmed.integer {
      pending?.failed = number
    } else if let number = text.after("Skipped: ")?.trimmed.integer {
      pending?.skipped = number
    } else if text.hasPrefix("Total time: "),
      var counts = pending
    {
      counts.total = nil
      pending = nil
      add(counts)
    } else {
      return false
    }
    return true
  }

  private mutating func add(_ counts: TestCounts) {
    let old = claims ?? TestCounts(passed: 0, failed: 0, skipped: 0)
    claims = TestCounts(
      passed: (old.passed ?? 0) + (counts.passed ?? 0), failed: (old.failed ?? 0) + (counts.failed ?? 0),
      skipped: (old.skipped ?? 0) + (counts.skipped ?? 0))
    run.claimed = claims
    if run.ending == .cut { run.ending = .complete }
    detail = nil
    run.see()
  }
}
