package import Base
internal import FileSystem
package import Git
internal import Installation
internal import Memory
internal import Merging
internal import Policy
internal import Resolve
package import Work
internal import Workspace

/// `arborist resolve` by hand: a person's own repository, and perhaps a remote of it.
package struct LocalResolve: Sendable {
  package var repository: String
  package var base: String?
  /// The branch's name; `nil` for what is checked out.
  package var branch: String?
  /// The remote that the merge is pushed to; `nil` to keep it in the repository.
  package var remote: String?
  /// Whether nothing is to be written anywhere.
  package var isDryRun: Bool
  package var identity: BotIdentity
  package var time: Timestamp
  /// Signs the merge; `nil` not to sign it.
  package var signer: CommitSigner?

  package init(
    repository: String, base: String?, branch: String?, remote: String?, isDryRun: Bool, identity: BotIdentity,
    time: Timestamp
  ) {
    self.repository = repository
    self.base = base
    self.branch = branch
    self.remote = remote
    self.isDryRun = isDryRun
    self.identity = identity
    self.time = time
  }

  /// What came of it.
  package struct Result: Sendable {
    package var outcome: ResolveOutcome
    package var branch: RefName
    package var base: String
    /// The branch that now is the merge; `nil` where none is.
    package var pushed: RefName?
    /// What a person should know of where the merge went; empty where there is nothing to say.
    package var notes: [String]
    /// What could not be used, so that less was settled than might have been; empty where nothing is the matter.
    package var warnings: [String] = []
  }

  /// Everything that is read before the merge.
  private struct Start: Sendable {
    var local: LocalBranch
    var identity: BotIdentity
    var memory: RememberedResolutions?
    /// Why there is no memory though a file of one is there.
    var memoryFault: String?

    var facts: RepositoryFacts { local.facts }
    var branch: RefName { local.branch }
    var ours: ObjectID { local.head }
    var theirs: ObjectID { local.baseTip }
  }

  /// Merges, and writes the merge where the configuration says.
  ///
  /// - Parameter scratch: An existing directory for the workspace.
  /// - Returns: What came of it.
  /// - Throws: ``GitError``, ``BranchRefusal``, ``ConfigurationError``, ``NoBase``, ``LandingError`` or ``Overtaken``.
  package func run(scratch: String) async throws -> Result {
    let repository = repository
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: repository) }
    let start = try await actor.perform { try self.start(in: $0) }
    if !isDryRun { _ = try FeatureBranch(start.branch.bytes, under: start.facts.rules) }
    let workspace = try await RunWorkspace.make(
      for: RunID(random: .random(in: .min ... .max)), under: scratch, borrowing: [start.local.objects], signer: signer)
    defer { try? workspace.remove() }
    let merge = BranchMerge(
      branch: start.branch, base: start.facts.baseName, ours: start.ours, theirs: start.theirs,
      identity: start.identity, time: time, resolvers: StandardResolvers.auto(remembering: start.memory),
      proposing: StandardResolvers.proposing(remembering: start.memory))
    let outcome = try await workspace.repository.perform { try merge.run(in: $0) }
    var result = Result(
      outcome: outcome, branch: start.branch, base: start.facts.baseName, pushed: nil, notes: notes(start, outcome),
      warnings: [start.memoryFault].compactMap { $0 })
    if let commit = outcome.commit, !isDryRun, let target = try target(of: start) {
      try await write(commit, to: target, start, workspace)
      result.pushed = target.branch
    }
    return result
  }

  private func start(in repository: Repository) throws -> Start {
    let local = try LocalBranch(reading: repository, base: base, branch: branch, remote: remote, to: "merge into")
    // Without it fewer conflicts are settled; that is no reason to settle none.
    let memory = local.memory()
    return Start(
      local: local, identity: local.record?.bot ?? identity, memory: memory.resolutions, memoryFault: memory.fault)
  }

  /// Where a merge goes that no test has confirmed; `nil` where it goes nowhere.
  private func target(of start: Start) throws -> (branch: RefName, from: ObjectID)? {
    switch start.facts.configuration.unverified {
    case .report: nil
    case .head where !SideBranch.isOwn(start.branch): (start.branch, start.ours)
    case .head, .side: (try SideBranch.ref(kind: .resolve, branch: start.branch, head: start.ours), .zero)
    }
  }

  private func notes(_ start: Start, _ outcome: ResolveOutcome) -> [String] {
    guard outcome.commit != nil else { return [] }
    var notes: [String] = []
    if isDryRun { return notes + ["Nothing was written (--dry-run)."] }
    switch start.facts.configuration.unverified {
    case .report:
      notes.append("'unverified: report' keeps the merge from being written anywhere.")
    case .side:
      notes.append("It is on a branch of its own because no test has confirmed it ('unverified: side').")
    case .head:
      if SideBranch.isOwn(start.branch) { notes.append(SideBranch.note(on: start.branch)) }
    }
    return notes
  }

  private func write(
    _ commit: ObjectID, to target: (branch: RefName, from: ObjectID), _ start: Start, _ workspace: RunWorkspace
  ) async throws {
    let outcome = try await start.local.land(commit, onto: target.branch, from: target.from, in: workspace.repository)
    if case .raced(let actual) = outcome {
      throw Overtaken(branch: target.branch, expected: target.from, actual: actual)
    }
  }
}

/// Somebody moved the branch in between; nothing was written.
package struct Overtaken: Error, Hashable, CustomStringConvertible {
  package let branch: RefName
  package let expected: ObjectID
  package let actual: ObjectID

  package var description: String {
    "'\(branch.shortDisplay)' is at \(Self.place(actual)) and not at \(Self.place(expected)), so nothing was pushed: "
      + "fetch and run it again"
  }

  private static func place(_ id: ObjectID) -> String { id.isZero ? "no commit" : id.short }
}
