internal import Base
package import Work

/// Runs and their effects inside one transaction.
extension JournalTransaction {
  package func append(_ note: RunNote, to run: RunID, under claim: Claim) throws {
    try requireOpen(run, of: try job(under: claim))
    try append(note.kind, note.payload, to: run)
  }

  /// Appends notes without reading the job, because every step of a model passes here.
  package func append(_ notes: [RunNote], to run: RunID, under claim: Claim) throws {
    let lock = rowLock.isEmpty ? "" : "\(rowLock) OF jobs"
    let open = try row(
      """
      SELECT jobs.id FROM runs JOIN jobs ON jobs.id = runs.job
      WHERE runs.id = ? AND runs.finished IS NULL AND jobs.id = ? AND jobs.fence = ? AND jobs.state = 'running'\(lock)
      """, [run.text, claim.job, claim.fence])
    guard open != nil else { throw JournalError.staleFence }
    for note in notes { try append(note.kind, note.payload, to: run) }
  }

  package func decide(_ outcome: Outcome, _ publication: Publication, of run: RunID, under claim: Claim) throws {
    let job = try job(under: claim)
    try requireOpen(run, of: job)
    guard try !isDecided(run) else { throw JournalError.outOfOrder("run \(run) is decided already") }
    if let reason = job.supersededBecause, !publication.effects.isEmpty {
      throw JournalError.superseded(reason: reason)
    }
    let decision = Decision(outcome: outcome, publication: publication)
    try append(.outcome, try CanonicalJSON(decision), to: run)
    try lay(publication.effects, from: 0, of: run)
  }

  /// Puts effects into the outbox, the first of them at this place.
  private func lay(_ effects: [Effect], from first: Int, of run: RunID) throws {
    for (position, effect) in effects.enumerated() {
      try execute(
        "INSERT INTO outbox (run, position, body) VALUES (?, ?, ?)",
        [run.text, first + position, try CanonicalJSON(effect).text])
    }
  }

  package func replace(
    _ effect: Int, of run: RunID, refusedBecause reason: String, by instead: Decision, under claim: Claim
  ) throws {
    try requireOpen(run, of: try job(under: claim))
    let entries = try outbox(of: run)
    guard entries.indices.contains(effect), case .intended = entries[effect].state else {
      throw JournalError.outOfOrder("effect \(effect) of run \(run) is not under way")
    }
    // What the outbox holds is what is there or will be; that this was tried stays among the events.
    try execute("DELETE FROM outbox WHERE run = ? AND position >= ?", [run.text, effect])
    try lay(instead.publication.effects, from: effect, of: run)
    let refused = EffectRefused(effect: effect, reason: reason, instead: instead)
    try append(.effectRefused, try CanonicalJSON(refused), to: run)
  }

  private func isDecided(_ run: RunID) throws -> Bool {
    try row(
      "SELECT 1 FROM run_events WHERE run = ? AND kind = ?", [run.text, RunEvent.Kind.outcome.rawValue]) != nil
  }

  package func markIntended(
    _ effect: Int, of run: RunID, under claim: Claim, writing window: Duration?
  ) throws -> OutboxEntry {
    let job = try job(under: claim)
    try requireOpen(run, of: job)
    let entries = try outbox(of: run)
    guard entries.indices.contains(effect) else { throw JournalError.outOfOrder("run \(run) has no effect \(effect)") }
    guard entries[effect].state == .waiting else { return try again(entries[effect], of: run, writing: window) }
    guard entries[..<effect].allSatisfy(\.isDone) else {
      throw JournalError.outOfOrder("effect \(effect) of run \(run) comes after one that is not done")
    }
    if effect == 0, let reason = job.supersededBecause { throw JournalError.superseded(reason: reason) }
    try execute(
      "UPDATE outbox SET intended = ? WHERE run = ? AND position = ?", [now, run.text, effect])
    try allowWriting(effect, of: run, for: window)
    try execute("UPDATE jobs SET publishing = 1 WHERE id = ?", [job.id])
    try append(.effectIntended, try CanonicalJSON(EffectIntended(effect: effect)), to: run)
    return OutboxEntry(position: effect, effect: entries[effect].effect, state: .intended(since: now))
  }

  /// The same effect once more, with how long it is quiet.
  private func again(_ entry: OutboxEntry, of run: RunID, writing window: Duration?) throws -> OutboxEntry {
    guard case .intended = entry.state else { return entry }
    var entry = entry
    let row = try row(
      "SELECT writing_until FROM outbox WHERE run = ? AND position = ?", [run.text, entry.position])
    if let until: Int64 = try row?.optional("writing_until") {
      entry.quiet = .milliseconds(now.milliseconds - until)
    }
    try allowWriting(entry.position, of: run, for: window)
    return entry
  }

