import Base
import Forges
import Journal
import Pipeline
import Policy
import Publish
import Testing
import Work

@Suite("A forge's report leads to what the repository asks for, as things stand now")
struct AttendPlannerTests {
  private static let head = Fixed.commit(1)
  private static let baseTip = Fixed.commit(2)
  private static let mergeBase = Fixed.commit(3)

  private static func repository() throws -> ForgeRepository {
    try #require(ForgeRepository(forge: .github, id: 1, path: "o/r"))
  }

  private static func happening(_ kind: ForgeHappening.Kind) throws -> ForgeHappening {
    ForgeHappening(
      repository: try repository(), actor: ForgeActor(id: 5, login: "jo", isBot: false), kind: kind)
  }

  private static func state(
    isOpen: Bool = true, isDraft: Bool = false, head: ObjectID = head, fork: String? = nil, branch: String = "topic"
  ) throws -> PullRequestState {
    PullRequestState(
      place: ForgePlace(repository: try repository(), number: 7, fork: fork), isOpen: isOpen, isDraft: isDraft,
      title: "", body: "", head: head, branch: try RefName("refs/heads/\(branch)"),
      base: try RefName("refs/heads/main"),
      baseTip: nil, author: nil, labels: [], isMergeable: nil, allowsPush: fork == nil)
  }

  private static func facts(
    on: [RepositoryConfiguration.Trigger: [String]]? = nil, isOwn: Bool = false
  ) throws -> PlanningFacts {
    var configuration = RepositoryConfiguration()
    if let on { configuration.on = on }
    let base = try RefName("refs/heads/main")
    return PlanningFacts(
      rules: BranchRules(base: base, defaultBranch: base, head: base), configuration: configuration, baseTip: baseTip,
      mergeBase: mergeBase, headIsOwn: isOwn)
  }

  private static func plan(
    _ kind: ForgeHappening.Kind, state: PullRequestState? = nil, facts: PlanningFacts? = nil,
    command: CommandDecision? = nil, undoable: UndoTarget? = nil, fault: String? = nil
  ) throws -> AttendPlan {
    let happening = try happening(kind)
    let event = Event(
      id: "github:1", repository: happening.repository.name, actor: "jo", time: Timestamp(milliseconds: 5),
      kind: .forge(happening))
    let state = try state ?? Self.state()
    return AttendPlanner.plan(
      event, happening, state: state, facts: state.isOpen && fault == nil ? try facts ?? Self.facts() : nil,
      fault: fault, command: command, undoable: undoable)
  }

  private static func change(_ action: ChangeNotice.Action) -> ForgeHappening.Kind {
    .change(ChangeNotice(action: action, number: 7, head: Fixed.commit(99)))
  }

  @Test(
    "What asks for work gets it, at the head that the forge names now",
    arguments: [ChangeNotice.Action.opened, .updated, .reopened, .ready, .retargeted])
  func changes(_ action: ChangeNotice.Action) throws {
    let plan = try Self.plan(Self.change(action))
    #expect(plan.jobs.map(\.kind) == [.review, .resolve])
    #expect(plan.jobs.allSatisfy { $0.head == Self.head && $0.pullRequest.forge?.number == 7 && $0.request.isEmpty })
    #expect(plan.jobs.map(\.against) == [Self.mergeBase, Self.baseTip])
    #expect(plan.ends == nil && plan.reply == nil)
  }

  @Test("A broken configuration is told of where there would have been work, and nowhere else")
  func brokenConfiguration() throws {
    let fault = ".arborist.yml:1:1: on: no such key"
    func told(
      _ kind: ForgeHappening.Kind, state: PullRequestState? = nil, _ decision: CommandDecision? = nil
    ) throws -> AttendPlan {
      try Self.plan(kind, state: state, command: decision, fault: fault)
    }
    let update = RefUpdate(ref: try RefName("refs/heads/main"), old: Fixed.commit(4), new: Fixed.commit(5))
    var keys: Set<JobKey> = []
    for kind in [Self.change(.opened), Self.change(.updated), .branch(update)] {
      let plan = try told(kind)
      #expect(plan.jobs.map(\.kind) == [.review] && plan.jobs.first?.head == Self.head)
      #expect(plan.jobs.first?.request == "" && plan.ignored == [fault] && plan.ends == nil)
      keys.formUnion(plan.jobs.map(\.key))
      // The control: the same report with a configuration that is right, and on a draft.
      #expect(try !Self.plan(kind).jobs.isEmpty)
      #expect(try told(kind, state: try Self.state(isDraft: true)).jobs.isEmpty)
    }
    // The same job, however often something is reported of one head.
    #expect(keys.count == 1)
    #expect(try told(Self.change(.updated), state: try Self.state(head: Fixed.commit(8))).jobs.first?.key != keys.first)

    // What starts nothing says nothing.
    let failed = FailedCheck(head: Self.head, numbers: [7], check: "ci")
    #expect(try told(.failed(failed)).jobs.isEmpty)
    #expect(try told(.head(number: 7, Self.head)).jobs.isEmpty)
    #expect(try told(Self.change(.closed), state: try Self.state(isOpen: false)).jobs.isEmpty)

    // Commands that need no configuration do what they always do.
    func command(_ word: CommentCommand.Word, _ decision: CommandDecision = .allowed) throws -> AttendPlan {
      try told(.command(CommentCommand(number: 7, word: word, comment: 5, thread: nil)), decision)
    }
    #expect(try command(.help) == AttendPlan(reply: .help))
    #expect(try command(.stop).ends != nil && command(.stop).jobs.isEmpty)
    #expect(try command(.review, .refused(.lacksRight)).jobs.isEmpty)
    let asked = try command(.fix)
    #expect(asked.jobs.count == 1 && asked.jobs.first?.request.isEmpty == false && asked.reply == .unavailable(fault))
  }

