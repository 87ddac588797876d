internal import Base
internal import Glibc
internal import JSON

extension Connection {
  /// The next request; one that is no HTTP is answered here.
  func readOrRefuse() throws(ConnectionEnd) -> HTTPRequest {
    do {
      return try read()
    } catch {
      if case .malformed(let status, let reason) = error {
        let body = Array("{\"error\":{\"message\":\"\(reason)\"}}".utf8)
        try write(HTTPHead(status: status, type: "application/json", length: body.count, isLast: true).bytes + body)
      }
      throw error
    }
  }
}

/// The head of an answer.
struct HTTPHead {
  var status: Int
  var type: String
  /// `nil` for a chunked body.
  var length: Int?
  var isLast = false
  var request = "req_scripted"
  var extra: [String] = []

  var bytes: [UInt8] {
    var text = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Status")\r\ncontent-type: \(type)\r\n"
    text += length.map { "content-length: \($0)\r\n" } ?? "transfer-encoding: chunked\r\ncache-control: no-cache\r\n"
    text += "request-id: \(request)\r\nx-request-id: \(request)\r\n"
    if isLast { text += "connection: close\r\n" }
    for line in extra { text += line + "\r\n" }
    return Array((text + "\r\n").utf8)
  }

  private static let reasons = [
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout",
    409: "Conflict", 413: "Content Too Large", 415: "Unsupported Media Type", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout", 529: "Overloaded",
  ]
}

/// One request and its answer, on the thread of its connection.
struct Exchanging {
  let model: ScriptedModel
  let connection: Connection
  let request: HTTPRequest
  private var record: Exchange
  private var requestID = "req_scripted"

  init(model: ScriptedModel, connection: Connection, request: HTTPRequest) {
    self.model = model
    self.connection = connection
    self.request = request
    record = Exchange(
      number: -1, session: "", step: 0, method: request.method, path: request.path, kind: .other,
      began: request.began, bodyEnded: request.bodyEnded, ended: request.bodyEnded, bytes: request.body.count,
      answerBytes: 0, isStreamed: false, inputTokens: 0, cacheRead: 0, cacheWritten: 0, outputTokens: 0)
  }

  /// Answers; whether the connection can take another request.
  consuming func run() -> Bool {
    var this = self
    let isAlive = (try? this.answer()) ?? false
    this.record.ended = monotonicNow()
    this.model.note(this.record)
    return isAlive && this.request.keepsAlive
  }

  private mutating func answer() throws(ConnectionEnd) -> Bool {
    var (session, path) = Self.split(request.path)
    if path.hasPrefix("/anthropic/") { path = String(path.dropFirst("/anthropic".count)) }
    if path.hasPrefix("/v1/") { path = String(path.dropFirst("/v1".count)) }
    record.session = session
    let dialects: [String: WireDialect] = [
      "/responses": .responses, "/chat/completions": .chat, "/messages": .messages,
    ]
    if let dialect = dialects[path] {
      record.dialect = dialect
      guard request.method == "POST" else {
        return try refuse(Refusal(405, "invalid_request_error", "Method not allowed"), dialect)
      }
      return try generate(dialect, session)
    }
    if request.method == "POST", path == "/messages/count_tokens" {
      return try send(200, ["input_tokens": number(max(1, request.body.count / 4))])
    }
    if request.method == "GET", path == "/models" || path.hasPrefix("/models/") { return try models(path) }
    return try refuse(Refusal(404, "not_found_error", "There is no \(request.method) \(request.path)"), .messages)
  }

  /// The session and the rest of a path.
  private static func split(_ target: String) -> (session: String, path: String) {
    let path = String(target.prefix { $0 != "?" })
    guard path.hasPrefix("/s/") else { return ("default", path) }
    let rest = path.dropFirst(3)
    let name = rest.prefix { $0 != "/" }
    return (String(name), String(rest.dropFirst(name.count)))
  }

  private mutating func models(_ path: String) throws(ConnectionEnd) -> Bool {
    let names = model.scenario.models ?? ["scripted-1"]
    func describe(_ name: String) -> JSONValue {
      [
        "id": .string(name), "object": "model", "created": 1_780_000_000, "owned_by": "scripted", "type": "model",
        "display_name": .string(name), "created_at": "2026-06-01T00:00:00Z",
      ]
    }
    if path == "/models" {
      return try send(
        200,
        [
          "object": "list", "data": .array(names.map(describe)), "has_more": false,
          "first_id": names.first.map { .string($0) } ?? .null, "last_id": names.last.map { .string($0) } ?? .null,
        ])
    }
    let name = String(path.dropFirst("/models/".count))
    guard model.scenario.models == nil || names.contains(name) else {
      return try refuse(
        .unknownModel(request.header("anthropic-version") == nil ? .chat : .messages, name),
        request.header("anthropic-version") == nil ? .chat : .messages)
    }
    return try send(200, describe(name))
  }

