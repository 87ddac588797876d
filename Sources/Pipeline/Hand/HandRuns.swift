internal import Agent
internal import Base
internal import Egress
internal import FileSystem
internal import Fix
internal import Git
package import Journal
internal import Policy
internal import Work
internal import Workspace

/// Carries out what a person asked for, each as a run in the person's journal that can be taken up again.
package struct HandRuns: Sendable {
  private let session: AgentSession

  package init(_ session: AgentSession) {
    self.session = session
  }

  /// Repairs the tests of a branch.
  ///
  /// - Throws: What keeps it from beginning, and what may be gone at the next try; the run then stays open.
  package func fix(_ request: HandRequest) async throws -> HandResult {
    let local = try await LocalBranch.read(request, to: "repair")
    if !request.isDryRun { _ = try FeatureBranch(local.branch.bytes, under: local.facts.rules) }
    guard let mergeBase = local.mergeBase else {
      throw GitError(
        .noCommonAncestor, operation: "repair '\(local.branch.shortDisplay)'",
        message: "it has nothing in common with \(local.facts.baseName)")
    }
    guard !request.test.isEmpty || !local.facts.configuration.test.isEmpty else { throw NoTestCommand() }
    var pinned = request
    pinned.branch = local.branch.display
    return try await begin(.fix, pinned, local, against: mergeBase)
  }

  private func begin(
    _ kind: JobKind, _ request: HandRequest, _ local: LocalBranch, against: ObjectID
  ) async throws -> HandResult {
    let run = RunID(random: .random(in: .min ... .max))
    let base = local.facts.rules.base
    let job = Job(
      kind: kind, pullRequest: PullRequest(repository: local.directory, branch: local.branch, base: base),
      head: local.head, against: against, request: run.text, event: "", time: session.clock.now())
    try session.directories.make()
    let directory = try RunDirectory.open(run, under: session.directories.runs)
    let claim: Claim
    do {
      claim = try await session.journal.beginByHand(
        job, run: run, worker: session.worker, notes: [.step(Self.requestStep, request)])
    } catch {
      try? directory.remove()
      throw error
    }
    return try await carryOut(job, run, claim, request, from: .fresh, in: directory)
  }

  private static let requestStep = "request"

  /// Takes up a run that was interrupted.
  ///
  /// - Throws: ``NotResumable``, ``RunIsBusy``, ``JournalError``, or what keeps it from going on.
  package func resume(_ summary: RunSummary) async throws -> HandResult {
    let run = summary.run
    if let closing = summary.closing { throw NotResumable(run: run, reason: "it is over: \(closing.summary)") }
    try session.directories.make()
    let directory = try RunDirectory.open(run, under: session.directories.runs)
    let claim = try await session.journal.takeUp(run, worker: session.worker)
    let notebook = RunNotebook(of: run, under: claim, in: session.journal)
    guard let request = try await notebook.recall(Self.requestStep, as: HandRequest.self) else {
      throw NotResumable(run: run, reason: "nobody knows what was asked for")
    }
    let state = try RunState.replay(try await session.journal.events(of: run))
    return try await carryOut(summary.job, run, claim, request, from: state, in: directory)
  }

  private func carryOut(
    _ job: Job, _ run: RunID, _ claim: Claim, _ request: HandRequest, from state: RunState,
    in directory: borrowing RunDirectory
  ) async throws -> HandResult {
    let venue = LocalFixVenue(request, session, under: claim, directory: directory.path)
    let claimed = ClaimedJob(
      claim: claim, job: job, worker: session.worker, attempt: 1, leaseExpires: session.clock.now())
    let machine = RunMachine(
      journal: session.journal, venue: venue, clock: session.clock, isQueued: false, log: session.log)
    let closing = try await machine.perform(claimed, run, from: state)
    try directory.tidy()
    return try await result(of: run, job, request, closing, notes: await venue.notes)
  }

  private func result(
    of run: RunID, _ job: Job, _ request: HandRequest, _ closing: Closing?, notes: [String]
  ) async throws -> HandResult {
    let events = try await session.journal.events(of: run)
    let decision = events.last { $0.kind == .outcome }?.payload.decode(Decision.self)
    var pushed: RefName?
    for entry in try await session.journal.outbox(of: run) {
      if case .push(let branch, _, _) = entry.effect, case .done = entry.state { pushed = branch }
    }
    let outcome: Outcome
    switch closing?.verdict {
    case .superseded: outcome = .superseded(reason: closing?.summary ?? "")
    case .failed: outcome = .failed(reason: closing?.summary ?? "")
    default: outcome = decision?.outcome ?? .failed(reason: closing?.summary ?? "nothing was decided")
    }
    let logs = "\(session.directories.runs)/\(run.text)/\(RunDirectory.logsName)"
    return HandResult(
      run: run, outcome: outcome, branch: job.pullRequest.branch,
      base: request.base ?? job.pullRequest.base.shortDisplay,
      pushed: pushed, notes: notes, warnings: [], logs: try FileStatus(Array(logs.utf8)) == nil ? nil : logs)
  }
}

/// Nobody said how the tests are run: exit status 2.
package struct NoTestCommand: Error, Hashable, CustomStringConvertible {
  package var description: String {
    "nobody says how the tests are run: give --test COMMAND, or 'test' in .arborist.yml"
  }
}
