import Base
import GRDB
import Journal
import JournalSQLite
import Testing
import Work

/// Changes made behind the journal's back, as someone with write access to the file would make them.
@Suite("Tampering with the database")
struct TamperingTests {
  /// Three finished runs and an open one.
  private func prepare(_ directory: TestDirectory) async throws -> (SQLiteJournal, finished: [RunID], open: RunID) {
    let store = try await SQLiteJournal.open(path: directory.database, access: .readWrite(mode: 0o600))
    var runs: [RunID] = []
    for number in 0..<3 {
      try await store.acceptReview("e\(number)", branch: "b\(number)", to: 1, at: Int64(number))
      runs.append(try await store.carryOut(store.claimed()))
    }
    try await store.acceptReview("e9", branch: "b9", to: 1, at: 9)
    return (store, runs, try await store.begun(store.claimed()))
  }

  private func tamper(_ directory: TestDirectory, _ sql: String, _ run: RunID) async throws -> Int {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    return try await DatabaseQueue(path: directory.database, configuration: configuration).write { database in
      for table in ["run_events", "ledger"] {
        try database.execute(sql: "DROP TRIGGER \(table)_no_update")
        try database.execute(sql: "DROP TRIGGER \(table)_no_delete")
      }
      let before = database.totalChangesCount
      for statement in sql.split(separator: ";") {
        try database.execute(sql: String(statement).replacing("RUN", with: "'\(run.text)'"))
      }
      return database.totalChangesCount - before
    }
  }

  @Test("An untouched database stands the examination")
  func untouched() async throws {
    let directory = try TestDirectory()
    let (store, finished, open) = try await prepare(directory)
    #expect(try await store.auditFaults() == [])
    for run in finished + [open] {
      guard case .verified = try await store.verify(run) else {
        Issue.record("run \(run) does not stand")
        return
      }
    }
  }

  @Test(
    "Each change of a finished run is seen",
    arguments: [
      "UPDATE run_events SET payload = CAST(replace(CAST(payload AS TEXT), 'nothing', 'NOTHING') AS BLOB) WHERE run = RUN",
      "UPDATE run_events SET time = time + 1 WHERE run = RUN AND sequence = 2",
      "UPDATE run_events SET kind = 'note' WHERE run = RUN AND sequence = 2",
      "UPDATE run_events SET kind = 'nonsense' WHERE run = RUN AND sequence = 2",
      "UPDATE run_events SET hash = x'00' WHERE run = RUN AND sequence = 2",
      "UPDATE run_events SET hash = zeroblob(32) WHERE run = RUN AND sequence = 6",
      "UPDATE run_events SET previous = zeroblob(32) WHERE run = RUN AND sequence = 1",
      "DELETE FROM run_events WHERE run = RUN AND sequence = 2",
      "DELETE FROM run_events WHERE run = RUN AND sequence = 1",
      "DELETE FROM run_events WHERE run = RUN AND sequence = 6",
      "DELETE FROM run_events WHERE run = RUN AND sequence > 3",
      "DELETE FROM run_events WHERE run = RUN",
      // Cut short and made to look open again.
      "DELETE FROM run_events WHERE run = RUN AND sequence > 3;"
        + "UPDATE runs SET finished = NULL, verdict = NULL, summary = NULL WHERE id = RUN",
      // Removed altogether, without and with its entry.
      "DELETE FROM run_events WHERE run = RUN; DELETE FROM runs WHERE id = RUN",
      "DELETE FROM run_events WHERE run = RUN; DELETE FROM runs WHERE id = RUN; DELETE FROM ledger WHERE run = RUN",
      "DELETE FROM ledger WHERE run = RUN",
      "UPDATE ledger SET count = count - 1 WHERE run = RUN",
      "UPDATE runs SET verdict = 'findings' WHERE id = RUN",
      "UPDATE runs SET summary = 'other' WHERE id = RUN",
      "UPDATE run_events SET sequence = 100 WHERE run = RUN AND sequence = 2;"
        + "UPDATE run_events SET sequence = 2 WHERE run = RUN AND sequence = 3;"
        + "UPDATE run_events SET sequence = 3 WHERE run = RUN AND sequence = 100",
      "INSERT INTO run_events SELECT run, 7, time, 'note', payload, hash, previous FROM run_events "
        + "WHERE run = RUN AND sequence = 6",
      "UPDATE journal SET name = 'another' WHERE length(RUN) > 0",
    ], 0..<3)
  func seen(_ change: String, target: Int) async throws {
    let directory = try TestDirectory()
    let (store, finished, _) = try await prepare(directory)
    try #require(try await tamper(directory, change, finished[target]) > 0)
    // The last entry removed together with its run shows because the open run began after it.
    #expect(try await store.auditFaults() != [])
  }

  @Test("What is only appended to is not changed by mistake")
  func guarded() async throws {
    let directory = try TestDirectory()
    let (store, _, _) = try await prepare(directory)
    let queue = try DatabaseQueue(path: directory.database)
    for table in ["run_events", "ledger", "events", "deliveries"] {
      #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: "DELETE FROM \(table)") } }
    }
    #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: "UPDATE run_events SET time = 0") } }
    #expect(try await store.auditFaults() == [])
  }
}
