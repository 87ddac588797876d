internal import Base

/// Reads what pytest prints, in its short, long and quiet forms, alone and with workers (xdist).
struct PytestReader: LogReader {
  private enum Part { case progress, details, summary }
  private static let words: [(String, TestOutcome)] = [
    ("PASSED", .passed), ("FAILED", .failed), ("ERROR", .errored), ("SKIPPED", .skipped), ("XFAIL", .expectedFailure),
    ("XPASS", .unexpectedSuccess),
  ]

  var run = RunBuilder(.pytest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var part = Part.progress
  /// The test that is being run, by the line that a worker or a test with output of its own left open.
  private var current: TestIdentity?
  private var retrying: Set<TestIdentity> = []
  /// By worker the test that passed last, whose end can still fail.
  private var lastPassed: [String: TestIdentity] = [:]
  private var worker = ""
  private var isWorkersLine = false
  /// Whether the line ends with how far the run has come, and whether lines of this run do.
  private var isPercentLine = false
  private var hasPercent = false
  /// The blocks of details by their title, to be joined with the tests when their names are known.
  private var details: [(title: Bytes, lines: [Bytes])] = []
  private var isVerbose = false
  private var isTimedOut = false

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if let title = line.enclosed(by: "=", "="), title.contains(text: " test session starts ") {
      beginRun()
      part = .progress
      (current, lastPassed, worker, retrying, details, isVerbose) = (nil, [:], "", [], [], false)
      hasPercent = false
      run.isRecognised = true
      run.see()
      return
    }
    if readClosing(line) { return }
    if line.hasPrefix("==="), line.hasSuffix("===") {
      let title = line.drop { $0 == 0x3d }.trimmed
      if title.hasPrefix("ERRORS =") || title.hasPrefix("FAILURES =") {
        part = .details
        details.append((title[title.startIndex..<title.startIndex], []))
      }
      if title.hasPrefix("short test summary info =") { part = .summary }
      if title.hasPrefix("warnings summary") || title.hasPrefix("PASSES =") || title.hasPrefix("rerun test summary") {
        part = .details
        details.append((title[title.startIndex..<title.startIndex], []))
      }
      return
    }
    switch part {
    case .progress: readProgress(line)
    case .details: readDetail(line)
    case .summary: readSummary(line)
    }
  }

  // MARK: Progress

  private mutating func readProgress(_ line: Bytes) {
    isWorkersLine = line.hasPrefix("[gw")
    isPercentLine = isWorkersLine || line.hasSuffix("%]")
    guard run.isRecognised || looksLikeProgress(line) else { return }
    if line.hasPrefix("+++++") && line.contains(text: " Timeout ") {
      isTimedOut = true
      return run.see()
    }
    if line.hasPrefix("!!!!"), line.hasSuffix("!!!!") {
      run.ending = .stopped(line.drop { $0 == 0x21 }.dropLast(4).name)
      return run.see()
    }
    if line.hasPrefix("Fatal Python error: ") || line.contains(text: " Fatal Python error: ") {
      run.ending = .crashed(line.name)
    }
    // A worker's line has the word first: '[gw0] [ 33%] PASSED file::test'.
    if line.hasPrefix("[gw"), let (name, rest) = line.split(at: "] "), rest.hasPrefix("["),
      let (_, tail) = rest.split(at: "] ")
    {
      worker = name.dropFirst().name
      for (word, outcome) in Self.words {
        if let name = tail.after(word + " "), let identity = Self.identity(name.trimmed) {
          return record(identity, outcome)
        }
      }
      if let name = tail.after("RERUN "), let identity = Self.identity(name.trimmed) { return rerun(identity) }
      return
    }
    if let colons = line.firstIndex(ofText: "::"), colons > line.startIndex, line.first != 0x20, isPath(line[..<colons])
    {
      return readVerbose(line)
    }
    guard let current else { return }
    // With output of its own in between, the word stands at the beginning of a line, or behind that output.
    for (word, outcome) in Self.words {
      if let rest = line.after(word), rest.isEmpty || rest.first == 0x20, isVerdict(rest) {
        return record(current, outcome)
      }
      if line.hasSuffix("%]"), let (_, rest) = line.splitLast(at: word), isVerdict(rest) {
        return record(current, outcome)
      }
    }
    if line.hasPrefix("RERUN") { rerun(current) }
  }

  /// Quiet output has no heading; dots with a percentage are its own.
  private func looksLikeProgress(_ line: Bytes) -> Bool {
    line.hasSuffix("%]") || line.contains(text: "::")
  }

  private func isPath(_ path: Bytes) -> Bool {
    path.hasSuffix(".py") || path.hasSuffix(".txt") || path.hasSuffix(".rst") || path.hasSuffix(".md")
  }

  /// What follows a word of outcome: a reason in parentheses, a percentage, or nothing.
  private func isVerdict(_ rest: Bytes) -> Bool {
    let rest = rest.trimmed
    return rest.isEmpty || rest.hasPrefix("(") || (rest.hasPrefix("[") && rest.hasSuffix("]"))
  }

