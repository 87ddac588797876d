internal import JSON

/// Reads answers of Anthropic Messages, block by block.
///
/// A block that came in one document is kept byte for byte; one that came in pieces is put together to the block that
/// the vendor would have given in one, its texts and signatures unchanged.
struct MessagesReader: AnswerReader {
  /// A block as it is put together.
  private struct Block {
    var start: JSONSlice
    var text: [String] = []
    var input: [String] = []
    var thinking: [String] = []
    var signature: [String] = []
    var citations: [JSONSlice] = []
    var isStopped = false
  }

  private let context: AnswerContext
  private var order: [Int] = []
  private var blocks: [Int: Block] = [:]
  private var usage: JSONSlice?
  private var laterUsage: JSONSlice?
  private var stop: String?
  private var details: JSONSlice?
  private var isWhole = false

  init(_ context: AnswerContext) {
    self.context = context
  }

  mutating func receive(_ event: JSONSlice) throws(ModelError) -> Bool {
    switch event["type"]?.string {
    case "message_start": usage = event["message"]?["usage"]
    case "content_block_start":
      guard let block = event["content_block"] else { throw .bad("a block is missing", event) }
      let index = event["index"]?.integer ?? order.count
      if blocks[index] == nil { order.append(index) }
      guard order.count <= mostParts else { throw .bad("it has more than \(mostParts) blocks") }
      blocks[index] = Block(start: block)
    case "content_block_delta": try take(event)
    case "content_block_stop":
      if let index = event["index"]?.integer ?? order.last { blocks[index]?.isStopped = true }
    case "message_delta":
      if let usage = event["usage"], !usage.isNull { laterUsage = usage }
      if let reason = event["delta"]?["stop_reason"]?.string { stop = reason }
      if let details = event["delta"]?["stop_details"], !details.isNull { self.details = details }
    case "message_stop":
      isWhole = true
      return true
    case "error": throw .inside(event)
    case nil:
      if let error = event["error"], !error.isNull { throw .inside(event) }
    default: break
    }
    return false
  }

  private mutating func take(_ event: JSONSlice) throws(ModelError) {
    guard let index = event["index"]?.integer ?? order.last, let delta = event["delta"], blocks[index] != nil else {
      throw .bad("a piece belongs to no block", event)
    }
    switch delta["type"]?.string {
    case "text_delta": if let text = delta["text"]?.string { blocks[index]?.text.append(text) }
    case "input_json_delta": if let text = delta["partial_json"]?.string { blocks[index]?.input.append(text) }
    case "thinking_delta": if let text = delta["thinking"]?.string { blocks[index]?.thinking.append(text) }
    case "signature_delta": if let text = delta["signature"]?.string { blocks[index]?.signature.append(text) }
    case "citations_delta": if let citation = delta["citation"] { blocks[index]?.citations.append(citation) }
    default: break
    }
  }

  mutating func finish() throws(ModelError) -> ModelAnswer {
    // A server that is merely compatible may leave the last event out, but not the reason.
    guard isWhole || stop != nil else { throw .cutShort }
    var pieces: [(text: String, isWhole: Bool, input: String?)] = []
    for index in order {
      guard let block = blocks[index] else { continue }
      let input = block.input.joined()
      pieces.append((assembled(block, input: input), block.isStopped, block.input.isEmpty ? nil : input))
    }
    return try answer(pieces)
  }

  mutating func read(_ document: JSONSlice) throws(ModelError) -> ModelAnswer {
    if document["type"]?.string == "error" { throw .inside(document) }
    guard let content = document["content"], content.kind == .array else {
      if let error = document["error"], !error.isNull { throw .inside(document) }
      throw .bad("there is no content", document)
    }
    usage = document["usage"]
    stop = document["stop_reason"]?.string
    details = document["stop_details"].flatMap { $0.isNull ? nil : $0 }
    return try answer(content.elements.map { ($0.text, true, nil) })
  }

