import Base
import Foundation
import Journal
import JournalPostgres
import JournalSQLite
import TestSupport
import Testing
import Work

@Suite("PostgreSQL for the tests")
struct PostgresPresenceTests {
  @Test("is there", .disabled(if: PostgresCluster.isPossible, "it is, and the contract is tested on it"))
  func present() { Issue.record("no PostgreSQL is installed: scripts/system-packages test installs it") }
}

@Suite("A journal on PostgreSQL", .enabled(if: PostgresCluster.isPossible, "needs PostgreSQL"))
struct PostgresTests {
  private func address() throws -> PostgresAddress { try PostgresCluster.shared.get().newDatabase() }

  private func sql(_ statements: String, _ address: PostgresAddress) throws -> String {
    try PostgresCluster.sql("SET search_path TO arborist;" + statements, at: address.secret.reveal())
  }

  private func error(_ body: () async throws -> Void) async -> JournalError? {
    do {
      try await body()
      return nil
    } catch { return error as? JournalError }
  }

  // MARK: The database

  @Test("Many who open a new database at once all get it")
  func together() async throws {
    let address = try address()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<6 {
        group.addTask {
          let store = try await PostgresJournal.open(address, access: .readWrite, patience: .seconds(60))
          try await store.acceptReview("e\(index)", to: 1, at: 1)
        }
      }
      try await group.waitForAll()
    }
    let store = try await PostgresJournal.open(address, access: .readWrite)
    #expect(try await store.integrityFaults() == [])
    #expect(try sql("SELECT count(*) FROM deliveries", address) == "6")
  }

  @Test("A newer database is refused, and so is a schema of another program")
  func refused() async throws {
    let newer = try address()
    let missing = await error { _ = try await PostgresJournal.open(newer, access: .readOnly) }
    #expect(missing == .empty(at: newer.description))
    _ = try await PostgresJournal.open(newer, access: .readWrite)
    _ = try await PostgresJournal.open(newer, access: .readOnly)
    _ = try sql("INSERT INTO steps VALUES ('2 from the future')", newer)
    for access in [PostgresJournal.Access.readWrite, .readOnly] {
      let refusal = await error { _ = try await PostgresJournal.open(newer, access: access) }
      #expect(refusal == .tooNew(at: newer.description))
    }
    let foreign = try address()
    _ = try PostgresCluster.sql("CREATE SCHEMA arborist; CREATE TABLE arborist.songs ()", at: foreign.secret.reveal())
    let refusal = await error { _ = try await PostgresJournal.open(foreign, access: .readWrite) }
    #expect(refusal == .corrupt("schema 'arborist' of '\(foreign)' is another program's"))
    // Control: an empty schema, which somebody with the right to make one has made, is taken.
    let prepared = try address()
    _ = try PostgresCluster.sql("CREATE SCHEMA arborist", at: prepared.secret.reveal())
    _ = try await PostgresJournal.open(prepared, access: .readWrite)
  }

  @Test("A journal opened for reading reads and refuses to write")
  func readOnly() async throws {
    let address = try address()
    let writer = try await PostgresJournal.open(address, access: .readWrite)
    try await writer.acceptReview("e1", to: 1, at: 1)
    let reader = try await PostgresJournal.open(address, access: .readOnly)
    #expect(try await reader.pending(limit: 9).count == 1)
    let refusal = await error { try await reader.acceptReview("e2", to: 2, at: 2) }
    #expect(refusal == .readOnly(at: address.description))
  }

  @Test("What is only appended to is not changed by mistake, and a guard that is gone is missed")
  func guarded() async throws {
    let address = try address()
    let store = try await PostgresJournal.open(address, access: .readWrite)
    try await store.acceptReview("e1", to: 1, at: 1)
    try await store.carryOut(store.claimed())
    for table in ["run_events", "ledger", "events", "deliveries"] {
      for statement in ["DELETE FROM \(table)", "TRUNCATE \(table) CASCADE"] {
        #expect(throws: CommandFailure.self) { _ = try sql(statement, address) }
      }
    }
    #expect(throws: CommandFailure.self) { _ = try sql("UPDATE run_events SET time = 0", address) }
    #expect(try await store.auditFaults() == [])
    #expect(try await store.integrityFaults() == [])
    _ = try sql("DROP TRIGGER ledger_only_append ON ledger", address)
    #expect(try await store.integrityFaults().count == 1)
  }

  @Test("The tables are SQLite's, column for column")
  func sameTables() async throws {
    let directory = try TestDirectory()
    _ = try await SQLiteJournal.open(path: directory.database, access: .readWrite(mode: 0o600))
    let address = try address()
    _ = try await PostgresJournal.open(address, access: .readWrite)
    for table in ["journal", "deliveries", "events", "jobs", "runs", "run_events", "outbox", "ledger"] {
      let lite = try directory.columns(of: table)
      let server = try sql(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'arborist' AND table_name = '\(table)'",
        address
      ).split(separator: "\n").map(String.init)
      #expect(Set(server).subtracting(["rowid"]) == Set(lite) && !lite.isEmpty)
    }
  }

  // MARK: The way there

  @Test("A password is shown nowhere")
  func password() async throws {
    let text = "postgres://someone:hun%20ter2@nowhere.invalid:1/arb?sslpassword=hunter3"
    let address = try #require(PostgresAddress(text))
    #expect(address.description == "postgresql://someone@nowhere.invalid:1/arb")
    #expect("\(JournalLocation(text))" == address.description)
    #expect(!String(reflecting: address).contains("hun"))
    // An at sign that was not escaped.
    #expect(PostgresAddress("postgres://a:b@c@host/d")?.description == "postgresql://a@host/d")
    #expect(PostgresAddress("postgresql:///d?host=/run/x&password=p")?.description == "postgresql:///run/x/d")
    let away = try #require(
      await error { _ = try await PostgresJournal.open(address, access: .readWrite, patience: .zero) })
    #expect(!away.description.contains("hun") && away.description.contains("nowhere.invalid"))
    let broken = try #require(PostgresAddress("postgres://u:hunter2@[::1/x?%%"))
    let refusal = try #require(
      await error { _ = try await PostgresJournal.open(broken, access: .readWrite, patience: .zero) })
    #expect(!refusal.description.contains("hunter2") && refusal.description.contains("cannot be read"))
  }

  @Test(
    "A path is a file's, an address a server's",
    arguments: [("/var/x.sqlite", false), ("postgres", false), ("./postgres://x", false), ("POSTGRES://h/d", true)])
  func places(_ text: String, isServer: Bool) {
    if case .server = JournalLocation(text) {
      #expect(isServer)
    } else {
      #expect(!isServer)
    }
  }

  @Test("A text with a zero byte is refused and stores nothing")
  func zeroByte() async throws {
    let address = try address()
    let store = try await PostgresJournal.open(address, access: .readWrite)
    let refusal = await error { try await store.acceptReview("e\u{0}1", to: 1, at: 1) }
    #expect(refusal == .unstorable("a text holds a zero byte"))
    try await store.acceptReview("e1", to: 1, at: 1)
    #expect(try sql("SELECT count(*) FROM deliveries", address) == "1")
  }

  @Test("A wait that is cancelled stores nothing, and the connection is not another's to suffer from")
  func cancelled() async throws {
    let address = try address()
    let holder = try await PostgresJournal.open(address, access: .readWrite)
    let store = try await PostgresJournal.open(address, access: .readWrite, connections: 1)
    try await store.acceptReview("e1", to: 1, at: 1)
    let claimed = try await store.claimed()
    let (isHeld, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    // Somebody holds the job's row; on a thread of its own, which may wait.
    let holding = Task {
      try await holder.write(surviving: .machine) { transaction in
        _ = try transaction.rows("SELECT id FROM jobs FOR UPDATE", [])
        isHeld.signal()
        mayEnd.wait()
      }
    }
    await Task.detached { isHeld.waitInThread() }.value
    let waiting = Task { try await store.renew(claimed.claim, leaseSeconds: 7) }
    while try sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", address) == "0" {}
    waiting.cancel()
    await #expect(throws: JournalError.cancelled) { _ = try await waiting.value }
    mayEnd.signal()
    try await holding.value
    // Control: it is done where nobody cancels it.
    let renewed = try await store.renew(claimed.claim, leaseSeconds: 7000)
    #expect(renewed > claimed.leaseExpires)
  }
}

extension DispatchSemaphore {
  fileprivate func waitInThread() { wait() }
}
