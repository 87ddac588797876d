internal import Base
internal import FoundationEssentials
internal import GRDB
internal import Journal

/// What is done inside one transaction; it never leaves the closure that it was made for.
struct SQLiteTransaction: JournalTransaction {
  let database: Database
  let now: Timestamp
  private let work = Work()

  private final class Work {
    var isAnnounced = false
  }

  init(database: Database, now: Timestamp) {
    self.database = database
    self.now = now
  }

  /// Whether somebody who waits for a job is to look again.
  var hasWork: Bool { work.isAnnounced }

  // Only one transaction at a time may write.
  var rowLock: String { "" }
  var rowLockSkipping: String { "" }
  func lock(_ lanes: [Lane]) {}

  /// Takes each row away and puts it behind the others.
  ///
  /// SQLite brings pages together that hold little where a row goes, and not where one gets shorter. The guards stay
  /// asleep, for what REPLACE takes away wakes no trigger.
  func repack(events: [String]) throws {
    for event in events {
      try execute(
        """
        REPLACE INTO events (id, delivery, repository, ref, time, body)
        SELECT id, delivery, repository, ref, time, body FROM events WHERE id = ? AND body = ''
        """, [event])
    }
  }

  func announceWork() { work.isAnnounced = true }

  @discardableResult
  func execute(_ sql: String, _ arguments: [any SQLStorable]) throws -> Int {
    try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments.map(\.databaseValue)))
    return database.changesCount
  }

  func rows(_ sql: String, _ arguments: [any SQLStorable]) throws -> [SQLRow] {
    let statement = try database.cachedStatement(sql: sql)
    let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
    let columns = SQLColumns(statement.columnNames)
    var rows: [SQLRow] = []
    while let row = try cursor.next() {
      rows.append(SQLRow(columns, try (0..<row.count).map { try Self.value(row[$0] as DatabaseValue) }))
    }
    return rows
  }

  private static func value(_ stored: DatabaseValue) throws -> SQLValue {
    switch stored.storage {
    case .null: return .null
    case .int64(let number): return .integer(number)
    case .string(let text): return .text(text)
    case .blob(let data): return .blob(Array(data))
    case .double: throw JournalError.corrupt("a row holds a number with a fraction")
    }
  }

  func integrityFaults() throws -> [String] {
    let lines = try rows("PRAGMA integrity_check", []).map { row -> String in try row.value("integrity_check") }
    let dangling = try rows("PRAGMA foreign_key_check", []).map { row -> String in
      "a row of table \(try row.value("table") as String) points to nothing"
    }
    return lines.filter { $0 != "ok" } + dangling
  }
}

extension SQLStorable {
  fileprivate var databaseValue: DatabaseValue {
    switch sqlValue {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .text(let text): text.databaseValue
    case .blob(let bytes): Data(bytes).databaseValue
    }
  }
}
