internal import JSON

/// Turns requests into the bytes of their bodies.
///
/// The same request gives the same bytes. An encoder keeps what it has encoded: of a conversation that has grown it
/// encodes what is new and appends it, so that a step costs the same at the first request and at the five hundredth; a
/// conversation that was changed elsewhere is encoded anew, to the bytes that a new encoder gives. Which of the two it
/// is the marks of ``ConversationItems`` tell, without a look at what was seen before.
///
/// Everything that stays the same in a run stands in front, then the items, then the few settings that may change: the
/// most tokens of an answer, the budget for thinking, which follows it, and how the answer is to come. So each body
/// begins with all of the one before it but its last bytes, and a vendor's cache finds all of it.
package struct RequestEncoder: Sendable {
  /// What the part in front of the items was made of.
  private struct Head: Hashable, Sendable {
    var model: ModelName
    var capabilities: ModelCapabilities
    var system: String
    var tools: [ToolDeclaration]
    var thinking: ModelSettings.Thinking
    var cacheKey: String
    var allowsParallelCalls: Bool
    var answerSchema: String?
  }

  private var head: Head?
  /// How many items are encoded, and the mark of the last of them.
  private var seen = 0
  private var mark: ConversationItems.Mark?
  /// What will not change any more, and behind it the rest of the body that was given last.
  private var buffer: [UInt8] = []
  /// How many bytes of the body that was given last will not change as long as the conversation only grows.
  package private(set) var settled = 0
  /// With how many of the settled bytes of the one before it the body that was given last begins: all, or none.
  package private(set) var kept = 0
  private var transcript: any Transcript = ResponsesTranscript(RequestShape.empty)

  package init() {}

  /// The body of a request, encoded from nothing.
  package static func body(_ request: ModelRequest, capabilities: ModelCapabilities) -> [UInt8] {
    var encoder = RequestEncoder()
    return encoder.encode(request, capabilities: capabilities)
  }

  /// The body of a request.
  ///
  /// The caller lets go of the last body before it asks for the next one; else what was kept is copied.
  package mutating func encode(_ request: ModelRequest, capabilities: ModelCapabilities) -> [UInt8] {
    let shape = RequestShape(request, capabilities: capabilities)
    let head = Head(
      model: request.model, capabilities: capabilities, system: request.conversation.system,
      tools: request.conversation.tools, thinking: request.settings.thinking, cacheKey: request.settings.cacheKey,
      allowsParallelCalls: request.settings.allowsParallelCalls, answerSchema: request.settings.answerSchema)
    let items = request.conversation.items
    if head == self.head, seen == 0 || items.mark(after: seen).map({ $0 === mark }) == true {
      buffer.removeLast(buffer.count - settled)
      kept = settled
    } else {
      self.head = head
      buffer = []
      seen = 0
      kept = 0
      transcript =
        switch request.model.dialect {
        case .responses: ResponsesTranscript(shape)
        case .chat: ChatTranscript(shape)
        case .messages: MessagesTranscript(shape)
        }
      transcript.open(shape, into: &buffer)
    }
    for item in items[seen...] { transcript.append(item, to: &buffer) }
    seen = items.count
    mark = items.mark(after: seen)
    settled = buffer.count
    transcript.close(shape, into: &buffer)
    return buffer
  }
}

/// One dialect's way of writing a conversation.
protocol Transcript: Sendable {
  /// Writes everything in front of the items.
  mutating func open(_ shape: RequestShape, into bytes: inout [UInt8])
  /// Writes what will not change any more once this item is there.
  mutating func append(_ item: ConversationItem, to bytes: inout [UInt8])
  /// Writes what may still change, and everything behind the items.
  func close(_ shape: RequestShape, into bytes: inout [UInt8])
}

/// What the writers of all dialects need to know of a request.
struct RequestShape: Sendable {
  var model: ModelName
  var capabilities: ModelCapabilities
  var settings: ModelSettings
  var system: String
  var tools: [ToolDeclaration]
  var isStreamed: Bool