  private mutating func readVerbose(_ line: Bytes) {
    var best: (place: Int, word: String, outcome: TestOutcome)?
    for (word, outcome) in Self.words {
      // Parameters can hold such a word too, so the last place with a verdict behind it is the one.
      guard let (before, rest) = line.splitLast(at: " " + word), isVerdict(rest), before.endIndex > best?.place ?? 0
      else { continue }
      best = (before.endIndex, word, outcome)
    }
    if let (before, rest) = line.splitLast(at: " RERUN"), isVerdict(rest), let identity = Self.identity(before) {
      isVerbose = true
      return rerun(identity)
    }
    guard let best else {
      // Nothing yet but the name: the verdict comes on a later line.
      guard run.isRecognised, let identity = Self.identity(Self.leadingName(line)) else { return }
      if worker.isEmpty { lastPassed = [:] }
      isVerbose = true
      current = identity
      if run.outcome(of: identity) == nil { run.start(identity) }
      return
    }
    let name = line[..<best.place].trimmed
    isVerbose = true
    guard Self.leadingName(name).count == name.count else {
      // The test printed behind its name; whose word stands there is not known.
      current = Self.identity(Self.leadingName(name))
      if let current { run.start(current) }
      return
    }
    guard let identity = Self.identity(name) else { return }
    if worker.isEmpty { lastPassed = [:] }
    record(identity, best.outcome)
    // An outcome of the setup or the end comes on a line of its own.
    current = identity
  }

  /// The name at the beginning of the line: blanks are a part of it only inside of brackets.
  private static func leadingName(_ line: Bytes) -> Bytes {
    let blank = line.firstIndex(of: 0x20) ?? line.endIndex
    guard let bracket = line[..<blank].firstIndex(of: UInt8(ascii: "[")) else { return line[..<blank] }
    guard let end = line[bracket...].lastIndex(of: UInt8(ascii: "]")) else { return line[..<blank] }
    return line[...end]
  }

  private mutating func rerun(_ identity: TestIdentity) {
    run.record(identity, .failed, isRetry: retrying.contains(identity))
    retrying.insert(identity)
  }

  private mutating func record(_ identity: TestIdentity, _ outcome: TestOutcome) {
    if retrying.remove(identity) != nil { return run.record(identity, outcome, isRetry: true) }
    if let known = run.outcome(of: identity), known != .unfinished {
      // Only an error at the end of a test comes behind its outcome; pytest counts both.
      if outcome == .errored, known != .errored { return run.add(identity, .errored) }
      if known == outcome { return }
      // What is worse is believed in any case: the better word may have been printed by the test.
      return outcome.severity > known.severity ? run.record(identity, outcome) : run.doubt(.stray(identity))
    }
    // Alone, tests run one after the other; with workers, only a worker's line tells how one ended.
    let isLate = worker.isEmpty && identity != current && run.contains(identity)
    if !outcome.isRed, isLate || (!worker.isEmpty && !isWorkersLine) || (hasPercent && !isPercentLine) {
      return run.doubt(.stray(identity))
    }
    if isPercentLine { hasPercent = true }
    run.record(identity, outcome)
    lastPassed[worker] = outcome == .passed ? identity : nil
  }

  /// `tests/test_a.py::TestB::test_c[x::y]` as file, classes and name.
  static func identity(_ name: Bytes) -> TestIdentity? {
    guard let (file, rest) = name.split(at: "::"), !rest.isEmpty else { return nil }
    let bracket = rest.firstIndex(of: UInt8(ascii: "[")) ?? rest.endIndex
    var suite = [file.name]
    var tail = rest
    while let index = tail[..<bracket].firstIndex(ofText: "::") {
      suite.append(tail[..<index].name)
      tail = tail[(index + 2)...]
    }
    return TestIdentity(suite: suite, name: tail.name)
  }

  // MARK: Details

  private mutating func readDetail(_ line: Bytes) {
    if line.hasPrefix("!!!!"), line.hasSuffix("!!!!") {
      run.ending = .stopped(line.drop { $0 == 0x21 }.split(at: " !!").map { $0.0.trimmed.name } ?? line.name)
      return
    }
    if line.hasPrefix("__"), line.hasSuffix("__"), !line.allSatisfy({ $0 == 0x5f || $0 == 0x20 }) {
      var title = line.drop { $0 == 0x5f }
      while title.last == 0x5f { title.removeLast() }
      details.append((title.trimmed, []))
    } else if !details.isEmpty, details[details.count - 1].lines.count < 400 {
      details[details.count - 1].lines.append(line)
    }
  }