  @Test("'opened' and 'updated' are bound apart")
  func triggers() throws {
    let facts = try Self.facts(on: [.opened: ["review"], .updated: ["resolve"]])
    #expect(try Self.plan(Self.change(.ready), facts: facts).jobs.map(\.kind) == [.review])
    #expect(try Self.plan(Self.change(.updated), facts: facts).jobs.map(\.kind) == [.resolve])
    #expect(try Self.plan(Self.change(.opened), facts: try Self.facts(on: [:])).jobs.isEmpty)
  }

  @Test("A draft waits, and what is closed ends all work")
  func standings() throws {
    let draft = try Self.plan(Self.change(.updated), state: try Self.state(isDraft: true))
    #expect(draft.jobs.isEmpty && draft.ends == nil && draft.ignored.count == 1)
    let closed = try Self.plan(Self.change(.updated), state: try Self.state(isOpen: false))
    #expect(closed.jobs.isEmpty && closed.ends == "#7 is closed")
  }

  @Test("To stop work is not to say that it is pointless")
  func stop() throws {
    func seen(_ kind: ForgeHappening.Kind, isOpen: Bool) throws -> ForgeHappening.Kind {
      let state = try Self.state(isOpen: isOpen)
      return try Self.plan(kind, state: state, command: .allowed).seen(try Self.happening(kind), of: state)
    }
    let stop = ForgeHappening.Kind.command(CommentCommand(number: 7, word: .stop, comment: 1))
    #expect(try seen(stop, isOpen: true) == .stop(number: 7))
    #expect(try seen(Self.change(.closed), isOpen: false) == .head(number: 7, .zero))
    #expect(try seen(Self.change(.updated), isOpen: true) == .head(number: 7, Self.head))
  }

  @Test("Of Arborist's own head only a review is made, and a command may do more")
  func ownHeads() throws {
    let facts = try Self.facts(isOwn: true)
    #expect(try Self.plan(Self.change(.updated), facts: facts).jobs.map(\.kind) == [.review])
    let command = CommentCommand(number: 7, word: .fix, comment: 9)
    #expect(try Self.plan(.command(command), facts: facts, command: .allowed).jobs.map(\.kind) == [.fix])
  }

  @Test("A fork's branch may have any name; one of the repository may not")
  func forks() throws {
    let fork = try Self.state(fork: "someone/r", branch: "main")
    #expect(try Self.plan(Self.change(.opened), state: fork).jobs.map(\.kind) == [.review, .resolve])
    #expect(try Self.plan(Self.change(.opened), state: try Self.state(branch: "main")).jobs.isEmpty)
  }

