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
}

/// Makes candidates and has them tested, each tree once.
///
/// Only one task uses it.
final class CandidateRunner {
  private let maker: CandidateMaker
  let ledger: ProbeLedger
  private var broken: Set<[Int]> = []

  init(_ maker: CandidateMaker, ledger: ProbeLedger) {
    self.maker = maker
    self.ledger = ledger
  }

  /// What is known of a candidate; where nothing is, it is tested.
  ///
  /// - Parameter removal: The pieces that it is without, sorted.
  /// - Returns: What is known of it.
  /// - Throws: ``SearchEnd``, or `CancellationError`.
  func result(of removal: [Int]) async throws -> CandidateResult {
    guard let tree = try await maker.tree(without: removal) else {
      if broken.insert(removal).inserted { ledger.broken += 1 }
      return .broken
    }
    return try await ledger.result(of: tree)
  }
}

/// Makes candidates, each once.
///
/// Only one task uses it.
final class CandidateMaker {
  let difference: BranchDifference
  private let repository: RepositoryActor<PrivateRepository>
  private let head: ObjectID
  private let gates: [VersionGate?]
  /// The files that share a name with another one of the difference, on either side.
  private let clashing: Set<RepositoryPath>

  private var known: [[Int]: Made] = [:]

  private enum Made {
    case tree(ObjectID)
    case broken
  }

  init(
    _ difference: BranchDifference, at head: ObjectID, in repository: RepositoryActor<PrivateRepository>
  ) {
    self.difference = difference
    self.head = head
    self.repository = repository
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

  /// The tree of the head without some pieces, sorted; `nil` where one of its files would not parse, or two would have
  /// one name.
  func tree(without removal: [Int]) async throws -> ObjectID? {
    let made: Made
    if let known = known[removal] {
      made = known
    } else {
      made = try await make(removal)
      known[removal] = made
    }
    return if case .tree(let tree) = made { tree } else { nil }
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
        guard gates[number]?.objection(to: content) == nil else { return .broken }
        puts.append((at, mode, .bytes(content)))
      }
      if let path, clashing.contains(path), !taken.insert(path).inserted { return .broken }
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
}