  private mutating func readSummary(_ line: Bytes) {
    if line.hasPrefix("!!!!"), line.hasSuffix("!!!!") {
      run.ending = .stopped(line.drop { $0 == 0x21 }.split(at: " !!").map { $0.0.trimmed.name } ?? line.name)
      return
    }
    for (word, outcome) in Self.words {
      guard let rest = line.after(word + " ") else { continue }
      let name = Self.nameInSummary(rest)
      if let identity = Self.identity(name) {
        // The list at the end is pytest's last word: what is red there is red.
        if outcome.isRed, let known = run.outcome(of: identity), !known.isRed { run.record(identity, outcome) }
        if run.outcome(of: identity).map({ $0 == .unfinished || !isVerbose }) ?? true, !isVerbose || outcome.isRed {
          run.record(identity, outcome)
        }
        if outcome.isRed, let (_, reason) = rest.split(at: " - "), run.contains(identity) {
          explainLater.append((identity, reason))
        }
      } else if outcome == .errored, isPath(name) {
        let identity = TestIdentity(suite: [name.name], name: "(collection)")
        run.record(identity, .errored)
        builds.append(BuildFailure(unit: name.name))
      }
      return
    }
  }

  private var explainLater: [(TestIdentity, Bytes)] = []

  /// The test of a line `name - reason`; the name itself can hold blanks and dashes inside of brackets.
  private static func nameInSummary(_ rest: Bytes) -> Bytes {
    if let bracket = rest.firstIndex(of: UInt8(ascii: "[")), let (_, _) = rest[..<bracket].split(at: "::"),
      !rest[..<bracket].contains(0x20)
    {
      if let end = rest[bracket...].firstIndex(ofText: "] - ") { return rest[...end] }
      return rest
    }
    return rest.split(at: " - ").map(\.0) ?? rest
  }

  // MARK: The end

  /// `== 1 failed, 2 passed in 0.05s ==`, without the signs where pytest is quiet.
  private mutating func readClosing(_ line: Bytes) -> Bool {
    let text = (line.first == 0x3d ? line.enclosed(by: "=", "=") ?? line : line)
    let bare = text.drop { $0 == 0x3d }.trimmed
    guard line.first == 0x3d || run.isRecognised || part != .progress || run.span != nil || !details.isEmpty,
      let (counts, time) = bare.splitLast(at: " in "),
      time.first.map({ $0 &- 0x30 < 10 }) ?? false, let claimed = Self.counts(counts)
    else { return false }
    // Before the end a line of this form can only be printed by a test; the last one counts.
    run.isRecognised = true
    run.claimed = claimed
    if case .stopped = run.ending {} else { run.ending = .complete }
    run.see()
    return true
  }

  static func counts(_ text: Bytes) -> TestCounts? {
    if text.trimmed.elementsEqual("no tests ran".utf8) { return TestCounts(total: 0, passed: 0) }
    var counts = TestCounts(
      passed: 0, failed: 0, errored: 0, skipped: 0, expectedFailures: 0, unexpectedSuccesses: 0)
    for part in text.split(separator: UInt8(ascii: ",")) {
      guard let (number, word) = part.trimmed.leadingInteger else { return nil }
      switch String(decoding: word.trimmed, as: UTF8.self) {
      case "passed": counts.passed = number
      case "failed": counts.failed = number
      case "error", "errors": counts.errored = number
      case "skipped": counts.skipped = number
      case "xfailed": counts.expectedFailures = number
      case "xpassed": counts.unexpectedSuccesses = number
      case "warning", "warnings", "deselected", "rerun", "subtests passed": break
      default: return nil
      }
    }
    return counts
  }

  mutating func close() {
    // With a line for each test the sums have to fit exactly.
    run.namesAll = isVerbose
    if run.ending == .cut {
      // What comes behind a success can still be an error at the test's end.
      for identity in lastPassed.values where run.outcome(of: identity) == .passed { run.unsettle(identity) }
      if isTimedOut { run.ending = .timedOut }
    }
    for (title, lines) in details where !title.isEmpty { explain(title, lines) }
    for (identity, reason) in explainLater where !explained.contains(identity) { run.explain(identity, reason) }
  }

  private var explained: Set<TestIdentity> = []

  private mutating func explain(_ title: Bytes, _ lines: [Bytes]) {
    var name = title
    for prefix in ["ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting "] {
      if let rest = name.after(prefix) { name = rest }
    }
    if title.hasPrefix("ERROR collecting ") {
      let identity = TestIdentity(suite: [name.name], name: "(collection)")
      if run.contains(identity) {
        run.explain(identity, lines: lines)
        explained.insert(identity)
      }
      return
    }
    guard let identity = redByTitle[name.name]?.last else { return }
    run.explain(identity, lines: lines)
    if !title.hasPrefix("ERROR at teardown") || run.outcome(of: identity) == .errored {
      explained.insert(identity)
      redByTitle[name.name]?.removeLast()
    }
  }

  /// The red tests that have no details yet by the name that stands over these, classes and name with dots between,
  /// the next one last.
  private lazy var redByTitle: [String: [TestIdentity]] = {
    var titles: [String: [TestIdentity]] = [:]
    for test in run.tests.reversed() where test.outcome.isRed {
      titles[(test.identity.suite.dropFirst() + [test.identity.name]).joined(separator: "."), default: []]
        .append(test.identity)
    }
    return titles
  }()
}
