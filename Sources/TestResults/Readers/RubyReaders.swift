internal import Base

/// Reads what RSpec prints, with dots and as documentation.
struct RSpecReader: LogReader {
  private enum Part { case tree, pending, failures, failed }

  var run = RunBuilder(.rspec)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var part = Part.tree
  private var groups = IndentedGroups()
  private var detail: (title: Bytes, lines: [Bytes])?
  private var details: [(title: Bytes, lines: [Bytes])] = []
  private var tree: [(TestIdentity, TestOutcome, Int)] = []
  private var hasLoadError = false

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if line.elementsEqual("Failures:".utf8) { return enter(.failures) }
    if line.hasPrefix("Pending: (Failures listed here") { return enter(.pending) }
    if line.elementsEqual("Failed examples:".utf8) { return enter(.failed) }
    if line.hasPrefix("An error occurred while loading ") {
      hasLoadError = true
      run.see()
    }
    if readSum(line) { return }
    switch part {
    case .tree: readTree(line)
    case .pending, .failures: readDetail(line)
    case .failed: readFailed(line)
    }
  }

  private mutating func enter(_ part: Part) {
    closeDetail()
    self.part = part
    run.see()
  }

  private mutating func readTree(_ line: Bytes) {
    guard !line.isEmpty else { return groups.removeAll() }
    let indent = line.indentation
    guard indent % 2 == 0, tree.count < 1_000_000 else { return }
    let text = line[(line.startIndex + indent)...]
    if let (name, tail) = text.splitLast(at: " (FAILED - "), tail.before(")")?.integer != nil {
      return tree.append((TestIdentity(suite: groups.path(at: indent), name: name.name), .failed, run.now))
    }
    if let (name, tail) = text.split(at: " (PENDING: "), tail.hasSuffix(")") {
      return tree.append((TestIdentity(suite: groups.path(at: indent), name: name.name), .skipped, run.now))
    }
    // A line without a mark is a group or what passed; which one, the next line's indentation tells.
    groups.open(text.name, at: indent)
  }

  private mutating func readDetail(_ line: Bytes) {
    if line.hasPrefix("  "), line.indentation <= 4, let (_, rest) = line.trimmed.leadingInteger,
      let title = rest.after(") ")
    {
      closeDetail()
      detail = (title, [])
    } else if line.hasPrefix("Finished in ") {
      closeDetail()
    } else if (detail?.lines.count ?? 400) < 400 {
      detail?.lines.append(line)
    }
  }

  private mutating func closeDetail() {
    if let detail {
      if part == .failures {
        // Of those with one title the first is meant.
        for title in [detail.title, detail.title.before(" FIXED")].compactMap({ $0 }) where detailByTitle[title] == nil
        {
          detailByTitle[title] = details.count
        }
        details.append(detail)
      } else if part == .pending {
        pending.append(detail.title)
      }
    }
    detail = nil
  }

  private var pending: [Bytes] = []
  private var detailByTitle: [Bytes: Int] = [:]

  /// `rspec ./spec/shop_spec.rb:3 # Shop differs`.
  private mutating func readFailed(_ line: Bytes) {
    guard let rest = line.after("rspec "), let (place, title) = rest.split(at: " # ") else { return }
    let file = place.after("'") ?? place
    let path = file.splitLast(at: ":").map(\.0) ?? file.split(at: "[").map(\.0) ?? file
    let identity = TestIdentity(suite: [path.name], name: title.name)
    run.record(identity, .failed)
    if let index = detailByTitle[title] { run.explain(identity, lines: details[index].lines) }
  }

  /// `9 examples, 3 failures, 3 pending`.
  private mutating func readSum(_ line: Bytes) -> Bool {
    guard let (total, rest) = line.leadingInteger, rest.hasPrefix(" example"),
      let (_, sums) = rest.split(at: ", ")
    else { return false }
    var counts = TestCounts(passed: 0, failed: 0, errored: 0, skipped: 0)
    for part in sums.split(separator: UInt8(ascii: ",")) {
      guard let (number, word) = Bytes(part).trimmed.leadingInteger else { return false }
      if word.hasPrefix(" failure") { counts.failed = number }
      if word.hasPrefix(" pending") { counts.skipped = number }
      if word.hasPrefix(" error") { counts.errored = number }
    }
    let failed = counts.failed ?? 0
    counts.passed = max(0, total - failed - (counts.skipped ?? 0))
    run.isRecognised = true
    run.claimed = counts
    run.ending = (counts.errored ?? 0) > 0 ? .stopped("an error outside of examples") : .complete
    run.see()
    return true
  }

  mutating func close() {
    closeDetail()
    // Without the list of commands at the end the failures have no file; the tree's own names are used.
    guard run.tests.isEmpty else {
      run.namesAll = false
      return
    }
    for (identity, outcome, line) in tree {
      run.now = line
      run.record(identity, outcome)
    }
    var byName: [String: TestIdentity] = [:]
    for test in run.tests {
      let name = (test.identity.suite + [test.identity.name]).joined(separator: " ")
      if byName[name] == nil { byName[name] = test.identity }
    }
    for (title, lines) in details {
      let name = (title.before(" FIXED") ?? title).name
      if let identity = byName[name] {
        run.explain(identity, lines: lines)
      } else if tree.isEmpty {
        let identity = TestIdentity(suite: [], name: name)
        byName[name] = identity
        run.record(identity, .failed)
        run.explain(identity, lines: lines)
      }
    }
    _ = hasLoadError
  }
}

