package import Base
package import Git

/// The commits behind a tip, with who descends from whom.
package struct HistoryWalk: Sendable {
  /// What is known of one commit.
  package struct Step: Sendable, Hashable {
    package var id: ObjectID
    package var parents: [ObjectID]
    package var time: Timestamp
    /// The e-mail address of who committed.
    package var committer: [UInt8]
  }

  /// A child before its parents.
  package let commits: [Step]
  /// Whether every commit is there.
  package let isComplete: Bool
  /// The commits that a commit says it reverts.
  package let reverted: Set<ObjectID>
  private let places: [ObjectID: Int]
  /// For each commit the one that continues it: the oldest child of which it is the first parent, or else any child.
  private let continuation: [Int?]

  package init(of tip: ObjectID, in repository: Repository, limit: Int) throws(GitError) {
    var commits: [Step] = []
    var reverted: Set<ObjectID> = []
    let ids = try repository.commits(of: tip, limit: limit)
    commits.reserveCapacity(ids.count)
    for id in ids {
      let commit = try repository.commit(id)
      commits.append(
        Step(
          id: id, parents: commit.parents, time: commit.committer.time, committer: commit.committer.email))
      if let id = Self.revert(in: commit.message) { reverted.insert(id) }
    }
    let places = Dictionary(commits.enumerated().map { ($1.id, $0) }) { first, _ in first }
    var first: [Int?] = Array(repeating: nil, count: commits.count)
    var any = first
    for (place, commit) in commits.enumerated() {
      for (number, parent) in commit.parents.enumerated() {
        guard let at = places[parent] else { continue }
        if number == 0 { first[at] = place } else { any[at] = place }
      }
    }
    continuation = zip(first, any).map { $0 ?? $1 }
    isComplete = ids.count < limit && !repository.isShallow
    self.commits = commits
    self.reverted = reverted
    self.places = places
  }

  package func contains(_ id: ObjectID) -> Bool { places[id] != nil }

  /// The commits that came after one, the nearest first.
  package func after(_ id: ObjectID) -> some Sequence<Step> {
    sequence(state: places[id]) { place in
      place = place.flatMap { continuation[$0] }
      return place.map { commits[$0] }
    }
  }

  /// The commit that a message says it takes back, in the words of `git revert`.
  private static func revert(in message: [UInt8]) -> ObjectID? {
    let text = Array("This reverts commit ".utf8)
    guard message.count >= text.count + 40 else { return nil }
    for start in message.indices.dropLast(text.count + 39)
    where message[start] == text[0] && message[start...].starts(with: text) {
      return ObjectID(hex: message[(start + text.count)..<(start + text.count + 40)])
    }
    return nil
  }
}
