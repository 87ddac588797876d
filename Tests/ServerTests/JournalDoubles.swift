import Base
import Glibc
import Journal
import JournalSQLite
import Work

/// A short rest between two bytes of a slow client; nothing depends on how long it is.
func usleepBriefly() { usleep(2000) }

/// Lets nobody through until it is opened.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var hasEntered = false
    var inside: [CheckedContinuation<Void, Never>] = []
    var watching: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Lock(State())

  func enter() async {
    await withCheckedContinuation { continuation in
      let (resumes, watchers) = state.withLock { state in
        state.hasEntered = true
        let watchers = state.watching
        state.watching = []
        if !state.isOpen { state.inside.append(continuation) }
        return (state.isOpen, watchers)
      }
      for watcher in watchers { watcher.resume() }
      if resumes { continuation.resume() }
    }
  }

  func waitUntilEntered() async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if !state.hasEntered { state.watching.append(continuation) }
        return state.hasEntered
      }
      if isThere { continuation.resume() }
    }
  }

  func open() {
    let inside = state.withLock { state in
      state.isOpen = true
      defer { state.inside = [] }
      return state.inside
    }
    for one in inside { one.resume() }
  }
}

/// A journal that fails while a fault is set.
struct FailingJournal: JournalWrapper {
  let journal: SQLiteJournal
  let fault: Lock<JournalError?>

  func before() async throws(JournalError) {
    if let fault = fault.withLock({ $0 }) { throw fault }
  }
}

/// A journal that takes deliveries only once a gate is open.
struct HeldJournal: JournalWrapper {
  let journal: SQLiteJournal
  let gate: Gate

  func before() async throws(JournalError) { await gate.enter() }
}

/// A journal that does something before it takes a delivery or says whether it could.
protocol JournalWrapper: JournalStore, JournalStatistics {
  var journal: SQLiteJournal { get }
  func before() async throws(JournalError)
}

extension JournalWrapper {
  func accept(delivery: String, events: [Event], jobs: [Job]) async throws(JournalError) -> Acceptance {
    try await before()
    return try await journal.accept(delivery: delivery, events: events, jobs: jobs)
  }
  func checkWritable() async throws(JournalError) {
    try await before()
    try await journal.checkWritable()
  }

  func claim(
    worker: WorkerID, leaseSeconds: Int, of share: JobShare
  ) async throws(JournalError) -> ClaimedJob? {
    try await journal.claim(worker: worker, leaseSeconds: leaseSeconds, of: share)
  }
  func renew(_ claim: Claim, leaseSeconds: Int) async throws(JournalError) -> Timestamp {
    try await journal.renew(claim, leaseSeconds: leaseSeconds)
  }
  func release(_ claim: Claim, _ release: Release) async throws(JournalError) {
    try await journal.release(claim, release)
  }
  func recoverAbandoned(_ abandonment: Abandonment) async throws(JournalError) -> Recovery {
    try await journal.recoverAbandoned(abandonment)
  }
  func event(named id: String) async throws(JournalError) -> Event? { try await journal.event(named: id) }

  func forgeRepositories() async throws(JournalError) -> [ForgeRepository] { try await journal.forgeRepositories() }

