package import Base

/// One transaction on the tables of a journal, in whatever database they are.
///
/// The rules of the queue and of the runs are written on it once, in the SQL that all databases share; what differs is
/// asked of the transaction. It never leaves the closure that it was made for. Parameters are written as `?`.
package protocol JournalTransaction {
  /// The moment at which the transaction began, by the clock that all who share the database go by.
  var now: Timestamp { get }

  /// What stands behind a SELECT whose rows are to be changed, so that nobody else changes them before the end of the
  /// transaction; empty where a transaction that may write is alone anyhow.
  var rowLock: String { get }

  /// The same, where rows that somebody else has locked are passed over.
  var rowLockSkipping: String { get }

  /// Lets nobody else take anything in for these lanes before the end of the transaction.
  func lock(_ lanes: [Lane]) throws

  /// Carries a statement out that changes rows.
  ///
  /// - Returns: how many it changed.
  @discardableResult
  func execute(_ sql: String, _ arguments: [any SQLStorable]) throws -> Int

  /// The rows that a statement gives.
  func rows(_ sql: String, _ arguments: [any SQLStorable]) throws -> [SQLRow]

  /// Once the transaction is confirmed, whoever waits for a job is to look again.
  func announceWork()

  /// Lets others use the room that these events, which hold nothing any more, no longer take; nothing where the
  /// database sees to that by itself.
  func repack(events: [String]) throws

  /// What is wrong with the database itself, a line each.
  func integrityFaults() throws -> [String]
}

/// Where at most one job runs: a branch or a pull request of a repository.
package struct Lane: Sendable, Hashable {
  package var repository: String
  package var name: String

  package init(repository: String, name: String) {
    self.repository = repository
    self.name = name
  }

  /// Eight bytes of its hash, for a database whose locks have numbers for names.
  ///
  /// Two lanes with the same number only wait for each other now and then.
  package var number: Int64 {
    let digest = Digest(of: [Array("arborist.lane/1".utf8), Array(repository.utf8), Array(name.utf8)])
    return digest.bytes.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}

extension JournalTransaction {
  func rows(_ sql: String) throws -> [SQLRow] { try rows(sql, []) }

  func row(_ sql: String, _ arguments: [any SQLStorable] = []) throws -> SQLRow? { try rows(sql, arguments).first }
}
