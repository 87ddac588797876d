import Base
import Dispatch
import Glibc

/// A server on the loopback interface that does with each connection what a test says, on a thread of its own.
final class LoopbackServer: Sendable {
  let port: Int
  private let listener: Int32

  /// Starts a server.
  ///
  /// - Parameter script: What is done with a connection, whose number, from 0, it is given too; the connection is
  ///   closed when it returns.
  /// - Throws: ``SocketFailure``.
  init(_ script: @escaping @Sendable (Peer, Int) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw SocketFailure(action: "open a socket") }
    var address = Self.loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 128) == 0 && getsockname(listener, address, &size) == 0
      }
    }
    guard isBound else {
      close(listener)
      throw SocketFailure(action: "listen")
    }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    onThread {
      var count = 0
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 {
          if errno == EINTR || errno == ECONNABORTED { continue }
          break
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        let number = count
        count += 1
        onThread { script(Peer(connection), number) }
      }
      close(listener)
    }
  }

  // The thread that accepts closes the listener once it sees this.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The address of something on the server.
  func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// A server that gives every request on every connection the same bytes.
  static func answering(_ answer: String) throws -> LoopbackServer {
    try LoopbackServer { peer, _ in
      while peer.request() != nil, peer.write(answer) {}
    }
  }

  static func loopback(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return address
  }
}

struct SocketFailure: Error {
  let action: String
  let code = errno
}

/// The server's end of a connection; one thread uses it.
final class Peer {
  /// A request as it came.
  struct Request {
    var line: String
    var headers: [String]
    var body: [UInt8]

    func header(_ name: String) -> String? {
      headers.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
  }

  let descriptor: Int32
  private var unread: [UInt8] = []
  private var isReset = false

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit {
    // A program that another test starts at the wrong moment may hold the connection too.
    if !isReset { shutdown(descriptor, Int32(SHUT_RDWR)) }
    close(descriptor)
  }

  /// Connects to a port of this machine.
  static func connecting(to port: Int) -> Peer? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = LoopbackServer.loopback(port: port)
    let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    let peer = Peer(descriptor)
    return isConnected ? peer : nil
  }

  /// Reads what is there, waiting for it; nothing at the end.
  func read() -> [UInt8] {
    if !unread.isEmpty {
      defer { unread = [] }
      return unread
    }
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      return Array(buffer.prefix(max(0, count)))
    }
  }

  /// Reads a request with its body; `nil` where the connection is closed first.
  func request() -> Request? {
    var bytes: [UInt8] = []
    var end: Int?
    while end == nil {
      let more = read()
      if more.isEmpty { return nil }
      let from = max(0, bytes.count - 3)
      bytes += more
      end = bytes.indices.dropLast(3).first { $0 >= from && bytes[$0...($0 + 3)].elementsEqual("\r\n\r\n".utf8) }
    }
    guard let end else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
    var request = Request(line: lines.first ?? "", headers: Array(lines.dropFirst()), body: [])
    let length = request.header("content-length").flatMap { Int($0) } ?? 0
    request.body = Array(bytes[(end + 4)...])
    while request.body.count < length {
      let more = read()
      if more.isEmpty { return nil }
      request.body += more
    }
    unread = Array(request.body.dropFirst(length))
    request.body = Array(request.body.prefix(length))
    return request
  }

  /// Sends everything; gives `false` where the other side has closed.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        send(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  /// Whether something could be sent within a time.
  func isWritable(forMilliseconds time: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return Glibc.poll(&poll, 1, time) > 0
  }

  /// Waits until the other side closes.
  func waitForClose() {
    while !read().isEmpty {}
  }

  /// Carries bytes both ways until both sides have closed.
  func carry(to other: Peer) {
    var open = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    open.append(pollfd(fd: other.descriptor, events: Int16(POLLIN), revents: 0))
    while open.contains(where: { $0.fd >= 0 }) {
      guard poll(&open, 2, -1) > 0 else { continue }
      for (index, (from, to)) in [(self, other), (other, self)].enumerated() where open[index].revents != 0 {
        let bytes = from.read()
        if bytes.isEmpty || !to.write(bytes) {
          open[index].fd = -1
          shutdown(to.descriptor, Int32(SHUT_WR))
        }
        open[index].revents = 0
      }
    }
  }

  /// Has the connection end with a reset.
  func reset() {
    isReset = true
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}

/// Runs something on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let box = Unmanaged.passRetained(Box(body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }, box.toOpaque())
  if code == 0 { pthread_detach(thread) } else { box.release() }
}

/// Something that happens once: threads and tasks can wait for it.
final class Happening: Sendable {
  private struct State {
    var hasHappened = false
    var waiters: [@Sendable () -> Void] = []
  }

  private let state = Lock(State())

  func happen() {
    let waiters = state.withLock { state in
      state.hasHappened = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter() }
  }

  private func then(_ waiter: @escaping @Sendable () -> Void) {
    let isNow = state.withLock { state in
      if !state.hasHappened { state.waiters.append(waiter) }
      return state.hasHappened
    }
    if isNow { waiter() }
  }

  /// Waits as a task.
  func wait() async {
    await withCheckedContinuation { continuation in then { continuation.resume() } }
  }

  /// Waits as a thread, which is blocked meanwhile.
  func block() {
    let semaphore = DispatchSemaphore(value: 0)
    then { semaphore.signal() }
    semaphore.wait()
  }
}