  @Test("A moved base asks again whether it can be merged, and for nothing else")
  func movedBase() throws {
    let update = RefUpdate(ref: try RefName("refs/heads/main"), old: Self.mergeBase, new: Self.baseTip)
    #expect(AttendQuestion(try Self.happening(.branch(update))) == .into(update.ref))
    #expect(try Self.plan(.branch(update)).jobs.map(\.kind) == [.resolve])
    var gone = update
    gone.new = .zero
    guard case .nothing = AttendQuestion(try Self.happening(.branch(gone))) else { return #expect(Bool(false)) }
  }

  @Test("A failed check counts at the head, where it is bound, and where it is not Arborist's own")
  func failures() throws {
    let failed = FailedCheck(head: Self.head, numbers: [], check: "ci")
    let facts = try Self.facts(on: [.failed: ["fix"]])
    #expect(AttendQuestion(try Self.happening(.failed(failed))) == .at(Self.head, numbers: []))
    #expect(try Self.plan(.failed(failed), facts: facts).jobs.map(\.kind) == [.fix])
    #expect(try Self.plan(.failed(failed)).jobs.isEmpty)
    let old = FailedCheck(head: Fixed.commit(50), numbers: [7], check: "ci")
    #expect(try Self.plan(.failed(old), facts: facts).jobs.isEmpty)
    let own = FailedCheck(head: Self.head, numbers: [7], check: "arborist/review")
    guard case .nothing = AttendQuestion(try Self.happening(.failed(own))) else { return #expect(Bool(false)) }
  }

  @Test("Asking for a check again is a request of its own")
  func reruns() throws {
    let rerun = RerunRequest(head: Self.head, numbers: [7], kind: .review)
    let plan = try Self.plan(.rerun(rerun))
    #expect(plan.jobs.map(\.kind) == [.review] && plan.jobs.map(\.request) == ["github:1"])
    #expect(try Self.plan(.rerun(RerunRequest(head: Fixed.commit(8), numbers: []))).jobs.isEmpty)
  }

  @Test("What a person had done at a head is not done again because the head is found")
  func asked() throws {
    let found = try Self.plan(Self.change(.opened))
    let review = try #require(found.jobs.first)
    func left(
      _ verdict: Closing.Verdict?, waits: Bool = false, _ change: (inout Job) -> Void = { _ in }
    ) -> [JobKind] {
      var asked = review
      asked.request = "comment-5"
      change(&asked)
      let end = RunSummary.State.finished(
        Closing(verdict: verdict ?? .clean, summary: ""), at: Timestamp(milliseconds: 9))
      let run = RunSummary(
        run: RunID(random: 1), job: asked, state: verdict == nil ? .running : end, started: Timestamp(milliseconds: 8))
      var plan = found
      plan.leaveOutAsked(runs: waits ? [] : [run], waiting: waits ? [asked] : [])
      #expect(plan.ignored.count == 2 - plan.jobs.count)
      return plan.jobs.map(\.kind)
    }
    #expect(left(.clean) == [.resolve] && left(.findings) == [.resolve])
    #expect(left(nil) == [.resolve] && left(nil, waits: true) == [.resolve])
    #expect(
      left(.mergeable) {
        $0 = found.jobs[1]
        $0.request = "comment-6"
      } == [.review])
    // The controls: what came to nothing, another head or base, and what nobody asked for.
    for verdict in [Closing.Verdict.failed, .superseded, .stopped] { #expect(left(verdict) == [.review, .resolve]) }
    #expect(left(.clean) { $0.head = Fixed.commit(8) } == [.review, .resolve])
    #expect(left(.clean) { $0.against = Fixed.commit(8) } == [.review, .resolve])
    #expect(left(.clean) { $0.pullRequest.forge?.number = 8 } == [.review, .resolve])
    #expect(left(.clean) { $0.request = "" } == [.review, .resolve])
    // And a person who asks is never told that it was done.
    let command = CommentCommand(number: 7, word: .review, comment: 9)
    #expect(try Self.plan(.command(command), command: .allowed).jobs.map(\.kind) == [.review])
  }

  @Test("Commands start their jobs under the comment's number, on drafts too")
  func commands() throws {
    for (word, kind) in [(CommentCommand.Word.review, JobKind.review), (.fix, .fix), (.resolve, .resolve)] {
      let command = CommentCommand(number: 7, word: word, comment: 42)
      let plan = try Self.plan(.command(command), state: try Self.state(isDraft: true), command: .allowed)
      #expect(plan.jobs.map(\.kind) == [kind] && plan.jobs.map(\.request) == ["comment-42"] && plan.reply == nil)
      // Beside each: the same that is refused, ignored, or that nobody decided on.
      let refused = try Self.plan(.command(command), command: .refused(.lacksRight))
      #expect(refused.jobs.isEmpty && refused.reply == .refused)
      let unasked = try Self.plan(.command(command), command: .refused(.cannotAsk))
      #expect(unasked.jobs.isEmpty && unasked.reply == .unasked)
      #expect(try Self.plan(.command(command), command: .ignored(.program)).reply == nil)
      #expect(try Self.plan(.command(command)).jobs.isEmpty)
      let closed = try Self.plan(.command(command), state: try Self.state(isOpen: false), command: .allowed)
      #expect(closed.jobs.isEmpty && closed.reply != nil)
    }
  }

  @Test("'stop' ends all work, 'help' tells, and 'undo' needs something to take back")
  func otherCommands() throws {
    func plan(_ word: CommentCommand.Word, _ undoable: UndoTarget? = nil) throws -> AttendPlan {
      try Self.plan(
        .command(CommentCommand(number: 7, word: word, comment: 42)), command: .allowed, undoable: undoable)
    }
    let stop = try plan(.stop)
    #expect(stop.ends != nil && stop.reply == nil && stop.jobs.isEmpty)
    #expect(try plan(.help) == AttendPlan(reply: .help))
    #expect(try plan(.unknown("merge")) == AttendPlan(reply: .unknown))
    #expect(try plan(.undo) == AttendPlan(reply: .nothingToUndo))
    let run = RunID(random: 5)
    let target = UndoTarget(run: run, branch: try RefName("refs/heads/topic"), from: Fixed.commit(4), to: Self.head)
    let undo = try #require(try plan(.undo, target).jobs.first)
    #expect(undo.kind == .undo && undo.head == Self.head && undo.against == Fixed.commit(4))
    #expect(undo.request == "comment-42 \(run)")
  }
}
