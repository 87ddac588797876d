internal import JSON

/// The rules of OpenAI Responses for a history that the client keeps.
struct ResponsesRules: HistoryRules {
  let settings: HistorySettings
  private var index = 0
  /// Calls without a result so far, by their id: the type of the call.
  private var open: [String: String] = [:]
  /// The reasoning item whose following item has not come yet.
  private var reasoning: String?
  /// The reasoning items since the last thing that is not the model's, which a later item may refer to.
  private var recentReasoning: [String] = []

  init(settings: HistorySettings) { self.settings = settings }

  private static let known: [String: [String]] = [
    "message": ["role", "content", "phase"],
    "function_call": ["call_id", "name", "arguments", "namespace"],
    "function_call_output": ["call_id", "output"],
    "custom_tool_call": ["call_id", "name", "input", "namespace"],
    "custom_tool_call_output": ["call_id", "output"],
    "reasoning": ["summary", "content", "encrypted_content"],
  ]

  private static let prefixes = [
    "message": "msg", "function_call": "fc", "custom_tool_call": "ctc", "reasoning": "rs",
  ]

  /// Item types that the vendor knows and of which only the pairing is checked here.
  private static let others = [
    "apply_patch_call", "apply_patch_call_output", "shell_call", "shell_call_output", "local_shell_call",
    "local_shell_call_output", "compaction", "web_search_call", "file_search_call", "additional_tools",
  ]

  mutating func check(_ entry: JSONValue, _ sent: SentMemory) throws(Refusal) {
    let place = "input[\(index)]"
    guard let members = entry.object else {
      throw .invalid("Invalid type for '\(place)': expected an object.", code: "invalid_type", parameter: place)
    }
    let type = members["type"]?.string ?? (members["role"] != nil ? "message" : "")
    if type.isEmpty { throw .missing("\(place).type") }
    if type == "item_reference" {
      throw Refusal(
        404, "invalid_request_error",
        "Item with id '\(members["id"]?.string ?? "")' not found. Items are not persisted when `store` is set to "
          + "false. Try again with `store` set to true, or remove this item from your input.", parameter: "input")
    }
    guard Self.known[type] != nil || Self.others.contains(type) else {
      throw .invalid(
        "Invalid value: '\(type)'. Supported values are: "
          + Self.known.keys.sorted().map { "'\($0)'" }.joined(separator: ", ") + " and others.",
        code: "invalid_value", parameter: place)
    }
    for name in members.keys.sorted()
    where !(["type", "id", "status"] + (Self.known[type] ?? [name])).contains(name) {
      throw .unknown("\(place).\(name)")
    }
    let id = members["id"]?.string
    if let id, let prefix = Self.prefixes[type], !id.hasPrefix(prefix) {
      throw .invalid(
        "Invalid '\(place).id': '\(id)'. Expected an ID that begins with '\(prefix)'.", code: "invalid_value",
        parameter: "\(place).id")
    }
    let isModels = type.hasSuffix("_call") || type == "reasoning" || members["role"] == "assistant"
    if let reasoning, !isModels { throw Self.withoutFollowing(reasoning) }
    if !isModels { recentReasoning = [] }
    reasoning = nil
    switch type {
    case "message": try message(entry, place)
    case "reasoning": try reasoningItem(entry, place)
    default: try callOrResult(entry, type, place)
    }
    if let id, type != "reasoning", let needed = sent.reasoning[id], !recentReasoning.contains(needed) {
      throw .invalid(
        "Item '\(id)' of type '\(type)' was provided without its required 'reasoning' item: '\(needed)'.",
        parameter: "input")
    }
    index += 1
  }

