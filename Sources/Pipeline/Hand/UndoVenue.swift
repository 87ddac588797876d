internal import Base
internal import Git
internal import Journal
internal import Policy
internal import Publish
internal import Templates
internal import Work
internal import Workspace

/// Takes back what a run did to a branch, by a commit on top of it.
actor UndoVenue: Venue {
  private let request: HandRequest
  private let undone: RunID
  private let identity: BotIdentity
  private let signer: CommitSigner?
  private let directory: String
  private var workspace: RunWorkspace?

  init(_ request: HandRequest, taking undone: RunID, identity: BotIdentity, signer: CommitSigner?, directory: String) {
    self.request = request
    self.undone = undone
    self.identity = identity
    self.signer = signer
    self.directory = directory
  }

  /// The job's head is where the run left the branch, and `against` where it was before.
  func decide(_ job: Job, run: RunID, steps: any StepKeeping) async throws -> Decision {
    let local = try await LocalBranch.read(request, to: "take back what was done to", mayBeGone: true)
    let commit = try await revert(job, run, local)
    var outcome = UndoOutcome(
      run: undone, commit: commit,
      reason: "\(job.pullRequest.branch.shortDisplay) is what it was at \(job.against.short) again, by the commit "
        + "\(commit.short).")
    if let workspace, try await workspace.repository.perform({ try UndoneMerge.isThere(job, in: $0) }) {
      outcome.left = [UndoneMerge.warning(of: job, takenBackBy: commit)]
    }
    let push = Effect.push(branch: job.pullRequest.branch, from: job.head, to: commit)
    return Decision(outcome: .undo(outcome), publication: Publication(effects: [push]))
  }

  private func opened(_ run: RunID, _ local: LocalBranch) async throws -> RunWorkspace {
    if let workspace { return workspace }
    let made = try await RunWorkspace.make(
      for: run, under: directory, borrowing: [local.objects], signer: signer)
    workspace = made
    return made
  }

  private func revert(_ job: Job, _ run: RunID, _ local: LocalBranch) async throws -> ObjectID {
    let workspace = try await opened(run, local)
    let signature = Signature(name: identity.name, email: identity.email, time: job.time)
    let undone = undone
    let url = local.remoteURL
    return try await workspace.repository.perform { repository in
      // What was pushed to a remote need not be here.
      if let url, try !repository.contains(job.head) {
        let branch = job.pullRequest.branch
        try repository.fetch(
          [.reference(branch, into: branch)], from: RemoteAddress(url), credentials: .agent)
      }
      let message = try Message.undoCommit.render([
        "run": undone.text, "branch": job.pullRequest.branch.shortDisplay, "from": job.against.short,
        "to": job.head.short, "merge": try UndoneMerge.isThere(job, in: repository),
        "base": job.pullRequest.base.shortDisplay,
      ])
      return try repository.writeCommit(
        tree: try repository.tree(of: job.against), parents: [job.head], author: signature, committer: signature,
        message: Array(message.utf8))
    }
  }

  func carryOut(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult {
    guard case .push(let name, let old, let new) = effect else { return .refused("only branches are written by hand") }
    let local = try await LocalBranch.read(request, to: "take back what was done to", mayBeGone: true)
    let workspace = try await opened(run, local)
    await local.removeAbandonedLock(of: name, to: new, through: workspace.repository)
    if try await !workspace.repository.perform({ try $0.contains(new) }) {
      guard try await revert(job, run, local) == new else {
        return .refused("the commit \(new.short) cannot be made again")
      }
    }
    return try await local.carryOut(name, from: old, to: new, in: workspace.repository)
  }

  func cleanUp(_ run: RunID) async {
    try? workspace?.remove()
    workspace = nil
  }
}
