internal import Agent
internal import Base
internal import Egress
internal import FileSystem
internal import Git
internal import Journal
internal import Models
internal import Sandbox
internal import Tools
internal import Work
internal import Workspace

/// A cell with the files of a task in it.
struct AgentHouse: Sendable {
  var cell: any Cell
  /// What differed from the checkout before the model began: what `setup` wrote.
  var baseline: [CellChange]
  var close: @Sendable () async -> Void
}

/// A run of a model that is begun.
struct AgentWork: Sendable {
  var run: RunID
  var claim: Claim
  var state: AgentState
  /// The repository's objects.
  var objects: String
  /// The commit or the tree whose files the model was given.
  var files: ObjectID
  /// Whether what differs in the end is kept as a patch.
  var leavesPatch = true
  /// Whether it stays open where it is cancelled or the surroundings fail.
  var leavesOpen = false
}

extension AgentSetup {
  /// What a run begins with.
  init(
    _ plan: AgentPlan, _ run: RunID, _ known: (capabilities: ModelCapabilities, probe: CapabilityProbe?),
    _ price: ModelPrice?
  ) {
    let settings = ModelSettings(
      maximumOutput: ModelSettings.usualOutput, thinking: plan.thinking,
      cacheKey: "arborist-\(run)", allowsParallelCalls: plan.facts.allowsParallelCalls)
    self.init(
      task: plan.facts.task, model: plan.model, profile: plan.profile.rawValue, settings: settings,
      capabilities: known.capabilities, price: price, system: plan.prompt.system, tools: plan.tools,
      opening: plan.prompt.opening, summaryRequest: AgentSetup.usualSummaryRequest, budget: plan.budget,
      commit: plan.commit)
    branch = plan.branch
    rules = plan.rules
    if !plan.hosts.isEmpty { hosts = plan.hosts.map(\.text) }
    probe = known.probe
  }
}

extension AgentSession {
  /// Checks the commit out and makes a cell around it.
  func house<Opened: Repository>(
    _ ground: AgentGround, _ paths: RunPaths, _ source: RepositoryActor<Opened>, _ egress: EgressJournal
  ) async throws -> AgentHouse {
    let shown = ground.history.map { ShownObjects($0) }
    let history = shown.map { Checkout.History(objects: $0.targets, branch: ground.branch) }
    let checkout = try await source.perform { repository in
      try Checkout(of: ground.files, in: repository, at: paths.checkout, history: history, head: ground.commit)
    }
    for (path, reason) in checkout.left { log("note: '\(path)' is not in the cell: \(reason)") }
    let order = CellOrder(checkout: paths.checkout, readOnly: shown?.readOnly ?? [], hosts: ground.hosts)
    let made = try await cells.make(order) { egress.take($0) }
    let close: @Sendable () async -> Void = {
      await made.close()
      await egress.finish()
    }
    do {
      try await TrustedTexts.write(ground.skills, to: made.cell)
      let baseline = try await ground.prepare(made.cell)
      if ground.isShutAfterSetup { await made.network?.shut() }
      return AgentHouse(cell: made.cell, baseline: baseline, close: close)
    } catch {
      await close()
      throw error
    }
  }

  /// Lets the model work until the end, and writes down what came of it.
  func carryOut(
    _ work: AgentWork, in house: AgentHouse, over connection: ModelConnection, _ paths: RunPaths
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
    _ work: AgentWork, in house: AgentHouse, over connection: ModelConnection, _ paths: RunPaths
  ) async throws -> AgentResult {
    let setup = work.state.setup
    let keeper = try FilesKeeper(house.cell, directory: paths.files, baseline: house.baseline)
    try await keeper.restore(work.state.files)
    let profile = ToolProfile(rawValue: setup.profile) ?? ToolProfile(for: setup.model)
    let tools = CellTools(
      ProfileCatalog(profile, dialect: setup.model.dialect), cell: house.cell, memory: work.state.memory)
    var surroundings = AgentSurroundings(
      journal: journal, model: NetworkModel(connection: connection, clock: clock, log: log), tools: tools,
      files: keeper, clock: clock.steady(), log: log)
    surroundings.leavesOpen = work.leavesOpen
    let agent = AgentRun(work.run, under: work.claim, state: work.state, surroundings)
    let outcome = await agent.perform()
    let (state, isOver) = (await agent.state, await agent.isOver)
    // What it asked for on the network is written before the run is closed.
    await house.close()
    // The journal refuses whoever is cancelled; what came of the work has to be written down all the same.
    return try await Task { try await conclude(work, outcome, isOver, state, paths) }.value
  }

  /// Writes the patch, and closes the run in the journal unless it is to be taken up again.
  private func conclude(
    _ work: AgentWork, _ ending: AgentOutcome, _ wasOver: Bool, _ state: AgentState, _ paths: RunPaths
  ) async throws -> AgentResult {
    let files = state.files
    let contents = KeptContents(directory: paths.files)
    var (outcome, isOver) = (ending, wasOver)
    var written = WrittenPatch()
    var isWhole = true
    var ignored: Set<RepositoryPath> = []
    do {
      ignored = try await IgnoredFiles(checkout: paths.checkout, contents: contents, scratch: paths.scratch).among(
        files)
      outcome.changed.removeAll { ignored.contains($0) }
      if work.leavesPatch {
        written = try await PatchWriter(contents: contents, objects: work.objects, scratch: paths.scratch).patch(
          of: files, without: ignored, from: work.files)
        if !written.bytes.isEmpty { try paths.keep(written.bytes) }
      }
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
      usage: usage.total, isEstimated: usage.isEstimated, files: files, ignoredFiles: ignored)
  }

  private func close(_ work: AgentWork, _ outcome: AgentOutcome) async throws(JournalError) {
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
