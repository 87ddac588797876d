import Base
import Crypto
import Dispatch
import Foundation
import Glibc
import Journal
import JournalSQLite
import Logging
import Server
import ServiceLifecycle
import Settings
import TestSupport
import Work

/// The server on a port of its own, with a journal in a directory that goes with it.
final class TestServer: Sendable {
  let port: Int
  let journal: SQLiteJournal
  let directory: TemporaryDirectory
  let log: LogCapture
  private let group: ServiceGroup
  private let task: Task<Void, any Error>

  static let adminToken = "the-admin-token-of-the-tests"
  static let webhookSecret = "the-webhook-secret-of-the-tests"

  /// Settings that listen at a port of the system's choice.
  static func settings(adminToken: String? = adminToken) throws -> ServerSettings {
    var settings = ServerSettings(adminToken: adminToken.map { Secret($0) })
    settings.listen = try unwrap(ListenAddress("127.0.0.1:0"))
    for forge in ForgeName.allCases {
      settings.forges[forge] = ForgeSettings(
        url: forge == .github ? "https://api.github.com" : "https://\(forge.rawValue).example.org",
        webhookSecrets: [Secret(webhookSecret)], access: .token(.file("/nowhere")))
    }
    return settings
  }

  static func start(
    settings: ServerSettings? = nil, limits: ServerLimits = ServerLimits(),
    reading: (any DeliveryReading)? = nil, control: (any RunControl)? = nil, clock: WallClock = .system,
    store: (@Sendable (SQLiteJournal) -> any JournalStore & JournalStatistics)? = nil,
    prepare: (SQLiteJournal) async throws -> Void = { _ in }
  ) async throws -> TestServer {
    let directory = try TemporaryDirectory()
    let journal = try await SQLiteJournal.open(
      path: directory.path + "/journal.sqlite", access: .readWrite(mode: 0o600), clock: clock)
    try await prepare(journal)
    let settings = try settings ?? Self.settings()
    let log = LogCapture()
    var logger = Logger(label: "arborist") { label in
      JSONLogHandler(label: label, sink: log.sink, filter: SecretFilter(settings.secrets), clock: clock)
    }
    logger.logLevel = .info
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let server = ArboristServer(
      settings: settings, journal: store?(journal) ?? journal, reading: reading ?? SignedReading(), control: control,
      limits: limits, clock: clock, logger: logger, version: "0",
      onListening: { port in
        continuation.yield(port)
        continuation.finish()
      })
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    let task = Task {
      defer { continuation.finish() }
      try await group.run()
    }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await task.value
      throw TestFault("the server did not begin")
    }
    return TestServer(port: port, journal: journal, directory: directory, log: log, group: group, task: task)
  }

  private init(
    port: Int, journal: SQLiteJournal, directory: TemporaryDirectory, log: LogCapture, group: ServiceGroup,
    task: Task<Void, any Error>
  ) {
    (self.port, self.journal, self.directory, self.log) = (port, journal, directory, log)
    (self.group, self.task) = (group, task)
  }

  /// Asks it to end, as SIGTERM does.
  func triggerShutdown() async { await group.triggerGracefulShutdown() }

  /// Waits until it has ended.
  func ended() async throws { try await task.value }

  func stop() async throws {
    await triggerShutdown()
    try await ended()
  }

  // MARK: Asking

  func get(_ path: String, _ headers: [(String, String)] = []) async throws -> HTTPAnswer {
    try await send("GET", path, headers: headers)
  }

  func post(_ path: String, body: [UInt8], headers: [(String, String)] = []) async throws -> HTTPAnswer {
    try await send("POST", path, headers: headers, body: body)
  }

  func form(_ path: String, _ values: [String: String], cookie: String? = nil) async throws -> HTTPAnswer {
    let body = values.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    return try await post(
      path, body: Array(body.utf8),
      headers: [("Content-Type", "application/x-www-form-urlencoded")] + (cookie.map { [("Cookie", $0)] } ?? []))
  }

  /// A delivery with the right signature.
  func deliver(
    _ body: String, id: String = "1", forge: String = "github", secret: String = webhookSecret
  ) async throws -> HTTPAnswer {
    try await post(
      "/webhooks/\(forge)", body: Array(body.utf8),
      headers: [("X-Test-Delivery", id), ("X-Test-Signature", SignedReading.sign(Array(body.utf8), secret))])
  }

  func send(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
  ) async throws -> HTTPAnswer {
    var text = "\(method) \(path) HTTP/1.1\r\n"
    if !headers.contains(where: { $0.0.lowercased() == "host" }) { text += "Host: 127.0.0.1:\(port)\r\n" }
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Length: \(body.count)\r\n" }
    return try await raw(Array((text + "\r\n").utf8) + (body ?? []))
  }

  /// What comes back for these bytes.
  func raw(_ bytes: [UInt8]) async throws -> HTTPAnswer {
    let port = port
    return try await blocking {
      let socket = try ClientSocket(port: port)
      try? socket.write(bytes)
      return try socket.readAnswer()
    }
  }

  /// The cookie of somebody who has signed in.
  func signIn() async throws -> String {
    let answer = try await form("/login", ["token": Self.adminToken, "next": "/"])
    let cookie = try unwrap(answer.headers["set-cookie"])
    return String(cookie.prefix { $0 != ";" })
  }
}