  // MARK: Answers of the model

  private mutating func generate(_ dialect: WireDialect, _ name: String) throws(ConnectionEnd) -> Bool {
    let scenario = model.scenario
    let session = model.state.withLock { state in
      if let session = state.sessions[name] { return session }
      let session = Lock(Session(name: name, scenario: scenario))
      state.sessions[name] = session
      return session
    }
    let (sessionNumber, step) = session.withLock { ($0.count(), $0.step) }
    var received = ReceivedRequest(
      number: 0, session: name, sessionNumber: sessionNumber, step: step, dialect: dialect, method: request.method,
      path: request.path, headers: request.headers, body: request.body)
    model.note(&received)
    record.number = received.number
    record.step = step
    requestID = "req_\(received.number)"
    var decision = session.withLock { $0.decide(received, now: monotonicNow()) }
    if case .ask(let custom) = decision.action {
      let reply = custom(received)
      if case .http(let status, let type, let body) = reply {
        record.kind = .fault
        return try send(HTTPHead(status: status, type: type, length: body.count, request: requestID), body)
      }
      let asked = decision
      decision = session.withLock { $0.resume(asked, with: reply, received) }
    }
    record.kind = decision.kind
    record.fault = decision.fault?.kind
    record.isStreamed = decision.isStreamed
    record.inputTokens = decision.usage.total
    record.cacheRead = decision.usage.read
    record.cacheWritten = decision.usage.written
    if decision.latency > 0, !connection.wait(milliseconds: decision.latency) { throw .closed }
    return try carryOut(decision, dialect)
  }

  private mutating func carryOut(_ decision: Decision, _ dialect: WireDialect) throws(ConnectionEnd) -> Bool {
    if let fault = decision.fault, let isAlive = try before(fault) { return isAlive }
    switch decision.action {
    case .refuse(let refusal):
      return try refuse(refusal, dialect)
    case .answer(let answer):
      record.outputTokens = answer.output
      return decision.isStreamed
        ? try stream(answer, decision, dialect) : try document(answer, decision, dialect)
    case .ask, .fault:
      return false
    }
  }

  /// Does what a fault does instead of an answer; `nil` where there is to be one.
  private mutating func before(_ fault: Fault) throws(ConnectionEnd) -> Bool? {
    switch fault.kind {
    case .closeBefore: return false
    case .resetBefore:
      connection.resetOnClose()
      return false
    case .silence:
      _ = connection.wait(milliseconds: nil)
      return false
    case .badGatewayPage:
      let page = Array(
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<h1>502 Bad Gateway</h1>\r\n</body></html>"
          .utf8)
      return try send(HTTPHead(status: 502, type: "text/html", length: page.count), page)
    case .overflowBodyless:
      return try send(HTTPHead(status: 400, type: "text/plain", length: 0), [])
    default: return nil
    }
  }

  private mutating func document(
    _ answer: Answer, _ decision: Decision, _ dialect: WireDialect
  ) throws(ConnectionEnd) -> Bool {
    let value =
      switch dialect {
      case .responses: ResponsesWriter(answer: answer).document()
      case .chat: ChatWriter(answer: answer).document()
      case .messages: MessagesWriter(answer: answer).document()
      }
    let body = value.compact()
    var head = HTTPHead(status: 200, type: "application/json", length: body.count, request: requestID)
    switch decision.fault?.kind {
    case .cut, .resetInside:
      var end = decision.cut ?? body.count / 2
      if end >= body.count {
        if decision.fault?.isSweep == true { return try send(head, body) }
        // A document is shorter than the stream of the same answer, and what is to be cut is cut.
        end = body.count - 1
      }
      if decision.fault?.kind == .resetInside { connection.resetOnClose() }
      _ = try send(head, Array(body[..<end]))
      return false
    case .noEnd:
      head.length = body.count / 2
      return try send(head, Array(body[..<(body.count / 2)]))
    case .silenceAfterHead:
      return try silence(head, [])
    case .silenceAfterEvents:
      return try silence(head, Array(body[..<(body.count / 2)]))
    case .comments:
      head.length = nil
      return try comment(head, "\n")
    case .contentType:
      head.type = "text/plain"
      return try send(head, body)
    case .drip:
      _ = try send(head, [])
      try drip(body, decision)
      return true
    default: return try send(head, body)
    }
  }

