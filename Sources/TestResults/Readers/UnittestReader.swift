internal import Base

/// Reads what Python's unittest prints, with names (`-v`) or with dots.
///
/// A test can itself run unittest, and what that prints looks the same: what comes while a test is open is held back
/// until it is known whether it was printed by the test. It was where closing lines came and behind them the test's
/// verdict, or where all of it stands in the line in which the test began; it was not where no verdict came up to the
/// end of the output, because that stands behind something that the test printed.
struct UnittestReader: LogReader {
  /// What a line tells.
  private enum Event {
    case start(TestIdentity)
    case verdict(TestIdentity, TestOutcome)
    case title(TestIdentity, TestOutcome)
    case detail(TestIdentity, Bytes)
    case closing(TestCounts)
  }

  /// A test that has begun and has no verdict.
  private struct OpenTest {
    var identity: TestIdentity
    /// The line in which it began, and how many events were held then.
    var line: Int
    var held: Int
    /// Whether the closing lines of a run came since.
    var hasClosing = false
  }

  var run = RunBuilder(.unittest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var open: [OpenTest] = []
  private var held: [(event: Event, line: Int)] = []
  private var detail: TestIdentity?
  private var isDetail = false
  private var previousWasRule = false
  private var ran: Int?

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if let rest = line.after("Ran "), let (number, tail) = rest.leadingInteger,
      let time = tail.after(number == 1 ? " test in " : " tests in "), DurationText.parse(time) != nil
    {
      ran = number
      isDetail = false
      return
    }
    if ran != nil, readClosing(line) { return }
    if line.isRule(of: "=", least: 60) {
      previousWasRule = true
      return
    }
    if previousWasRule {
      previousWasRule = false
      if readTitle(line) { return }
    }
    if isDetail {
      if line.isRule(of: "-", least: 60) { return }
      if let detail { tell(.detail(detail, line)) }
      return
    }
    readProgress(line)
  }

  private mutating func readProgress(_ line: Bytes) {
    var rest = line
    var isFirst = true
    // The verdict stands behind a test's name, or behind a sentence about it; elsewhere a test has printed it.
    var mayEnd = true
    while true {
      if mayEnd, settle(rest) { return }
      if let (name, verdict) = rest.split(at: " ... ") ?? rest.before(" ...").map({ ($0, rest[rest.endIndex...]) }) {
        let identity = Self.identity(name.trimmed)
        if let identity { begin(identity) }
        mayEnd = identity != nil || isFirst
        isFirst = false
        rest = verdict
        continue
      }
      // The test has a sentence about it; the verdict follows behind that.
      if isFirst, line.first != 0x20, let identity = Self.identity(line.trimmed) { begin(identity) }
      return
    }
  }

  private mutating func begin(_ identity: TestIdentity) {
    if open.last?.identity == identity { return }
    if let whole = open.last?.identity, whole.suite == identity.suite, identity.name.hasPrefix(whole.name + " ") {
      // A test of which a part failed has no verdict of its own, or a whole line for it.
      open.removeLast()
    }
    if open.isEmpty { applyHeld() }
    let count = held.count
    tell(.start(identity))
    open.append(OpenTest(identity: identity, line: run.now, held: count))
  }

  /// The word behind the dots; what a test prints stands between them and the word.
  private mutating func settle(_ verdict: Bytes) -> Bool {
    guard let outcome = Self.outcome(verdict) else { return false }
    guard let test = open.last else { return true }
    // The first test's own beginning is not held.
    let start = open.count == 1 ? test.held : test.held + 1
    guard held.count <= start || test.hasClosing || held.last?.line == test.line else { return true }
    held.removeLast(max(0, held.count - start))
    open.removeLast()
    tell(.verdict(test.identity, outcome))
    return true
  }

  /// Takes note of what a line tells, or holds it back as long as a test is open that may have printed it.
  private mutating func tell(_ event: Event) {
    if open.isEmpty { apply(event) } else { held.append((event, run.now)) }
  }

  private mutating func applyHeld() {
    let now = run.now
    let events = held
    held = []
    for (event, line) in events {
      run.now = line
      apply(event)
    }
    run.now = now
  }

  private mutating func apply(_ event: Event) {
    // Only a run that goes on because there are too many of them has an end before it.
    if case .closing = event {} else { run.ending = .cut }
    switch event {
    case .start(let identity): if run.outcome(of: identity) == nil { run.start(identity) }
    case .verdict(let identity, let outcome): run.record(identity, outcome)
    case .title(let identity, let outcome): applyTitle(identity, outcome)
    case .detail(let identity, let line): run.explain(identity, line)
    case .closing(let counts):
      run.isRecognised = true
      run.ending = .complete
      run.see()
      run.claimed = counts
      // With failures in parts of tests the sums count parts, so at least as many passed as follow from them.
      if !Self.isGood(counts), counts.passed ?? 0 < run.count(.passed) { run.claimed?.passed = nil }
      beginAgain()
    }
  }

