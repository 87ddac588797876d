package import Base
internal import CLibgit2

extension Repository {
  /// The difference between two trees or commits as text that `git apply` takes, binary files included.
  ///
  /// A file that becomes a link, or the other way round, is one that goes and one that comes, as git writes it.
  ///
  /// - Throws: ``GitError`` where one of them cannot be read.
  package func patch(from old: ObjectID, to new: ObjectID) throws(GitError) -> [UInt8] {
    let operation = "write the difference between \(old.short) and \(new.short)"
    let oldTree = try treeHandle(old)
    let newTree = try treeHandle(new)
    var options = unsafe git_diff_options()
    try check(unsafe git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)), operation)
    // Without the flag for changes of type, which writes them as changes of mode that `git apply` refuses.
    unsafe options.flags = GIT_DIFF_SHOW_BINARY.rawValue
    // Whole names, as `git apply` needs them for binary files.
    unsafe options.id_abbrev = 40
    let diff = try make(operation, owner: self, free: { unsafe git_diff_free($0) }) {
      unsafe git_diff_tree_to_tree(&$0, pointer, oldTree.pointer, newTree.pointer, &options)
    }
    var buffer = unsafe git_buf()
    defer { unsafe git_buf_dispose(&buffer) }
    try check(unsafe git_diff_to_buf(&buffer, diff.pointer, GIT_DIFF_FORMAT_PATCH), operation)
    return unsafe Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
  }
}
