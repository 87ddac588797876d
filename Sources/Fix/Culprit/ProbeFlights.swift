internal import Base
internal import Verify

/// Test runs of trees on tasks of their own, begun before anybody waits for them where that saves time.
final class ProbeFlights: Sendable {
  private let probing: any TreeProbing
  // Results go through the lock: a task hands on large values wrongly in optimised builds of Swift 6.2.
  private let state = Lock(State())
  private let landings: AsyncStream<Void>
  private let landing: AsyncStream<Void>.Continuation

  private struct State: Sendable {
    var tasks: [ObjectID: Task<Void, Never>] = [:]
    var landed: [ObjectID: Result<TestStanding, any Error>] = [:]
  }

  init(_ probing: any TreeProbing) {
    self.probing = probing
    (landings, landing) = AsyncStream.makeStream()
  }

  /// How many have not come to an end.
  var flying: Int { state.withLock { $0.tasks.count - $0.landed.count } }

  /// Whether the run of a tree was begun.
  func knows(_ tree: ObjectID) -> Bool { state.withLock { $0.tasks[tree] != nil } }

  /// How each of those ended that have come to an end, and for a reason of its own.
  var results: [ObjectID: Result<TestStanding, StageFailure>] {
    state.withLock { $0.landed }.compactMapValues { result in
      switch result {
      case .success(let standing): .success(standing)
      case .failure(let failure as StageFailure): .failure(failure)
      case .failure: nil
      }
    }
  }

  func begin(_ tree: ObjectID) {
    state.withLock { state in
      guard state.tasks[tree] == nil else { return }
      state.tasks[tree] = Task { await fly(tree) }
    }
  }

  private func fly(_ tree: ObjectID) async {
    let result: Result<TestStanding, any Error>
    do {
      result = .success(try await probing.standing(of: tree))
    } catch {
      result = .failure(error)
    }
    state.withLock { $0.landed[tree] = result }
    landing.yield()
  }

  /// How the run of a tree that was begun ended, once it has.
  ///
  /// - Throws: `CancellationError`, or what the probing threw beside ``StageFailure``.
  func result(of tree: ObjectID) async throws -> Result<TestStanding, StageFailure> {
    while true {
      try Task.checkCancellation()
      switch state.withLock({ $0.landed[tree] }) {
      case .success(let standing)?: return .success(standing)
      case .failure(let failure as StageFailure)?: return .failure(failure)
      case .failure(let error)?: throw error
      case nil: await next()
      }
    }
  }

  /// Waits until no more than `count` are under way.
  ///
  /// - Throws: `CancellationError`.
  func wait(for count: Int) async throws {
    while flying > count {
      try Task.checkCancellation()
      await next()
    }
  }

  /// One that came to an end is as if it had never been.
  func forget(_ tree: ObjectID) {
    state.withLock { state in
      if state.landed.removeValue(forKey: tree) != nil { state.tasks[tree] = nil }
    }
  }

  /// Waits until one has come to an end, or the caller is cancelled; only one waits at a time.
  private func next() async {
    var landings = landings.makeAsyncIterator()
    _ = await landings.next(isolation: #isolation)
  }

  /// Gives up those that nobody needs any more, and returns when none is left.
  func close() async {
    let tasks = state.withLock { $0.tasks.values.map(\.self) }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }
}
