internal import Base
internal import JSON

/// Reads what `go test` prints, with and without `-v`, and the events of `-json`.
///
/// The events are lines of the same text with the package and the test beside it, so both are read here: a line that is
/// such an event makes the whole run one of events, and what is no event beside them is the builder's own.
struct GoReader: LogReader {
  var run = RunBuilder(.goText)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var isJSON = false
  private var text = GoPackage()
  /// The packages whose events are read, which can come between each other's.
  private var packages: [String: GoPackage] = [:]
  private var unit: String?

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if line.first == UInt8(ascii: "{"),
      line.hasPrefix("{\"Time\":") || line.hasPrefix("{\"Action\":")
        || line.hasPrefix("{\"ImportPath\":")
    {
      if let event = try? JSONSlice(line), let action = event["Action"]?.string { return read(event, action) }
    }
    if readBuild(line) { return }
    if !isJSON { readText(line) }
  }

  // MARK: Events

  private mutating func read(_ event: JSONSlice, _ action: String) {
    if action == "build-output" {
      if let output = event["Output"]?.string {
        _ = readBuild(Array(output.utf8)[...].before("\n") ?? Array(output.utf8)[...])
      }
      return
    }
    if action == "build-fail" {
      addBuild(event["ImportPath"]?.string ?? "")
      return run.isRecognised = true
    }
    guard let package = event["Package"]?.string else { return }
    if !isJSON {
      isJSON = true
      var fresh = RunBuilder(.goJSON, trust: .stream)
      fresh.now = run.now
      run = fresh
      run.namesAll = false
    }
    run.isRecognised = true
    run.see()
    let elapsed = event["Elapsed"]?.number.flatMap(DurationText.duration)
    guard let test = event["Test"]?.string else {
      return readPackage(package, action, event["Output"]?.string, failedBuild: event["FailedBuild"]?.string)
    }
    let identity = TestIdentity(suite: [package], name: Array(test.utf8)[...].name)
    switch action {
    case "run":
      packages[package, default: GoPackage()].turns.begin(identity.name)
      if run.outcome(of: identity) ?? .unfinished == .unfinished { packages[package]?.begun.append(identity) }
      run.start(identity)
    case "pause": packages[package, default: GoPackage()].turns.pause(identity.name)
    case "pass":
      guard packages[package]?.turns.mayEnd(identity.name) ?? false else { return run.doubt(.stray(identity)) }
      run.end(identity, .passed, duration: elapsed)
    case "fail": run.end(identity, .failed, duration: elapsed)
    case "skip": run.end(identity, .skipped, duration: elapsed)
    case "output":
      guard let output = event["Output"]?.string else { return }
      let bytes = Array(output.utf8)[...]
      let line = bytes.before("\n") ?? bytes
      if !Self.isMark(line) { run.explain(identity, line) }
      // The tool that makes the events misses a verdict behind what a test prints without a line's end.
      if let index = line.lastIndex(ofText: "--- "), index > line.startIndex,
        let (outcome, name, _) = Self.verdict(line[index...])
      {
        missed.append((TestIdentity(suite: [package], name: name), outcome))
      }
      if line.hasPrefix("panic: test timed out") { run.ending = .timedOut }
    default: break
    }
  }

  private mutating func readPackage(_ package: String, _ action: String, _ output: String?, failedBuild: String?) {
    switch action {
    case "pass", "skip":
      // The package passed as a whole, so what printed over its own verdict did too.
      for identity in packages[package]?.begun ?? [] where action == "pass" && run.outcome(of: identity) == .unfinished
      {
        run.end(identity, .passed)
      }
      packages[package] = GoPackage()
    case "fail":
      if failedBuild != nil { addBuild(package) }
      packages[package] = GoPackage()
      packagesFailed.insert(package)
    case "start": if packages[package] == nil { packages[package] = GoPackage(isOpen: true) }
    case "output":
      guard let output else { return }
      if output.contains("[build failed]") || output.contains("[setup failed]") { addBuild(package) }
      if output.hasPrefix("panic: test timed out") { run.ending = .timedOut }
    default: break
    }
  }

  private var packagesFailed: Set<String> = []
  private var strays: Set<String> = []
  private var missed: [(TestIdentity, TestOutcome)] = []

  // MARK: Text

  /// Whether the line is one of the runner's own between which tests print.
  static func isMark(_ line: Bytes) -> Bool {
    let text = line.trimmed
    return text.hasPrefix("=== RUN ") || text.hasPrefix("=== PAUSE ") || text.hasPrefix("=== CONT ")
      || text.hasPrefix("=== NAME ") || text.hasPrefix("--- PASS: ") || text.hasPrefix("--- FAIL: ")
      || text.hasPrefix("--- SKIP: ")
  }

  private mutating func readText(_ line: Bytes) {
    if let (rest, isGood) = line.after("ok  \t").map({ ($0, true) }) ?? line.after("FAIL\t").map({ ($0, false) }) {
      return endPackage(rest, isGood: isGood)
    }
    if let rest = line.after("?   \t") ?? line.after("---\t"), rest.contains(text: "[no test files]") {
      run.isRecognised = true
      return run.see()
    }
    if let name = line.after("=== RUN   ") {
      text.events.append(.start(name.name, run.now))
      text.open.insert(name.name)
      text.turns.begin(name.name)
      text.isVerbose = true
      text.current = name.name
      return
    }
    for mark in ["=== CONT  ", "=== NAME  "] {
      if let name = line.after(mark) { return text.current = name.name }
    }
    if let name = line.after("=== PAUSE ") { return text.turns.pause(name.name) }
    if let (outcome, name, duration) = Self.verdict(line.trimmed) {
      if !outcome.isRed, text.isVerbose, !text.turns.mayEnd(name) {
        strays.insert(name)
        return
      }
      text.events.append(.end(name, outcome, duration, run.now))
      text.open.remove(name)
      text.last = outcome == .passed ? nil : name
      if name == text.current || (text.current?.hasPrefix(name + "/") ?? false) { text.current = nil }
      return
    }
    // A test that prints without a line's end has its verdict behind what it printed.
    if let index = line.lastIndex(ofText: "--- "), index > line.startIndex,
      let (outcome, name, duration) = Self.verdict(line[index...]), name == text.current || outcome.isRed
    {
      text.events.append(.end(name, outcome, duration, run.now))
      text.open.remove(name)
      if name == text.current { text.current = nil }
      return
    }
    if Self.isMark(line) { return }
    if line.hasPrefix("panic: ") || line.hasPrefix("fatal error: ") {
      text.isPanic = true
      text.isTimedOut = line.hasPrefix("panic: test timed out")
      if let current = text.current { text.last = current }
    }
    if line.elementsEqual("FAIL".utf8) || line.elementsEqual("PASS".utf8) { return }
    if let name = text.current ?? text.last, text.events.count < 2_000_000 {
      text.events.append(.line(name, line))
    }
  }

  /// `--- FAIL: TestA/b (0.01s)`.
  private static func verdict(_ text: Bytes) -> (TestOutcome, String, Duration?)? {
    for (mark, outcome) in [("--- PASS: ", TestOutcome.passed), ("--- FAIL: ", .failed), ("--- SKIP: ", .skipped)] {
      guard let rest = text.after(mark), let (name, time) = rest.splitLast(at: " ("), let time = time.before("s)")
      else {
        continue
      }
      guard let duration = DurationText.parse(time) else { return nil }
      return (outcome, name.name, duration)
    }
    return nil
  }

  /// `example.com/market	0.01s`, behind the tests of the package.
  private mutating func endPackage(_ rest: Bytes, isGood: Bool) {
    let parts = rest.split(separator: 9)
    guard let name = (parts.first ?? rest).words.first else { return }
    let package = name.name
    if rest.contains(text: "[build failed]") || rest.contains(text: "[setup failed]") {
      run.isRecognised = true
      run.see()
      return addBuild(package)
    }
    // The package's own line has a time, or says why it has none.
    guard let second = parts.dropFirst().first.map({ Bytes($0) }),
      second.elementsEqual("(cached)".utf8) || DurationText.parse(second.words.first ?? second) != nil
    else { return }
    if let current = text.current, isGood, text.open.contains(current) {
      // A test still runs, so a test has printed this.
      return run.doubt(.stray(TestIdentity(suite: [package], name: current)))
    }
    run.isRecognised = true
    run.see()
    flush(package: package, isGood: isGood)
    run.ending = run.ending == .cut ? .complete : run.ending
  }

  private mutating func flush(package: String, isGood: Bool) {
    let now = run.now
    for event in text.events {
      switch event {
      case .start(let name, let line):
        run.now = line
        run.start(TestIdentity(suite: [package], name: name))
        run.now = now
      case .end(let name, let outcome, let duration, let line):
        let identity = TestIdentity(suite: [package], name: name)
        run.now = line
        // A line whose package is not known cannot make any test of one good.
        if package.isEmpty, !outcome.isRed {
          run.start(identity)
        } else
        // Without '-v' only what failed has lines, and no beginning.
        if text.isVerbose {
          run.end(identity, outcome, duration: duration)
        } else if outcome.isRed {
          run.record(identity, outcome, duration: duration)
        } else {
          run.doubt(.stray(identity))
        }
        run.now = now
      case .line(let name, let line):
        let identity = TestIdentity(suite: [package], name: name)
        run.explain(identity, line)
      }
    }
    for name in strays.sorted() { run.doubt(.stray(TestIdentity(suite: [package], name: name))) }
    strays = []
    if text.isTimedOut { run.ending = .timedOut } else if text.isPanic { run.ending = .crashed("panic in \(package)") }
    let hasRed = run.hasRed(below: [package]) || isUnfinished(package)
    if isGood, hasRed { run.doubt(.malformed("package \(package) is called good, and a test in it failed")) }
    if !isGood, !hasRed { run.record(TestIdentity(suite: [package], name: "(package)"), .errored) }
    text = GoPackage()
  }

  /// Whether a test of this package has begun and not ended.
  private func isUnfinished(_ package: String) -> Bool {
    text.events.contains { event in
      guard case .start(let name, _) = event else { return false }
      return run.outcome(of: TestIdentity(suite: [package], name: name)) == .unfinished
    }
  }

  // MARK: Building

  /// `# example.com/market [example.com/market.test]`, followed by the compiler's lines.
  private mutating func readBuild(_ line: Bytes) -> Bool {
    if let rest = line.after("# "), let name = rest.words.first,
      name.contains(UInt8(ascii: "/")) || rest.count == name.count
    {
      unit = name.name
      diagnostics[name.name] = []
      return true
    }
    guard let unit, let diagnostic = Diagnostics.plain(line), diagnostic.path.suffix(3).elementsEqual(".go".utf8) else {
      unit = nil
      return false
    }
    if (diagnostics[unit]?.count ?? 0) < 100 { diagnostics[unit]?.append(diagnostic) }
    return true
  }

  private var diagnostics: [String: [BuildDiagnostic]] = [:]
  /// The units of the builds that failed.
  private var broken: Set<String> = []

  private mutating func addBuild(_ package: String) {
    guard broken.insert(package).inserted else { return }
    builds.append(BuildFailure(unit: package, diagnostics: diagnostics[package] ?? []))
  }

  mutating func close() {
    if isJSON {
      for (identity, outcome) in missed where run.isRunning(identity) { run.end(identity, outcome) }
      // Each package has an event for its end; one that is open at the end of the output was cut.
      let isOpen = packages.values.contains { $0.isOpen }
      let lost = run.tests.contains { $0.attempts.isEmpty && !packagesFailed.contains($0.identity.suite.first ?? "") }
      if run.ending == .cut, !isOpen, !lost { run.ending = .complete }
      let red = Set(run.tests.lazy.filter { $0.outcome.isRed }.compactMap { $0.identity.suite.first })
      for package in packagesFailed.sorted() where !red.contains(package) && !broken.contains(package) {
        run.record(TestIdentity(suite: [package], name: "(package)"), .errored)
      }
      return
    }
    if !text.events.isEmpty, text.isVerbose {
      // The line of the package never came; which one it was is not known.
      run.isRecognised = true
      flush(package: "", isGood: true)
      run.ending = .cut
    } else if !builds.isEmpty, run.tests.isEmpty, run.ending == .cut {
      run.ending = .stopped("it could not be built")
    }
  }
}

