internal import Agent
internal import Base
internal import Egress
internal import FileSystem
internal import Git
internal import Journal
internal import Models
internal import Policy
internal import Tools
internal import Work
internal import Workspace

/// What is the same for all tasks that one job gives to models.
struct TaskGround: Sendable {
  /// The run of the job.
  var run: RunID
  var pullRequest: PullRequest
  /// The commit of the base whose instructions and skills count, and what it is called.
  var rules: ObjectID?
  var rulesName: String
  /// The models that the job may use, as `PROVIDER/NAME`; the first is used where a task names none.
  var models: [String]
  /// What all tasks together may take.
  var budget: RepositoryConfiguration.Budget
  /// Whether there is no limit of money.
  var isUnlimited: Bool
  var thinking: ModelSettings.Thinking
  /// The hosts that `setup` may reach.
  var hosts: [String]
  /// An existing directory of the run's own, where what tasks keep survives the process.
  var directory: String
  /// Whether somebody takes the job up who is asked to: a task that is interrupted, or whose model cannot be reached,
  /// then waits for that.
  var isByHand: Bool
}

/// Gives the tasks of one job to models, each as a run of its own, one after the other on one budget.
///
/// What was asked and what came of it is kept by the job's steps, so that a job that is taken up again asks nothing
/// twice and goes on with the very conversation that was interrupted.
actor AgentTasks: ModelTaskPerforming {
  private let session: AgentSession
  private let ground: TaskGround
  private let steps: any StepKeeping
  /// The repository of the job's workspace, into which results are written.
  private let repository: RepositoryActor<PrivateRepository>
  /// When the time of all tasks is over, by the steady clock of this process.
  private let deadline: Timestamp
  private let steady: WallClock
  private var spent: (money: Int64, steps: Int) = (0, 0)
  private var counted: Set<RunID> = []

  init(
    _ session: AgentSession, on ground: TaskGround, steps: any StepKeeping,
    repository: RepositoryActor<PrivateRepository>
  ) {
    self.session = session
    self.ground = ground
    self.steps = steps
    self.repository = repository
    steady = session.clock.steady()
    deadline = Timestamp(milliseconds: steady.now().milliseconds + Int64(ground.budget.seconds) * 1000)
  }

  func perform(_ task: ModelTask) async throws -> ModelWork {
    if let work = try await steps.recall("work \(task.name)", as: ModelWork.self) {
      count(work)
      if try await repository.perform({ try $0.contains(work.tree) }) { return told(work) }
      // The workspace in which the tree was written is gone with the process; what it was made of is not.
      return told(try await rebuilt(work, of: task))
    }
    let work = try await carryOut(task, as: try await begun(task))
    // The journal would refuse it, and what was left of a task is not what came of it.
    try Task.checkCancellation()
    if ground.isByHand, work.outcome.ending.mayPass {
      throw ModelOutOfReach(model: work.model, ending: work.outcome.ending, reason: work.outcome.reason)
    }
    count(work)
    try await steps.record("work \(task.name)", work)
    let told = told(work)
    if told.outcome.reason != work.outcome.reason {
      session.log("note: the work on \(task.name) ended early: \(work.outcome.reason)")
    }
    return told
  }

  /// The work with a reason that may be published; whoever asked by hand is told all.
  private func told(_ work: ModelWork) -> ModelWork {
    guard !ground.isByHand, let words = work.outcome.ending.publicWords else { return work }
    var told = work
    told.outcome.reason = words
    return told
  }

  /// The run of a task: the one that was begun, or a new one where that ended without saying anything of the task.
  private func begun(_ task: ModelTask) async throws -> RunID {
    var name = Self.begun + task.name
    for number in 2... {
      let run = try await steps.once(name) { RunID(random: .random(in: .min ... .max)) }
      guard ground.isByHand, let summary = try? await session.journal.run(named: run.text), summary.closing != nil,
        let ending = try await ending(of: run), ending.mayPass
      else { return run }
      name = "\(Self.begun)\(task.name), again \(number)"
    }
    throw JobFailure("the task '\(task.name)' was begun too often")
  }

  private static let begun = "task "

  private func ending(of run: RunID) async throws -> AgentEnding? {
    let decided = try await session.journal.events(of: run).last { $0.kind == .outcome }
    guard case .agent(let outcome) = decided?.payload.decode(Decision.self)?.outcome else { return nil }
    return outcome.ending
  }

  /// Closes the runs of tasks that nobody comes back to, because the job has come to its end without them.
  func closeLeft() async {
    do {
      for name in try await steps.names() where name.hasPrefix(Self.begun) {
        guard let run = try await steps.recall(name, as: RunID.self),
          let summary = try? await session.journal.run(named: run.text), summary.closing == nil,
          let state = try AgentState.replay(try await session.journal.events(of: run))
        else { continue }
        let claim = try await session.journal.takeUp(run, worker: session.worker)
        let outcome = AgentOutcome(
          ending: .cancelled, reason: "the job that it was for came to its end without it", text: state.lastText,
          steps: state.spending.steps, cost: state.setup.price == nil ? nil : state.spending.money, changed: [])
        try await session.journal.decide(.agent(outcome), publication: Publication(), of: run, under: claim)
        try await session.journal.finish(run, Closing(of: .agent(outcome)), under: claim)
      }
    } catch {
      session.log("note: a task that was given up stays open in the journal: \(error)")
    }
  }

  private func count(_ work: ModelWork) {
    guard counted.insert(work.run).inserted else { return }
    spent.money += work.outcome.cost ?? 0
    spent.steps += work.outcome.steps
  }

  // MARK: One task

  private func carryOut(_ task: ModelTask, as run: RunID) async throws -> ModelWork {
    let directory = try RunDirectory.open(run, under: ground.directory)
    let paths = RunPaths(directory)
    let journal = session.journal
    let known = try? await journal.run(named: run.text)
    var events: [RunEvent] = []
    if known != nil { events = try await journal.events(of: run) }
    let plan = try await plan(of: task)
    let connection = try ModelConnection(plan.model.provider, session.environment, session.directories)
    if let state = try AgentState.replay(events) {
      if let closing = known?.closing { return try await finished(task, run, state, closing, events, paths) }
      let claim = try await journal.takeUp(run, worker: session.worker)
      // That it was taken up again is part of what is known now.
      let resumed = try AgentState.replay(try await journal.events(of: run)) ?? state
      session.log("run \(run): taken up again after \(state.spending.steps.counted("answer"))")
      return try await work(on: task, run, claim, resumed, plan, over: connection, paths)
    }
    let knowledge = try connection.knowledge(of: plan.model, asksAnew: false)
    let price = try Prices(session.directories, session.environment).price(of: plan.model, under: plan.budget)
    let setup = AgentSetup(plan, run, knowledge, price)
    let job = Job(
      kind: .agent, pullRequest: ground.pullRequest, head: task.commit, against: .zero, request: run.text,
      event: Job.event(ofTaskOf: ground.run), time: session.clock.now())
    let claim = try await journal.beginByHand(
      job, run: run, worker: session.worker, notes: [.agent(.agentStarted, setup)])
    session.log("run \(run): \(plan.model) on \(task.name)")
    return try await work(on: task, run, claim, AgentState(setup), plan, over: connection, paths)
  }

  private func work(
    on task: ModelTask, _ run: RunID, _ claim: Claim, _ state: AgentState, _ plan: AgentPlan,
    over connection: ModelConnection, _ paths: RunPaths
  ) async throws -> ModelWork {
    try Directory.removeTree(Array(paths.checkout.utf8))
    let egress = EgressJournal(session.journal)
    egress.begin(run, under: claim)
    let ground = AgentGround(plan)
    let house = try await session.house(ground, paths, repository, egress)
    let work = AgentWork(
      run: run, claim: claim, state: state, objects: ground.objects, files: ground.files, leavesPatch: false,
      leavesOpen: self.ground.isByHand)
    let result = try await session.carryOut(work, in: house, over: connection, paths)
    try Task.checkCancellation()
    return try await self.result(
      of: task, run, plan.model, result.outcome, result.files, without: result.ignoredFiles, paths)
  }

  /// A task whose own run was over when the process died, before the job knew of it.
  private func finished(
    _ task: ModelTask, _ run: RunID, _ state: AgentState, _ closing: Closing, _ events: [RunEvent], _ paths: RunPaths
  ) async throws -> ModelWork {
    let decided = events.last { $0.kind == .outcome }?.payload.decode(Decision.self)
    guard case .agent(let outcome) = decided?.outcome else {
      throw JobFailure("the run \(run) of a model ended without an outcome: \(closing.summary)")
    }
    return try await result(
      of: task, run, state.setup.model, outcome, state.files, without: try await ignored(task, state.files, paths),
      paths)
  }

  private func rebuilt(_ work: ModelWork, of task: ModelTask) async throws -> ModelWork {
    let directory = try RunDirectory.open(work.run, under: ground.directory)
    let paths = RunPaths(directory)
    guard let state = try AgentState.replay(try await session.journal.events(of: work.run)) else {
      throw JobFailure("the run \(work.run) of a model cannot be read any more")
    }
    let again = try await result(
      of: task, work.run, state.setup.model, work.outcome, state.files,
      without: try await ignored(task, state.files, paths), paths)
    guard again.tree == work.tree else {
      throw JobFailure("what the run \(work.run) of a model left is not what it was")
    }
    return again
  }

  /// What of the files the ignore rules cover; the checkout is made again where it is gone.
  private func ignored(
    _ task: ModelTask, _ files: FilesManifest, _ paths: RunPaths
  ) async throws -> Set<RepositoryPath> {
    if try FileStatus(Array(paths.checkout.utf8)) == nil {
      _ = try await repository.perform { repository in
        try Checkout(of: task.tree ?? task.commit, in: repository, at: paths.checkout, history: nil)
      }
    }
    return try await IgnoredFiles(
      checkout: paths.checkout, contents: KeptContents(directory: paths.files), scratch: paths.scratch
    ).among(files)
  }

  private func result(
    of task: ModelTask, _ run: RunID, _ model: ModelName, _ outcome: AgentOutcome, _ files: FilesManifest,
    without ignored: Set<RepositoryPath>, _ paths: RunPaths
  ) async throws -> ModelWork {
    let (tree, leftOut) = try await TreeWriter(contents: KeptContents(directory: paths.files)).tree(
      of: files, without: ignored, from: task.tree ?? task.commit, in: repository)
    return ModelWork(
      run: run, model: "\(model)", outcome: outcome, tree: tree, leftOut: leftOut,
      changedBack: try await changedBack(in: run, files))
  }

  /// What the model changed at some time, as the run's events tell it, and what is as it was in the end.
  private func changedBack(in run: RunID, _ files: FilesManifest) async throws -> [RepositoryPath] {
    var touched: Set<RepositoryPath> = []
    for event in try await session.journal.events(of: run) {
      switch try AgentEvent(event) {
      case .done(let record): touched.formUnion(record.files?.changed.map(\.path) ?? [])
      case .ended(let record): touched.formUnion(record.files?.changed.map(\.path) ?? [])
      default: break
      }
    }
    return touched.filter { files.entries[$0] == nil }.sorted()
  }

  // MARK: Plan

  private func plan(of task: ModelTask) async throws -> AgentPlan {
    var order = AgentOrder(
      repository: ground.pullRequest.repository, task: task.text, environment: session.environment)
    order.model = try (task.model ?? ground.models.first).map { text throws(InvalidModelName) in try ModelName(text) }
    order.thinking = ground.thinking
    order.isUnlimited = ground.isUnlimited
    let left = max(1, deadline.milliseconds - steady.now().milliseconds)
    order.seconds = Int(max(1, left / 1000))
    order.steps = max(1, (ground.budget.steps - spent.steps) / task.share)
    order.dollars = Dollars(nano: max(1, (ground.budget.nanodollars - spent.money) / Int64(task.share)))
    let scene = AgentScene(
      commit: task.commit, branch: ground.pullRequest.branch, tree: task.tree, base: ground.pullRequest.base,
      rules: ground.rules, rulesName: ground.rulesName, directory: ground.pullRequest.repository,
      budget: ground.budget, model: ground.models.first, setup: task.setup,
      setupHosts: task.setup.isEmpty ? [] : ground.hosts)
    let shown = await session.cells.history(of: repository, telling: session.log)
    order.task = task.text(hasHistory: shown != nil)
    let asked = order
    return try await repository.perform { try AgentPlan(asked, on: scene, in: $0, history: shown) }
  }
}
