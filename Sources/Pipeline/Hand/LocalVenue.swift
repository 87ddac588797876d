internal import Base
internal import Egress
internal import Git
internal import Installation
internal import Journal
internal import Memory
internal import Merging
internal import Policy
internal import Publish
internal import Resolve
internal import Verify
internal import Work
internal import Workspace

/// Repairs or merges a branch of a person's own repository.
actor LocalVenue: Venue {
  private let request: HandRequest
  private let session: AgentSession
  private let directory: String
  private var workspace: RunWorkspace?
  /// What could not be used.
  private(set) var warnings: [String] = []

  init(_ request: HandRequest, _ session: AgentSession, directory: String) {
    self.request = request
    self.session = session
    self.directory = directory
  }

  func decide(_ job: Job, run: RunID, steps: any StepKeeping) async throws -> Decision {
    let local = try await LocalBranch.read(request, to: Self.purpose(of: job), findsMergeBase: true)
    let outcome = try await outcome(job, run, local, steps)
    guard let commit = outcome.commit else { return Decision(outcome: outcome, publication: Publication()) }
    // Kept with its words, so that a run that is taken up again says what it would have said.
    let delivery = try await steps.once(HandDelivery.step) { try await self.delivery(of: outcome, job, run, local) }
    if !delivery.left.isEmpty { try await keepPatch(from: job.head, to: commit) }
    return Decision(outcome: outcome, publication: Publication(effects: delivery.push.map { [$0] } ?? []))
  }

  static func purpose(of job: Job) -> String { job.kind == .fix ? "repair" : "merge into" }

  private func outcome(
    _ job: Job, _ run: RunID, _ local: LocalBranch, _ steps: any StepKeeping
  ) async throws -> Outcome {
    let egress = EgressJournal(session.journal, keeping: steps)
    let workspace = try await opened(run, borrowing: local.objects)
    let ground = try request.ground(for: job, run, local, directory: directory)
    do {
      let outcome: Outcome
      if job.kind == .fix {
        outcome = .fix(
          try await FixWork(ground: ground, session: session, repository: workspace.repository)
            .outcome(steps, egress, includesBase: request.includesBase ?? false))
      } else {
        outcome = .resolve(
          try await MergeWork(ground: ground, session: session, repository: workspace.repository)
            .outcome(of: merge(job, ground, local), steps, egress))
      }
      await egress.finish()
      return outcome
    } catch {
      await egress.finish()
      throw error
    }
  }

  private func merge(_ job: Job, _ ground: JobGround, _ local: LocalBranch) -> BranchMerge {
    let memory = local.memory()
    // Without it fewer conflicts are settled; that is no reason to settle none.
    if let fault = memory.fault { warnings.append(fault) }
    return BranchMerge(
      branch: job.pullRequest.branch, base: ground.baseName, ours: job.head, theirs: job.against,
      identity: ground.identity, resolvers: StandardResolvers.auto(remembering: memory.resolutions),
      proposing: StandardResolvers.proposing(remembering: memory.resolutions))
  }

  private func opened(_ run: RunID, borrowing objects: String) async throws -> RunWorkspace {
    if let workspace { return workspace }
    let made = try await RunWorkspace.make(
      for: run, under: directory, borrowing: [objects], signer: session.signer)
    workspace = made
    return made
  }

  private func delivery(
    of outcome: Outcome, _ job: Job, _ run: RunID, _ local: LocalBranch
  ) async throws -> HandDelivery {
    if request.isDryRun { return HandDelivery(notes: ["Nothing was written (--dry-run)."]) }
    let (branch, configuration) = (job.pullRequest.branch, local.facts.configuration)
    let earlier = try await earlierPushes(of: outcome, job, run, local)
    let plan: DeliveryPlan
    switch outcome {
    case .fix(let fix):
      plan = try FixDelivery(
        branch: branch, head: job.head, push: configuration.push, isCheckedOut: local.isCheckedOut, earlier: earlier
      ).plan(for: fix)
    case .resolve(let resolve):
      var merge = MergeDelivery(
        branch: branch, head: job.head, push: configuration.push, unverified: configuration.unverified,
        isCheckedOut: local.isCheckedOut)
      merge.earlier = earlier
      plan = try merge.plan(for: resolve)
    default: plan = DeliveryPlan()
    }
    var delivery = HandDelivery(notes: plan.isLeft ? [] : [plan.note].compactMap { $0 })
    if plan.isLeft { delivery.left = [plan.note].compactMap { $0 } }
    if case .push(let name, let old, let commit) = plan.push {
      // A branch beside stays where an earlier run has left one: this one takes the next name.
      var target = name
      if old.isZero, let workspace {
        target = try await local.free(SidePlaces(job), for: commit, through: workspace.repository)
      }
      delivery.push = .push(branch: target, from: old, to: commit)
    }
    return delivery
  }

  private func earlierPushes(of outcome: Outcome, _ job: Job, _ run: RunID, _ local: LocalBranch) async throws -> Int {
    guard let signature = outcome.failureSignature else { return 0 }
    return try await EarlierPushes(journal: session.journal).count(
      of: signature, repository: job.pullRequest.repository, lane: job.pullRequest.lane,
      destination: local.destination, except: run)
  }

  func carryOut(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult {
    guard case .push(let name, let old, let new) = effect else { return .refused("only branches are written by hand") }
    // A branch that is gone by now is one that somebody has moved.
    let local = try await LocalBranch.read(
      request, to: Self.purpose(of: job), findsMergeBase: true, mayBeGone: true)
    let workspace = try await opened(run, borrowing: local.objects)
    await local.removeAbandonedLock(of: name, to: new, through: workspace.repository)
    if try await !workspace.repository.perform({ try $0.contains(new) }) {
      // The process that made the commit is gone with its workspace; the same steps make the same commit.
      let again = try await outcome(job, run, local, steps)
      guard again.commit == new else { return .refused("the commit \(new.short) cannot be made again") }
    }
    let result = try await deliver(name, from: old, to: new, job, run, local, steps)
    if case .done = result { return result }
    try await keepPatch(from: job.head, to: new)
    return result
  }

  /// Moves the branch, or makes one beside it where the branch has moved on or may not be moved.
  private func deliver(
    _ name: RefName, from old: ObjectID, to new: ObjectID, _ job: Job, _ run: RunID, _ local: LocalBranch,
    _ steps: any StepKeeping
  ) async throws -> EffectResult {
    guard let workspace else { return .refused("there is no workspace") }
    if let beside = try await steps.recall(BesideDelivery.step, as: BesideDelivery.self) {
      return try await local.carryOut(beside, to: new, in: workspace.repository)
    }
    let decision = try await session.journal.events(of: run).last { $0.kind == .outcome }?.payload.decode(Decision.self)
    if let decision, case let earlier = try await earlierPushes(of: decision.outcome, job, run, local),
      earlier >= FixDelivery.limit
    {
      return .refused(FixDelivery.note(on: new, after: earlier))
    }
    switch try await local.place(new, onto: name, from: old, beside: SidePlaces(job), in: workspace.repository) {
    case .landed(let result): return .done(result)
    case .refused(let reason): return .refused(reason)
    case .beside(let beside):
      // First where it goes and then the push: a run that is taken up again comes to the same branch.
      try await steps.record(BesideDelivery.step, beside)
      return try await local.carryOut(beside, to: new, in: workspace.repository)
    }
  }

  /// Keeps what is on no branch in the run's directory.
  private func keepPatch(from head: ObjectID, to commit: ObjectID) async throws {
    guard let workspace else { return }
    let patch = try await workspace.repository.perform { try $0.patch(from: head, to: commit) }
    try RunDirectory.keep(patch, in: directory)
  }

  func cleanUp(_ run: RunID) async {
    try? workspace?.remove()
    workspace = nil
  }
}

extension LocalBranch {
  /// Reads what a request is about.
  static func read(
    _ request: HandRequest, to purpose: String, findsMergeBase: Bool = false, mayBeGone: Bool = false
  ) async throws -> LocalBranch {
    let actor = try await RepositoryActor.open { () throws(GitError) in
      try Repository.discover(at: request.repository)
    }
    return try await actor.perform { repository in
      try LocalBranch(
        reading: repository, base: request.base, branch: request.branch, named: request.branchName,
        remote: request.remote, to: purpose, findsMergeBase: findsMergeBase, mayBeGone: mayBeGone)
    }
  }

  /// The resolutions that the repository remembers, and why there are none though a file of them is there.
  func memory() -> (resolutions: RememberedResolutions?, fault: String?) {
    let state = record?.state ?? StateDirectory(inGitDirectory: Array(directory.utf8))
    do throws(MemoryFile.Failure) {
      return (try state.map { state throws(MemoryFile.Failure) in try MemoryFile(in: state).open() } ?? nil, nil)
    } catch {
      return (nil, error.description)
    }
  }
}

extension HandRequest {
  /// What a job stands on that a person asked for.
  func ground(for job: Job, _ run: RunID, _ local: LocalBranch, directory: String) throws -> JobGround {
    var configuration = local.facts.configuration
    if let nanodollars { configuration.budget.usd = Double(nanodollars) / 1_000_000_000 }
    if let minutes { configuration.budget.minutes = Double(minutes) }
    if let steps { configuration.budget.steps = steps }
    let kind = job.kind.rawValue
    let asked = models.map { $0.isEmpty ? configuration.models[kind] ?? [] : $0 } ?? []
    return JobGround(
      run: run, pullRequest: job.pullRequest, head: job.head,
      mergeBase: job.kind == .fix ? job.against : local.mergeBase ?? job.head,
      baseTip: local.baseTip, baseName: local.facts.baseName, configuration: configuration,
      commands: TestCommands(
        setup: configuration.setup, test: test.isEmpty ? configuration.test : test,
        seconds: JobGround.seconds(of: configuration.budget)),
      models: asked, repairModels: models.map { $0.isEmpty ? configuration.repairModels : $0 } ?? [],
      isUnlimited: isUnlimited, isByHand: true, refusesModels: models == nil,
      identity: local.record?.bot ?? .standard, directory: directory)
  }
}
