import Base
import TestResults
import Testing
import Verify
import Work

@testable import Fix

/// What a person and a model are told of what is red.
@Suite struct RedTestsTests {
  private func execution(_ output: String, ending: CommandExecution.Ending, command: String) -> TestExecution {
    let bytes = Array(output.utf8)
    var status: Int32?
    if case .exited(let code) = ending { status = code }
    let words = command.split(separator: " ").map { String($0) }
    let report = TestResultReader.read(
      TestEvidence(command: words, status: status, timedOut: ending == .timedOut, output: bytes))
    return TestExecution(
      tree: .zero, standing: TestStanding(of: [report]), reports: [report],
      commands: [CommandExecution(command: command, ending: ending, elapsed: .zero, log: bytes)])
  }

  private func told(_ execution: TestExecution) -> [RedTest] {
    RedTests(paths: Set([RepositoryPath("test_calc.py")].compactMap { $0 })).details(
      of: execution, execution.standing.red)
  }

  @Test func aFileThatCannotBeLoadedIsToldOnce() throws {
    let output = """
      ==================================== ERRORS ====================================
      ________________________ ERROR collecting test_calc.py _________________________
      test_calc.py:1: in <module>
          import nothing
      E   ModuleNotFoundError: No module named 'nothing'
      =========================== short test summary info ============================
      ERROR test_calc.py
      =============================== 1 error in 0.05s ===============================

      """
    let execution = execution(output, ending: .exited(2), command: "python3 -m pytest -q")
    #expect(execution.standing.red.count == 2)
    let red = told(execution)
    #expect(red.map(\.name) == ["the build of test_calc.py"])
    #expect(red.first?.message.contains("E   ModuleNotFoundError: No module named 'nothing'") ?? false)
    #expect(red.first?.places.map(\.line) == [1])
    // A test of its own in that file is another thing.
    let items: Set<RedItem> = [
      .build("test_calc.py"), .test(TestIdentity(suite: ["test_calc.py"], name: "test_a")), .build("other.py"),
      .test(TestIdentity(suite: ["third.py"], name: "(collection)")),
    ]
    #expect(Set(RedItem.causes(of: items)) == items)
  }