  init(_ request: ModelRequest, capabilities: ModelCapabilities) {
    model = request.model
    self.capabilities = capabilities
    settings = request.settings
    system = request.conversation.system
    tools = request.conversation.tools
    isStreamed = request.isStreamed
  }

  private init() {
    // What an encoder holds before its first request.
    model = ModelName(known: .openai, "")
    capabilities = ModelFamilies.capabilities(of: nil)
    settings = ModelSettings(cacheKey: "")
    (system, tools, isStreamed) = ("", [], false)
  }

  static let empty = RequestShape()

  /// The schema of the answer where there is one and the model takes it.
  var answerSchema: String? { capabilities.acceptsAnswerSchema == true ? settings.answerSchema : nil }

  /// What OpenAI wants a schema to be called by.
  static let answerName = "answer"

  var maximumOutput: Int { max(1, min(settings.maximumOutput, capabilities.maximumOutput)) }

  /// Whether an answer can be sent back as it came.
  func echo(of turn: AssistantTurn) -> Echo? {
    guard let echo = turn.echo, echo.dialect == model.dialect, echo.model == model.name, !echo.pieces.isEmpty else {
      return nil
    }
    return echo
  }
}

/// The calls of the answer that was written last, as their results must name them.
struct OpenCalls: Sendable {
  struct Call: Sendable {
    var id: String
    var isFreeText: Bool
  }

  private var calls: [String: Call] = [:]

  init() {}

  /// The calls of an answer.
  ///
  /// - Parameters:
  ///   - turn: The answer.
  ///   - isEchoed: Whether the calls were sent as they came, ids included.
  ///   - shape: What the request is made of.
  init(_ turn: AssistantTurn, isEchoed: Bool, shape: RequestShape) {
    for call in turn.calls {
      var isFreeText = false
      if case .text = call.input { isFreeText = isEchoed || shape.capabilities.acceptsGrammarTools }
      let id = isEchoed ? call.id : CallID.wire(call.id, dialect: shape.model.dialect, shape.capabilities)
      calls[call.id] = Call(id: id, isFreeText: isFreeText)
    }
  }

  /// The call of a result; for one that nobody made, what its own words come to.
  func call(of result: ToolResult, shape: RequestShape) -> Call {
    calls[result.call]
      ?? Call(
        id: CallID.wire(result.call, dialect: shape.model.dialect, shape.capabilities), isFreeText: result.isFreeText)
  }
}

/// Ids of calls in the form that a dialect takes.
enum CallID {
  /// The id itself where it fits, else one made of it that is always the same.
  static func wire(_ id: String, dialect: Dialect, _ capabilities: ModelCapabilities) -> String {
    if dialect == .chat, capabilities.needsShortCallIDs {
      let fits = id.utf8.count == 9 && id.utf8.allSatisfy(isAlphanumeric)
      return fits ? id : String(Fingerprint.hex(id.utf8).prefix(9))
    }
    let fits =
      switch dialect {
      case .messages: id.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
      case .chat, .responses: id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
      }
    return fits && (1...64).contains(id.utf8.count) ? id : "call_" + Fingerprint.hex(id.utf8)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 }
}

/// The arguments of calls as they can be sent back.
enum CallArguments {
  /// A JSON object: what the model wrote where it is one, an empty one otherwise.
  ///
  /// Servers that put conversations into
  /// templates fail on anything else, and the call's result has told the model what was wrong.
  static func object(_ input: ToolCall.Input) -> String {
    switch input {
    case .json(let text): JSONSlice(text: text)?.kind == .object ? text : "{}"
    case .text(let text): #"{"input":\#(JSONText.quoted(text))}"#
    }
  }
}

extension [UInt8] {
  /// Appends bytes that are JSON already.
  mutating func raw(_ text: String) {
    append(contentsOf: text.utf8)
  }

  /// Appends a text as JSON.
  mutating func quoted(_ text: String) {
    JSONText.append(text, to: &self)
  }
}
