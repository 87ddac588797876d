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

/// A search that only finds out what it would ask for has come to a tree of which nothing is known.
struct Unasked: Error {
  let tree: ObjectID
}

/// Has trees tested, each once, and keeps the accounts of it.
///
/// The search asks for one tree after the other. Where trees may be tested side by side, those that it may ask for next
/// are begun while it waits; they count, and are told to `onProbe`, when it asks for them, so that nothing of what it
/// finds, and no order in which it does, depends on how many are tested at once.
///
/// Only one task uses it.
final class ProbeLedger {
  /// `nil` where nothing is tested: what is not known then ends the search with ``Unasked``.
  private let flights: ProbeFlights?
  let budget: CulpritBudget
  private let onProbe: @Sendable (ObjectID, Result<TestStanding, StageFailure>) async throws -> Void
  private let onProgress: @Sendable (CulpritProgress) -> Void
  private var cache: CandidateCache
  /// What was known before the search, so that asking for it costs nothing.
  private var given: [ObjectID: TestStanding] = [:]
  private var counted: Set<ObjectID> = []
  private var unrunnable: Set<ObjectID> = []
  /// How many may be tested at once.
  private var width: Int
  /// What tells which trees to begin ahead.
  var foresight: Foresight?
  /// What the search is narrowing down.
  var left: CulpritProgress.Left?
  /// How many candidates were not tested, since they cannot be.
  var broken = 0
  /// Tested trees that said nothing.
  var unresolved: Set<ObjectID> = []

  init(
    _ flights: ProbeFlights?, budget: CulpritBudget, cache: CandidateCache,
    onProbe: @escaping @Sendable (ObjectID, Result<TestStanding, StageFailure>) async throws -> Void = { _, _ in },
    onProgress: @escaping @Sendable (CulpritProgress) -> Void = { _ in }
  ) {
    self.flights = flights
    self.budget = budget
    self.cache = cache
    self.onProbe = onProbe
    self.onProgress = onProgress
    width = budget.parallel
  }

  /// How many trees were tested.
  var runs: Int { counted.count }

  /// Notes down how a tree stands that was tested before the search.
  func take(_ standing: TestStanding, of tree: ObjectID) { given[tree] = standing }

  /// How a tree stands; `nil` where it cannot be tested.
  func standing(of tree: ObjectID) async throws -> TestStanding? {
    guard case .tested(_, let standing) = try await result(of: tree) else { return nil }
    return standing
  }

  /// How a tree stands; it is tested where nothing is known of it.
  ///
  /// - Throws: ``SearchEnd`` where it may not be tested or nothing can be any more, or `CancellationError`.
  func result(of tree: ObjectID) async throws -> CandidateResult {
    try Task.checkCancellation()
    if unrunnable.contains(tree) { return .unrunnable(tree) }
    if let standing = given[tree] { return .tested(tree, standing) }
    if !counted.contains(tree), counted.count >= budget.runs { throw SearchEnd.runsSpent }
    let result: Result<TestStanding, StageFailure>
    if let known = cache[tree] {
      result = known
    } else {
      result = try await probe(tree)
      cache[tree] = result
      try await onProbe(tree, result)
    }
    counted.insert(tree)
    switch result {
    case .success(let standing): return .tested(tree, standing)
    case .failure(let failure) where failure.isOfTheTree:
      unrunnable.insert(tree)
      return .unrunnable(tree)
    case .failure(let failure): throw failure.kind == .timeSpent ? SearchEnd.timeSpent : .stage(failure)
    }
  }

  /// Tests a tree, and where there is room, those that are likely to be asked for after it.
  private func probe(_ tree: ObjectID) async throws -> Result<TestStanding, StageFailure> {
    guard let flights else { throw Unasked(tree: tree) }
    if !flights.knows(tree) {
      if budget.isTimeSpent() { throw SearchEnd.timeSpent }
      try await flights.wait(for: width - 1)
      flights.begin(tree)
    }
    if flights.results[tree] == nil { try await beginMore(behind: tree, flights) }
    onProgress(
      CulpritProgress(run: counted.count + 1, limit: budget.runs, left: left, sideBySide: flights.flying))
    let result = try await flights.result(of: tree)
    guard case .failure(let failure) = result, !failure.isOfTheTree, width > 1 else { return result }
    // There may have been too little room for several: alone it tells what it would have told without them.
    width = 1
    try await flights.wait(for: 0)
    flights.forget(tree)
    if budget.isTimeSpent() { throw SearchEnd.timeSpent }
    flights.begin(tree)
    return try await flights.result(of: tree)
  }

  private func beginMore(behind tree: ObjectID, _ flights: ProbeFlights) async throws {
    guard let foresight, flights.flying < width else { return }
    var known = cache
    for (tree, result) in flights.results { known[tree] = result }
    let trees = await foresight.trees(behind: tree, knowing: known, count: width - flights.flying) {
      !flights.knows($0)
    }
    try Task.checkCancellation()
    for tree in trees where flights.flying < width { flights.begin(tree) }
  }
}

extension StageFailure {
  /// Whether it says something of one tree, and nothing of others.
  var isOfTheTree: Bool { kind == .setup || kind == .programMissing }
}
