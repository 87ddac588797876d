import Base
import Glibc
import Testing

import class Foundation.Thread

/// What stands before a server on loopback: connections to it are refused, left without an answer, or let through.
///
/// Nobody else can get its port meanwhile: a socket that is bound and does not listen refuses.
final class Doorway: Sendable {
  enum State: String, Sendable, CaseIterable {
    /// As where nothing listens.
    case closed
    /// Connections are taken, and nothing is ever said.
    case silent
    case open
  }

  /// `http://127.0.0.1:PORT`.
  let address: String
  private let inside: Inside

  private struct Doing: Sendable {
    var state = State.closed
    var isOver = false
    /// Connections that nobody answers.
    var waiting: [Int32] = []
    /// Counts changes of the state: what was let through ends with each.
    var turn = 0
  }

  /// What the threads hold.
  private final class Inside: Sendable {
    let listener: Int32
    let target: UInt16
    let doing = Lock(Doing())

    init(listener: Int32, target: UInt16) {
      self.listener = listener
      self.target = target
    }

    deinit { close(listener) }
  }

  /// - Parameter address: That of the server, `http://127.0.0.1:PORT`.
  /// - Throws: ``ServiceFailure`` where no port can be had.
  init(before address: String) throws {
    guard let target = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw ServiceFailure("'\(address)' has no port")
    }
    guard let (listener, port) = Self.place() else { throw ServiceFailure("no port is free") }
    self.address = "http://127.0.0.1:\(port)"
    let inside = Inside(listener: listener, target: target)
    self.inside = inside
    Thread.detachNewThread { Self.takeIn(inside) }
  }

  deinit { end() }

  /// How many connections wait without an answer.
  var waiting: Int { inside.doing.withLock { $0.waiting.count } }

  func set(_ state: State) {
    inside.doing.withLock { doing in
      guard doing.state != state, !doing.isOver else { return }
      if state == .closed { shutdown(inside.listener, Int32(SHUT_RDWR)) }
      if doing.state == .closed, listen(inside.listener, 128) != 0 { Issue.record("the door does not open: \(errno)") }
      doing.state = state
      doing.turn += 1
      for connection in doing.waiting {
        if state == .open { Self.letThrough(connection, inside, doing.turn) } else { close(connection) }
      }
      doing.waiting = []
    }
  }

  /// Closes it for good.
  func end() {
    set(.closed)
    inside.doing.withLock { $0.isOver = true }
  }

  /// A socket that keeps its port when it stops listening, because it is bound to it by its number.
  private static func place() -> (socket: Int32, port: UInt16)? {
    for _ in 0..<20 {
      guard let (probe, port) = bound(to: 0) else { continue }
      close(probe)
      if let found = bound(to: port) { return found }
    }
    return nil
  }

  private static func bound(to port: UInt16) -> (socket: Int32, port: UInt16)? {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let socket = Glibc.socket(AF_INET, kind, 0)
    // Without it, connections that are left from before keep it from listening again.
    var one: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isBound else {
      close(socket)
      return nil
    }
    return (socket, UInt16(bigEndian: place.sin_port))
  }

  private static func takeIn(_ inside: Inside) {
    while true {
      var asked = pollfd(fd: inside.listener, events: Int16(POLLIN), revents: 0)
      let isListening = inside.doing.withLock { $0.state != .closed }
      if isListening { poll(&asked, 1, 20) } else { usleep(5000) }
      let isOver = inside.doing.withLock { doing in
        guard !doing.isOver, doing.state != .closed else { return doing.isOver }
        let connection = accept(inside.listener, nil, nil)
        guard connection >= 0 else { return false }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        if doing.state == .open { letThrough(connection, inside, doing.turn) } else { doing.waiting.append(connection) }
        return false
      }
      if isOver { return }
    }
  }

  private static func letThrough(_ connection: Int32, _ inside: Inside, _ turn: Int) {
    Thread.detachNewThread {
      defer { close(connection) }
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      let server = Glibc.socket(AF_INET, kind, 0)
      defer { close(server) }
      var place = sockaddr_in()
      place.sin_family = sa_family_t(AF_INET)
      place.sin_port = inside.target.bigEndian
      place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let isThere = withUnsafePointer(to: &place) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      guard isThere else { return }
      var buffer = [UInt8](repeating: 0, count: 65536)
      var isOpen = [true, true]
      let ends = [connection, server]
      while isOpen[0] || isOpen[1], inside.doing.withLock({ $0.turn }) == turn {
        var asked = (0...1).map { pollfd(fd: isOpen[$0] ? ends[$0] : -1, events: Int16(POLLIN), revents: 0) }
        poll(&asked, 2, 50)
        for side in 0...1 where asked[side].revents != 0 {
          let count = recv(ends[side], &buffer, buffer.count, 0)
          if count <= 0 {
            isOpen[side] = false
            shutdown(ends[1 - side], Int32(SHUT_WR))
          } else if !pass(buffer[..<count], to: ends[1 - side]) {
            return
          }
        }
      }
    }
  }

  private static func pass(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