  private mutating func stream(
    _ answer: Answer, _ decision: Decision, _ dialect: WireDialect
  ) throws(ConnectionEnd) -> Bool {
    let stream =
      switch dialect {
      case .responses: ResponsesWriter(answer: answer).stream()
      case .chat: ChatWriter(answer: answer).stream()
      case .messages: MessagesWriter(answer: answer).stream()
      }
    var head = HTTPHead(status: 200, type: "text/event-stream; charset=utf-8", request: requestID)
    switch decision.fault?.kind {
    case .cut, .resetInside:
      let all = Array(stream.events.joined())
      let end = decision.cut ?? all.count / 2
      if end >= all.count, decision.fault?.isSweep == true { return try send(head, chunked: stream.events) }
      if decision.fault?.kind == .resetInside { connection.resetOnClose() }
      return try send(head, chunked: [Array(all.prefix(end))], isWhole: false)
    case .noEnd:
      return try send(head, chunked: Array(stream.events.prefix(stream.end ?? 0)))
    case .silenceAfterHead:
      return try silence(head, [])
    case .silenceAfterEvents:
      return try silence(head, Self.chunks(stream.events.prefix(decision.fault?.parameter ?? 2)))
    case .comments: return try comment(head, ": keep-alive\n\n")
    case .contentType:
      head.type = "text/plain"
      return try send(head, chunked: stream.events)
    case .drip:
      _ = try send(head, [])
      try drip(Self.chunks(stream.events) + Array("0\r\n\r\n".utf8), decision)
      return true
    default: return try send(head, chunked: stream.events)
    }
  }

  // MARK: Writing

  private mutating func refuse(_ refusal: Refusal, _ dialect: WireDialect) throws(ConnectionEnd) -> Bool {
    record.complaint = refusal.message
    let body = refusal.body(dialect, request: requestID).compact()
    let head = HTTPHead(
      status: refusal.status, type: "application/json", length: body.count, request: requestID,
      extra: refusal.headers)
    return try send(head, body)
  }

  private mutating func send(_ status: Int, _ value: JSONValue) throws(ConnectionEnd) -> Bool {
    let body = value.compact()
    return try send(HTTPHead(status: status, type: "application/json", length: body.count, request: requestID), body)
  }

  /// Sends an answer whose length is told, or as much of it as there is.
  private mutating func send(_ head: HTTPHead, _ body: [UInt8]) throws(ConnectionEnd) -> Bool {
    begin(head)
    try connection.write(head.bytes + body)
    record.answerBytes = body.count
    return head.length == nil || head.length == body.count
  }

  private mutating func send(
    _ head: HTTPHead, chunked events: [[UInt8]], isWhole: Bool = true
  ) throws(ConnectionEnd) -> Bool {
    begin(head)
    try connection.write(head.bytes + Self.chunks(events) + (isWhole ? Array("0\r\n\r\n".utf8) : []))
    record.answerBytes = events.reduce(0) { $0 + $1.count }
    return isWhole
  }

  private mutating func begin(_ head: HTTPHead) {
    record.answered = monotonicNow()
    record.status = head.status
  }

  private static func chunks(_ events: some Sequence<[UInt8]>) -> [UInt8] {
    var bytes: [UInt8] = []
    for event in events where !event.isEmpty {
      bytes += String(event.count, radix: 16).utf8
      bytes += [13, 10]
      bytes += event
      bytes += [13, 10]
    }
    return bytes
  }

  /// Sends this and then nothing, until the client hangs up.
  private mutating func silence(_ head: HTTPHead, _ bytes: [UInt8]) throws(ConnectionEnd) -> Bool {
    _ = try send(head, bytes)
    _ = connection.wait(milliseconds: nil)
    return false
  }

  /// Sends what means nothing, again and again, until the client hangs up.
  private mutating func comment(_ head: HTTPHead, _ text: String) throws(ConnectionEnd) -> Bool {
    begin(head)
    try connection.write(head.bytes)
    let chunk = Self.chunks([Array(text.utf8)])
    repeat {
      try connection.write(chunk)
      record.answerBytes += text.utf8.count
    } while connection.wait(milliseconds: 1000)
    return false
  }

  private mutating func drip(_ bytes: [UInt8], _ decision: Decision) throws(ConnectionEnd) {
    var index = 0
    while index < bytes.count {
      let end = min(bytes.count, index + 64)
      try connection.write(bytes[index..<end])
      record.answerBytes += end - index
      index = end
      guard connection.wait(milliseconds: decision.fault?.parameter ?? 10) else { throw .closed }
    }
  }
}