  @Test func anXMLAndTheOutputTellOfOneFile() throws {
    let xml = """
      <testsuites><testsuite name="pytest" errors="1" failures="0" skipped="0" tests="1"><testcase classname="" \
      name="sub.test_calc" time="0.0"><error message="collection failure">ImportError: no</error></testcase>\
      </testsuite></testsuites>
      """
    let output = """
      =========================== short test summary info ============================
      ERROR sub/test_calc.py
      =============================== 1 error in 0.05s ===============================

      """
    let report = TestResultReader.read(
      TestEvidence(
        command: ["pytest"], status: 2, output: Array(output.utf8),
        reports: [ReportFile(path: Array("a.xml".utf8), bytes: Array(xml.utf8))]))
    #expect(report.runs.count == 1)
    #expect(
      RedItem.causes(of: TestStanding(of: [report]).red).map(\.description) == ["the build of sub/test_calc.py"])
  }

  @Test func aTestThatHangsIsToldAsSuch() {
    let output = "test_a (m.T.test_a) ... ok\ntest_b (m.T.test_b) ... \n"
    let red = told(execution(output, ending: .timedOut, command: "python3 -m unittest -v"))
    #expect(red.map(\.name) == ["m > T > test_b"])
    #expect(
      red.first?.message == [
        "it began and did not end: 'python3 -m unittest -v' did not come to an end in its time"
      ])
    let cut = told(execution(output, ending: .exited(1), command: "python3 -m unittest -v"))
    #expect(cut.map(\.name) == ["m > T > test_b"] && cut.first?.message == [])
  }

  @Test func aCommandThatHangsIsRedBesideWhatFailed() {
    let output = "TAP version 13\nok 1 - a\nnot ok 2 - b\n"
    #expect(told(execution(output, ending: .timedOut, command: "prove")).map(\.name) == ["the test command", "b"])
    #expect(told(execution(output, ending: .exited(1), command: "prove")).map(\.name) == ["b"])
  }

  @Test func ofADifferenceTheFilesAndItsEndAreTold() {
    func diff(_ path: String) -> String {
      "diff --git a/\(path) b/\(path)\nindex 1..2 100644\n--- a/\(path)\n+++ b/\(path)\n"
        + String(repeating: "@@ -1 +1 @@ error\n-a\n+an error\n", count: 10)
    }
    let output = "making\n" + diff("a.c") + diff("b.c") + "make: *** [check] Error 1\n"
    let red = told(execution(output, ending: .exited(2), command: "make check"))
    let message = red.first?.message ?? []
    #expect(message.prefix(2) == ["'make check' ended with status 2", "it shows differences of 'a.c', 'b.c'"])
    #expect(message.dropFirst(2) == Array(output.split(separator: "\n").suffix(20).map(String.init))[...])
    #expect(message.contains("-a") && message.contains("+an error"))
    // No name of a file is what failed.
    #expect(FixWords.telling(["diff --git a/error.c b/error.c", "-a", "+an error"]) == "+an error")
    #expect(
      FixWords.subject([RedTest(name: "the test command", message: [], places: [])], of: ["make check"])
        == "'make check'")
    #expect(FixWords.subject([RedTest(name: "a > the_sum[1]", message: [], places: [])], of: ["make"]) == "the_sum")
    // The same signs elsewhere are a part of what a program says.
    let list = told(execution("- one\n+ two\n@@ three\n", ending: .exited(1), command: "check"))
    #expect(list.first?.message == ["'check' ended with status 1", "- one", "+ two", "@@ three"])
  }

  @Test func whatPytestSaysTwiceIsToldOnce() {
    let output = """
      =================================== FAILURES ===================================
      ___________________________________ test_a ____________________________________

          def test_a():
      >       assert 1 == 2
      E       assert 1 == 2

      test_calc.py:2: AssertionError
      =========================== short test summary info ============================
      FAILED test_calc.py::test_a - assert 1 == 2
      ============================== 1 failed in 0.05s ===============================

      """
    let red = told(execution(output, ending: .exited(1), command: "python3 -m pytest -q"))
    #expect(red.first?.message.count { $0.hasSuffix("assert 1 == 2") && !$0.hasPrefix(">") } == 1, "\(red)")
    #expect(red.first.flatMap { FixWords.telling($0.message) } == "assert 1 == 2")
  }

  @Test func whatWasExpectedIsToldWithWhatWas() {
    let go = ["Error Trace: a_test.go:3", "expected: 1", "actual  : 2"]
    #expect(FixWords.telling(go) == "expected: 1; actual  : 2")
    #expect(FixWords.telling(["expected: 1", "more"]) == "expected: 1")
  }

  @Test func aSummaryKeepsItsParagraphs() {
    let said = FixWords.summary("One.\n\n\n- a list \n- of two\r\n\n")
    #expect(said.hasPrefix("One.\n\n- a list\n- of two"), "\(said.debugDescription)")
    #expect(
      FixWords.paragraphs("One\n\n- two and three and four", at: 20) == ["One", "", "- two and three and", "  four"])
    #expect(FixWords.firstWords(of: "One\nand two.\n\nThree") == "One and two.")
    #expect(FixWords.summary("a\u{1B}[2Jb").contains("\u{1B}") == false)
  }

  @Test func theLinesThatSpeakOfErrorsAreKept() {
    var lines = (1...60).map { "line \($0)" }
    lines[29] = "SyntaxError: invalid syntax"
    for limit in [12, 40] {
      let shown = FixWords.excerpt(lines, limit)
      #expect(shown.contains("SyntaxError: invalid syntax") && shown.contains("line 29"))
      #expect(shown.first == "line 1" && shown.last == "line 60" && shown.count <= limit + 5)
      // Each line is shown or counted.
      #expect(shown.reduce(0) { $0 + Self.standsFor($1) } == 60)
      // A part of a part counts the lines of the whole.
      #expect(FixWords.excerpt(shown, 12).reduce(0) { $0 + Self.standsFor($1) } == 60)
    }
    lines[29] = "line 30"
    #expect(!FixWords.excerpt(lines, 12).contains("line 30"))
  }

  private static func standsFor(_ line: String) -> Int {
    line.hasPrefix("…") ? Int(line.dropFirst(2).prefix { $0.isNumber }) ?? 0 : 1
  }

  @Test func fewLinesAreNotCut() {
    let lines = (1...17).map { "line \($0)" }
    #expect(FixWords.excerpt(Array(lines.prefix(16)), 12) == Array(lines.prefix(16)))
    #expect(FixWords.excerpt(lines, 12).count < 17)
    #expect(FixWords.first(Array(lines.prefix(16)), 12) == Array(lines.prefix(16)))
    #expect(FixWords.first(lines, 12).last == "… 5 more lines")
    // Between two lines that are kept, too.
    var errors = (1...40).map { "line \($0)" }
    errors[20] = "error: a"
    errors[27] = "error: b"
    #expect(!FixWords.excerpt(errors, 22).contains { $0.hasPrefix("… ") && (Self.standsFor($0)) < 5 })
  }

  @Test func wordsOfAPlaceAndASentence() throws {
    let path = try #require(RepositoryPath("limits.py"))
    #expect(FixWords.place(path, 0) == "limits.py" && FixWords.place(path, 3) == "limits.py:3")
    #expect(FixJob.sentence("check.sh:2 forces an answer") == "check.sh:2 forces an answer.")
    #expect(FixJob.sentence("the model gave up") == "The model gave up.")
    #expect(FixJob.sentence("don't") == "Don't.")
  }
}
