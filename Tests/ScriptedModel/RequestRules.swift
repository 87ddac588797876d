internal import JSON

/// What the vendors check of a request beside its history.
enum RequestRules {
  private static let responses: Set<String> = [
    "background", "context_management", "conversation", "include", "input", "instructions", "max_output_tokens",
    "max_tool_calls", "metadata", "model", "parallel_tool_calls", "previous_response_id", "prompt",
    "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning", "safety_identifier",
    "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice", "tools",
    "top_logprobs", "top_p", "truncation", "user",
  ]
  private static let chat: Set<String> = [
    "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
    "max_tokens", "messages", "metadata", "modalities", "model", "n", "parallel_tool_calls", "prediction",
    "presence_penalty", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning_effort",
    "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options",
    "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity", "web_search_options",
  ]
  private static let messages: Set<String> = [
    "cache_control", "container", "context_management", "diagnostics", "inference_geo", "max_tokens", "mcp_servers",
    "messages",
    "metadata", "model", "output_config", "service_tier", "speed", "stop_sequences", "stream", "system", "temperature",
    "thinking", "tool_choice", "tools", "top_k", "top_p",
  ]

  /// Checks the members of a request.
  static func check(
    _ members: [String: JSONValue], _ dialect: WireDialect, _ settings: HistorySettings
  ) throws(Refusal) {
    switch dialect {
    case .responses: try checkResponses(members)
    case .chat: try checkChat(members, settings)
    case .messages: try checkMessages(members, settings)
    }
  }

  private static func checkResponses(_ members: [String: JSONValue]) throws(Refusal) {
    for name in members.keys.sorted() where !responses.contains(name) { throw .unknown(name) }
    guard members["model"]?.string?.isEmpty == false else { throw .missing("model") }
    guard let input = members["input"] else { throw .missing("input") }
    guard input.string != nil || input.array != nil else {
      throw .invalid(
        "Invalid type for 'input': expected one of a string or array of objects.", code: "invalid_type",
        parameter: "input")
    }
    if let previous = members["previous_response_id"]?.string {
      throw .invalid(
        "Previous response with id '\(previous)' not found.", code: "previous_response_not_found",
        parameter: "previous_response_id")
    }
    try positive(members["max_output_tokens"], "max_output_tokens", minimum: 16)
    if let effort = members["reasoning"]?["effort"]?.string { try checkEffort(effort, "reasoning.effort") }
    try flags(members, ["stream", "store", "parallel_tool_calls", "background"])
    for (index, tool) in (members["tools"]?.array ?? []).enumerated() {
      guard let type = tool["type"]?.string else { throw .missing("tools[\(index)].type") }
      guard type == "function" || type == "custom" else { continue }
      try checkTool(tool, "tools[\(index)]")
    }
    try checkChoice(members)
  }

