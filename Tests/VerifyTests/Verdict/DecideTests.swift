import Base
import TestResults
import Testing

@testable import Verify

@Suite struct DecideTests {
  static func standing(
    green: [String] = [], red: [String] = [], skipped: [String] = [], doubts: [String] = []
  ) -> TestStanding {
    func identities(_ names: [String]) -> [TestIdentity] { names.map { TestIdentity(suite: ["m"], name: $0) } }
    var standing = TestStanding()
    standing.green = Set(identities(green))
    standing.red = Set(identities(red).map { .test($0) })
    standing.skipped = Set(identities(skipped))
    standing.executed = green.count + red.count
    standing.trust = .text
    standing.doubts = doubts
    return standing
  }

  private static let patch: PatchSplit = {
    let file = PatchedFile(
      path: RepositoryPath("a.py") ?? { preconditionFailure("a path") }(), old: .init(content: [1]),
      new: .init(content: [2]))
    return PatchSplit(whole: [file], unsealed: [file], sealed: [])
  }()

  private func evidence(
    start: [TestStanding] = Array(repeating: standing(green: ["a", "b"], red: ["c"]), count: 3),
    after: [TestStanding]
  ) -> VerdictEvidence {
    VerdictEvidence(start: start, unsealed: after, split: Self.patch)
  }

  private func outcome(_ after: [TestStanding]) -> Verdict.Outcome { Verdict.decide(evidence(after: after)).outcome }

  @Test func isFixedWhenRedIsGreenEachTime() {
    let good = Self.standing(green: ["a", "b", "c"])
    #expect(outcome([good, good, good]) == .fixed)
    #expect(outcome([good, good]) == .infrastructure)
    #expect(outcome([good, good, Self.standing(green: ["a", "b"], red: ["c"])]) == .flaky)
    #expect(outcome([good, good, Self.standing(green: ["a", "c"], red: ["b"])]) == .flaky)
  }

  @Test func isNotFixedWhenRedStays() {
    let bad = Self.standing(green: ["a", "b"], red: ["c"])
    #expect(outcome([bad, bad, bad]) == .notFixed)
    let skipped = Self.standing(green: ["a", "b"], skipped: ["c"])
    #expect(outcome([skipped, skipped, skipped]) != .fixed)
  }

  @Test(arguments: [
    standing(green: ["a", "c"], red: ["b"]), standing(green: ["a", "c"]), standing(green: ["a", "c"], skipped: ["b"]),
    standing(green: ["a", "b", "c"], red: ["d"]), standing(green: ["a", "b", "c"], skipped: ["d"]),
  ])
  func hasRegressedWhenGreenIsLost(_ after: TestStanding) {
    #expect(outcome([after, after, after]) == .regressed)
  }

  @Test func isNeverFixedWithANewDoubt() {
    let doubted = Self.standing(green: ["a", "b", "c"], doubts: ["the runner counts 4 tests, and 3 were read"])
    #expect(outcome([doubted, doubted, doubted]) == .notFixed)
    let start = Self.standing(green: ["a", "b"], red: ["c"], doubts: ["the runner counts 2 tests, and 1 were read"])
    let known = evidence(start: [start, start, start], after: [doubted, doubted, doubted])
    #expect(Verdict.decide(known).outcome == .fixed)
  }

  /// What could not be loaded is told as one test, which is gone when the tests behind it run.
  @Test(arguments: [
    (["unittest", "loader", "_FailedTest"], "tests.test_a", ["tests", "test_a", "A"], "test_x"),
    (["tests/test_a.py"], "(collection)", ["tests/test_a.py"], "test_x"), ([], "test/a.test.js", [], "adds two"),
  ])
  func isFixedWhenWhatStoodForTestsHasGivenWay(
    _ suite: [String], _ name: String, _ newSuite: [String], _ newName: String
  ) {
    var start = Self.standing(green: ["a"])
    start.red = [.test(TestIdentity(suite: suite, name: name))]
    start.executed = 2
    var after = Self.standing(green: ["a"])
    let gone = evidence(start: [start, start, start], after: [after, after, after])
    #expect(Verdict.decide(gone).outcome != .fixed)
    after.green.insert(TestIdentity(suite: newSuite, name: newName))
    after.executed = 2
    let loaded = evidence(start: [start, start, start], after: [after, after, after])
    #expect(Verdict.decide(loaded).outcome == .fixed)
  }

  @Test func isTamperedWhenARunnerIsNoLongerTheSame() {
    let good = Self.standing(green: ["a", "b", "c"])
    var evidence = evidence(after: [good, good, good])
    evidence.runnersBefore = ["/usr/bin/python3": "1"]
    #expect(Verdict.decide(evidence).outcome == .fixed)
    evidence.runnersAfter = ["/usr/bin/python3": "1"]
    #expect(Verdict.decide(evidence).outcome == .fixed)
    evidence.runnersAfter = ["/usr/bin/python3": "2"]
    #expect(Verdict.decide(evidence).outcome == .tampered)
  }
}