  private static func outcome(_ verdict: Bytes) -> TestOutcome? {
    switch String(decoding: verdict, as: UTF8.self) {
    case "ok": return .passed
    case "FAIL", "unexpected success": return .failed
    case "ERROR": return .errored
    case "expected failure": return .expectedFailure
    default: return verdict.hasPrefix("skipped ") ? .skipped : nil
    }
  }

  /// `test_a (module.Class.test_a)`, older `test_a (module.Class)`, with a subtest's parameters behind it.
  static func identity(_ text: Bytes) -> TestIdentity? {
    guard let (name, rest) = text.split(at: " ("), !name.isEmpty, !name.contains(0x20),
      let close = rest.firstIndex(of: UInt8(ascii: ")"))
    else { return nil }
    var path = rest[..<close].split(separator: UInt8(ascii: ".")).map { Bytes($0).name }
    guard !path.isEmpty, rest[..<close].allSatisfy({ $0 != 0x20 && $0 != 0x27 && $0 != 0x2c }) else { return nil }
    if path.count > 1, path.last == name.name { path.removeLast() }
    let parameters = rest[(close + 1)...].trimmed
    guard parameters.isEmpty || "([".utf8.contains(parameters.first ?? 0) else { return nil }
    return TestIdentity(suite: path, name: parameters.isEmpty ? name.name : name.name + " " + parameters.name)
  }

  private mutating func readTitle(_ line: Bytes) -> Bool {
    for (word, outcome) in [
      ("FAIL: ", TestOutcome.failed), ("ERROR: ", .errored), ("UNEXPECTED SUCCESS: ", .failed),
    ] {
      guard let rest = line.after(word), let identity = Self.identity(rest.trimmed) else { continue }
      isDetail = true
      detail = identity
      tell(.title(identity, outcome))
      return true
    }
    return false
  }

  private mutating func applyTitle(_ identity: TestIdentity, _ outcome: TestOutcome) {
    run.see()
    if let known = run.outcome(of: identity), known.isRed, known != .unfinished { return }
    // The test as a whole has no verdict of its own where a part of it failed.
    if let space = identity.name.firstIndex(of: " ") {
      let whole = TestIdentity(suite: identity.suite, name: String(identity.name[..<space]))
      if run.outcome(of: whole) == .unfinished { run.record(whole, outcome) }
    }
    run.record(identity, outcome)
  }

  private mutating func readClosing(_ line: Bytes) -> Bool {
    var word = line.trimmed
    var rest = word[word.endIndex...]
    if let (before, behind) = word.split(at: " (") { (word, rest) = (before, behind.before(")") ?? behind) }
    guard let total = ran, ["OK", "FAILED", "NO TESTS RAN"].contains(where: { word.elementsEqual($0.utf8) }) else {
      return false
    }
    var counts = TestCounts(failed: 0, errored: 0, skipped: 0, expectedFailures: 0)
    for part in rest.split(separator: UInt8(ascii: ",")) {
      guard let (name, number) = Bytes(part).trimmed.split(at: "="), let number = number.integer else { continue }
      switch String(decoding: name, as: UTF8.self) {
      case "failures": counts.failed = (counts.failed ?? 0) + number
      case "errors": counts.errored = number
      case "skipped": counts.skipped = number
      case "expected failures": counts.expectedFailures = number
      case "unexpected successes": counts.failed = (counts.failed ?? 0) + number
      default: break
      }
    }
    let others = (counts.failed ?? 0) + (counts.errored ?? 0) + (counts.skipped ?? 0) + (counts.expectedFailures ?? 0)
    counts.passed = max(0, total - others)
    ran = nil
    detail = nil
    isDetail = false
    tell(.closing(counts))
    if !open.isEmpty { open[open.count - 1].hasClosing = true }
    return true
  }

  fileprivate static func isGood(_ counts: TestCounts) -> Bool { counts.failed == 0 && counts.errored == 0 }

  /// Another run of the same runner can follow; nothing marks its beginning.
  private mutating func beginAgain() {
    guard earlier.count < RunBuilder.mostRuns else {
      run.carryOn()
      return run.ending = .complete
    }
    earlier.append(run)
    let now = run.now
    run = RunBuilder(.unittest)
    run.namesAll = false
    run.now = now
  }

  mutating func close() {
    open = []
    applyHeld()
    // Without the closing line only the runner's own lines with names tell that it was one.
    run.isRecognised = run.isRecognised || run.tests.contains { !$0.attempts.isEmpty }
  }
}

extension TestRun {
  /// Takes out the tests whose verdict was overlooked in a run that its runner, and the command, call good: they are
  /// among those that it counts without a name.
  mutating func dropOverlooked() {
    guard format == .unittest, ending == .complete, let claimed, UnittestReader.isGood(claimed) else { return }
    tests.removeAll { $0.attempts.isEmpty }
  }
}
