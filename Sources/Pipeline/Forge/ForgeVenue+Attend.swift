internal import Base
internal import Forges
internal import Git
internal import Journal
internal import Policy
internal import Publish
internal import Work

/// Looking at what a forge reported.
extension ForgeVenue {
  func attend(to job: Job, _ run: RunID) async throws -> Decision {
    guard let event = try await journal.event(named: job.event), case .forge(let happening) = event.kind else {
      throw JobFailure("the report that it is about is not known")
    }
    let (forge, place) = try forge(of: job)
    if case .untold(let end) = happening.kind { return try await tell(end, on: place, forge) }
    var decision: CommandDecision?
    if case .command(let command) = happening.kind {
      decision = try await decide(command, by: happening.actor, forge, happening.repository)
      // Nothing more is asked of a forge for the sake of programs and strangers.
      if case .ignored(let reason) = decision {
        let outcome = AttendOutcome(planned: [], ignored: ["a command was ignored: \(reason.rawValue)"])
        return Decision(outcome: .attended(outcome), publication: Publication())
      }
    }
    let states: [PullRequestState]
    switch AttendQuestion(happening) {
    case .nothing(let reason):
      return Decision(
        outcome: .attended(AttendOutcome(planned: [], ignored: [reason])), publication: Publication())
    case .pullRequest(let number):
      states = [try await forge.pullRequest(ForgePlace(repository: place.repository, number: number))]
    case .into(let branch):
      states = try await forge.openPullRequests(of: place.repository, into: branch)
    case .at(let head, let numbers):
      let open = try await forge.openPullRequests(of: place.repository, into: nil)
      states = open.filter { $0.head == head && (numbers.isEmpty || numbers.contains($0.place.number)) }
    }
    var all = Attended()
    for state in states { try await attend(event, happening, state, decision, forge, run, &all) }
    if states.isEmpty { all.ignored.append("no open pull request is meant") }
    return Decision(
      outcome: .attended(AttendOutcome(planned: all.planned, ignored: all.ignored)),
      publication: Publication(effects: (all.answers + all.checks).map { .forge($0) }))
  }

  /// What attending to a report gave so far.
  private struct Attended {
    var planned: [String] = []
    var ignored: [String] = []
    /// What people are told, which waits for no check: whoever wrote at one last may have to be waited for.
    var answers: [ForgeEffect] = []
    var checks: [ForgeEffect] = []
  }

  private func attend(
    _ event: Event, _ happening: ForgeHappening, _ state: PullRequestState, _ decision: CommandDecision?,
    _ forge: any Forge, _ run: RunID, _ all: inout Attended
  ) async throws {
    var (facts, fault): (PlanningFacts?, JobFailure?) = (nil, nil)
    do {
      // A fetch may take long, and what ends work must not wait for it; nor is one made for who may not ask for work.
      let ground = state.isOpen && needsFacts(happening, decision) ? try await ground(forge, state) : nil
      facts = try await ground.asyncMap { try await self.facts($0) }
    } catch let failure as JobFailure {
      fault = failure
    }
    var plan = AttendPlanner.plan(
      event, happening, state: state, facts: facts, fault: fault?.publicWords, command: decision,
      undoable: try await undoable(happening, state))
    if let fault, try await hasSaid(fault.description, of: state) { plan.jobs.removeAll { $0.request.isEmpty } }
    if Reconciler.hasFound(event), !plan.jobs.isEmpty {
      let lane = PullRequest.lane(ofNumber: state.place.number)
      let runs = try await journal.runs(RunFilter(repository: event.repository, lane: lane, limit: 200))
      let waiting = try await journal.pending(limit: 1000).map(\.job)
      plan.leaveOutAsked(runs: runs, waiting: waiting)
    }
    let seen = Event(
      id: "head:\(run)#\(state.place.number)", repository: event.repository, actor: "", time: event.time,
      kind: .forge(
        ForgeHappening(repository: happening.repository, actor: nil, kind: plan.seen(happening, of: state))))
    // Asked before anything is changed: what the journal answers to a change it answers once.
    var replies: CommandReplies?
    if case .command = happening.kind, happening.actor != nil { replies = try await self.replies(forge, state.place) }
    // What stands behind a command in its comment is looked at next, whatever came of this one.
    let next = event.nextCommand
    let attending = next.flatMap { next in
      if case .forge(let happening) = next.kind { Job(attendingTo: happening, event: next) } else { nil }
    }
    var acceptance = try await journal.accept(
      delivery: "attend:\(run)#\(state.place.number)", events: [seen] + (next.map { [$0] } ?? []),
      jobs: plan.jobs + (attending.map { [$0] } ?? []))
    if !acceptance.isNew {
      // Whoever attended to this before died behind that step.
      acceptance.queued = plan.jobs.map(\.key)
      acceptance.superseded = try await keys(endedSince: try await journal.run(named: run.text).started, on: state)
    }
    all.planned += plan.jobs.map { "\($0.kind.rawValue) of #\(state.place.number) at \($0.head.short)" }
    all.ignored += plan.ignored
    // A job that was begun, given back and ended while it waited has left its check open.
    all.checks +=
      plan.isStop(happening)
      ? ForgeWords.stopped(acceptance.superseded, on: state.place)
      : ForgeWords.superseded(acceptance.superseded, on: state.place)
    if case .stop = happening.kind { all.checks += try await checks(endedBy: event, on: state) }
    if case .command(let command) = happening.kind, let actor = happening.actor,
      let reply = plan.reply ?? Self.reply(to: command, plan, acceptance), let replies
    {
      if let answer = try replies.answer(reply, to: command, by: actor, in: event) { all.answers.append(answer) }
    }
  }

