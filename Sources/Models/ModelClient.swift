internal import Base
internal import Glibc
package import HTTP
internal import JSON

/// Sends requests to a model and reads its answers.
///
/// It sends each request once: what to do when one fails is ``RetryPlan``'s to say and the caller's to do.
package struct ModelClient: Sendable {
  let transport: any HTTPTransport
  package let endpoint: ModelEndpoint
  package var deadlines: HTTPDeadlines
  /// The deadlines of answers that come in one piece: nothing is heard while the model thinks.
  package var wholeAnswerDeadlines: HTTPDeadlines
  /// The most bytes of one answer, as they come.
  package var maximumAnswer: Int

  package init(
    transport: any HTTPTransport, endpoint: ModelEndpoint, deadlines: HTTPDeadlines = HTTPDeadlines(),
    wholeAnswerDeadlines: HTTPDeadlines = HTTPDeadlines(idle: .seconds(600), total: .seconds(900)),
    maximumAnswer: Int = 32 << 20
  ) {
    self.transport = transport
    self.endpoint = endpoint
    self.deadlines = deadlines
    self.wholeAnswerDeadlines = wholeAnswerDeadlines
    self.maximumAnswer = maximumAnswer
  }

  /// Sends the body of a request, as ``RequestEncoder`` has made it, and gives the answer.
  ///
  /// - Throws: ``ModelError``, with the credential taken out of whatever the server said.
  package func send(
    _ body: [UInt8], for request: ModelRequest, capabilities: ModelCapabilities
  ) async throws(ModelError) -> ModelAnswer {
    do {
      return try await answer(body, request, capabilities)
    } catch {
      var error = error
      if let credential = endpoint.credential { error.message = credential.redacting(error.message) }
      throw error
    }
  }

  private func answer(
    _ body: [UInt8], _ request: ModelRequest, _ capabilities: ModelCapabilities
  ) async throws(ModelError) -> ModelAnswer {
    guard request.model.provider == endpoint.provider else {
      throw ModelError(.misconfigured, message: "\(request.model) is not asked for at \(endpoint.baseURL)")
    }
    var headers = endpoint.headers(betas: capabilities.betas)
    headers.append(HTTPHeader("accept", request.isStreamed ? "text/event-stream" : "application/json"))
    let outgoing = HTTPRequest(
      .post, endpoint.answers, headers: headers, body: body,
      deadlines: request.isStreamed ? deadlines : wholeAnswerDeadlines, maximumBody: maximumAnswer)
    let tools = request.conversation.tools.compactMap { tool -> String? in
      if case .grammar = tool.form { tool.name } else { nil }
    }
    let context = AnswerContext(
      model: request.model, freeTextTools: Set(tools),
      salt: "\(request.settings.cacheKey) \(request.conversation.items.count) \(body.count)")
    return request.isStreamed ? try await stream(outgoing, context) : try await fetch(outgoing, context)
  }

  private func fetch(_ request: HTTPRequest, _ context: AnswerContext) async throws(ModelError) -> ModelAnswer {
    let response: HTTPResponse
    do {
      response = try await transport.send(request)
    } catch {
      throw ErrorClassifier.classify(error)
    }
    guard response.head.status < 300 else { throw ErrorClassifier.classify(response, now: Self.now()) }
    guard response.body.count <= maximumAnswer else { throw tooLarge(response.body.count) }
    var assembly = AnswerAssembly(context, head: response.head)
    do throws(ModelError) {
      if try assembly.take(response.body) { return try assembly.answer() }
      return try assembly.finish()
    } catch {
      throw noted(error, response.head, assembly.received)
    }
  }

  private func stream(_ request: HTTPRequest, _ context: AnswerContext) async throws(ModelError) -> ModelAnswer {
    let stream: HTTPStream
    do {
      stream = try await transport.stream(request)
    } catch {
      throw ErrorClassifier.classify(error)
    }
    guard stream.head.status < 300 else { throw await refusal(stream) }
    var assembly = AnswerAssembly(context, head: stream.head)
    do throws(ModelError) {
      var pieces = stream.body.makeAsyncIterator()
      while true {
        let piece: [UInt8]?
        do throws(HTTPError) {
          piece = try await pieces.next(isolation: nil)
        } catch {
          throw ErrorClassifier.classify(error)
        }
        guard let piece else { break }
        guard assembly.received + piece.count <= maximumAnswer else {
          throw tooLarge(assembly.received + piece.count)
        }
        if try assembly.take(piece) {
          drain(stream.body)
          return try assembly.answer()
        }
      }
      return try assembly.finish()
    } catch {
      throw noted(error, stream.head, assembly.received)
    }
  }

  /// Reads the rest of an answer that is whole, so that the connection can be used again.
  ///
  /// It is a matter of microseconds; but a server that says no more and does not close would be waited for until the
  /// deadline for silence, so nobody waits: this goes on beside whatever comes next, and ends by that deadline.
  private func drain(_ body: HTTPBody) {
    Task.detached {
      var pieces = body.makeAsyncIterator()
      var count = 0
      while count < 1 << 20, let piece = try? await pieces.next(isolation: nil) { count += piece.count }
    }
  }

  /// The error of an answer that is no good one; of its body as much as may say something.
  private func refusal(_ stream: HTTPStream) async -> ModelError {
    var body: [UInt8] = []
    var pieces = stream.body.makeAsyncIterator()
    while body.count < 1 << 16, let piece = try? await pieces.next(isolation: nil) { body += piece }
    return ErrorClassifier.classify(HTTPResponse(head: stream.head, body: body), now: Self.now())
  }

  private func tooLarge(_ count: Int) -> ModelError {
    ModelError(.badAnswer, message: "the answer has more than \(maximumAnswer) bytes", received: count)
  }

  private func noted(_ error: ModelError, _ head: HTTPHead, _ received: Int) -> ModelError {
    var error = error
    error.received = max(error.received, received)
    error.requestID = error.requestID ?? head["x-request-id"] ?? head["request-id"]
    return error
  }

  static func now() -> Int64 { Int64(time(nil)) }
}