/// What was read of a package whose name comes last.
struct GoPackage {
  enum Event {
    case start(String, Int)
    case end(String, TestOutcome, Duration?, Int)
    case line(String, Bytes)
  }

  /// Whose turn it is: tests run one after the other, but for those that wait to run side by side.
  struct Turns {
    private var root = ""
    private var paused: Set<String> = []

    private static func root(of name: String) -> String { String(name.prefix { $0 != "/" }) }

    mutating func begin(_ name: String) { root = Self.root(of: name) }

    mutating func pause(_ name: String) { paused.insert(Self.root(of: name)) }

    /// Whether the test can end now: once another one has begun, only one that had paused can.
    func mayEnd(_ name: String) -> Bool {
      let root = Self.root(of: name)
      return root == self.root || paused.contains(root)
    }
  }

  var turns = Turns()
  /// Whether the beginning of each test has a line of its own.
  var isVerbose = false
  var events: [Event] = []
  /// The tests that have a beginning and no end behind it.
  var open: Set<String> = []
  /// The tests in the order in which they began, where the events tell their package.
  var begun: [TestIdentity] = []
  var current: String?
  var last: String?
  var isPanic = false
  var isTimedOut = false
  var isOpen = false

  init(isOpen: Bool = false) {
    self.isOpen = isOpen
  }
}
