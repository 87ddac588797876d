internal import JSON

/// One answer, before it is written in a dialect.
struct Answer: Sendable {
  struct Call: Sendable {
    /// The id that the result refers to.
    var id: String
    /// The id of the item itself, which only Responses has.
    var item: String
    var rendered: RenderedCall
  }

  enum Stop: Sendable { case end, length, refusal, pause, contextFull }

  /// How the answer turns into an error after the head was sent.
  enum Failure: Sendable { case server, bareError, overflow }

  var id: String
  var model: String
  var created: Int
  var reasoning: String?
  /// The id of the reasoning item of Responses.
  var reasoningID = ""
  var signature = ""
  /// Whether the client wants to read the reasoning, and to get it back sealed.
  var showsReasoning = true
  var sealsReasoning = true
  var text: String
  var textID: String
  var calls: [Call]
  var stop = Stop.end
  var failure: Failure?
  var input: PromptUsage
  var output: Int
  var reasoningTokens = 0
  /// Whether the last call was cut short.
  var isTruncated: Bool { stop == .length }
  var piece: Int
  var leavesOutUsage = false
  /// Chat: whether usage goes in a chunk of its own, and which vendor's fields there are.
  var streamsUsage = false
  var vendor = Scenario.ChatVendor.openai

  /// A text in the pieces in which a stream carries it.
  func pieces(_ text: String) -> [JSONValue] {
    var result: [JSONValue] = []
    var piece = ""
    for character in text {
      if piece.utf8.count + character.utf8.count > self.piece, !piece.isEmpty {
        result.append(.string(piece))
        piece = ""
      }
      piece.append(character)
    }
    if !piece.isEmpty { result.append(.string(piece)) }
    return result
  }

  /// The last call is the one that was cut short.
  func isCut(_ index: Int) -> Bool { isTruncated && index == calls.count - 1 }
}

/// An answer as a dialect streams it.
struct EventStream: Sendable {
  private(set) var events: [[UInt8]] = []
  /// How many events there were before the first of those that end the stream.
  var end: Int?

  mutating func add(_ name: String?, _ value: JSONValue) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1024)
    if let name { bytes += "event: \(name)\n".utf8 }
    bytes += "data: ".utf8
    value.appendCompact(to: &bytes)
    bytes += "\n\n".utf8
    events.append(bytes)
  }

  mutating func add(raw text: String) { events.append(Array(text.utf8)) }

  mutating func markEnd() { end = events.count }
}