struct TestFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func unwrap<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw TestFault("there is no \(Value.self)") }
  return value
}

/// Runs what blocks on a thread of its own.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

struct HTTPAnswer: Sendable {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// A connection whose calls block.
final class ClientSocket {
  let descriptor: Int32
  private var buffer: [UInt8] = []

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw TestFault("cannot connect: \(errno)") }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw TestFault("cannot write: \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  /// More bytes; `false` at the end.
  private func more() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }

  /// Whether the other side ends the connection without another byte.
  func readsEnd() -> Bool { buffer.isEmpty && !more() }

  func readAnswer() throws -> HTTPAnswer {
    let end = Array("\r\n\r\n".utf8)
    while buffer.firstRange(of: end) == nil {
      if !more() { throw TestFault("the connection ended: \(errno), \(String(decoding: buffer, as: UTF8.self))") }
    }
    guard let range = buffer.firstRange(of: end) else { throw TestFault("no head") }
    let lines = String(decoding: buffer[..<range.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let status = Int(lines[0].split(separator: " ")[1]) ?? 0
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    buffer.removeSubrange(..<range.upperBound)
    let length = status == 304 ? 0 : Int(headers["content-length"] ?? "0") ?? 0
    while buffer.count < length, more() {}
    let body = Array(buffer.prefix(length))
    buffer.removeFirst(min(length, buffer.count))
    return HTTPAnswer(status: status, headers: headers, body: body)
  }
}

/// Reads deliveries of the tests: the body is `KIND NUMBER`, signed with HMAC-SHA256 in hexadecimal digits.
struct SignedReading: DeliveryReading {
  static func sign(_ body: [UInt8], _ secret: String) -> String {
    Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: Data(body), using: SymmetricKey(data: Data(secret.utf8))))
  }

  func read(_ delivery: RawDelivery) async -> DeliveryReadingResult {
    let headers = Dictionary(delivery.headers, uniquingKeysWith: { first, _ in first })
    guard headers["x-test-signature"] == Self.sign(delivery.body, TestServer.webhookSecret) else {
      return .unauthenticated(reason: "the signature is wrong")
    }
    guard let id = headers["x-test-delivery"] else { return .malformed(reason: "it has no id") }
    let name = "\(delivery.forge.rawValue):\(id)"
    let words = String(decoding: delivery.body, as: UTF8.self).split(separator: " ")
    if words.first == "ping" { return .ignored(delivery: name, name: "test ping", reason: "a ping") }
    guard words.first == "opened", let number = words.dropFirst().first.flatMap({ Int($0) }) else {
      return .malformed(reason: "it is nothing that forges send")
    }
    do {
      let (event, job) = try Samples.opened(number, id: name, forge: delivery.forge, time: delivery.received)
      return .accepted(ReadDelivery(id: name, events: [event], jobs: [job]))
    } catch {
      return .malformed(reason: "\(error)")
    }
  }
}

/// What is logged, line by line.
final class LogCapture: Sendable {
  let sink: LogSink
  private let reader: Int32
  private let writer: Int32

  init() {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    (reader, writer) = (ends[0], ends[1])
    // F_SETPIPE_SZ, which the Glibc module leaves out.
    _ = fcntl(reader, 1031, 1 << 20)
    _ = fcntl(reader, F_SETFL, O_NONBLOCK)
    sink = LogSink(descriptor: writer)
  }

  deinit {
    close(reader)
    close(writer)
  }

  /// Everything that was logged since this was last asked for.
  func text() async -> String {
    await sink.flush()
    return taken()
  }

  /// What is written by now.
  func taken() -> String {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(reader, &chunk, chunk.count)
      if count <= 0 { break }
      result += chunk[..<count]
    }
    return String(decoding: result, as: UTF8.self)
  }
}
