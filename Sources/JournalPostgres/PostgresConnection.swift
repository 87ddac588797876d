internal import Base
internal import Dispatch
internal import Journal

/// One call on a journal, over all its tries.
final class PostgresCall: Sendable {
  /// Names what the call does to the database; `nil` for one that may happen twice.
  let token: String?

  private struct State {
    var isCancelled = false
    var canceller: PostgresCanceller?
    var hasAsked = false
  }

  private let state = Lock(State())

  init(isNamed: Bool) {
    token = isNamed ? Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) }) : nil
  }

  /// Nobody waits for it any more.
  func cancel() {
    let canceller = state.withLock { state -> PostgresCanceller? in
      state.isCancelled = true
      state.hasAsked = state.canceller != nil
      return state.canceller
    }
    guard let canceller else { return }
    // Asking opens a connection and waits for it.
    DispatchQueue.global().async { canceller.cancel() }
  }

  /// From now on it can be stopped by this; `false` where it is cancelled already.
  func begin(_ canceller: PostgresCanceller) -> Bool {
    state.withLock { state in
      state.canceller = canceller
      return !state.isCancelled
    }
  }

  /// It is no longer at work; `true` where it was asked to stop, which may reach the connection later.
  func end() -> Bool {
    state.withLock { state in
      state.canceller = nil
      return state.hasAsked
    }
  }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }
}

/// What one try at a transaction gave.
enum PostgresAttempt<Value: Sendable>: Sendable {
  /// It happened.
  case done(Value, hasWork: Bool)
  /// An earlier try of the same call had happened.
  case happened(attempt: Int)
  /// Nothing happened, because the server is away.
  case lost(PostgresError)
  /// Nothing happened, because somebody else came into its way.
  case collided(PostgresError)
  /// It was to be confirmed, and the answer never came.
  case unanswered(Value, PostgresError)
  /// Nothing happened, and nothing will.
  case failed(JournalError)
}

/// One connection to a server, on a thread of its own; it connects when it is first needed, and again when it must.
actor PostgresConnection {
  private let executor = QueueExecutor()
  private let place: PostgresPlace
  private var session: PostgresSession?

  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  init(_ place: PostgresPlace) { self.place = place }

  /// Tries a transaction that may write.
  ///
  /// - Parameters:
  ///   - call: What it is a try of.
  ///   - attempt: Which try it is, counted from one.
  ///   - isDoubtful: Whether an earlier try may have happened.
  ///   - durability: What it survives once it is confirmed.
  ///   - body: What is done.
  /// - Returns: what became of it.
  func write<Value: Sendable>(
    _ call: PostgresCall, attempt: Int, isDoubtful: Bool, surviving durability: Durability,
    _ body: @Sendable (any JournalTransaction) throws -> Value
  ) -> PostgresAttempt<Value> {
    var confirming: Value?
    do {
      let start = durability == .process ? "BEGIN; SET LOCAL synchronous_commit = off" : "BEGIN"
      let (session, now) = try begin(start, call)
      defer { end(call) }
      if isDoubtful, let token = call.token, let happened = try Self.attempt(of: token, session) {
        try session.query("ROLLBACK")
        return .happened(attempt: happened)
      }
      let transaction = PostgresTransaction(session, now: now, mayWrite: true)
      let value = try body(transaction)
      var last = "COMMIT"
      if transaction.hasChanges {
        confirming = value
        if let token = call.token {
          last =
            "INSERT INTO commits (token, attempt, time) VALUES ('\(token)', \(attempt), \(now.milliseconds)); COMMIT"
        }
      }
      try session.query(last)
      return .done(value, hasWork: transaction.hasWork)
    } catch {
      let failure: PostgresAttempt<Value> = failure(error, call)
      if case .lost(let reason) = failure, let confirming { return .unanswered(confirming, reason) }
      return failure
    }
  }

  /// Tries a transaction that only reads.
  func read<Value: Sendable>(
    _ call: PostgresCall, _ body: @Sendable (any JournalTransaction) throws -> Value
  ) -> PostgresAttempt<Value> {
    do {
      let (session, now) = try begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", call)
      defer { end(call) }
      let value = try body(PostgresTransaction(session, now: now, mayWrite: false))
      try session.query("COMMIT")
      return .done(value, hasWork: false)
    } catch {
      return failure(error, call)
    }
  }

  /// Runs a function with a connection that is in no transaction.
  func perform<Value: Sendable>(_ body: @Sendable (PostgresSession) throws -> Value) -> PostgresAttempt<Value> {
    do {
      return .done(try body(try ready()), hasWork: false)
    } catch {
      return failure(error, nil)
    }
  }

  // MARK: Parts of a transaction

  private func begin(_ sql: String, _ call: PostgresCall) throws -> (PostgresSession, Timestamp) {
    let wasOpen = session != nil
    do {
      return try beginOnce(sql, call)
    } catch let error as PostgresError where error.isLoss && wasOpen {
      // It may have been gone for long; nothing was done on it.
      session = nil
      return try beginOnce(sql, call)
    }
  }

  private func beginOnce(_ sql: String, _ call: PostgresCall) throws -> (PostgresSession, Timestamp) {
    let session = try ready()
    guard call.begin(session.canceller) else { throw JournalError.cancelled }
    let answer = try session.query("\(sql); SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
    guard let now = answer.text.flatMap({ Int64($0) }) else { throw PostgresError.lost("the server told no time") }
    return (session, Timestamp(milliseconds: now))
  }

  private func ready() throws -> PostgresSession {
    if let session, session.isAlive { return session }
    session = nil
    let opened = try place.connect()
    session = opened
    return opened
  }

  private func end(_ call: PostgresCall) {
    // What was asked of the server may reach it when the connection is somebody else's.
    if call.end() { session = nil }
  }

  private func failure<Value>(_ error: any Error, _ call: PostgresCall?) -> PostgresAttempt<Value> {
    if let call { end(call) }
    if let session, !session.isIdle || !session.isAlive {
      if !session.isAlive || (try? session.query("ROLLBACK")) == nil || !session.isIdle { self.session = nil }
    }
    if let known = error as? PostgresError {
      if known.isLoss {
        session = nil
        return .lost(known)
      }
      if known.isCollision { return .collided(known) }
      if call?.isCancelled == true { return .failed(.cancelled) }
    }
    return .failed(JournalError(error, at: place.description))
  }

  private static func attempt(of token: String, _ session: PostgresSession) throws -> Int? {
    let found = try session.execute("SELECT attempt FROM commits WHERE token = ?", [.text(token)])
    return try found.rows.first?.value("attempt")
  }
}

/// Where a journal's database is, and how it is spoken to.
struct PostgresPlace: Sendable, CustomStringConvertible {
  let address: PostgresAddress
  let access: PostgresJournal.Access
  /// The longest that a statement may take, in seconds.
  let statementSeconds: Int

  /// The address without its password.
  var description: String { address.description }

  /// A new connection, set as every one of a journal is.
  func connect() throws(PostgresError) -> PostgresSession {
    let session = try PostgresSession(address, patience: Int64(statementSeconds) * 1000 + 2000)
    try session.query(PostgresSchema.settings(access: access, statementSeconds: statementSeconds))
    return session
  }
}