/// Reads what minitest prints, with dots and with `-v`.
struct MinitestReader: LogReader {
  var run = RunBuilder(.minitest)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var detail: TestIdentity?
  private var awaiting: TestOutcome?
  private var isDetails = false

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if line.hasPrefix("Run options: ") || line.elementsEqual("# Running:".utf8) {
      if run.claimed != nil { beginRun() }
      run.isRecognised = true
      isDetails = false
      return run.see()
    }
    guard run.isRecognised else { return }
    if line.hasPrefix("Finished in "), line.contains(text: " runs/s") {
      isDetails = true
      return run.see()
    }
    if isDetails {
      if readSum(line) { return }
      return readDetail(line)
    }
    readVerbose(line)
  }

  /// `ShopTest#test_differs = 0.00 s = F`.
  private mutating func readVerbose(_ line: Bytes) {
    guard let (before, mark) = line.splitLast(at: " s = ") ?? nil, mark.count == 1 else {
      // A test that prints leaves its own line open.
      if let name = line.split(at: " = ")?.0, let identity = Self.identity(name) { open = identity }
      return
    }
    let outcome: TestOutcome
    switch mark.first {
    case UInt8(ascii: "."): outcome = .passed
    case UInt8(ascii: "F"): outcome = .failed
    case UInt8(ascii: "E"): outcome = .errored
    case UInt8(ascii: "S"): outcome = .skipped
    default: return
    }
    if let (name, time) = before.splitLast(at: " = "), let duration = DurationText.parse(time) {
      // With output before it on the same line there is more than one name; none of them is sure.
      if name.contains(text: " = ") {
        if let first = name.split(at: " = ")?.0, let identity = Self.identity(first) { open = identity }
        return
      }
      if let identity = Self.identity(name) { run.record(identity, outcome, duration: duration) }
    } else if let open, let duration = DurationText.parse(before) {
      run.record(open, outcome, duration: duration)
      self.open = nil
    }
  }

  private var open: TestIdentity?

  private static func identity(_ name: Bytes) -> TestIdentity? {
    guard let (type, method) = name.split(at: "#"), !type.isEmpty, !method.isEmpty, !type.contains(0x20) else {
      return nil
    }
    return TestIdentity(suite: [type.name], name: method.name)
  }

  private mutating func readDetail(_ line: Bytes) {
    if let (_, rest) = line.trimmed.leadingInteger, line.hasPrefix("  "), line.indentation < 5 {
      for (word, outcome) in [
        (") Failure:", TestOutcome.failed), (") Error:", .errored), (") Skipped:", .skipped),
      ] where rest.elementsEqual(word.utf8) {
        awaiting = outcome
        detail = nil
        return
      }
    }
    if let outcome = awaiting {
      awaiting = nil
      let name = line.splitLast(at: " [").map(\.0) ?? line.before(":") ?? line
      guard let identity = Self.identity(name) else { return }
      if run.outcome(of: identity) != outcome { run.record(identity, outcome) }
      detail = identity
      // The place of a failure stands behind its name.
      if let place = line.splitLast(at: " [")?.1.before("]:") { run.explain(identity, place + Array(":".utf8)) }
      return
    }
    if let detail { run.explain(detail, line) }
  }

  /// `5 runs, 2 assertions, 1 failures, 1 errors, 1 skips`.
  private mutating func readSum(_ line: Bytes) -> Bool {
    guard let (total, rest) = line.leadingInteger, let sums = rest.after(" runs, ") ?? rest.after(" tests, ") else {
      return false
    }
    var counts = TestCounts(failed: 0, errored: 0, skipped: 0)
    for part in sums.split(separator: UInt8(ascii: ",")) {
      guard let (number, word) = Bytes(part).trimmed.leadingInteger else { return false }
      if word.hasPrefix(" failure") { counts.failed = number }
      if word.hasPrefix(" error") { counts.errored = number }
      if word.hasPrefix(" skip") { counts.skipped = number }
    }
    counts.passed = max(0, total - (counts.failed ?? 0) - (counts.errored ?? 0) - (counts.skipped ?? 0))
    run.claimed = counts
    run.ending = .complete
    detail = nil
    run.see()
    return true
  }
}

