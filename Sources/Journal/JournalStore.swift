package import Base
package import Work

/// What an event survives once it is confirmed.
package enum Durability: Sendable, Hashable {
  /// The death of the process, but perhaps not that of the machine: for what never left the machine.
  case process
  /// The loss of power.
  case machine
}

/// Where deliveries, jobs, runs and effects are kept.
///
/// What it has confirmed is on the disk, but for what is appended with less (``Durability``): that is there as soon as
/// anything else is confirmed. Every operation is one transaction: it happens as a whole, or not at all and with an
/// error. What changes a run shows the claim on its job; see ``Claim``.
package protocol JournalStore: Sendable {
  // MARK: Queue

  /// Takes a delivery in: its events, the jobs that they start, and what those make pointless (``Supersession``).
  ///
  /// The same delivery twice is one, the same event twice is one, and the same job key twice is one job. A job that was
  /// superseded and is wanted again, because its head is the branch's head again, waits again; so does one that failed, and
  /// one that was stopped where the pull request was opened again.
  /// Events and jobs are taken in their order.
  func accept(delivery: String, events: [Event], jobs: [Job]) async throws(JournalError) -> Acceptance

  /// Gives the worker the job of its share that has waited longest; `nil` where none may be taken now.
  ///
  /// One that had fewer tries comes first, so that a job that takes its workers with it holds up no other. Otherwise the
  /// order is that of the events' times, then of arrival. Of one branch of a repository at most one job runs. The
  /// claim is good for so many seconds unless it is renewed.
  func claim(worker: WorkerID, leaseSeconds: Int, of share: JobShare) async throws(JournalError) -> ClaimedJob?

  /// A bell that rings when there may be a job to claim.
  func workBell() async -> WorkBell

  /// Makes a claim good for so many seconds from now.
  ///
  /// - Throws: ``JournalError/superseded(reason:)`` where the job is pointless by now and has published nothing.
  func renew(_ claim: Claim, leaseSeconds: Int) async throws(JournalError) -> Timestamp

  /// Gives a job back that is not finished. Its run stays open and is taken up with it.
  ///
  /// Whoever gives it back sends nothing for it any more: an effect that is intended and not done is quiet from now on.
  ///
  /// - Throws: ``JournalError/superseded(reason:)`` where the job is pointless by now and has published nothing: whoever has
  ///   it tells so and ends it, and nothing is changed.
  func release(_ claim: Claim, _ release: Release) async throws(JournalError)

  /// Takes back what dead workers had: it waits again, or is finished as failed after ``Attempts/deathLimit`` tries, or
  /// as superseded where it had published nothing and is pointless by now.
  func recoverAbandoned(_ abandonment: Abandonment) async throws(JournalError) -> Recovery

  /// The event of this name; `nil` where none is known, or what it held was taken out.
  func event(named id: String) async throws(JournalError) -> Event?

  /// Whether an event of this name came, also where what it held was taken out.
  func knowsEvent(named id: String) async throws(JournalError) -> Bool

  /// The repositories on forges that events spoke of, the one with the latest event last.
  func forgeRepositories() async throws(JournalError) -> [ForgeRepository]

  /// The jobs that wait or run, in the order in which they are taken.
  func pending(limit: Int) async throws(JournalError) -> [PendingJob]

  // MARK: Runs

  /// Begins a run of the job; refused where the job has an open one.
  func startRun(_ run: RunID, of claimed: ClaimedJob) async throws(JournalError)

  /// The run of the job that was begun and not finished; `nil` where there is none.
  func openRun(for claim: Claim) async throws(JournalError) -> OpenRun?

  /// Begins a run that a person asked for, of a job that no queue knows: nobody else is given it.
  ///
  /// Whoever dies over it leaves it open, and ``takeUp(_:worker:)`` goes on with it.
  func beginByHand(_ job: Job, run: RunID, worker: WorkerID) async throws(JournalError) -> Claim

  /// Begins such a run with its first notes in one transaction, so that none is there without them.
  ///
  /// It survives the process; the machine together with the first event that does.
  func beginByHand(
    _ job: Job, run: RunID, worker: WorkerID, notes: [RunNote]
  ) async throws(JournalError) -> Claim

  /// Takes up a run that a person asked for and that is not over; whoever had it before can write to it no more.
  ///
  /// - Throws: ``JournalError/outOfOrder(_:)`` where the run is over, or is one of the queue's.
  func takeUp(_ run: RunID, worker: WorkerID) async throws(JournalError) -> Claim

  /// Appends notes to the job's open run, all or none.
  func append(
    _ notes: [RunNote], to run: RunID, under claim: Claim, surviving: Durability
  ) async throws(JournalError)

  /// Appends a note to the job's open run.
  func append(_ note: RunNote, to run: RunID, under claim: Claim) async throws(JournalError)

  /// Records what came of the run, and what is to be published for it.
  ///
  /// - Throws: ``JournalError/superseded(reason:)`` where the job is pointless by now and something would be published.
  func decide(
    _ outcome: Outcome, publication: Publication, of run: RunID, under claim: Claim
  ) async throws(JournalError)

  /// Records that the effect is about to be carried out, and until when something may be sent for it. Effects go in
  /// order. Twice is once, but for that moment, which is the later one of both.
  ///
  /// - Parameters:
  ///   - effect: The effect's place in the publication.
  ///   - run: The run.
  ///   - claim: The claim on its job.
  ///   - window: For how long from now on requests may be begun for it; `nil` for what sends none, or not yet.
  /// - Returns: the effect, with the moment of its first intent, or as done where it is done. It tells how long it is
  ///   that an earlier try may have begun a request (``OutboxEntry/quiet``).
  /// - Throws: ``JournalError/superseded(reason:)`` where it is the first and the job is pointless by now.
  func markIntended(
    effect: Int, of run: RunID, under claim: Claim, writing window: Duration?
  ) async throws(JournalError) -> OutboxEntry

  /// Records that the effect was carried out. Twice is once; the first result stays.
  func markDone(effect: Int, result: String, of run: RunID, under claim: Claim) async throws(JournalError)

  /// Records that an effect was refused, and what takes its place and that of all behind it: from then on it is as if
  /// that had been decided.
  ///
  /// - Parameters:
  ///   - effect: The effect's place in the publication; it is intended and not done.
  ///   - run: The run.
  ///   - reason: Why it was refused, in one line.
  ///   - instead: What came of the run with that, and what is written from this place on.
  ///   - claim: The claim on its job.
  /// - Throws: ``JournalError/outOfOrder(_:)`` where the effect is not under way.
  func replace(
    effect: Int, of run: RunID, refusedBecause reason: String, by instead: Decision, under claim: Claim
  ) async throws(JournalError)

  /// Ends the run and its job, and enters the run in the ledger.
  ///
  /// Refused where an effect is left, unless the run failed or was superseded.
  func finish(_ run: RunID, _ closing: Closing, under claim: Claim) async throws(JournalError)

  // MARK: Turns

  /// Takes the turn to write at a thing outside of the journal that only one may write at.
  ///
  /// Whoever dies with it, or does not know whether what it sent arrives, keeps it until the time is over. It is no
  /// event: nobody can tell later who had it.
  ///
  /// - Parameters:
  ///   - thing: What is written at.
  ///   - writer: Who writes; a name that is used once.
  ///   - time: After which nothing that was sent in this turn can still arrive.
  /// - Returns: `nil` where it was taken; otherwise how long another one may still have it.
  /// - Throws: ``JournalError`` where the journal cannot be written.
  func takeTurn(at thing: String, by writer: String, for time: Duration) async throws(JournalError) -> Duration?

  /// Gives the turn to the next; nothing where somebody else has it by now.
  func leaveTurn(at thing: String, by writer: String) async throws(JournalError)

  // MARK: Retention

  /// Takes out what events of forges hold that came with deliveries of at least this age, by the database's clock, and
  /// that nothing needs any more; see ``Retention``.
  ///
  /// Needed is what an open job is about, or one that may be resumed or taken back, and of each repository the event
  /// that says how it is reached. The names of deliveries and events stay, and so do runs with all that is hashed. It
  /// need not survive the machine.
  ///
  /// - Parameters:
  ///   - age: How old a delivery is at least.
  ///   - place: Where the step before came to; `nil` at the beginning.
  ///   - limit: How many events are looked at.
  /// - Returns: How many hold nothing any more, and where the next step begins.
  /// - Throws: ``JournalError`` where the journal cannot be written.
  func removeContent(
    ofDeliveriesOlderThan age: Duration, after place: RetentionPlace?, limit: Int
  ) async throws(JournalError) -> RetentionStep

  // MARK: Figures

  /// Adds what requests to forges came to, to what is there; it need not survive the machine.
  func add(_ figures: [ForgeFigure]) async throws(JournalError)

  // MARK: Reading

  /// The run that this names. The text is a whole name or the beginning of one.
  func run(named prefix: String) async throws(JournalError) -> RunSummary

  /// The runs that the filter lets through, newest first.
  func runs(_ filter: RunFilter) async throws(JournalError) -> [RunSummary]

  /// The events of a run in order; empty where there is no such run.
  func events(of run: RunID) async throws(JournalError) -> [RunEvent]

  /// The effects of a run in order; empty where nothing was decided.
  func outbox(of run: RunID) async throws(JournalError) -> [OutboxEntry]

  /// Everything that the examination of a run needs, as of one moment.
  func record(of run: RunID) async throws(JournalError) -> RunRecord

  /// The ledger of finished runs.
  func ledger() async throws(JournalError) -> LedgerRecord

  /// What is wrong with the database itself, a line each; empty where nothing is.
  func integrityFaults() async throws(JournalError) -> [String]
}

