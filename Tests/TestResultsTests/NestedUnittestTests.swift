import TestResults
import Testing

/// Tests that themselves run unittest, and print what it prints.
struct NestedUnittestTests {
  private static let rule = String(repeating: "-", count: 70)
  private static let title = String(repeating: "=", count: 70)

  private func read(_ output: String, status: Int32 = 0) -> TestReport {
    TestResultReader.read(
      TestEvidence(command: ["python3", "-m", "unittest", "-v"], status: status, output: Array(output.utf8)))
  }

  private func closing(_ count: Int, _ word: String = "OK") -> String {
    "\n\(Self.rule)\nRan \(count) test\(count == 1 ? "" : "s") in 0.001s\n\n\(word)\n"
  }

  private let last = "test_b (test_tool.T.test_b) ... ok\n"

  @Test func aRunInsideOfATestBelongsToIt() {
    let inner = "test_a (test_tool.T.test_a) ... test_inner (inner.S.test_inner) ... ok\n" + closing(1) + "ok\n"
    let report = read(inner + last + closing(2))
    #expect(report.green.map(\.identity.name) == ["test_a", "test_b"])
    #expect(!report.isRed && report.allDoubts.isEmpty && report.runs.count == 1)
  }

  @Test func aRunOfSeveralTestsInsideOfATest() {
    let inner =
      "test_a (test_tool.T.test_a) ... test_i1 (inner.S.test_i1) ... ok\ntest_i2 (inner.S.test_i2) ... FAIL\n\n"
      + "\(Self.title)\nFAIL: test_i2 (inner.S.test_i2)\n\(Self.rule)\nTraceback\nAssertionError\n"
      + closing(2, "FAILED (failures=1)")
    // The test expects that the run fails, or does not.
    let good = read(inner + "ok\n" + last + closing(2))
    #expect(good.green.map(\.identity.name) == ["test_a", "test_b"] && !good.isRed)
    let bad = read(
      inner + "FAIL\n" + last + "\n\(Self.title)\nFAIL: test_a (test_tool.T.test_a)\n\(Self.rule)\nAssertionError: 1\n"
        + closing(2, "FAILED (failures=1)"), status: 1)
    #expect(bad.red.map(\.identity.name) == ["test_a"] && bad.green.map(\.identity.name) == ["test_b"])
    #expect(bad.red.first.map { String(decoding: $0.message, as: UTF8.self) } == "AssertionError: 1")
  }

  @Test func aRunInsideOfARunInsideOfATest() {
    let inner =
      "test_a (t.T.test_a) ... test_i (i.S.test_i) ... test_ii (j.S.test_ii) ... ok\n" + closing(1) + "ok\n"
      + closing(1)
      + "ok\n"
    let report = read(inner + last + closing(2))
    #expect(report.green.map(\.identity.name) == ["test_a", "test_b"] && report.runs.count == 1)
  }

  @Test func aRunThatNamesNothingInsideOfATest() {
    let report = read("test_a (t.T.test_a) ... .\n" + closing(1) + "ok\n" + last + closing(2))
    #expect(report.green.map(\.identity.name) == ["test_a", "test_b"] && report.runs.count == 1)
  }

  @Test func aLineOfARunInsideOfATest() {
    let report = read(
      "test_a (t.T.test_a) ... test_b (t.T.test_b) ... ok\nnoise\nFAIL\n" + last + closing(2), status: 1)
    #expect(report.red.map(\.identity.name) == ["test_a"] && report.green.map(\.identity.name) == ["test_b"])
  }

  @Test func oneRunAfterTheOtherIsTwo() {
    let report = read(last + closing(1) + "test_c (m.C.test_c) ... ok\n" + closing(1))
    #expect(report.runs.count == 2 && report.green.count == 2)
  }

  @Test func aVerdictBehindWhatATestPrinted() {
    // The word is overlooked; the runner and the command say that all is good.
    let output = "test_a (t.T.test_a) ... hellook\n" + last + closing(2)
    let good = read(output)
    #expect(good.green.map(\.identity.name) == ["test_b"] && !good.isRed)
    #expect(good.runs.first?.unnamed.passed == 1)
    // A command that fails is not believed, nor is a run without its end.
    #expect(read(output, status: 1).red.map(\.identity.name) == ["test_a"])
    #expect(read(last + "test_a (t.T.test_a) ... hello\n").red.map(\.identity.name) == ["test_a"])
  }

  @Test func whatFollowsAVerdictThatWasOverlookedIsRead() {
    let output =
      "test_a (t.T.test_a) ... hellook\ntest_c (t.T.test_c) ... FAIL\n\n\(Self.title)\nFAIL: test_c (t.T.test_c)\n"
      + "\(Self.rule)\nAssertionError\n" + closing(2, "FAILED (failures=1)")
    let report = read(output + last + closing(1), status: 1)
    #expect(report.red.map(\.identity.name).contains("test_c"))
    #expect(report.green.map(\.identity.name) == ["test_b"] && report.runs.count == 2)
  }

  @Test func dotsAndAFailureCountWhatPassed() {
    let dots = "..F\n\(Self.title)\nFAIL: test_c (t.T.test_c)\n\(Self.rule)\nAssertionError\n"
    let report = read(dots + closing(3, "FAILED (failures=1)"), status: 1)
    #expect(report.runs.map(\.unnamed.passed) == [2] && report.red.count == 1 && report.allDoubts.isEmpty)
    // Two parts of one test failed: at least none passed, which tells nothing against the one that did.
    let parts = read(last + dots + closing(3, "FAILED (failures=3)"), status: 1)
    #expect(parts.green.count == 1 && !parts.allDoubts.contains { "\($0)".contains("passed") })
  }
}
