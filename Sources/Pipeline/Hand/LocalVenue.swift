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
  /// What a person should know of where the commit went.
  private(set) var notes: [String] = []
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
    return Decision(outcome: outcome, publication: try await publication(for: outcome, job, local))
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
      identity: ground.identity, time: job.time, resolvers: StandardResolvers.auto(remembering: memory.resolutions),
      proposing: StandardResolvers.proposing(remembering: memory.resolutions))
  }

  private func opened(_ run: RunID, borrowing objects: String) async throws -> RunWorkspace {
    if let workspace { return workspace }
    let made = try await RunWorkspace.make(
      for: run, under: directory, borrowing: [objects], signer: session.signer)
    workspace = made
    return made
  }

  private func publication(for outcome: Outcome, _ job: Job, _ local: LocalBranch) async throws -> Publication {
    guard outcome.commit != nil else { return Publication() }
    if request.isDryRun {
      notes.append("Nothing was written (--dry-run).")
      return Publication()
    }
    let (branch, configuration) = (job.pullRequest.branch, local.facts.configuration)
    let isCheckedOut = local.isCheckedOut && request.remote == nil
    let delivery: @Sendable (Int) throws -> DeliveryPlan
    switch outcome {
    case .fix(let fix):
      let earlier = try await EarlierPushes(journal: session.journal).count(
        of: fix.signature, repository: job.pullRequest.repository, branch: branch)
      delivery = { number in
        try FixDelivery(
          branch: branch, head: job.head, push: configuration.push, isCheckedOut: isCheckedOut, earlier: earlier,
          number: number
        ).plan(for: fix)
      }
    case .resolve(let resolve):
      delivery = { number in
        try MergeDelivery(
          branch: branch, head: job.head, push: configuration.push, unverified: configuration.unverified,
          isCheckedOut: isCheckedOut, number: number
        ).plan(for: resolve)
      }
    default: return Publication()
    }
    let plan = try await unoccupied(delivery, local)
    if let note = plan.note { notes.append(note) }
    return Publication(effects: plan.push.map { [$0] } ?? [])
  }

  /// The plan, beside what an earlier run left where it would go: both stay.
  private func unoccupied(
    _ delivery: @Sendable (Int) throws -> DeliveryPlan, _ local: LocalBranch
  ) async throws -> DeliveryPlan {
    for number in 1..<SideBranch.limit {
      let plan = try delivery(number)
      guard case .push(let side, .zero, let commit) = plan.push, let workspace else { return plan }
      let tip = try await local.tip(of: side, through: workspace.repository)
      if tip == nil || tip == commit { return plan }
    }
    return try delivery(SideBranch.limit)
  }

  func carryOut(
    _ effect: Effect, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult {
    guard case .push(let name, let old, let new) = effect else { return .refused("only branches are written by hand") }
    let local = try await LocalBranch.read(request, to: Self.purpose(of: job), findsMergeBase: true)
    let workspace = try await opened(run, borrowing: local.objects)
    await local.removeAbandonedLock(of: name, to: new, through: workspace.repository)
    if try await !workspace.repository.perform({ try $0.contains(new) }) {
      // The process that made the commit is gone with its workspace; the same steps make the same commit.
      let again = try await outcome(job, run, local, steps)
      guard again.commit == new else { return .refused("the commit \(new.short) cannot be made again") }
    }
    return try await local.carryOut(name, from: old, to: new, in: workspace.repository)
  }

  func cleanUp(_ run: RunID) async {
    try? workspace?.remove()
    workspace = nil
  }
}

extension LocalBranch {
  /// Reads what a request is about.
  static func read(
    _ request: HandRequest, to purpose: String, findsMergeBase: Bool = false
  ) async throws -> LocalBranch {
    let actor = try await RepositoryActor.open { () throws(GitError) in
      try Repository.discover(at: request.repository)
    }
    return try await actor.perform { repository in
      try LocalBranch(
        reading: repository, base: request.base, branch: request.branch, remote: request.remote, to: purpose,
        findsMergeBase: findsMergeBase)
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

  /// Where a branch is, here or at the remote that is pushed to; `nil` where there is none.
  func tip(
    of name: RefName, through workspace: RepositoryActor<PrivateRepository>
  ) async throws -> ObjectID? {
    if let url = remoteURL {
      return try await workspace.perform { repository in
        try repository.listReferences(at: RemoteAddress(url), credentials: .agent).references[name]
      }
    }
    let directory = directory
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: directory) }
    return try await actor.perform { repository throws(GitError) -> ObjectID? in
      guard case .direct(let id) = try repository.reference(name)?.target else { return nil }
      return id
    }
  }

  /// Removes the lock that an earlier process of the run has left on a branch here, whatever comes of the run now.
  func removeAbandonedLock(
    of name: RefName, to new: ObjectID, through workspace: RepositoryActor<PrivateRepository>
  ) async {
    guard remoteURL == nil else { return }
    let directory = directory
    await workspace.perform { _ in AbandonedLock.remove(of: name, to: new, in: directory) }
  }

  /// Moves a branch, and says what came of it.
  func carryOut(
    _ name: RefName, from old: ObjectID, to new: ObjectID, in workspace: RepositoryActor<PrivateRepository>
  ) async throws -> EffectResult {
    do {
      switch try await land(new, onto: name, from: old, in: workspace) {
      case .landed: return .done("\(name.shortDisplay) is \(new.hex)")
      case .alreadyThere: return .done("\(name.shortDisplay) was \(new.hex) already")
      case .raced(let actual):
        return .overtaken(Overtaken(branch: name, expected: old, actual: actual).description)
      }
    } catch let refusal as BranchRefusal {
      return .refused(refusal.description)
    } catch let error as LandingError {
      switch error.reason {
      case .locked, .failed: throw error
      case .symbolic, .notFastForward, .checkedOut, .blocked, .rejected, .hooks: return .refused(error.description)
      }
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
      isUnlimited: isUnlimited, identity: local.record?.bot ?? .standard, time: job.time,
      directory: directory)
  }
}

/// Counts what went out before for the same failure.
struct EarlierPushes {
  let journal: any JournalStore

  /// How many commits of runs that are over went out for a failure.
  func count(of signature: String, repository: String, branch: RefName) async throws(JournalError) -> Int {
    guard !signature.isEmpty else { return 0 }
    var count = 0
    let runs = try await journal.runs(RunFilter(repository: repository, branch: branch, limit: 500))
    for run in runs where run.job.kind == .fix && run.closing != nil {
      let events = try await journal.events(of: run.run)
      guard let decision = events.last(where: { $0.kind == .outcome })?.payload.decode(Decision.self),
        case .fix(let outcome) = decision.outcome, outcome.signature == signature
      else { continue }
      let done = try await journal.outbox(of: run.run).contains { entry in
        if case .push = entry.effect, case .done = entry.state { true } else { false }
      }
      if done { count += 1 }
    }
    return count
  }
}
