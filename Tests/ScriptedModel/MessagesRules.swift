internal import JSON

/// The rules of Anthropic Messages for a history.
struct MessagesRules: HistoryRules {
  let settings: HistorySettings
  private var index = 0
  private var lastRole = ""
  /// The calls of the last message, which the next one has to answer.
  private var pending: [String] = []
  /// How many breakpoints there are so far, those of tools and system prompt included.
  private var breakpoints: Int
  /// The latest message with calls that came without its thinking, unless a user spoke since.
  private var missingThinking: Int?

  init(settings: HistorySettings, breakpoints: Int) {
    self.settings = settings
    self.breakpoints = breakpoints
  }

  static func segments(_ entry: JSONValue, _ bytes: ArraySlice<UInt8>) -> [PromptSegment] {
    let role = entry["role"]?.string ?? ""
    if let text = entry["content"]?.string {
      return JSONValue.blockSegments([["type": "text", "text": .string(text)]], prefix: role)
    }
    return JSONValue.blockSegments(entry["content"]?.array ?? [], prefix: role)
  }

  mutating func check(_ entry: JSONValue, _ sent: SentMemory) throws(Refusal) {
    let place = "messages.\(index)"
    guard let members = entry.object else { throw .invalid("\(place): Input should be an object") }
    for name in members.keys.sorted() where name != "role" && name != "content" {
      throw .invalid("\(place).\(name): Extra inputs are not permitted")
    }
    guard let role = members["role"]?.string else { throw .invalid("\(place).role: Field required") }
    guard role == "user" || role == "assistant" else {
      throw .invalid("\(place).role: Input should be 'user' or 'assistant'")
    }
    if index == 0, role != "user" { throw .invalid("messages: first message must use the \"user\" role") }
    guard let content = members["content"] else { throw .invalid("\(place).content: Field required") }
    let blocks: [JSONValue]
    if let text = content.string {
      blocks = text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
    } else if let list = content.array {
      blocks = list
    } else {
      throw .invalid("\(place).content: Input should be a valid string or list")
    }
    guard !blocks.isEmpty else {
      throw .invalid(
        "\(place): all messages must have non-empty content except for the optional final assistant message")
    }
    if role == "user" { try user(blocks, place) } else { try assistant(blocks, place, sent) }
    lastRole = role
    index += 1
  }

  func finish() throws(Refusal) {
    guard index > 0 else { throw .invalid("messages: at least one message is required") }
    if !pending.isEmpty { throw unanswered(index - 1) }
    if lastRole == "assistant" {
      throw .invalid(
        "This model does not support assistant message prefill. The conversation must end with a user message.")
    }
    if breakpoints > 4 {
      throw .invalid("A maximum of 4 blocks with cache_control may be provided. Found \(breakpoints).")
    }
    if let missingThinking, settings.isThinking {
      throw .invalid(
        "messages.\(missingThinking).content.0.type: Expected `thinking` or `redacted_thinking`, but found another "
          + "block. When `thinking` is enabled, an assistant message with `tool_use` must start with the thinking "
          + "block(s) it was returned with.")
    }
  }

  private func unanswered(_ index: Int) -> Refusal {
    .invalid(
      "messages.\(index): `tool_use` ids were found without `tool_result` blocks immediately after: "
        + "\(pending.joined(separator: ", ")). Each `tool_use` block must have a corresponding `tool_result` block in "
        + "the next message.")
  }

  private mutating func user(_ blocks: [JSONValue], _ place: String) throws(Refusal) {
    var open = pending
    var results: Set<String> = []
    for (number, block) in blocks.enumerated() {
      let here = "\(place).content.\(number)"
      let type = try common(block, here)
      switch type {
      case "text", "image", "document", "search_result":
        missingThinking = nil
        if settings.version == .october2026, block["citations"]?.array?.isEmpty == false {
          throw .invalid("\(here).text.citations: citations are not permitted in a user message")
        }
      case "tool_result":
        try Self.fields(block, ["tool_use_id", "content", "is_error", "toolset_name"], "\(here).tool_result")
        guard let id = block["tool_use_id"]?.string else {
          throw .invalid("\(here).tool_result.tool_use_id: Field required")
        }
        if !results.insert(id).inserted {
          throw .invalid(
            "\(here): each tool_use must have a single result. Found multiple `tool_result` blocks with id: \(id)")
        }
        guard let position = open.firstIndex(of: id) else {
          throw .invalid(
            "\(here): unexpected `tool_use_id` found in `tool_result` blocks: \(id). Each `tool_result` block must "
              + "have a corresponding `tool_use` block in the previous message.")
        }
        // A result behind a text does not stand immediately after its call.
        if number != results.count - 1 { throw unanswered(index - 1) }
        open.remove(at: position)
        try result(block["content"], here)
      default:
        throw .invalid(
          "\(here): Input tag '\(type)' found using 'type' does not match any of the expected tags for a user message")
      }
    }
    pending = open
    if !pending.isEmpty { throw unanswered(index - 1) }
  }

