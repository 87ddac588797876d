internal import Base

/// Reads what XCTest prints, on Linux and on Apple's systems, also under `swift test --parallel`.
struct XCTestReader: LogReader {
  var run = RunBuilder(.xctest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var depth = 0
  private var isOutermostEnded = false
  private var current: TestIdentity?
  private var claimed: TestCounts?

  mutating func read(_ line: Bytes) {
    if let rest = line.after("Test Suite '"), let (name, tail) = rest.split(at: "' ") {
      return readSuite(name, tail)
    }
    if isOutermostEnded, let counts = Self.counts(line.trimmed) {
      isOutermostEnded = false
      run.claimed = Self.sum(claimed, counts)
      claimed = run.claimed
      run.ending = .complete
      return run.see()
    }
    guard run.isRecognised else { return }
    if let rest = line.after("Test Case '"), let (name, tail) = rest.split(at: "' ") { return readCase(name, tail) }
    readIssue(line)
  }

  private mutating func readSuite(_ name: Bytes, _ tail: Bytes) {
    if tail.hasPrefix("started at ") || tail.hasPrefix("started.") {
      run.isRecognised = true
      run.ending = .cut
      depth += 1
      run.see()
    } else if tail.hasPrefix("passed at ") || tail.hasPrefix("failed at ") || tail.hasPrefix("passed.") {
      depth -= 1
      if depth == 0 { isOutermostEnded = true }
    }
  }

  private mutating func readCase(_ name: Bytes, _ tail: Bytes) {
    let identity = Self.identity(name)
    if tail.hasPrefix("started") {
      current = identity
      return run.start(identity)
    }
    for (word, outcome) in [("passed (", TestOutcome.passed), ("failed (", .failed), ("skipped (", .skipped)] {
      guard let rest = tail.after(word), let time = rest.split(at: " seconds)")?.0 else { continue }
      // Tests run one after the other, so only the one that is running can end well.
      if outcome == .passed, identity != current { return run.doubt(.stray(identity)) }
      run.end(identity, outcome, duration: DurationText.parse(time))
    }
  }

  /// `Class.test`, and `-[Module.Class test]` on Apple's systems.
  static func identity(_ name: Bytes) -> TestIdentity {
    if let inner = name.enclosed(by: "-[", "]"), let (type, method) = inner.split(at: " ") {
      return TestIdentity(suite: [type.name], name: method.name)
    }
    guard let (type, method) = name.splitLast(at: ".") else { return TestIdentity(suite: [], name: name.name) }
    return TestIdentity(suite: [type.name], name: method.name)
  }

  /// `PATH:LINE: error: Class.test : message`.
  private mutating func readIssue(_ line: Bytes) {
    guard let (_, rest) = line.split(at: ": error: "), let (name, _) = rest.split(at: " : ") else { return }
    let identity = Self.identity(name)
    if run.contains(identity) { run.explain(identity, line) }
  }

  /// `Executed 5 tests, with 1 test skipped and 3 failures (1 unexpected) in 0.002 (0.002) seconds`; the failures are
  /// assertions, not tests.
  static func counts(_ text: Bytes) -> TestCounts? {
    guard let rest = text.after("Executed "), let (total, tail) = rest.leadingInteger,
      tail.hasPrefix(" test"), tail.contains(text: " failure"), tail.hasSuffix(" seconds")
    else { return nil }
    var counts = TestCounts(total: total)
    if let (_, with) = tail.split(at: ", with "), let (number, word) = with.leadingInteger,
      word.contains(text: " skipped")
    {
      counts.skipped = number
    }
    return counts
  }

  private static func sum(_ left: TestCounts?, _ right: TestCounts) -> TestCounts {
    guard let left else { return right }
    return TestCounts(
      total: (left.total ?? 0) + (right.total ?? 0), skipped: (left.skipped ?? 0) + (right.skipped ?? 0))
  }
}

/// Reads what Swift Testing prints.
struct SwiftTestingReader: LogReader {
  var run = RunBuilder(.swiftTesting)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var detail: TestIdentity?

  mutating func read(_ line: Bytes) {
    guard let text = Self.withoutSymbol(line) else { return }
    if text.hasPrefix("Test run started.") {
      beginRun()
      run.isRecognised = true
      return run.see()
    }
    guard run.isRecognised, run.claimed == nil else { return }
    if line.hasPrefix("\u{21b3}") || line.hasPrefix("   \u{21b3}") {
      if let detail { run.explain(detail, text) }
      return
    }
    if text.hasPrefix("Test run with "), readClosing(text) { return }
    guard let rest = text.after("Test "), !rest.hasPrefix("case passing ") else { return }
    readTest(rest, text)
  }

  /// The line without the sign at its beginning, which differs by system and outcome.
  private static func withoutSymbol(_ line: Bytes) -> Bytes? {
    guard let first = line.first, first >= 0x80 || first == UInt8(ascii: "["),
      let space = line.firstIndex(of: 0x20), space - line.startIndex <= 7
    else { return nil }
    return line[space...].trimmed
  }

  private mutating func readTest(_ rest: Bytes, _ text: Bytes) {
    if let name = rest.before(" started.") { return run.start(Self.identity(name)) }
    if let (name, tail) = rest.split(at: " recorded an issue") {
      let identity = Self.identity(name)
      detail = run.contains(identity) ? identity : nil
      if run.contains(identity) { run.explain(identity, tail.trimmed) }
      return
    }
    if let (name, tail) = rest.split(at: " recorded a known issue") {
      let identity = Self.identity(name)
      known.insert(identity)
      if run.contains(identity) { run.explain(identity, tail.trimmed) }
      detail = nil
      return
    }
    for (mark, outcome) in [
      (" skipped", TestOutcome.skipped), (" passed after ", .passed), (" failed after ", .failed),
    ] {
      guard let (name, tail) = mark == " skipped" ? rest.split(at: mark) : rest.splitLast(at: mark) else { continue }
      let identity = Self.identity(name)
      detail = nil
      if outcome == .skipped {
        guard tail.first == UInt8(ascii: ":") || tail.first == UInt8(ascii: ".") else { continue }
        return run.record(identity, .skipped)
      }
      guard let time = tail.split(at: " seconds")?.0, let duration = DurationText.parse(time) else { continue }
      let isKnown = outcome == .passed && tail.contains(text: " known issue")
      return run.end(identity, isKnown ? .expectedFailure : outcome, duration: duration)
    }
  }

  private var known: Set<TestIdentity> = []

  /// `name()`, `"a title"`, with ` with 3 test cases` behind it where it has parameters.
  private static func identity(_ name: Bytes) -> TestIdentity {
    var name = name
    if let (before, tail) = name.splitLast(at: " with "), tail.hasSuffix(" test cases") || tail.hasSuffix(" test case")
    {
      name = before
    }
    return TestIdentity(suite: [], name: name.name)
  }

  /// `Test run with 10 tests in 3 suites failed after 0.002 seconds with 4 issues`.
  private mutating func readClosing(_ text: Bytes) -> Bool {
    guard let rest = text.after("Test run with "), let (number, tail) = rest.leadingInteger,
      tail.contains(text: " passed after ") || tail.contains(text: " failed after ")
    else { return false }
    // Skipped tests are counted by some versions and not by others.
    let read = run.count(.passed) + run.count(.failed) + run.count(.expectedFailure)
    let skipped = run.count(.skipped)
    let unfinished = run.tests.count { $0.attempts.isEmpty }
    run.claimed = TestCounts(total: number == read + unfinished ? read + unfinished + skipped : number)
    run.ending = .complete
    run.see()
    return true
  }
}
