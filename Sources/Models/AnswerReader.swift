internal import JSON

/// Puts an answer together, out of the events of a stream or out of one document.
protocol AnswerReader: Sendable {
  /// Takes the data of one event.
  ///
  /// - Returns: Whether the answer is whole: nothing more needs to come.
  mutating func receive(_ event: JSONSlice) throws(ModelError) -> Bool
  /// Takes the end of the stream; `[DONE]` of dialects that have it stands for it.
  mutating func finish() throws(ModelError) -> ModelAnswer
  /// Takes an answer that came in one piece.
  mutating func read(_ document: JSONSlice) throws(ModelError) -> ModelAnswer
}

/// What the readers need to know of the request.
struct AnswerContext: Sendable {
  var model: ModelName
  /// The tools that take free text: where a server knows no such, the model wraps it into an object.
  var freeTextTools: Set<String>
  /// Differs from request to request of one conversation; ids are made of it where a server gives none.
  var salt: String

  func reader() -> any AnswerReader {
    switch model.dialect {
    case .responses: ResponsesReader(self)
    case .chat: ChatReader(self)
    case .messages: MessagesReader(self)
    }
  }

  /// The input of a call of a tool, as the tool expects it.
  func input(of name: String, arguments: String) -> ToolCall.Input {
    guard freeTextTools.contains(name) else { return .json(arguments) }
    if let document = JSONSlice(text: arguments) {
      // The one member, however the model has named it.
      if let text = document["input"]?.string { return .text(text) }
      let members = document.members
      if members.count == 1, let text = members[0].value.string { return .text(text) }
      if let text = document.string { return .text(text) }
      return .json(arguments)
    }
    // Text that was not wrapped at all; what merely looks like a broken object stays one.
    return arguments.trimmingBlanks.hasPrefix("{") ? .json(arguments) : .text(arguments)
  }

  /// An id for a call that has none.
  func madeUpID(_ index: Int) -> String { "call_" + Fingerprint.hex("\(salt) \(index)".utf8) }

  /// The calls with ids that differ, made up where they are missing or used twice.
  func withDistinctIDs(_ calls: [ToolCall]) -> [ToolCall] {
    var used: Set<String> = []
    var calls = calls
    for index in calls.indices {
      if calls[index].id.isEmpty || !used.insert(calls[index].id).inserted {
        calls[index].id = madeUpID(index)
        used.insert(calls[index].id)
      }
    }
    return calls
  }

  /// A reason to stop that fits what was said.
  func settled(_ stop: StopReason, _ calls: [ToolCall]) -> StopReason {
    switch stop {
    // Not every server says that it waits for calls.
    case .end, .calls: calls.isEmpty ? .end : .calls
    default: stop
    }
  }
}

/// The most parts that an answer may have: more is the work of a server that has lost its way.
let mostParts = 4096

extension ModelError {
  static func bad(_ what: String, _ document: JSONSlice? = nil) -> ModelError {
    let excerpt = document.map { ": " + String(decoding: $0.bytes.prefix(300), as: UTF8.self) } ?? ""
    return ModelError(.badAnswer, message: what + excerpt)
  }

  static let cutShort = ModelError(.interrupted, message: "the stream ended before the answer did")

  /// The error that stands inside a stream or a good answer.
  static func inside(_ document: JSONSlice) -> ModelError { ErrorClassifier.classify(ErrorReport(inside: document)) }
}

extension JSONSlice {
  /// A count of tokens; what is none counts as none, and nothing counts as more than a billion: one can reckon with it.
  func count(_ name: String) -> Int { min(max(0, self[name]?.integer ?? 0), 1 << 30) }
}
