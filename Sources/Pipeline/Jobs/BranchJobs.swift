internal import Base
internal import FileSystem
internal import Git
internal import Journal
internal import Memory
internal import Merging
internal import Policy
internal import Resolve
internal import Review
internal import Verify
internal import Work
internal import Workspace

/// The jobs on a branch, from a workspace to an outcome, wherever the repository is and whoever publishes.
struct BranchJobs: Sendable {
  /// The repository that the facts were read from.
  let source: RepositoryActor<Repository>
  let identity: BotIdentity
  /// Where resolutions are remembered; `nil` to use none.
  let memory: MemoryFile?
  /// What runs commands and models; `nil` to run neither.
  let session: AgentSession?
  /// What the author wrote on the pull request: evidence, and never an instruction.
  var evidence: [ReviewWords.Evidence] = []

  private func review(
    _ job: Job, _ run: RunID, _ steps: any StepKeeping, _ facts: RepositoryFacts, in workspace: RunWorkspace
  ) async throws -> ReviewOutcome {
    guard !job.against.isZero else {
      throw JobFailure(
        "\(job.pullRequest.branch.shortDisplay) and \(job.pullRequest.base.shortDisplay) have no common ancestor")
    }
    let configuration = facts.configuration
    let rules = try await source.perform { try facts.trusted(in: $0) }
    var order = ReviewOrder(
      run: run, pullRequest: job.pullRequest, from: job.against, head: job.head, rules: rules?.commit,
      rulesName: rules?.name ?? "", configuration: configuration,
      models: session == nil ? [] : configuration.models[job.kind.rawValue] ?? [])
    order.evidence = evidence
    guard !configuration.review.sarif.isEmpty || !order.models.isEmpty else {
      return try await ReviewWork(order, session: session, repository: workspace.repository).outcome(steps)
    }
    // Linters and models need not find the same twice, and a run that is taken up again must.
    return try await steps.once("review with linters") {
      if !configuration.review.sarif.isEmpty {
        order.named = try await linted(job, run, steps, configuration, in: workspace)
      }
      return try await ReviewWork(order, session: session, repository: workspace.repository).outcome(steps)
    }
  }

  /// What the linters said that the configuration names.
  private func linted(
    _ job: Job, _ run: RunID, _ steps: any StepKeeping, _ configuration: RepositoryConfiguration,
    in workspace: RunWorkspace
  ) async throws -> LinterReport {
    guard let session else { return .notRun(because: "commands are not run here") }
    let directory = try runDirectory(run, session)
    return try await audited(session, steps) { egress in
      try await LinterWork(
        configuration, in: workspace.repository, cells: session.cells, branch: job.pullRequest.branch,
        directory: directory + "/linters", log: session.log
      ).report(on: job.head) { egress.take($0) }
    }
  }

  /// The directory of a run for what it keeps; it is made where it is not there.
  private func runDirectory(_ run: RunID, _ session: AgentSession) throws -> String {
    try session.directories.make()
    let directory = "\(session.directories.runs)/\(run.text)"
    if try FileStatus(Array(directory.utf8)) == nil { try Directory.make(Array(directory.utf8), mode: 0o711) }
    return directory
  }

  /// Does the work of a job; the same job with the same steps gives the same outcome.
  ///
  /// - Parameters:
  ///   - job: The job.
  ///   - run: Its run.
  ///   - steps: What the run has done already, and where it keeps what it does.
  ///   - facts: The repository's facts, whose configuration and base hold.
  ///   - baseTip: The base's tip.
  ///   - workspace: Where it is done; it sees the objects of the repository.
  /// - Returns: What came of it.
  /// - Throws: ``JobFailure`` where the job cannot succeed, whatever error else where it may succeed later.
  func outcome(
    of job: Job, _ run: RunID, _ steps: any StepKeeping, _ facts: RepositoryFacts, _ baseTip: ObjectID,
    in workspace: RunWorkspace
  ) async throws -> Outcome {
    switch job.kind {
    case .review: return .review(try await review(job, run, steps, facts, in: workspace))
    case .resolve:
      let merged = try await merge(job, run, steps, facts, in: workspace)
      return .resolve(
        await workspace.repository.perform { merged.namingCommits(of: job.head, and: job.against, in: $0) })
    case .fix: return .fix(try await repair(job, run, steps, facts, baseTip, in: workspace))
    case .agent: throw JobFailure("a task for a model is carried out by hand, with 'arborist agent'")
    case .ask, .attend, .undo: throw JobFailure("there is nothing to \(job.kind.rawValue) on this branch")
    }
  }

