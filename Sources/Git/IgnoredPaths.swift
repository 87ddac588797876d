package import Base
internal import CLibgit2

/// The ignore rules of files that lie in a directory, which need be no work tree.
package struct IgnoreRules: ~Copyable {
  private let repository: Handle

  /// The rules of a directory.
  ///
  /// - Parameters:
  ///   - directory: The absolute path of the files.
  ///   - scratch: An absolute path at which nothing is; an empty repository is made there, which is the caller's to
  ///     remove.
  /// - Throws: ``GitError`` where it cannot be made.
  package init(of directory: String, scratch: String) throws(GitError) {
    Library.start()
    let operation = "read the ignore rules of '\(DisplayText.escaping(directory.utf8))'"
    var options = unsafe git_repository_init_options()
    try check(
      unsafe git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION)), operation)
    unsafe options.flags =
      GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
      | GIT_REPOSITORY_INIT_MKPATH.rawValue
    repository = try make(operation, free: { unsafe git_repository_free($0) }) { made in
      let result = unsafe git_repository_init_ext(&made, scratch, &options)
      guard result == 0 else { return result }
      // Told of the directory when it is made, it would leave a file '.git' there, or fail over one that has its own.
      return unsafe git_repository_set_workdir(made, directory, 0)
    }
  }

  /// Whether the rules cover a path.
  ///
  /// - Throws: ``GitError`` where they cannot be read.
  package borrowing func cover(_ path: RepositoryPath) throws(GitError) -> Bool {
    var ignored: Int32 = 0
    let result = unsafe withCString(path.bytes) { unsafe git_ignore_path_is_ignored(&ignored, repository.pointer, $0) }
    try check(result, "look whether '\(path)' is ignored")
    return ignored == 1
  }
}
