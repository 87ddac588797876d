import Base
import Synchronization
import TestResults
import Testing
import Verify
import Work

@testable import Resolve

@Suite("What is blamed on a merge, beside both of its parents")
struct MergeComparisonTests {
  private static func test(_ name: String) -> TestIdentity { TestIdentity(suite: ["S"], name: name) }

  private static func standing(
    red: [String] = [], green: [String] = [], skipped: [String] = [], other: [RedItem] = [], executed: Int? = nil
  ) -> TestStanding {
    var standing = TestStanding()
    standing.red = Set(red.map { .test(test($0)) } + other)
    standing.green = Set(green.map(test))
    standing.skipped = Set(skipped.map(test))
    standing.executed = executed ?? red.count + green.count
    standing.trust = .text
    return standing
  }

  private func compare(
    _ merged: TestStanding, _ ours: TestStanding, _ theirs: TestStanding, base: TestStanding? = nil,
    again: [TestStanding] = [], parents: [TestStanding] = []
  ) -> MergeConfirmation {
    var comparison = MergeComparison(merged: merged, ours: ours, theirs: theirs)
    comparison.base = base
    comparison.repeatedMerged = again
    comparison.repeatedParents = parents
    return comparison.confirmation(details: [:])
  }

  private func failures(_ confirmation: MergeConfirmation) -> [String] {
    confirmation.failures.map { "\($0.kind.rawValue) \($0.name)" }
  }

  @Test("Only what fails in neither parent is blamed")
  func blame() {
    let merged = Self.standing(red: ["a", "b", "c"], green: ["d"])
    let found = compare(
      merged, Self.standing(red: ["a"], green: ["b", "c", "d"]), Self.standing(red: ["b"], green: ["a", "c", "d"]),
      again: [merged, merged])
    #expect(found.verdict == .failed && failures(found) == ["red S > c"])
    #expect(found.known == ["S > a", "S > b"] && found.notes.count == 2)
    let green = Self.standing(green: ["a"])
    #expect(compare(green, green, green).verdict == .verified, "the control")
    let known = compare(
      Self.standing(red: ["a"]), Self.standing(red: ["a"]), Self.standing(red: ["a"]))
    #expect(known.verdict == .verified && known.known == ["S > a"] && known.notes.isEmpty)
  }

