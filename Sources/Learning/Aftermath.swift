internal import Base
internal import Git
internal import Merging

/// Looks at what became of committed resolutions.
///
/// A resolution is taken back where the merge was reverted, or where its lines no longer stand in the file after one of
/// the next three commits that changed the file, within two weeks of the merge: who changes lines so soon mends them.
/// Where people settled a conflict by leaving every line out, it is taken back where a side's lines stand there again.
struct Aftermath {
  private let history: HistoryWalk

  /// How many changes of the file are looked at.
  private static let changes = 3
  /// How long after the merge, in milliseconds.
  private static let window: Int64 = 14 * 24 * 3_600 * 1_000
  /// How many commits after the merge.
  private static let steps = 500

  init(history: HistoryWalk) {
    self.history = history
  }

  /// Follows every resolution that is in use and of which not all has been seen.
  func follow(_ memory: inout ResolutionMemory, in repository: Repository) throws(GitError) {
    var waiting: [Place: [(key: ConflictKey, occurrence: Int)]] = [:]
    for entry in memory.entries.values where entry.state == .usable {
      for (number, occurrence) in entry.occurrences.enumerated() {
        guard let merge = ObjectID(bytes: occurrence.merge), let path = RepositoryPath(occurrence.path) else {
          continue
        }
        if history.reverted.contains(merge) {
          memory.revoke(entry.key)
        } else if !occurrence.isSettled, history.contains(merge) {
          waiting[Place(merge: merge, path: path, time: occurrence.time), default: []].append((entry.key, number))
        }
      }
    }
    for (place, resolutions) in waiting {
      let (versions, isOver) = try versions(after: place, in: repository)
      let files = versions.map { Self.lines($0) }
      for (key, number) in resolutions {
        guard let entry = memory.entries[key] else { continue }
        if files.contains(where: { !Self.stands(entry, in: $0) }) { memory.revoke(key) }
        if isOver { memory.settle(key, occurrence: number) }
      }
    }
  }

  /// A file of a merge.
  private struct Place: Hashable {
    var merge: ObjectID
    var path: RepositoryPath
    var time: Int64
  }

  /// The next versions of a file, and whether more can come.
  private func versions(
    after place: Place, in repository: Repository
  ) throws(GitError) -> (versions: [[UInt8]], isOver: Bool) {
    var versions: [[UInt8]] = []
    guard var blob = try repository.entry(at: place.path, in: place.merge)?.id else { return ([], true) }
    var steps = 0
    for commit in history.after(place.merge) {
      steps += 1
      if steps > Self.steps || commit.time.milliseconds > place.time * 1000 + Self.window { return (versions, true) }
      // A file that is gone or has another name says nothing about its lines.
      guard let entry = try repository.entry(at: place.path, in: commit.id), entry.mode != .directory else {
        return (versions, true)
      }
      if entry.id == blob { continue }
      blob = entry.id
      guard try repository.header(of: blob).size <= HistoryLearner.largestFile else { return (versions, true) }
      versions.append(try repository.content(of: blob, limit: HistoryLearner.largestFile))
      if versions.count == Self.changes { return (versions, true) }
    }
    return (versions, false)
  }

  private static func lines(_ content: [UInt8]) -> [ArraySlice<UInt8>] {
    ConflictKey.normalised(content).split(separator: 0x0A, omittingEmptySubsequences: false)
  }

  /// Whether a resolution stands in a file.
  private static func stands(_ entry: RememberedResolution, in file: [ArraySlice<UInt8>]) -> Bool {
    let committed = Array(lines(entry.lines).dropLast())
    if !committed.isEmpty { return contains(committed, file) }
    return ![entry.key.first, entry.key.second].contains { side in
      let side = Array(lines(side).dropLast())
      return side.contains { !$0.isEmpty } && contains(side, file)
    }
  }

  private static func contains(_ block: [ArraySlice<UInt8>], _ file: [ArraySlice<UInt8>]) -> Bool {
    guard block.count <= file.count else { return false }
    // The longest line is the one that other lines are least likely to equal.
    let anchor = block.indices.max { block[$0].count < block[$1].count } ?? 0
    for place in anchor..<(file.count - (block.count - 1 - anchor)) where file[place] == block[anchor] {
      if file[(place - anchor)..<(place - anchor + block.count)].elementsEqual(block) { return true }
    }
    return false
  }
}