  private mutating func result(_ content: JSONValue?, _ here: String) throws(Refusal) {
    guard let content, content != .null, content.string == nil else { return }
    guard let parts = content.array else {
      throw .invalid("\(here).tool_result.content: Input should be a valid string or list")
    }
    for (number, part) in parts.enumerated() {
      let type = try common(part, "\(here).tool_result.content.\(number)")
      guard ["text", "image", "document", "search_result", "tool_reference"].contains(type) else {
        throw .invalid("\(here).tool_result.content.\(number): Input tag '\(type)' is not expected in a tool_result")
      }
    }
  }

  private mutating func assistant(_ blocks: [JSONValue], _ place: String, _ sent: SentMemory) throws(Refusal) {
    if !pending.isEmpty { throw unanswered(index - 1) }
    var signatures: [String] = []
    var wanted: [String] = []
    for (number, block) in blocks.enumerated() {
      let here = "\(place).content.\(number)"
      let type = try common(block, here)
      switch type {
      case "text": break
      case "document" where settings.version == .june2023: break
      case "thinking":
        guard let text = block["thinking"]?.string else { throw .invalid("\(here).thinking.thinking: Field required") }
        guard let signature = block["signature"]?.string else {
          throw .invalid("\(here).thinking.signature: Field required")
        }
        guard Seal.isSignature(signature, ofThinking: text) else {
          throw .invalid("\(here): Invalid `signature` in `thinking` block")
        }
        signatures.append(signature)
      case "redacted_thinking": throw .invalid("\(here): Invalid `data` in `redacted_thinking` block")
      case "tool_use": wanted += try call(block, here, sent)
      default:
        throw .invalid(
          "\(here): Input tag '\(type)' found using 'type' does not match any of the expected tags for a message of the "
            + "assistant"
        )
      }
    }
    // An earlier message of the same run of calls that lacks its thinking is wrong too.
    if missingThinking == nil, !wanted.allSatisfy(signatures.contains) { missingThinking = index }
  }

  private mutating func call(_ block: JSONValue, _ here: String, _ sent: SentMemory) throws(Refusal) -> [String] {
    try Self.fields(block, ["id", "name", "input", "caller", "toolset_name"], "\(here).tool_use")
    guard let id = block["id"]?.string else { throw .invalid("\(here).tool_use.id: Field required") }
    guard !id.isEmpty, id.utf8.allSatisfy(Self.isIdentifier) else {
      throw .invalid("\(here).tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    }
    guard block["name"]?.string?.isEmpty == false else { throw .invalid("\(here).tool_use.name: Field required") }
    guard block["input"]?.object != nil else {
      throw .invalid("\(here).tool_use.input: Input should be a valid dictionary")
    }
    guard settings.hasTools else {
      throw .invalid("Requests which include `tool_use` or `tool_result` blocks must define tools.")
    }
    if pending.contains(id) { throw .invalid("messages: `tool_use` ids must be unique") }
    pending.append(id)
    return sent.thinking[id] ?? []
  }

  /// Checks what every block has, and gives its type.
  private mutating func common(_ block: JSONValue, _ here: String) throws(Refusal) -> String {
    guard block.object != nil else { throw .invalid("\(here): Input should be an object") }
    guard let type = block["type"]?.string else { throw .invalid("\(here).type: Field required") }
    if let mark = block["cache_control"], mark != .null {
      breakpoints += 1
      try Self.checkMark(mark, here)
      if type == "thinking" { throw .invalid("\(here).thinking.cache_control: Extra inputs are not permitted") }
    }
    if type == "text" {
      try Self.fields(block, ["text", "citations"], "\(here).text")
      guard let text = block["text"]?.string else { throw .invalid("\(here).text.text: Field required") }
      if text.isEmpty { throw .invalid("messages: text content blocks must be non-empty") }
      if text.utf8.allSatisfy({ $0 == 32 || (9...13).contains($0) }) {
        throw .invalid("messages: text content blocks must contain non-whitespace text")
      }
    } else if type == "thinking" {
      try Self.fields(block, ["thinking", "signature"], "\(here).thinking")
    }
    return type
  }

  /// Checks a `cache_control`.
  static func checkMark(_ mark: JSONValue, _ here: String) throws(Refusal) {
    guard mark["type"] == "ephemeral" else {
      throw .invalid("\(here).cache_control: Input tag does not match any of the expected tags: 'ephemeral'")
    }
    if let lifetime = mark["ttl"], lifetime != "5m", lifetime != "1h" {
      throw .invalid("\(here).cache_control.ephemeral.ttl: Input should be '5m' or '1h'")
    }
  }

  private static func fields(_ block: JSONValue, _ known: [String], _ here: String) throws(Refusal) {
    for name in (block.object ?? [:]).keys.sorted() where !(known + ["type", "cache_control"]).contains(name) {
      throw .invalid("\(here).\(name): Extra inputs are not permitted")
    }
  }

  private static func isIdentifier(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
      || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
