internal import Base
internal import Sandbox

/// Counts how often a command of a cell is refused a process, and ends one that does nothing but ask for more.
///
/// What forks without an end would otherwise keep the machine busy until the command's time is over.
final class ProcessWatch: Sendable {
  private let cell: any Cell
  /// What was refused before the command began.
  private let before: Int
  private let task = Lock<Task<Void, Never>?>(nil)
  private let isRunaway = Lock(false)

  private static let pace = Duration.milliseconds(500)

  /// - Parameter cell: The cell; `nil` comes back where nobody counts for it.
  init?(_ cell: any Cell) async {
    guard let before = await cell.refusedProcesses() else { return nil }
    self.cell = cell
    self.before = before
  }

  /// Looks at a command from now on, and ends it once so many processes were refused.
  func begin(_ process: CellProcessID, limit: Int) {
    let (cell, isRunaway, last) = (cell, isRunaway, before + limit)
    task.withLock { task in
      task = Task {
        while (try? await Task.sleep(for: Self.pace)) != nil {
          guard let refused = await cell.refusedProcesses() else { return }
          guard refused >= last, !Task.isCancelled else { continue }
          isRunaway.withLock { $0 = true }
          // Whatever comes of it, the command's own time ends it too.
          try? await cell.terminate(process)
          return
        }
      }
    }
  }

  /// Looks no more.
  func end() {
    task.withLock { task in
      task?.cancel()
      task = nil
    }
  }

  /// How many processes were refused, and whether that was the end of the command.
  func found() async -> (refused: Int, isRunaway: Bool) {
    let now = await cell.refusedProcesses() ?? before
    return (max(0, now - before), isRunaway.withLock { $0 })
  }
}
