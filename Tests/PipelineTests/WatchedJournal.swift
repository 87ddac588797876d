import Base
import Journal
import Synchronization
import Work

/// A moment at which a process can die: before or behind a step.
struct Moment: Hashable, CustomStringConvertible {
  enum Side: String, Sendable { case before, behind }

  var step: String
  var side: Side

  var description: String { "\(side.rawValue) \(step)" }
}

/// The death of a process: no code in the product can tell it from a journal that is gone.
let died = JournalError.unavailable(at: "here", reason: "the process died")

/// Sees every moment of a run go by, and can act at one or die at one.
final class Watch: Sendable {
  private struct State {
    var seen: [Moment] = []
    var isDead = false
  }

  private let state = Mutex(State())
  private let deathAt: Int?
  private let act: @Sendable (Moment) async throws -> Void

  /// - Parameters:
  ///   - deathAt: The number of the moment at which the process dies, counted from zero.
  ///   - act: Is called at every moment that is lived through.
  init(deathAt: Int? = nil, act: @escaping @Sendable (Moment) async throws -> Void = { _ in }) {
    self.deathAt = deathAt
    self.act = act
  }

  var seen: [Moment] { state.withLock { $0.seen } }
  var isDead: Bool { state.withLock { $0.isDead } }

  func pass(_ step: String, _ side: Moment.Side) async throws(JournalError) {
    let moment = Moment(step: step, side: side)
    let isDead = state.withLock { state in
      if !state.isDead {
        if state.seen.count == deathAt { state.isDead = true }
        state.seen.append(moment)
      }
      return state.isDead
    }
    if isDead { throw died }
    do {
      try await act(moment)
    } catch {
      throw .unavailable(at: "here", reason: "\(error)")
    }
  }

  func around<Value: Sendable>(
    _ step: String, _ body: () async throws(JournalError) -> Value
  ) async throws(JournalError) -> Value {
    try await pass(step, .before)
    let value = try await body()
    try await pass(step, .behind)
    return value
  }
}

/// A journal whose every call can be watched, and survived or not.
struct WatchedJournal: JournalStore {
  let store: any JournalStore
  let watch: Watch

  func accept(delivery: String, events: [Event], jobs: [Job]) async throws(JournalError) -> Acceptance {
    try await watch.around("accept") { () async throws(JournalError) in
      try await store.accept(delivery: delivery, events: events, jobs: jobs)
    }
  }

  func claim(
    worker: WorkerID, leaseSeconds: Int, of share: JobShare
  ) async throws(JournalError) -> ClaimedJob? {
    try await watch.around("claim") { () async throws(JournalError) in
      try await store.claim(worker: worker, leaseSeconds: leaseSeconds, of: share)
    }
  }

  func renew(_ claim: Claim, leaseSeconds: Int) async throws(JournalError) -> Timestamp {
    try await store.renew(claim, leaseSeconds: leaseSeconds)
  }

  func release(_ claim: Claim, _ release: Release) async throws(JournalError) {
    try await watch.around("release") { () async throws(JournalError) in try await store.release(claim, release) }
  }

  func recoverAbandoned(_ abandonment: Abandonment) async throws(JournalError) -> Recovery {
    try await watch.around("recover") { () async throws(JournalError) in try await store.recoverAbandoned(abandonment) }
  }

  func event(named id: String) async throws(JournalError) -> Event? { try await store.event(named: id) }

  func forgeRepositories() async throws(JournalError) -> [ForgeRepository] { try await store.forgeRepositories() }

  func pending(limit: Int) async throws(JournalError) -> [PendingJob] { try await store.pending(limit: limit) }

  func startRun(_ run: RunID, of claimed: ClaimedJob) async throws(JournalError) {
    try await watch.around("start") { () async throws(JournalError) in try await store.startRun(run, of: claimed) }
  }

  func openRun(for claim: Claim) async throws(JournalError) -> OpenRun? {
    try await watch.around("open") { () async throws(JournalError) in try await store.openRun(for: claim) }
  }

  func beginByHand(_ job: Job, run: RunID, worker: WorkerID) async throws(JournalError) -> Claim {
    try await watch.around("beginByHand") { () async throws(JournalError) in
      try await store.beginByHand(job, run: run, worker: worker)
    }
  }

  func takeUp(_ run: RunID, worker: WorkerID) async throws(JournalError) -> Claim {
    try await watch.around("takeUp") { () async throws(JournalError) in
      try await store.takeUp(run, worker: worker)
    }
  }

  func append(
    _ notes: [RunNote], to run: RunID, under claim: Claim, surviving: Durability
  ) async throws(JournalError) {
    try await watch.around("append") { () async throws(JournalError) in
      try await store.append(notes, to: run, under: claim, surviving: surviving)
    }
  }

  func append(_ note: RunNote, to run: RunID, under claim: Claim) async throws(JournalError) {
    try await watch.around("append") { () async throws(JournalError) in
      try await store.append(note, to: run, under: claim)
    }
  }

  func decide(
    _ outcome: Outcome, publication: Publication, of run: RunID, under claim: Claim
  ) async throws(JournalError) {
    try await watch.around("decide") { () async throws(JournalError) in
      try await store.decide(outcome, publication: publication, of: run, under: claim)
    }
  }

  func markIntended(
    effect: Int, of run: RunID, under claim: Claim, writing window: Duration?
  ) async throws(JournalError) -> OutboxEntry {
    try await watch.around("intend \(effect)") { () async throws(JournalError) in
      try await store.markIntended(effect: effect, of: run, under: claim, writing: window)
    }
  }

  func markDone(effect: Int, result: String, of run: RunID, under claim: Claim) async throws(JournalError) {
    try await watch.around("done \(effect)") { () async throws(JournalError) in
      try await store.markDone(effect: effect, result: result, of: run, under: claim)
    }
  }

  func replace(
    effect: Int, of run: RunID, refusedBecause reason: String, by instead: Decision, under claim: Claim
  ) async throws(JournalError) {
    try await watch.around("replace \(effect)") { () async throws(JournalError) in
      try await store.replace(effect: effect, of: run, refusedBecause: reason, by: instead, under: claim)
    }
  }

  func finish(_ run: RunID, _ closing: Closing, under claim: Claim) async throws(JournalError) {
    try await watch.around("finish") { () async throws(JournalError) in
      try await store.finish(run, closing, under: claim)
    }
  }

  func run(named prefix: String) async throws(JournalError) -> RunSummary { try await store.run(named: prefix) }

  func runs(_ filter: RunFilter) async throws(JournalError) -> [RunSummary] { try await store.runs(filter) }

  func events(of run: RunID) async throws(JournalError) -> [RunEvent] { try await store.events(of: run) }

  func outbox(of run: RunID) async throws(JournalError) -> [OutboxEntry] { try await store.outbox(of: run) }

  func record(of run: RunID) async throws(JournalError) -> RunRecord { try await store.record(of: run) }

  func ledger() async throws(JournalError) -> LedgerRecord { try await store.ledger() }

  func integrityFaults() async throws(JournalError) -> [String] { try await store.integrityFaults() }
}
