import Agent
import Base
import Journal
import Testing
import Work

/// A journal of one run in memory; all that an ``AgentRun`` asks of one.
final class MemoryJournal: JournalStore {
  private let state: Lock<State>
  private let clock: WallClock

  private struct State {
    var events: [RunEvent]
    /// What is done before something is appended; throwing, it is not appended.
    var before: (@Sendable ([RunNote]) async throws(JournalError) -> Void)?
  }

  init(_ events: [RunEvent] = [], clock: WallClock = TestClock().wall) {
    state = Lock(State(events: events))
    self.clock = clock
  }

  var events: [RunEvent] { state.withLock { $0.events } }
  /// Those that are about a model's work.
  var agentEvents: [AgentEvent] {
    get throws { try events.compactMap { event in try AgentEvent(event) } }
  }

  /// From now on this is done before something is appended.
  func before(_ body: @escaping @Sendable ([RunNote]) async throws(JournalError) -> Void) {
    state.withLock { $0.before = body }
  }

  /// An event as the journal itself writes it, or as an agent would.
  func add(_ kind: RunEvent.Kind, _ payload: CanonicalJSON) {
    let time = clock.now()
    state.withLock { state in
      state.events.append(
        RunEvent(
          run: Rig.run, sequence: state.events.count + 1, time: time, kind: kind, payload: payload,
          previous: Digest(ofContent: []), hash: Digest(ofContent: [])))
    }
  }

  func addResumed() throws {
    let note = try RunNote.resumed(attempt: 2, by: WorkerID("b"))
    add(note.kind, note.payload)
  }

  func append(
    _ notes: [RunNote], to run: RunID, under claim: Claim, surviving: Durability
  ) async throws(JournalError) {
    // As a journal on the disk does.
    if Task.isCancelled { throw .cancelled }
    if let before = state.withLock({ $0.before }) { try await before(notes) }
    for note in notes { add(note.kind, note.payload) }
  }

  func append(_ note: RunNote, to run: RunID, under claim: Claim) async throws(JournalError) {
    try await append([note], to: run, under: claim, surviving: .machine)
  }

  func events(of run: RunID) async throws(JournalError) -> [RunEvent] { events }

  // MARK: What no run of a model asks for

  private func refuse() -> JournalError { .outOfOrder("nobody asks for that") }

  func accept(delivery: String, events: [Event], jobs: [Job]) async throws(JournalError) -> Acceptance {
    throw refuse()
  }
  func claim(
    worker: WorkerID, leaseSeconds: Int, of share: JobShare
  ) async throws(JournalError) -> ClaimedJob? { throw refuse() }
  func renew(_ claim: Claim, leaseSeconds: Int) async throws(JournalError) -> Timestamp { throw refuse() }
  func release(_ claim: Claim, _ release: Release) async throws(JournalError) { throw refuse() }
  func recoverAbandoned(_ abandonment: Abandonment) async throws(JournalError) -> Recovery { throw refuse() }
  func event(named id: String) async throws(JournalError) -> Event? { throw refuse() }
  func forgeRepositories() async throws(JournalError) -> [ForgeRepository] { throw refuse() }
  func pending(limit: Int) async throws(JournalError) -> [PendingJob] { throw refuse() }
  func startRun(_ run: RunID, of claimed: ClaimedJob) async throws(JournalError) { throw refuse() }
  func openRun(for claim: Claim) async throws(JournalError) -> OpenRun? { throw refuse() }
  func beginByHand(_ job: Job, run: RunID, worker: WorkerID) async throws(JournalError) -> Claim { throw refuse() }
  func takeUp(_ run: RunID, worker: WorkerID) async throws(JournalError) -> Claim { throw refuse() }
  func decide(
    _ outcome: Outcome, publication: Publication, of run: RunID, under claim: Claim
  ) async throws(JournalError) { throw refuse() }
  func markIntended(
    effect: Int, of run: RunID, under claim: Claim, writing window: Duration?
  ) async throws(JournalError) -> OutboxEntry {
    throw refuse()
  }
  func markDone(effect: Int, result: String, of run: RunID, under claim: Claim) async throws(JournalError) {
    throw refuse()
  }
  func replace(
    effect: Int, of run: RunID, refusedBecause reason: String, by instead: Decision, under claim: Claim
  ) async throws(JournalError) { throw refuse() }
  func finish(_ run: RunID, _ closing: Closing, under claim: Claim) async throws(JournalError) { throw refuse() }
  func run(named prefix: String) async throws(JournalError) -> RunSummary { throw refuse() }
  func runs(_ filter: RunFilter) async throws(JournalError) -> [RunSummary] { throw refuse() }
  func outbox(of run: RunID) async throws(JournalError) -> [OutboxEntry] { throw refuse() }
  func record(of run: RunID) async throws(JournalError) -> RunRecord { throw refuse() }
  func ledger() async throws(JournalError) -> LedgerRecord { throw refuse() }
  func integrityFaults() async throws(JournalError) -> [String] { throw refuse() }
}
