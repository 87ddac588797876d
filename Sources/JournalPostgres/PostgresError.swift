internal import Journal

/// Why PostgreSQL, or the way to it, did not do what it was asked to.
enum PostgresError: Error, Sendable, Hashable {
  /// There is no connection, or there is none any more; another try may find one.
  case lost(String)
  /// The server refuses to be connected to, and will again.
  case refused(String)
  /// The server answered with an error.
  case server(state: String, message: String, constraint: String)
  /// The server did not answer in time; the connection was given up.
  case late

  /// Whether the same transaction may well succeed when it is tried again at once.
  ///
  /// Two transactions have come into each other's way: a serialization failure, a deadlock, or the same key in both.
  var isCollision: Bool {
    guard case .server(let state, _, _) = self else { return false }
    return ["40001", "40P01", "23505"].contains(state)
  }

  /// Whether the server has ended, is ending or is not yet ready, or the connection is gone.
  var isLoss: Bool {
    switch self {
    case .lost, .late: true
    case .refused: false
    // operator_intervention but for query_canceled; connection_exception; too_many_connections.
    case .server(let state, _, _): state.hasPrefix("57P") || state.hasPrefix("08") || state == "53300"
    }
  }

  /// One line for a person.
  var reason: String {
    switch self {
    case .lost(let message), .refused(let message): Self.line(message)
    case .server(let state, let message, _): "\(Self.line(message)) (SQLSTATE \(state))"
    case .late: "the server did not answer in time"
    }
  }

  private static func line(_ message: String) -> String {
    message.split { $0.isNewline || $0 == "\t" }.joined(separator: "; ")
  }
}

extension JournalError {
  /// What an error of PostgreSQL means for a journal at this address.
  ///
  /// Source: the list of codes at <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
  init(_ error: any Error, at place: String) {
    switch error {
    case let error as JournalError: self = error
    case is CancellationError: self = .cancelled
    case let error as PostgresError: self.init(postgres: error, at: place)
    default: self = .unavailable(at: place, reason: "\(error)")
    }
  }

  private init(postgres error: PostgresError, at place: String) {
    guard case .server(let state, _, _) = error else {
      self = .unavailable(at: place, reason: error.reason + "; try again when the server answers")
      return
    }
    switch state {
    // insufficient_privilege, read_only_sql_transaction
    case "42501", "25006": self = .readOnly(at: place)
    // disk_full
    case "53100": self = .diskFull(at: place)
    // lock_not_available, serialization_failure, deadlock_detected, query_canceled (here: by its deadline)
    case "55P03", "40001", "40P01", "57014": self = .busy(at: place)
    // data_corrupted, index_corrupted
    case "XX001", "XX002": self = .corrupt("'\(place)': \(error.reason)")
    // undefined_table, invalid_schema_name
    case "42P01", "3F000": self = .empty(at: place)
    // character_not_in_repertoire: a text with a zero byte, which SQLite alone can hold
    case "22021": self = .unstorable("a text holds a zero byte")
    default: self = .unavailable(at: place, reason: error.reason)
    }
  }
}
