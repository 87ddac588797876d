internal import Base
internal import Git
internal import Sandbox
internal import TestResults
internal import Workspace

/// One cell in which `setup` has run, and to whose state it is brought back before each run.
actor StageCell {
  /// The tree that was there when `setup` ran.
  nonisolated let base: ObjectID
  /// What runs the tests, as `setup` left it.
  private(set) var seal = RunnerSeal()

  private let order: StageOrder
  private let cell: any Cell
  private let made: MadeCell
  private let shell: CellShell
  private var kept: CellCheckpoint?
  /// Whether something may have been done to the workspace since it was kept.
  private var isTouched = false
  private var isOver = false

  /// Where reports go, outside of the workspace.
  private static let reports = "/tmp/results"
  /// The most bytes that are kept of what one command prints.
  static let outputLimit = 16 << 20
  /// The most bytes of report files that are read of one command.
  static let reportLimit = 64 << 20

  init(_ order: StageOrder, base: ObjectID, _ made: MadeCell) {
    self.order = order
    self.base = base
    self.made = made
    cell = made.cell
    shell = CellShell(cell: cell)
  }

  func stop() async {
    guard !isOver else { return }
    isOver = true
    await made.close()
  }

  // MARK: Setup

  /// Runs `setup` and keeps what it left.
  ///
  /// - Throws: ``StageFailure``, or `CancellationError`.
  func prepare(from checkedOut: ObjectID) async throws {
    try await edit(from: checkedOut, to: base)
    for line in order.commands.setup { try await setUp(line) }
    await made.network?.shut()
    _ = try await cell.endProcesses()
    kept = try await cell.checkpoint(whole: true)
  }

  private func setUp(_ line: String) async throws {
    let ended = try await shell.run(command(line, [:]))
    guard ended.ending != .exited(0) else { return }
    let how =
      switch ended.ending {
      case .exited(let status): "ended with \(status)"
      case .signalled(let number): "was ended by signal \(number)"
      case .timedOut: "did not end within \(order.commands.seconds) s"
      }
    let last = LogLines.last(of: ended.output).map { ": \($0)" } ?? ""
    throw StageFailure(.setup, "setup: '\(DisplayText.line(line.utf8))' \(how)\(last)")
  }

  private func command(_ line: String, _ environment: [String: String], limit: Duration? = nil) -> CellCommand {
    CellCommand(
      ["sh", "-c", line].map { Array($0.utf8) }, environment: environment,
      timeout: min(.seconds(order.commands.seconds), limit ?? .seconds(order.commands.seconds)),
      outputLimit: Self.outputLimit)
  }

  private func edit(from old: ObjectID, to new: ObjectID) async throws {
    guard old != new else { return }
    let deltas = try await order.repository.perform { repository throws(GitError) in
      try repository.deltas(from: old, to: new)
    }
    guard !deltas.isEmpty else { return }
    isTouched = true
    try await WorkspaceEdit(cell: cell, repository: order.repository).apply(deltas)
  }

  // MARK: A run

  /// Runs the test commands on a tree.
  ///
  /// - Throws: ``StageFailure``, or `CancellationError`.
  func run(_ tree: ObjectID) async throws -> TestExecution {
    try await restore()
    try await edit(from: base, to: tree)
    isTouched = true
    let look = try await cell.changes(since: nil).look
    var execution = TestExecution(tree: tree, standing: TestStanding(), reports: [], commands: [])
    let clock = ContinuousClock()
    let deadline = order.limit.map { clock.now + $0 }
    for (number, line) in order.commands.test.enumerated() {
      let left = deadline.map { clock.now.duration(to: $0) }
      if let left, left <= .zero {
        guard number > 0 else { throw StageFailure(.timeSpent, "no time is left for '\(line)'") }
        execution.commands.append(
          CommandExecution(command: line, ending: .timedOut, elapsed: .zero, log: []))
        execution.reports.append(TestResultReader.read(TestEvidence(status: nil, timedOut: true, output: [])))
        execution.notes.append("'\(line)' was not run: the time for all test commands was over")
        continue
      }
      try await carryOut(line, number, left, into: &execution)
    }
    _ = try await cell.endProcesses()
    try await findChanges(since: look, into: &execution)
    execution.standing = TestStanding(of: execution.reports)
    return execution
  }

  private func restore() async throws {
    guard isTouched, let kept else { return }
    try await cell.restore(kept)
    isTouched = false
  }

  private func carryOut(
    _ line: String, _ number: Int, _ left: Duration?, into execution: inout TestExecution
  ) async throws {
    let directory = "\(Self.reports)/\(number + 1)"
    let plan = CommandPlan(for: line, reportsInto: directory)
    if plan != CommandPlan(for: line, reportsInto: nil), let place = CellPath(Array("\(directory)/.keep".utf8)) {
      try await cell.write([], to: place, isExecutable: false)
    }
    let ended = try await shell.run(command(plan.shell, plan.environment, limit: left))
    let files = try await reportFiles(in: directory)
    var evidence = TestEvidence(
      command: plan.words, status: nil, timedOut: ended.ending == .timedOut, output: ended.output, reports: files)
    let ending: CommandExecution.Ending
    switch ended.ending {
    case .exited(let status): (ending, evidence.status) = (.exited(status), status)
    case .signalled(let signal): (ending, evidence.status) = (.signalled(signal), 128 + signal)
    case .timedOut: ending = .timedOut
    }
    execution.reports.append(TestResultReader.read(evidence))
    execution.commands.append(
      CommandExecution(
        command: line, ending: ending, elapsed: ended.elapsed, log: ended.output, dropped: ended.dropped,
        droppedAt: ended.droppedAt))
  }

  private func reportFiles(in directory: String) async throws -> [ReportFile] {
    guard let place = CellPath(Array(directory.utf8)) else { return [] }
    let entries: [CellEntry]
    do throws(SandboxError) {
      entries = try await cell.list(place, limit: 1000)
    } catch {
      guard [.notFound, .notADirectory].contains(error.code) else { throw error }
      return []
    }
    var files: [ReportFile] = []
    var room = Self.reportLimit
    for entry in entries where entry.kind == .file && entry.size > 0 && entry.size <= room {
      guard let path = place.appending(entry.name) else { continue }
      let file = try await cell.read(path, from: 0, limit: room)
      room -= file.bytes.count
      files.append(ReportFile(path: path.bytes, bytes: file.bytes))
    }
    return files
  }

  private func findChanges(since look: CellLook?, into execution: inout TestExecution) async throws {
    let found = try await cell.changes(since: look)
    let tree = execution.tree
    let paths = Set(found.changes.map(\.path) + found.reverted)
    execution.changedTracked = try await order.repository.perform { repository throws(GitError) in
      var tracked: [RepositoryPath] = []
      for path in paths {
        guard let entry = try repository.entry(at: path, in: tree) else { continue }
        if entry.mode != .directory && entry.mode != .submodule { tracked.append(path) }
      }
      return tracked.sorted()
    }
  }
}
