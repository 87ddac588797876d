package import Base
internal import Glibc

/// The one way from a cell to the internet: serves CONNECT on a socket that listens inside the cell, for the hosts of a
/// policy and for TLS to these hosts.
///
/// For each connection it reads the request, resolves the name, connects to an address that it has checked, and passes
/// nothing on before it has seen a ClientHello that names the same host. It does not look into TLS: what an allowed host
/// is told, within the limits, is between the cell and that host.
///
/// All of it is done by one thread of its own; names are resolved on others, because that blocks. When the value goes
/// away without ``stop()``, the thread ends everything by itself.
package final class EgressBroker: Sendable {
  private let control: BrokerControl

  /// Starts to serve the listener.
  ///
  /// The listener belongs to the broker from here on, also if this throws, and is made non-blocking. The audit gets
  /// every decision as it is made, on the broker's thread, which waits for it.
  ///
  /// - Throws: ``EgressError`` where the descriptor is something else, or the system refuses a thread.
  package init(
    listener: Int32, policy: EgressPolicy, resolver: some HostResolver = SystemResolver(),
    connector: some EgressConnector = DirectConnector(), clock: WallClock = .system,
    audit: @escaping @Sendable (EgressRecord) -> Void
  ) throws(EgressError) {
    do throws(EgressError) {
      try Self.prepare(listener)
      guard let wake = Wake() else { throw .system(operation: "make a pair of sockets", code: errno) }
      let control = BrokerControl(wake: wake)
      let world = BrokerWorld(
        policy: policy, resolver: resolver, connector: connector, clock: clock, audit: audit, control: control)
      let code = Threads.start { BrokerLoop(listener: Socket(owning: listener), world: world).run() }
      guard code == 0 else { throw .system(operation: "start a thread", code: code) }
      self.control = control
    } catch {
      close(listener)
      throw error
    }
  }

  deinit { control.requestStop() }

  private static func prepare(_ listener: Int32) throws(EgressError) {
    func option(_ name: Int32) -> Int32? {
      var value: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      return getsockopt(listener, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
    guard option(SO_ACCEPTCONN) == 1, option(SO_TYPE) == Int32(SOCK_STREAM.rawValue), let domain = option(SO_DOMAIN),
      domain == AF_INET || domain == AF_INET6
    else { throw .notListening }
    let flags = fcntl(listener, F_GETFL)
    guard flags >= 0, fcntl(listener, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(listener, F_SETFD, FD_CLOEXEC) == 0
    else { throw .system(operation: "set the flags of the listener", code: errno) }
  }

  /// What has passed so far.
  package var traffic: EgressTraffic { control.traffic }

  /// Ends every connection and closes the listener; when this returns, every record has been given to the audit.
  ///
  /// A name that is being resolved is not waited for: its thread ends when the resolver answers, and nobody hears of it.
  package func stop() async {
    control.requestStop()
    await control.untilFinished()
  }
}

/// What every part of a broker needs and none changes.
struct BrokerWorld: Sendable {
  let policy: EgressPolicy
  let resolver: any HostResolver
  let connector: any EgressConnector
  let clock: WallClock
  let audit: @Sendable (EgressRecord) -> Void
  let control: BrokerControl
}

/// What the broker's thread shares with others.
final class BrokerControl: Sendable {
  typealias Answer = Result<[IPAddress], ResolutionError>

  private struct State {
    var isStopping = false
    var hasFinished = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    var answers: [(connection: Int, answer: Answer)] = []
    var resolutions = 0
    var traffic = EgressTraffic()
  }

  let wake: Wake
  private let state = Lock(State())

  init(wake: Wake) {
    self.wake = wake
  }

  var traffic: EgressTraffic { state.withLock { $0.traffic } }

  var isStopping: Bool { state.withLock { $0.isStopping } }

  func requestStop() {
    state.withLock { $0.isStopping = true }
    wake.signal()
  }

  func publish(_ traffic: EgressTraffic) {
    state.withLock { $0.traffic = traffic }
  }

  func finish() {
    let waiting = state.withLock { state in
      state.hasFinished = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func untilFinished() async {
    await withCheckedContinuation { continuation in
      let hasFinished = state.withLock { state in
        if !state.hasFinished { state.waiting.append(continuation) }
        return state.hasFinished
      }
      if hasFinished { continuation.resume() }
    }
  }

  /// Resolves the name on a thread of its own; the answer is among ``takeAnswers()`` later.
  ///
  /// A resolver that hangs holds its thread, so there are never more than `limit`.
  func resolve(
    _ host: HostName, for connection: Int, with resolver: any HostResolver, limit: Int
  ) throws(ResolutionError) {
    let isFree = state.withLock { state in
      guard state.resolutions < limit else { return false }
      state.resolutions += 1
      return true
    }
    guard isFree else { throw .busy }
    let code = Threads.start { [self] in
      let answer: Answer
      do throws(ResolutionError) {
        answer = .success(try resolver.addresses(of: host))
      } catch {
        answer = .failure(error)
      }
      state.withLock { state in
        state.resolutions -= 1
        if !state.isStopping { state.answers.append((connection, answer)) }
      }
      wake.signal()
    }
    if code != 0 {
      state.withLock { $0.resolutions -= 1 }
      throw .busy
    }
  }

  func takeAnswers() -> [(connection: Int, answer: Answer)] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }
}
