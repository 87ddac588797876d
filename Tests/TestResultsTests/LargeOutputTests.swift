import Testing

@testable import TestResults

/// Outputs with so many of one thing that a reader which goes over all of them for each would not come to an end.
struct LargeOutputTests {
  private func read(_ output: String, status: Int32 = 1, reports: [ReportFile] = []) -> TestReport {
    TestResultReader.read(TestEvidence(status: status, output: Array(output.utf8), reports: reports))
  }

  private static func isLimit(_ doubt: TestDoubt) -> Bool { if case .limit = doubt { true } else { false } }

  @Test func manyRuns() {
    let many = read(String(repeating: "Ran 1 test in 0.1s\nOK\n", count: 30_000), status: 0)
    #expect(many.runs.count == RunBuilder.mostRuns + 1 && !many.isRed)
    #expect(many.allDoubts.contains(.limit("there are more than 10000 runs of unittest")))
    let few = read(String(repeating: "Ran 1 test in 0.1s\nOK\n", count: 3), status: 0)
    #expect(few.runs.count == 3 && few.allDoubts.isEmpty && !few.isRed)
  }

  @Test func whatIsRedBehindTooManyRunsIsStillRead() {
    let red = "test_a (m.T.test_a) ... FAIL\n\nRan 1 test in 0.1s\n\nFAILED (failures=1)\n"
    let runs = String(repeating: "TAP version 13\nok 1 - a\n1..1\n", count: RunBuilder.mostRuns + 5)
    #expect(read(runs + "TAP version 13\nnot ok 1 - b\n1..1\n").red.map(\.identity.name) == ["b"])
    let good = String(repeating: "Ran 1 test in 0.1s\nOK\n", count: RunBuilder.mostRuns + 5)
    #expect(read(good + red).red.map(\.identity.name) == ["test_a"])
  }

  /// The runs that are believed by their definition, each held against each.
  private func believed(_ runs: [RunBuilder], expected: Set<TestFormat>) -> [TestRun] {
    let weak: Set<TestFormat> = [.mocha, .unittest]
    let order = runs.sorted { left, right in
      let isLeft = expected.contains(left.format)
      if isLeft != expected.contains(right.format) { return isLeft }
      return (left.span?.count ?? 0) > (right.span?.count ?? 0)
    }
    var chosen: [RunBuilder] = []
    for run in order {
      guard let lines = run.span else { continue }
      let isInside = chosen.contains { other in
        guard let around = other.span, other.format != run.format, !expected.contains(run.format) else { return false }
        if other.ending == .cut, weak.contains(run.format), around.lowerBound <= lines.lowerBound { return true }
        return around.lowerBound <= lines.lowerBound && lines.upperBound <= around.upperBound
      }
      if !isInside { chosen.append(run) }
    }
    return chosen.map { $0.finished() }
  }

