internal import Base
internal import GRDB
package import Journal
package import Work

/// An open file and the transactions on it.
struct SQLiteDatabase: Sendable {
  let path: String
  let clock: WallClock
  let queue: DatabaseQueue
  /// Those who wait for a job in this process.
  let bells: WorkBells

  /// One transaction that may write, and that survives at least so much once it is confirmed.
  ///
  /// SQLite syncs the whole log when it syncs at all, so what was confirmed with less comes to the disk together with
  /// the next transaction that survives the machine.
  func write<Value: Sendable>(
    surviving durability: Durability, _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
  ) async throws(JournalError) -> Value {
    do {
      let clock = clock
      let (value, hasWork) = try await queue.writeWithoutTransaction { database in
        if durability == .process { try database.execute(sql: "PRAGMA synchronous = NORMAL") }
        // Nobody else may find the connection so, whatever happens in between.
        defer { if durability == .process { try? database.execute(sql: "PRAGMA synchronous = FULL") } }
        var result: (Value, Bool)?
        try database.inTransaction(.immediate) {
          let transaction = SQLiteTransaction(database: database, now: clock.now())
          let value = try body(transaction)
          result = (value, transaction.hasWork)
          return .commit
        }
        guard let result else { throw JournalError.corrupt("a transaction ended without a value") }
        return result
      }
      if hasWork { bells.ring() }
      return value
    } catch {
      throw JournalError(error, path: path)
    }
  }

  /// One transaction that only reads.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
  ) async throws(JournalError) -> Value {
    do {
      let clock = clock
      return try await queue.read { try body(SQLiteTransaction(database: $0, now: clock.now())) }
    } catch {
      throw JournalError(error, path: path)
    }
  }

  /// A number that changes when another process, or another handle of this one, has written.
  func version() async -> Int? {
    try? await queue.read { try Int.fetchOne($0, sql: "PRAGMA data_version") }
  }

  /// A bell that this process rings at once, and any other within half a second.
  func bell() async -> WorkBell {
    let seen = Lock(await version())
    return bells.add(
      WorkBell {
        let present = await version()
        return seen.withLock { seen in
          defer { seen = present }
          return seen != present
        }
      })
  }
}

extension SQLiteJournal: SQLJournal {
  package func accept(delivery: String, events: [Event], jobs: [Job]) async throws(JournalError) -> Acceptance {
    try await batches.accept(try AcceptRequest(delivery: delivery, events: events, jobs: jobs))
  }

  package func write<Value: Sendable>(
    surviving durability: Durability, _ body: @escaping @Sendable (any JournalTransaction) throws -> Value
  ) async throws(JournalError) -> Value {
    try await database.write(surviving: durability, body)
  }

  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (any JournalTransaction) throws -> Value
  ) async throws(JournalError) -> Value {
    try await database.read(body)
  }

  package func workBell() async -> WorkBell { await database.bell() }
}
