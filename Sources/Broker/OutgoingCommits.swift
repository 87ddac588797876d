internal import Base
internal import Git

/// What a push makes known: the messages of its commits, and the names and lines that they add to their first parents.
struct OutgoingCommits {
  /// Where the branch is; zero for one that is made, which has one commit of ours.
  let old: ObjectID
  let new: ObjectID
  let workspace: String

  /// The most bytes that are looked through.
  static let most = 8 << 20
  /// The most commits that a run has put on a branch.
  static let mostCommits = 100

  /// All of it; `nil` where it is more than is looked through.
  ///
  /// - Throws: ``GitError`` where the workspace cannot be read.
  func bytes() throws(GitError) -> [UInt8]? {
    let repository = try PrivateRepository.reopen(at: workspace)
    var result: [UInt8] = []
    var next: ObjectID? = new
    var count = 0
    while let id = next, id != old {
      count += 1
      guard count <= Self.mostCommits else { return nil }
      let commit = try repository.commit(id)
      result += commit.message + [0x0a]
      for file in try repository.diff(from: commit.parents.first, to: id).files {
        guard let side = file.new else { continue }
        result += side.path.bytes + [0x0a]
        guard try add(file, side, in: repository, to: &result), result.count <= Self.most else { return nil }
      }
      next = old.isZero ? nil : commit.parents.first
    }
    return result
  }

  /// Adds what a file adds; `false` where it is too large.
  private func add(
    _ file: FileChange, _ side: FileChange.Side, in repository: PrivateRepository, to result: inout [UInt8]
  ) throws(GitError) -> Bool {
    for line in file.hunks.lazy.flatMap(\.lines) where line.kind == .added { result += line.content + [0x0a] }
    guard file.isBinary || file.isTooLarge, [.regular, .executable, .symbolicLink].contains(side.mode) else {
      return true
    }
    guard side.size <= Self.most - result.count else { return false }
    result += try repository.content(of: side.blob, limit: Self.most) + [0x0a]
    return true
  }
}
