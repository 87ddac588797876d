internal import Base

/// Groups that are known by their indentation alone.
struct IndentedGroups {
  private var stack: [(indent: Int, name: String)] = []

  /// The names above this indentation.
  mutating func path(at indent: Int) -> [String] {
    while let last = stack.last, last.indent >= indent { stack.removeLast() }
    return stack.map(\.name)
  }

  mutating func open(_ name: String, at indent: Int) {
    _ = path(at: indent)
    if stack.count < 200 { stack.append((indent, name)) }
  }

  /// Whether a group of this name stands open at this indentation.
  func isOpen(_ name: String, at indent: Int) -> Bool { stack.contains { $0.indent == indent && $0.name == name } }

  mutating func removeAll() { stack.removeAll() }
}

extension Bytes {
  /// Without a duration in parentheses at its end, and that duration.
  var withoutDuration: (Bytes, Duration?) {
    guard last == UInt8(ascii: ")"), let (name, time) = splitLast(at: " ("),
      let duration = DurationText.parse(time.dropLast()), time.first.map({ $0 &- 0x30 < 10 }) ?? false
    else { return (self, nil) }
    return (name, duration)
  }

  /// What follows the first of several marks.
  func afterAny(_ marks: [String]) -> Bytes? {
    for mark in marks { if let rest = after(mark) { return rest } }
    return nil
  }
}

/// Reads the `spec` reporter of Node's own runner.
struct NodeReader: LogReader {
  var run = RunBuilder(.node)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var groups = IndentedGroups()
  private var detail: (identity: TestIdentity, indent: Int)?
  private var claims = TestCounts()
  private var isClosing = false
  private var sums = 0

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if let rest = line.after("ℹ ") { return readSum(rest) }
    if line.hasPrefix("✖ failing tests:") {
      isClosing = true
      return
    }
    guard !isClosing else { return }
    let indent = line.indentation
    let text = line[(line.startIndex + indent)...]
    guard indent % 2 == 0, indent <= 400 else { return explain(line, indent) }
    if let rest = text.after("▶ ") {
      let (name, duration) = rest.withoutDuration
      // Older versions close a group with the sign that opens it.
      if duration == nil || !groups.isOpen(name.name, at: indent) { groups.open(rest.name, at: indent) }
      detail = nil
      return run.see()
    }
    for (mark, isGood) in [("✔ ", true), ("✖ ", false), ("﹣ ", true), ("⚠ ", false)] {
      guard let rest = text.after(mark) else { continue }
      return readTest(rest, mark: mark, isGood: isGood, indent)
    }
    explain(line, indent)
  }

  private mutating func readTest(_ rest: Bytes, mark: String, isGood: Bool, _ indent: Int) {
    var text = rest
    var directive: Bytes?
    // The directive stands behind the duration, so a '#' in the name is none.
    if let index = rest.lastIndex(ofText: "ms) # ") { (text, directive) = (rest[..<(index + 3)], rest[(index + 6)...]) }
    let (name, duration) = text.withoutDuration
    guard duration != nil else { return explain(rest, indent) }
    let isGroup = groups.isOpen(name.name, at: indent)
    let identity = TestIdentity(suite: groups.path(at: indent), name: name.name)
    detail = nil
    if isGroup {
      // A group's own verdict follows from those in it, but where something of its own failed.
      let path = identity.suite + [identity.name]
      if isGood || directive != nil || run.hasRed(below: path) { return run.see() }
    }
    let outcome: TestOutcome =
      switch mark {
      case "﹣ ": .skipped
      case "⚠ ": .expectedFailure
      default: directive == nil ? (isGood ? .passed : .failed) : (isGood ? .unexpectedSuccess : .expectedFailure)
      }
    run.record(identity, outcome, duration: duration)
    if outcome.isRed { detail = (identity, indent) }
  }

  private mutating func explain(_ line: Bytes, _ indent: Int) {
    if let detail, indent > detail.indent || line.isEmpty { run.explain(detail.identity, line) }
  }

  private mutating func readSum(_ rest: Bytes) {
    let words = rest.words
    guard words.count == 2, let number = words[1].integer else {
      if words.first.map({ $0.elementsEqual("duration_ms".utf8) }) ?? false, sums >= 4 {
        run.isRecognised = true
        run.claimed = claims
        run.ending = .complete
        run.see()
      }
      return
    }
    sums += 1
    switch String(decoding: words[0], as: UTF8.self) {
    case "tests": claims = TestCounts()
    case "pass": claims.passed = number
    case "fail", "cancelled": claims.failed = (claims.failed ?? 0) + number
    case "skipped": claims.skipped = number
    // Those that failed and those that passed are counted together, and with no others.
    case "todo":
      claims.expectedFailures = run.count(.expectedFailure)
      claims.unexpectedSuccesses = run.count(.unexpectedSuccess)
    case "suites": break
    default: sums -= 1
    }
  }
}

