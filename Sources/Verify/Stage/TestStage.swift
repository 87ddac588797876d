package import Base
package import Egress
internal import Sandbox
package import Workspace

/// Cells in which the tests of trees are run, each as `setup` left it, over one checkout.
///
/// At most as many runs as the order says go on at once; others wait. A cell is made when the first run needs it, and
/// stays for the next.
package actor TestStage: TestStaging {
  private let order: StageOrder
  private let cells: any CellMaking
  private let audit: @Sendable (EgressRecord) -> Void
  private var ground: Task<StageGround, any Error>?
  /// Cells that wait for a run, the one that ran last at the end.
  private var idle: [StageCell] = []
  /// Cells that run, or are being made.
  private var busy = 0
  private var working: [StageCell] = []
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isClosed = false

  /// - Parameters:
  ///   - order: What is tested, how and where.
  ///   - cells: Makes the cells.
  ///   - audit: Takes each decision about a connection that `setup` asks for, on a thread that waits for it.
  package init(
    _ order: StageOrder, cells: any CellMaking, audit: @escaping @Sendable (EgressRecord) -> Void = { _ in }
  ) {
    self.order = order
    self.cells = cells
    self.audit = audit
  }

  /// Where the checkout is, until the stage is closed.
  nonisolated var directory: String { order.directory }

  /// Checks the commit out and runs `setup` in a first cell, so that it is known whether that can be done.
  ///
  /// - Throws: ``StageFailure``, or `CancellationError`.
  package func prepare() async throws {
    _ = try await runners()
  }

  /// What runs the tests, as `setup` left it on the stage's own commit.
  ///
  /// - Throws: ``StageFailure``, or `CancellationError`.
  package func runners() async throws -> RunnerSeal {
    try await Self.translating {
      guard !isClosed else { throw Self.closed }
      let cell = try await take(for: grounded().tree)
      let seal = await cell.seal
      await give(back: cell)
      return seal
    }
  }

  package func run(_ tree: ObjectID) async throws -> TestExecution { try await run(tree, in: .usual, within: nil) }

  package func run(_ tree: ObjectID, in surroundings: TestSurroundings) async throws -> TestExecution {
    try await run(tree, in: surroundings, within: nil)
  }

  package func run(_ tree: ObjectID, within limit: Duration?) async throws -> TestExecution {
    try await run(tree, in: .usual, within: limit)
  }

  private func run(
    _ tree: ObjectID, in surroundings: TestSurroundings, within limit: Duration?
  ) async throws -> TestExecution {
    try await Self.translating {
      let cell = try await take(for: tree)
      do {
        let execution = try await cell.run(tree, in: surroundings, within: limit)
        await give(back: cell)
        return execution
      } catch {
        // Nobody knows how it stands.
        await drop(cell)
        throw error
      }
    }
  }

  /// Ends the cells and removes the checkout; nothing can be run any more, and what runs fails.
  package func close() async {
    isClosed = true
    for cell in idle + working { await cell.stop() }
    idle = []
    while busy > 0 { await withCheckedContinuation { waiting.append($0) } }
    guard let ground = try? await ground?.value else { return }
    self.ground = nil
    try? ground.checkout.remove()
  }

  /// The most refused connections that are kept for the reason of a setup that failed.
  private static let mostRefusals = 10

  private static let closed = StageFailure(.sandbox, "the stage is closed")

  // MARK: Cells

  /// A cell that `setup` has run in as the tree needs it, for the caller alone.
  private func take(for tree: ObjectID) async throws -> StageCell {
    guard !isClosed else { throw Self.closed }
    let key = try await grounded().key(of: tree, in: order.repository)
    while busy >= order.parallel, !isClosed {
      await withCheckedContinuation { waiting.append($0) }
    }
    guard !isClosed else {
      // Whoever closes it waits as well.
      wakeNext()
      throw Self.closed
    }
    busy += 1
    do {
      try Task.checkCancellation()
      let cell = try await idleCell(for: tree, key)
      if let cell {
        working.append(cell)
        return cell
      }
      return try await make(for: tree, key)
    } catch {
      release()
      throw error
    }
  }

  private func idleCell(for tree: ObjectID, _ key: [TreeDelta]) async throws -> StageCell? {
    let fitting = idle.filter { $0.key == key }
    var best = fitting.last
    for cell in fitting where await cell.isBuilt(for: tree) { best = cell }
    // Another may have taken it while this one asked.
    if let best, let place = idle.firstIndex(where: { $0 === best }) { return idle.remove(at: place) }
    if let place = idle.lastIndex(where: { $0.key == key }) { return idle.remove(at: place) }
    // One more than can run at once may wait, so that two states of the manifests need not be set up in turn.
    while idle.count + busy > order.parallel + 1, !idle.isEmpty { await idle.removeFirst().stop() }
    return nil
  }

  private func give(back cell: StageCell) async {
    working.removeAll { $0 === cell }
    if isClosed { await cell.stop() } else { idle.append(cell) }
    release()
  }

  private func drop(_ cell: StageCell) async {
    working.removeAll { $0 === cell }
    await cell.stop()
    release()
  }

  private func release() {
    busy -= 1
    wakeNext()
  }

  private func wakeNext() {
    if !waiting.isEmpty { waiting.removeFirst().resume() }
  }

  private func make(for tree: ObjectID, _ key: [TreeDelta]) async throws -> StageCell {
    let ground = try await grounded()
    let (audit, refusals) = (audit, Lock<[String]>([]))
    let made = try await cells.make(
      CellOrder(checkout: ground.checkout.directory, readOnly: ground.readOnly, hosts: order.hosts)
    ) { record in
      audit(record)
      guard case .refused(let reason) = record.event else { return }
      let line = "a connection to \(record.host?.text ?? "no host") was refused: \(reason)"
      // Who asks again and again is told the same.
      refusals.withLock { if $0.count < Self.mostRefusals, !$0.contains(line) { $0.append(line) } }
    }
    let plan = key.isEmpty ? ground.plan : try await ground.plan(for: tree, in: order.repository)
    let cell = StageCell(order, plan, key: key, checkedOut: ground.tree, made, refusals: refusals)
    working.append(cell)
    do {
      try await cell.prepare(on: tree)
    } catch {
      working.removeAll { $0 === cell }
      await cell.stop()
      throw error
    }
    guard !isClosed else { throw Self.closed }
    return cell
  }

  private func grounded() async throws -> StageGround {
    if let ground { return try await ground.value }
    let order = order
    let task = Task { try await StageGround(order) }
    ground = task
    return try await task.value
  }

  /// Lets out what a caller is promised, and nothing else.
  private static func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as CancellationError {
      throw error
    } catch {
      throw StageFailure(of: error)
    }
  }
}

extension StageFailure {
  /// What an error of a cell, or of what is under it, means for whoever wanted something run.
  init(of error: any Error) {
    switch error {
    case let failure as StageFailure: self = failure
    case let error as SandboxError:
      let kind: Kind =
        switch error.code {
        case .wallMissing: .wallMissing
        case .full: .full
        default: .sandbox
        }
      self.init(kind, error.description)
    default: self.init(.sandbox, "\(error)")
    }
  }
}
