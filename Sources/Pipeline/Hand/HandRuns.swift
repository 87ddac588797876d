internal import Agent
internal import Base
internal import Egress
internal import FileSystem
internal import Fix
internal import Git
internal import Installation
package import Journal
internal import Models
internal import Policy
internal import Publish
package import Work
internal import Workspace

/// Carries out what a person asked for, each as a run in the person's journal that can be taken up again.
package struct HandRuns: Sendable {
  let session: AgentSession

  package init(_ session: AgentSession) {
    self.session = session
  }

  /// Repairs the tests of a branch.
  ///
  /// - Throws: What keeps it from beginning, and what may be gone at the next try; the run then stays open.
  package func fix(_ request: HandRequest) async throws -> HandResult {
    let local = try await LocalBranch.read(request, to: "repair", findsMergeBase: true)
    if !request.isDryRun { _ = try FeatureBranch(local.branch.bytes, under: local.facts.rules) }
    guard let mergeBase = local.mergeBase else {
      throw GitError(
        .noCommonAncestor, operation: "repair '\(local.branch.shortDisplay)'",
        message: "it has nothing in common with \(local.facts.baseName)")
    }
    let configuration = local.facts.configuration
    guard !request.test.isEmpty || !configuration.test.isEmpty else { throw NoTestCommand() }
    if !request.isDryRun { try await checkRemote(local, isMoved: configuration.push == .head) }
    return try await begin(.fix, request, local, against: mergeBase)
  }

  /// Whether a merge that a person asks for would run commands or ask models; otherwise it is over in a moment.
  ///
  /// - Throws: What keeps the repository from being read.
  package static func runsCommandsOrModels(_ request: HandRequest) async throws -> Bool {
    let configuration = try await LocalBranch.read(request, to: "merge into").facts.configuration
    let models = request.models.map { $0.isEmpty ? configuration.models[JobKind.resolve.rawValue] ?? [] : $0 } ?? []
    return !request.test.isEmpty || !configuration.test.isEmpty || !models.isEmpty
  }

  /// Merges the base into a branch.
  ///
  /// - Throws: What keeps it from beginning, and what may be gone at the next try; the run then stays open.
  package func resolve(_ request: HandRequest) async throws -> HandResult {
    let local = try await LocalBranch.read(request, to: "merge into", findsMergeBase: true)
    if !request.isDryRun { _ = try FeatureBranch(local.branch.bytes, under: local.facts.rules) }
    guard local.mergeBase != nil else {
      throw GitError(
        .noCommonAncestor, operation: "merge '\(local.facts.baseName)' into '\(local.branch.shortDisplay)'",
        message: "the two have nothing in common")
    }
    let configuration = local.facts.configuration
    let isTested = !request.test.isEmpty || !configuration.test.isEmpty
    if !request.isDryRun {
      try await checkRemote(
        local, isMoved: configuration.unverified == .head || (isTested && configuration.push == .head))
    }
    return try await begin(.resolve, request, local, against: local.baseTip)
  }

  private func checkRemote(_ local: LocalBranch, isMoved: Bool) async throws {
    guard local.remoteURL != nil else { return }
    try session.directories.make()
    // What is one of Arborist's own never moves.
    try await local.checkRemote(
      isMoved: isMoved && !SideBranch.isOwn(local.branch), scratch: session.directories.runs)
  }

  private func begin(
    _ kind: JobKind, _ request: HandRequest, _ local: LocalBranch, against: ObjectID
  ) async throws -> HandResult {
    let run = RunID(random: .random(in: .min ... .max))
    let base = local.facts.rules.base
    // Whoever takes it up may stand elsewhere, and another branch may be checked out.
    var request = request
    (request.repository, request.branch) = (local.place, local.branch.display)
    request.destination = local.destination
    request.branchName = local.branch
    if kind != .undo { try checkModels(kind, request, local.facts.configuration) }
    let job = Job(
      kind: kind, pullRequest: PullRequest(repository: local.directory, branch: local.branch, base: base),
      head: local.head, against: against, request: run.text, event: "", time: session.clock.now())
    return try await start(job, run, request)
  }

  /// Begins a run in the journal and carries it out.
  func start(_ job: Job, _ run: RunID, _ request: HandRequest) async throws -> HandResult {
    try session.directories.make()
    let directory = try RunDirectory.open(run, under: session.directories.runs)
    let claim: Claim
    do {
      claim = try await session.journal.beginByHand(
        job, run: run, worker: session.worker, notes: [.step(HandRequest.step, request)])
    } catch {
      try? directory.remove()
      throw error
    }
    return try await carryOut(job, run, claim, request, from: .fresh, in: directory)
  }

  /// Looks at what asking the models of a job takes, before anything is run: their names, keys, addresses and prices.
  ///
  /// - Throws: ``InvalidModelName``, ``EndpointError``, ``NoPrice``, or what keeps the prices from being read.
  func checkModels(
    _ kind: JobKind, _ request: HandRequest, _ configuration: RepositoryConfiguration
  ) throws {
    guard let asked = request.models else { return }
    var names = asked.isEmpty ? configuration.models[kind.rawValue] ?? [] : asked
    let hasTests = !request.test.isEmpty || !configuration.test.isEmpty
    // A merge whose tests fail is repaired.
    if kind == .resolve, asked.isEmpty, hasTests { names += configuration.repairModels }
    guard !names.isEmpty else { return }
    let money = request.isUnlimited ? nil : request.nanodollars ?? configuration.budget.nanodollars
    let prices = try Prices(session.directories, session.environment)
    for name in names {
      let model = try ModelName(name)
      _ = try ModelEndpoint(for: model.provider, environment: session.environment)
      _ = try prices.price(of: model, under: AgentBudget(money: money, seconds: 1, steps: 1))
    }
  }

  /// Takes back what a run did to a branch.
  ///
  /// - Parameters:
  ///   - summary: The run, which may be one of this journal's or of a bare repository's.
  ///   - recorded: The journal that it stands in.
  /// - Returns: What came of it; nothing is written where nothing can be taken back.
  /// - Throws: ``CannotUndo``, and what keeps it from beginning.
  package func undo(_ summary: RunSummary, recorded: any JournalStore) async throws -> HandResult {
    let pull = summary.job.pullRequest
    guard summary.closing != nil else { throw CannotUndo(run: summary.run, reason: "it is not over") }
    let effects = try await recorded.outbox(of: summary.run)
    let events = try await recorded.events(of: summary.run)
    let asked = HandRequest(in: events)
    let remote = asked?.remote
    try session.directories.make()
    var request = HandRequest(repository: pull.repository)
    if let place = asked?.repository, try FileStatus(Array(place.utf8)) != nil { request.repository = place }
    (request.branch, request.branchName) = (pull.branch.display, pull.branch)
    request.base = asked?.base
    request.remote = remote
    request.undoes = summary.run
    let local = try await LocalBranch.readToUndo(&request)
    var reverts: [(branch: RefName, from: ObjectID, to: ObjectID)] = []
    var left: [String] = []
    for entry in effects {
      guard case .push(var branch, var from, let to) = entry.effect, case .done = entry.state else { continue }
      if let beside = events.detail(of: BesideDelivery.step, as: BesideDelivery.self) {
        (branch, from) = (beside.branch, .zero)
      }
      switch try await local.plan(
        toTakeBack: branch, from: from, to: to, scratch: session.directories.runs)
      {
      case .revert(let branch, let from, let to): reverts.append((branch, from, to))
      case .side(let branch):
        let name = ShellQuoting.quoted(branch.shortDisplay)
        let place = remote.map { "git push \(ShellQuoting.quoted($0)) --delete \(name)" } ?? "git branch -D \(name)"
        left.append("\(branch.shortDisplay) is a branch beside yours, and moved nobody's: '\(place)' deletes it")
      case .builtOn(let reason):
        throw CannotUndo(run: summary.run, reason: try await takenBack(summary) ?? reason)
      case .gone(let reason): left.append(reason)
      }
    }
    guard let revert = reverts.first else {
      if left.isEmpty { throw CannotUndo(run: summary.run, reason: "it wrote to no branch") }
      let outcome = UndoOutcome(
        run: summary.run, commit: nil, reason: "Run \(summary.run) left nothing on a branch of yours to take back.",
        left: left)
      return HandResult(
        run: summary.run, outcome: .undo(outcome), branch: pull.branch, base: pull.base.shortDisplay, pushed: nil,
        isDryRun: false, notes: [], warnings: [], logs: nil)
    }
    _ = try FeatureBranch(revert.branch.bytes, under: local.facts.rules)
    var taken = local
    (taken.branch, taken.head) = (revert.branch, revert.to)
    var result = try await begin(.undo, request, taken, against: revert.from)
    if case .undo(var outcome) = result.outcome {
      outcome.left += left
      result.outcome = .undo(outcome)
    }
    return result
  }

  /// Which run has taken a run back already, in words; `nil` where none has.
  private func takenBack(_ summary: RunSummary) async throws -> String? {
    for other in try await session.journal.runs(RunFilter(lane: summary.job.pullRequest.lane, limit: .max))
    where other.job.kind == .undo && other.closing != nil {
      guard HandRequest(in: try await session.journal.events(of: other.run))?.undoes == summary.run else { continue }
      for entry in try await session.journal.outbox(of: other.run) {
        guard case .push(_, _, let commit) = entry.effect, case .done = entry.state else { continue }
        return "run \(other.run) took it back already, with commit \(commit.short)"
      }
    }
    return nil
  }

  /// Takes up a run that was interrupted.
  ///
  /// - Throws: ``NotResumable``, ``RunIsBusy``, ``JournalError``, or what keeps it from going on.
  package func resume(_ summary: RunSummary) async throws -> HandResult {
    let run = summary.run
    if let closing = summary.closing {
      await session.sweep()
      throw NotResumable(run: run, reason: "it is over: \(closing.summary)")
    }
    try session.directories.make()
    let directory = try RunDirectory.open(run, under: session.directories.runs)
    let claim = try await session.journal.takeUp(run, worker: session.worker)
    let notebook = RunNotebook(of: run, under: claim, in: session.journal)
    guard let request = try await notebook.recall(HandRequest.step, as: HandRequest.self) else {
      throw NotResumable(run: run, reason: "nobody knows what was asked for")
    }
    let state = try RunState.replay(try await session.journal.events(of: run))
    return try await carryOut(summary.job, run, claim, request, from: state, in: directory)
  }

  private func carryOut(
    _ job: Job, _ run: RunID, _ claim: Claim, _ request: HandRequest, from state: RunState,
    in directory: borrowing RunDirectory
  ) async throws -> HandResult {
    if let undone = request.undoes {
      var request = request
      let local = try await LocalBranch.readToUndo(&request)
      let venue = UndoVenue(
        request, taking: undone, identity: local.record?.bot ?? .standard, signer: session.signer,
        directory: directory.path)
      return try await perform(job, run, claim, request, from: state, at: venue, in: directory)
    }
    if job.kind == .review {
      let venue = ReviewVenue(request, session, directory: directory.path)
      return try await perform(job, run, claim, request, from: state, at: venue, in: directory)
    }
    let venue = LocalVenue(request, session, directory: directory.path)
    var result = try await perform(job, run, claim, request, from: state, at: venue, in: directory)
    result.warnings = await venue.warnings
    return result
  }

  private func perform<Place: Venue>(
    _ job: Job, _ run: RunID, _ claim: Claim, _ request: HandRequest, from state: RunState, at venue: Place,
    in directory: borrowing RunDirectory
  ) async throws -> HandResult {
    let claimed = ClaimedJob(
      claim: claim, job: job, worker: session.worker, attempt: 1, leaseExpires: session.clock.now())
    let machine = RunMachine(
      journal: session.journal, venue: venue, clock: session.clock, isQueued: false, log: session.log)
    let closing: Closing?
    do {
      closing = try await machine.perform(claimed, run, from: state)
    } catch {
      throw waiting(error, run, job, request)
    }
    try directory.tidy()
    await session.sweep()
    return try await result(of: run, job, request, closing)
  }

  /// What a person is told of a run that stays open.
  private func waiting(
    _ error: any Error, _ run: RunID, _ job: Job, _ request: HandRequest
  ) -> any Error {
    if Task.isCancelled { return RunWaits(run: run, reason: nil, found: nil) }
    switch error {
    case let waits as RepairWaits:
      var found: HandResult?
      if job.kind == .fix {
        found = result(.fix(waits.found), run, job, request, pushed: nil, notes: [])
      }
      return RunWaits(run: run, reason: waits.description, found: found)
    case let cause as ModelOutOfReach: return RunWaits(run: run, reason: cause.description, found: nil)
    default:
      session.log("run \(run) is left as it is: 'arborist resume \(run)' goes on with it")
      return error
    }
  }

  private func result(
    of run: RunID, _ job: Job, _ request: HandRequest, _ closing: Closing?
  ) async throws -> HandResult {
    let events = try await session.journal.events(of: run)
    let decision = events.last { $0.kind == .outcome }?.payload.decode(Decision.self)
    var pushed: RefName?
    for entry in try await session.journal.outbox(of: run) {
      if case .push(let branch, _, _) = entry.effect, case .done = entry.state { pushed = branch }
    }
    let delivery = events.detail(of: HandDelivery.step, as: HandDelivery.self)
    var (notes, left) = (delivery?.notes ?? [], delivery?.left ?? [])
    if pushed != nil, let beside = events.detail(of: BesideDelivery.step, as: BesideDelivery.self) {
      pushed = beside.branch
      if beside.isLeft { left.append(beside.note) } else { notes.append(beside.note) }
    }
    let outcome: Outcome
    var refusal: String?
    switch closing?.verdict {
    // What was made and paid for is told, whatever became of it.
    case .superseded, .failed:
      if let made = decision?.outcome, made.commit != nil, request.undoes == nil {
        (outcome, refusal) = (made, closing?.summary ?? "")
        break
      }
      outcome =
        closing?.verdict == .superseded
        ? .superseded(reason: closing?.summary ?? "") : .failed(reason: closing?.summary ?? "")
    default: outcome = decision?.outcome ?? .failed(reason: closing?.summary ?? "nothing was decided")
    }
    return result(
      outcome, run, job, request, pushed: pushed, notes: notes, left: left, refusal: refusal)
  }

  private func result(
    _ outcome: Outcome, _ run: RunID, _ job: Job, _ request: HandRequest, pushed: RefName?, notes: [String],
    left: [String] = [], refusal: String? = nil
  ) -> HandResult {
    let place = "\(session.directories.runs)/\(run.text)"
    func existing(_ path: String) -> String? {
      (try? FileStatus(Array(path.utf8))).flatMap { $0 } == nil ? nil : path
    }
    return HandResult(
      run: run, outcome: outcome, branch: job.pullRequest.branch,
      base: request.base ?? job.pullRequest.base.shortDisplay,
      pushed: pushed, isDryRun: request.isDryRun, notes: notes, left: left, refusal: refusal,
      patch: existing(RunDirectory.patch(in: place)), warnings: [],
      logs: existing("\(place)/\(RunDirectory.logsName)"))
  }
}

