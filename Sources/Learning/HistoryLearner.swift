package import Base
internal import Evaluation
package import Git
package import Merging
package import Work

/// Learns from the merge commits of a history how people settle conflicts.
///
/// It replays every merge of two parents in memory and compares each conflict with what was committed in its place.
package struct HistoryLearner: Sendable {
  /// The commit whose history is read.
  package var tip: ObjectID
  /// Merges before this moment are not read.
  package var since: Timestamp?
  /// The most merges that are read, the newest first.
  package var limit: Int
  /// The name under which Arborist commits: from its own merges nothing is learned.
  package var bot: BotIdentity
  /// Whether what was learned from merges that the history does not have is forgotten.
  package var forgetsOthers: Bool

  package init(
    tip: ObjectID, since: Timestamp? = nil, limit: Int, bot: BotIdentity, forgetsOthers: Bool = true
  ) {
    self.tip = tip
    self.since = since
    self.limit = limit
    self.bot = bot
    self.forgetsOthers = forgetsOthers
  }

  /// A file larger than this is not read: 4 MiB.
  static let largestFile = 4 << 20
  /// How far back history is walked.
  private static let mostCommits = 200_000

  /// What a run of learning met.
  package struct Summary: Sendable, Hashable, Codable {
    /// Merges that were read now.
    package var merges = 0
    /// Those among them with a conflict in the lines of a file.
    package var conflicted = 0
    /// Conflicts of these; each is counted once.
    package var conflicts = 0
    /// Conflicts of which it can be told what people committed.
    package var told = 0
    package var remembered = 0
    package var confirmed = 0
    package var contradicted = 0
    package var revoked = 0
    /// What was forgotten because the history does not have the merges any more.
    package var forgotten = 0
    /// What is remembered in all, and how much of it may be used.
    package var entries = 0
    package var usable = 0
    /// Merges that could not be read, such as those of a shallow clone.
    package var unreadable = 0
  }

  /// Learns.
  ///
  /// - Parameters:
  ///   - repository: A private repository that sees the history; merging writes objects into it.
  ///   - memory: What is remembered so far.
  ///   - progress: Told how many merges of how many have been read.
  /// - Returns: What came of it.
  /// - Throws: ``GitError`` where the history cannot be walked.
  package func run(
    in repository: PrivateRepository, into memory: inout ResolutionMemory,
    progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws -> Summary {
    var summary = Summary()
    let history = try HistoryWalk(of: tip, in: repository, limit: Self.mostCommits)
    if history.isComplete, forgetsOthers {
      let before = memory.entries.count
      // A merge that is in the history no longer is one that somebody took back.
      memory.forget { merge in ObjectID(bytes: merge).map { history.contains($0) } ?? false }
      summary.forgotten = before - memory.entries.count
    }
    let merges = history.commits.filter { commit in
      commit.parents.count == 2 && !memory.seen.contains(commit.id.bytes)
        && since.map { commit.time >= $0 } ?? true
    }.prefix(limit)
    for (index, merge) in merges.enumerated() {
      progress(index, merges.count)
      do throws(GitError) {
        try read(merge, in: repository, into: &memory, &summary)
        memory.seen.insert(merge.id.bytes)
      } catch {
        summary.unreadable += 1
      }
    }
    progress(merges.count, merges.count)
    summary.merges = merges.count
    let before = memory.entries.values.count { $0.state == .revoked }
    try Aftermath(history: history).follow(&memory, in: repository)
    summary.revoked = memory.entries.values.count { $0.state == .revoked } - before
    summary.entries = memory.entries.count
    summary.usable = memory.entries.values.count { $0.state == .usable }
    return summary
  }

  /// A conflict of a merge, and what people committed in its place.
  package struct Example: Sendable, Hashable {
    package var conflict: Conflict
    /// `nil` where nobody can tell.
    package var committed: [UInt8]?
    package var occurrence: RememberedResolution.Occurrence
  }

  private func read(
    _ merge: HistoryWalk.Step, in repository: PrivateRepository, into memory: inout ResolutionMemory,
    _ summary: inout Summary
  ) throws(GitError) {
    let examples = try Self.examples(of: merge, in: repository)
    if !examples.isEmpty { summary.conflicted += 1 }
    for example in examples {
      summary.conflicts += 1
      guard let lines = example.committed else { continue }
      summary.told += 1
      let lesson = memory.learn(
        example.conflict, settledAs: lines, at: example.occurrence, isOwn: merge.committer == Array(bot.email.utf8))
      switch lesson {
      case .remembered: summary.remembered += 1
      case .confirmed: summary.confirmed += 1
      case .contradicted: summary.contradicted += 1
      case .refused: break
      }
    }
  }

  /// The conflicts of a merge in files that people write, each once: narrowed as git shows it, and whole.
  ///
  /// - Throws: ``GitError`` where the merge cannot be made again.
  package static func examples(
    of merge: HistoryWalk.Step, in repository: PrivateRepository
  ) throws(GitError) -> [Example] {
    guard merge.parents.count == 2 else { return [] }
    let (ours, theirs) = (merge.parents[0], merge.parents[1])
    let bases = try repository.mergeBases(ours, theirs)
    // A fast-forward that was recorded as a merge, and histories that were joined, have no conflict to learn from.
    guard !bases.isEmpty, bases != [ours], bases != [theirs] else { return [] }
    var examples: [Example] = []
    for conflict in try repository.merge(ours: ours, theirs: theirs, bases: bases).conflicts
    where conflict.kind == .content {
      guard let file = try file(of: conflict, committedIn: merge.id, in: repository) else { continue }
      let occurrence = RememberedResolution.Occurrence(
        merge: merge.id.bytes, time: merge.time.milliseconds / 1000, path: file.path.bytes)
      // By the conflict: whether its lines can be told may depend on the form.
      var known: [ConflictKey: Int] = [:]
      for regions in [
        ConflictHunks.narrowed(base: file.base, ours: file.ours, theirs: file.theirs),
        ConflictHunks.whole(base: file.base, ours: file.ours, theirs: file.theirs),
      ] {
        let conflicts = regions.compactMap { ConflictHunks.conflict(of: $0) }
        for (conflict, lines) in zip(conflicts, CommittedHunks(of: regions, in: file.committed).lines) {
          let example = Example(conflict: conflict, committed: lines, occurrence: occurrence)
          if let place = known[ConflictKey(conflict)] {
            let isSettledAlike = examples[place].committed == lines
            if examples[place].committed == nil {
              examples[place] = example
            } else if lines != nil, !isSettledAlike {
              examples.append(example)
            }
          } else {
            known[ConflictKey(conflict)] = examples.count
            examples.append(example)
          }
        }
      }
    }
    return examples
  }

  private struct File {
    var path: RepositoryPath
    var base: [UInt8]
    var ours: [UInt8]
    var theirs: [UInt8]
    var committed: [UInt8]
  }

  /// The four versions of a file that people write; `nil` for any other.
  private static func file(
    of conflict: TreeConflict, committedIn merge: ObjectID, in repository: PrivateRepository
  ) throws(GitError) -> File? {
    guard let base = conflict.ancestor, let ours = conflict.ours, let theirs = conflict.theirs,
      let committed = try repository.entry(at: conflict.path, in: merge),
      committed.mode == .regular
        || committed.mode == .executable
    else { return nil }
    var contents: [[UInt8]] = []
    for blob in [base.blob, ours.blob, theirs.blob, committed.id] {
      guard try repository.header(of: blob).size <= Self.largestFile else { return nil }
      let content = try repository.content(of: blob, limit: Self.largestFile)
      if LineMerge.isBinary(content) { return nil }
      contents.append(content)
    }
    let isGenerated = contents.contains { GeneratedFile.at(conflict.path.bytes, content: $0) != nil }
    if isGenerated { return nil }
    return File(
      path: conflict.path, base: contents[0], ours: contents[1], theirs: contents[2], committed: contents[3])
  }
}
