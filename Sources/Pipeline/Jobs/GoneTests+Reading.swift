internal import Base
internal import Fix
internal import Git
internal import Review
internal import Work

/// Lends a repair what the review knows of tests.
extension GoneTests {
  /// The tests that one tree has and another has not any more, by the forms of the common frameworks.
  ///
  /// - Throws: ``GitError`` where the trees cannot be compared.
  static func read(
    from base: ObjectID, to head: ObjectID, tests: [Glob], in repository: Repository
  ) throws(GitError) -> [TestsTakenAway] {
    let diff = try repository.diff(from: base, to: head)
    let input = ReviewInput(diff: diff, testPaths: tests, readBlob: { try? repository.content(of: $0, limit: $1) })
    return DeletedTestCheck.gone(in: Change(input)).map {
      TestsTakenAway(path: $0.path, names: $0.names, isWholeFile: $0.isWholeFile, replaced: $0.replaced)
    }
  }
}
