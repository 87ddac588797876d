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
  ///
  /// - Parameters:
  ///   - evidence: What the command left.
  ///   - isCancelled: Asked now and then; once it is true nothing more of the output is read, and a doubt says so.
  /// - Returns: What it tells; of an output that tells nothing, how the command ended.
  package static func read(_ evidence: TestEvidence, isCancelled: () -> Bool = { false }) -> TestReport {
    let files = evidence.reports.sorted { $0.path.lexicographicallyPrecedes($1.path) }
      .compactMap { XMLReportReader.read($0) ?? JSONReportReader.read($0) }
    let log = readLog(evidence, isCancelled)
    var runs = files
    let known = KnownTests(files)
    var death: RunEnding?
    for run in log.runs {
      if !known.supersede(run) {
        runs.append(run)
      } else if run.ending != .complete, run.ending != .cut {
        death = death ?? run.ending
      }
    }
    if runs.isEmpty, log.doubts.isEmpty, let printed = PrintedReport.run(in: evidence.output) { runs.append(printed) }
    // A process that died or was cut off says so in its output alone.
    for index in runs.indices where runs[index].file != nil && runs[index].ending == .complete {
      if let death { runs[index].ending = death }
    }
    noteRetries(of: log.runs, in: &runs)
    if evidence.status == 0 { for index in runs.indices { runs[index].dropOverlooked() } }
    if let status = evidence.status, status > 128 {
      for index in runs.indices where runs[index].ending == .cut {
        runs[index].ending = .crashed("signal \(status - 128)")
      }
    }
    var builds = log.builds
    let hasRed = runs.contains { run in run.tests.contains { $0.outcome.isRed } }
    if evidence.status != 0, !hasRed || !builds.isEmpty { complete(&builds, from: evidence.output) }
    return TestReport(
      runs: runs, builds: builds, status: evidence.status, timedOut: evidence.timedOut,
      errorLines: errorLines(evidence, isNeeded: !hasRed), doubts: log.doubts + doubts(evidence, runs, builds))
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

  /// What the output tells.
  private struct Log {
    var runs: [TestRun] = []
    var builds: [BuildFailure] = []
    var doubts: [TestDoubt] = []
  }

  private static func readLog(_ evidence: TestEvidence, _ isCancelled: () -> Bool) -> Log {
    var active = readers()
    var log = Log()
    LogText.forEachLine(evidence.output) { line, number in
      if number % 4096 == 0, log.doubts.isEmpty, isCancelled() {
        log.doubts.append(.limit("the reading was cancelled"))
      }
      guard log.doubts.isEmpty else { return }
      for index in active.indices {
        active[index].run.now = number
        active[index].read(line)
      }
    }
    let expected = RunnerWords.formats(of: evidence.command)
    var builders: [RunBuilder] = []
    for index in active.indices {
      // What is joined at the end belongs to no line.
      active[index].run.now = 0
      active[index].close()
      let found = (active[index].earlier + [active[index].run]).filter { run in
        run.isRecognised || (expected.contains(run.format) && run.tests.contains { !$0.attempts.isEmpty })
      }
      builders += found.filter { $0.span != nil }
      // A build that failed leaves no run of its own, and is believed of whom it can be expected.
      if !found.isEmpty || expected.contains(active[index].run.format) { log.builds += active[index].builds }
    }
    log.runs = RunChoice.believed(of: builders, expected: expected)
    return log
  }

  /// Some files hide that a test was tried again, where the output says it.
  private static func noteRetries(of printed: [TestRun], in runs: inout [TestRun]) {
    struct Ending: Hashable {
      var name: String
      var outcome: TestOutcome
    }
    var retried: [Ending: TestResult] = [:]
    for test in printed.lazy.flatMap(\.tests) where test.wasRetried {
      retried[Ending(name: test.identity.name, outcome: test.outcome)] = test
    }
    guard !retried.isEmpty else { return }
    for index in runs.indices where runs[index].file != nil {
      for place in runs[index].tests.indices {
        let test = runs[index].tests[place]
        guard let known = retried[Ending(name: test.identity.name, outcome: test.outcome)] else { continue }
        runs[index].tests[place].wasRetried = true
        runs[index].tests[place].attempts = known.attempts
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
