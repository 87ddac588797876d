internal import Base
internal import Journal

/// A database on a server and the transactions on it.
final class PostgresDatabase: Sendable {
  let place: PostgresPlace
  private let pool: PostgresPool
  /// How long a server that is away is waited for.
  private let patience: Duration
  private let announcer: PostgresAnnouncer
  private let listener: PostgresListener

  init(_ place: PostgresPlace, connections: Int, patience: Duration) {
    self.place = place
    self.patience = patience
    let pool = PostgresPool(place, limit: connections)
    self.pool = pool
    let bells = WorkBells()
    announcer = PostgresAnnouncer(pool: pool, bells: bells)
    listener = PostgresListener(place, bells: bells)
  }

  /// The most tries of a transaction into whose way others come.
  private static let collisions = 30

  /// One transaction that may write, and that survives at least so much once it is confirmed.
  ///
  /// Where the answer to its COMMIT is lost, it is found out whether it happened; it happens once. With `mayRepeat`
  /// nothing is found out: the body does the same twice as once.
  func write<Value: Sendable>(
    surviving durability: Durability, mayRepeat: Bool = false,
    _ body: @escaping @Sendable (any JournalTransaction) throws -> Value
  ) async throws(JournalError) -> Value {
    let call = PostgresCall(isNamed: !mayRepeat)
    return try await tried(call) { connection, attempt, isDoubtful in
      await connection.write(call, attempt: attempt, isDoubtful: isDoubtful, surviving: durability, body)
    }
  }

  /// One transaction that only reads, and sees one moment.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (any JournalTransaction) throws -> Value
  ) async throws(JournalError) -> Value {
    let call = PostgresCall(isNamed: false)
    return try await tried(call) { connection, _, _ in await connection.read(call, body) }
  }

  /// Runs a function with a connection that is in no transaction.
  func perform<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresSession) throws -> Value
  ) async throws(JournalError) -> Value {
    try await tried(PostgresCall(isNamed: false)) { connection, _, _ in await connection.perform(body) }
  }

  /// A bell that rings when any process has announced work.
  func bell() async -> WorkBell {
    let bell = announcer.bells.add(WorkBell())
    await listener.start()
    return bell
  }

  // MARK: Trying again

  private func tried<Value: Sendable>(
    _ call: PostgresCall,
    _ attempt: @escaping @Sendable (PostgresConnection, Int, Bool) async -> PostgresAttempt<Value>
  ) async throws(JournalError) -> Value {
    let result = await withTaskCancellationHandler {
      await results(call, attempt)
    } onCancel: {
      call.cancel()
    }
    return try result.get()
  }

  private func results<Value: Sendable>(
    _ call: PostgresCall,
    _ attempt: @escaping @Sendable (PostgresConnection, Int, Bool) async -> PostgresAttempt<Value>
  ) async -> Result<Value, JournalError> {
    let end = ContinuousClock.now + patience
    var tries = PostgresTries<Value>(place: place.description)
    while true {
      if call.isCancelled { return .failure(tries.cancelled) }
      guard let connection = await pool.take(until: end) else {
        return .failure(call.isCancelled ? tries.cancelled : tries.exhausted)
      }
      tries.count += 1
      let outcome = await attempt(connection, tries.count, tries.isDoubtful)
      await pool.give(connection)
      switch tries.next(after: outcome) {
      case .return(let value, let hasWork):
        if hasWork { announcer.announce() }
        return .success(value)
      case .throw(let error): return .failure(error)
      case .collided where tries.collisions >= Self.collisions: return .failure(.busy(at: place.description))
      case .collided:
        try? await Task.sleep(for: .milliseconds(Int.random(in: 0...(2 * tries.collisions))))
      case .wait:
        guard ContinuousClock.now + tries.pause < end else { return .failure(tries.exhausted) }
        try? await Task.sleep(for: tries.pause)
      }
    }
  }
}

/// What the tries of one call have given so far, and what follows from it.
struct PostgresTries<Value: Sendable>: Sendable {
  let place: String
  var count = 0
  private(set) var collisions = 0
  private var losses = 0
  private var unanswered: [Int: Value] = [:]
  private var reason = "no connection was free in time"

  init(place: String) { self.place = place }

  enum Step: Sendable {
    case `return`(Value, hasWork: Bool)
    case `throw`(JournalError)
    case collided
    /// The server is away: wait for ``PostgresTries/pause``.
    case wait
  }

  /// Whether one of them may have happened.
  var isDoubtful: Bool { !unanswered.isEmpty }

  /// How long to wait before the next: twice as long each time, up to half a second.
  var pause: Duration { .milliseconds(min(500, 10 << min(losses, 6))) }

  mutating func next(after outcome: PostgresAttempt<Value>) -> Step {
    switch outcome {
    // Of a try that is repeated it is not known whether somebody was told.
    case .done(let value, let hasWork): return .return(value, hasWork: hasWork || isDoubtful)
    case .happened(let attempt):
      if let value = unanswered[attempt] { return .return(value, hasWork: true) }
      return .throw(.corrupt("'\(place)' holds a transaction that this process has not sent"))
    case .failed(.cancelled): return .throw(cancelled)
    case .failed(let error): return .throw(error)
    case .collided(let error):
      collisions += 1
      reason = error.reason
      return .collided
    case .lost(let error):
      losses += 1
      reason = error.reason
      return .wait
    case .unanswered(let value, let error):
      unanswered[count] = value
      losses += 1
      reason = error.reason
      return .wait
    }
  }

  /// The error where no more is tried.
  var exhausted: JournalError {
    .unavailable(at: place, reason: reason + doubt + "; try again when the server answers")
  }

  /// The error where nobody waits for it any more.
  var cancelled: JournalError {
    isDoubtful ? .unavailable(at: place, reason: "the task was cancelled" + doubt) : .cancelled
  }

  private var doubt: String { isDoubtful ? "; it is not known whether the change was stored" : "" }
}
