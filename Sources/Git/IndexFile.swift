package import Base
internal import CLibgit2

extension Repository {
  /// Writes an index file that lists a commit's files, for a work tree beside it.
  ///
  /// It knows nothing of the files on disk, so git looks at each of them once.
  ///
  /// - Parameters:
  ///   - commit: The commit.
  ///   - path: Where the index is written; nothing may be there.
  /// - Throws: ``GitError`` where the tree cannot be read or the file not written.
  package func writeIndex(of commit: ObjectID, to path: String) throws(GitError) {
    let operation = "write an index of \(commit.short)"
    let index = try make(operation, free: { unsafe git_index_free($0) }) { unsafe git_index_open(&$0, path) }
    let tree = try treeHandle(commit)
    try check(unsafe git_index_read_tree(index.pointer, tree.pointer), operation)
    try check(unsafe git_index_write(index.pointer), operation)
  }
}
