internal import Base
internal import Verify

/// Why a search cannot go on.
enum SearchEnd: Error {
  case runsSpent
  case timeSpent
  case stage(StageFailure)

  var ending: CulpritEnding {
    switch self {
    case .runsSpent: .runsSpent
    case .timeSpent: .timeSpent
    case .stage(let failure): .stage(failure.kind, failure.description)
    }
  }
}

/// Has trees tested, each once, and keeps the accounts of it.
///
/// Only one task uses it.
final class ProbeLedger {
  private let probing: any TreeProbing
  let budget: CulpritBudget
  private let onProbe: @Sendable (ObjectID, TestStanding) async throws -> Void
  private var cache: CandidateCache
  /// What was known before the search, so that asking for it costs nothing.
  private var given: [ObjectID: TestStanding] = [:]
  private var counted: Set<ObjectID> = []
  private var unrunnable: Set<ObjectID> = []
  /// How many candidates were not tested, since they cannot be.
  var broken = 0
  /// Tested trees that said nothing.
  var unresolved: Set<ObjectID> = []

  init(
    _ probing: any TreeProbing, budget: CulpritBudget, cache: CandidateCache,
    onProbe: @escaping @Sendable (ObjectID, TestStanding) async throws -> Void
  ) {
    self.probing = probing
    self.budget = budget
    self.cache = cache
    self.onProbe = onProbe
  }

  /// How many trees were tested.
  var runs: Int { counted.count }

  /// Notes down how a tree stands that was tested before the search.
  func take(_ standing: TestStanding, of tree: ObjectID) { given[tree] = standing }

  /// How a tree stands; `nil` where it cannot be tested.
  func standing(of tree: ObjectID) async throws -> TestStanding? {
    guard case .tested(_, let standing)? = try await standings(of: [tree])[tree] else { return nil }
    return standing
  }

  /// How some trees stand; those that nothing is known of are tested, as many as may be.
  ///
  /// - Throws: ``SearchEnd`` where none of them may be tested that has to be, or `CancellationError`.
  func standings(of trees: [ObjectID]) async throws -> [ObjectID: CandidateResult] {
    try Task.checkCancellation()
    var results: [ObjectID: CandidateResult] = [:]
    var waiting: [ObjectID] = []
    for tree in trees where results[tree] == nil && !waiting.contains(tree) {
      if unrunnable.contains(tree) {
        results[tree] = .unrunnable(tree)
      } else if let standing = given[tree] {
        results[tree] = .tested(tree, standing)
      } else if counted.contains(tree), let standing = cache[tree] {
        results[tree] = .tested(tree, standing)
      } else {
        waiting.append(tree)
      }
    }
    if waiting.isEmpty { return results }
    let allowed = waiting.prefix(max(0, budget.runs - counted.count))
    if allowed.isEmpty { throw SearchEnd.runsSpent }
    counted.formUnion(allowed)
    let untested = allowed.filter { cache[$0] == nil }
    for tree in allowed { if let standing = cache[tree] { results[tree] = .tested(tree, standing) } }
    for start in stride(from: 0, to: untested.count, by: budget.parallel) {
      if budget.isTimeSpent() { throw SearchEnd.timeSpent }
      let batch = Array(untested[start..<min(start + budget.parallel, untested.count)])
      for (tree, result) in try await probe(batch) { results[tree] = result }
    }
    return results
  }

  /// Tests trees side by side.
  private func probe(_ trees: [ObjectID]) async throws -> [(ObjectID, CandidateResult)] {
    let probing = self.probing
    // What the tasks return would be a large value; with optimisation some of it was lost on the way (Swift 6.2).
    let noted = Lock<[Int: Result<TestStanding, StageFailure>]>([:])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, tree) in trees.enumerated() {
        group.addTask {
          do {
            let standing = try await probing.standing(of: tree)
            noted.withLock { $0[number] = .success(standing) }
          } catch let failure as StageFailure {
            noted.withLock { $0[number] = .failure(failure) }
          }
        }
      }
      try await group.waitForAll()
    }
    let ended = noted.withLock { $0 }
    var results: [(ObjectID, CandidateResult)] = []
    var end: SearchEnd?
    for (number, tree) in trees.enumerated() {
      switch ended[number] {
      case .success(let standing):
        cache[tree] = standing
        try await onProbe(tree, standing)
        results.append((tree, .tested(tree, standing)))
      case .failure(let failure) where failure.kind == .setup || failure.kind == .programMissing:
        unrunnable.insert(tree)
        results.append((tree, .unrunnable(tree)))
      case .failure(let failure): end = end ?? (failure.kind == .timeSpent ? .timeSpent : .stage(failure))
      case nil: break
      }
    }
    if let end { throw end }
    return results
  }
}
