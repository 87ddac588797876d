internal import Glibc

/// The machine's monotonic clock, in seconds.
func monotonicNow() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// What ends a connection.
enum ConnectionEnd: Error {
  /// The client is gone, or the server stops.
  case closed
  /// The client sends what is no HTTP.
  case malformed(status: Int, String)
}

/// A request as HTTP has it.
struct HTTPRequest: Sendable {
  var method: String
  var path: String
  var headers: [(name: String, value: String)]
  var body: [UInt8]
  var keepsAlive: Bool
  var began: Double
  var bodyEnded: Double

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// The server's side of one connection: blocking reads and writes, on a thread of its own.
final class Connection {
  private let socket: Int32
  /// Becomes readable when the server stops.
  private let stop: StopSignal
  private var buffer: [UInt8] = []

  /// POLLRDHUP, which the C library shows only to those who ask for its extensions.
  private static let hangup: Int16 = 0x2000
  private var isReset = false

  static let longestHead = 1 << 18
  static let longestBody = 64 << 20

  init(socket: Int32, stop: StopSignal) {
    self.socket = socket
    self.stop = stop
  }

  /// The next request.
  func read() throws(ConnectionEnd) -> HTTPRequest {
    if buffer.isEmpty { try fill() }
    let began = monotonicNow()
    var searched = 0
    while true {
      if let end = headEnd(from: searched) { return try request(headEnd: end, began: began) }
      searched = max(0, buffer.count - 3)
      guard buffer.count < Self.longestHead else { throw .malformed(status: 431, "the head is too long") }
      try fill()
    }
  }

  private func headEnd(from start: Int) -> Int? {
    var index = start
    while index + 4 <= buffer.count {
      if buffer[index] == 13, buffer[index + 1] == 10, buffer[index + 2] == 13, buffer[index + 3] == 10 {
        return index + 4
      }
      index += 1
    }
    return nil
  }

  private func request(headEnd end: Int, began: Double) throws(ConnectionEnd) -> HTTPRequest {
    let text = String(decoding: buffer[..<(end - 4)], as: UTF8.self)
    buffer.removeFirst(end)
    var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
    let first = lines.removeFirst().split(separator: " ")
    guard first.count == 3, first[2].hasPrefix("HTTP/1.") else {
      throw .malformed(status: 400, "the request line is wrong")
    }
    var headers: [(name: String, value: String)] = []
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { throw .malformed(status: 400, "a header field has no colon") }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.append((line[..<colon].lowercased(), String(value)))
    }
    var request = HTTPRequest(
      method: String(first[0]), path: String(first[1]), headers: headers, body: [], keepsAlive: first[2] == "HTTP/1.1",
      began: began, bodyEnded: began)
    if let connection = request.header("connection")?.lowercased() { request.keepsAlive = connection != "close" }
    if request.header("expect")?.lowercased() == "100-continue" {
      try write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }
    if let coding = request.header("content-encoding")?.lowercased(), coding != "identity" {
      throw .malformed(status: 415, "the body is encoded; only 'identity' is understood")
    }
    request.body = try body(request)
    request.bodyEnded = monotonicNow()
    return request
  }

  private func body(_ request: HTTPRequest) throws(ConnectionEnd) -> [UInt8] {
    if request.header("transfer-encoding")?.lowercased() == "chunked" { return try chunks() }
    guard let length = request.header("content-length") else { return [] }
    guard let count = Int(length), count >= 0 else { throw .malformed(status: 400, "content-length is no number") }
    guard count <= Self.longestBody else { throw .malformed(status: 413, "the body is too long") }
    return try take(count)
  }

  private func chunks() throws(ConnectionEnd) -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let header = try line()
      let digits = header.prefix { $0 != ";" }
      guard let count = Int(digits, radix: 16), count >= 0, body.count + count <= Self.longestBody else {
        throw .malformed(status: 400, "a chunk has no length")
      }
      if count == 0 {
        while try !line().isEmpty {}
        return body
      }
      body += try take(count)
      guard try line().isEmpty else { throw .malformed(status: 400, "a chunk is longer than it says") }
    }
  }

  private func line() throws(ConnectionEnd) -> String {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = buffer[..<end]
        let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
        buffer.removeFirst(end + 1)
        return text
      }
      guard buffer.count < Self.longestHead else { throw .malformed(status: 400, "a line is too long") }
      try fill()
    }
  }

  private func take(_ count: Int) throws(ConnectionEnd) -> [UInt8] {
    if buffer.count < count { buffer.reserveCapacity(count) }
    while buffer.count < count { try fill(atMost: max(65536, count - buffer.count)) }
    if buffer.count == count {
      let result = buffer
      buffer = []
      return result
    }
    let result = Array(buffer[..<count])
    buffer.removeFirst(count)
    return result
  }

  private func fill(atMost most: Int = 65536) throws(ConnectionEnd) {
    let old = buffer.count
    let room = min(most, 1 << 20)
    var got = 0
    buffer.append(contentsOf: repeatElement(0, count: room))
    repeat {
      got = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress.map { $0 + old }, room, 0) }
    } while got < 0 && errno == EINTR
    buffer.removeLast(room - max(0, got))
    guard got > 0 else { throw .closed }
  }

  /// Writes all of the bytes.
  func write(_ bytes: some Collection<UInt8>) throws(ConnectionEnd) {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(socket, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .closed }
      sent += count
    }
  }

  /// Waits, or until the client hangs up or the server stops; no limit is until one of these.
  ///
  /// - Returns: Whether the time passed with the client still there.
  func wait(milliseconds: Int?) -> Bool {
    let end = milliseconds.map { monotonicNow() + Double($0) / 1000 }
    while true {
      let left = end.map { max(0, Int32(min((($0 - monotonicNow()) * 1000).rounded(.up), 1e9))) }
      var polled = [
        pollfd(fd: socket, events: Self.hangup, revents: 0), pollfd(fd: stop.reader, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&polled, 2, left ?? -1)
      if count < 0, errno == EINTR { continue }
      return count == 0
    }
  }

  /// Ends the connection for the client, even where a process that was just started still holds the socket.
  func end() { if !isReset { shutdown(socket, Int32(SHUT_RDWR)) } }

  /// Makes the close of the connection a reset.
  func resetOnClose() {
    isReset = true
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}
