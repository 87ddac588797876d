import Base
import Pipeline
import Policy
import Testing
import Work

@Suite("A push starts the jobs that the repository asks for, and every other thing has a reason")
struct JobPlannerTests {
  private static let head = Fixed.commit(1)
  private static let baseTip = Fixed.commit(2)
  private static let mergeBase = Fixed.commit(3)

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var ref = "refs/heads/topic"
    var new = JobPlannerTests.head
    var on: [String]? = ["review", "resolve"]
    var baseTip: ObjectID? = JobPlannerTests.baseTip
    var mergeBase: ObjectID? = JobPlannerTests.mergeBase
    var isOwn = false
    var protect: [String] = []
    /// The kinds that are planned, each with what the head is held against.
    var jobs: [JobKind] = []
    var against: [ObjectID] = []
    var ignored: [String] = []
  }

  static let cases: [Case] = [
    Case(
      testDescription: "a feature branch", jobs: [.review, .resolve], against: [mergeBase, baseTip]),
    Case(testDescription: "only what is asked for", on: ["resolve"], jobs: [.resolve], against: [baseTip]),
    Case(testDescription: "nothing is asked for", on: []),
    Case(testDescription: "the event is not bound", on: nil),
    Case(
      testDescription: "a job of another version", on: ["fix", "review", "spell-check"], jobs: [.fix, .review],
      against: [mergeBase, mergeBase],
      ignored: ["'spell-check' in 'on: push' is a job that this version does not have"]),
    Case(testDescription: "a tag", ref: "refs/tags/v1", ignored: ["refs/tags/v1 is not a branch"]),
    Case(
      testDescription: "the notes", ref: "refs/notes/devtools/discuss",
      ignored: ["refs/notes/devtools/discuss is not a branch"]),
    Case(testDescription: "a deletion", new: .zero, ignored: ["topic was deleted"]),
    Case(
      testDescription: "the base", ref: "refs/heads/dev",
      ignored: ["dev is the base"]),
    Case(
      testDescription: "the default branch", ref: "refs/heads/trunk",
      ignored: ["no pull request: 'refs/heads/trunk' may not be written to: it is the default branch"]),
    Case(
      testDescription: "main, whatever else it is", ref: "refs/heads/main",
      ignored: [
        "no pull request: 'refs/heads/main' may not be written to: the names main, master and HEAD are never feature "
          + "branches"
      ]
    ),
    Case(
      testDescription: "main in other letters", ref: "refs/heads/MAIN",
      ignored: [
        "no pull request: 'refs/heads/MAIN' may not be written to: the names main, master and HEAD are never feature "
          + "branches"
      ]
    ),
    Case(
      testDescription: "a protected branch", ref: "refs/heads/release/1", protect: ["release/*"],
      ignored: ["no pull request: 'refs/heads/release/1' may not be written to: the pattern 'release/*' protects it"]),
    Case(
      testDescription: "a side branch of Arborist", ref: "refs/heads/arborist/resolve/topic-01010101", jobs: [.review],
      against: [mergeBase],
      ignored: [
        "resolve of arborist/resolve/topic-01010101: branches under arborist/ are taken for Arborist's own"
      ]),
    Case(
      testDescription: "a branch that the base holds already", new: mergeBase,
      ignored: ["topic holds nothing that dev lacks"]),
    Case(
      testDescription: "a head of Arborist", isOwn: true, jobs: [.review], against: [mergeBase],
      ignored: ["resolve of topic: Arborist made this head itself"]),
    Case(
      testDescription: "a base without a commit", baseTip: nil, mergeBase: nil,
      ignored: ["the base dev has no commit yet"]),
    Case(
      testDescription: "no common ancestor", mergeBase: nil, jobs: [.review, .resolve], against: [.zero, baseTip]),
  ]

  @Test(arguments: cases)
  func plans(_ test: Case) throws {
    let base = try RefName("refs/heads/dev")
    let rules = BranchRules(
      base: base, defaultBranch: try RefName("refs/heads/trunk"), head: try RefName("refs/heads/trunk"),
      protected: test.protect.map { BranchPattern($0) })
    var configuration = RepositoryConfiguration()
    configuration.on = test.on.map { [.push: $0] } ?? [:]
    let update = RefUpdate(ref: try RefName(test.ref), old: .zero, new: test.new)
    let event = Event(
      id: "d#0", repository: "/r", actor: "ada", time: Timestamp(seconds: 5), kind: .push(update))
    let planned = JobPlanner.plan(
      event,
      facts: PlanningFacts(
        rules: rules, configuration: configuration, baseTip: test.baseTip, mergeBase: test.mergeBase,
        headIsOwn: test.isOwn))
    let request = PullRequest(repository: "/r", branch: update.ref, base: base)
    #expect(
      planned.jobs
        == zip(test.jobs, test.against).map {
          Job(
            kind: $0, pullRequest: request, head: test.new, against: $1, event: "d#0", time: Timestamp(seconds: 5))
        })
    #expect(planned.jobs.count == test.jobs.count)
    #expect(planned.ignored == test.ignored)
  }

  @Test("A failed check starts what is bound to it and nothing of what a push starts")
  func failedCheck() throws {
    let branch = try RefName("refs/heads/topic")
    func plan(_ on: [RepositoryConfiguration.Trigger: [String]], isOwn: Bool = false) throws -> PlannedJobs {
      var configuration = RepositoryConfiguration()
      configuration.on = on
      let event = Event(
        id: "d#0", repository: "/r", actor: "ci", time: Timestamp(seconds: 5),
        kind: .failed(CheckFailure(branch: branch, head: Self.head, check: "unit tests")))
      let (base, trunk) = (try RefName("refs/heads/dev"), try RefName("refs/heads/trunk"))
      return JobPlanner.plan(
        event,
        facts: PlanningFacts(
          rules: BranchRules(base: base, defaultBranch: trunk, head: trunk, protected: []),
          configuration: configuration, baseTip: Self.baseTip, mergeBase: Self.mergeBase, headIsOwn: isOwn))
    }
    let planned = try plan([.push: ["review"], .failed: ["fix"]])
    #expect(planned.jobs.map(\.kind) == [.fix] && planned.jobs.map(\.head) == [Self.head] && planned.ignored == [])
    #expect(planned.jobs.map(\.against) == [Self.mergeBase])
    #expect(
      try plan([.push: ["review", "fix"]]).ignored
        == ["a failed check 'unit tests' of topic: 'on:' in .arborist.yml binds no job to 'failed'"])
    #expect(try plan([.failed: ["fix"]], isOwn: true).ignored == ["fix of topic: Arborist made this head itself"])
  }
}
