package import Base
internal import CLibgit2

extension Repository {
  /// Whether the ignore rules of the work tree cover a path; a tracked file may be covered all the same.
  ///
  /// - Throws: ``GitError`` where the rules cannot be read.
  package func isIgnored(_ path: RepositoryPath) throws(GitError) -> Bool {
    var ignored: Int32 = 0
    let result = unsafe withCString(path.bytes) { unsafe git_ignore_path_is_ignored(&ignored, pointer, $0) }
    try check(result, "look whether '\(path)' is ignored")
    return ignored == 1
  }
}
