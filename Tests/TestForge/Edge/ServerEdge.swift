internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// The listening socket, and HTTP in and out of ``Call`` and ``Reply``.
enum ServerEdge {
  private static let longestBody = 16 << 20

  /// Listens on loopback and gives the port; the server ends with its task.
  static func start(
    port: Int, answer: @escaping @Sendable (Call) async -> Answer
  ) async throws -> (Task<Void, any Error>, Int) {
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let counter = Counter()
    var logger = Logger(label: "test-forge")
    logger.logLevel = .critical
    let quiet = logger
    let service = try HTTPServerBuilder.http1().buildServer(
      configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: port)),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet
    ) { request, writer, channel in
      try await respond(to: request, writer, channel, number: counter.next(), answer)
    } onServerRunning: { channel in
      found.yield(channel.localAddress?.port ?? 0)
      found.finish()
    }
    let task = Task {
      defer { found.finish() }
      let group = ServiceGroup(configuration: .init(services: [service], logger: quiet))
      try await group.run()
    }
    for await port in ports { return (task, port) }
    try await task.value
    throw ForgeFailure("the test forge could not listen on 127.0.0.1:\(port)")
  }

  @concurrent
  private static func respond(
    to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel, number: Int,
    _ answer: @Sendable (Call) async -> Answer
  ) async throws {
    let body = try await request.body.collect(upTo: longestBody)
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    if let host = request.head.authority { headers["host"] = host }
    let call = Call(
      number: number, method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
      body: Array(buffer: body))
    switch await answer(call) {
    case .closed:
      try? await channel.close(mode: .all)
    case .reply(let reply):
      var fields = HTTPFields()
      for (name, value) in reply.headers.sorted(by: { $0.key < $1.key }) {
        if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
      }
      fields[.contentLength] = String(reply.body.count)
      let isBare = reply.status == 204 || reply.status == 304 || request.method == .head
      if isBare { fields[.contentLength] = nil }
      try await writer.write(
        response: HTTPResponse(status: .init(code: reply.status), headerFields: fields),
        body: isBare ? .init() : .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    }
  }

  /// Numbers the calls.
  private final class Counter: Sendable {
    private let count: Mutex<Int>
    init() { count = Mutex(0) }
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }
}
