internal import Base
internal import Egress
internal import Fix
internal import Git
internal import Policy
internal import Resolve
internal import Verify
internal import Work

/// Repairs failing tests, wherever the branch came from.
struct FixWork {
  let ground: JobGround
  let session: AgentSession
  let repository: RepositoryActor<PrivateRepository>

  func outcome(_ steps: any StepKeeping, _ egress: EgressJournal, includesBase: Bool) async throws -> FixOutcome {
    let configured = ground.configuration.fix
    let order = FixOrder(
      branch: ground.pullRequest.branch, head: ground.head, mergeBase: ground.mergeBase, base: ground.baseName,
      commands: ground.commands, tests: ground.configuration.tests,
      policy: FixPolicy(
        attempts: configured.attempts, parallel: configured.parallel,
        includesBase: includesBase || configured.atBase == .repair, refusesModels: ground.refusesModels),
      models: ground.models, seconds: ground.configuration.budget.seconds, identity: ground.identity,
      time: ground.time)
    let tasks = try ground.tasks(session, steps, repository)
    let job = FixJob(
      order, in: repository, on: try ground.stages(session, egress, repository), steps: steps,
      model: tasks, clock: session.clock.steady(), log: session.log, progress: session.progress)
    let outcome = try await job.run()
    await tasks?.closeLeft()
    return outcome
  }
}

/// Merges a base into a branch, with a model for what resolvers leave and with tests that confirm it.
struct MergeWork {
  let ground: JobGround
  let session: AgentSession
  let repository: RepositoryActor<PrivateRepository>

  func outcome(
    of merge: BranchMerge, _ steps: any StepKeeping, _ egress: EgressJournal
  ) async throws -> ResolveOutcome {
    let began = session.clock.steady().now()
    // One of them for all, so that no two workspaces come to one place.
    let stages = try ground.stages(session, egress, repository)
    var stage: LazyStage?
    if !ground.commands.test.isEmpty {
      let head = ground.head
      stage = LazyStage { try await stages.stage(of: head, parallel: 1) }
    }
    let context = ModelResolve.Context(
      commands: ground.commands.test.isEmpty ? nil : ground.commands, tests: ground.configuration.tests,
      model: ground.models.first)
    let tasks = try ground.tasks(session, steps, repository)
    let resolve = ModelResolve(
      merge: merge, context: context, repository: repository, model: ground.models.isEmpty ? nil : tasks,
      stage: stage, regenerator: try lockFiles(egress), journal: steps)
    do {
      let end = try await resolve.end()
      var outcome = end.outcome
      if end.broken != nil, let stage, let tasks, !ground.repairModels.isEmpty {
        outcome = try await repair(of: merge, stages, stage, tasks, steps, since: began).outcome(of: end)
      }
      await stage?.close()
      await tasks?.closeLeft()
      return outcome
    } catch {
      await stage?.close()
      throw error
    }
  }

  private func lockFiles(_ egress: EgressJournal) throws -> LockFileWork {
    LockFileWork(
      repository: repository, cells: session.cells, hosts: try HostName.opened(ground.configuration.network),
      seconds: JobGround.seconds(of: ground.configuration.budget), directory: ground.directory, egress: egress,
      log: session.log)
  }

  private func repair(
    of merge: BranchMerge, _ stages: JobStages, _ stage: LazyStage, _ tasks: AgentTasks, _ steps: any StepKeeping,
    since began: Timestamp
  ) -> MergeRepair {
    let (configured, clock) = (ground.configuration.fix, session.clock.steady())
    let spent = Int((clock.now().milliseconds - began.milliseconds) / 1000)
    let order = FixOrder(
      branch: merge.branch, head: merge.ours, mergeBase: merge.theirs, base: merge.base, commands: ground.commands,
      tests: ground.configuration.tests,
      policy: FixPolicy(attempts: configured.attempts, parallel: configured.parallel), models: ground.repairModels,
      seconds: max(0, ground.configuration.budget.seconds - spent), identity: merge.identity, time: merge.time)
    return MergeRepair(
      order: order, repository: repository, ground: stages, stage: stage, steps: steps, model: tasks, clock: clock,
      log: session.log, progress: session.progress)
  }
}
