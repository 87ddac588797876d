package import Base
internal import Dispatch
internal import GRDB
internal import Glibc
package import Journal

/// A journal in one SQLite file, for one machine.
///
/// It is in WAL mode with `synchronous = FULL`, so what was confirmed survives the loss of power. Several processes may
/// have it open: SQLite's locks keep their transactions apart. The work is done on GRDB's queue, not on the threads of
/// Swift's tasks.
package struct SQLiteJournal: Sendable {
  /// The file.
  package let path: String
  let database: SQLiteDatabase
  let batches: AcceptBatches

  /// What a journal is opened for.
  package enum Access: Sendable, Hashable {
    /// To read and write. A file that does not exist is created with these permission bits, whatever the process's
    /// mask: `0o660` where a group shares the directory. SQLite gives its files beside it the same.
    case readWrite(mode: UInt32)
    /// To read, without the right to write the file or its directory.
    case readOnly
  }

  /// Opens the journal, creates it where it does not exist, and brings its tables up to date.
  ///
  /// The directory must exist. The times of events and leases come from the clock.
  ///
  /// - Throws: ``JournalError``, among them `tooNew` where a newer Arborist has changed the tables.
  package static func open(
    path: String, access: Access, clock: WallClock = .system
  ) async throws(JournalError) -> SQLiteJournal {
    // Opening waits for locks and disks, so it gets a thread of its own.
    let result: Result<SQLiteJournal, JournalError> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          returning: Result { () throws(JournalError) in
            try SQLiteJournal(path: path, access: access, clock: clock)
          })
      }
    }
    return try result.get()
  }

  private init(path: String, access: Access, clock: WallClock) throws(JournalError) {
    self.path = path
    // SQLite would read "file:" at the beginning as a URI.
    let file = path.hasPrefix("file:") ? "./" + path : path
    let queue: DatabaseQueue
    do {
      switch access {
      case .readWrite(let mode):
        try Self.create(file, mode: mode)
        queue = try Self.openForWriting(file)
      case .readOnly:
        queue = try Self.openForReading(file)
      }
    } catch {
      throw JournalError(error, path: path)
    }
    let database = SQLiteDatabase(path: path, clock: clock, queue: queue, bells: WorkBells())
    self.database = database
    batches = AcceptBatches(width: 1) { requests async throws(JournalError) in
      try await database.write(surviving: .machine) { try $0.accept(requests) }
    }
  }

  // MARK: Opening

  /// Makes an empty file, which SQLite takes for an empty database, so that the file has its mode from the beginning.
  private static func create(_ path: String, mode: UInt32) throws {
    // Never opened where it exists: closing it would drop the locks that SQLite holds on it in this process.
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      if errno == EEXIST { return }
      if errno == ENOSPC || errno == EDQUOT { throw JournalError.diskFull(at: path) }
      if errno == EROFS { throw JournalError.readOnly(at: path) }
      throw JournalError.cannotOpen(path)
    }
    defer { close(descriptor) }
    _ = fchmod(descriptor, mode)
  }

  private static func openForWriting(_ path: String) throws -> DatabaseQueue {
    // SQLite would open it all the same, and fail at the first change.
    if access(path, W_OK) != 0 { throw JournalError.readOnly(at: path) }
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    configuration.label = "journal"
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    let migrator = SQLiteSchema.migrator
    try queue.read { database in
      try checkOwner(of: database, path: path)
      if try migrator.hasBeenSuperseded(database) { throw JournalError.tooNew(at: path) }
    }
    try patiently {
      try queue.inDatabase { database in
        // Asking first, because setting it takes a lock for which SQLite does not wait.
        if try String.fetchOne(database, sql: "PRAGMA journal_mode") != "wal" {
          let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
          guard mode == "wal" else {
            throw JournalError.unavailable(
              at: path, reason: "its file system does not allow write-ahead logging; put it on a local disk")
          }
        }
        try database.execute(sql: "PRAGMA synchronous = FULL")
        // Pages that many transactions change are then written to the main file once for all of them (32 MB of log at
        // most), and are seldom read again (16 MB of memory at most).
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 8000")
        try database.execute(sql: "PRAGMA cache_size = -16000")
      }
      // Two processes may do this at once. The one that comes second fails on what is there, and then finds it done.
      try migrator.migrate(queue)
    }
    return queue
  }

  /// Tries again for some seconds what fails while another process opens the same new file.
  private static func patiently(_ body: () throws -> Void) throws {
    var tries = 200
    while true {
      do { return try body() } catch let error as DatabaseError {
        tries -= 1
        let isPassing = [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_ERROR].contains(error.resultCode)
        if !isPassing || tries == 0 { throw error }
        usleep(20_000)
      }
    }
  }

  private static func openForReading(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    configuration.label = "journal"
    guard access(path, F_OK) == 0 else {
      throw JournalError.unavailable(at: path, reason: "there is no such file; 'arborist worker' makes it")
    }
    let queue: DatabaseQueue
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.read { try checkOwner(of: $0, path: path) }
    } catch let error as DatabaseError where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode) {
      return try openUnchanging(path, configuration: configuration)
    }
    try checkReadable(queue, path: path)
    return queue
  }

  /// Opens a file in whose directory the shared memory that WAL needs cannot be written.
  ///
  /// That is right only while all is in the main file, so a log beside it is refused.
  private static func openUnchanging(_ path: String, configuration: Configuration) throws -> DatabaseQueue {
    var status = stat()
    if stat(path + "-wal", &status) == 0, status.st_size > 0 {
      throw JournalError.unavailable(
        at: path,
        reason: "its last changes are in '\(path)-wal', and reading them needs write access to the directory; "
          + "ask its owner for that, or read again when no worker runs")
    }
    var escaped = ""
    for byte in path.utf8 {
      let isPlain = byte > 0x20 && byte < 0x7f && !"%?#".utf8.contains(byte)
      escaped += isPlain ? String(Unicode.Scalar(byte)) : "%" + Hexadecimal.encode([byte])
    }
    let queue = try DatabaseQueue(path: "file:\(escaped)?mode=ro&immutable=1", configuration: configuration)
    try queue.read { try checkOwner(of: $0, path: path) }
    try checkReadable(queue, path: path)
    return queue
  }

  private static func checkReadable(_ queue: DatabaseQueue, path: String) throws {
    let migrator = SQLiteSchema.migrator
    try queue.read { database in
      if try migrator.hasBeenSuperseded(database) { throw JournalError.tooNew(at: path) }
      guard try migrator.hasCompletedMigrations(database) else {
        if try migrator.appliedIdentifiers(database).isEmpty { throw JournalError.empty(at: path) }
        throw JournalError.unavailable(
          at: path,
          reason: "its tables are an older Arborist's; the next 'arborist worker' or 'arborist agent' renews them")
      }
    }
  }

  /// Refuses a database that is another program's.
  private static func checkOwner(of database: Database, path: String) throws {
    let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    if owner == SQLiteSchema.applicationID { return }
    let tables = try Int.fetchOne(
      database, sql: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name <> 'grdb_migrations'")
    guard owner == 0, tables == 0 else {
      throw JournalError.corrupt("'\(path)' is the database of another program")
    }
  }

  /// The values of SQLite's settings that durability rests on: journal mode, `synchronous` and `foreign_keys`.
  package func settings() async throws(JournalError) -> (journalMode: String, synchronous: Int, foreignKeys: Bool) {
    do {
      return try await database.queue.writeWithoutTransaction { database in
        (
          try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
          try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? 0,
          try Bool.fetchOne(database, sql: "PRAGMA foreign_keys") ?? false
        )
      }
    } catch {
      throw JournalError(error, path: path)
    }
  }
}
