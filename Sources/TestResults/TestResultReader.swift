internal import Base

/// A file that a test command left and that may hold results.
package struct ReportFile: Sendable, Hashable {
  package var path: [UInt8]
  package var bytes: [UInt8]

  package init(path: [UInt8], bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

/// What a test command left behind.
package struct TestEvidence: Sendable, Hashable {
  /// The command's words, as far as they are known; they tell which runners to expect.
  package var command: [String]
  /// The exit status, 128 and the signal's number for a signal; `nil` where the command did not end by itself.
  package var status: Int32?
  /// Whether the caller ended the command because its time was over.
  package var timedOut: Bool
  /// Standard output and standard error as they came, in one.
  package var output: [UInt8]
  /// Only files that this run wrote: one of an earlier run would be believed.
  package var reports: [ReportFile]

  package init(
    command: [String] = [], status: Int32?, timedOut: Bool = false, output: [UInt8], reports: [ReportFile] = []
  ) {
    self.command = command
    self.status = status
    self.timedOut = timedOut
    self.output = output
    self.reports = reports
  }
}

/// Reads what test runners print and write.
///
/// It never throws and never calls a test passed that its runner did not call so; what does not fit is a doubt beside
/// the results. It takes time in proportion to the bytes that it is given.
package enum TestResultReader {
  private static func readers() -> [any LogReader] {
    [
      XCTestReader(), SwiftTestingReader(), PytestReader(), UnittestReader(), GoReader(), CargoReader(),
      NextestReader(), JestReader(), VitestReader(), MochaReader(), NodeReader(), TAPReader(), SurefireReader(),
      GradleReader(), CTestReader(), GoogleTestReader(), RSpecReader(), MinitestReader(), PHPUnitReader(),
      DotnetReader(),
    ]
  }

  /// The results in what a command left.
  package static func read(_ evidence: TestEvidence) -> TestReport {
    let files = evidence.reports.sorted { $0.path.lexicographicallyPrecedes($1.path) }
      .compactMap { XMLReportReader.read($0) ?? JSONReportReader.read($0) }
    let (printed, foundBuilds) = readLog(evidence)
    var runs = files
    for run in printed where !isSuperseded(run, by: files) { runs.append(run) }
    // A process that died or was cut off says so in its output alone.
    for run in printed where isSuperseded(run, by: files) && run.ending != .complete && run.ending != .cut {
      for index in runs.indices where runs[index].file != nil && runs[index].ending == .complete {
        runs[index].ending = run.ending
      }
    }
    for run in printed { noteRetries(of: run, in: &runs) }
    if let status = evidence.status, status > 128 {
      for index in runs.indices where runs[index].ending == .cut {
        runs[index].ending = .crashed("signal \(status - 128)")
      }
    }
    var builds = foundBuilds
    let hasRed = runs.contains { run in run.tests.contains { $0.outcome.isRed } }
    if evidence.status != 0, !hasRed || !builds.isEmpty { complete(&builds, from: evidence.output) }
    return TestReport(
      runs: runs, builds: builds, status: evidence.status, timedOut: evidence.timedOut,
      errorLines: errorLines(evidence, isNeeded: !hasRed), doubts: doubts(evidence, runs, builds))
  }

  private static func doubts(_ evidence: TestEvidence, _ runs: [TestRun], _ builds: [BuildFailure]) -> [TestDoubt] {
    let hasRed =
      !builds.isEmpty
      || runs.contains { run in
        run.tests.contains { $0.outcome.isRed } || (run.unnamed.failed ?? 0) + (run.unnamed.errored ?? 0) > 0
      }
    if let status = evidence.status, status != 0, !hasRed { return [.failedWithoutRed(status: status)] }
    return evidence.status == 0 && hasRed ? [.succeededWithRed] : []
  }

  // MARK: The output

  private static func readLog(_ evidence: TestEvidence) -> ([TestRun], [BuildFailure]) {
    var active = readers()
    LogText.forEachLine(evidence.output) { line, number in
      for index in active.indices {
        active[index].run.now = number
        active[index].read(line)
      }
    }
    let expected = RunnerWords.formats(of: evidence.command)
    var builders: [RunBuilder] = []
    var builds: [BuildFailure] = []
    for index in active.indices {
      // What is joined at the end belongs to no line.
      active[index].run.now = 0
      active[index].close()
      let found = (active[index].earlier + [active[index].run]).filter { run in
        run.isRecognised || (expected.contains(run.format) && run.tests.contains { !$0.attempts.isEmpty })
      }
      builders += found.filter { $0.span != nil }
      // A build that failed leaves no run of its own, and is believed of whom it can be expected.
      if !found.isEmpty || expected.contains(active[index].run.format) { builds += active[index].builds }
    }
    return (choose(builders, expected: expected), builds)
  }

  /// Forms that have nothing at their beginning that would tell them from what a test prints.
  private static let weak: Set<TestFormat> = [.mocha, .rspec, .unittest, .jest, .gradle, .node]

  /// The runs that are believed: what stands inside of another runner's lines was printed by a test of it.
  private static func choose(_ builders: [RunBuilder], expected: Set<TestFormat>) -> [TestRun] {
    func length(_ run: RunBuilder) -> Int { (run.span?.upperBound ?? 0) - (run.span?.lowerBound ?? 0) }
    let order = builders.sorted { left, right in
      let isLeft = expected.contains(left.format)
      if isLeft != expected.contains(right.format) { return isLeft }
      return length(left) > length(right)
    }
    var chosen: [RunBuilder] = []
    for run in order {
      guard let span = run.span else { continue }
      let outer = chosen.firstIndex { other in
        guard let around = other.span, other.format != run.format else { return false }
        if expected.contains(run.format) { return false }
        // A run without an end may go on to the end of the output, and some forms are easily taken for another's.
        if other.ending == .cut, weak.contains(run.format), around.lowerBound <= span.lowerBound { return true }
        return around.lowerBound <= span.lowerBound && span.upperBound <= around.upperBound
      }
      if let outer {
        chosen[outer].doubt(.foreignLines(run.format))
      } else {
        chosen.append(run)
      }
    }
    return chosen.map { $0.finished() }.sorted { ($0.lines?.lowerBound ?? 0) < ($1.lines?.lowerBound ?? 0) }
  }

  /// Whether files tell all that the output does: the same tests, by their names or by their number.
  private static func isSuperseded(_ run: TestRun, by files: [TestRun]) -> Bool {
    guard !files.isEmpty else { return false }
    let names = Set(files.flatMap { $0.tests.map { leaf($0.identity.name) } })
    let known = run.tests.count { names.contains(leaf($0.identity.name)) }
    guard run.tests.allSatisfy({ !$0.outcome.isRed || names.contains(leaf($0.identity.name)) }) else { return false }
    if !run.tests.isEmpty { return known * 2 >= run.tests.count }
    let total = (run.claimed?.passed ?? 0) + (run.claimed?.failed ?? 0) + (run.claimed?.errored ?? 0)
    return total <= files.reduce(0) { $0 + $1.tests.count }
  }

  /// The name's first part of letters: files and lines write parameters and groups in different ways.
  private static func leaf(_ name: String) -> Substring {
    let end = name.firstIndex { $0 == "(" || $0 == "[" } ?? name.endIndex
    let head = name[..<end]
    return head.split(separator: " ").last ?? head
  }

  /// Some files hide that a test was tried again, where the output says it.
  private static func noteRetries(of printed: TestRun, in runs: inout [TestRun]) {
    for test in printed.tests where test.wasRetried {
      for index in runs.indices where runs[index].file != nil {
        for place in runs[index].tests.indices
        where runs[index].tests[place].identity.name == test.identity.name
          && runs[index].tests[place].outcome == test.outcome
        {
          runs[index].tests[place].wasRetried = true
          runs[index].tests[place].attempts = test.attempts
        }
      }
    }
  }

  // MARK: What is left

  /// Adds what compilers say to builds that failed, and a failure of its own where there is none and nothing ran.
  private static func complete(_ builds: inout [BuildFailure], from output: [UInt8]) {
    guard builds.allSatisfy({ $0.diagnostics.isEmpty }) else { return }
    let diagnostics = Diagnostics.find(in: output)
    guard !diagnostics.isEmpty else { return }
    if builds.isEmpty { builds.append(BuildFailure(unit: "")) }
    builds[0].diagnostics = diagnostics
  }

  private static func errorLines(_ evidence: TestEvidence, isNeeded: Bool) -> [[UInt8]] {
    guard isNeeded, evidence.status != 0 || evidence.timedOut else { return [] }
    var lines: [[UInt8]] = []
    LogText.forEachLine(evidence.output) { line, _ in
      if lines.count < 50, Diagnostics.isErrorLine(line) { lines.append(Array(line.prefix(1000))) }
    }
    return lines
  }
}
