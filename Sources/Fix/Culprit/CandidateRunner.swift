internal import Base
internal import Git
internal import Merging
internal import Verify

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
  let ledger: ProbeLedger
  private let gates: [VersionGate?]
  /// The files that share a name with another one of the difference, on either side.
  private let clashing: Set<RepositoryPath>

  private var known: [[Int]: Made] = [:]

  private enum Made {
    case tree(ObjectID)
    case broken
  }

  init(
    _ difference: BranchDifference, at head: ObjectID, in repository: RepositoryActor<PrivateRepository>,
    ledger: ProbeLedger
  ) {
    self.difference = difference
    self.head = head
    self.repository = repository
    self.ledger = ledger
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

  /// What is known of some candidates, in their order; those that nothing is known of are tested.
  ///
  /// - Parameter removals: The pieces that each is without, sorted.
  /// - Returns: One for each.
  /// - Throws: ``SearchEnd``, or `CancellationError`.
  func results(of removals: [[Int]]) async throws -> [CandidateResult] {
    for removal in removals where known[removal] == nil { known[removal] = try await make(removal) }
    let made = removals.map { known[$0] ?? .broken }
    let trees = made.compactMap { if case .tree(let tree) = $0 { tree } else { nil } }
    let standings = try await ledger.standings(of: trees)
    return made.map { made in
      switch made {
      case .broken: .broken
      case .tree(let tree): standings[tree] ?? .unasked
      }
    }
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
    ledger.broken += 1
    return made
  }
}
