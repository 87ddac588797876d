package import Base
package import Work

/// A journal whose tables are in a database that speaks SQL: each operation is one transaction.
package protocol SQLJournal: JournalStore {
  /// One transaction that may write, and that survives at least so much once it is confirmed.
  ///
  /// The body may be carried out several times, of which only the last counts.
  func write<Value: Sendable>(
    surviving: Durability, _ body: @escaping @Sendable (any JournalTransaction) throws -> Value
  ) async throws(JournalError) -> Value

  /// One transaction that only reads, and sees one moment.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (any JournalTransaction) throws -> Value
  ) async throws(JournalError) -> Value
}

extension SQLJournal {
  private func write<Value: Sendable>(
    _ body: @escaping @Sendable (any JournalTransaction) throws -> Value
  ) async throws(JournalError) -> Value {
    try await write(surviving: .machine, body)
  }

  package func claim(
    worker: WorkerID, leaseSeconds: Int, of share: JobShare
  ) async throws(JournalError) -> ClaimedJob? {
    try await write { try $0.claim(worker: worker, leaseSeconds: leaseSeconds, of: share) }
  }

  package func renew(_ claim: Claim, leaseSeconds: Int) async throws(JournalError) -> Timestamp {
    try await write { try $0.renew(claim, leaseSeconds: leaseSeconds) }
  }

  package func release(_ claim: Claim, _ release: Release) async throws(JournalError) {
    try await write { try $0.release(claim, release) }
  }

  package func recoverAbandoned(_ abandonment: Abandonment) async throws(JournalError) -> Recovery {
    try await write { try $0.recoverAbandoned(abandonment) }
  }

  package func event(named id: String) async throws(JournalError) -> Event? {
    try await read { try $0.event(id) }
  }

  package func knowsEvent(named id: String) async throws(JournalError) -> Bool {
    try await read { try $0.knowsEvent(id) }
  }

  package func forgeRepositories() async throws(JournalError) -> [ForgeRepository] {
    try await read { try $0.forgeRepositories() }
  }

  package func pending(limit: Int) async throws(JournalError) -> [PendingJob] {
    try await read { try $0.pending(limit: limit) }
  }

  package func startRun(_ run: RunID, of claimed: ClaimedJob) async throws(JournalError) {
    try await write { try $0.begin(run, of: try $0.job(under: claimed.claim)) }
  }

  package func openRun(for claim: Claim) async throws(JournalError) -> OpenRun? {
    try await read { try $0.openRun(for: claim) }
  }

  package func beginByHand(_ job: Job, run: RunID, worker: WorkerID) async throws(JournalError) -> Claim {
    try await write { try $0.beginByHand(job, run, by: worker) }
  }

  package func beginByHand(
    _ job: Job, run: RunID, worker: WorkerID, notes: [RunNote]
  ) async throws(JournalError) -> Claim {
    try await write(surviving: .process) { transaction in
      let claim = try transaction.beginByHand(job, run, by: worker)
      try transaction.append(notes, to: run, under: claim)
      return claim
    }
  }

  package func takeUp(_ run: RunID, worker: WorkerID) async throws(JournalError) -> Claim {
    try await write { try $0.takeUp(run, by: worker) }
  }

  package func append(
    _ notes: [RunNote], to run: RunID, under claim: Claim, surviving durability: Durability
  ) async throws(JournalError) {
    try await write(surviving: durability) { try $0.append(notes, to: run, under: claim) }
  }

  package func append(_ note: RunNote, to run: RunID, under claim: Claim) async throws(JournalError) {
    try await write { try $0.append(note, to: run, under: claim) }
  }

  package func decide(
    _ outcome: Outcome, publication: Publication, of run: RunID, under claim: Claim
  ) async throws(JournalError) {
    try await write { try $0.decide(outcome, publication, of: run, under: claim) }
  }

  package func markIntended(
    effect: Int, of run: RunID, under claim: Claim, writing window: Duration?
  ) async throws(JournalError) -> OutboxEntry {
    try await write { try $0.markIntended(effect, of: run, under: claim, writing: window) }
  }

  package func markDone(
    effect: Int, result: String, of run: RunID, under claim: Claim
  ) async throws(JournalError) {
    try await write { try $0.markDone(effect, result: result, of: run, under: claim) }
  }

  package func replace(
    effect: Int, of run: RunID, refusedBecause reason: String, by instead: Decision, under claim: Claim
  ) async throws(JournalError) {
    try await write { try $0.replace(effect, of: run, refusedBecause: reason, by: instead, under: claim) }
  }

  package func finish(_ run: RunID, _ closing: Closing, under claim: Claim) async throws(JournalError) {
    try await write { try $0.finish(run, closing, under: claim) }
  }

  package func takeTurn(
    at thing: String, by writer: String, for time: Duration
  ) async throws(JournalError) -> Duration? {
    try await write { try $0.takeTurn(at: thing, by: writer, for: time) }
  }

  package func leaveTurn(at thing: String, by writer: String) async throws(JournalError) {
    try await write(surviving: .process) { try $0.leaveTurn(at: thing, by: writer) }
  }

  package func removeContent(
    ofDeliveriesOlderThan age: Duration, after place: RetentionPlace?, limit: Int
  ) async throws(JournalError) -> RetentionStep {
    try await write(surviving: .process) {
      try $0.removeContent(ofDeliveriesOlderThan: age, after: place, limit: limit)
    }
  }

  package func run(named prefix: String) async throws(JournalError) -> RunSummary {
    try await read { try $0.run(named: prefix) }
  }

  package func runs(_ filter: RunFilter) async throws(JournalError) -> [RunSummary] {
    try await read { try $0.runs(filter) }
  }

  package func events(of run: RunID) async throws(JournalError) -> [RunEvent] {
    try await read { try $0.events(of: run) }
  }

  package func outbox(of run: RunID) async throws(JournalError) -> [OutboxEntry] {
    try await read { try $0.outbox(of: run) }
  }

  package func record(of run: RunID) async throws(JournalError) -> RunRecord {
    try await read { try $0.record(of: run) }
  }

  package func ledger() async throws(JournalError) -> LedgerRecord {
    try await read { try $0.ledger() }
  }

  package func integrityFaults() async throws(JournalError) -> [String] {
    try await read { try $0.integrityFaults() }
  }
}
