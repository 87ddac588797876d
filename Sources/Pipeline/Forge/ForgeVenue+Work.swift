internal import Base
internal import Broker
internal import Forges
internal import Git
package import Journal
internal import Policy
internal import Publish
internal import Review
internal import Templates
package import Work
internal import Workspace

/// The jobs on a pull request, and what is written for them.
extension ForgeVenue {
  func work(on job: Job, _ run: RunID, _ steps: any StepKeeping) async throws -> Decision {
    let ground = try await ground(for: job)
    if ![.undo, .ask].contains(job.kind), ground.place.fork == nil { try checkBranch(job.pullRequest.branch, ground) }
    guard let baseTip = ground.facts.baseTip else {
      throw JobFailure("the base \(ground.facts.rules.base.shortDisplay) has no commit")
    }
    if JobKind.started.contains(job.kind) {
      // In the run itself, so that it never comes behind what the run says in the end.
      _ = try await steps.once("check begun") {
        try await report(try CheckBeginning.report(for: job), on: ground.place, ground.forge)
      }
    }
    let workspace = try await workspace(of: run, borrowing: await ground.source.perform { $0.objectsDirectory })
    let outcome = try await outcome(of: job, run, steps, ground, baseTip, in: workspace)
    return Decision(
      outcome: outcome, publication: try await publication(of: job, run, steps, outcome, ground, in: workspace))
  }

  private func outcome(
    of job: Job, _ run: RunID, _ steps: any StepKeeping, _ ground: ForgeGround, _ baseTip: ObjectID,
    in workspace: RunWorkspace
  ) async throws -> Outcome {
    if job.kind == .undo { return .undo(try await undo(job, in: workspace)) }
    let evidence: [ReviewWords.Evidence] = [
      .init(source: "the title", text: ground.state.title), .init(source: "the description", text: ground.state.body),
    ]
    if job.kind == .ask { return .answered(try await answer(job, run, steps, ground, evidence, in: workspace)) }
    let jobs = BranchJobs(
      source: ground.source, identity: identity, memory: memory(ground.place.repository), session: session,
      evidence: evidence)
    return try await jobs.outcome(of: job, run, steps, ground.facts, baseTip, in: workspace)
  }

  /// What a model says to the question that a comment asks.
  private func answer(
    _ job: Job, _ run: RunID, _ steps: any StepKeeping, _ ground: ForgeGround,
    _ evidence: [ReviewWords.Evidence], in workspace: RunWorkspace
  ) async throws -> AskOutcome {
    guard let event = try await journal.event(named: job.event), case .forge(let happening) = event.kind,
      case .command(let command) = happening.kind, case .ask(let question) = command.word
    else { throw JobFailure("the question is not known any more") }
    let configuration = ground.facts.configuration
    let facts = ground.facts
    let rules = try await ground.source.perform { try facts.trusted(in: $0) }
    var order = ReviewOrder(
      run: run, pullRequest: job.pullRequest, from: job.against, head: job.head, rules: rules?.commit,
      rulesName: rules?.name ?? "", configuration: configuration,
      models: configuration.models[JobKind.review.rawValue] ?? [])
    order.evidence = evidence
    // What was said before it in the same thread is mostly what is asked about.
    if let thread = command.thread {
      let said = try await ground.forge.comments(on: ground.place).filter { $0.thread == thread }
      order.evidence += said.filter { $0.id != command.comment }.suffix(20).map { comment in
        let place = comment.path.map { " on \($0.display)" } ?? ""
        return .init(source: "a comment\(place) by \(comment.author?.login ?? "somebody")", text: comment.body)
      }
    }
    let work = ReviewWork(order, session: session, repository: workspace.repository)
    return try await work.answer(to: question, from: happening.actor?.login ?? "somebody", steps)
  }

  /// Only feature branches are worked on, under the rules of this moment.
  @discardableResult
  private func checkBranch(_ name: RefName, _ ground: ForgeGround) throws -> FeatureBranch {
    do {
      return try FeatureBranch(name.bytes, under: ground.facts.rules)
    } catch {
      throw JobFailure(error.description)
    }
  }

  /// A commit on top of what a run pushed that makes the branch what it was.
  private func undo(_ job: Job, in workspace: RunWorkspace) async throws -> UndoOutcome {
    guard let undone = job.request.split(separator: " ").last.flatMap({ RunID(String($0)) }) else {
      throw JobFailure("it does not say which run is to be taken back")
    }
    let signature = Signature(name: identity.name, email: identity.email, time: job.time)
    let (branch, base) = (job.pullRequest.branch.shortDisplay, job.pullRequest.base.shortDisplay)
    let (commit, isMerge) = try await workspace.repository.perform { repository in
      let isMerge = try UndoneMerge.isThere(job, in: repository)
      let message = try Message.undoCommit.render([
        "run": undone.text, "branch": branch, "from": job.against.short, "to": job.head.short, "merge": isMerge,
        "base": base,
      ])
      let commit = try repository.writeCommit(
        tree: try repository.tree(of: job.against), parents: [job.head], author: signature, committer: signature,
        message: Array(message.utf8))
      return (commit, isMerge)
    }
    var outcome = UndoOutcome(
      run: undone, commit: commit, reason: "\(branch) is what it was at \(job.against.short) again.")
    if isMerge { outcome.left = [UndoneMerge.warning(of: job, takenBackBy: commit)] }
    return outcome
  }

