package import Base
package import Git
internal import TestResults
internal import Verify
package import Work

/// The tests that a branch takes out of one file, by name.
package struct TestsTakenAway: Sendable, Hashable {
  package var path: RepositoryPath
  /// What they are called, as text that is safe to show.
  package var names: [String]
  /// Whether the file is gone with them.
  package var isWholeFile: Bool
  /// How many tests with other names came into the file; fewer than are gone.
  package var replaced: Int

  package init(path: RepositoryPath, names: [String], isWholeFile: Bool, replaced: Int) {
    self.path = path
    self.names = names
    self.isWholeFile = isWholeFile
    self.replaced = replaced
  }
}

/// Reads which tests one tree has and another has not any more; what counts as tests comes as patterns.
package typealias TestsTakenAwayReading =
  @Sendable (
    _ base: ObjectID, _ head: ObjectID, _ tests: [Glob], _ repository: Repository
  ) throws(GitError) -> [TestsTakenAway]

/// What a branch takes away of the tests: what is gone cannot fail, so it is told whatever the outcome.
struct DeletedTests: Sendable {
  /// Tests that are gone from a file, or with it.
  private let tests: [TestsTakenAway]
  /// Files of tests that are deleted and of whose tests nothing is known.
  private let files: [RepositoryPath]
  /// Whether the branch changes anything that tells whether tests pass, so that missing tests may be its doing.
  private let mayMiss: Bool

  /// - Parameters:
  ///   - files: The files of tests that the branch deletes.
  ///   - hasNewFiles: Whether it adds a file of tests, to which others may have moved.
  ///   - hasChanges: Whether it changes a file that is sealed.
  ///   - tests: What it takes away by name.
  init(files: [RepositoryPath], hasNewFiles: Bool, hasChanges: Bool, tests: [TestsTakenAway]) {
    self.tests = tests
    let named = Set(tests.map(\.path))
    self.files = hasNewFiles ? [] : files.filter { !named.contains($0) }
    mayMiss = hasChanges || !tests.isEmpty
  }

  /// What is gone, for a person.
  ///
  /// - Parameters:
  ///   - witness: How the tests stood; where they were run at the base too, their own names are told.
  ///   - base: The base by the name that people know it under.
  /// - Returns: One line; `nil` where nothing is gone.
  func note(_ witness: Witness, base: String) -> String? {
    var words = files.map { "'\($0.display)'" } + tests.sorted { $0.path < $1.path }.map(Self.words)
    let gone = missing(witness)
    if words.isEmpty, gone.isEmpty { return nil }
    if words.count > 3 { words = [words.prefix(3).joined(separator: ", ") + " and of \(words.count - 3) more files"] }
    var parts = words.isEmpty ? [] : [words.joined(separator: ", ")]
    if !gone.isEmpty {
      let what = gone.count == 1 ? "1 test that ran at \(base) is" : "\(gone.count) tests that ran at \(base) are"
      parts.append("\(what) gone at the head: \(FixJob.list(gone.map(\.description)))")
    }
    return "the branch deletes tests: \(parts.joined(separator: "; "))"
  }

  private static func words(for gone: TestsTakenAway) -> String {
    let more = gone.names.count > 3 ? " and \(gone.names.count - 3) more" : ""
    let names = gone.names.prefix(3).joined(separator: ", ") + more
    if gone.isWholeFile { return "'\(gone.path.display)' with \(names)" }
    // Which of them has another name now, and which is gone, nobody can tell.
    let others = gone.replaced > 0 ? ", with \(gone.replaced) in their place" : ""
    return "\(names) of '\(gone.path.display)'\(others)"
  }

  /// Tests that ran at the base and in no run of the head, where nothing but the branch's edits can be the cause.
  private func missing(_ witness: Witness) -> [TestIdentity] {
    guard mayMiss, let base = witness.base?.standing, let first = witness.runs.first, !first.timedOut else { return [] }
    let heads = witness.runs.map(\.standing)
    // What could not be built or loaded, or fell silent, has not run its tests, and has them all the same; what is red
    // under a name that the base does not know may stand for such a file.
    let isWhole = heads.allSatisfy { standing in
      standing.doubts.isEmpty
        && standing.red.allSatisfy { item in
          if case .test(let test) = item { item.unit == nil && base.names(test) } else { false }
        }
    }
    guard isWhole, base.red.allSatisfy({ $0.isTest && $0.unit == nil }) else { return [] }
    let atHead = heads.reduce(into: Set()) { $0.formUnion($1.named) }
    let new = atHead.subtracting(base.named)
    let fresh = Set(new.map(\.name))
    // One that has moved to another file or class has another identity and the same name.
    let gone = base.named.subtracting(atHead).filter { !fresh.contains($0.name) }
    // One that was given another name stands beside the others.
    let places = Dictionary(grouping: new, by: \.suite).mapValues(\.count)
    let left = Dictionary(grouping: gone, by: \.suite).filter { $1.count > places[$0, default: 0] }
    return left.values.joined().sorted()
  }
}
