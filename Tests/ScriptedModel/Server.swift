internal import Base
internal import Glibc
internal import JSON

/// A server that speaks as model vendors do, says what a scenario has it say, and refuses what they refuse.
///
/// It listens on 127.0.0.1 alone, on threads of its own. Base address of a session:
/// `http://127.0.0.1:PORT/s/NAME`; without `/s/NAME` it is the session `default`. It stops when the last reference to
/// it goes away.
package final class ScriptedModel: Sendable {
  /// The address without a session, as `http://127.0.0.1:PORT`.
  package let baseURL: String
  package let port: UInt16
  let scenario: Scenario
  let state: Lock<ServerState>
  private let connections = OpenConnections()
  private let log: Int32?
  private let keepsBodies: Bool

  private init(
    scenario: Scenario, port: UInt16, stop: (StopSignal, Int32), log: Int32?, keepsBodies: Bool
  ) {
    self.scenario = scenario
    self.port = port
    self.log = log
    self.keepsBodies = keepsBodies
    baseURL = "http://127.0.0.1:\(port)"
    state = Lock(ServerState(stop: stop.0, stopWriter: stop.1))
  }

  deinit { stop() }

  /// Starts a server.
  ///
  /// Port 0 is any that is free. `log` is an open file, which stays the caller's, to which a line is written for each
  /// exchange. Without `keepsBodies`, the bodies of ``requests`` are empty.
  ///
  /// - Throws: ``ScriptedModelFailure`` where it cannot listen.
  package static func start(
    _ scenario: Scenario, port: UInt16 = 0, log: Int32? = nil, keepsBodies: Bool = true
  ) throws(ScriptedModelFailure) -> ScriptedModel {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw ScriptedModelFailure("open a socket") }
    var ends: [Int32] = [0, 0]
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, size) == 0 && listen(listener, 128) == 0 && getsockname(listener, pointer, &size) == 0
      }
    }
    guard bound, pipe(&ends) == 0 else {
      let failure = ScriptedModelFailure("listen on port \(port)")
      close(listener)
      throw failure
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let stop = StopSignal(reader: ends[0])
    let model = ScriptedModel(
      scenario: scenario, port: UInt16(bigEndian: address.sin_port), stop: (stop, ends[1]),
      log: log, keepsBodies: keepsBodies)
    // The thread refers to the server only weakly, so that a test which drops it stops it too.
    let reference = WeakModel(model)
    let connections = model.connections
    Thread.start { Self.accept(listener, stop, connections, reference) }
    return model
  }

  /// Stops the server: no more connections, and those that are open are closed.
  package func stop() {
    let waiters = state.withLock { state -> [ServerState.Waiter] in
      guard !state.isStopped else { return [] }
      state.isStopped = true
      // Nothing is ever read from the pipe: its end makes it readable for everybody, for good.
      close(state.stopWriter)
      connections.shutDown()
      let waiters = state.waiters
      state.waiters = []
      return waiters
    }
    for waiter in waiters { waiter.fail(ScriptedModelFailure(stopped: ())) }
  }

  private static func accept(
    _ listener: Int32, _ stop: StopSignal, _ connections: OpenConnections, _ reference: WeakModel
  ) {
    defer { close(listener) }
    while true {
      var polled = [
        pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop.reader, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polled, 2, -1) < 0, errno != EINTR { return }
      if polled[1].revents != 0 { break }
      let socket = Glibc.accept(listener, nil, nil)
      guard socket >= 0 else { continue }
      _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
      guard connections.admit(socket) else {
        close(socket)
        break
      }
      var one: Int32 = 1
      setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
      Thread.start {
        let connection = Connection(socket: socket, stop: stop)
        while let request = try? connection.readOrRefuse(), let model = reference.model,
          Exchanging(model: model, connection: connection, request: request).run()
        {}
        connection.end()
        connections.dismiss(socket)
      }
    }
  }

  // MARK: What was seen

  /// All requests for an answer so far, in the order in which they came.
  package var requests: [ReceivedRequest] { state.withLock { $0.requests } }

  /// All exchanges that have ended, in the order in which they ended.
  package var exchanges: [Exchange] { state.withLock { $0.exchanges } }

  /// The n-th request for an answer, counted from 0, of one session or of all; waits until it has come.
  ///
  /// - Throws: ``ScriptedModelFailure`` where the server stops before, or `CancellationError`.
  package func request(_ number: Int, session: String? = nil) async throws -> ReceivedRequest {
    try await wait(find: { state in
      Self.pick(number, state.requests.lazy.filter { session ?? $0.session == $0.session })
    })
  }

  /// The n-th exchange that has ended, counted from 0, of one session or of all; waits until it has.
  ///
  /// - Throws: ``ScriptedModelFailure`` where the server stops before, or `CancellationError`.
  package func exchange(_ number: Int, session: String? = nil) async throws -> Exchange {
    try await wait(find: { state in
      Self.pick(number, state.exchanges.lazy.filter { session ?? $0.session == $0.session })
    })
  }

  private static func pick<Element>(_ number: Int, _ list: some Sequence<Element>) -> Element? {
    list.dropFirst(number).first { _ in true }
  }

  private func wait<Value: Sendable>(find: @escaping @Sendable (ServerState) -> Value?) async throws -> Value {
    let identifier = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = state.withLock { state -> Result<Value, any Error>? in
          if let value = find(state) { return .success(value) }
          if state.isStopped { return .failure(ScriptedModelFailure(stopped: ())) }
          // A task that is cancelled between here and the handler finds its waiter; one cancelled before, this.
          if Task.isCancelled { return .failure(CancellationError()) }
          state.waiters.append(
            ServerState.Waiter(
              identifier: identifier,
              look: { state in
                guard let value = find(state) else { return nil }
                return { continuation.resume(returning: value) }
              }, fail: { continuation.resume(throwing: $0) }))
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.identifier == identifier }.map { state.waiters.remove(at: $0) }
      }
      waiter?.fail(CancellationError())
    }
  }

  /// Keeps a request, and gives it its number.
  func note(_ request: inout ReceivedRequest) {
    var kept = request
    if !keepsBodies { kept.body = [] }
    let (number, wakes) = state.withLock { state in
      kept.number = state.requests.count
      state.requests.append(kept)
      return (kept.number, state.wakes())
    }
    request.number = number
    for wake in wakes { wake() }
  }

  func note(_ exchange: Exchange) {
    let line = log == nil ? [] : exchange.line
    let wakes = state.withLock { state in
      // Inside the lock, so that lines stand in the order of the exchanges and do not mix.
      if let log { _ = write(log, line, line.count) }
      state.exchanges.append(exchange)
      return state.wakes()
    }
    for wake in wakes { wake() }
  }
}

