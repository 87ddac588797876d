internal import Base

/// Reads JUnit's XML in the dialects that runners write, and the TRX files of Visual Studio's test runner.
enum XMLReportReader {
  /// The run in the document; `nil` where it is no test report at all.
  static func read(_ file: ReportFile) -> TestRun? {
    var handler = XMLReportHandler()
    var fault: XMLWalk.Fault?
    do {
      try XMLWalk.walk(file.bytes, handler)
    } catch {
      fault = error
    }
    if case .malformed(_, _, isCharacter: true, _) = fault {
      // Tests print what no XML can hold, and not every runner escapes it.
      handler = XMLReportHandler()
      fault = nil
      do {
        try XMLWalk.walk(XMLWalk.cleaned(file.bytes), handler)
      } catch {
        fault = error
      }
    }
    guard handler.isReport else { return nil }
    var run = handler.run
    switch fault {
    case nil: run.ending = .complete
    case .refused(let reason): run.doubt(.malformed(reason))
    case .malformed(let line, let reason, _, let isEnd):
      if !isEnd { run.doubt(.malformed("line \(line): \(reason)")) }
    }
    return run.finished(file: file.path)
  }
}

private final class XMLReportHandler: XMLHandler {
  private struct Suite {
    var name: String
    var claimed: TestCounts
    var cases = 0
    var red = 0
    var skipped = 0
  }

  private struct Case {
    var identity: TestIdentity
    var duration: Duration?
    var status: String
    var outcome: TestOutcome?
    /// How the tries before the last one ended.
    var retries: [TestOutcome] = []
    var message: [UInt8] = []
    /// Whether the test is marked as one whose failure is let pass.
    var isTodo = false
  }

  private(set) var run = RunBuilder(.junitXML, trust: .file)
  private(set) var isReport = false
  private var suites: [Suite] = []
  private var current: Case?
  /// Whether the text that is being read says something about the test.
  private var takesText = false
  private var isTRX = false

  func start(_ name: String, _ attributes: [String: String]) {
    if !isReport {
      guard name == "testsuites" || name == "testsuite" || name == "TestRun" else { return }
      isReport = true
      isTRX = name == "TestRun"
      if isTRX { run = RunBuilder(.trx, trust: .file) }
    }
    if isTRX { return startTRX(name, attributes) }
    switch name {
    case "testsuite": suites.append(Suite(name: attributes["name"] ?? "", claimed: Self.counts(attributes)))
    case "testcase": startCase(attributes)
    case "failure", "error", "skipped", "rerunFailure", "rerunError", "flakyFailure", "flakyError":
      startVerdict(name, attributes)
    default: takesText = false
    }
  }

  private static func counts(_ attributes: [String: String]) -> TestCounts {
    func number(_ name: String) -> Int? { attributes[name].flatMap { Array($0.utf8)[...].integer } }
    return TestCounts(
      total: number("tests"), failed: number("failures"), errored: number("errors"), skipped: number("skipped"))
  }

  private func startCase(_ attributes: [String: String]) {
    let name = text(attributes["name"])
    // A path differs from one checkout to the next, so it is no part of a name.
    var path = suites.map { Self.withoutTime(text($0.name)) }.filter { !$0.isEmpty && !$0.hasPrefix("/") }
    let type = text(attributes["classname"] ?? attributes["class"])
    if !type.isEmpty, type != name, !path.contains(type) { path.append(type) }
    current = Case(
      identity: TestIdentity(suite: path, name: name),
      duration: attributes["time"].flatMap { Double($0.filter { $0 != "," }) }.flatMap(DurationText.duration),
      status: attributes["result"] ?? attributes["status"] ?? "")
    takesText = false
  }

