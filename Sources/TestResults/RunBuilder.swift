internal import Base

/// Collects what a reader finds of one run, and closes it by the same rules for every format.
struct RunBuilder {
  /// More tests than any suite has; a log that names more is not read further.
  static let mostTests = 1_000_000
  static let longestMessage = 32768
  /// More tries of one test than any runner makes; further ones are not kept.
  static let mostAttempts = 1000
  /// More runs than one command makes of one runner; what follows is read as a part of the last one.
  static let mostRuns = 10_000

  let format: TestFormat
  let trust: TestTrust
  /// Whether the reader saw what only this runner prints.
  var isRecognised = false
  /// Whether every test has a line with its name; otherwise those that only the count has are unnamed.
  var namesAll = true
  var claimed: TestCounts?
  var ending: RunEnding = .cut
  var doubts: [TestDoubt] = []
  /// The line that is being read.
  var now = 0
  private(set) var span: ClosedRange<Int>?
  private(set) var tests: [TestResult] = []
  private var places: [TestIdentity: Int] = [:]
  private var open: [TestIdentity: Int] = [:]
  /// What stands in each attempt that counts for the runner's own sums.
  private var tally: [TestOutcome: Int] = [:]
  /// Each suite in which a test failed, and each that is around one of these.
  private var redSuites: Set<[String]> = []
  /// How many of the tests stand for a file that could not be run.
  private(set) var files = 0

  init(_ format: TestFormat, trust: TestTrust = .text) {
    self.format = format
    self.trust = trust
  }

  /// The line that is being read belongs to the run.
  mutating func see() {
    guard now > 0 else { return }
    span = min(span?.lowerBound ?? now, now)...max(span?.upperBound ?? now, now)
  }

  private mutating func place(of identity: TestIdentity) -> Int? {
    see()
    if let place = places[identity] { return place }
    guard tests.count < Self.mostTests else {
      let limit = TestDoubt.limit("there are more than \(Self.mostTests) tests")
      if doubts.last != limit { doubts.append(limit) }
      return nil
    }
    places[identity] = tests.count
    if identity.name == "(file)" { files += 1 }
    tests.append(TestResult(identity: identity, outcome: .unfinished))
    return tests.count - 1
  }

  func contains(_ identity: TestIdentity) -> Bool { places[identity] != nil }

  func outcome(of identity: TestIdentity) -> TestOutcome? { places[identity].map { tests[$0].outcome } }

  /// Whether a test failed that belongs to this suite or to one in it; what was begun and never ended is not counted.
  func hasRed(below suite: [String]) -> Bool { redSuites.contains(suite) }

  private mutating func noteRed(_ identity: TestIdentity) {
    // Where one is known those around it are too.
    var suite = identity.suite
    while redSuites.insert(suite).inserted, !suite.isEmpty { suite.removeLast() }
  }

  /// How many endings were read with this outcome.
  func count(_ outcome: TestOutcome) -> Int { tally[outcome] ?? 0 }

  /// The test has begun; until its end is read it counts as unfinished.
  mutating func start(_ identity: TestIdentity) {
    if place(of: identity) != nil { open[identity, default: 0] += 1 }
  }

  /// A test that was begun has ended, where the runner prints both: a good ending of one that is not running is no
  /// ending of it but a line that something else has printed.
  mutating func end(_ identity: TestIdentity, _ outcome: TestOutcome, duration: Duration? = nil) {
    if let count = open[identity], count > 0 {
      open[identity] = count - 1
    } else if !outcome.isRed {
      return doubt(.stray(identity))
    }
    record(identity, outcome, duration: duration)
  }

  /// Whether the test has begun and not ended.
  func isRunning(_ identity: TestIdentity) -> Bool { (open[identity] ?? 0) > 0 }

  /// The test has ended.
  ///
  /// Where the runner said that it tries the test again after what came before, the last ending counts, otherwise the
  /// worst.
  mutating func record(
    _ identity: TestIdentity, _ outcome: TestOutcome, duration: Duration? = nil, isRetry: Bool = false
  ) {
    guard let place = place(of: identity) else { return }
    if isRetry, let last = tests[place].attempts.last {
      tally[last, default: 0] -= 1
      tests[place].wasRetried = true
    }
    tally[outcome, default: 0] += 1
    if outcome.isRed { noteRed(identity) }
    let isFirst = tests[place].attempts.isEmpty
    if tests[place].attempts.count < Self.mostAttempts { tests[place].attempts.append(outcome) }
    if isFirst || isRetry || outcome.severity > tests[place].outcome.severity { tests[place].outcome = outcome }
    if let duration { tests[place].duration = duration }
  }

  /// The test went on to fail behind an ending that was read, and the runner counts both.
  mutating func add(_ identity: TestIdentity, _ outcome: TestOutcome) {
    guard let place = place(of: identity) else { return }
    tally[outcome, default: 0] += 1
    if outcome.isRed { noteRed(identity) }
    _ = tests[place].attempts.popLast()
    tests[place].attempts.append(outcome)
    tests[place].outcome = outcome
  }

