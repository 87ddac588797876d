import Base
import HTTP
import Models

/// Answers every request with what a test has laid out, and notes what it was asked.
final class ScriptedTransport: HTTPTransport {
  /// One answer: its head, its pieces, and how it ends.
  struct Answer: Sendable {
    var status = 200
    var headers: [HTTPHeader] = []
    var pieces: [[UInt8]] = []
    /// What happens in place of the end.
    var failure: HTTPError.Code?
    /// What happens in place of the head.
    var refusal: HTTPError.Code?
  }

  private let answer: @Sendable (HTTPRequest, Int) -> Answer
  private let seen = Lock<[HTTPRequest]>([])

  init(_ answer: @escaping @Sendable (HTTPRequest, Int) -> Answer) {
    self.answer = answer
  }

  convenience init(_ answer: Answer) {
    self.init { _, _ in answer }
  }

  var requests: [HTTPRequest] { seen.withLock { $0 } }

  private func next(_ request: HTTPRequest) -> Answer {
    let count = seen.withLock {
      $0.append(request)
      return $0.count
    }
    return answer(request, count - 1)
  }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let answer = next(request)
    if let code = answer.refusal ?? answer.failure { throw HTTPError(code, operation: "POST test", detail: "scripted") }
    return HTTPResponse(
      head: HTTPHead(status: answer.status, headers: answer.headers), body: answer.pieces.flatMap { $0 })
  }

  func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
    let answer = next(request)
    if let code = answer.refusal { throw HTTPError(code, operation: "POST test", detail: "scripted") }
    let rest = Lock(answer.pieces[...])
    let body = HTTPBody { () async throws(HTTPError) -> [UInt8]? in
      if let piece = rest.withLock({ $0.popFirst() }) { return piece }
      if let code = answer.failure { throw HTTPError(code, operation: "POST test", detail: "scripted") }
      return nil
    }
    return HTTPStream(head: HTTPHead(status: answer.status, headers: answer.headers), body: body)
  }
}

/// Answers with one piece, and then says nothing more.
struct OpenEndedTransport: HTTPTransport {
  private let piece: [UInt8]

  init(_ piece: [UInt8]) { self.piece = piece }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    throw HTTPError(.connect, operation: "POST test", detail: "it only streams")
  }

  func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
    let rest = Lock([piece][...])
    let body = HTTPBody { () async throws(HTTPError) -> [UInt8]? in
      if let piece = rest.withLock({ $0.popFirst() }) { return piece }
      let (endless, keeper) = AsyncStream<Never>.makeStream()
      for await _ in endless {}
      keeper.finish()
      throw HTTPError(.cancelled, operation: "POST test", detail: "let go of")
    }
    return HTTPStream(head: HTTPHead(status: 200, headers: eventStream), body: body)
  }
}

/// The same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

let eventStream = [HTTPHeader("content-type", "text/event-stream")]
let jsonDocument = [HTTPHeader("content-type", "application/json")]

func name(_ dialect: Dialect) throws -> ModelName {
  switch dialect {
  case .responses: try ModelName("openai/gpt-5.6")
  case .chat: try ModelName("deepseek/deepseek-v4-pro")
  case .messages: try ModelName("anthropic/claude-sonnet-5")
  }
}

func endpoint(_ provider: ModelName.Provider) throws -> ModelEndpoint {
  try ModelEndpoint(provider: provider, baseURL: "https://models.test/v1", credential: Secret("sk-very-secret-key"))
}

let shellTool = ToolDeclaration(
  name: "shell", description: "Runs a command.",
  form: .function(schema: #"{"type":"object","properties":{"cmd":{"type":"string"}},"required":["cmd"]}"#))
let patchTool = ToolDeclaration(
  name: "apply_patch", description: "Edits files.", form: .grammar(lark: "start: \"x\"\n"))

func request(
  _ model: ModelName, _ items: ConversationItems = [.user("hello")], streamed: Bool = true,
  tools: [ToolDeclaration] = [shellTool, patchTool]
) -> ModelRequest {
  ModelRequest(
    model: model, conversation: Conversation(system: "You are \"it\".", tools: tools, items: items),
    settings: ModelSettings(maximumOutput: 4000, cacheKey: "run-1"), isStreamed: streamed)
}

func request(
  _ model: ModelName, _ items: [ConversationItem], streamed: Bool = true,
  tools: [ToolDeclaration] = [shellTool, patchTool]
) -> ModelRequest {
  request(model, ConversationItems(items), streamed: streamed, tools: tools)
}

/// Sends a request to a server that answers with these pieces.
func ask(
  _ model: ModelName, _ pieces: [[UInt8]], streamed: Bool = true, headers: [HTTPHeader]? = nil,
  failure: HTTPError.Code? = nil
) async throws -> ModelAnswer {
  let transport = ScriptedTransport(
    ScriptedTransport.Answer(
      headers: headers ?? (streamed ? eventStream : jsonDocument), pieces: pieces, failure: failure))
  let client = ModelClient(transport: transport, endpoint: try endpoint(model.provider))
  let request = request(model, streamed: streamed)
  return try await client.send([], for: request, capabilities: ModelFamilies.capabilities(of: model))
}

func ask(_ model: ModelName, _ text: String, streamed: Bool = true) async throws -> ModelAnswer {
  try await ask(model, [Array(text.utf8)], streamed: streamed)
}

/// The error of asking; an answer is a failure of the test.
func error(_ model: ModelName, _ text: String, streamed: Bool = true, failure: HTTPError.Code? = nil) async throws
  -> ModelError
{
  do {
    let answer = try await ask(model, [Array(text.utf8)], streamed: streamed, failure: failure)
    throw Unexpected(text: "\(answer)")
  } catch let error as ModelError {
    return error
  }
}

struct Unexpected: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}

/// Events of a stream, named by their type where the dialect does so.
func events(_ documents: [String], named: Bool = true) -> String {
  documents.map { document in
    let type = document.firstMatch(of: /"type":"([a-z_.]+)"/).map { String($0.1) } ?? ""
    return (named && !type.isEmpty ? "event: \(type)\n" : "") + "data: \(document)\n\n"
  }.joined()
}
