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
  private func prepare(
    _ database: TestDatabase
  ) async throws -> (any JournalStore, finished: [RunID], open: RunID) {
    let store = try await database.open()
    var runs: [RunID] = []
    for number in 0..<3 {
      try await store.acceptReview("e\(number)", branch: "b\(number)", to: 1, at: Int64(number))
      runs.append(try await store.carryOut(store.claimed()))
    }
    try await store.acceptReview("e9", branch: "b9", to: 1, at: 9)
    return (store, runs, try await store.begun(store.claimed()))
  }

  /// The changes below as each database writes them.
  private func statements(_ change: String, _ kind: StoreKind, _ run: RunID) -> [String] {
    var text = change.replacing("RUN", with: "'\(run.text)'")
    if kind == .postgres {
      let words = [
        ("CAST(payload AS TEXT)", "convert_from(payload, 'UTF8')"), (" AS BLOB)", " AS TEXT)::bytea"),
        ("x'00'", "'\\x00'::bytea"), ("zeroblob(32)", "decode(repeat('00', 32), 'hex')"),
      ]
      for (lite, server) in words { text = text.replacing(lite, with: server) }
    }
    return text.split(separator: ";").map(String.init)
  }

  /// SQLite with each of the three runs, PostgreSQL with one, since it takes longer there.
  static let targets: [(StoreKind, Int)] = StoreKind.allCases.flatMap { kind in
    (kind == .sqlite ? [0, 1, 2] : [1]).map { (kind, $0) }
  }

  @Test("An untouched database stands the examination", arguments: StoreKind.allCases)
  func untouched(_ kind: StoreKind) async throws {
    let (store, finished, open) = try await prepare(try kind.make())
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
    ], targets)
  func seen(_ change: String, target: (kind: StoreKind, run: Int)) async throws {
    let database = try target.kind.make()
    let (store, finished, _) = try await prepare(database)
    try await database.tamper(statements(change, target.kind, finished[target.run]))
    // The last entry removed together with its run shows because the open run began after it.
    #expect(try await store.auditFaults() != [])
  }

  @Test("What is only appended to is not changed by mistake")
  func guarded() async throws {
    let directory = try TestDirectory()
    let (store, _, _) = try await prepare(TestDatabase(place: .directory(directory)))
    let queue = try DatabaseQueue(path: directory.database)
    for table in ["run_events", "ledger", "events", "deliveries"] {
      #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: "DELETE FROM \(table)") } }
    }
    #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: "UPDATE run_events SET time = 0") } }
    #expect(try await store.auditFaults() == [])
  }
}