/// Reads what PHPUnit prints, with dots and as `--testdox`.
struct PHPUnitReader: LogReader {
  var run = RunBuilder(.phpunit)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var section: TestOutcome?
  private var detail: TestIdentity?

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if line.hasPrefix("PHPUnit "), line.contains(text: " by Sebastian Bergmann") {
      beginRun()
      run.isRecognised = true
      (section, detail) = (nil, nil)
      return run.see()
    }
    guard run.isRecognised else { return }
    if readSum(line) { return }
    if hasTime, line.hasPrefix("Summary of non-successful tests:") { section = nil }
    if let rest = line.after("There was ") ?? line.after("There were "), let (_, word) = rest.leadingInteger {
      detail = nil
      if word.hasPrefix(" error") { return section = .errored }
      if word.hasPrefix(" failure") { return section = .failed }
      if word.hasPrefix(" skipped") || word.hasPrefix(" incomplete") { return section = .skipped }
      return section = nil
    }
    if !hasTime { return readTestdox(line) }
    guard let section else { return }
    if let (_, rest) = line.leadingInteger, let name = rest.after(") "), let (type, method) = name.split(at: "::") {
      // What a data set holds stands behind its name, and can be long and change.
      let bare = method.splitLast(at: " (").flatMap {
        $0.1.hasSuffix(")") && $0.0.contains(text: " with data set ") ? $0.0 : nil
      }
      let identity = TestIdentity(suite: [type.name], name: (bare ?? method).name)
      if !run.contains(identity) { run.record(identity, section) }
      return detail = identity
    }
    if line.elementsEqual("--".utf8) { return detail = nil }
    if let detail { run.explain(detail, line) }
  }

  /// The class on a line of its own, and below it a line with a mark for each test.
  private mutating func readTestdox(_ line: Bytes) {
    if isDots { return }
    guard line.first == 0x20 else {
      // Dots and letters say how tests end without their names; what looks like a name then is not PHPUnit's.
      let marks = line.prefix { ".FEWSIRNDU".utf8.contains($0) }
      isDots = !line.isEmpty && (marks.contains(UInt8(ascii: ".")) || marks.count == line.count || line.hasSuffix("%)"))
      if !line.isEmpty { group = line.name }
      return
    }
    for (mark, outcome) in [
      (" ✔ ", TestOutcome.passed), (" ✘ ", .failed), (" ↩ ", .skipped), (" ∅ ", .skipped),
    ] {
      guard let name = line.after(mark) else { continue }
      let identity = TestIdentity(suite: [group], name: name.withoutDuration.0.name)
      run.record(identity, outcome)
      return detail = outcome.isRed ? identity : nil
    }
    if let detail, let text = line.trimmed.after("│") { run.explain(detail, text) }
  }

  private var group = ""
  private var isDots = false

  /// `OK (3 tests, 4 assertions)` or `Tests: 10, Assertions: 6, Errors: 1, Failures: 2, Skipped: 1.`.
  private mutating func readSum(_ line: Bytes) -> Bool {
    if let rest = line.after("OK ("), let (total, tail) = rest.leadingInteger, tail.hasPrefix(" test") {
      // The last one is PHPUnit's own: it is printed behind the time, and what tests print before that.
      guard hasTime else { return true }
      run.claimed = TestCounts(total: total, passed: total, failed: 0, errored: 0, skipped: 0)
      run.ending = .complete
      run.see()
      return true
    }
    if line.hasPrefix("Time: "), line.contains(text: ", Memory: ") {
      hasTime = true
      return true
    }
    if line.hasPrefix("No tests executed!"), hasTime || run.claimed == nil {
      run.claimed = TestCounts(total: 0, passed: 0)
      run.ending = .complete
      return true
    }
    guard hasTime, line.hasPrefix("Tests: "), line.hasSuffix(".") else { return false }
    var counts = TestCounts(failed: 0, errored: 0, skipped: 0)
    var total = 0
    var risky = 0
    for part in line.dropLast().split(separator: UInt8(ascii: ",")) {
      guard let (name, number) = Bytes(part).trimmed.split(at: ": "), let number = number.integer else { return false }
      switch String(decoding: name, as: UTF8.self) {
      case "Tests": total = number
      case "Errors": counts.errored = number
      case "Failures": counts.failed = number
      case "Skipped", "Incomplete": counts.skipped = (counts.skipped ?? 0) + number
      case "Risky": risky = number
      default: break
      }
    }
    // A risky test passed, but PHPUnit does not call it good; it is left out of what passed.
    counts.passed = max(
      0, total - (counts.errored ?? 0) - (counts.failed ?? 0) - (counts.skipped ?? 0) - risky)
    run.claimed = counts
    run.ending = .complete
    (section, detail) = (nil, nil)
    run.see()
    return true
  }

  private var hasTime = false
}