extension JournalStore {
  /// Gives the worker the job of all that has waited longest.
  package func claim(worker: WorkerID, leaseSeconds: Int) async throws(JournalError) -> ClaimedJob? {
    try await claim(worker: worker, leaseSeconds: leaseSeconds, of: .all)
  }

  /// Records that an effect is about to be carried out for which nothing is sent.
  package func markIntended(
    effect: Int, of run: RunID, under claim: Claim
  ) async throws(JournalError) -> OutboxEntry {
    try await markIntended(effect: effect, of: run, under: claim, writing: nil)
  }

  /// For a store that nobody waits on: a bell that never rings.
  package func workBell() async -> WorkBell { WorkBell() }

  /// For a store that one writer has, who does one thing after the other.
  package func takeTurn(
    at thing: String, by writer: String, for time: Duration
  ) async throws(JournalError) -> Duration? { nil }

  package func leaveTurn(at thing: String, by writer: String) async throws(JournalError) {}

  /// For a store that keeps what it was given.
  package func knowsEvent(named id: String) async throws(JournalError) -> Bool { try await event(named: id) != nil }

  /// For a store that keeps what it was given.
  package func removeContent(
    ofDeliveriesOlderThan age: Duration, after place: RetentionPlace?, limit: Int
  ) async throws(JournalError) -> RetentionStep { RetentionStep(removed: 0) }

  /// For a store of which nobody is shown figures.
  package func add(_ figures: [ForgeFigure]) async throws(JournalError) {}

  /// For a store in which nothing can come between.
  package func beginByHand(
    _ job: Job, run: RunID, worker: WorkerID, notes: [RunNote]
  ) async throws(JournalError) -> Claim {
    let claim = try await beginByHand(job, run: run, worker: worker)
    try await append(notes, to: run, under: claim, surviving: .process)
    return claim
  }
}
