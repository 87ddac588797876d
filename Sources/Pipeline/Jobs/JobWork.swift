internal import Base
internal import Egress
internal import Fix
internal import Git
internal import Policy
internal import Resolve
internal import Review
internal import Verify
internal import Work

/// Repairs failing tests, wherever the branch came from.
struct FixWork {
  let ground: JobGround
  let session: AgentSession
  let repository: RepositoryActor<PrivateRepository>

  func outcome(_ steps: any StepKeeping, _ egress: EgressJournal, includesBase: Bool) async throws -> FixOutcome {
    var ground = ground
    let fault = try await ground.leaveOutUnusableModels(session, steps)
    let configured = ground.configuration.fix
    var order = FixOrder(
      branch: ground.pullRequest.branch, head: ground.head, mergeBase: ground.mergeBase, base: ground.baseName,
      commands: ground.commands, tests: ground.configuration.tests,
      policy: FixPolicy(
        attempts: configured.attempts, parallel: configured.parallel,
        includesBase: includesBase || configured.atBase == .repair, refusesModels: ground.refusesModels),
      models: ground.models, seconds: ground.configuration.budget.seconds, identity: ground.identity)
    if ground.models.isEmpty { order.policy.unasked = fault }
    order.policy.isByHand = ground.isByHand
    // Those of the repair are for merges.
    let tasks = ground.models.isEmpty ? nil : try ground.tasks(session, steps, repository)
    var job = FixJob(
      order, in: repository, on: try ground.stages(session, egress, repository), steps: steps,
      model: tasks, clock: session.clock.steady(), log: session.log, progress: session.progress)
    job.testsTakenAway = GoneTests.read
    var outcome = try await job.run()
    await tasks?.closeLeft()
    if let fault, !ground.models.isEmpty, !outcome.red.isEmpty {
      outcome.notes.append("left out of the models: \(fault)")
    }
    return outcome
  }
}

/// Merges a base into a branch, with a model for what resolvers leave and with tests that confirm it.
struct MergeWork {
  var ground: JobGround
  let session: AgentSession
  let repository: RepositoryActor<PrivateRepository>

  func outcome(
    of merge: BranchMerge, _ steps: any StepKeeping, _ egress: EgressJournal
  ) async throws -> ResolveOutcome {
    var work = self
    let fault = try await work.ground.leaveOutUnusableModels(session, steps)
    var outcome = try await work.carryOut(merge, steps, egress)
    switch outcome.verdict {
    case .conflicts, .broken, .semanticConflict:
      if let fault { outcome.reason += " Not asked: \(fault)." }
    case .upToDate, .clean, .resolved: break
    }
    return outcome
  }

  private func carryOut(
    _ merge: BranchMerge, _ steps: any StepKeeping, _ egress: EgressJournal
  ) async throws -> ResolveOutcome {
    let began = session.clock.steady().now()
    // One of them for all, so that no two workspaces come to one place.
    let stages = try ground.stages(session, egress, repository)
    var stage: LazyStage?
    if !ground.commands.test.isEmpty {
      let head = ground.head
      stage = LazyStage { try await stages.stage(of: head, parallel: 1) }
    }
    var watched: WatchedStage?
    if let stage {
      let preparing = ground.commands.setup.isEmpty ? "checking the branch out" : "setting the workspace up"
      watched = WatchedStage(
        stage, preparing: preparing, names: try await names(of: merge), progress: session.progress)
    }
    var context = ModelResolve.Context(
      commands: ground.commands.test.isEmpty ? nil : ground.commands, tests: ground.configuration.tests,
      model: ground.models.first)
    context.isByHand = ground.isByHand
    let tasks = try ground.tasks(session, steps, repository)
    let resolve = ModelResolve(
      merge: merge, context: context, repository: repository, model: ground.models.isEmpty ? nil : tasks,
      stage: watched, regenerator: try lockFiles(egress), journal: steps)
    do {
      var end = try await resolve.end()
      end.outcome.tellConfirmation()
      var outcome = end.outcome
      if end.broken != nil, let watched, let tasks, !ground.repairModels.isEmpty {
        outcome = try await repair(of: merge, stages, watched, tasks, steps, since: began).outcome(of: end)
      }
      await stage?.close()
      await tasks?.closeLeft()
      return outcome
    } catch {
      await stage?.close()
      throw error
    }
  }

  /// What people call the trees of the two sides, and of what they came from.
  private func names(of merge: BranchMerge) async throws -> [ObjectID: String] {
    let ancestor = ground.mergeBase
    return try await repository.perform { repository throws(GitError) in
      // Where two are the same tree, the side names it.
      var names = [try repository.tree(of: ancestor): "what both came from"]
      names[try repository.tree(of: merge.theirs)] = merge.base
      names[try repository.tree(of: merge.ours)] = merge.branch.shortDisplay
      return names
    }
  }

  private func lockFiles(_ egress: EgressJournal) throws -> LockFileWork {
    LockFileWork(
      repository: repository, cells: session.cells, hosts: try HostName.opened(ground.configuration.network),
      seconds: JobGround.seconds(of: ground.configuration.budget), directory: ground.directory, egress: egress,
      log: session.log)
  }

  private func repair(
    of merge: BranchMerge, _ stages: JobStages, _ stage: WatchedStage, _ tasks: AgentTasks, _ steps: any StepKeeping,
    since began: Timestamp
  ) -> MergeRepair {
    let (configured, clock) = (ground.configuration.fix, session.clock.steady())
    let spent = Int((clock.now().milliseconds - began.milliseconds) / 1000)
    var order = FixOrder(
      branch: merge.branch, head: merge.ours, mergeBase: merge.theirs, base: merge.base, commands: ground.commands,
      tests: ground.configuration.tests,
      policy: FixPolicy(attempts: configured.attempts, parallel: configured.parallel), models: ground.repairModels,
      seconds: max(0, ground.configuration.budget.seconds - spent), identity: merge.identity)
    order.policy.isByHand = ground.isByHand
    return MergeRepair(
      order: order, repository: repository, ground: stages, stage: stage, steps: steps, model: tasks, clock: clock,
      log: session.log, progress: session.progress)
  }
}

extension ResolveOutcome {
  /// Says of a merge that git makes clean what its tests said, if that is only that they could not be run.
  fileprivate mutating func tellConfirmation() {
    guard let confirmation else { return }
    let clean = "git merges the two without a conflict"
    switch (verdict, confirmation.verdict) {
    case (.clean, .verified): reason += " \(confirmation.reason)"
    case (.clean, .inconclusive): reason = "\(clean); the tests confirm nothing: \(confirmation.reason)"
    case (.clean, .infrastructure), (.clean, .notRun):
      let why = confirmation.reason.hasSuffix(".") ? confirmation.reason : confirmation.reason + "."
      reason = "\(clean); the tests could not be run, so nothing is verified: \(why)"
    case (.semanticConflict, _):
      reason = "\(clean), and its tests fail, as they do on neither side (a semantic conflict): \(confirmation.reason)"
    default: break
    }
  }
}
