internal import Base
internal import Git
internal import Merging
internal import Work

/// The commits behind the lines of a place, on each side.
struct HunkHistory {
  /// What is told of a commit.
  struct Entry: Sendable, Hashable {
    /// Lines that are safe to show: the subject with its date, then the first lines of the body.
    var lines: [String]
  }

  let repository: Repository
  let ours: ObjectID
  let theirs: ObjectID
  let base: ObjectID?

  private static let mostCommits = 3
  private static let mostBodyLines = 6
  /// How many commits of a side are looked at for those that touched a file.
  private static let mostLooked = 300

  /// The commits of a side that last touched lines of a file; those that touched the file, where the lines are gone.
  func commits(
    of side: DroppedLineNote.Side, at path: RepositoryPath, lines: LineSpan
  ) -> [Entry] {
    ids(of: side, at: path, lines: lines).compactMap { try? entry($0) }
  }

  /// The same commits with their subjects alone.
  func notes(of side: DroppedLineNote.Side, at path: RepositoryPath, lines: LineSpan) -> [CommitNote] {
    ids(of: side, at: path, lines: lines).compactMap { id in
      (try? repository.commit(id)).map { CommitNote(id: id, subject: DisplayText.line($0.summary)) }
    }
  }

  private func ids(of side: DroppedLineNote.Side, at path: RepositoryPath, lines: LineSpan) -> [ObjectID] {
    // History is evidence and no more: where it cannot be read, there is none.
    let tip = side == .ours ? ours : theirs
    let other = side == .ours ? theirs : ours
    var found: [ObjectID] = []
    if lines.count > 0, let base,
      let blamed = try? repository.blame(path, at: tip, notBefore: base, lines: (lines.start + 1)...lines.end)
    {
      for line in blamed where line.commit != base && !found.contains(line.commit) { found.append(line.commit) }
    }
    if found.isEmpty { found = touching(path, tip, notIn: other) }
    return Array(found.prefix(Self.mostCommits))
  }

  private func touching(_ path: RepositoryPath, _ tip: ObjectID, notIn other: ObjectID) -> [ObjectID] {
    guard let walked = try? repository.commits(of: tip, notIn: [other], limit: Self.mostLooked) else { return [] }
    var found: [ObjectID] = []
    for id in walked {
      guard let commit = try? repository.commit(id), commit.parents.count == 1 else { continue }
      let now = try? repository.entry(at: path, in: id)
      let before = try? repository.entry(at: path, in: commit.parents[0])
      if now?.id != before?.id { found.append(id) }
      if found.count == Self.mostCommits { break }
    }
    return found
  }

  private func entry(_ id: ObjectID) throws(GitError) -> Entry {
    let commit = try repository.commit(id)
    let body = DisplayLines.of(commit.message).dropFirst().drop { $0.isEmpty }
    let first = body.prefix { !$0.hasPrefix("Signed-off-by:") }.prefix(Self.mostBodyLines)
    let subject = "\(id.short) \(commit.author.time.iso8601.prefix(10)) \(DisplayText.line(commit.summary))"
    return Entry(lines: [subject] + first.map { "  " + String($0.prefix(200)) })
  }
}
