internal import Agent
package import Base
internal import Egress
internal import FileSystem
package import Git
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
  /// What differs, as the run has kept it.
  var files = FilesManifest()
  /// What of it is left out because the ignore rules cover it.
  var ignoredFiles: Set<RepositoryPath> = []
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
  /// Takes what is being waited for, for whoever watches; `nil` where it is over.
  package var progress: @Sendable (String?) -> Void = { _ in }
  /// Signs the commits of jobs; `nil` to sign none.
  package var signer: CommitSigner?

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
    let house: AgentHouse
    do {
      house = try await self.house(ground, paths, source, egress)
    } catch {
      try? directory.remove()
      throw error
    }
    let setup = AgentSetup(plan, run, known, price)
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
    let work = AgentWork(run: run, claim: claim, state: state, objects: ground.objects, files: ground.files)
    let result = try await carryOut(work, in: house, over: connection, paths)
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
    if let parent = summary.job.parent {
      throw NotResumable(
        run: run, reason: "it is a task of run \(parent): 'arborist resume \(parent)' goes on with both")
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
    let work = AgentWork(run: run, claim: claim, state: state, objects: ground.objects, files: ground.files)
    let result = try await carryOut(work, in: house, over: connection, paths)
    if result.isOver, result.isWhole { try directory.tidy() }
    await sweep()
    return result
  }

  /// Throws away what runs left that died before the journal knew them, or after it knew their end.
  func sweep() async {
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

  private func job(_ plan: AgentPlan, _ run: RunID) -> Job {
    let branch = plan.branch ?? plan.base
    return Job(
      kind: .agent, pullRequest: PullRequest(repository: plan.directory, branch: branch, base: plan.base),
      head: plan.commit, against: .zero, request: run.text, event: "", time: clock.now())
  }
}

/// A run that cannot be taken up.
package struct NotResumable: Error, Hashable, CustomStringConvertible {
  package let run: RunID
  package let reason: String

  package var description: String { "run \(run) cannot be resumed: \(reason)" }
}
