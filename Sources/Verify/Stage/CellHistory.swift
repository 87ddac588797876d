internal import Base
internal import FileSystem
internal import Git
internal import Sandbox
internal import Work

/// Keeps git in a cell at the tree that is tested: what checks ask git, such as `git diff --exit-code`, then answers for
/// that tree and not for the one that was checked out.
struct CellHistory {
  let cell: any Cell
  let order: StageOrder

  /// Makes the tree what is committed, on top of the commit that was checked out.
  ///
  /// The commit is nobody's: it lies in the run's own repository, is not signed, and goes with it.
  ///
  /// - Throws: ``GitError``, ``FileError`` or ``SandboxError``.
  func point(at tree: ObjectID) async throws {
    guard order.history != nil else { return }
    let (commit, branch) = (order.commit, order.branch)
    let place = "\(order.directory).index-\(UInt64.random(in: .min ... .max))"
    let (head, index) = try await order.repository.perform { repository in
      var head = commit
      if try repository.tree(of: commit) != tree {
        let nobody = Signature(name: "arborist", email: "arborist@localhost", time: Timestamp(seconds: 0))
        head = try repository.writeCommit(
          tree: tree, parents: [commit], author: nobody, committer: nobody, message: Array("tested\n".utf8),
          isSigned: false)
      }
      try repository.writeIndex(of: head, to: place)
      defer { try? File.remove(Array(place.utf8)) }
      return (head, try File.read(Array(place.utf8)))
    }
    let name = branch.map { Array("/.git/".utf8) + $0.bytes } ?? Array("/.git/HEAD".utf8)
    guard let git = CellPath.workspace.appending(".git/index".utf8),
      let reference = CellPath(CellPath.workspace.bytes + name)
    else { return }
    try await cell.write(index, to: git, isExecutable: false)
    try await cell.write(Array("\(head.hex)\n".utf8), to: reference, isExecutable: false)
  }
}