  /// Moves the moment after which no request is begun for an effect; never to an earlier one.
  private func allowWriting(_ effect: Int, of run: RunID, for window: Duration?) throws {
    guard let window else { return }
    let until = now.adding(window)
    try execute(
      """
      UPDATE outbox SET writing_until = ?
      WHERE run = ? AND position = ? AND (writing_until IS NULL OR writing_until < ?)
      """, [until, run.text, effect, until])
  }

  package func markDone(_ effect: Int, result: String, of run: RunID, under claim: Claim) throws {
    try requireOpen(run, of: try job(under: claim))
    let entries = try outbox(of: run)
    guard entries.indices.contains(effect) else { throw JournalError.outOfOrder("run \(run) has no effect \(effect)") }
    switch entries[effect].state {
    case .done: return
    case .waiting: throw JournalError.outOfOrder("effect \(effect) of run \(run) was not intended")
    case .intended:
      try execute(
        "UPDATE outbox SET done = ?, result = ? WHERE run = ? AND position = ?",
        [now, result, run.text, effect])
      try append(.effectDone, try CanonicalJSON(EffectDone(effect: effect, result: result)), to: run)
    }
  }

  package func finish(_ run: RunID, _ closing: Closing, under claim: Claim) throws {
    let job = try job(under: claim)
    try requireOpen(run, of: job)
    let wasStopped = closing.verdict == .stopped && (job.supersededBecause != nil || job.isWantedAgain)
    let mayLeaveEffects = closing.verdict == .failed || closing.verdict == .superseded || wasStopped
    if !mayLeaveEffects {
      guard try isDecided(run) else { throw JournalError.outOfOrder("run \(run) is not decided") }
      guard try outbox(of: run).allSatisfy(\.isDone) else {
        throw JournalError.outOfOrder("run \(run) has effects that are not done")
      }
    }
    try end(job, closing)
  }

  // MARK: Reading

  package func events(of run: RunID) throws -> [RunEvent] {
    try rows("SELECT * FROM run_events WHERE run = ? ORDER BY sequence", [run.text]).map { try $0.runEvent() }
  }

  package func outbox(of run: RunID) throws -> [OutboxEntry] {
    try rows("SELECT * FROM outbox WHERE run = ? ORDER BY position", [run.text]).map { try $0.outboxEntry() }
  }

  package func ledger() throws -> LedgerRecord {
    LedgerRecord(
      database: try databaseName(),
      entries: try rows("SELECT * FROM ledger ORDER BY position").map { try $0.ledgerEntry() })
  }

  package func openRun(for claim: Claim) throws -> OpenRun? {
    guard let run = try openRun(of: try job(under: claim).id) else { return nil }
    let events = try events(of: run)
    return OpenRun(run: run, events: events, state: try RunState.replay(events))
  }

  private static var summaries: String {
    """
    SELECT runs.id AS id, runs.started AS started, runs.finished AS finished, runs.verdict AS verdict,
    runs.summary AS summary, jobs.body AS body, jobs.state AS job_state FROM runs JOIN jobs ON jobs.id = runs.job
    """
  }

  package func run(named prefix: String) throws -> RunSummary {
    let digits = prefix.lowercased()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
      throw JournalError.notFound("run '\(DisplayText.escaping(prefix.utf8))'")
    }
    // All names that begin with the digits lie between them and the letter behind "f".
    let found = try rows("\(Self.summaries) WHERE runs.id >= ? AND runs.id < ?", [digits, digits + "g"])
    guard let first = found.first else { throw JournalError.notFound("run '\(prefix)'") }
    guard found.count == 1 else { throw JournalError.ambiguous(prefix: prefix, count: found.count) }
    return try first.runSummary()
  }

  package func runs(_ filter: RunFilter) throws -> [RunSummary] {
    var conditions = ["1 = 1"]
    var arguments: [any SQLStorable] = []
    if let repository = filter.repository {
      conditions.append("jobs.repository = ?")
      arguments += [repository]
    }
    if let lane = filter.lane {
      conditions.append("jobs.branch = ?")
      arguments += [lane]
    }
    if filter.isOpenOnly { conditions.append("runs.finished IS NULL") }
    arguments += [filter.limit]
    let wanted = conditions.joined(separator: " AND ")
    return try rows(
      "\(Self.summaries) WHERE \(wanted) ORDER BY runs.started DESC, runs.rowid DESC LIMIT ?", arguments
    ).map { try $0.runSummary() }
  }

  package func record(of run: RunID) throws -> RunRecord {
    RunRecord(summary: try self.run(named: run.text), events: try events(of: run), ledger: try ledger())
  }
}

extension OutboxEntry {
  fileprivate var isDone: Bool {
    if case .done = state { true } else { false }
  }
}