  /// The test was run again and had first ended so, in this order.
  mutating func retried(_ identity: TestIdentity, after outcomes: [TestOutcome]) {
    guard !outcomes.isEmpty, let place = place(of: identity) else { return }
    let room = max(0, Self.mostAttempts - tests[place].attempts.count)
    tests[place].attempts.insert(contentsOf: outcomes.prefix(room), at: 0)
    tests[place].wasRetried = true
  }

  /// Another run of the same runner is read as a part of this one, because there are too many to keep them apart.
  mutating func carryOn() {
    doubt(.limit("there are more than \(Self.mostRuns) runs of \(format.rawValue)"))
    claimed = nil
    ending = .cut
  }

  /// Takes the ending of a test back: nothing says any more how it ended.
  mutating func unsettle(_ identity: TestIdentity) {
    guard let place = places[identity], let last = tests[place].attempts.popLast() else { return }
    tally[last, default: 0] -= 1
    tests[place].outcome = .unfinished
  }

  /// Adds a line to what is said about a test.
  mutating func explain(_ identity: TestIdentity, _ line: Bytes) {
    guard let place = places[identity] else { return }
    see()
    let used = tests[place].message.count
    guard used < Self.longestMessage else { return }
    if used > 0 { tests[place].message.append(10) }
    tests[place].message += line.prefix(Self.longestMessage - used)
  }

  /// Adds lines to what is said about a test, where nothing was said yet.
  mutating func explain(_ identity: TestIdentity, lines: [Bytes]) {
    for line in lines { explain(identity, line) }
  }

  mutating func setDuration(_ identity: TestIdentity, _ duration: Duration?) {
    guard let place = places[identity], let duration else { return }
    tests[place].duration = duration
  }

  mutating func doubt(_ doubt: TestDoubt) {
    if doubts.count < 100, !doubts.contains(doubt) { doubts.append(doubt) }
  }

  /// The run, with its sums held against what was read.
  consuming func finished(file: [UInt8]? = nil) -> TestRun {
    for place in tests.indices {
      // What passed needs no message; what a test printed is nothing that its runner says about it.
      if tests[place].outcome == .passed, !tests[place].wasRetried { tests[place].message = [] }
      while let last = tests[place].message.last, last == 10 || last == 0x20 { tests[place].message.removeLast() }
      tests[place].frames = Frames.find(in: tests[place].message)
      if tests[place].attempts.count > 1, !tests[place].wasRetried, Set(tests[place].attempts).count > 1 {
        doubt(.conflicting(tests[place].identity))
      }
    }
    let unnamed = compareCounts()
    return TestRun(
      format: format, trust: trust, file: file, lines: span, tests: tests, claimed: claimed, unnamed: unnamed,
      ending: ending, doubts: doubts)
  }

  /// Compares the runner's sums with what was read; gives what only the sums have.
  private mutating func compareCounts() -> TestCounts {
    var unnamed = TestCounts()
    guard let claimed else { return unnamed }
    let unfinished = tests.count { $0.attempts.isEmpty }
    func check(_ what: String, _ claim: Int?, _ read: Int) -> Int? {
      guard let claim else { return nil }
      if namesAll ? claim != read : claim < read {
        doubts.append(.count(what: what, claimed: claim, read: read))
      }
      return namesAll || claim <= read ? nil : claim - read
    }
    let errored = claimed.errored == nil ? count(.errored) : 0
    let expected = claimed.expectedFailures == nil ? count(.expectedFailure) : 0
    let surprises = claimed.unexpectedSuccesses == nil ? count(.unexpectedSuccess) : 0
    unnamed.passed = check("passed", claimed.passed, count(.passed) + surprises)
    // A test that never ended is one that most runners count as failed.
    let failed = count(.failed) + errored
    unnamed.failed = check(
      "failed", claimed.failed, claimed.failed == failed + unfinished ? failed + unfinished : failed)
    unnamed.errored = check("errored", claimed.errored, count(.errored))
    unnamed.skipped = check("skipped", claimed.skipped, count(.skipped) + expected)
    unnamed.expectedFailures = check("expected failures", claimed.expectedFailures, count(.expectedFailure))
    unnamed.unexpectedSuccesses = check(
      "unexpected successes", claimed.unexpectedSuccesses, count(.unexpectedSuccess))
    let read = tally.values.reduce(0, +)
    unnamed.total = check("tests", claimed.total, claimed.total == read + unfinished ? read + unfinished : read)
    return unnamed
  }
}

/// Reads the results of one runner out of an output, line by line.
protocol LogReader {
  init()
  var run: RunBuilder { get set }
  /// Runs that were closed before the one that is being read.
  var earlier: [RunBuilder] { get set }
  /// What could not be built.
  var builds: [BuildFailure] { get set }
  /// Reads one line without its end.
  mutating func read(_ line: Bytes)
  /// The output is at its end.
  mutating func close()
}

extension LogReader {
  mutating func close() {}

  /// Begins another run of the same runner.
  mutating func beginRun() {
    let now = run.now
    let fresh = Self()
    if run.isRecognised {
      guard earlier.count < RunBuilder.mostRuns else { return run.carryOn() }
      earlier.append(run)
    }
    run = fresh.run
    run.now = now
  }
}
