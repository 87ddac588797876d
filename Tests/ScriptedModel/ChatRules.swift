internal import JSON

/// The rules of Chat Completions for a history: OpenAI's, and what DeepSeek has of its own.
struct ChatRules: HistoryRules {
  let settings: HistorySettings
  private var index = 0
  /// The calls of the last assistant message that have no result yet.
  private var pending: [String] = []

  init(settings: HistorySettings) { self.settings = settings }

  private var isDeepSeek: Bool { settings.vendor == .deepseek }

  mutating func check(_ entry: JSONValue, _ sent: SentMemory) throws(Refusal) {
    let place = "messages[\(index)]"
    guard let members = entry.object else {
      throw .invalid("Invalid type for '\(place)': expected an object.", code: "invalid_type", parameter: place)
    }
    guard let role = members["role"]?.string else { throw .missing("\(place).role") }
    if role == "tool" {
      try result(entry, place)
    } else {
      if !pending.isEmpty { throw unanswered }
      switch role {
      case "assistant": try assistant(entry, place)
      case "developer" where isDeepSeek:
        throw .invalid(
          "Failed to deserialize the JSON body into the target type: \(place).role: unknown variant `developer`, "
            + "expected one of `system`, `user`, `assistant`, `tool`")
      case "system", "user", "developer": try content(entry, place, isOptional: false)
      default:
        throw .invalid(
          "Invalid value: '\(role)'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and "
            + "'developer'.", code: "invalid_value", parameter: "\(place).role")
      }
    }
    if settings.vendor == .openai {
      let known = ["role", "content", "name", "tool_calls", "tool_call_id", "refusal", "audio", "function_call"]
      for name in members.keys.sorted() where !known.contains(name) {
        // The client that sends answers back as they came sends `annotations` too.
        guard name != "annotations" else { continue }
        throw .unknown("\(place).\(name)")
      }
    }
    index += 1
  }

  func finish() throws(Refusal) {
    guard index > 0 else {
      throw .invalid(
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        code: "empty_array", parameter: "messages")
    }
    if !pending.isEmpty { throw unanswered }
  }

  private var unanswered: Refusal {
    .invalid(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        + "The following tool_call_ids did not have response messages: \(pending.joined(separator: ", "))",
      parameter: isDeepSeek ? nil : "messages")
  }

  private func content(_ entry: JSONValue, _ place: String, isOptional: Bool) throws(Refusal) {
    guard let content = entry["content"], content != .null else {
      if isOptional { return }
      throw .invalid(
        "Invalid value for 'content': expected a string, got null.", parameter: "\(place).content")
    }
    if content.string != nil { return }
    guard let parts = content.array, !parts.isEmpty else {
      throw .invalid(
        "Invalid type for '\(place).content': expected one of a string or array of objects.", code: "invalid_type",
        parameter: "\(place).content")
    }
    for (number, part) in parts.enumerated() {
      guard let type = part["type"]?.string else { throw .missing("\(place).content[\(number)].type") }
      guard type != "text" || part["text"]?.string != nil else { throw .missing("\(place).content[\(number)].text") }
    }
  }

  private mutating func result(_ entry: JSONValue, _ place: String) throws(Refusal) {
    guard let id = entry["tool_call_id"]?.string else { throw .missing("\(place).tool_call_id") }
    guard let position = pending.firstIndex(of: id) else {
      throw .invalid(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        parameter: "messages.[\(index)].role")
    }
    try content(entry, place, isOptional: false)
    if isDeepSeek, entry["content"]?.string == nil {
      throw .invalid(
        "Failed to deserialize the JSON body into the target type: \(place).content: invalid type: sequence, expected "
          + "a string")
    }
    pending.remove(at: position)
  }

  private mutating func assistant(_ entry: JSONValue, _ place: String) throws(Refusal) {
    let calls = entry["tool_calls"].flatMap { $0 == .null ? nil : $0 }
    try content(entry, place, isOptional: calls != nil || entry["refusal"]?.string != nil)
    guard let calls else { return }
    guard let list = calls.array, !list.isEmpty else {
      throw .invalid(
        "Invalid '\(place).tool_calls': empty array. Expected an array with minimum length 1, but got an empty array "
          + "instead.", code: "empty_array", parameter: "\(place).tool_calls")
    }
    for (number, call) in list.enumerated() {
      let here = "\(place).tool_calls[\(number)]"
      guard let id = call["id"]?.string else { throw .missing("\(here).id") }
      guard let type = call["type"]?.string else { throw .missing("\(here).type") }
      let inner = type == "custom" ? call["custom"] : call["function"]
      guard inner?["name"]?.string?.isEmpty == false else { throw .missing("\(here).\(type).name") }
      let field = type == "custom" ? "input" : "arguments"
      guard inner?[field]?.string != nil else {
        throw .invalid(
          "Invalid type for '\(here).\(type).\(field)': expected a string.", code: "invalid_type",
          parameter: "\(here).\(type).\(field)")
      }
      if id.utf8.count > 64, settings.vendor == .openai {
        throw .invalid(
          "Invalid '\(here).id': string too long. Expected a string with maximum length 64, but got a string with "
            + "length \(id.utf8.count) instead.", code: "string_above_max_length", parameter: "\(here).id")
      }
      if pending.contains(id) {
        throw .invalid("Duplicate value for 'tool_call_id' of '\(id)'", parameter: here)
      }
      pending.append(id)
    }
    if isDeepSeek, settings.isThinking, entry["reasoning_content"]?.string == nil {
      throw .invalid("The `reasoning_content` in the thinking mode must be passed back to the API.")
    }
  }
}

extension Refusal {
  /// OpenAI's answer where a field is missing.
  static func missing(_ parameter: String) -> Refusal {
    .invalid("Missing required parameter: '\(parameter)'.", code: "missing_required_parameter", parameter: parameter)
  }

  /// OpenAI's answer where there is a field that it does not know.
  static func unknown(_ parameter: String) -> Refusal {
    .invalid("Unknown parameter: '\(parameter)'.", code: "unknown_parameter", parameter: parameter)
  }
}