  func pending(limit: Int) async throws(JournalError) -> [PendingJob] { try await journal.pending(limit: limit) }
  func startRun(_ run: RunID, of claimed: ClaimedJob) async throws(JournalError) {
    try await journal.startRun(run, of: claimed)
  }
  func openRun(for claim: Claim) async throws(JournalError) -> OpenRun? { try await journal.openRun(for: claim) }
  func beginByHand(_ job: Job, run: RunID, worker: WorkerID) async throws(JournalError) -> Claim {
    try await journal.beginByHand(job, run: run, worker: worker)
  }
  func takeUp(_ run: RunID, worker: WorkerID) async throws(JournalError) -> Claim {
    try await journal.takeUp(run, worker: worker)
  }
  func append(
    _ notes: [RunNote], to run: RunID, under claim: Claim, surviving: Durability
  ) async throws(JournalError) {
    try await journal.append(notes, to: run, under: claim, surviving: surviving)
  }
  func append(_ note: RunNote, to run: RunID, under claim: Claim) async throws(JournalError) {
    try await journal.append(note, to: run, under: claim)
  }
  func decide(
    _ outcome: Outcome, publication: Publication, of run: RunID, under claim: Claim
  ) async throws(JournalError) {
    try await journal.decide(outcome, publication: publication, of: run, under: claim)
  }
  func markIntended(
    effect: Int, of run: RunID, under claim: Claim, writing window: Duration?
  ) async throws(JournalError) -> OutboxEntry {
    try await journal.markIntended(effect: effect, of: run, under: claim, writing: window)
  }
  func markDone(effect: Int, result: String, of run: RunID, under claim: Claim) async throws(JournalError) {
    try await journal.markDone(effect: effect, result: result, of: run, under: claim)
  }
  func replace(
    effect: Int, of run: RunID, refusedBecause reason: String, by instead: Decision, under claim: Claim
  ) async throws(JournalError) {
    try await journal.replace(effect: effect, of: run, refusedBecause: reason, by: instead, under: claim)
  }
  func finish(_ run: RunID, _ closing: Closing, under claim: Claim) async throws(JournalError) {
    try await journal.finish(run, closing, under: claim)
  }
  func run(named prefix: String) async throws(JournalError) -> RunSummary { try await journal.run(named: prefix) }
  func runs(_ filter: RunFilter) async throws(JournalError) -> [RunSummary] { try await journal.runs(filter) }
  func events(of run: RunID) async throws(JournalError) -> [RunEvent] { try await journal.events(of: run) }
  func outbox(of run: RunID) async throws(JournalError) -> [OutboxEntry] { try await journal.outbox(of: run) }
  func record(of run: RunID) async throws(JournalError) -> RunRecord { try await journal.record(of: run) }
  func ledger() async throws(JournalError) -> LedgerRecord { try await journal.ledger() }
  func integrityFaults() async throws(JournalError) -> [String] { try await journal.integrityFaults() }

  func queueFigures() async throws(JournalError) -> [QueueFigure] { try await journal.queueFigures() }
  func finishedCount() async throws(JournalError) -> Int { try await journal.finishedCount() }
  func finishedRuns(after position: Int, limit: Int) async throws(JournalError) -> [FinishedRunFigures] {
    try await journal.finishedRuns(after: position, limit: limit)
  }
  func runs(
    before cursor: RunCursor?, limit: Int, withReports: Bool
  ) async throws(JournalError) -> [RunSummary] {
    try await journal.runs(before: cursor, limit: limit, withReports: withReports)
  }
  func pendingWork(limit: Int) async throws(JournalError) -> [PendingJob] {
    try await journal.pendingWork(limit: limit)
  }
  func tasks(of run: RunID, limit: Int) async throws(JournalError) -> [RunSummary] {
    try await journal.tasks(of: run, limit: limit)
  }
  func add(_ figures: [ForgeFigure]) async throws(JournalError) { try await journal.add(figures) }
  func forgeFigures() async throws(JournalError) -> [ForgeFigure] { try await journal.forgeFigures() }
  func cost(of run: RunID, after sequence: Int) async throws(JournalError) -> RunCost {
    try await journal.cost(of: run, after: sequence)
  }
  func eventCount(of run: RunID) async throws(JournalError) -> Int { try await journal.eventCount(of: run) }
  func eventParts(
    of run: RunID, after sequence: Int, limit: Int, payload: Int
  ) async throws(JournalError) -> [RunEventPart] {
    try await journal.eventParts(of: run, after: sequence, limit: limit, payload: payload)
  }
  func payload(of run: RunID, sequence: Int) async throws(JournalError) -> CanonicalJSON? {
    try await journal.payload(of: run, sequence: sequence)
  }
}