  /// What a job with commands or models stands on; its directory is made.
  private func ground(
    for job: Job, _ run: RunID, _ facts: RepositoryFacts, baseTip: ObjectID, mergeBase: ObjectID,
    _ session: AgentSession
  ) throws -> JobGround {
    let directory = try runDirectory(run, session)
    let configuration = facts.configuration
    return JobGround(
      run: run, pullRequest: job.pullRequest, head: job.head, mergeBase: mergeBase, baseTip: baseTip,
      baseName: job.pullRequest.base.shortDisplay, configuration: configuration,
      commands: TestCommands(
        setup: configuration.setup, test: configuration.test, seconds: JobGround.seconds(of: configuration.budget)),
      models: configuration.models[job.kind.rawValue] ?? [], repairModels: configuration.repairModels,
      isUnlimited: false, identity: identity, directory: directory)
  }

  private func repair(
    _ job: Job, _ run: RunID, _ steps: any StepKeeping, _ facts: RepositoryFacts, _ baseTip: ObjectID,
    in workspace: RunWorkspace
  ) async throws -> FixOutcome {
    guard let session else { throw JobFailure("tests are not run here") }
    guard !facts.configuration.test.isEmpty else {
      throw JobFailure(
        NoTestCommand().description, told: "nobody says how the tests are run: write 'test' into .arborist.yml")
    }
    guard !job.against.isZero else {
      throw JobFailure(
        "\(job.pullRequest.branch.shortDisplay) and \(job.pullRequest.base.shortDisplay) have no common ancestor")
    }
    let ground = try ground(for: job, run, facts, baseTip: baseTip, mergeBase: job.against, session)
    return try await audited(session, steps) { egress in
      try await FixWork(ground: ground, session: session, repository: workspace.repository)
        .outcome(steps, egress, includesBase: false)
    }
  }

  /// Does something in cells, with all that they ask of the network in the run's journal.
  private func audited<Value: Sendable>(
    _ session: AgentSession, _ steps: any StepKeeping, _ work: (EgressJournal) async throws -> Value
  ) async throws -> Value {
    let egress = EgressJournal(session.journal, keeping: steps)
    do {
      let value = try await work(egress)
      await egress.finish()
      return value
    } catch {
      await egress.finish()
      throw error
    }
  }

  private func merge(
    _ job: Job, _ run: RunID, _ steps: any StepKeeping, _ facts: RepositoryFacts, in workspace: RunWorkspace
  ) async throws -> ResolveOutcome {
    // A memory that cannot be read keeps nothing from being merged without it.
    let remembered = try? memory?.open()
    let merge = BranchMerge(
      branch: job.pullRequest.branch, base: job.pullRequest.base.shortDisplay, ours: job.head, theirs: job.against,
      identity: identity, resolvers: StandardResolvers.auto(remembering: remembered),
      proposing: StandardResolvers.proposing(remembering: remembered))
    do {
      let configuration = facts.configuration
      let models = configuration.models[job.kind.rawValue] ?? []
      if session == nil || (configuration.test.isEmpty && models.isEmpty) {
        let outcome = try await workspace.repository.perform { try merge.run(in: $0) }
        guard session != nil, outcome.isLeftToTools else { return outcome }
      }
      guard let session else { throw JobFailure("commands are not run here") }
      let mergeBase = try await workspace.repository.perform { repository throws(GitError) in
        try repository.mergeBase(job.head, job.against)
      }
      let ground = try ground(
        for: job, run, facts, baseTip: job.against, mergeBase: mergeBase ?? job.head, session)
      return try await audited(session, steps) { egress in
        try await MergeWork(ground: ground, session: session, repository: workspace.repository)
          .outcome(of: merge, steps, egress)
      }
    } catch let error as GitError where error.code == .noCommonAncestor {
      throw JobFailure(error.description)
    }
  }
}
