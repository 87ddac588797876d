internal import Base
internal import Dispatch
internal import Journal

/// Tells all processes that there may be a job to take.
///
/// A NOTIFY inside of a transaction would let only one such transaction be confirmed at a time, each with its own wait
/// for the disk. So it is sent afterwards, one for all that were confirmed meanwhile. A process that dies in between
/// leaves the others to their own waiting time.
final class PostgresAnnouncer: Sendable {
  static let channel = "arborist_work"

  let bells: WorkBells
  private let pool: PostgresPool
  private let state = Lock(State())

  private struct State {
    var isSending = false
    var isWantedAgain = false

    /// Whether there is something to send.
    mutating func begin() -> Bool {
      guard isWantedAgain else {
        isSending = false
        return false
      }
      isWantedAgain = false
      return true
    }
  }

  init(pool: PostgresPool, bells: WorkBells) {
    self.pool = pool
    self.bells = bells
  }

  /// Rings this process's bells, and lets the others know soon.
  func announce() {
    bells.ring()
    let begins = state.withLock { state in
      state.isWantedAgain = true
      defer { state.isSending = true }
      return !state.isSending
    }
    if begins { Task { await send() } }
  }

  private func send() async {
    while state.withLock({ $0.begin() }) {
      guard let connection = await pool.take(until: .now + .seconds(5)) else { continue }
      let _: PostgresAttempt<Bool> = await connection.perform {
        try $0.query("NOTIFY \(Self.channel)")
        return true
      }
      await pool.give(connection)
    }
  }
}

/// Rings this process's bells when any process has announced work; its own connection waits for that and nothing else.
actor PostgresListener {
  private let executor = QueueExecutor()
  private let place: PostgresPlace
  private let bells: WorkBells
  private var source: (any DispatchSourceRead)?
  private var session: PostgresSession?
  private var isStarted = false

  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  init(_ place: PostgresPlace, bells: WorkBells) {
    self.place = place
    self.bells = bells
  }

  isolated deinit { source?.cancel() }

  /// Listens from now on; where the server is away, as soon as it is back.
  func start() {
    guard !isStarted else { return }
    isStarted = true
    connect(after: 0)
  }

  private func connect(after failures: Int) {
    do {
      let session = try place.connect()
      try session.query("LISTEN \(PostgresAnnouncer.channel)")
      let source = DispatchSource.makeReadSource(fileDescriptor: session.socket, queue: executor.queue)
      source.setEventHandler { [weak self] in self?.assumeIsolated { $0.read() } }
      // The socket stays open until nobody watches it any more.
      let kept = KeptSession(session)
      source.setCancelHandler { kept.drop() }
      self.session = session
      self.source = source
      source.activate()
      // What was announced before is not told again.
      bells.ring()
    } catch {
      let delay = min(2000, 20 << min(failures, 7))
      executor.queue.asyncAfter(deadline: .now() + .milliseconds(delay)) { [weak self] in
        self?.assumeIsolated { $0.connect(after: failures + 1) }
      }
    }
  }

  private func read() {
    guard let session else { return }
    do {
      if try session.notifications() > 0 { bells.ring() }
    } catch {
      source?.cancel()
      source = nil
      self.session = nil
      connect(after: 0)
    }
  }
}

/// Keeps a session until its socket is watched no more.
private final class KeptSession: @unchecked Sendable {
  // Unchecked: it is made and dropped on the listener's queue, and in between nobody looks into it.
  private var session: PostgresSession?

  init(_ session: PostgresSession) { self.session = session }

  func drop() { session = nil }
}
