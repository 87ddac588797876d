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
  ///   - named: What came of the linters that the configuration names; `nil` where they were not run.
  ///   - model: What models said of the change; `nil` where none was asked.
  /// - Returns: What the review found.
  /// - Throws: ``GitError`` where the repository cannot be read.
  package static func review(
    in repository: Repository, from base: ObjectID?, to head: ObjectID, configuration: RepositoryConfiguration,
    linters: [SARIFDocument] = [], named: LinterReport? = nil, model: ModelReview? = nil
  ) throws -> ReviewOutcome {
    let diff = try repository.diff(from: base, to: head)
    let named = named ?? .notRun(because: "that takes 'arborist review'")
    var outcome = review(
      diff, in: repository, configuration: configuration, linters: linters, named: named, model: model
    ) {
      (try? files(of: head, in: repository)) ?? []
    }
    (outcome.baseCommit, outcome.headCommit) = (base, head)
    return outcome
  }

  /// What a model is to read of what lies between two commits.
  ///
  /// - Throws: ``GitError`` where the repository cannot be read.
  package static func reading(
    in repository: Repository, from base: ObjectID?, to head: ObjectID, configuration: RepositoryConfiguration
  ) throws -> ChangeReading {
    let diff = try repository.diff(from: base, to: head)
    return ChangeReading(
      Change(
        ReviewInput(
          diff: diff, configuration: configuration.review, testPaths: configuration.tests,
          readBlob: { id, limit in try? repository.content(of: id, limit: limit) })))
  }

  /// Reviews what is staged for the next commit.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - head: The commit that the next one follows; `nil` before the first.
  ///   - index: The index file where it is not the repository's own.
  ///   - configuration: How the repository wants to be reviewed.
  /// - Returns: What the review found.
  /// - Throws: ``GitError`` where the repository cannot be read.
  package static func reviewStaged(
    in repository: Repository, against head: ObjectID?, index: String?, configuration: RepositoryConfiguration
  ) throws -> ReviewOutcome {
    let diff = try repository.diffStaged(against: head, index: index)
    let named = LinterReport.notRun(because: "what is staged is no commit yet")
    return review(diff, in: repository, configuration: configuration, linters: [], named: named) {
      let added = diff.files.compactMap { change in change.new.map { HeadFile(path: $0.path, blob: $0.blob) } }
      let replaced = Set(diff.files.compactMap { $0.old?.path }).union(added.map(\.path))
      let present = head.flatMap { try? files(of: $0, in: repository) } ?? []
      return present.filter { !replaced.contains($0.path) } + added
    }
  }

  private static func files(of commit: ObjectID, in repository: Repository) throws -> [HeadFile] {
    var files: [HeadFile] = []
    try repository.walk(commit) { entry in
      if entry.mode != .directory { files.append(HeadFile(path: entry.path, blob: entry.id)) }
      return true
    }
    return files
  }

  private static func review(
    _ diff: Diff, in repository: Repository, configuration: RepositoryConfiguration, linters: [SARIFDocument],
    named: LinterReport, model: ModelReview? = nil, headFiles: @escaping () -> [HeadFile]
  ) -> ReviewOutcome {
    let input = ReviewInput(
      diff: diff, configuration: configuration.review, protectedPaths: ProtectedPaths.standard,
      testPaths: configuration.tests, linters: linters + named.documents,
      readBlob: { id, limit in try? repository.content(of: id, limit: limit) }, headFiles: headFiles)
    var outcome = Reviewer.review(input, with: model)
    if !configuration.review.sarif.isEmpty, !named.faults.isEmpty {
      outcome.unheard = (outcome.unheard ?? []) + named.faults
      outcome.overall = ([outcome.overall] + named.faults).joined(separator: " ")
    }
    return outcome
  }
}
