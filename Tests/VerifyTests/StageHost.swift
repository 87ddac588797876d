import Base
import Egress
import Git
import Sandbox
import TestResults
import TestSupport
import Workspace

@testable import Verify

/// A repository, the private one of a job, and cells for stages over them.
final class StageHost: Sendable {
  let source: TestRepository
  let repository: RepositoryActor<PrivateRepository>
  let cells: CellMaker
  private let directory: TemporaryDirectory
  private let count = Lock(0)

  init() async throws {
    directory = try TemporaryDirectory()
    let source = try TestRepository(bare: true, in: directory)
    self.source = source
    let path = directory.path + "/private"
    repository = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(at: path, borrowing: [source.gitDirectory + "/objects"])
    }
    cells = CellMaker(isTrusted: false) { _ in }
  }

  /// A commit with these changes to the branch's tip.
  func commit(_ changes: TestRepository.Change...) throws -> ObjectID { try source.commit("main", changes: changes) }

  func tree(_ commit: ObjectID) throws -> ObjectID { try source.id("\(commit.hex)^{tree}") }

  func order(_ commit: ObjectID, _ commands: TestCommands) -> StageOrder {
    let number = count.withLock { count in
      count += 1
      return count
    }
    return StageOrder(
      repository: repository, commit: commit, commands: commands, directory: directory.path + "/stage\(number)")
  }

  func stage(
    _ commit: ObjectID, setup: [String] = [], _ test: String..., seconds: Int = 120,
    change: (inout StageOrder) -> Void = { _ in }
  ) -> TestStage {
    var order = order(commit, TestCommands(setup: setup, test: test, seconds: seconds))
    change(&order)
    return TestStage(order, cells: cells)
  }
}

extension TestExecution {
  /// What the first command printed.
  var text: String { commands.first.map { String(decoding: $0.log, as: UTF8.self) } ?? "" }
}

/// Counts the cells that are made.
final class CountingCells: CellMaking {
  private let cells: CellMaker
  private let state: Lock<(count: Int, waiting: [CheckedContinuation<Void, Never>])>
  private let together: Int

  /// The first is made once `together` of them are asked for.
  init(_ cells: CellMaker, together: Int = 1) {
    self.cells = cells
    self.together = together
    state = Lock((0, []))
  }

  var count: Int { state.withLock { $0.count } }

  func obstacle(toReading directory: [UInt8]) async throws -> String? { try await cells.obstacle(toReading: directory) }

  func make(_ order: CellOrder, audit: @escaping @Sendable (EgressRecord) -> Void) async throws -> MadeCell {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        state.count += 1
        state.waiting.append(continuation)
        guard state.count >= together else { return [CheckedContinuation<Void, Never>]() }
        defer { state.waiting = [] }
        return state.waiting
      }
      for continuation in ready { continuation.resume() }
    }
    return try await cells.make(order, audit: audit)
  }
}

enum HostNames {
  static var registry: HostName { get throws { try HostName("registry.npmjs.org") } }
}
