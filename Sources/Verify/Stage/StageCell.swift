internal import Base
internal import Egress
internal import Git
internal import Sandbox
internal import TestResults
internal import Workspace

/// One cell in which `setup` has run, and to whose state it is brought back before each run.
actor StageCell {
  /// What the tree that `setup` fetched for has otherwise than the stage's own commit, of what fetching commands read.
  nonisolated let key: [TreeDelta]

  let order: StageOrder
  let plan: SetupPlan
  let made: MadeCell
  let shell: CellShell
  /// What setup was refused of the network, a line each.
  private let refusals: Lock<[String]>
  /// The tree that the checkout has.
  private let checkedOut: ObjectID
  /// The workspace behind the fetching commands, and the tree that is in it.
  private var fetched: State?
  /// The workspace behind all of setup, on the tree that was tested last.
  private var built: State?
  /// What stands in the workspace untouched since it was kept; `nil` where something may have been done to it.
  private var standing: CellCheckpoint?
  /// The last look at what differs: the next costs what has changed since.
  private var look: CellLook?
  private var isOver = false

  /// A state that was kept.
  private struct State {
    var tree: ObjectID
    var checkpoint: CellCheckpoint
    var seal: RunnerSeal
    var notes: [String]
  }

  init(
    _ order: StageOrder, _ plan: SetupPlan, key: [TreeDelta], checkedOut: ObjectID, _ made: MadeCell,
    refusals: Lock<[String]> = Lock([])
  ) {
    self.order = order
    self.plan = plan
    self.key = key
    self.checkedOut = checkedOut
    self.made = made
    self.refusals = refusals
    shell = CellShell(cell: made.cell)
  }

  func stop() async {
    guard !isOver else { return }
    isOver = true
    await made.close()
  }

  /// Whether all of setup has been done for a tree.
  func isBuilt(for tree: ObjectID) -> Bool { built?.tree == tree }

  // MARK: Setup

  /// Runs the fetching commands of `setup` on a tree, and keeps what they left.
  ///
  /// - Throws: ``StageFailure``, ``SandboxError`` or `CancellationError`.
  func prepare(on tree: ObjectID) async throws {
    try await edit(from: checkedOut, to: tree)
    let notes = try await setUp(plan.fetching)
    fetched = try await keep(tree, notes)
    try await buildUp(on: tree)
  }

  /// Runs commands of setup with the network open, and ends what they leave running.
  private func setUp(_ lines: [String]) async throws -> [String] {
    guard !lines.isEmpty else {
      await made.network?.shut()
      return []
    }
    try await made.network?.open()
    for line in lines { try await setUp(line) }
    await made.network?.shut()
    let count = try await made.cell.endProcesses()
    guard count > 0 else { return [] }
    return ["setup left \(count) processes running, which were ended: what tests need is started by the test command"]
  }

  private func setUp(_ line: String) async throws {
    refusals.withLock { $0 = [] }
    let ended = try await shell.run(command(line, [:]))
    guard ended.ending != .exited(0) else { return }
    throw Faults.setup(
      line, ended, seconds: order.commands.seconds, hosts: order.hosts.map(\.text),
      refusals: refusals.withLock { $0 })
  }

  private func keep(_ tree: ObjectID, _ notes: [String]) async throws -> State {
    let seal = try await RunnerLook(order.commands.test, shell: shell).seal()
    do throws(SandboxError) {
      let checkpoint = try await made.cell.checkpoint(whole: true)
      standing = checkpoint
      return State(tree: tree, checkpoint: checkpoint, seal: seal, notes: notes)
    } catch {
      guard error.code == .full else { throw error }
      throw StageFailure(
        .full, "what setup leaves cannot be kept: the files of a cell are in memory, and there is room for half of it")
    }
  }

  /// Brings the workspace to where all of setup is done on a tree.
  private func buildUp(on tree: ObjectID) async throws {
    guard let fetched else { throw StageFailure(.sandbox, "the cell was not prepared") }
    if let built, built.tree == tree { return try await restore(built.checkpoint) }
    try await restore(fetched.checkpoint)
    guard !plan.building.isEmpty else {
      try await edit(from: fetched.tree, to: tree)
      return
    }
    if let old = built { try await made.cell.forget(old.checkpoint) }
    built = nil
    try await edit(from: fetched.tree, to: tree)
    standing = nil
    let notes = try await setUp(plan.building)
    built = try await keep(tree, notes)
  }

  private func restore(_ checkpoint: CellCheckpoint) async throws {
    guard standing != checkpoint else { return }
    standing = nil
    try await made.cell.restore(checkpoint)
    standing = checkpoint
  }

  private func edit(from old: ObjectID, to new: ObjectID) async throws {
    guard old != new else { return }
    let deltas = try await order.repository.perform { repository throws(GitError) in
      try repository.deltas(from: old, to: new)
    }
    guard !deltas.isEmpty else { return }
    standing = nil
    try await WorkspaceEdit(cell: made.cell, repository: order.repository).apply(deltas)
    try await CellHistory(cell: made.cell, order: order).point(at: new)
  }

  private func command(_ line: String, _ environment: [String: String], limit: Duration? = nil) -> CellCommand {
    let usual = Duration.seconds(order.commands.seconds)
    return CellCommand(
      ["sh", "-c", line].map { Array($0.utf8) }, environment: environment, timeout: min(usual, limit ?? usual),
      outputLimit: order.outputLimit)
  }

  /// Runs a command of no test on a tree, with the workspace as setup left it, and ends what it leaves running.
  ///
  /// - Throws: ``StageFailure``, ``SandboxError`` or `CancellationError`.
  func carryOut(_ command: CellCommand, on tree: ObjectID) async throws -> CellShell.Ended {
    try await buildUp(on: tree)
    standing = nil
    let ended = try await shell.run(command)
    _ = try await made.cell.endProcesses()
    return ended
  }

  // MARK: A run

  /// What runs the tests, as setup left it.
  var seal: RunnerSeal { (built ?? fetched)?.seal ?? RunnerSeal() }

  /// Runs the test commands on a tree.
  ///
  /// - Throws: ``StageFailure``, ``SandboxError`` or `CancellationError`.
  func run(
    _ tree: ObjectID, in surroundings: TestSurroundings, within limit: Duration?
  ) async throws -> TestExecution {
    try await buildUp(on: tree)
    let before =
      (built ?? fetched)?.tree == tree ? seal : try await RunnerLook(order.commands.test, shell: shell).seal()
    // What differs now is of no interest, only what will differ from it.
    let look = try await made.cell.changes(since: look).look
    standing = nil
    var order = order
    if let limit { order.commands.seconds = min(order.commands.seconds, max(1, Int(limit.components.seconds))) }
    var recorder = StageRecorder(tree: tree, order: order, made: made)
    recorder.execution.notes += (fetched?.notes ?? []) + (built?.notes ?? [])
    if !plan.building.isEmpty, tree != checkedOut {
      recorder.execution.notes.append("setup ran again on this tree, from '\(plan.building[0])' on")
    }
    if surroundings == .other {
      recorder.environment = try await OtherSurroundings(shell: shell, keepsHome: !order.commands.setup.isEmpty)
        .environment()
    }
    try await recorder.carryOutAll()
    _ = try await made.cell.endProcesses()
    self.look = try await recorder.findChanges(since: look)
    let after = try await RunnerLook(order.commands.test, shell: shell).seal()
    return try await recorder.finished(before: before, after: after)
  }
}

/// How much is kept of what commands leave.
enum StageLimits {
  /// Of the report files of one command, in bytes.
  static let reports = 64 << 20
  /// The largest file that is compared with what the tree has; one that is larger counts as changed once written to.
  static let compared = 32 << 20
  /// Report files of one command.
  static let reportFiles = 5000
}