  func finish() throws(Refusal) {
    if let reasoning { throw Self.withoutFollowing(reasoning) }
    if let call = open.keys.min() {
      let kind = open[call] == "custom_tool_call" ? "custom tool call" : "function call"
      throw .invalid("No tool output found for \(kind) \(call).", parameter: "input")
    }
    if index == 0 {
      throw .invalid(
        "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        code: "empty_array", parameter: "input")
    }
  }

  private static func withoutFollowing(_ id: String) -> Refusal {
    .invalid("Item '\(id)' of type 'reasoning' was provided without its required following item.", parameter: "input")
  }

  private func message(_ entry: JSONValue, _ place: String) throws(Refusal) {
    guard let role = entry["role"]?.string else { throw .missing("\(place).role") }
    guard ["user", "assistant", "system", "developer"].contains(role) else {
      throw .invalid(
        "Invalid value: '\(role)'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
        code: "invalid_value", parameter: "\(place).role")
    }
    guard let content = entry["content"], content != .null else { throw .missing("\(place).content") }
    if content.string != nil { return }
    guard let parts = content.array else {
      throw .invalid(
        "Invalid type for '\(place).content': expected one of an array of objects or string.", code: "invalid_type",
        parameter: "\(place).content")
    }
    let allowed =
      role == "assistant" ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file"]
    for (number, part) in parts.enumerated() {
      let type = part["type"]?.string ?? ""
      guard allowed.contains(type) else {
        throw .invalid(
          "Invalid value: '\(type)'. Supported values are: \(allowed.map { "'\($0)'" }.joined(separator: " and ")).",
          code: "invalid_value", parameter: "\(place).content[\(number)]")
      }
      if type.hasSuffix("_text"), part["text"]?.string == nil { throw .missing("\(place).content[\(number)].text") }
    }
  }

  private mutating func reasoningItem(_ entry: JSONValue, _ place: String) throws(Refusal) {
    guard entry["summary"]?.array != nil else { throw .missing("\(place).summary") }
    let id = entry["id"]?.string ?? ""
    guard let sealed = entry["encrypted_content"]?.string else {
      throw Refusal(
        404, "invalid_request_error",
        "Item with id '\(id)' not found. Items are not persisted when `store` is set to false. Try again with `store` "
          + "set to true, or remove this item from your input.", parameter: "input")
    }
    guard Seal.isEncrypted(sealed, for: "reasoning") else {
      throw .invalid(
        "The encrypted content for item \(id) could not be verified. Reason: Encrypted content could not be decrypted "
          + "or parsed.", code: "invalid_encrypted_content")
    }
    reasoning = id
    recentReasoning.append(id)
  }

  private mutating func callOrResult(_ entry: JSONValue, _ type: String, _ place: String) throws(Refusal) {
    if type.hasSuffix("_output") {
      guard let call = entry["call_id"]?.string else { throw .missing("\(place).call_id") }
      guard let output = entry["output"], output != .null else { throw .missing("\(place).output") }
      guard output.string != nil || output.array != nil || Self.known[type] == nil else {
        throw .invalid(
          "Invalid type for '\(place).output': expected one of a string or array of objects.", code: "invalid_type",
          parameter: "\(place).output")
      }
      let wanted = String(type.dropLast("_output".count))
      guard open[call] == wanted else {
        let kind = wanted == "custom_tool_call" ? "custom tool call" : "function call"
        throw .invalid("No tool call found for \(kind) output with call_id \(call).", parameter: "input")
      }
      open[call] = nil
    } else if Self.known[type] != nil {
      guard let call = entry["call_id"]?.string else { throw .missing("\(place).call_id") }
      guard entry["name"]?.string?.isEmpty == false else { throw .missing("\(place).name") }
      let field = type == "custom_tool_call" ? "input" : "arguments"
      guard entry[field]?.string != nil else { throw .missing("\(place).\(field)") }
      if open[call] != nil {
        throw .invalid("Duplicate item found with call_id \(call).", parameter: "input")
      }
      open[call] = type
    } else if type.hasSuffix("shell_call") || type == "apply_patch_call", let call = entry["call_id"]?.string {
      open[call] = type
    }
  }
}