  /// What is told of a command that was obeyed.
  private static func reply(
    to command: CommentCommand, _ plan: AttendPlan, _ acceptance: Acceptance
  ) -> CommandReply? {
    if plan.ends != nil {
      let count = acceptance.superseded.count { $0.kind != .attend }
      return count == 0 ? .nothingToStop : .stopped("work on this pull request")
    }
    guard let job = plan.jobs.first, ![.ask, .undo].contains(job.kind) else { return nil }
    return acceptance.queued.contains(job.key)
      ? .started(job.kind, head: job.head) : .standing(job.kind, head: job.head)
  }

  /// Whether what comes of a report depends on what stands in the repository.
  private func needsFacts(_ happening: ForgeHappening, _ decision: CommandDecision?) -> Bool {
    guard case .command(let command) = happening.kind else { return true }
    switch command.word {
    case .help, .stop, .askWithoutQuestion, .unknown: return false
    case .review, .fix, .resolve, .undo, .ask: return decision == .allowed
    }
  }

  /// The checks of what the page's button ended, of which those that waited have nobody else who ends them.
  private func checks(endedBy event: Event, on state: PullRequestState) async throws -> [ForgeEffect] {
    // The event has the server's time, and the journal may have another: what was ended before is told so once more.
    let since = Timestamp(milliseconds: event.time.milliseconds - 600_000)
    return ForgeWords.stopped(try await keys(endedSince: since, stopped: true, on: state), on: state.place)
  }

  /// The jobs of a pull request that came to no outcome since a moment.
  private func keys(
    endedSince moment: Timestamp, stopped isStopped: Bool = false, on state: PullRequestState
  ) async throws -> [JobKey] {
    let runs = try await journal.runs(
      RunFilter(
        repository: state.place.repository.name, lane: PullRequest.lane(ofNumber: state.place.number), limit: 50))
    return runs.filter { run in
      guard case .finished(let closing, let end) = run.state, end >= moment else { return false }
      return closing.verdict == .stopped || !isStopped && closing.verdict == .superseded
    }.map(\.job.key)
  }

  /// Whether a run has told of a fault at this head: one that failed would be done again with every report.
  private func hasSaid(_ fault: String, of state: PullRequestState) async throws -> Bool {
    let filter = RunFilter(
      repository: state.place.repository.name, lane: PullRequest.lane(ofNumber: state.place.number), limit: 200)
    return try await journal.runs(filter).contains { summary in
      summary.job.kind == .review && summary.job.head == state.head && summary.closing?.summary == fault
    }
  }

  /// Who may is asked when the command is carried out; an error means no.
  ///
  /// - Throws: ``ForgeError`` where not even the own account can be asked for: what is meant for it is not known then, and
  ///   a forge that is away must not swallow a command.
  private func decide(
    _ command: CommentCommand, by actor: ForgeActor?, _ forge: any Forge, _ repository: ForgeRepository
  ) async throws(ForgeError) -> CommandDecision {
    let own = try await forge.account()
    if let reason = CommandRights.reasonToIgnore(actor, own: own) { return .ignored(reason) }
    guard let actor else { return .ignored(.nobody) }
    let answer: PermissionAnswer
    do {
      answer = .known(try await forge.permission(of: actor, on: repository))
    } catch {
      log("what \(DisplayText.line(Array(actor.login.utf8))) may do in \(repository.name) is not known: \(error)")
      answer = .failed(error.description)
    }
    return CommandRights.decide(command.word, by: actor, own: own, permission: answer)
  }

  private func facts(_ ground: ForgeGround) async throws -> PlanningFacts {
    let (state, facts, identity) = (ground.state, ground.facts, identity)
    return try await ground.source.perform { repository in
      guard try repository.contains(state.head) else {
        throw ForgeError(.unavailable, "the mirror has not got \(state.head.short) yet", retryAfter: 2)
      }
      return PlanningFacts(
        rules: facts.rules, configuration: facts.configuration, baseTip: facts.baseTip,
        mergeBase: try facts.baseTip.flatMap { try repository.mergeBase($0, state.head) },
        headIsOwn: try repository.commit(state.head).committer.email == Array(identity.email.utf8))
    }
  }

  /// The last push of a run of ours to the pull request's branch, for a command that takes it back.
  private func undoable(_ happening: ForgeHappening, _ state: PullRequestState) async throws -> UndoTarget? {
    guard case .command(let command) = happening.kind, command.word == .undo else { return nil }
    let runs = try await journal.runs(
      RunFilter(
        repository: state.place.repository.name, lane: PullRequest.lane(ofNumber: state.place.number), limit: 200))
    for summary in runs {
      guard summary.job.kind == .fix || summary.job.kind == .resolve else { continue }
      for entry in try await journal.outbox(of: summary.run) {
        guard case .push(let branch, let from, let to) = entry.effect, case .done = entry.state,
          branch == state.branch, to == state.head, !from.isZero
        else { continue }
        return UndoTarget(run: summary.run, branch: branch, from: from, to: to)
      }
    }
    return nil
  }
}

extension Optional where Wrapped: Sendable {
  fileprivate func asyncMap<Value: Sendable>(_ body: (Wrapped) async throws -> Value) async throws -> Value? {
    guard let self else { return nil }
    return try await body(self)
  }
}