  /// Some write the time into the name of a suite: `Shop-20261122020252`.
  private static func withoutTime(_ name: String) -> String {
    let suffix = name.suffix(15)
    guard suffix.count == 15, suffix.first == "-", suffix.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return name
    }
    return String(name.dropLast(15))
  }

  private func text(_ text: String?) -> String { Array((text ?? "").utf8)[...].name }

  private func startVerdict(_ name: String, _ attributes: [String: String]) {
    guard current != nil else { return }
    takesText = true
    switch name {
    case "failure": settle(.failed)
    case "error": settle(.errored)
    case "skipped":
      if attributes["type"] == "todo" { current?.isTodo = true }
      // What ctest could not start it counts as failed, but writes as skipped.
      if attributes["message"]?.hasPrefix("Unable to find executable") ?? false { settle(.errored) }
      settle(attributes["type"] == "pytest.xfail" ? .expectedFailure : .skipped)
    case "rerunError", "flakyError": retry(.errored)
    default: retry(.failed)
    }
    if let message = attributes["message"], !message.isEmpty {
      // pytest tells one file's failure in two elements, and the first ends where it likes.
      if message == "collection failure", let last = current?.message.last, last != 10 { add([10]) }
      add(Array(message.utf8) + [10])
    }
    if name == "error", attributes["message"] == "collection failure" { nameFile() }
  }

  /// Names the file that pytest could not load as its output does: its XML has the module.
  private func nameFile() {
    guard let identity = current?.identity, identity.suite == ["pytest"] else { return }
    let path = identity.name.replacing(".", with: "/") + ".py"
    current?.identity = TestIdentity(suite: [path], name: "(collection)")
  }

  private func retry(_ outcome: TestOutcome) {
    guard let count = current?.retries.count, count < RunBuilder.mostAttempts else { return }
    current?.retries.append(outcome)
  }

  private func settle(_ outcome: TestOutcome) {
    guard let known = current?.outcome else {
      current?.outcome = outcome
      return
    }
    if outcome.severity > known.severity { current?.outcome = outcome }
  }

  private func add(_ bytes: some Sequence<UInt8>) {
    guard let used = current?.message.count, used < RunBuilder.longestMessage else { return }
    current?.message += bytes.prefix(RunBuilder.longestMessage - used)
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard takesText else { return }
    unsafe add(bytes)
  }

  func end(_ name: String) {
    switch name {
    case "testcase" where !isTRX, "UnitTestResult" where isTRX: endCase()
    case "testsuite" where !isTRX:
      guard let suite = suites.popLast() else { return }
      compare(suite)
      guard !suites.isEmpty else { return }
      suites[suites.count - 1].cases += suite.cases
      suites[suites.count - 1].red += suite.red
      suites[suites.count - 1].skipped += suite.skipped
    default: takesText = false
    }
  }

  private func endCase() {
    guard let test = current else { return }
    current = nil
    takesText = false
    var outcome = test.outcome ?? Self.outcome(status: test.status)
    if test.isTodo, outcome.isRed { outcome = .expectedFailure }
    run.record(test.identity, outcome, duration: test.duration)
    run.retried(test.identity, after: test.retries)
    if outcome != .passed || !test.retries.isEmpty {
      LogText.forEachLine(test.message + [10]) { line, _ in run.explain(test.identity, line) }
    }
    if !suites.isEmpty {
      suites[suites.count - 1].cases += 1
      if outcome.isRed { suites[suites.count - 1].red += 1 }
      if outcome == .skipped { suites[suites.count - 1].skipped += 1 }
    }
  }

  /// What a test without a child that says more is: most write nothing for one that passed, some a word.
  private static func outcome(status: String) -> TestOutcome {
    switch status.lowercased() {
    case "", "run", "completed", "passed", "pass", "success", "ok", "successful": .passed
    case "notrun", "skipped", "disabled", "suppressed", "ignored", "pending", "todo": .skipped
    case "fail", "failed", "failure": .failed
    default: .errored
    }
  }

  private func compare(_ suite: Suite) {
    // Some leave what was skipped out of the number.
    if let total = suite.claimed.total, total != suite.cases, total != suite.cases - suite.skipped {
      run.doubt(.count(what: "tests in '\(text(suite.name))'", claimed: total, read: suite.cases))
    }
    guard let failures = suite.claimed.failed else { return }
    let red = failures + (suite.claimed.errored ?? 0)
    // A test can have a failure and an error, so a claim may be higher, but not lower than what is red.
    if red < suite.red || (red > 0 && suite.red == 0) {
      run.doubt(.count(what: "failures in '\(text(suite.name))'", claimed: red, read: suite.red))
    }
  }

  // MARK: TRX

  private func startTRX(_ name: String, _ attributes: [String: String]) {
    switch name {
    case "UnitTestResult":
      let outcome: TestOutcome =
        switch attributes["outcome"] ?? "" {
        case "Passed", "PassedButRunAborted", "Warning": .passed
        case "Failed": .failed
        case "NotExecuted", "Inconclusive", "NotRunnable", "Disconnected", "Pending": .skipped
        case "InProgress": .unfinished
        default: .errored
        }
      current = Case(
        identity: DotnetReader.identity(Array((attributes["testName"] ?? "").utf8)[...]),
        duration: attributes["duration"].flatMap(Self.duration), status: "", outcome: outcome)
    case "Message", "StackTrace":
      takesText = current != nil
      if current?.message.isEmpty == false { add([10]) }
    case "Counters":
      func number(_ name: String) -> Int? { attributes[name].flatMap { Array($0.utf8)[...].integer } }
      run.claimed = TestCounts(total: number("total"), passed: number("passed"), failed: number("failed"))
    default: takesText = false
    }
  }

  /// `00:00:00.0012`.
  private static func duration(_ text: String) -> Duration? {
    let parts = text.split(separator: ":").compactMap { Double($0) }
    guard parts.count == 3 else { return nil }
    return DurationText.duration(parts[0] * 3600 + parts[1] * 60 + parts[2])
  }
}
