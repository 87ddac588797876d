import Base
import Egress
import Glibc

import class Foundation.Thread

/// Runs what blocks on a thread that may be blocked.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
  }
}

struct SocketFailure: Error {
  let operation: String
  let code: Int32

  init(_ operation: String) {
    self.operation = operation
    code = errno
  }
}

enum Loopback {
  private static func withAddress<Result>(
    _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  private static func socket() -> Int32 {
    Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }

  /// A listening socket at a port that was free.
  static func listen() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket()
    guard withAddress(0, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0 else {
      throw SocketFailure("listen")
    }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  /// A connection to a port; blocks.
  static func connect(_ port: UInt16) throws -> Int32 {
    let descriptor = socket()
    guard withAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      let failure = SocketFailure("connect")
      close(descriptor)
      throw failure
    }
    return descriptor
  }
}

/// A socket that blocks, for either side.
final class Stream: Sendable {
  let descriptor: Int32

  init(owning descriptor: Int32) {
    self.descriptor = descriptor
    // So that a test fails where it would hang.
    var limit = timeval(tv_sec: 600, tv_usec: 0)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var on: Int32 = 1
    _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  convenience init(port: UInt16) throws {
    self.init(owning: try Loopback.connect(port))
  }

  deinit { close(descriptor) }

  /// Sends all of it; `false` where the other side does not take it.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { part in
        retrying { Glibc.send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL)) }
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Some bytes; none at the end, `nil` where the connection was broken off.
  func receive(upTo limit: Int = 65_536) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = buffer.withUnsafeMutableBytes { part in retrying { recv(descriptor, part.baseAddress, limit, 0) } }
    return count < 0 ? nil : Array(buffer[..<count])
  }

  /// A call that is made again where a signal interrupted it: a socket with a time limit is not waited for again by
  /// the kernel, whatever the handler asks for.
  private func retrying(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result < 0, errno == EINTR { continue }
      return result
    }
  }

  /// Exactly so many bytes, or what there is before the end.
  func receive(exactly count: Int) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < count, let more = receive(upTo: count - result.count), !more.isEmpty { result += more }
    return result
  }

  /// All bytes to the end; whether it was an end and not a break.
  func receiveAll() -> (bytes: [UInt8], ended: Bool) {
    var result: [UInt8] = []
    while let more = receive() {
      if more.isEmpty { return (result, true) }
      result += more
    }
    return (result, false)
  }

  /// An answer up to the empty line, and not a byte more.
  func receiveHead() -> String {
    var result: [UInt8] = []
    while !result.reversed().starts(with: "\r\n\r\n".utf8.reversed()), let byte = receive(upTo: 1), !byte.isEmpty {
      result += byte
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// A server in the place of a host on the internet, which does with each connection what it is told.
final class Server: Sendable {
  let port: UInt16
  private let descriptor: Int32
  private let seen = Lock<(connections: Int, bytes: [UInt8])>((0, []))

  /// What came, in all connections.
  var received: [UInt8] { seen.withLock { $0.bytes } }
  var connections: Int { seen.withLock { $0.connections } }

  init(_ serve: @escaping @Sendable (Stream, Server) -> Void) throws {
    (descriptor, port) = try Loopback.listen()
    let descriptor = descriptor
    Thread.detachNewThread { [weak self] in
      while case let connection = accept(descriptor, nil, nil), connection >= 0 {
        // A program that another test starts would keep it open, and the other side would never see its end.
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        guard let self else {
          // Its end is under way, and makes the next wait fail: until then the descriptor is its own.
          close(connection)
          continue
        }
        let stream = Stream(owning: connection)
        seen.withLock { $0.connections += 1 }
        Thread.detachNewThread { serve(stream, self) }
      }
      close(descriptor)
    }
  }

  deinit {
    // Ends the wait for a connection.
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  func note(_ bytes: [UInt8]) {
    seen.withLock { $0.bytes += bytes }
  }

  /// Sends back whatever comes.
  static func echo() throws -> Server {
    try Server { stream, server in
      while let bytes = stream.receive(), !bytes.isEmpty {
        server.note(bytes)
        guard stream.send(bytes) else { return }
      }
    }
  }
}

/// Leads every public address to a server on this machine, and keeps the addresses.
struct RigConnector: EgressConnector {
  let port: UInt16
  /// Addresses at which nobody listens.
  var dead: Set<IPAddress> = []
  let tried = Lock<[IPAddress]>([])

  func begin(to address: PublicAddress, port: UInt16) throws(ConnectError) -> Int32 {
    tried.withLock { $0.append(address.address) }
    if port != 443 || dead.contains(address.address) { throw ConnectError(code: ECONNREFUSED) }
    return try DirectConnector.begin(to: .v4(0x7f00_0001), port: self.port)
  }
}

/// Answers as it is told; the number of the question is given with it.
struct RigResolver: HostResolver {
  let answer: @Sendable (HostName, Int) -> [IPAddress]
  let asked = Lock<[HostName]>([])

  func addresses(of host: HostName) throws(ResolutionError) -> [IPAddress] {
    let number = asked.withLock { asked in
      asked.append(host)
      return asked.count
    }
    return answer(host, number)
  }
}

/// The records of a broker, to wait for.
final class RecordLog: Sendable {
  private struct State {
    var records: [EgressRecord] = []
    var waiting: [(isMet: @Sendable ([EgressRecord]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Lock(State())

  var records: [EgressRecord] { state.withLock { $0.records } }
  var events: [EgressRecord.Event] { records.map(\.event) }

  func append(_ record: EgressRecord) {
    let met = state.withLock { state in
      state.records.append(record)
      let records = state.records
      defer { state.waiting.removeAll { $0.isMet(records) } }
      return state.waiting.filter { $0.isMet(records) }
    }
    for entry in met { entry.continuation.resume() }
  }

  func wait(until isMet: @escaping @Sendable ([EgressRecord]) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isMetAlready = state.withLock { state in
        if isMet(state.records) { return true }
        state.waiting.append((isMet, continuation))
        return false
      }
      if isMetAlready { continuation.resume() }
    }
  }

  func wait(forCount count: Int) async { await wait { $0.count >= count } }
}

/// A broker with all that is around it, for the host `a.com`.
final class Rig: Sendable {
  let port: UInt16
  let broker: EgressBroker
  let log = RecordLog()
  let server: Server
  let connector: RigConnector
  let resolver: RigResolver

  static let address = IPAddress.v4(0x5db8_d70e)

  init(
    server: Server? = nil, limits: EgressLimits = EgressLimits(), dead: Set<IPAddress> = [], serverPort: UInt16? = nil,
    answer: @escaping @Sendable (HostName, Int) -> [IPAddress] = { _, _ in [Rig.address] }
  ) throws {
    let server = try server ?? Server.echo()
    self.server = server
    connector = RigConnector(port: serverPort ?? server.port, dead: dead)
    resolver = RigResolver(answer: answer)
    let listener = try Loopback.listen()
    port = listener.port
    let hosts: Set<HostName> = [try HostName("a.com"), try HostName("registry.example.com")]
    broker = try EgressBroker(
      listener: listener.descriptor, policy: EgressPolicy(hosts: hosts, limits: limits), resolver: resolver,
      connector: connector, audit: log.append)
  }

  static let connect = "CONNECT a.com:443 HTTP/1.1\r\nHost: a.com:443\r\n\r\n"

  /// A client with a connection to `a.com`, before TLS; blocks.
  func opened() throws -> Stream {
    let client = try Stream(port: port)
    client.send(Self.connect)
    let head = client.receiveHead()
    guard head.hasPrefix("HTTP/1.1 200 ") else { throw SocketFailure("connect to a.com: \(head)") }
    return client
  }

  /// Sends a request and returns all of the answer; blocks.
  func answer(to request: String) throws -> String {
    let client = try Stream(port: port)
    client.send(request)
    client.endSending()
    return String(decoding: client.receiveAll().bytes, as: UTF8.self)
  }

  /// Whether a connection works as it should: what is sent is echoed to the byte.
  func works() throws -> Bool {
    let client = try opened()
    let bytes = Hello.to("a.com") + Array("data".utf8)
    client.send(bytes)
    client.endSending()
    return client.receiveAll() == (bytes, true)
  }
}
