internal import Base
internal import Git
internal import Verify
internal import Work

/// What is known of a branch before anything is run.
struct FixScene: Sendable {
  let order: FixOrder
  let headTree: ObjectID
  let baseTree: ObjectID
  /// The files of the head.
  let paths: Set<RepositoryPath>
  let seals: Seals
  /// The branch's difference, as whole files.
  let branch: [PatchedFile]
  /// The first line of each of the branch's commits.
  let subjects: [ObjectID: String]
  /// What the branch takes away of the tests, as far as the files tell.
  let deletedTests: DeletedTests
  /// What a person should know of the branch, a line each.
  let notes: [String]

  /// The largest file that is read to learn what is sealed.
  private static let fileLimit = 4 << 20

  init(
    _ order: FixOrder, _ repository: RepositoryActor<PrivateRepository>,
    readingTestsBy testsTakenAway: @escaping TestsTakenAwayReading
  ) async throws {
    self.order = order
    let read = try await repository.perform { repository in
      let (head, base) = (try repository.tree(of: order.head), try repository.tree(of: order.mergeBase))
      var entries: [RepositoryPath: ObjectID] = [:]
      try repository.walk(head) { entry throws(GitError) in
        if entry.mode != .directory, entry.mode != .submodule { entries[entry.path] = entry.id }
        return true
      }
      let seals = Seals(commands: order.commands, tests: order.tests, paths: entries.keys.sorted()) { path in
        entries[path].flatMap { try? repository.content(of: $0, limit: Self.fileLimit) }
      }
      var subjects: [ObjectID: String] = [:]
      for id in try repository.commits(of: order.head, notIn: [order.mergeBase]) {
        subjects[id] = DisplayText.line(try repository.commit(id).summary)
      }
      return (
        head, base, Set(entries.keys), seals, try PatchReading.files(from: base, to: head, in: repository), subjects,
        try testsTakenAway(base, head, order.tests, repository)
      )
    }
    (headTree, baseTree, paths, seals, branch, subjects) = (read.0, read.1, read.2, read.3, read.4, read.5)
    var notes: [String] = []
    if headTree == baseTree { notes.append("the branch changes nothing against \(order.base)") }
    deletedTests = DeletedTests(
      files: read.4.filter { $0.new == nil && read.3.kind(of: $0.path) == .test }.map(\.path),
      hasNewFiles: read.4.contains { $0.old == nil && read.3.kind(of: $0.path) == .test },
      hasChanges: read.4.contains { read.3.kind(of: $0.path) != nil }, tests: read.6)
    self.notes = notes
  }

  func isTest(_ path: RepositoryPath) -> Bool {
    [.test, .testData].contains(seals.kind(of: path))
  }
}