/// Reads mocha's `spec` reporter, and the list of failures that its other reporters for people end with.
struct MochaReader: LogReader {
  var run = RunBuilder(.mocha)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var groups = IndentedGroups()
  private var claims: TestCounts?
  private var pending: [(identity: TestIdentity, number: Int)] = []
  private var titles: [String] = []
  private var isTitle = false
  private var detail: TestIdentity?
  private var failures = 0

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    let indent = line.indentation
    let text = line[(line.startIndex + indent)...]
    if indent == 2, readSum(text) { return }
    if claims != nil { return readFailures(line, text, indent) }
    guard indent >= 2, indent % 2 == 0, !text.isEmpty else { return }
    if let rest = text.afterAny(["✔ ", "✓ ", "√ "]) {
      let (name, duration) = rest.withoutDuration
      return run.record(TestIdentity(suite: groups.path(at: indent), name: name.name), .passed, duration: duration)
    }
    if let rest = text.after("- ") {
      return run.record(TestIdentity(suite: groups.path(at: indent), name: rest.name), .skipped)
    }
    if let (number, rest) = text.leadingInteger, let name = rest.after(") "), number == failures + 1 {
      failures = number
      let identity = TestIdentity(suite: groups.path(at: indent), name: name.name)
      run.record(identity, .failed)
      pending.append((identity, number))
      return
    }
    groups.open(text.name, at: indent)
  }

  private mutating func readSum(_ text: Bytes) -> Bool {
    guard let (number, rest) = text.leadingInteger else { return false }
    if rest.hasPrefix(" passing ("), rest.hasSuffix(")") {
      // The last such line is mocha's own; what was taken for sums before was printed by a test.
      if claims != nil { groups.removeAll() }
      claims = TestCounts(passed: number, failed: 0, skipped: 0)
      run.isRecognised = true
      run.ending = .complete
      run.see()
    } else if claims != nil, rest.elementsEqual(" pending".utf8) {
      claims?.skipped = number
    } else if claims != nil, rest.elementsEqual(" failing".utf8) {
      claims?.failed = number
    } else {
      return false
    }
    run.claimed = claims
    return true
  }

  /// Behind the sums each failure has its number, the names of its groups, each further in, and its words.
  private mutating func readFailures(_ line: Bytes, _ text: Bytes, _ indent: Int) {
    if indent == 2, let (_, rest) = text.leadingInteger, let name = rest.after(") ") {
      titles = [name.before(":").map(\.name) ?? name.name]
      isTitle = !name.hasSuffix(":")
      detail = nil
      if !isTitle { settle() }
    } else if isTitle, indent >= 5 {
      titles.append(text.before(":").map(\.name) ?? text.name)
      if text.hasSuffix(":") { settle() }
    } else if let detail {
      run.explain(detail, line)
    } else if !isTitle {
      // What was taken for the sums was printed by a test, and the tree goes on.
      if let rest = text.afterAny(["✔ ", "✓ ", "√ "]), indent >= 2 {
        let (name, duration) = rest.withoutDuration
        run.record(TestIdentity(suite: groups.path(at: indent), name: name.name), .passed, duration: duration)
      } else if indent >= 2, let (number, rest) = text.leadingInteger, let name = rest.after(") "),
        number == failures + 1
      {
        failures = number
        run.record(TestIdentity(suite: groups.path(at: indent), name: name.name), .failed)
      } else if indent >= 2, !text.isEmpty {
        groups.open(text.name, at: indent)
      }
    }
  }

  private mutating func settle() {
    isTitle = false
    guard let name = titles.popLast() else { return }
    let identity = TestIdentity(suite: titles, name: name)
    if run.outcome(of: identity).map({ !$0.isRed }) ?? true { run.record(identity, .failed) }
    detail = identity
  }
}

