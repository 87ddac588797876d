package import Base
package import Git
package import Work

/// What has to be known where a merge is taken back: git still takes it for merged.
package enum UndoneMerge {
  /// Whether what is taken back holds a merge, perhaps with a repair on top of it.
  ///
  /// - Parameters:
  ///   - job: Its head is where a run left the branch, and `against` where it was before.
  ///   - repository: Where both are.
  /// - Returns: Whether one is.
  /// - Throws: ``GitError`` where a commit cannot be read.
  package static func isThere(_ job: Job, in repository: Repository) throws(GitError) -> Bool {
    var commit = job.head
    // A run puts few commits on a branch.
    for _ in 0..<16 where commit != job.against {
      let parents = try repository.commit(commit).parents
      if parents.count > 1 { return true }
      guard let first = parents.first else { return false }
      commit = first
    }
    return false
  }

  /// What a person is to know before the branch is merged.
  ///
  /// - Parameters:
  ///   - job: As above.
  ///   - commit: The commit that takes the merge back.
  /// - Returns: One line.
  package static func warning(of job: Job, takenBackBy commit: ObjectID) -> String {
    let (branch, base) = (job.pullRequest.branch.shortDisplay, job.pullRequest.base.shortDisplay)
    return "A merge was taken back, and git still takes what came from \(base) for merged: merging \(branch) into "
      + "\(base) now would remove it there without a conflict. Before that, 'git revert \(commit.short)' on "
      + "\(branch), or begin a new branch at \(job.against.short)."
  }
}
