package import Work

/// What the examination of a run gives.
package enum RunVerification: Sendable, Hashable {
  /// Nothing was changed, as far as ``Chain`` and ``Ledger`` can tell: how many events the run has, the hash of the
  /// last, and where the ledger ends. A copy of the latter kept elsewhere shows later whether the ledger was cut short.
  case verified(events: Int, head: Digest, ledger: LedgerHead)
  /// Something was changed; the text is one line for a person.
  case broken(reason: String)
}

/// The ledger of a database as it was stored.
package struct LedgerRecord: Sendable, Hashable {
  /// The database's own random name, to which the ledger is chained.
  package let database: String
  /// The entries in their stored order.
  package let entries: [LedgerEntry]
  private let places: [RunID: Int]

  package init(database: String, entries: [LedgerEntry]) {
    self.database = database
    self.entries = entries
    places = Dictionary(entries.enumerated().map { ($1.run, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Where it ends.
  package var head: LedgerHead { head(at: entries.count) }

  /// Where it ended when it had so many entries; `count` is at most that of today.
  func head(at count: Int) -> LedgerHead {
    LedgerHead(count: count, hash: count == 0 ? Ledger.origin(of: database) : entries[count - 1].hash)
  }

  func entry(of run: RunID) -> LedgerEntry? { places[run].map { entries[$0] } }
}

/// A run and the ledger of its database, as they were stored at one moment.
package struct RunRecord: Sendable, Hashable {
  package var summary: RunSummary
  /// The events in their stored order.
  package var events: [RunEvent]
  package var ledger: LedgerRecord

  package init(summary: RunSummary, events: [RunEvent], ledger: LedgerRecord) {
    self.summary = summary
    self.events = events
    self.ledger = ledger
  }
}

/// Examines runs against their chains and against the ledger.
package enum Audit {
  /// Examines one run, its place in the ledger, and the ledger.
  package static func verify(_ record: RunRecord) -> RunVerification {
    let ledger = record.ledger
    if let fault = Ledger.fault(in: ledger.entries, of: ledger.database) { return .broken(reason: fault.description) }
    if let fault = fault(in: record) { return .broken(reason: fault) }
    guard let last = record.events.last else { return .broken(reason: "the run has no events") }
    return .verified(events: record.events.count, head: last.hash, ledger: ledger.head)
  }

  /// What is wrong with a run, given a ledger that was examined; `nil` where nothing is.
  package static func fault(in record: RunRecord) -> String? {
    let run = record.summary.run
    switch Chain.verify(record.events, run: run, job: record.summary.job.key) {
    case .broken(let place, let reason): return "event \(place) of run \(run): \(reason)"
    case .verified(_, _, let finished):
      let fault = startFault(of: record) ?? endFault(of: record, finished: finished)
      return fault.map { "run \(run): \($0)" }
    }
  }

  /// The first event states the job and where the ledger was: both must still be so.
  private static func startFault(of record: RunRecord) -> String? {
    guard let start = record.events.first?.payload.decode(RunStarted.self) else { return "its start cannot be read" }
    if start.job.key != record.summary.job.key { return "its start speaks of another job" }
    let count = start.ledger.count
    guard count >= 0, count <= record.ledger.entries.count else {
      return "\(count) runs had finished when it began, but the ledger lists \(record.ledger.entries.count)"
    }
    return record.ledger.head(at: count) == start.ledger
      ? nil : "the ledger is not the one that was there when it began"
  }

  private static func endFault(of record: RunRecord, finished: Bool) -> String? {
    let closing = record.summary.closing
    guard let entry = record.ledger.entry(of: record.summary.run) else {
      return finished || closing != nil ? "it has finished, but the ledger does not list it" : nil
    }
    guard finished, entry.count == record.events.count, entry.head == record.events.last?.hash else {
      return "it has \(record.events.count) events, but the ledger says that it ended with \(entry.count) others"
    }
    let stated = record.events.last?.payload.decode(RunFinished.self)?.closing
    return closing == stated ? nil : "it is listed with another end than its events tell"
  }
}

extension JournalStore {
  /// Examines one run: its chain, its place in the ledger, and the ledger.
  package func verify(_ run: RunID) async throws(JournalError) -> RunVerification {
    do throws(JournalError) {
      return Audit.verify(try await record(of: run))
    } catch .corrupt(let detail) {
      return .broken(reason: detail)
    }
  }

  /// Examines the ledger and every run; a line for each fault, empty where there is none.
  package func auditFaults() async throws(JournalError) -> [String] {
    // A finished run never changes, and one that is listed as finished is in a ledger that is read later.
    let listed = try await runs(RunFilter(limit: .max))
    let ledger = try await ledger()
    var faults = [Ledger.fault(in: ledger.entries, of: ledger.database)?.description].compactMap { $0 }
    for summary in listed where summary.closing != nil {
      do throws(JournalError) {
        let record = RunRecord(summary: summary, events: try await events(of: summary.run), ledger: ledger)
        if let fault = Audit.fault(in: record) { faults.append(fault) }
      } catch .corrupt(let detail) {
        faults.append(detail)
      }
    }
    for summary in listed where summary.closing == nil {
      if case .broken(let reason) = try await verify(summary.run), !faults.contains(reason) { faults.append(reason) }
    }
    let known = Set(listed.map(\.run))
    for entry in ledger.entries where !known.contains(entry.run) {
      // A run that began and finished after the list was read is in the ledger and not in the list.
      if case .broken(let reason) = try await verifyPresence(of: entry.run) { faults.append(reason) }
    }
    return faults
  }

  private func verifyPresence(of run: RunID) async throws(JournalError) -> RunVerification {
    do throws(JournalError) {
      return try await verify(run)
    } catch .notFound {
      return .broken(reason: "run \(run) is in the ledger, but its record is gone")
    }
  }
}