/// Reads what Jest prints, with and without `--verbose`.
struct JestReader: LogReader {
  var run = RunBuilder(.jest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var groups = IndentedGroups()
  private var file: String?
  private var detail: TestIdentity?
  private var isSummary = false

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if line.hasPrefix("Summary of all failing tests") {
      isSummary = true
      detail = nil
      return
    }
    for (word, isGood) in [("PASS ", true), ("FAIL ", false)] {
      guard let rest = line.after(word) else { continue }
      let (name, _) = rest.trimmed.withoutDuration
      guard name.contains(UInt8(ascii: ".")) else { continue }
      file = name.name
      groups.removeAll()
      detail = nil
      if !isGood { failedFiles.insert(name.name) }
      return run.see()
    }
    if line.hasPrefix("Tests: "), readSum(line) { return }
    if line.hasPrefix("Test Suites: ") { run.see() }
    guard let file else { return }
    let indent = line.indentation
    let text = line[(line.startIndex + indent)...]
    if indent == 2, let title = text.after("● ") { return readTitle(title, file) }
    if detail != nil, !line.hasPrefix("Test Suites: "), !line.hasPrefix("Snapshots: "), !line.hasPrefix("Time: ") {
      if let detail { run.explain(detail, line) }
      return
    }
    guard indent >= 2, !isSummary else { return }
    let marks: [([String], TestOutcome)] = [
      (["✓ ", "√ "], .passed), (["✕ ", "× "], .failed), (["○ skipped ", "○ "], .skipped), (["✎ todo "], .skipped),
    ]
    for (signs, outcome) in marks {
      guard let rest = text.afterAny(signs) else { continue }
      let (name, duration) = rest.withoutDuration
      return run.record(
        TestIdentity(suite: [file] + groups.path(at: indent), name: name.name), outcome, duration: duration)
    }
    if !text.isEmpty { groups.open(text.name, at: indent) }
  }

  private var failedFiles: Set<String> = []

  private mutating func readTitle(_ title: Bytes, _ file: String) {
    if title.hasPrefix("Test suite failed to run") {
      let identity = TestIdentity(suite: [file], name: "(file)")
      if !run.contains(identity) { run.record(identity, .errored) }
      return detail = identity
    }
    if title.hasPrefix("Console") { return detail = nil }
    var path: [String] = []
    var rest = title
    while let (part, tail) = rest.split(at: " › ") {
      path.append(part.name)
      rest = tail
    }
    let identity = TestIdentity(suite: [file] + path, name: rest.trimmed.name)
    if let known = run.outcome(of: identity), known.isRed {
      detail = isSummary ? nil : identity
      return
    }
    run.record(identity, .failed)
    detail = identity
  }

  /// `Tests:       1 failed, 1 skipped, 2 passed, 4 total`.
  private mutating func readSum(_ line: Bytes) -> Bool {
    var counts = TestCounts(passed: 0, failed: 0, skipped: 0)
    var hasTotal = false
    for part in line.dropFirst(6).split(separator: UInt8(ascii: ",")) {
      guard let (number, word) = Bytes(part).trimmed.leadingInteger else { return false }
      switch String(decoding: word.trimmed, as: UTF8.self) {
      case "passed": counts.passed = number
      case "failed": counts.failed = number
      case "skipped", "todo": counts.skipped = (counts.skipped ?? 0) + number
      case "total": hasTotal = true
      default: return false
      }
    }
    guard hasTotal else { return false }
    // A file that could not be run is no test in the sums.
    counts.failed = (counts.failed ?? 0) + run.files
    run.isRecognised = true
    run.claimed = counts
    run.ending = .complete
    detail = nil
    run.see()
    return true
  }
}

