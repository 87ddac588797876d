internal import Base
internal import Journal

/// What is done inside one transaction; it never leaves the closure that it was made for.
///
/// It reads what was committed when each statement began (READ COMMITTED), so what the rules read and then decide on is
/// locked: a lane while something is taken in for it, a job while its run is written to, the ledger while a run is
/// entered.
final class PostgresTransaction: JournalTransaction {
  private let session: PostgresSession
  private let mayWrite: Bool
  let now: Timestamp
  /// Whether it has changed anything.
  private(set) var hasChanges = false
  /// Whether somebody who waits for a job is to look again.
  private(set) var hasWork = false
  private var locked: Set<Int64> = []

  init(_ session: PostgresSession, now: Timestamp, mayWrite: Bool) {
    self.session = session
    self.now = now
    self.mayWrite = mayWrite
  }

  // Rows that are referred to by others are not locked against that.
  var rowLock: String { mayWrite ? " FOR NO KEY UPDATE" : "" }
  var rowLockSkipping: String { mayWrite ? " FOR NO KEY UPDATE SKIP LOCKED" : "" }

  func lock(_ lanes: [Lane]) throws {
    // In the same order for everybody, so that no two wait for each other.
    for number in Set(lanes.map(\.number)).subtracting(locked).sorted() {
      _ = try rows("SELECT pg_advisory_xact_lock(?)", [number])
      locked.insert(number)
    }
  }

  /// Autovacuum sees to that.
  func repack(events: [String]) {}

  func announceWork() { hasWork = true }

  @discardableResult
  func execute(_ sql: String, _ arguments: [any SQLStorable]) throws -> Int {
    try answer(to: sql, arguments).changes
  }

  func rows(_ sql: String, _ arguments: [any SQLStorable]) throws -> [SQLRow] {
    try answer(to: sql, arguments).rows
  }

  private func answer(to sql: String, _ arguments: [any SQLStorable]) throws -> PostgresSession.Answer {
    let answer = try session.execute(sql, arguments.map(\.sqlValue))
    if answer.changes > 0 { hasChanges = true }
    return answer
  }

  func integrityFaults() throws -> [String] {
    let indices = try rows(
      """
      SELECT pg_class.relname AS name FROM pg_index JOIN pg_class ON pg_class.oid = pg_index.indexrelid
      JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
      WHERE pg_namespace.nspname = ? AND NOT (pg_index.indisvalid AND pg_index.indisready)
      """, [PostgresSchema.name]
    ).map { "index \(try $0.value("name") as String) cannot be used: REINDEX it" }
    let guards = try rows(
      """
      SELECT count(*) AS count FROM pg_trigger JOIN pg_class ON pg_class.oid = pg_trigger.tgrelid
      JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
      WHERE pg_namespace.nspname = ? AND pg_trigger.tgname LIKE '%_only_append' AND pg_trigger.tgenabled = 'O'
      """, [PostgresSchema.name])
    let count: Int = try guards.first?.value("count") ?? 0
    let expected = 2 * PostgresSchema.guarded.count
    let missing = count == expected ? [] : ["\(expected - count) of the triggers are missing that keep rows unchanged"]
    return try indices + missing + unreadableTables()
  }

  /// Reads every row of every table, for damaged pages.
  private func unreadableTables() throws -> [String] {
    for table in PostgresSchema.tables { _ = try rows("SELECT count(\(table)) AS count FROM \(table)", []) }
    return []
  }
}