  @Test("What is said of tests that fail in a parent too is true of both parents")
  func sentences() {
    let (red, green) = (Self.standing(red: ["a"], green: ["b"]), Self.standing(green: ["a", "b"]))
    #expect(
      compare(red, red, green).reason
        == "2 tests ran on the merged tree, and none fails that fails in neither parent; 1 fails as in one of the parents."
    )
    #expect(
      compare(red, red, red).reason
        == "2 tests ran on the merged tree, and none fails that passes in a parent; 1 fails in both parents too.")
    #expect(
      compare(green, green, green).reason == "2 tests ran on the merged tree, and none fails that passes in a parent.",
      "the control")
  }

  @Test("A file that cannot be loaded is wrong once, not as a build and as a test")
  func causes() {
    let file = TestIdentity(suite: ["tests/test_a.py"], name: "(collection)")
    let merged = Self.standing(other: [.build("tests/test_a.py"), .test(file), .test(Self.test("x"))])
    let green = Self.standing(green: ["x"])
    #expect(
      failures(compare(merged, green, green, again: [merged, merged])) == [
        "red the build of tests/test_a.py", "red S > x",
      ])
  }

  @Test("A test that a side added must run in the result, and pass")
  func added() {
    let base = Self.standing(green: ["a"])
    let (ours, theirs) = (Self.standing(green: ["a", "o"]), Self.standing(green: ["a", "t"]))
    #expect(compare(Self.standing(green: ["a", "o", "t"]), ours, theirs).verdict == .verified, "the control")
    #expect(failures(compare(Self.standing(green: ["a", "o"]), ours, theirs, base: base)) == ["missing S > t"])
    let red = Self.standing(red: ["t"], green: ["a", "o"])
    #expect(failures(compare(red, ours, theirs, again: [red, red])) == ["red S > t"])
    let skipped = Self.standing(green: ["a", "o"], skipped: ["t"])
    #expect(failures(compare(skipped, ours, theirs)) == ["skipped S > t"])
  }

  @Test("A test that a side took away may be gone; one that both have may not")
  func deleted() {
    let both = Self.standing(green: ["a", "b"])
    let fewer = Self.standing(green: ["a"])
    #expect(compare(fewer, fewer, both, base: both).verdict == .verified)
    #expect(compare(fewer, both, fewer, base: both).verdict == .verified)
    #expect(failures(compare(fewer, both, both, base: both)) == ["missing S > b"])
    #expect(failures(compare(fewer, both, fewer, base: fewer)) == ["missing S > b"], "one side added it")
  }

  @Test("Where tests are counted and not named, both sides' additions must be among the count")
  func counted() {
    func counted(_ number: Int) -> TestStanding {
      var standing = Self.standing(executed: number)
      standing.unnamedPassed = number
      return standing
    }
    #expect(compare(counted(12), counted(11), counted(11), base: counted(10)).verdict == .verified)
    #expect(failures(compare(counted(10), counted(11), counted(11), base: counted(10))) == ["fewer 10 tests ran"])
    #expect(compare(counted(10), counted(11), counted(10), base: counted(11)).verdict == .verified, "one was deleted")
  }

  @Test("What is red now and then is the merge's doing only where it never is in a parent")
  func flaky() {
    let red = Self.standing(red: ["a"], green: ["b"])
    let green = Self.standing(green: ["a", "b"])
    let blamed = compare(red, green, green, again: [green, green], parents: [green, green])
    #expect(blamed.verdict == .failed && failures(blamed) == ["flaky S > a"])
    let known = compare(red, green, green, again: [green, green], parents: [green, red])
    #expect(known.verdict == .verified && known.flaky == ["S > a"])
  }

  @Test("A parent that cannot be built, or of which only a failed command is known, hides what the merge does")
  func hidden() {
    let green = Self.standing(green: ["a"])
    for item in [RedItem.build("x"), .command(0)] {
      let broken = Self.standing(other: [item])
      #expect(compare(broken, broken, green, base: green).verdict != .verified)
      let blamed = compare(broken, green, green, again: [broken, broken])
      #expect(blamed.verdict == .failed && blamed.failures.first?.kind == .red)
    }
    let none = Self.standing()
    #expect(compare(none, none, none).verdict == .inconclusive, "a runner that found no test")
    let status = Self.standing(other: [.command(0)])
    #expect(compare(status, status, status).verdict == .inconclusive)
  }

  // MARK: Executions

  /// Gives one standing after the other for each tree.
  private final class ScriptedStage: TestStaging {
    private let standings: Mutex<[ObjectID: [TestStanding]]>
    private let asked = Mutex<[ObjectID]>([])

    init(_ standings: [ObjectID: [TestStanding]]) { self.standings = Mutex(standings) }

    var runs: [ObjectID] { asked.withLock { $0 } }

    func run(_ tree: ObjectID) async throws -> TestExecution {
      asked.withLock { $0.append(tree) }
      let standing = standings.withLock { standings -> TestStanding? in
        guard let next = standings[tree]?.first else { return nil }
        if standings[tree]?.count ?? 0 > 1 { standings[tree]?.removeFirst() }
        return next
      }
      guard let standing else { throw StageFailure(.setup, "'setup' ended with 1") }
      return TestExecution(tree: tree, standing: standing, reports: [], commands: [])
    }
  }

  private static func id(_ digit: String) throws -> ObjectID {
    try #require(ObjectID(hex: String(repeating: digit, count: 40)))
  }

  @Test("A new failure is tried three times, and the ancestor is run only where it is needed")
  func executions() async throws {
    let (m, o, t, b) = (try Self.id("1"), try Self.id("2"), try Self.id("3"), try Self.id("4"))
    let green = Self.standing(green: ["a"])
    let red = Self.standing(red: ["a"])
    func run(_ standings: [ObjectID: [TestStanding]]) async throws -> (MergeConfirmation, [ObjectID]) {
      let stage = ScriptedStage(standings)
      let trees = MergeVerification.Trees(merged: m, ours: o, theirs: t, base: b)
      return (try await MergeVerification(stage: stage, commands: ["make test"]).run(trees), stage.runs)
    }
    let fine = try await run([m: [green], o: [green], t: [green], b: [green]])
    #expect(fine.0.verdict == .verified && fine.1 == [m, o, t] && fine.0.commands == ["make test"])
    let broken = try await run([m: [red], o: [green], t: [green], b: [green]])
    #expect(broken.0.verdict == .failed && broken.1 == [m, o, t, m, m])
    let flaky = try await run([m: [red, green, green], o: [green, red], t: [green], b: [green]])
    #expect(flaky.0.verdict == .verified && flaky.0.flaky == ["S > a"] && flaky.1 == [m, o, t, m, m, o, t, o, t])
    let missing = try await run([m: [Self.standing()], o: [green], t: [green], b: [green]])
    #expect(missing.0.verdict == .failed && missing.1 == [m, o, t, b])
    let nothing = try await run([:])
    #expect(nothing.0.verdict == .infrastructure && nothing.0.reason == "'setup' ended with 1")
  }

  @Test("An execution that was written down is not made again")
  func recalled() async throws {
    let (m, o, t) = (try Self.id("1"), try Self.id("2"), try Self.id("3"))
    let green = Self.standing(green: ["a"])
    let stage = ScriptedStage([m: [green], o: [green], t: [green]])
    let journal = MemoryJournal()
    let trees = MergeVerification.Trees(merged: m, ours: o, theirs: t, base: nil)
    let first = try await MergeVerification(stage: stage, commands: [], journal: journal).run(trees)
    let second = try await MergeVerification(stage: stage, commands: [], journal: journal).run(trees)
    #expect(first == second && stage.runs.count == 3)
  }
}
