internal import Base
package import Journal
package import Work

/// A journal in a PostgreSQL database, for many workers on many machines.
///
/// A transaction is confirmed when the server has answered its COMMIT, which it does when it is on its disk. The moments
/// in it are the server's. A server that is away is waited for, for some seconds.
package struct PostgresJournal: Sendable {
  /// What a journal is opened for.
  package enum Access: Sendable, Hashable {
    /// To read and write; the tables are made where there are none.
    case readWrite
    /// To read, without the right to write.
    case readOnly
  }

  let database: PostgresDatabase
  private let batches: AcceptBatches

  /// How long the server remembers a transaction's name, in milliseconds; far longer than anybody asks for it.
  private static let memory: Int64 = 900_000

  /// Connects, and brings the tables up to date.
  ///
  /// - Parameters:
  ///   - address: The database.
  ///   - access: What for.
  ///   - connections: How many connections this process has at most, but for one more where it waits for work.
  ///   - patience: How long a server that is away is waited for, each time.
  ///   - statementSeconds: The longest that a single statement may take, in seconds.
  /// - Returns: the journal, with one connection open.
  /// - Throws: ``JournalError``, among them `tooNew` where a newer Arborist has changed the tables, and `empty` where
  ///   there are none and none are to be made.
  package static func open(
    _ address: PostgresAddress, access: Access, connections: Int = 8, patience: Duration = .seconds(10),
    statementSeconds: Int = 30
  ) async throws(JournalError) -> PostgresJournal {
    let place = PostgresPlace(address: address, access: access, statementSeconds: statementSeconds)
    let database = PostgresDatabase(place, connections: connections, patience: patience)
    try await database.perform { session in
      switch access {
      case .readWrite: try PostgresSchema.migrate(session, at: place.description)
      case .readOnly: try Self.checkReadable(session, at: place.description)
      }
    }
    return PostgresJournal(database)
  }

  private init(_ database: PostgresDatabase) {
    self.database = database
    // While one batch waits for the disk, another is made ready.
    batches = AcceptBatches(width: 2) { requests async throws(JournalError) in
      // A delivery that is known is not taken in again, so it may be tried twice.
      try await database.write(surviving: .machine, mayRepeat: true) { try $0.accept(requests) }
    }
  }

  private static func checkReadable(_ session: PostgresSession, at place: String) throws {
    switch try PostgresSchema.standing(session, at: place) {
    case .empty: throw JournalError.empty(at: place)
    case .steps(PostgresSchema.steps.count): return
    case .steps:
      throw JournalError.unavailable(
        at: place, reason: "its tables are an older Arborist's; the next 'arborist worker' renews them")
    }
  }
}

extension PostgresJournal: SQLJournal {
  package func accept(delivery: String, events: [Event], jobs: [Job]) async throws(JournalError) -> Acceptance {
    try await batches.accept(try AcceptRequest(delivery: delivery, events: events, jobs: jobs))
  }

  package func recoverAbandoned(_ abandonment: Abandonment) async throws(JournalError) -> Recovery {
    try await database.write(surviving: .machine) { transaction in
      let old = transaction.now.milliseconds - Self.memory
      try transaction.execute("DELETE FROM commits WHERE time < ?", [old])
      return try transaction.recoverAbandoned(abandonment)
    }
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
