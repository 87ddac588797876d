internal import Base

/// Reads what `cargo nextest run` prints.
struct NextestReader: LogReader {
  private static let words: [(String, TestOutcome)] = [
    ("PASS [", .passed), ("FAIL [", .failed), ("SLOW [", .unfinished), ("TIMEOUT [", .errored), ("LEAK [", .passed),
    ("ABORT [", .errored), ("SIGABRT [", .errored), ("SIGSEGV [", .errored), ("SIGKILL [", .errored),
    ("SIGTERM [", .errored), ("XFAIL [", .failed),
  ]

  var run = RunBuilder(.nextest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var detail: TestIdentity?

  init() {
    run.namesAll = true
  }

  mutating func read(_ line: Bytes) {
    let text = line.trimmed
    if text.hasPrefix("Nextest run ID ") || (text.hasPrefix("Starting ") && text.contains(text: " tests across ")) {
      if text.hasPrefix("Nextest run ID ") { beginRun() }
      run.isRecognised = true
      return run.see()
    }
    guard run.isRecognised else { return }
    if text.hasPrefix("Summary ["), readClosing(text) { return }
    // What failed is listed once more behind the sums.
    guard run.claimed == nil else { return }
    if let identity = read(verdict: text, line: line) {
      detail = identity
    } else if let detail, run.outcome(of: detail)?.isRed ?? false {
      run.explain(detail, line)
    }
  }

  private mutating func read(verdict text: Bytes, line: Bytes) -> TestIdentity? {
    guard line.hasPrefix("  ") else { return nil }
    var rest = text
    var attempt: Int?
    if let behind = rest.after("TRY "), let (number, tail) = behind.leadingInteger {
      attempt = number
      rest = tail.trimmed
    }
    for (word, outcome) in Self.words {
      guard let behind = rest.after(word), let (time, name) = behind.split(at: "]") else { continue }
      var full = name.trimmed
      // '( 3/12)' is the place in the run.
      if full.hasPrefix("("), let (_, tail) = full.split(at: ") ") { full = tail.trimmed }
      guard let (binary, test) = full.split(at: " "), outcome != .unfinished else { return nil }
      let identity = TestIdentity(suite: [binary.name], name: test.trimmed.name)
      run.record(identity, outcome, duration: DurationText.parse(time.trimmed), isRetry: (attempt ?? 0) > 1)
      return identity
    }
    return nil
  }

  private mutating func readClosing(_ text: Bytes) -> Bool {
    guard let (_, rest) = text.split(at: "]"), let (_, counts) = rest.split(at: " run: ") ?? rest.split(at: ": ") else {
      return false
    }
    var read = TestCounts(passed: 0, failed: 0)
    var extra = 0
    for part in counts.split(separator: UInt8(ascii: ",")) {
      guard let (number, word) = Bytes(part).trimmed.leadingInteger else { continue }
      let name = word.trimmed
      if name.hasPrefix("passed") { read.passed = number }
      if name.hasPrefix("failed") { read.failed = number }
      // Errors of other kinds count with the failures here.
      if name.hasPrefix("timed out") || name.hasPrefix("exec failed") { extra += number }
    }
    read.failed = (read.failed ?? 0) + extra
    run.claimed = read
    run.ending = .complete
    run.see()
    return true
  }
}