/// Puts together what comes, whether it is what was asked for or not: a stream where one document was asked for, and
/// the other way round.
struct AnswerAssembly: Sendable {
  private enum Form {
    case unknown
    case events
    case document
  }

  private var reader: any AnswerReader
  private var form = Form.unknown
  private var events = ServerSentEventParser()
  private var document: [UInt8] = []
  private let contentType: String
  /// Bytes that have come.
  var received = 0

  init(_ context: AnswerContext, head: HTTPHead) {
    reader = context.reader()
    contentType = head["content-type"]?.lowercased() ?? ""
    if contentType.hasPrefix("text/event-stream") { form = .events }
  }

  /// Takes a piece; says whether the answer is whole.
  mutating func take(_ piece: [UInt8]) throws(ModelError) -> Bool {
    received += piece.count
    if form != .events, document.isEmpty {
      // A document of JSON begins with a brace or a bracket, and no line of a stream does.
      switch piece.first(where: { $0 > 0x20 }) {
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "<"): form = .document
      case nil: return false
      default: form = contentType.contains("json") || contentType.contains("html") ? .document : .events
      }
    }
    if form == .document {
      document += piece
      return false
    }
    var items: [ServerSentItem] = []
    do {
      try events.feed(piece, into: &items)
    } catch {
      throw .bad(error.description)
    }
    for case .event(let event) in items {
      if try take(event, isLast: false) { return true }
    }
    return false
  }

  private mutating func take(_ event: ServerSentEvent, isLast: Bool) throws(ModelError) -> Bool {
    let data = event.data[...]
    // Events without data, and those that keep a connection alive, say nothing.
    if data.isEmpty || event.name == "ping" { return false }
    if data.elementsEqual("[DONE]".utf8) { return true }
    let slice: JSONSlice
    do {
      slice = try JSONSlice(data)
    } catch {
      // At the very end it is merely cut off.
      if isLast { return false }
      throw .bad("an event is no JSON (\(error)): \(String(decoding: data.prefix(200), as: UTF8.self))")
    }
    return try reader.receive(slice)
  }

  /// The answer, once it is whole.
  mutating func answer() throws(ModelError) -> ModelAnswer { try reader.finish() }

  /// The answer, once nothing more comes.
  mutating func finish() throws(ModelError) -> ModelAnswer {
    guard form == .document else {
      if let event = events.finish() { _ = try take(event, isLast: true) }
      if received == 0 { throw ModelError(.interrupted, message: "the answer is empty") }
      return try reader.finish()
    }
    let slice: JSONSlice
    do {
      slice = try JSONSlice(document)
    } catch {
      let text = String(decoding: document.prefix(300), as: UTF8.self)
      throw .bad("the answer is no JSON (\(error)): \(text)")
    }
    return try reader.read(slice)
  }
}