/// The end of a pipe that becomes readable when the server stops; closed when the last thread is through with it.
final class StopSignal: Sendable {
  let reader: Int32

  init(reader: Int32) { self.reader = reader }

  deinit { close(reader) }
}

/// The connections that are open.
///
/// They outlive the server for its threads: what one of them has closed is another one's descriptor soon, and must not be
/// shut down by a server that ends at the same moment.
private final class OpenConnections: Sendable {
  private let state = Lock<(sockets: Set<Int32>, isShut: Bool)>(([], false))

  /// Takes a connection in; `false` where none are taken any more.
  func admit(_ socket: Int32) -> Bool {
    state.withLock { state in
      if !state.isShut { state.sockets.insert(socket) }
      return !state.isShut
    }
  }

  /// Closes a connection.
  func dismiss(_ socket: Int32) {
    state.withLock { state in
      state.sockets.remove(socket)
      close(socket)
    }
  }

  /// Ends all connections, which their threads close then, and takes no more.
  func shutDown() {
    state.withLock { state in
      state.isShut = true
      for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }
}

/// Finds the server for its threads, without keeping it alive.
private struct WeakModel: Sendable {
  weak let model: ScriptedModel?

  init(_ model: ScriptedModel) { self.model = model }
}

/// What a server's threads share.
struct ServerState: Sendable {
  struct Waiter: Sendable {
    let identifier: Int
    /// What is to be done outside of the lock when that which is waited for has come.
    let look: @Sendable (ServerState) -> (@Sendable () -> Void)?
    let fail: @Sendable (any Error) -> Void
  }

  let stop: StopSignal
  let stopWriter: Int32
  var isStopped = false
  var sessions: [String: Lock<Session>] = [:]
  var requests: [ReceivedRequest] = []
  var exchanges: [Exchange] = []
  var waiters: [Waiter] = []
  var nextWaiter = 0

  init(stop: StopSignal, stopWriter: Int32) {
    self.stop = stop
    self.stopWriter = stopWriter
  }

  /// Takes out the waiters that have waited long enough.
  mutating func wakes() -> [@Sendable () -> Void] {
    if waiters.isEmpty { return [] }
    var wakes: [@Sendable () -> Void] = []
    var left: [Waiter] = []
    for waiter in waiters {
      if let wake = waiter.look(self) { wakes.append(wake) } else { left.append(waiter) }
    }
    waiters = left
    return wakes
  }
}

/// A server that cannot be started, or was stopped.
package struct ScriptedModelFailure: Error, CustomStringConvertible {
  package let description: String

  init(_ action: String) {
    description = "cannot \(action): \(String(cString: strerror(errno)))"
  }

  init(stopped: Void) { description = "the scripted model was stopped" }
}

/// Threads of the system's own, which may wait for as long as they like.
enum Thread {
  private final class Body {
    let run: () -> Void

    init(_ run: @escaping () -> Void) { self.run = run }
  }

  static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Body(body))
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    if code == 0 { pthread_detach(thread) } else { box.release() }
  }
}
