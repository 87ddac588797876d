package import Base
package import Egress
internal import Git
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
  private var checkout: Task<Ground, any Error>?
  private var idle: [StageCell] = []
  private var all: [StageCell] = []
  private var busy = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isClosed = false

  /// What every cell stands on.
  private struct Ground: Sendable {
    var checkout: Checkout
    var tree: ObjectID
    var readOnly: [CellOrder.ReadOnly]
  }

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

  /// Checks the commit out and runs `setup` in a first cell, so that it is known whether that can be done.
  ///
  /// - Throws: ``StageFailure``, or `CancellationError`.
  package func prepare() async throws {
    try await Self.translating {
      let cell = try await take()
      await give(back: cell)
    }
  }

  /// What runs the tests, as `setup` left it.
  ///
  /// - Throws: ``StageFailure``, or `CancellationError`.
  package func runners() async throws -> RunnerSeal {
    try await Self.translating {
      let cell = try await take()
      let seal = await cell.seal
      await give(back: cell)
      return seal
    }
  }

  package func run(_ tree: ObjectID) async throws -> TestExecution {
    try await Self.translating {
      let cell = try await take()
      do {
        let execution = try await cell.run(tree)
        await give(back: cell)
        return execution
      } catch {
        // Nobody knows how it stands.
        await drop(cell)
        throw error
      }
    }
  }

  /// Ends the cells and removes the checkout; nothing can be run any more.
  package func close() async {
    isClosed = true
    for cell in all { await cell.stop() }
    all = []
    idle = []
    guard let ground = try? await checkout?.value else { return }
    try? ground.checkout.remove()
  }

  // MARK: Cells

  private func take() async throws -> StageCell {
    while busy >= order.parallel {
      await withCheckedContinuation { waiting.append($0) }
    }
    guard !isClosed else { throw StageFailure(.sandbox, "the stage is closed") }
    try Task.checkCancellation()
    busy += 1
    if let cell = idle.popLast() { return cell }
    do {
      return try await make()
    } catch {
      release()
      throw error
    }
  }

  private func give(back cell: StageCell) async {
    if isClosed { await cell.stop() } else { idle.append(cell) }
    release()
  }

  private func drop(_ cell: StageCell) async {
    await cell.stop()
    all.removeAll { $0 === cell }
    release()
  }

  private func release() {
    busy -= 1
    if let next = waiting.popLast() { next.resume() }
  }

  private func make() async throws -> StageCell {
    let ground = try await ground()
    let cell = try await cells.make(
      CellOrder(checkout: ground.checkout.directory, readOnly: ground.readOnly, hosts: order.hosts), audit: audit)
    let made = StageCell(order, base: ground.tree, cell)
    do {
      try await made.prepare(from: ground.tree)
    } catch {
      await made.stop()
      throw error
    }
    all.append(made)
    return made
  }

  private func ground() async throws -> Ground {
    if let checkout { return try await checkout.value }
    let order = order
    let task = Task {
      let shown = order.history.map { ShownObjects($0) }
      let history = shown.map { Checkout.History(objects: $0.targets, branch: order.branch) }
      return try await order.repository.perform { repository in
        Ground(
          checkout: try Checkout(of: order.commit, in: repository, at: order.directory, history: history),
          tree: try repository.tree(of: order.commit), readOnly: shown?.readOnly ?? [])
      }
    }
    checkout = task
    return try await task.value
  }

  /// Lets out what a caller is promised, and nothing else.
  private static func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as StageFailure {
      throw error
    } catch let error as CancellationError {
      throw error
    } catch let error as SandboxError {
      let kind: StageFailure.Kind =
        switch error.code {
        case .wallMissing: .wallMissing
        case .full: .full
        default: .sandbox
        }
      throw StageFailure(kind, error.description)
    } catch {
      throw StageFailure(.sandbox, "\(error)")
    }
  }
}