  package func carryOut(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult {
    do {
      return try await send(effect, attempt, of: job, run, steps)
    } catch let error as ForgeError where error.code == .withheld {
      // It would be withheld again.
      return .withheld(error.message)
    }
  }

  private func send(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, _ run: RunID, _ steps: any StepKeeping
  ) async throws -> EffectResult {
    switch effect {
    case .note: return .refused("notes are for bare repositories")
    case .push(let name, let old, let new): return try await push(name, from: old, to: new, of: job, run, steps)
    case .forge(let effect):
      let (forge, place) = try forge(of: job)
      if case .check(let check) = effect {
        if job.kind == .attend, let later = try await later(than: check, for: job) { return .done(later) }
        let result = EffectResult(try await report(check, on: place, forge))
        // A forge may not know yet what was pushed a moment ago; the work is done all the same.
        return job.kind == .attend || check.head != job.head ? result.orGoingOn : result
      }
      let trial = EffectTrial(
        intended: attempt.intended, isRetry: attempt.isRepeated, latest: attempt.latest,
        writesUntil: attempt.writesUntil)
      let result = EffectResult(try await forge.carryOut(effect, on: place, trial: trial))
      return job.kind == .attend ? result.orGoingOn : result
    }
  }

  package func writeWindow(for effect: Effect, of job: Job, turn: Int) async -> Duration? {
    guard case .forge = effect, let name = job.pullRequest.forge?.repository.forge else { return nil }
    return forges[name]?.writeWindow(turn)
  }

  private func push(
    _ name: RefName, from old: ObjectID, to new: ObjectID, of job: Job, _ run: RunID, _ steps: any StepKeeping
  ) async throws -> EffectResult {
    let (forge, place) = try forge(of: job)
    let state = try await forge.pullRequest(place)
    // A worker that died behind the push has left the branch at the commit.
    let isThere = name == state.branch && state.head == new
    if !isThere, let reason = Self.moved(state, from: job) { return .overtaken(reason) }
    let ground = try await ground(forge, state)
    let branch: FeatureBranch
    do {
      // The rules are those of this moment: the default branch may have moved since the commit was made.
      branch = try FeatureBranch(name.bytes, under: ground.facts.rules)
    } catch {
      return .refused(error.description)
    }
    if isThere { return .done("\(branch) was \(new.hex) already") }
    guard let workspace = try await workspace(holding: new, of: job, run, steps, ground) else {
      return .refused("the commit \(new.short) cannot be made again")
    }
    let order = PushOrder(
      place: place, target: name == state.branch ? .head : .beside, branch: branch, old: old, new: new,
      start: job.head, workspace: workspace.directory, rules: ground.facts.rules)
    switch try await mirrors.push(order) {
    case .pushed: return .done("\(branch) is \(new.hex)")
    case .alreadyThere: return .done("\(branch) was \(new.hex) already")
    case .raced(let actual):
      return .overtaken("\(branch) is at \(actual.isZero ? "no commit" : actual.short) by now; nothing was pushed")
    case .refused(let words): return .refused(words)
    }
  }

  /// The workspace of a run with the commit that the run made; `nil` where it cannot be made again.
  private func workspace(
    holding commit: ObjectID, of job: Job, _ run: RunID, _ steps: any StepKeeping, _ ground: ForgeGround
  ) async throws -> RunWorkspace? {
    let workspace = try await workspace(of: run, borrowing: await ground.source.perform { $0.objectsDirectory })
    if try await workspace.repository.perform({ try $0.contains(commit) }) { return workspace }
    // The workspace of the worker that made the commit is gone; the same work makes the same commit.
    let again = try await outcome(of: job, run, steps, ground, ground.facts.baseTip ?? .zero, in: workspace)
    return again.commit == commit ? workspace : nil
  }

  /// A push that the forge would not have: what was to be pushed is told where it can be read.
  package func instead(
    of effect: Effect, refusedBecause reason: String, _ decision: Decision, for job: Job, run: RunID,
    steps: any StepKeeping
  ) async throws -> Decision? {
    guard case .push(let name, _, let new) = effect else { return nil }
    guard JobKind.started.contains(job.kind) else {
      // Whoever asked for it by a command is told, and nothing is where it is said to be.
      return Decision(
        outcome: .failed(reason: reason), publication: try await publication(of: job, failed: reason))
    }
    let ground = try await ground(for: job)
    guard let workspace = try await workspace(holding: new, of: job, run, steps, ground) else { return nil }
    let refusal = PushRefusal(branch: name, reason: reason)
    let publication = try await publication(
      of: job, run, steps, decision.outcome, ground, in: workspace, refusal: refusal)
    return Decision(outcome: decision.outcome, publication: publication)
  }
}