  /// The block as one document: what it began with, and in place of what came later all of that.
  private func assembled(_ block: Block, input: String) -> String {
    var replaced: [(String, String)] = []
    if !block.text.isEmpty {
      replaced.append(("text", JSONText.quoted((block.start["text"]?.string ?? "") + block.text.joined())))
    }
    if !block.thinking.isEmpty {
      replaced.append(("thinking", JSONText.quoted((block.start["thinking"]?.string ?? "") + block.thinking.joined())))
    }
    if !block.signature.isEmpty { replaced.append(("signature", JSONText.quoted(block.signature.joined()))) }
    if !input.isEmpty {
      // An input that is no object cannot be sent back.
      replaced.append(("input", JSONSlice(text: input)?.kind == .object ? input : "{}"))
    }
    if !block.citations.isEmpty {
      replaced.append(("citations", "[\(block.citations.map(\.text).joined(separator: ","))]"))
    }
    var members = block.start.members.map { member in
      (member.name, replaced.first { $0.0 == member.name }?.1 ?? member.value.text)
    }
    members += replaced.filter { new in !members.contains { $0.0 == new.0 } }
    return "{" + members.map { "\(JSONText.quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
  }

  private func answer(_ pieces: [(text: String, isWhole: Bool, input: String?)]) throws(ModelError) -> ModelAnswer {
    var text = ""
    var calls: [ToolCall] = []
    var echoed: [String] = []
    let isCut = stop == "max_tokens" || stop == "model_context_window_exceeded"
    for (index, piece) in pieces.enumerated() {
      guard let block = JSONSlice(text: piece.text) else { throw .bad("a block is no JSON: \(piece.text.prefix(200))") }
      switch block["type"]?.string {
      case "text":
        let words = block["text"]?.string ?? ""
        text += words
        // A block without a word is refused when it is sent back.
        if !words.utf8.contains(where: { $0 > 0x20 }) { continue }
      case "tool_use":
        guard let id = block["id"]?.string, let name = block["name"]?.string else {
          throw .bad("a call lacks its id or its name", block)
        }
        let arguments = piece.input ?? block["input"]?.text ?? "{}"
        let isTruncated = !piece.isWhole || (isCut && index == pieces.count - 1)
        calls.append(
          ToolCall(id: id, name: name, input: context.input(of: name, arguments: arguments), isTruncated: isTruncated))
      case "thinking":
        // One that was cut short has no signature, and is refused without.
        if block["signature"]?.string?.isEmpty ?? true { continue }
      default: break
      }
      echoed.append(piece.text)
    }
    let echo = echoed.isEmpty ? nil : Echo(dialect: .messages, model: context.model.name, pieces: echoed)
    let reason = stopReason(calls)
    if reason == .refusal, text.isEmpty { text = details?["explanation"]?.string ?? "" }
    let turn = AssistantTurn(text: text, calls: calls, stop: reason, echo: echo)
    return ModelAnswer(turn: turn, usage: tokens())
  }

  private func stopReason(_ calls: [ToolCall]) -> StopReason {
    switch stop {
    case "max_tokens": .length
    case "pause_turn", "compaction": .pause
    case "refusal": .refusal
    case "model_context_window_exceeded": .contextFull
    default: context.settled(.end, calls)
    }
  }

  /// The later counts are those of the whole answer, but not every server repeats all of them.
  private func tokens() -> TokenUsage? {
    func count(_ name: String) -> Int? {
      let told = laterUsage?[name]?.integer == nil ? usage : laterUsage
      return told?[name]?.integer == nil ? nil : told?.count(name)
    }
    guard let input = count("input_tokens"), let output = count("output_tokens") else { return nil }
    // What no cache held is counted apart here; the three add up to all of the input.
    return TokenUsage(
      input: input, cacheRead: count("cache_read_input_tokens") ?? 0,
      cacheWrite: count("cache_creation_input_tokens") ?? 0, output: output)
  }
}
