package import Base
internal import Git
internal import Installation
package import Learning
internal import Memory
internal import Merging
package import Work
internal import Workspace

/// `arborist learn`: remembers resolutions from the repository's own merge commits.
package struct LocalLearn: Sendable {
  package var repository: String
  /// What is read; `nil` for the base, as `resolve` would take it.
  package var base: String?
  package var since: Timestamp?
  package var limit: Int
  package var identity: BotIdentity

  package init(repository: String, base: String?, since: Timestamp?, limit: Int, identity: BotIdentity) {
    self.repository = repository
    self.base = base
    self.since = since
    self.limit = limit
    self.identity = identity
  }

  /// What came of it.
  package struct Result: Sendable {
    package var summary: HistoryLearner.Summary
    /// The branch that was read, by the name under which it was found.
    package var base: String
    /// Where the memory is.
    package var path: [UInt8]
    /// How many bytes it has.
    package var size: Int
    /// Whether another branch than the base was read, so that nothing was forgotten.
    package var isOther: Bool
  }

  /// Learns.
  ///
  /// Only the base is read: a branch could bring a merge that was made to mislead. What was learned from merges that
  /// the base has no more is forgotten; a run on another branch that somebody named only adds.
  ///
  /// - Parameters:
  ///   - scratch: An existing directory for the workspace.
  ///   - progress: Told how many merges of how many have been read.
  /// - Returns: What came of it.
  /// - Throws: ``GitError``, ``NoBase``, ``ConfigurationError``, ``MemoryFile/Failure`` or ``FileError``.
  package func run(
    scratch: String, progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void
  ) async throws -> Result {
    let (path, base) = (repository, base)
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: path) }
    let start = try await actor.perform { repository in
      let directory = Array(repository.commonDirectory.utf8)
      let record = try InstallationRecord.of(gitDirectory: directory)
      let recorded = [record?.defaultBranch].compactMap { record?.isBare == true ? $0 : nil }
      let facts = try RepositoryFacts(reading: repository, base: base, recorded: recorded)
      guard let tip = facts.baseTip else {
        throw GitError(.unbornBranch, operation: "learn from '\(facts.baseName)'", message: "it has no commit yet")
      }
      var isOther = false
      if base != nil {
        // Where there is no base to compare with, the memory is of what was named before.
        let usual = try? RepositoryFacts(reading: repository, recorded: recorded)
        isOther = usual?.baseTip != tip
      }
      return Start(
        record: record, directory: directory, tip: tip, base: facts.baseName, objects: repository.objectsDirectory,
        isOther: isOther)
    }
    guard let state = start.record?.state ?? StateDirectory(inGitDirectory: start.directory) else {
      throw GitError(.invalid, operation: "learn", message: "the git directory has no absolute path")
    }
    let workspace = try await RunWorkspace.make(
      for: RunID(random: .random(in: .min ... .max)), under: scratch, borrowing: [start.objects])
    defer { try? workspace.remove() }
    let learner = HistoryLearner(
      tip: start.tip, since: since, limit: limit, bot: start.record?.bot ?? identity,
      forgetsOthers: !start.isOther)
    let (summary, size) = try await MemoryFile(in: state).update { memory in
      let before = memory
      let (after, summary) = try await workspace.repository.perform { repository in
        var memory = before
        let summary = try learner.run(in: repository, into: &memory, progress: progress)
        return (memory, summary)
      }
      memory = after
      return summary
    }
    return Result(summary: summary, base: start.base, path: state.resolutions, size: size, isOther: start.isOther)
  }

  private struct Start: Sendable {
    var record: InstallationRecord?
    var directory: [UInt8]
    var tip: ObjectID
    var base: String
    var objects: String
    /// Whether the tip is not that of the base.
    var isOther: Bool
  }
}