/// What a run did and cannot be taken back: exit status 3.
package struct CannotUndo: Error, Hashable, CustomStringConvertible {
  package let run: RunID
  package let reason: String

  package var description: String { "run \(run) cannot be taken back: \(reason)" }
}

extension LocalBranch {
  /// Reads what is to be taken back, which need not be here any more; nor need the base that was asked for.
  fileprivate static func readToUndo(_ request: inout HandRequest) async throws -> LocalBranch {
    let purpose = "take back what was done to"
    do {
      return try await read(request, to: purpose, mayBeGone: true)
    } catch let error as GitError where error.code == .notFound && request.base != nil {
      request.base = nil
      return try await read(request, to: purpose, mayBeGone: true)
    }
  }

  /// What can be done about one push.
  fileprivate func plan(
    toTakeBack branch: RefName, from: ObjectID, to: ObjectID, scratch: String
  ) async throws -> UndoPlan {
    // With a lock like that of a run, so that the next command throws it away where this process dies over it.
    let place = try RunDirectory.open(RunID(random: .random(in: .min ... .max)), under: scratch)
    do {
      let plan = try await plan(toTakeBack: branch, from: from, to: to, in: place.path)
      try? place.remove()
      return plan
    } catch {
      try? place.remove()
      throw error
    }
  }

  private func plan(
    toTakeBack branch: RefName, from: ObjectID, to: ObjectID, in directory: String
  ) async throws -> UndoPlan {
    let workspace = try await RunWorkspace.make(
      for: RunID(random: .random(in: .min ... .max)), under: directory, borrowing: [objects])
    let tip = try await tip(of: branch, through: workspace.repository)
    return await workspace.repository.perform { repository in
      // What is at a remote need not be here; what cannot be told is taken for somebody's work.
      let holds = tip.map { tip in (try? repository.isAncestor(to, of: tip)) ?? true } ?? false
      return UndoPlan(branch: branch, from: from, to: to, tip: tip, holds: holds)
    }
  }
}

/// Nobody said how the tests are run: exit status 2.
package struct NoTestCommand: Error, Hashable, CustomStringConvertible {
  package var description: String {
    "nobody says how the tests are run: give --test COMMAND, or 'test' in .arborist.yml"
  }
}
