internal import Base
package import Egress
internal import Sandbox
package import Workspace

/// Runs linters on one commit, each in the workspace as `setup` left it, without a network.
package struct LinterRun: Sendable {
  /// What came of one linter.
  package enum Result: Sendable, Hashable {
    /// What it wrote to its standard output, and how it ended where not with 0. The root is the absolute path under
    /// which it saw the work tree.
    case printed([UInt8], root: [UInt8], ending: String?)
    /// Why there is nothing of it, as a phrase for a person.
    case failed(String)
  }

  /// The most that is taken of what one linter prints, in bytes.
  package static let mostOutput = 64 << 20

  private let order: StageOrder
  private let linters: [String]
  private let cells: any CellMaking
  private let audit: @Sendable (EgressRecord) -> Void

  /// - Parameters:
  ///   - linters: The linters, each as a line of `sh`.
  ///   - order: What they look at, how and where: its `setup` is run first, its time is that of one linter, and its
  ///     limit that of all of them. Its tests are not run.
  ///   - cells: Makes the cell.
  ///   - audit: Takes each decision about a connection that `setup` asks for, on a thread that waits for it.
  package init(
    _ linters: [String], on order: StageOrder, cells: any CellMaking,
    audit: @escaping @Sendable (EgressRecord) -> Void = { _ in }
  ) {
    self.linters = linters
    self.order = order
    self.cells = cells
    self.audit = audit
  }

  /// Runs all of them in their order.
  ///
  /// - Returns: What came of each, in the same order.
  /// - Throws: ``StageFailure`` where none could be run, or `CancellationError`.
  package func run() async throws -> [Result] {
    var order = order
    order.commands.test = []
    let ground: StageGround
    do {
      ground = try await StageGround(order)
    } catch {
      throw StageFailure(of: error)
    }
    defer { try? ground.checkout.remove() }
    do {
      let made = try await cells.make(
        CellOrder(checkout: ground.checkout.directory, readOnly: ground.readOnly, hosts: order.hosts), audit: audit)
      let cell = StageCell(order, ground.plan, key: [], checkedOut: ground.tree, made)
      do {
        let results = try await run(in: cell, on: ground.tree)
        await cell.stop()
        return results
      } catch {
        await cell.stop()
        throw error
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      throw StageFailure(of: error)
    }
  }

  private func run(in cell: StageCell, on tree: ObjectID) async throws -> [Result] {
    try await cell.prepare(on: tree)
    let clock = ContinuousClock()
    let began = clock.now
    var results: [Result] = []
    for line in linters {
      let usual = Duration.seconds(order.commands.seconds)
      let left = order.limit.map { $0 - began.duration(to: clock.now) } ?? usual
      guard left > .zero else {
        results.append(.failed("it was not run: the time for all linters was over"))
        continue
      }
      results.append(try await one(line, in: cell, on: tree, within: min(left, usual)))
    }
    return results
  }

  private func one(_ line: String, in cell: StageCell, on tree: ObjectID, within time: Duration) async throws -> Result
  {
    // A cell gives both streams as one, and only the standard output is the document.
    let errors = "\(String(decoding: cell.made.cell.hostRoot, as: UTF8.self))/tmp/linter-errors"
    let words = ["sh", "-c", #"exec sh -c "$1" 2>"$2""#, "sh", line, errors]
    let ended: CellShell.Ended
    do {
      ended = try await cell.carryOut(
        CellCommand(words.map { Array($0.utf8) }, timeout: time, outputLimit: Self.mostOutput), on: tree)
    } catch let error as SandboxError where error.code == .full {
      return .failed(error.description)
    }
    if ended.ending == .timedOut { return .failed("it did not end within \(time.components.seconds) s") }
    if ended.dropped > 0 { return .failed("it printed more than \(Self.mostOutput >> 20) MiB") }
    let said = try await errorOutput(of: cell)
    let isEmpty = ended.output.allSatisfy { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
    let root = cell.made.cell.hostRoot + CellPath.workspace.bytes
    guard isEmpty else { return .printed(ended.output, root: root, ending: ending(ended.ending, said)) }
    if case .exited(let status) = ended.ending,
      let fault = Faults.missing(line, status: status, log: said, isTracked: { _ in false })
    {
      return .failed(fault.description)
    }
    return .failed("it printed nothing" + (ending(ended.ending, said).map { " and \($0)" } ?? ""))
  }

  private func ending(_ ending: CellEnding, _ said: [UInt8]) -> String? {
    let reason = LogLines.reason(in: said).map { ": \($0)" } ?? ""
    switch ending {
    case .exited(0), .timedOut: return nil
    case .exited(let status): return "ended with \(status)\(reason)"
    case .signalled(let number): return "was ended by signal \(number)\(reason)"
    }
  }

  /// The end of what a linter wrote to its standard error.
  private func errorOutput(of cell: StageCell) async throws -> [UInt8] {
    guard let path = CellPath(Array("/tmp/linter-errors".utf8)) else { return [] }
    do throws(SandboxError) {
      let size = try await cell.made.cell.read(path, from: 0, limit: 0).size
      return try await cell.made.cell.read(path, from: max(0, size - (64 << 10)), limit: 64 << 10).bytes
    } catch {
      guard [.notFound, .notAFile, .notADirectory, .permission, .refused].contains(error.code) else { throw error }
      return []
    }
  }
}
