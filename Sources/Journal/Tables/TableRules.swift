internal import Base
internal import Work

/// A job with what the queue knows of it.
struct QueuedJob {
  var id: Int64
  var job: Job
  var state: String
  var attempts: Int
  var fence: Int64
  var worker: WorkerID?
  var isPublishing: Bool
  var supersededBecause: String?
  var isWantedAgain: Bool
}

/// What the rules of the queue and those of the runs share.
extension JournalTransaction {
  // MARK: Jobs

  static var jobColumns: String {
    "id, body, state, attempts, fence, worker, publishing, superseded_because, wanted_again"
  }

  func queuedJob(_ row: SQLRow) throws -> QueuedJob {
    QueuedJob(
      id: try row.value("id"), job: try row.json("body", in: "table jobs"), state: try row.value("state"),
      attempts: try row.value("attempts"), fence: try row.value("fence"),
      worker: try row.optional("worker").map { WorkerID($0) }, isPublishing: try row.value("publishing"),
      supersededBecause: try row.optional("superseded_because"), isWantedAgain: try row.value("wanted_again"))
  }

  /// The job that the claim is on.
  ///
  /// - Throws: ``JournalError/staleFence`` where the claim is no longer good.
  func job(under claim: Claim) throws -> QueuedJob {
    let found = try row(
      "SELECT \(Self.jobColumns) FROM jobs WHERE id = ? AND fence = ? AND state = 'running'\(rowLock)",
      [claim.job, claim.fence])
    guard let found else { throw JournalError.staleFence }
    return try queuedJob(found)
  }

  /// The job's run that is not finished.
  func openRun(of job: Int64) throws -> RunID? {
    try row("SELECT id FROM runs WHERE job = ? AND finished IS NULL", [job])?.run("id")
  }

  /// Checks that the run is the job's open one.
  func requireOpen(_ run: RunID, of job: QueuedJob) throws {
    guard try openRun(of: job.id) == run else { throw JournalError.outOfOrder("run \(run) is not the job's open run") }
  }

  // MARK: Appending

  /// Appends an event to a run.
  func append(_ kind: RunEvent.Kind, _ payload: CanonicalJSON, to run: RunID) throws {
    let last = try row(
      "SELECT sequence, hash FROM run_events WHERE run = ? ORDER BY sequence DESC LIMIT 1", [run.text])
    guard let last else { throw JournalError.corrupt("run \(run) has no events") }
    try insert(
      Chain.event(
        run: run, sequence: try last.value("sequence") + 1, time: now, kind: kind, payload: payload,
        previous: try last.digest("hash")))
  }

  private func insert(_ event: RunEvent) throws {
    try execute(
      "INSERT INTO run_events (run, sequence, time, kind, payload, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
      [
        event.run.text, event.sequence, event.time, event.kind.rawValue, event.payload.bytes,
        event.previous.bytes, event.hash.bytes,
      ])
  }

  /// Begins a run of a job.
  func begin(_ run: RunID, of job: QueuedJob) throws {
    guard try openRun(of: job.id) == nil else { throw JournalError.outOfOrder("the job has an open run") }
    guard try row("SELECT 1 FROM runs WHERE id = ?", [run.text]) == nil else {
      throw JournalError.outOfOrder("there already is a run \(run)")
    }
    try execute("INSERT INTO runs (id, job, started) VALUES (?, ?, ?)", [run.text, job.id, now])
    let start = RunStarted(
      job: job.job, worker: job.worker ?? WorkerID("none"), attempt: job.attempts, ledger: try ledgerHead())
    try insert(
      Chain.event(
        run: run, sequence: 1, time: now, kind: .started, payload: try CanonicalJSON(start),
        previous: Chain.origin(of: run, job: job.job.key)))
  }

  /// Ends a run and enters it in the ledger; what becomes of its job is the caller's.
  func close(_ run: RunID, _ closing: Closing) throws {
    let last = try row("SELECT max(sequence) AS last FROM run_events WHERE run = ?", [run.text])
    let count = try (last?.optional("last") ?? 0) + 1
    try append(.finished, try CanonicalJSON(RunFinished(count: count, closing: closing)), to: run)
    try execute(
      "UPDATE runs SET finished = ?, verdict = ?, summary = ? WHERE id = ?",
      [now, closing.verdict.rawValue, closing.summary, run.text])
    guard let end = try row("SELECT hash FROM run_events WHERE run = ? AND sequence = ?", [run.text, count]) else {
      throw JournalError.corrupt("run \(run) has lost its last event")
    }
    // Nobody else may append to the ledger from here to the end of the transaction.
    if !rowLock.isEmpty { _ = try rows("SELECT id FROM journal WHERE id = 1\(rowLock)") }
    let entry = Ledger.entry(
      after: try ledgerHead(), run: run, count: count, head: try end.digest("hash"), time: now)
    try execute(
      "INSERT INTO ledger (position, run, count, head, time, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
      [
        entry.position, entry.run.text, entry.count, entry.head.bytes, entry.time,
        entry.previous.bytes, entry.hash.bytes,
      ])
  }

  func ledgerHead() throws -> LedgerHead {
    if let last = try row("SELECT position, hash FROM ledger ORDER BY position DESC LIMIT 1") {
      return LedgerHead(count: try last.value("position"), hash: try last.digest("hash"))
    }
    return LedgerHead(count: 0, hash: Ledger.origin(of: try databaseName()))
  }

  func databaseName() throws -> String {
    guard let name = try row("SELECT name FROM journal WHERE id = 1") else {
      throw JournalError.corrupt("the database has lost its name")
    }
    return try name.value("name")
  }
}
