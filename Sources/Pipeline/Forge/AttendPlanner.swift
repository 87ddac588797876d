package import Base
package import Forges
package import Journal
package import Policy
package import Publish
package import Work

/// What has to be asked of a forge before a report of it leads to anything.
package enum AttendQuestion: Sendable, Hashable {
  /// How one pull request stands.
  case pullRequest(Int)
  /// All open pull requests into a branch.
  case into(RefName)
  /// The open pull requests with this head; among those that the report names, where it names any.
  case at(ObjectID, numbers: [Int])
  /// Nothing: the report leads to no work, for this reason.
  case nothing(String)

  /// The question that a report leads to.
  package init(_ happening: ForgeHappening) {
    switch happening.kind {
    case .change(let notice):
      switch notice.action {
      case .labelled, .unlabelled:
        self = .nothing("#\(notice.number) was \(notice.action.rawValue): nothing waits for that")
      case .drafted: self = .nothing("#\(notice.number) is a draft by now: work on it goes on, and none begins")
      case .opened, .updated, .reopened, .ready, .retargeted, .closed: self = .pullRequest(notice.number)
      }
    case .branch(let update):
      self = update.isDeletion ? .nothing("\(update.ref.shortDisplay) was deleted") : .into(update.ref)
    case .command(let command): self = .pullRequest(command.number)
    case .reply(let reply): self = .nothing("an answer in a thread of #\(reply.number) is no command")
    case .failed(let failed):
      self =
        failed.isOwn
        ? .nothing("'\(failed.check)' is a check of Arborist's own") : .at(failed.head, numbers: failed.numbers)
    case .rerun(let rerun): self = .at(rerun.head, numbers: rerun.numbers)
    case .head(let number, _), .stop(let number): self = .pullRequest(number)
    case .untold(let end): self = .pullRequest(end.number)
    }
  }
}

/// What is to be done about one pull request.
package struct AttendPlan: Sendable, Hashable {
  package var jobs: [Job] = []
  /// What led to nothing, and why; one sentence each.
  package var ignored: [String] = []
  /// Why all work on it is to end; `nil` where it goes on.
  package var ends: String?
  /// What is told whoever gave a command, where it starts and ends nothing; `nil` for nothing.
  package var reply: CommandReply?

  package init(
    jobs: [Job] = [], ignored: [String] = [], ends: String? = nil, reply: CommandReply? = nil
  ) {
    self.jobs = jobs
    self.ignored = ignored
    self.ends = ends
    self.reply = reply
  }
}

extension AttendPlan {
  /// What is known of a pull request now: it makes all work on another head pointless, or all work.
  package func seen(_ happening: ForgeHappening, of state: PullRequestState) -> ForgeHappening.Kind {
    let number = state.place.number
    guard ends != nil else { return .head(number: number, state.head) }
    return isStop(happening) ? .stop(number: number) : .head(number: number, .zero)
  }

  /// Leaves out what a person has asked for already, and what ended well or is yet to: the same kind of work on the same
  /// head, held against the same commit.
  ///
  /// It is for what no delivery told: a command may have come through before the head was found that it was about.
  ///
  /// - Parameters:
  ///   - runs: Those of the pull request.
  ///   - waiting: The jobs that wait or run.
  package mutating func leaveOutAsked(runs: [RunSummary], waiting: [Job]) {
    let bad: Set<Closing.Verdict> = [.failed, .superseded, .stopped, .infrastructure]
    let done = runs.filter { $0.closing.map { !bad.contains($0.verdict) } ?? true }.map(\.job)
    let asked = (done + waiting).filter { !$0.request.isEmpty }.map { job in
      var job = job
      job.request = ""
      return job.key
    }
    let (before, keys) = (jobs, Set(asked))
    jobs.removeAll { keys.contains($0.key) }
    ignored += before.filter { keys.contains($0.key) }.map { job in
      "somebody asked for the \(job.kind.rawValue) of \(job.head.short) already"
    }
  }

  /// Whether all work ends because a person said so, and not because it is pointless.
  func isStop(_ happening: ForgeHappening) -> Bool {
    if case .command(let command) = happening.kind { ends != nil && command.word == .stop } else { false }
  }
}