  @Test func theRunsThatAreBelievedAreThoseOfTheDefinition() {
    var numbers = Numbers(state: 7)
    var inside = 0
    for _ in 0..<300 {
      var runs: [RunBuilder] = []
      // Of one format the runs follow each other, and no two runs have the same lines.
      for format in [TestFormat.pytest, .cargo, .mocha, .unittest] {
        var line = 1
        while line < 200 {
          var run = RunBuilder(format)
          let first = line + Int.random(in: 0...30, using: &numbers)
          run.now = first
          run.see()
          run.now = first + Int.random(in: 0...60, using: &numbers)
          run.see()
          if Bool.random(using: &numbers) { run.ending = .complete }
          line = run.now + 1
          if !runs.contains(where: { $0.span == run.span }) { runs.append(run) }
        }
      }
      for expected: Set<TestFormat> in [[], [.cargo], [.mocha, .pytest]] {
        let found = RunChoice.believed(of: runs, expected: expected)
        let wanted = believed(runs, expected: expected)
        #expect(
          Set(found.map { Place(format: $0.format, lines: $0.lines) })
            == Set(wanted.map { Place(format: $0.format, lines: $0.lines) }))
        inside += runs.count - found.count
        #expect(found.contains { !$0.doubts.isEmpty } == (found.count < runs.count))
      }
    }
    #expect(inside > 300)
  }

  private struct Place: Hashable {
    var format: TestFormat
    var lines: ClosedRange<Int>?
  }

  /// A small generator with a seed, so that a failure can be seen again.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test func filesAndManyRunsOfTheOutput() {
    let cases = (0..<20_000).map { "<testcase name='n\($0)'/>" }.joined()
    let file = ReportFile(path: Array("a.xml".utf8), bytes: Array("<testsuite name='s'>\(cases)</testsuite>".utf8))
    let report = read(String(repeating: "Ran 1 test in 0.1s\nOK\n", count: 9000), status: 0, reports: [file])
    #expect(report.runs.map(\.format) == [.junitXML])
    #expect(read("Ran 1 test in 0.1s\nOK\n", status: 0).runs.map(\.format) == [.unittest])
  }

  @Test func manyTriesOfOneTest() {
    let tries = "<flakyFailure/><flakyError/>" + String(repeating: "<flakyError/>", count: 1_000_000)
    func file(_ inner: String) -> ReportFile {
      let xml = "<testsuite name='s'><testcase name='a'>\(inner)</testcase></testsuite>"
      return ReportFile(path: Array("a.xml".utf8), bytes: Array(xml.utf8))
    }
    let many = read("", status: 0, reports: [file(tries)]).tests
    #expect(many.map(\.attempts.count) == [RunBuilder.mostAttempts] && many[0].wasRetried)
    let few = read("", status: 0, reports: [file("<flakyFailure/><flakyError/>")]).tests
    #expect(few.map(\.attempts) == [[.failed, .errored, .passed]] && few[0].passedAfterFailing)
  }

  @Test func manyRunsOfOneTest() {
    var test = TestResult(identity: TestIdentity(suite: [], name: "a"), outcome: .passed)
    test.attempts = Array(repeating: .passed, count: 1000)
    let run = TestRun(
      format: .tap, trust: .stream, file: nil, lines: nil, tests: [test], claimed: nil, unnamed: TestCounts(),
      ending: .complete, doubts: [])
    var red = run
    red.tests[0].outcome = .failed
    let report = TestReport(
      runs: Array(repeating: run, count: 10_000) + [red], builds: [], status: 0, timedOut: false, errorLines: [],
      doubts: [])
    #expect(report.tests.map(\.attempts.count) == [RunBuilder.mostAttempts])
    #expect(report.red.count == 1)
  }

  @Test func aFailedHolderOfManySubtests() {
    let many = (2...10_010).map { "    ok \($0) - a\($0)\n" }.joined()
    let inner = "# Subtest: h\n    not ok 1 - bad\n\(many)    1..10010\n"
    #expect(read("TAP version 13\n\(inner)not ok 1 - h\n1..1\n").red.map(\.identity.name) == ["bad"])
    // By itself it is red where none of them is.
    #expect(
      read("TAP version 13\n# Subtest: h\n\("    ok 1 - a\n")not ok 1 - h\n1..1\n").red.map(\.identity.name) == ["h"])
  }

  @Test func aFailedGroupOfManyTestsOfNode() {
    let many = (0..<10_010).map { "  ✔ a\($0) (0.1ms)\n" }.joined()
    let end =
      "✖ h (1ms)\nℹ tests 2\nℹ suites 1\nℹ pass 1\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 5.1\n"
    let output = "▶ h\n  ✖ bad (0.1ms)\n\(many)\(end)"
    #expect(read(output).red.map(\.identity.name) == ["bad"])
    #expect(read("▶ h\n  ✔ a (0.1ms)\n\(end)").red.map(\.identity.name) == ["h"])
  }

  @Test func manyPackagesOfGo() {
    func events(_ number: Int, _ ending: String) -> String {
      "{\"Action\":\"run\",\"Package\":\"p\(number)\",\"Test\":\"T\"}\n{\"Action\":\"\(ending)\",\"Package\":\"p\(number)\"}\n"
    }
    let many = (0..<20_000).map { events($0, "pass") }.joined()
    let report = read(many + (20_000..<25_000).map { events($0, "fail") }.joined())
    #expect(report.green.count == 20_000 && report.red.count == 5000)

    let text = (0..<20_000).map { "=== RUN   T\n--- PASS: T (0.0s)\nok  \tp\($0)\t0.1s\n" }.joined()
    let bad = "=== RUN   T\n--- FAIL: T (0.0s)\nok  \tp\t0.1s\n"
    let told = read(text + bad)
    #expect(told.green.count == 20_000 && told.red.count == 1)
    #expect(told.allDoubts.contains(.malformed("package p is called good, and a test in it failed")))
  }

  @Test func aTestOfGoThatPrintsManyLinesOfPackages() {
    let lines = String(repeating: "x\n", count: 20_000) + String(repeating: "ok  \tp\t0.1s\n", count: 20_000)
    let report = read("=== RUN   T\n\(lines)--- FAIL: T (0.0s)\nFAIL\tp\t0.1s\n")
    #expect(report.red.map(\.identity.name) == ["T"])
    #expect(report.allDoubts.contains(.stray(TestIdentity(suite: ["p"], name: "T"))))
  }

  @Test func manyBuildsThatFail() {
    let crates = (0..<20_000).map { "error: could not compile `a\($0)` (lib) due to 1 previous error\n" }.joined()
    #expect(read(crates + crates).builds.count == 20_000)
    let packages = (0..<20_000).map { "FAIL\tp\($0) [build failed]\n" }.joined()
    #expect(read(packages + packages).builds.count == 20_000)
  }

  @Test func theReadingCanBeCancelled() {
    let output = String(repeating: "building\n", count: 10_000)
    let evidence = TestEvidence(status: 0, output: Array((output + "TAP version 13\nok 1 - a\n1..1\n").utf8))
    let cancelled = TestResultReader.read(evidence, isCancelled: { true })
    #expect(cancelled.tests.isEmpty && cancelled.allDoubts.contains { Self.isLimit($0) })
    let whole = TestResultReader.read(evidence)
    #expect(whole.green.count == 1 && whole.allDoubts.isEmpty)
  }
}
