import Base
import Foundation
import GRDB
import Glibc
import Journal
import JournalSQLite
import Testing
import Work

@Suite("The file of a SQLite journal")
struct SQLiteFileTests {
  private func open(_ path: String, mode: UInt32 = 0o600) async throws -> SQLiteJournal {
    try await SQLiteJournal.open(path: path, access: .readWrite(mode: mode))
  }

  private func error(_ body: () async throws -> Void) async -> JournalError? {
    do {
      try await body()
      return nil
    } catch { return error as? JournalError }
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test("What is confirmed is synced to the disk")
  func durable() async throws {
    let directory = try TestDirectory()
    for _ in 0..<2 {
      let settings = try await open(directory.database).settings()
      #expect(settings.journalMode == "wal")
      #expect(settings.synchronous == 2)
      #expect(settings.foreignKeys)
    }
  }

  @Test("The file and those beside it have the mode that was asked for", arguments: [0o600, 0o660, 0o640])
  func modes(_ wanted: Int) async throws {
    let directory = try TestDirectory()
    let store = try await open(directory.database, mode: UInt32(wanted))
    try await store.acceptReview("e1", to: 1, at: 1)
    for suffix in ["", "-wal", "-shm"] { #expect(try mode(directory.database + suffix) == wanted) }
  }

  @Test("Many who open a new file at once all get it")
  func together() async throws {
    let directory = try TestDirectory()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<6 {
        group.addTask { try await self.open(directory.database).acceptReview("e\(index)", to: 1, at: 1) }
      }
      try await group.waitForAll()
    }
    #expect(try await open(directory.database).integrityFaults() == [])
  }

  @Test("A newer database is refused, and so are another program's and a file that is none")
  func refused() async throws {
    let directory = try TestDirectory()
    _ = try await open(directory.database)
    try await DatabaseQueue(path: directory.database).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('2 from the future')")
    }
    for access in [SQLiteJournal.Access.readWrite(mode: 0o600), .readOnly] {
      let refusal = await error { _ = try await SQLiteJournal.open(path: directory.database, access: access) }
      #expect(refusal == .tooNew(at: directory.database))
    }

    // A process that died before it made the tables has left a file of nothing.
    let empty = directory.path + "/empty"
    try Data().write(to: URL(fileURLWithPath: empty))
    let refusal = await error { _ = try await SQLiteJournal.open(path: empty, access: .readOnly) }
    #expect(refusal == .empty(at: empty))
    _ = try await open(empty)
    _ = try await SQLiteJournal.open(path: empty, access: .readOnly)

    let foreign = directory.path + "/foreign"
    try await DatabaseQueue(path: foreign).write { try $0.execute(sql: "CREATE TABLE songs (id)") }
    #expect(await error { _ = try await open(foreign) } == .corrupt("'\(foreign)' is the database of another program"))

    let text = directory.path + "/text"
    try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: text))
    #expect(await error { _ = try await open(text) } == .corrupt("'\(text)' is not an SQLite database"))

    let nowhere = directory.path + "/no/journal"
    let missing = try #require(await error { _ = try await open(nowhere) })
    #expect(missing.description.contains("'\(directory.path)/no' does not exist"))
    let absent = directory.path + "/absent"
    let unread = await error { _ = try await SQLiteJournal.open(path: absent, access: .readOnly) }
    #expect(unread?.description.contains("no such file") == true)
    #expect(!FileManager.default.fileExists(atPath: absent))
    let itself = try #require(await error { _ = try await open(directory.path) })
    #expect(itself.description.contains(directory.path))
  }

  @Test("A journal opened for reading reads and refuses to write")
  func readOnly() async throws {
    let directory = try TestDirectory()
    let writer = try await open(directory.database)
    try await writer.acceptReview("e1", to: 1, at: 1)
    let reader = try await SQLiteJournal.open(path: directory.database, access: .readOnly)
    #expect(try await reader.pending(limit: 9).count == 1)
    let refusal = await error { try await reader.acceptReview("e2", to: 2, at: 2) }
    #expect(refusal == .readOnly(at: directory.database))
    // Control: what the writer adds is seen.
    try await writer.acceptReview("e3", branch: "other", to: 2, at: 2)
    #expect(try await reader.pending(limit: 9).count == 2)
  }

  @Test("What SQLite reports is told in the journal's words")
  func mapping() throws {
    let directory = try TestDirectory()
    let path = directory.database
    func told(_ code: ResultCode) -> JournalError { JournalError(DatabaseError(resultCode: code), path: path) }
    #expect(told(.SQLITE_READONLY) == .readOnly(at: path))
    #expect(told(.SQLITE_READONLY_DIRECTORY) == .readOnly(at: path))
    #expect(told(.SQLITE_FULL) == .diskFull(at: path))
    #expect(told(.SQLITE_BUSY) == .busy(at: path))
    #expect(told(.SQLITE_BUSY_SNAPSHOT) == .busy(at: path))
    #expect(told(.SQLITE_LOCKED) == .busy(at: path))
    #expect(told(.SQLITE_NOTADB) == .corrupt("'\(path)' is not an SQLite database"))
    #expect(JournalError(CancellationError(), path: path) == .cancelled)
    #expect(JournalError(JournalError.staleFence, path: path) == .staleFence)
    let others: [ResultCode] = [
      .SQLITE_READONLY_DBMOVED, .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_IOERR_FSYNC, .SQLITE_CONSTRAINT, .SQLITE_ERROR,
    ]
    for code in others {
      guard case .unavailable(path, _) = told(code) else {
        Issue.record("\(code) became \(told(code))")
        continue
      }
    }
  }

  @Test("A file that somebody holds is waited for")
  func waits() async throws {
    let directory = try TestDirectory()
    let store = try await open(directory.database)
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: directory.database, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    async let accepted = store.acceptReview("e1", to: 1, at: 1)
    try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    _ = try await accepted
    #expect(try await store.pending(limit: 9).count == 1)
  }

  @Test(
    "Somebody without the right to write reads, whether a worker runs or not",
    .enabled(if: geteuid() == 0, "needs the right to become another user"), arguments: [true, false])
  func anotherUser(isOpen: Bool) async throws {
    let directory = try TestDirectory()
    let path = directory.database
    var writer: SQLiteJournal? = try await open(path, mode: 0o644)
    try await writer?.acceptReview("e1", to: 1, at: 1)
    if !isOpen { writer = nil }
    await #expect(processExitsWith: .success) { [path = path as String] in
      #expect(setuid(65_534) == 0)
      let reader = try await SQLiteJournal.open(path: path, access: .readOnly)
      #expect(try await reader.pending(limit: 9).count == 1)
      await #expect(throws: JournalError.readOnly(at: path)) {
        _ = try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
      }
    }
    // Control: the owner writes.
    try await open(path).acceptReview("e2", branch: "other", to: 1, at: 1)
    _ = writer
  }

  @Test("A damaged file is reported as damaged")
  func damaged() async throws {
    let directory = try TestDirectory()
    var store: SQLiteJournal? = try await open(directory.database)
    for number in 0..<50 { try await store?.acceptReview("e\(number)", branch: "b\(number)", to: 1, at: 1) }
    #expect(try await store?.integrityFaults() == [])
    store = nil
    var bytes = try Data(contentsOf: URL(fileURLWithPath: directory.database))
    for index in stride(from: 8192, to: bytes.count, by: 1) { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    try bytes.write(to: URL(fileURLWithPath: directory.database))
    let failure = await error {
      let damaged = try await open(directory.database)
      let faults = try await damaged.integrityFaults()
      #expect(!faults.isEmpty)
      _ = try await damaged.claim(worker: worker, leaseSeconds: 1)
    }
    guard case .corrupt = failure else {
      Issue.record("not reported as damaged: \(String(describing: failure))")
      return
    }
  }
}
