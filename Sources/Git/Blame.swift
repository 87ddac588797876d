package import Base
internal import CLibgit2

/// Which commit a line comes from.
package struct BlamedLine: Sendable, Hashable {
  /// The line's number in the file that was asked about, counted from one.
  package var line: Int
  /// The commit that last changed it.
  package var commit: ObjectID
  /// The path that the file had in that commit.
  package var originalPath: RepositoryPath
  /// The line's number in that commit, counted from one.
  package var originalLine: Int
  /// Who wrote that commit, and when.
  package var author: Signature
}

/// Where lines come from.
extension Repository {
  /// For each line of a file the commit that last changed it.
  ///
  /// - Parameters:
  ///   - path: The file, as a commit has it.
  ///   - commit: That commit.
  ///   - oldest: Nothing older than this commit is looked at; what is older is put down to it.
  ///   - lines: The lines to ask about, counted from one; `nil` for all.
  /// - Returns: The lines in order.
  /// - Throws: ``GitError`` with `notFound` where there is no such file.
  package func blame(
    _ path: RepositoryPath, at commit: ObjectID, notBefore oldest: ObjectID? = nil, lines: ClosedRange<Int>? = nil
  ) throws(GitError) -> [BlamedLine] {
    let operation = "find where the lines of '\(path)' come from"
    var options = git_blame_options()
    try check(unsafe git_blame_options_init(&options, UInt32(GIT_BLAME_OPTIONS_VERSION)), operation)
    options.newest_commit = commit.oid
    if let oldest { options.oldest_commit = oldest.oid }
    if let lines {
      options.min_line = max(1, lines.lowerBound)
      options.max_line = max(1, lines.upperBound)
    }
    let blame = try make(operation, owner: self, free: { unsafe git_blame_free($0) }) { pointer in
      unsafe withCString(path.bytes) { unsafe git_blame_file(&pointer, self.pointer, $0, &options) }
    }
    var result: [BlamedLine] = []
    for index in 0..<(unsafe git_blame_get_hunk_count(blame.pointer)) {
      guard let hunk = unsafe git_blame_get_hunk_byindex(blame.pointer, index)?.pointee else { continue }
      let author = unsafe Signature(hunk.final_signature)
      let original = RepositoryPath(unsafe bytes(hunk.orig_path)) ?? path
      for offset in 0..<(unsafe hunk.lines_in_hunk) {
        unsafe result.append(
          BlamedLine(
            line: hunk.final_start_line_number + offset, commit: ObjectID(hunk.final_commit_id),
            originalPath: original, originalLine: hunk.orig_start_line_number + offset, author: author))
      }
    }
    guard let lines else { return result }
    return result.filter { lines.contains($0.line) }
  }
}
