internal import Base
internal import Git
internal import Merging
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

/// What is known of a candidate: the head without some pieces of the branch.
enum CandidateResult {
  case tested(ObjectID, TestStanding)
  /// One of its files would not parse, or two would have one name.
  case broken
  /// Its own `setup` failed, or a program of its own is gone.
  case unrunnable(ObjectID)
  /// It was left out since the runs were spent.
  case unasked
}

/// Makes candidates and has them tested, each tree once.
///
/// Only one task uses it.
final class CandidateRunner {
  let difference: BranchDifference
  private let repository: RepositoryActor<PrivateRepository>
  private let head: ObjectID
  private let probing: any TreeProbing
  private let budget: CulpritBudget
  private let onProbe: @Sendable (ObjectID, TestStanding) async throws -> Void
  private let gates: [VersionGate?]
  /// The files that share a name with another one of the difference, on either side.
  private let clashing: Set<RepositoryPath>

  private(set) var cache: CandidateCache
  /// What was given, so that asking for it costs nothing.
  private var given: [ObjectID: TestStanding] = [:]
  private var counted: Set<ObjectID> = []
  private var unrunnable: Set<ObjectID> = []
  private var known: [[Int]: Made] = [:]
  private(set) var broken = 0

  private enum Made {
    case tree(ObjectID)
    case broken
  }

  init(
    _ difference: BranchDifference, of question: CulpritQuestion, in repository: RepositoryActor<PrivateRepository>,
    probing: any TreeProbing, budget: CulpritBudget, cache: CandidateCache,
    onProbe: @escaping @Sendable (ObjectID, TestStanding) async throws -> Void
  ) {
    self.difference = difference
    self.repository = repository
    self.probing = probing
    self.budget = budget
    self.cache = cache
    self.onProbe = onProbe
    head = question.head
    gates = difference.files.map { file in
      guard !file.stretches.isEmpty else { return nil }
      return VersionGate(
        path: file.path.bytes, first: file.old == nil ? file.newContent : file.oldContent, second: file.newContent)
    }
    var names: [RepositoryPath: Int] = [:]
    for file in difference.files {
      for path in Set([file.old?.path, file.new?.path].compactMap(\.self)) { names[path, default: 0] += 1 }
    }
    clashing = Set(names.filter { $0.value > 1 }.keys)
  }

  /// How many trees were tested.
  var runs: Int { counted.count }

  /// Notes down how a tree stands that was tested before the search.
  func take(_ standing: TestStanding, of tree: ObjectID) { given[tree] = standing }

  /// What is known of some candidates, in their order; those that nothing is known of are tested.
  ///
  /// - Parameter removals: The pieces that each is without, sorted.
  /// - Returns: One for each.
  /// - Throws: ``SearchEnd``, or `CancellationError`.
  func results(of removals: [[Int]]) async throws -> [CandidateResult] {
    for removal in removals where known[removal] == nil { known[removal] = try await make(removal) }
    let made = removals.map { known[$0] ?? .broken }
    let trees = made.compactMap { if case .tree(let tree) = $0 { tree } else { nil } }
    let standings = try await standings(of: trees)
    return made.map { made in
      switch made {
      case .broken: .broken
      case .tree(let tree): standings[tree] ?? .unasked
      }
    }
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
    let ended = try await withThrowingTaskGroup(of: (Int, Result<TestStanding, StageFailure>).self) { group in
      for (number, tree) in trees.enumerated() {
        group.addTask {
          do {
            return (number, .success(try await probing.standing(of: tree)))
          } catch let failure as StageFailure {
            return (number, .failure(failure))
          }
        }
      }
      var ended: [Int: Result<TestStanding, StageFailure>] = [:]
      for try await (number, result) in group { ended[number] = result }
      return ended
    }
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

  /// Writes the tree of a candidate.
  private func make(_ removal: [Int]) async throws -> Made {
    let removed = Set(removal)
    var edits: [TreeEdit] = []
    var puts: [(RepositoryPath, FileMode, Content)] = []
    var taken: Set<RepositoryPath> = []
    for (number, file) in difference.files.enumerated() {
      let version = file.without(removed)
      var path: RepositoryPath?
      switch version {
      case .absent: break
      case .side(let side):
        path = side.path
        if side != file.new { puts.append((side.path, side.mode, .blob(side.blob))) }
      case .text(let at, let mode, let content):
        path = at
        guard gates[number]?.objection(to: content) == nil else { return note(.broken) }
        puts.append((at, mode, .bytes(content)))
      }
      if let path, clashing.contains(path), !taken.insert(path).inserted { return note(.broken) }
      if let new = file.new, new.path != path { edits.append(.remove(new.path)) }
    }
    let (removes, contents, head) = (edits, puts, self.head)
    return try await repository.perform { repository throws(GitError) in
      var edits = removes
      for (path, mode, content) in contents {
        switch content {
        case .blob(let blob): edits.append(.put(path, mode: mode, blob: blob))
        case .bytes(let bytes): edits.append(.put(path, mode: mode, blob: try repository.writeBlob(bytes)))
        }
      }
      return .tree(try repository.writeTree(from: head, edits))
    }
  }

  private enum Content: Sendable {
    case blob(ObjectID)
    case bytes([UInt8])
  }

  private func note(_ made: Made) -> Made {
    broken += 1
    return made
  }
}
