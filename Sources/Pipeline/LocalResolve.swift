package import Base
internal import FileSystem
package import Git
internal import Installation
internal import Memory
internal import Merging
internal import Policy
internal import Publish
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
  /// Signs the merge; `nil` not to sign it.
  package var signer: CommitSigner?

  package init(
    repository: String, base: String?, branch: String?, remote: String?, isDryRun: Bool, identity: BotIdentity
  ) {
    self.repository = repository
    self.base = base
    self.branch = branch
    self.remote = remote
    self.isDryRun = isDryRun
    self.identity = identity
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
    /// Why it is nowhere, though that was refused; `nil` where it is not so.
    package var refusal: String?
    /// Where it is kept as a patch, because it is on no branch; `nil` where it is not.
    package var patch: String?
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
  /// - Parameters:
  ///   - scratch: An existing directory for the workspace.
  ///   - directories: Where it is kept as a patch where it can go to no branch; `nil` where a person has no such place.
  /// - Returns: What came of it.
  /// - Throws: ``GitError``, ``BranchRefusal``, ``ConfigurationError``, ``NoBase`` or ``LandingError``.
  package func run(scratch: String, keepingIn directories: UserDirectories? = nil) async throws -> Result {
    let repository = repository
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: repository) }
    let start = try await actor.perform { try self.start(in: $0) }
    if !isDryRun {
      _ = try FeatureBranch(start.branch.bytes, under: start.facts.rules)
      let isMoved = start.facts.configuration.unverified == .head && !SideBranch.isOwn(start.branch)
      try await start.local.checkRemote(isMoved: isMoved, scratch: scratch)
    }
    let run = RunID(random: .random(in: .min ... .max))
    let workspace = try await RunWorkspace.make(
      for: run, under: scratch, borrowing: [start.local.objects], signer: signer)
    defer { try? workspace.remove() }
    let merge = BranchMerge(
      branch: start.branch, base: start.facts.baseName, ours: start.ours, theirs: start.theirs,
      identity: start.identity, resolvers: StandardResolvers.auto(remembering: start.memory),
      proposing: StandardResolvers.proposing(remembering: start.memory))
    let outcome = try await workspace.repository.perform { try merge.run(in: $0) }
    var result = Result(
      outcome: outcome, branch: start.branch, base: start.facts.baseName, pushed: nil, notes: [],
      warnings: [start.memoryFault].compactMap { $0 })
    guard let commit = outcome.commit else { return result }
    if isDryRun {
      result.notes = ["Nothing was written (--dry-run)."]
      return result
    }
    let plan = try MergeDelivery(
      branch: start.branch, head: start.ours, push: start.facts.configuration.push,
      unverified: start.facts.configuration.unverified, isCheckedOut: start.local.isCheckedOut
    ).plan(for: outcome)
    guard case .push(let name, let old, _) = plan.push else {
      result.notes = [plan.note].compactMap { $0 }
      return result
    }
    try await deliver(commit, onto: name, from: old, start.local, workspace, &result)
    // Why it goes where it goes is true once it is there.
    if result.refusal == nil, let note = plan.note { result.notes.insert(note, at: 0) }
    if result.refusal != nil, let directories {
      do {
        result.patch = try await keepPatch(run, from: start.ours, to: commit, workspace, directories)
      } catch {
        // Why it was refused is what counts.
        result.notes.append("It could not be kept as a patch either: \(error)")
      }
    }
    return result
  }

  /// Puts the merge where it is to go, or beside it.
  private func deliver(
    _ commit: ObjectID, onto name: RefName, from old: ObjectID, _ local: LocalBranch, _ workspace: RunWorkspace,
    _ result: inout Result
  ) async throws {
    let places = SidePlaces(kind: .resolve, branch: local.branch, head: local.head)
    let target = old.isZero ? try await local.free(places, for: commit, through: workspace.repository) : name
    switch try await local.place(commit, onto: target, from: old, beside: places, in: workspace.repository) {
    case .landed: result.pushed = target
    case .refused(let reason): result.refusal = reason
    case .beside(let beside):
      switch try await local.carryOut(beside, to: commit, in: workspace.repository) {
      case .done:
        result.pushed = beside.branch
        result.notes.append(beside.note)
      case .refused(let reason), .withheld(let reason), .overtaken(let reason): result.refusal = reason
      case .unfinished: result.refusal = "it was not done in time"
      }
    }
  }

  /// Keeps a merge that is on no branch, where the patches of runs are kept.
  private func keepPatch(
    _ run: RunID, from head: ObjectID, to commit: ObjectID, _ workspace: RunWorkspace, _ directories: UserDirectories
  ) async throws -> String {
    let patch = try await workspace.repository.perform { try $0.patch(from: head, to: commit) }
    try directories.make()
    let directory = try RunDirectory.open(run, under: directories.runs)
    try RunDirectory.keep(patch, in: directory.path)
    try directory.tidy()
    return directory.patch
  }

  private func start(in repository: Repository) throws -> Start {
    let local = try LocalBranch(reading: repository, base: base, branch: branch, remote: remote, to: "merge into")
    // Without it fewer conflicts are settled; that is no reason to settle none.
    let memory = local.memory()
    return Start(
      local: local, identity: local.record?.bot ?? identity, memory: memory.resolutions, memoryFault: memory.fault)
  }
}