/// Decides what a forge's report leads to, given how things stand.
///
/// It asks nobody and writes nothing.
package enum AttendPlanner {
  /// What a report leads to for one pull request.
  ///
  /// - Parameters:
  ///   - event: The report.
  ///   - happening: What it says.
  ///   - state: How the pull request stands now.
  ///   - facts: What is known about its branch; `nil` where it is not open, or its configuration is broken.
  ///   - fault: What is wrong with its configuration.
  ///   - decision: What is done with the command that the report is; `nil` where it is none.
  ///   - undoable: The run that 'undo' takes back; `nil` where there is none.
  /// - Returns: What is to be done.
  package static func plan(
    _ event: Event, _ happening: ForgeHappening, state: PullRequestState, facts: PlanningFacts?,
    fault: String? = nil, command decision: CommandDecision? = nil, undoable: UndoTarget? = nil
  ) -> AttendPlan {
    if case .command(let command) = happening.kind {
      switch decision {
      case .allowed: break
      case .refused(.lacksRight): return AttendPlan(ignored: ["a command was refused"], reply: .refused)
      case .refused(.cannotAsk):
        let reason = "a command was refused: the forge did not say whether it may be given"
        return AttendPlan(ignored: [reason], reply: .unasked)
      case .ignored(let reason): return AttendPlan(ignored: ["a command was ignored: \(reason.rawValue)"])
      case nil: return AttendPlan(ignored: ["nobody decided on a command"])
      }
      return plan(command, event, state, facts, fault, undoable)
    }
    if state.isOpen, let fault { return plan(happening, event, state, fault) }
    guard state.isOpen, let facts else {
      let ended = "#\(state.place.number) is closed"
      return AttendPlan(ignored: [ended], ends: ended)
    }
    switch happening.kind {
    case .change(let notice):
      if state.isDraft { return AttendPlan(ignored: ["#\(notice.number) is a draft: it waits until it is ready"]) }
      let isNew = [.opened, .reopened, .ready].contains(notice.action)
      return planned(event, state, facts, on: isNew ? .opened : .updated)
    case .branch:
      if state.isDraft { return AttendPlan(ignored: ["#\(state.place.number) is a draft"]) }
      // Only what a moved base changes: whether the two can be merged.
      var plan = planned(event, state, facts, on: .updated)
      plan.jobs.removeAll { $0.kind != .resolve }
      return plan
    case .failed(let failed):
      guard state.head == failed.head else {
        return AttendPlan(ignored: ["'\(failed.check)' failed at \(failed.head.short), which is no head any more"])
      }
      return planned(event, state, facts, on: .failed)
    case .rerun(let rerun):
      guard state.head == rerun.head else {
        return AttendPlan(ignored: ["\(rerun.head.short) is no head any more"])
      }
      let kinds = rerun.kind.map { [$0] } ?? [.review, .resolve]
      return AttendPlan(jobs: kinds.map { job($0, event, state, facts, request: event.id) })
    case .command, .reply, .head, .stop, .untold: return AttendPlan(ignored: ["nothing is to be done"])
    }
  }

  /// What a report leads to where the configuration is broken: what would have led to work says what is wrong.
  ///
  /// What the repository binds to which event is not known, so what stands where nobody says anything counts.
  private static func plan(
    _ happening: ForgeHappening, _ event: Event, _ state: PullRequestState, _ fault: String
  ) -> AttendPlan {
    var plan = AttendPlan(ignored: [fault])
    switch happening.kind {
    case .change, .branch:
      if !state.isDraft { plan.jobs = [telling(event, state)] }
    case .rerun(let rerun):
      if state.head == rerun.head { plan.jobs = [telling(event, state, request: event.id)] }
    case .failed, .command, .reply, .head, .stop, .untold: break
    }
    return plan
  }

  /// A review that cannot be done, and whose check says why: once for each head, unless somebody asks.
  private static func telling(_ event: Event, _ state: PullRequestState, request: String = "") -> Job {
    Job(
      kind: .review,
      pullRequest: PullRequest(
        repository: event.repository, branch: state.branch, base: state.base, forge: state.place),
      head: state.head, against: .zero, request: request, event: event.id, time: event.time)
  }

  private static func planned(
    _ event: Event, _ state: PullRequestState, _ facts: PlanningFacts, on trigger: RepositoryConfiguration.Trigger
  ) -> AttendPlan {
    let occasion = Occasion(branch: state.branch, head: state.head, trigger: trigger)
    let planned = JobPlanner.plan(event, on: occasion, forge: state.place, facts: facts)
    return AttendPlan(jobs: planned.jobs, ignored: planned.ignored)
  }

  private static func plan(
    _ command: CommentCommand, _ event: Event, _ state: PullRequestState, _ facts: PlanningFacts?, _ fault: String?,
    _ undoable: UndoTarget?
  ) -> AttendPlan {
    let request = command.request(in: event)
    switch command.word {
    case .help: return AttendPlan(reply: .help)
    case .askWithoutQuestion: return AttendPlan(reply: .noQuestion)
    case .unknown: return AttendPlan(reply: .unknown)
    case .stop: return AttendPlan(ends: "somebody said stop")
    case .review, .fix, .resolve, .undo, .ask: break
    }
    guard state.isOpen else { return AttendPlan(reply: .unavailable("#\(state.place.number) is closed.")) }
    guard let facts else {
      let fault = fault ?? "the configuration cannot be read"
      return AttendPlan(
        jobs: [telling(event, state, request: request)], ignored: [fault], reply: .unavailable(fault))
    }
    switch command.word {
    case .review: return AttendPlan(jobs: [job(.review, event, state, facts, request: request)])
    case .fix: return AttendPlan(jobs: [job(.fix, event, state, facts, request: request)])
    case .resolve: return AttendPlan(jobs: [job(.resolve, event, state, facts, request: request)])
    case .undo:
      guard let undoable else { return AttendPlan(reply: .nothingToUndo) }
      var undo = job(.undo, event, state, facts, request: "\(request) \(undoable.run)")
      undo.head = undoable.to
      undo.against = undoable.from
      return AttendPlan(jobs: [undo])
    case .ask:
      guard !(facts.configuration.models[JobKind.review.rawValue] ?? []).isEmpty else {
        return AttendPlan(reply: .unavailable("No model is configured for reviews, so nobody can answer."))
      }
      return AttendPlan(jobs: [job(.ask, event, state, facts, request: request)])
    case .help, .askWithoutQuestion, .unknown, .stop: return AttendPlan()
    }
  }

  private static func job(
    _ kind: JobKind, _ event: Event, _ state: PullRequestState, _ facts: PlanningFacts, request: String
  ) -> Job {
    let against = kind == .resolve ? facts.baseTip : facts.mergeBase
    return Job(
      kind: kind,
      pullRequest: PullRequest(
        repository: event.repository, branch: state.branch, base: facts.rules.base, forge: state.place),
      head: state.head, against: against ?? .zero, request: request, event: event.id, time: event.time)
  }
}

/// A push that can be taken back.
package struct UndoTarget: Sendable, Hashable {
  package var run: RunID
  package var branch: RefName
  package var from: ObjectID
  package var to: ObjectID

  package init(run: RunID, branch: RefName, from: ObjectID, to: ObjectID) {
    self.run = run
    self.branch = branch
    self.from = from
    self.to = to
  }
}
