package import Base
package import Git
package import Policy
package import Review
package import Work

/// Reads a change out of a repository and reviews it.
package enum ReviewStage {
  /// Reviews what lies between two commits.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - base: The commit that the change starts from.
  ///   - head: The commit that it leads to.
  ///   - configuration: How the repository wants to be reviewed.
  ///   - linters: What linters found, already parsed.
  /// - Throws: ``GitError`` where the repository cannot be read.
  package static func review(
    in repository: Repository, from base: ObjectID?, to head: ObjectID, configuration: RepositoryConfiguration,
    linters: [SARIFDocument] = []
  ) throws -> ReviewOutcome {
    let diff = try repository.diff(from: base, to: head)
    return review(diff, in: repository, configuration: configuration, linters: linters) {
      (try? repository.entries(of: head).map(\.path)) ?? []
    }
  }

  /// Reviews what is staged for the next commit.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - head: The commit that the next one follows; `nil` before the first.
  ///   - index: The index file where it is not the repository's own.
  ///   - configuration: How the repository wants to be reviewed.
  /// - Throws: ``GitError`` where the repository cannot be read.
  package static func reviewStaged(
    in repository: Repository, against head: ObjectID?, index: String?, configuration: RepositoryConfiguration
  ) throws -> ReviewOutcome {
    let diff = try repository.diffStaged(against: head, index: index)
    return review(diff, in: repository, configuration: configuration, linters: []) {
      let added = diff.files.compactMap { $0.new?.path }
      let gone = Set(diff.files.compactMap { $0.new == nil || $0.old?.path != $0.new?.path ? $0.old?.path : nil })
      let present = head.flatMap { try? repository.entries(of: $0).map(\.path) } ?? []
      return Array(Set(present).subtracting(gone).union(added))
    }
  }

  private static func review(
    _ diff: Diff, in repository: Repository, configuration: RepositoryConfiguration, linters: [SARIFDocument],
    headPaths: @escaping () -> [RepositoryPath]
  ) -> ReviewOutcome {
    let input = ReviewInput(
      diff: diff, configuration: configuration.review, protectedPaths: ProtectedPaths.standard,
      testPaths: configuration.tests, linters: linters,
      readBlob: { id, limit in try? repository.content(of: id, limit: limit) }, headPaths: headPaths)
    return Reviewer.review(input)
  }
}