/// Reads what Vitest prints with its default and its verbose reporter.
struct VitestReader: LogReader {
  var run = RunBuilder(.vitest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var file: String?
  private var detail: TestIdentity?
  private var isFailures = false

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    let text = line.trimmed
    if text.hasPrefix("RUN  v") || text.hasPrefix("DEV  v") {
      beginRun()
      (file, detail, isFailures) = (nil, nil, false)
      run.isRecognised = true
      return run.see()
    }
    guard run.isRecognised else { return }
    if text.hasPrefix("⎯⎯") {
      if text.contains(text: " Failed Tests ") || text.contains(text: " Failed Suites ") { isFailures = true }
      return detail = nil
    }
    if text.hasPrefix("Tests  "), line.first == 0x20, readSum(text) { return }
    if isFailures { return readFailure(line, text) }
    guard line.first == 0x20 else { return }
    readProgress(line, text)
  }

  private mutating func readProgress(_ line: Bytes, _ text: Bytes) {
    let marks: [([String], TestOutcome)] = [
      (["✓ ", "√ "], .passed), (["× ", "✗ "], .failed), (["↓ "], .skipped), (["❯ "], .unfinished),
    ]
    for (signs, outcome) in marks {
      guard let rest = text.afterAny(signs) else { continue }
      let (name, duration) = Self.withoutTime(rest)
      if name.contains(text: " > ") || (line.indentation > 1 && file != nil) {
        guard outcome != .unfinished else { return }
        let identity = identity(name, isUnderFile: line.indentation > 1)
        return run.record(identity, outcome, duration: duration)
      }
      // A line for a file: its tests are below it where they are named at all.
      file = (name.splitLast(at: " (").map(\.0) ?? name).name
      return
    }
  }

  private func identity(_ name: Bytes, isUnderFile: Bool) -> TestIdentity {
    var path: [String] = isUnderFile ? file.map { [$0] } ?? [] : []
    var rest = name
    while let (part, tail) = rest.split(at: " > ") {
      path.append(part.name)
      rest = tail
    }
    return TestIdentity(suite: path, name: rest.trimmed.name)
  }

  private static func withoutTime(_ text: Bytes) -> (Bytes, Duration?) {
    guard let (name, time) = text.splitLast(at: " "), time.last == UInt8(ascii: "s"),
      time.first.map({ $0 &- 0x30 < 10 }) ?? false, let duration = DurationText.parse(time)
    else { return (text, nil) }
    return (name.trimmed, duration)
  }

  private mutating func readFailure(_ line: Bytes, _ text: Bytes) {
    if let rest = text.after("FAIL  "), line.first == 0x20 {
      let name = rest.split(at: " [ ").map(\.0) ?? rest
      guard name.contains(text: " > ") else {
        let identity = TestIdentity(suite: [name.trimmed.name], name: "(file)")
        run.record(identity, .errored)
        return detail = identity
      }
      let identity = identity(name, isUnderFile: false)
      if run.outcome(of: identity).map({ !$0.isRed }) ?? true { run.record(identity, .failed) }
      detail = identity
    } else if let detail {
      run.explain(detail, line)
    }
  }

  /// `Tests  1 failed | 4 passed | 1 skipped (6)`.
  private mutating func readSum(_ text: Bytes) -> Bool {
    guard let (sums, total) = text.dropFirst(5).trimmed.splitLast(at: " ("), total.before(")")?.integer != nil else {
      return false
    }
    var counts = TestCounts(passed: 0, failed: 0, skipped: 0)
    for part in sums.split(separator: UInt8(ascii: "|")) {
      guard let (number, word) = Bytes(part).trimmed.leadingInteger else { return false }
      switch String(decoding: word.trimmed, as: UTF8.self) {
      case "passed": counts.passed = number
      case "failed": counts.failed = number
      case "skipped", "todo": counts.skipped = (counts.skipped ?? 0) + number
      default: break
      }
    }
    counts.failed = (counts.failed ?? 0) + run.files
    run.claimed = counts
    run.ending = .complete
    run.see()
    return true
  }
}