  private static func checkChat(
    _ members: [String: JSONValue], _ settings: HistorySettings
  ) throws(Refusal) {
    guard members["model"]?.string?.isEmpty == false else {
      throw .invalid("you must provide a model parameter")
    }
    guard let messages = members["messages"] else { throw .missing("messages") }
    guard messages.array != nil else {
      throw .invalid(
        "Invalid type for 'messages': expected an array of objects.", code: "invalid_type", parameter: "messages")
    }
    switch settings.vendor {
    case .openai:
      for name in members.keys.sorted() where !chat.contains(name) {
        throw .invalid("Unrecognized request argument supplied: \(name)")
      }
      if members["max_tokens"] != nil, settings.isThinking {
        throw .invalid(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          code: "unsupported_parameter", parameter: "max_tokens")
      }
    case .deepseek:
      if members["store"] != nil {
        throw .invalid("Failed to deserialize the JSON body into the target type: unknown field `store`")
      }
    case .compatible: break
    }
    if members["stream_options"].map({ $0 != .null }) == true, members["stream"] != true {
      throw .invalid(
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.", parameter: "stream_options")
    }
    try positive(members["max_tokens"], "max_tokens", minimum: 1)
    try positive(members["max_completion_tokens"], "max_completion_tokens", minimum: 1)
    if let effort = members["reasoning_effort"]?.string { try checkEffort(effort, "reasoning_effort") }
    try flags(members, ["stream", "store", "parallel_tool_calls"])
    for (index, tool) in (members["tools"]?.array ?? []).enumerated() {
      guard let type = tool["type"]?.string else { throw .missing("tools[\(index)].type") }
      guard let inner = tool[type] else { throw .missing("tools[\(index)].\(type)") }
      try checkTool(inner, "tools[\(index)].\(type)")
    }
    try checkChoice(members)
  }

  private static func checkTool(_ tool: JSONValue, _ place: String) throws(Refusal) {
    guard let name = tool["name"]?.string else { throw .missing("\(place).name") }
    guard isToolName(name, longest: 64) else {
      throw .invalid(
        "Invalid '\(place).name': string does not match pattern. Expected a string that matches the pattern "
          + "'^[a-zA-Z0-9_-]+$'.", code: "invalid_value", parameter: "\(place).name")
    }
    if let parameters = tool["parameters"], parameters != .null, parameters["type"] != "object" {
      throw .invalid(
        "Invalid schema for function '\(name)': schema must be a JSON Schema of 'type: \"object\"'.",
        code: "invalid_function_parameters", parameter: "\(place).parameters")
    }
  }

  private static func checkChoice(_ members: [String: JSONValue]) throws(Refusal) {
    let hasTools = members["tools"]?.array?.isEmpty == false
    if let choice = members["tool_choice"], choice != .null, !hasTools, choice != "none", choice != "auto" {
      throw .invalid("'tool_choice' is only allowed when 'tools' are specified.", parameter: "tool_choice")
    }
  }

  private static func checkEffort(_ effort: String, _ place: String) throws(Refusal) {
    let known = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    guard known.contains(effort) else {
      throw .invalid(
        "Invalid value: '\(effort)'. Supported values are: \(known.map { "'\($0)'" }.joined(separator: ", ")).",
        code: "invalid_value", parameter: place)
    }
  }

  private static func positive(_ value: JSONValue?, _ name: String, minimum: Int) throws(Refusal) {
    guard let value, value != .null else { return }
    guard let number = value.integer else {
      throw .invalid("Invalid type for '\(name)': expected an integer.", code: "invalid_type", parameter: name)
    }
    guard number >= minimum else {
      throw .invalid(
        "Invalid '\(name)': integer below minimum value. Expected a value >= \(minimum), but got \(number) instead.",
        code: "integer_below_min_value", parameter: name)
    }
  }

  private static func flags(_ members: [String: JSONValue], _ names: [String]) throws(Refusal) {
    for name in names {
      guard let value = members[name], value != .null else { continue }
      guard case .bool = value else {
        throw .invalid("Invalid type for '\(name)': expected a boolean.", code: "invalid_type", parameter: name)
      }
    }
  }

  static func isToolName(_ name: String, longest: Int) -> Bool {
    !name.isEmpty && name.utf8.count <= longest
      && name.utf8.allSatisfy {
        $0 == 0x5f || $0 == 0x2d || (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
          || (0x61...0x7a).contains($0)
      }
  }

  private static func checkMessages(
    _ members: [String: JSONValue], _ settings: HistorySettings
  ) throws(Refusal) {
    for name in members.keys.sorted() where !messages.contains(name) {
      throw .invalid("\(name): Extra inputs are not permitted")
    }
    guard members["model"]?.string?.isEmpty == false else { throw .invalid("model: Field required") }
    guard members["messages"] != nil else { throw .invalid("messages: Field required") }
    guard members["messages"]?.array != nil else { throw .invalid("messages: Input should be a valid list") }
    guard let most = members["max_tokens"] else { throw .invalid("max_tokens: Field required") }
    guard let most = most.integer else { throw .invalid("max_tokens: Input should be a valid integer") }
    if most < 1 { throw .invalid("max_tokens: must be greater than or equal to 1") }
    if let system = members["system"], system.string == nil {
      guard let blocks = system.array else { throw .invalid("system: Input should be a valid string or list") }
      for (index, block) in blocks.enumerated() {
        guard block["type"] == "text", block["text"]?.string != nil else {
          throw .invalid("system.\(index).text: Field required")
        }
        if block["text"] == "" { throw .invalid("system: text content blocks must be non-empty") }
        if let mark = block["cache_control"], mark != .null {
          try MessagesRules.checkMark(mark, "system.\(index)")
        }
      }
    }
    try checkThinking(members, settings, most: most)
    try checkMessagesTools(members)
  }

  private static func checkThinking(
    _ members: [String: JSONValue], _ settings: HistorySettings, most: Int
  ) throws(Refusal) {
    if settings.version == .october2026 {
      for name in ["temperature", "top_p", "top_k"] where members[name] != nil {
        throw .invalid("\(name): Extra inputs are not permitted")
      }
    }
    let isAdaptiveOnly = ModelFacts.takesAdaptiveThinkingOnly(settings.model)
    if isAdaptiveOnly {
      for name in ["temperature", "top_p", "top_k"] where members[name].map({ $0 != .null }) == true {
        throw .invalid("`\(name)` is not supported for this model.")
      }
    }
    guard let thinking = members["thinking"], thinking != .null else { return }
    switch thinking["type"]?.string {
    case "disabled": break
    case "adaptive", "between_tools": break
    case "enabled":
      if isAdaptiveOnly {
        throw .invalid(
          "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and "
            + "\"output_config.effort\" to control thinking behavior.")
      }
      guard let budget = thinking["budget_tokens"]?.integer else {
        throw .invalid("thinking.enabled.budget_tokens: Field required")
      }
      if budget < 1024 {
        throw .invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
      }
      if budget >= most { throw .invalid("`max_tokens` must be greater than `thinking.budget_tokens`.") }
      if members["temperature"].map({ $0 != 1 }) == true {
        throw .invalid("`temperature` may only be set to 1 when thinking is enabled.")
      }
    default:
      throw .invalid("thinking: Input tag does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'")
    }
    if thinking["type"] != "disabled", let choice = members["tool_choice"]?["type"], ["any", "tool"].contains(choice) {
      throw .invalid("Thinking may not be enabled when tool_choice forces tool use.")
    }
  }

  private static func checkMessagesTools(_ members: [String: JSONValue]) throws(Refusal) {
    var names: Set<String> = []
    for (index, tool) in (members["tools"]?.array ?? []).enumerated() {
      let type = tool["type"]?.string ?? "custom"
      guard let name = tool["name"]?.string else { throw .invalid("tools.\(index).\(type).name: Field required") }
      guard isToolName(name, longest: 128) else {
        throw .invalid("tools.\(index).\(type).name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
      }
      guard names.insert(name).inserted else { throw .invalid("tools: Tool names must be unique.") }
      if let mark = tool["cache_control"], mark != .null { try MessagesRules.checkMark(mark, "tools.\(index)") }
      if type == "custom" {
        guard let schema = tool["input_schema"] else {
          throw .invalid("tools.\(index).custom.input_schema: Field required")
        }
        guard schema["type"] == "object" else {
          throw .invalid("tools.\(index).custom.input_schema.type: Input should be 'object'")
        }
      } else if tool["input_schema"] != nil {
        throw .invalid("tools.\(index).\(type).input_schema: Extra inputs are not permitted")
      }
    }
    if let choice = members["tool_choice"], choice != .null, names.isEmpty, choice["type"] != "none" {
      throw .invalid("tool_choice: may only be specified while providing tools.")
    }
  }
}

/// What is known of models by their names.
enum ModelFacts {
  /// Whether an Anthropic model refuses a thinking budget and sampling parameters.
  static func takesAdaptiveThinkingOnly(_ model: String) -> Bool {
    ["fable-5", "opus-4-7", "opus-4-8", "sonnet-5"].contains { model.contains($0) }
  }

  /// The smallest prefix that Anthropic caches for a model, in tokens.
  static func cacheMinimum(_ model: String) -> Int {
    let large = ["opus-4-5", "opus-4-6", "opus-4-7", "opus-4-8", "haiku-4-5"]
    if large.contains(where: { model.contains($0) }) { return 4096 }
    if ["fable-5", "sonnet-4-6"].contains(where: { model.contains($0) }) { return 2048 }
    return 1024
  }
}
