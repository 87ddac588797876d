internal import Base

/// Reads what Python's unittest prints, with names (`-v`) or with dots.
struct UnittestReader: LogReader {
  var run = RunBuilder(.unittest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var current: TestIdentity?
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
      if let detail { run.explain(detail, line) }
      return
    }
    readProgress(line)
  }

  private mutating func readProgress(_ line: Bytes) {
    if let (name, verdict) = line.split(at: " ... ") ?? line.before(" ...").map({ ($0, line[line.endIndex...]) }) {
      if let identity = Self.identity(name.trimmed) {
        current = identity
        if run.outcome(of: identity) == nil { run.start(identity) }
      }
      settle(verdict)
    } else if let identity = Self.identity(line.trimmed), line.first != 0x20 {
      // The test has a sentence about it; the verdict follows behind that.
      current = identity
      if run.outcome(of: identity) == nil { run.start(identity) }
    } else {
      settle(line)
    }
  }

  /// The word behind the dots; what a test prints stands between them and the word.
  private mutating func settle(_ verdict: Bytes) {
    guard let current, let outcome = Self.outcome(verdict) else { return }
    run.record(current, outcome)
    self.current = nil
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
      run.see()
      if let known = run.outcome(of: identity), known.isRed, known != .unfinished { return true }
      // The test as a whole has no verdict of its own where a part of it failed.
      if let space = identity.name.firstIndex(of: " ") {
        let whole = TestIdentity(suite: identity.suite, name: String(identity.name[..<space]))
        if run.outcome(of: whole) == .unfinished { run.record(whole, outcome) }
      }
      run.record(identity, outcome)
      return true
    }
    return false
  }

  private mutating func readClosing(_ line: Bytes) -> Bool {
    var word = line.trimmed
    var rest = word[word.endIndex...]
    if let (before, behind) = word.split(at: " (") { (word, rest) = (before, behind.before(")") ?? behind) }
    let isGood = word.elementsEqual("OK".utf8)
    guard let total = ran, isGood || word.elementsEqual("FAILED".utf8) || word.elementsEqual("NO TESTS RAN".utf8) else {
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
    run.isRecognised = true
    run.ending = .complete
    run.see()
    // With failures in parts of tests the sums count parts, so how many passed does not follow from them.
    if isGood { counts.passed = max(0, total - (counts.skipped ?? 0) - (counts.expectedFailures ?? 0)) }
    run.claimed = counts
    ran = nil
    beginAgain()
    return true
  }

  /// Another run of the same runner can follow; nothing marks its beginning.
  private mutating func beginAgain() {
    earlier.append(run)
    let now = run.now
    run = RunBuilder(.unittest)
    run.namesAll = false
    run.now = now
    current = nil
    detail = nil
    isDetail = false
  }

  mutating func close() {
    // Without the closing line only the runner's own lines with names tell that it was one.
    run.isRecognised = run.tests.contains { !$0.attempts.isEmpty }
  }
}
