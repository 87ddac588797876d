internal import Base
internal import Fix
internal import Git
internal import Verify
internal import Work

/// A commit of a history that changed tests and what they test, and the trees that a task is made of.
struct FixCandidate: Sendable {
  var commit: ObjectID
  var parent: ObjectID
  var subject: String
  /// The commit's own tree.
  var green: ObjectID
  /// The parent's tree with the commit's tests.
  var red: ObjectID
  /// What the commit changes beside tests.
  var product: [RepositoryPath]
  /// Later commits that touch none of it, oldest first: what a branch is padded with.
  var later: [ObjectID]
}

/// Finds commits that may have fixed a failing test.
struct FixHistory {
  let commands: TestCommands
  let tests: [Glob]
  /// How many later commits a branch is padded with.
  let padding: Int

  /// The largest file that is looked into.
  private static let fileLimit = 4 << 20

  /// The candidates among the commits of a head, newest first, until so many were found.
  ///
  /// - Throws: ``GitError``.
  func candidates(of head: ObjectID, limit: Int, in repository: PrivateRepository) throws -> [FixCandidate] {
    var found: [FixCandidate] = []
    var after: [ObjectID] = []
    for id in try repository.commits(of: head) {
      guard found.count < limit else { break }
      let commit = try repository.commit(id)
      if commit.parents.count == 1, let parent = commit.parents.first,
        var candidate = try candidate(id, parent, commit.tree, in: repository)
      {
        candidate.subject = DisplayText.line(commit.summary)
        candidate.later = try quiet(after, beside: candidate, in: repository)
        found.append(candidate)
      }
      after.insert(id, at: 0)
      if after.count > 50 { after.removeLast() }
    }
    return found
  }

  private func candidate(
    _ id: ObjectID, _ parent: ObjectID, _ tree: ObjectID, in repository: PrivateRepository
  ) throws -> FixCandidate? {
    let before = try repository.tree(of: parent)
    var edits: [TreeEdit] = []
    var product: [RepositoryPath] = []
    for change in try repository.diff(from: before, to: tree).files {
      let paths = [change.old?.path, change.new?.path].compactMap { $0 }
      let areTests = paths.allSatisfy { [.test, .testData].contains(seals.kind(of: $0)) }
      guard areTests else {
        product += paths
        continue
      }
      if let old = change.old, old.path != change.new?.path { edits.append(.remove(old.path)) }
      if let new = change.new { edits.append(.put(new.path, mode: new.mode, blob: new.blob)) }
    }
    guard !edits.isEmpty, !product.isEmpty else { return nil }
    return FixCandidate(
      commit: id, parent: parent, subject: "", green: tree, red: try repository.writeTree(from: before, edits),
      product: product, later: [])
  }

  /// What is sealed by where it lies alone: the trees of a long history are not all read.
  private var seals: Seals { Seals(commands: commands, tests: tests, paths: []) { _ in nil } }

  /// The commits behind a candidate, as far as they follow one another and leave its files alone.
  private func quiet(
    _ after: [ObjectID], beside candidate: FixCandidate, in repository: PrivateRepository
  ) throws -> [ObjectID] {
    var quiet: [ObjectID] = []
    var last = candidate.commit
    let touched = Set(candidate.product)
    for id in after where quiet.count < padding {
      let commit = try repository.commit(id)
      guard commit.parents == [last] else { continue }
      let files = try repository.diff(from: repository.tree(of: last), to: commit.tree).files
      if files.contains(where: { file in
        [file.old?.path, file.new?.path].contains { $0.map(touched.contains) ?? false }
      }) {
        break
      }
      quiet.append(id)
      last = id
    }
    return quiet
  }
}
