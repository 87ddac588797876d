internal import Base

/// Reads what ctest prints.
struct CTestReader: LogReader {
  var run = RunBuilder(.ctest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var last: TestIdentity?
  private var numbers: Set<String> = []

  mutating func read(_ line: Bytes) {
    if line.hasPrefix("Test project ") {
      beginRun()
      run.isRecognised = true
      last = nil
      return run.see()
    }
    guard run.isRecognised, run.claimed == nil else { return }
    if let rest = line.trimmed.after("Start "), let (number, name) = rest.split(at: ": "), number.trimmed.integer != nil
    {
      let identity = TestIdentity(suite: [], name: name.trimmed.name)
      if run.outcome(of: identity) == nil || run.outcome(of: identity) == .unfinished {
        run.start(identity)
      } else {
        repeated.insert(identity)
      }
      last = nil
      return
    }
    if readVerdict(line) { return }
    if readSum(line) { return }
    if line.hasPrefix("The following tests ") { last = nil }
    if let last, run.outcome(of: last)?.isRed ?? false { run.explain(last, line) }
  }

  private var repeated: Set<TestIdentity> = []

  /// `2/9 Test #2: fails ......***Failed    0.00 sec`; the next try of a test has no place in the row.
  private mutating func readVerdict(_ line: Bytes) -> Bool {
    guard line.hasSuffix(" sec"), let (row, rest) = line.split(at: "Test "), let hash = rest.trimmed.after("#"),
      let (_, tail) = hash.leadingInteger, let named = tail.after(": ")
    else { return false }
    let isRetry = row.trimmed.isEmpty
    if !isRetry {
      guard let (place, total) = row.trimmed.split(at: "/"), place.trimmed.integer != nil, total.integer != nil else {
        return false
      }
    }
    guard let (before, time) = named.dropLast(4).splitLast(at: " "), let duration = DurationText.parse(time) else {
      return false
    }
    let text = before.trimmed
    let word: Bytes
    let name: Bytes
    if let (left, right) = text.split(at: "***") {
      (name, word) = (left, right)
    } else if let left = text.before("Passed") {
      (name, word) = (left, text[left.endIndex...])
    } else {
      return false
    }
    var bare = name.trimmed
    while bare.last == UInt8(ascii: ".") { bare.removeLast() }
    let identity = TestIdentity(suite: [], name: bare.trimmed.name)
    let outcome: TestOutcome
    if word.hasPrefix("Passed") {
      outcome = .passed
    } else if word.hasPrefix("Failed") {
      outcome = .failed
    } else if word.hasPrefix("Skipped") || word.hasPrefix("Not Run (Disabled)") {
      outcome = .skipped
    } else {
      outcome = .errored
    }
    if isRetry {
      run.record(identity, outcome, duration: duration, isRetry: true)
    } else if repeated.contains(identity), outcome == .passed {
      run.record(identity, outcome, duration: duration, isRetry: true)
    } else {
      // With tests side by side only the beginning tells a verdict from a line that a test has printed.
      run.end(identity, outcome, duration: duration)
    }
    last = identity
    if outcome == .errored { run.explain(identity, word) }
    return true
  }

  /// `38% tests passed, 5 tests failed out of 8`; skipped tests count as passed, disabled ones not at all.
  private mutating func readSum(_ line: Bytes) -> Bool {
    guard let (_, rest) = line.split(at: "% tests passed, "), let (failed, tail) = rest.leadingInteger,
      let total = tail.splitLast(at: " out of ")?.1.integer
    else { return false }
    // What was disabled is not in the sum, what was skipped is.
    run.claimed = TestCounts(failed: failed)
    let read = run.count(.passed) + run.count(.failed) + run.count(.errored)
    if total < read || total > read + run.count(.skipped) {
      run.doubt(.count(what: "tests", claimed: total, read: read + run.count(.skipped)))
    }
    run.ending = .complete
    run.see()
    last = nil
    return true
  }
}

/// Reads what a program with GoogleTest prints.
struct GoogleTestReader: LogReader {
  var run = RunBuilder(.googleTest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var current: TestIdentity?
  private var expected: Int?
  private var claims: TestCounts?
  private var isClosing = false
  private var isBrief = true

  init() {
    run.namesAll = true
  }

  mutating func read(_ line: Bytes) {
    if let rest = line.after("[==========] ") { return readFrame(rest) }
    if line.hasPrefix("[----------]") { return run.see() }
    if isClosing, readSum(line) { return }
    if let name = line.after("[ RUN      ] ") {
      guard expected != nil else { return }
      let identity = Self.identity(name)
      isBrief = false
      current = identity
      return run.start(identity)
    }
    // A brief run has no frame at its beginning, and names only what is red.
    guard !isClosing, expected != nil || line.contains(text: "[  FAILED  ] ") else { return }
    if let name = line.after("[ DISABLED ] ") { return run.record(Self.identity(name), .skipped) }
    for (mark, outcome) in [
      ("[       OK ] ", TestOutcome.passed), ("[  FAILED  ] ", .failed), ("[  SKIPPED ] ", .skipped),
    ] {
      // What a test prints without a line's end stands before the mark.
      guard let (before, rest) = line.split(at: mark), rest.last == UInt8(ascii: ")") else { continue }
      let (full, duration) = rest.withoutDuration
      guard duration != nil else { continue }
      let name = full.split(at: ", where ")?.0 ?? full
      let identity = Self.identity(name)
      if !outcome.isRed, identity != current {
        // Tests run one after the other, so only the one that is running can end well.
        if before.isEmpty { run.doubt(.stray(identity)) }
        continue
      }
      if isBrief, outcome.isRed {
        run.record(identity, outcome, duration: duration)
      } else {
        run.end(identity, outcome, duration: duration)
      }
      if identity == current { current = nil }
      return
    }
    if let current { run.explain(current, line) }
  }

  private static func identity(_ name: Bytes) -> TestIdentity {
    guard let (suite, test) = name.trimmed.split(at: ".") else {
      return TestIdentity(suite: [], name: name.trimmed.name)
    }
    return TestIdentity(suite: [suite.name], name: test.name)
  }

  private mutating func readFrame(_ rest: Bytes) {
    if let behind = rest.after("Running "), let (number, _) = behind.leadingInteger {
      run.isRecognised = true
      run.ending = .cut
      (expected, isClosing, current) = (number, false, nil)
      return run.see()
    }
    guard let (number, tail) = rest.leadingInteger, tail.contains(text: " ran.") else { return }
    // The frame of a brief run is the first line that says there was one.
    run.isRecognised = true
    guard current == nil else { return run.doubt(.malformed("a closing frame stands inside of a test")) }
    if expected == nil { expected = number }
    isClosing = true
    run.namesAll = !isBrief
    claims = TestCounts(passed: claims?.passed ?? 0, failed: isBrief ? nil : claims?.failed ?? 0)
    run.see()
  }

  private mutating func readSum(_ line: Bytes) -> Bool {
    var sum = claims ?? TestCounts(passed: 0, failed: 0)
    if let rest = line.after("[  PASSED  ] "), let (number, tail) = rest.leadingInteger, tail.hasPrefix(" test") {
      sum.passed = (sum.passed ?? 0) + number
      run.ending = .complete
    } else if let rest = line.after("[  FAILED  ] "), let (number, tail) = rest.leadingInteger,
      tail.hasPrefix(" test")
    {
      sum.failed = (sum.failed ?? 0) + number
    } else {
      return false
    }
    claims = sum
    run.claimed = sum
    run.see()
    return true
  }
}
