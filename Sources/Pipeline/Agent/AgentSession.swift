internal import Agent
package import Base
internal import Egress
internal import FileSystem
internal import Git
internal import HTTP
package import Journal
package import Models
internal import Sandbox
internal import Templates
internal import Tools
package import Work
package import Workspace

/// What came of a task.
package struct AgentResult: Sendable {
  package var run: RunID
  package var outcome: AgentOutcome
  /// Whether it cannot be taken up again.
  package var isOver: Bool
  /// What differs from the commit that the work began with, as `git apply` takes it; empty where nothing does.
  package var patch: [UInt8]
  /// Where the patch is kept; `nil` where there is none.
  package var patchFile: String?
  /// What differs and is not in the patch: it was too large to keep, could not be read, or has a name that git refuses.
  package var notInPatch: [RepositoryPath]
  /// How many new files are left out of all of these, because the ignore rules cover them.
  package var ignored: Int
  /// Whether the patch could be written; where it could not, what was kept of the files stays.
  package var isWhole: Bool
  /// What all answers took, in tokens, as far as the vendor has counted them.
  package var usage: TokenUsage
  /// Whether the vendor did not count all of them, or not believably: the usage has nothing of those then, and the cost
  /// an estimate.
  package var isEstimated: Bool
}

/// Runs a model on tasks that a person gives, and takes up what was interrupted.
package struct AgentSession: Sendable {
  package var directories: UserDirectories
  package var journal: any JournalStore
  package var worker: WorkerID
  package var environment: [String: String]
  package var cells: any CellMaking
  package var clock: WallClock
  package var log: @Sendable (String) -> Void

  package init(
    directories: UserDirectories, journal: any JournalStore, worker: WorkerID, environment: [String: String],
    cells: any CellMaking, clock: WallClock = .system, log: @escaping @Sendable (String) -> Void
  ) {
    self.directories = directories
    self.journal = journal
    self.worker = worker
    self.environment = environment
    self.cells = cells
    self.clock = clock
    self.log = log
  }

  /// Carries out a task from its beginning to its end.
  ///
  /// - Throws: what keeps it from beginning; once a model was asked, everything is an ending.
  package func start(_ order: AgentOrder) async throws -> AgentResult {
    let source = try await RepositoryActor.open { () throws(GitError) in
      try Repository.discover(at: order.repository)
    }
    // Told after what the person has to mend: a wrong word is no matter of where the history can be read.
    let notes = Lock<[String]>([])
    let shown = await cells.history(of: source) { note in notes.withLock { $0.append(note) } }
    let plan = try await source.perform { try AgentPlan(order, in: $0, history: shown) }
    let ground = AgentGround(plan)
    for note in notes.withLock({ $0 }) + plan.warnings.map({ "note: \($0)" }) { log(note) }
    let connection = try ModelConnection(plan.model.provider, environment, directories)
    let price = try Prices(directories, environment).price(of: plan.model, under: plan.budget)
    if price == nil { log("note: no price is known for \(plan.model); what it costs is not counted") }
    let known = try connection.knowledge(of: plan.model, asksAnew: order.asksAnew)
    let run = RunID(random: .random(in: .min ... .max))
    try directories.make()
    let directory = try RunDirectory.open(run, under: directories.runs)
    let paths = RunPaths(directory)
    let egress = EgressJournal(journal)
    let house: House
    do {
      house = try await self.house(ground, paths, source, egress)
    } catch {
      try? directory.remove()
      throw error
    }
    var setup = setup(plan, run, known.capabilities, price)
    setup.probe = known.probe
    let claim: Claim
    do {
      claim = try await journal.beginByHand(
        job(plan, run), run: run, worker: worker, notes: [.agent(.agentStarted, setup)])
    } catch {
      await house.close()
      try? directory.remove()
      throw error
    }
    egress.begin(run, under: claim)
    let state = AgentState(setup)
    log("run \(run): \(plan.model) on \(plan.commit.short)")
    let work = Work(run: run, claim: claim, state: state, objects: ground.objects)
    let result = try await carryOut(work, in: house, over: connection, paths, source)
    if result.isOver, result.isWhole { try directory.tidy() }
    await sweep()
    return result
  }

  /// Takes up a run that was interrupted.
  ///
  /// - Throws: ``RunIsBusy``, ``JournalError``, ``NotResumable``, or what keeps it from going on.
  package func resume(_ name: String) async throws -> AgentResult {
    let summary = try await journal.run(named: name)
    let run = summary.run
    if let closing = summary.closing {
      await sweep()
      throw NotResumable(run: run, reason: "it is over: \(closing.summary)")
    }
    try directories.make()
    let directory = try RunDirectory.open(run, under: directories.runs)
    let paths = RunPaths(directory)
    let claim = try await journal.takeUp(run, worker: worker)
    guard let state = try AgentState.replay(try await journal.events(of: run)) else {
      throw NotResumable(run: run, reason: "its process ended before the model was given the task; start it again")
    }
    let repository = summary.job.pullRequest.repository
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: repository) }
    let shown = await cells.history(of: source, telling: log)
    let ground = try await source.perform { try AgentGround(of: state.setup, in: $0, history: shown) }
    let connection = try ModelConnection(state.setup.model.provider, environment, directories)
    try Directory.removeTree(Array(paths.checkout.utf8))
    let egress = EgressJournal(journal)
    egress.begin(run, under: claim)
    let house = try await house(ground, paths, source, egress)
    log("run \(run): taken up again after \(state.spending.steps.counted("answer"))")
    let work = Work(run: run, claim: claim, state: state, objects: ground.objects)
    let result = try await carryOut(work, in: house, over: connection, paths, source)
    if result.isOver, result.isWhole { try directory.tidy() }
    await sweep()
    return result
  }

  /// Throws away what runs left that died before the journal knew them, or after it knew their end.
  private func sweep() async {
    RunDirectory.Draft.sweep(under: directories.runs)
    for run in RunDirectory.unfinished(under: directories.runs) {
      // Nobody who wants to take a run up may find it locked, so only what is to go is.
      guard await isOver(run), let directory = try? RunDirectory.existing(run, under: directories.runs) else {
        continue
      }
      try? directory.tidy()
    }
  }

  /// Whether a run is over, or died before anything of it was kept.
  ///
  /// One that this journal does not know may stand in another.
  private func isOver(_ run: RunID) async -> Bool {
    do throws(JournalError) {
      return try await journal.run(named: run.text).closing != nil
    } catch .notFound {
      return !RunDirectory.hasFiles(run, under: directories.runs)
    } catch {
      return false
    }
  }

  // MARK: Parts

  /// A cell with the commit in it.
  private struct House: Sendable {
    var cell: any Cell
    var close: @Sendable () async -> Void
  }

  /// A run that is begun.
  private struct Work: Sendable {
    var run: RunID
    var claim: Claim
    var state: AgentState
    /// The repository's objects.
    var objects: String
  }

  /// Checks the commit out and makes a cell around it.
  private func house(
    _ ground: AgentGround, _ paths: RunPaths, _ source: RepositoryActor<Repository>, _ egress: EgressJournal
  ) async throws -> House {
    let shown = ground.history.map { ShownObjects($0) }
    let history = shown.map { Checkout.History(objects: $0.targets, branch: ground.branch) }
    let checkout = try await source.perform { repository in
      try Checkout(of: ground.commit, in: repository, at: paths.checkout, history: history)
    }
    for (path, reason) in checkout.left { log("note: '\(path)' is not in the cell: \(reason)") }
    let order = CellOrder(checkout: paths.checkout, readOnly: shown?.readOnly ?? [], hosts: ground.hosts)
    let (cell, end) = try await cells.make(order) { egress.take($0) }
    let close: @Sendable () async -> Void = {
      await end()
      await egress.finish()
    }
    do {
      try await TrustedTexts.write(ground.skills, to: cell)
    } catch {
      await close()
      throw error
    }
    return House(cell: cell, close: close)
  }

  private func setup(
    _ plan: AgentPlan, _ run: RunID, _ capabilities: ModelCapabilities, _ price: ModelPrice?
  ) -> AgentSetup {
    let settings = ModelSettings(
      maximumOutput: ModelSettings.usualOutput, thinking: plan.thinking,
      cacheKey: "arborist-\(run)", allowsParallelCalls: plan.facts.allowsParallelCalls)
    var setup = AgentSetup(
      task: plan.facts.task, model: plan.model, profile: plan.profile.rawValue, settings: settings,
      capabilities: capabilities, price: price, system: plan.prompt.system, tools: plan.tools,
      opening: plan.prompt.opening, summaryRequest: AgentSetup.usualSummaryRequest, budget: plan.budget,
      commit: plan.commit)
    setup.branch = plan.branch
    setup.rules = plan.rules
    if !plan.hosts.isEmpty { setup.hosts = plan.hosts.map(\.text) }
    return setup
  }

  private func job(_ plan: AgentPlan, _ run: RunID) -> Job {
    let branch = plan.branch ?? plan.base
    return Job(
      kind: .agent, pullRequest: PullRequest(repository: plan.directory, branch: branch, base: plan.base),
      head: plan.commit, against: .zero, request: run.text, event: "", time: clock.now())
  }

  /// Lets the model work until the end, and writes down what came of it.
  private func carryOut(
    _ work: Work, in house: House, over connection: ModelConnection, _ paths: RunPaths,
    _ source: RepositoryActor<Repository>
  ) async throws -> AgentResult {
    do {
      let result = try await perform(work, in: house, over: connection, paths)
      await house.close()
      return result
    } catch {
      await house.close()
      throw error
    }
  }

  private func perform(
    _ work: Work, in house: House, over connection: ModelConnection, _ paths: RunPaths
  ) async throws -> AgentResult {
    let setup = work.state.setup
    let keeper = try FilesKeeper(house.cell, directory: paths.files)
    try await keeper.restore(work.state.files)
    let profile = ToolProfile(rawValue: setup.profile) ?? ToolProfile(for: setup.model)
    let tools = CellTools(
      ProfileCatalog(profile, dialect: setup.model.dialect), cell: house.cell, memory: work.state.memory)
    let agent = AgentRun(
      work.run, under: work.claim, state: work.state,
      AgentSurroundings(
        journal: journal, model: NetworkModel(connection: connection, clock: clock, log: log), tools: tools,
        files: keeper, clock: clock.steady(), log: log))
    let outcome = await agent.perform()
    let (state, isOver) = (await agent.state, await agent.isOver)
    // What it asked for on the network is written before the run is closed.
    await house.close()
    // The journal refuses whoever is cancelled; what came of the work has to be written down all the same.
    return try await Task { try await conclude(work, outcome, isOver, state, keeper, paths) }.value
  }

  /// Writes the patch, and closes the run in the journal unless it is to be taken up again.
  private func conclude(
    _ work: Work, _ ending: AgentOutcome, _ wasOver: Bool, _ state: AgentState, _ keeper: FilesKeeper,
    _ paths: RunPaths
  ) async throws -> AgentResult {
    let files = state.files
    var (outcome, isOver) = (ending, wasOver)
    var written = WrittenPatch()
    var isWhole = true
    var ignored: Set<RepositoryPath> = []
    do {
      ignored = try await IgnoredFiles(checkout: paths.checkout, keeper: keeper, scratch: paths.scratch).among(files)
      outcome.changed.removeAll { ignored.contains($0) }
      written = try await PatchWriter(keeper: keeper, objects: work.objects, scratch: paths.scratch).patch(
        of: files, without: ignored, from: work.state.setup.commit)
      if !written.bytes.isEmpty { try paths.keep(written.bytes) }
    } catch {
      // The run has ended all the same, and what it ended with is to be told.
      log("the patch cannot be written: \(error); what was kept of the files is in '\(paths.files)'")
      written = WrittenPatch(leftOut: outcome.changed)
      isWhole = false
    }
    if isOver {
      do throws(JournalError) {
        try await close(work, outcome)
      } catch {
        // Its ending is in the journal; whoever takes it up has only to close it.
        (isOver, outcome.ending, outcome.reason) = (false, .journalFailed, error.description)
      }
    }
    let usage = try await usage(of: work.run)
    return AgentResult(
      run: work.run, outcome: outcome, isOver: isOver, patch: written.bytes,
      patchFile: written.bytes.isEmpty ? nil : paths.patch,
      notInPatch: state.vanished.union(written.leftOut).sorted(), ignored: ignored.count, isWhole: isWhole,
      usage: usage.total, isEstimated: usage.isEstimated)
  }

  private func close(_ work: Work, _ outcome: AgentOutcome) async throws(JournalError) {
    do throws(JournalError) {
      try await journal.decide(.agent(outcome), publication: Publication(), of: work.run, under: work.claim)
    } catch .outOfOrder {
      // A process before this one had come so far.
    }
    try await journal.finish(work.run, Closing(of: .agent(outcome)), under: work.claim)
  }

  private func usage(of run: RunID) async throws(JournalError) -> UsageAccount {
    var account = UsageAccount()
    for event in try await journal.events(of: run) {
      if let event = try AgentEvent(event) { account.take(event) }
    }
    return account
  }
}

/// A run that cannot be taken up.
package struct NotResumable: Error, Hashable, CustomStringConvertible {
  package let run: RunID
  package let reason: String

  package var description: String { "run \(run) cannot be resumed: \(reason)" }
}
