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

  @Test func aPersonDecidesWhereOnlyAStatusChangedAndNothingShowsThatItCanFail() {
    func verdict(unshown: Set<RedItem>?, isNamed: Bool = false) -> Verdict {
      var (red, green) = (TestStanding(), TestStanding())
      red.red = [.command(0)]
      if isNamed {
        green = Self.standing(green: ["a"])
        red = green
        red.red = [.command(0)]
      }
      var evidence = evidence(start: [red, red, red], after: [green, green, green])
      evidence.unshown = unshown
      return Verdict.decide(evidence)
    }
    #expect(verdict(unshown: [.command(0)]).outcome == .fixedWithTestChange)
    #expect(verdict(unshown: [.command(0)]).reasons.first?.contains("tells nothing but its status") == true)
    // The controls: it was seen to fail, nobody looked, and a runner that tells more.
    #expect(verdict(unshown: []).outcome == .fixed)
    #expect(verdict(unshown: nil).outcome == .fixed)
    #expect(verdict(unshown: [.command(0)], isNamed: true).outcome == .fixed)
  }

  @Test func aPersonDecidesOnWhatIsGreenInOneHomeOnly() {
    let good = Self.standing(green: ["a", "b", "c"])
    let bad = Self.standing(green: ["a", "b"], red: ["c"])
    var evidence = evidence(after: [good, good])
    #expect(ElsewhereCheck.complaints(of: good, in: evidence).isEmpty)
    let complaints = ElsewhereCheck.complaints(of: bad, in: evidence)
    #expect(complaints == ["'m > c' is still red"])
    evidence.unsealed.append(good)
    #expect(Verdict.decide(evidence).outcome == .fixed)
    evidence.elsewhere = complaints
    #expect(Verdict.decide(evidence).outcome == .fixedWithTestChange)
    // Where the usual runs speak against it already, this one tells nothing new.
    evidence.unsealed = [bad, bad]
    #expect(ElsewhereCheck.complaints(of: bad, in: evidence).isEmpty)
    // What does the same without the patch is no doing of it.
    evidence.unsealed = [good, good]
    func isUsual(_ run: TestStanding, control: TestStanding, usual: TestStanding) -> Bool {
      ElsewhereCheck.isUsual(run, control: control, usual: usual, in: evidence)
    }
    let base = Self.standing(green: ["a", "b", "c"])
    #expect(isUsual(bad, control: bad, usual: base))
    #expect(!isUsual(bad, control: base, usual: base))
    #expect(isUsual(Self.standing(green: ["c"]), control: Self.standing(green: ["c"]), usual: base))
    // One that cannot stand other names excuses no other, and the head excuses nothing of what was red in it.
    let fussy = Self.standing(green: ["b", "c"], red: ["a"])
    #expect(isUsual(fussy, control: fussy, usual: base))
    #expect(!isUsual(Self.standing(green: ["b"], red: ["a", "c"]), control: fussy, usual: base))
    #expect(!isUsual(Self.standing(green: ["b"], red: ["a"]), control: fussy, usual: base))
    #expect(!isUsual(bad, control: bad, usual: Self.standing(green: ["a", "b"], red: ["c"])))
    let usualHead = Self.standing(green: ["a", "b"], red: ["c"])
    #expect(isUsual(fussy, control: Self.standing(green: ["b"], red: ["a", "c"]), usual: usualHead))
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

  /// A command that writes the files that it compares does so with an honest patch too; green by it is another thing.
  @Test func isTamperedWhenSealedFilesAreWrittenAndItIsGreen() throws {
    let path = try #require(RepositoryPath("tests/a.txt"))
    let bad = Self.standing(green: ["a", "b"], red: ["c"])
    let good = Self.standing(green: ["a", "b", "c"])
    func verdict(_ after: [TestStanding], whole: [TestStanding] = []) -> Verdict {
      var evidence = self.evidence(after: after)
      (evidence.patchChanged, evidence.isSealed, evidence.whole) = ([path], [path], whole)
      return Verdict.decide(evidence)
    }
    #expect(verdict([bad]).outcome == .notFixed)
    #expect(verdict([bad]).flags.contains { $0.hasPrefix("tests/a.txt is sealed, and running the tests") })
    #expect(verdict([Self.standing(green: ["a", "c"], red: ["b"])]).outcome == .regressed)
    #expect(verdict([good, good, good]).outcome == .tampered)
    #expect(verdict([good, bad, good]).outcome == .tampered)
    #expect(verdict([bad], whole: [good]).outcome == .tampered)
    #expect(verdict([]).outcome == .tampered)
    // What is red at the base as well says nothing of what was gained.
    var evidence = self.evidence(
      start: Array(repeating: Self.standing(green: ["a"], red: ["b", "c"]), count: 3),
      after: Array(repeating: Self.standing(green: ["a", "c"], red: ["b"]), count: 3))
    evidence.wanted = [.test(TestIdentity(suite: ["m"], name: "c"))]
    (evidence.patchChanged, evidence.isSealed) = ([path], [path])
    #expect(Verdict.decide(evidence).outcome == .tampered)
  }

  @Test func leavesAnAnswerWrittenInByHandToAPerson() throws {
    let (good, bad) = (Self.standing(green: ["a", "b", "c"]), Self.standing(green: ["a", "b"], red: ["c"]))
    let path = try #require(RepositoryPath("a.py"))
    let answer = HardCodedAnswer(path: path, line: 1, value: "3", reason: "is what it expects")
    for (after, outcome) in [(good, Verdict.Outcome.fixedWithTestChange), (bad, .notFixed)] {
      var evidence = evidence(after: [after, after, after])
      evidence.hardCoded = [answer]
      let verdict = Verdict.decide(evidence)
      #expect(verdict.outcome == outcome)
      // It is told once.
      #expect((verdict.reasons + verdict.flags).count { $0 == answer.description } == 1, "\(verdict)")
      #expect(verdict.reasons.contains(answer.description) == (outcome == .fixedWithTestChange))
      // The control.
      evidence.hardCoded = []
      #expect(Verdict.decide(evidence).outcome == (outcome == .notFixed ? .notFixed : .fixed))
    }
  }

  /// What a module that could not be loaded holds may be red without the branch, too.
  @Test func allowsWhatIsRedAtTheBase() {
    var start = Self.standing(green: ["a"])
    start.red = [.test(TestIdentity(suite: ["unittest", "loader", "_FailedTest"], name: "m"))]
    start.executed = 2
    let after = Self.standing(green: ["a", "b"], red: ["old"])
    var evidence = evidence(start: [start, start, start], after: [after, after, after])
    #expect(Verdict.decide(evidence).outcome == .regressed)
    evidence.base = Self.standing(green: ["a", "b"], red: ["old"])
    #expect(Verdict.decide(evidence).outcome == .fixed)
    #expect(Verdict.decide(evidence).flags.contains { $0.contains("old") })
    // What the head has seen green is the patch's doing.
    evidence.start = evidence.start.map { run in
      var run = run
      run.green.insert(TestIdentity(suite: ["m"], name: "old"))
      return run
    }
    #expect(Verdict.decide(evidence).outcome == .regressed)
  }

  private func byStatus(_ red: Set<RedItem> = [], _ trust: TestTrust = .status) -> TestStanding {
    var standing = TestStanding()
    standing.red = red
    standing.trust = trust
    return standing
  }

  private static let exit = PatchSuspicion(
    kind: .forcedStatus, strength: .decidesStatus, path: RepositoryPath("a.c") ?? { preconditionFailure("a path") }(),
    line: 1, excerpt: "exit(0)")

  /// What the patch has the tests print is no reason to believe it.
  @Test func decidesByWhatWasToldWithoutThePatch() {
    let bad = byStatus([.command(0)])
    for after in [byStatus(), Self.standing(green: ["a"])] {
      var evidence = evidence(start: [bad, bad, bad], after: [after, after, after])
      evidence.suspicions = [Self.exit]
      evidence.base = byStatus()
      #expect(Verdict.decide(evidence).outcome == .tampered)
      evidence.suspicions = []
      #expect(Verdict.decide(evidence).outcome == (after.trust == .status ? .fixed : .fixedWithTestChange))
    }
  }

  /// Where nothing was built there is no result to be believed, and none to be forged.
  @Test func leavesABuildThatGaveWayToAPerson() {
    let bad = byStatus([.build("")])
    let good = Self.standing(green: ["a"])
    var evidence = evidence(start: [bad, bad, bad], after: [good, good, good])
    #expect(Verdict.decide(evidence).outcome == .fixed)
    evidence.suspicions = [Self.exit]
    #expect(Verdict.decide(evidence).outcome == .fixedWithTestChange)
    evidence.base = good
    #expect(Verdict.decide(evidence).outcome == .fixed)
  }

  @Test func leavesWhatOnlyAPersonCanTellToOne() {
    let good = Self.standing(green: ["a", "b", "c"])
    var evidence = evidence(after: [good, good, good])
    var suspicion = Self.exit
    suspicion.strength = .weak
    evidence.suspicions = [suspicion]
    #expect(Verdict.decide(evidence).outcome == .fixed)
    suspicion.strength = .wantsPerson
    evidence.suspicions = [suspicion]
    #expect(Verdict.decide(evidence).outcome == .fixedWithTestChange)
    let bad = Self.standing(green: ["a", "b"], red: ["c"])
    evidence.unsealed = [bad, bad, bad]
    #expect(Verdict.decide(evidence).outcome == .notFixed)
  }

  /// What hangs at the head is run once there, and a patch as often as any other.
  @Test func wantsAllRunsOfAPatchToWhatHangs() {
    let hangs = byStatus([.command(0)])
    let good = Self.standing(green: ["a"])
    var evidence = evidence(start: [hangs], after: [good, good, good])
    evidence.startRounds = 1
    #expect(Verdict.decide(evidence).outcome == .fixed)
    evidence.unsealed = [good]
    #expect(Verdict.decide(evidence).outcome == .infrastructure)
    evidence.unsealed = [good, good, hangs]
    #expect(Verdict.decide(evidence).outcome == .flaky)
  }

  @Test(arguments: [("example.org/m/b", Verdict.Outcome.fixed), ("example.org/m/a", .notFixed)])
  func wantsToSeeTheTestsOfWhatWasNotBuilt(_ suite: String, _ outcome: Verdict.Outcome) {
    func standing(_ suites: [String], _ red: Set<RedItem> = []) -> TestStanding {
      var standing = TestStanding()
      standing.green = Set(suites.enumerated().map { TestIdentity(suite: [$1], name: "Test\($0)") })
      standing.red = red
      standing.executed = 2
      standing.trust = .text
      return standing
    }
    let start = standing(["example.org/m/a"], [.build("example.org/m/b")])
    let after = standing(["example.org/m/a", suite])
    var evidence = evidence(start: [start, start, start], after: [after, after, after])
    evidence.testDirectories = ["a", "b"]
    #expect(Verdict.decide(evidence).outcome == outcome)
    // A unit without tests has none to show.
    evidence.testDirectories = ["a"]
    #expect(Verdict.decide(evidence).outcome == .fixed)
  }

  /// `setup` runs again on the patched tree, and may leave other runners.
  @Test func comparesTheRunnersThatSetupLeaves() throws {
    let good = Self.standing(green: ["a", "b", "c"])
    func outcome(
      _ before: [String: String], _ after: [String: String], path: String = "Makefile",
      found: String = "/usr/bin/python3"
    ) throws -> Verdict.Outcome {
      var evidence = evidence(after: [good, good, good])
      let file = PatchedFile(
        path: try #require(RepositoryPath(path)), old: .init(content: [1]), new: .init(content: [2]))
      evidence.split = PatchSplit(whole: [file], unsealed: [file], sealed: [])
      evidence.compareRunners(
        head: [RunnerSeal(files: before, programs: ["python3": "/usr/bin/python3"]).deciding],
        patched: RunnerSeal(files: after, programs: ["python3": found]).deciding,
        setup: ["pip install -r requirements.txt"])
      return Verdict.decide(evidence).outcome
    }
    let venv = "/workspace/.venv/bin"
    #expect(try outcome(["\(venv)/python": "1"], ["\(venv)/python": "1"]) == .fixed)
    #expect(try outcome([:], ["\(venv)/python": "2"]) == .tampered)
    #expect(try outcome(["\(venv)/pytest": "1"], ["\(venv)/pytest": "2"]) == .tampered)
    #expect(
      try outcome(["\(venv)/pytest": "1"], ["\(venv)/pytest": "2"], path: "requirements.txt") == .fixedWithTestChange)
    #expect(try outcome([:], [:], found: "tools/python3") == .tampered)
    // What the tree itself is built to, and the programs of other packages, may differ.
    #expect(try outcome(["/workspace/build/t": "1"], ["/workspace/build/t": "2"]) == .fixed)
    #expect(try outcome(["\(venv)/calc": "1"], ["\(venv)/calc": "2", "\(venv)/other": "3"]) == .fixed)
  }
}
