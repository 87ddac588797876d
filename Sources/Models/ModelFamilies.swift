/// What is known of models by their names, as their vendors published it in the autumn of 2026.
///
/// The probe and the errors of a model correct it; an unknown name gets what hardly any server refuses.
package enum ModelFamilies {
  /// What is known of a model; of no model, what is true of most.
  package static func capabilities(of model: ModelName?) -> ModelCapabilities {
    guard let model else { return compatible("") }
    switch model.provider {
    case .openai: return openAI(model.name.lowercased(), dialect: .responses)
    case .openaiChat:
      let name = baseName(model.name)
      return isOpenAI(name) ? openAI(name, dialect: .chat) : compatible(name)
    case .anthropic: return anthropic(model.name.lowercased())
    case .deepseek: return deepSeek(model.name.lowercased())
    }
  }

  /// Without the vendor that a router puts in front.
  private static func baseName(_ name: String) -> String {
    String(name.lowercased().split(separator: "/").last ?? "")
  }

  /// Whether this is one of OpenAI's hosted models; its open ones run on all sorts of servers.
  private static func isOpenAI(_ name: String) -> Bool {
    !name.hasPrefix("gpt-oss")
      && ["gpt-4", "gpt-5", "gpt-6", "o1", "o3", "o4", "codex", "chatgpt"].contains { name.hasPrefix($0) }
  }

  private struct Window {
    var prefix: String
    var context: Int
    var output: Int
  }

  /// Sets the sizes of the model whose beginning is the longest that fits; where none does, nothing.
  private static func setWindow(of name: String, from table: [Window], _ result: inout ModelCapabilities) {
    let fitting = table.filter { name.hasPrefix($0.prefix) }
    guard let window = fitting.max(by: { $0.prefix.utf8.count < $1.prefix.utf8.count }) else { return }
    (result.contextWindow, result.maximumOutput, result.windowSource) = (window.context, window.output, .family)
  }

  // MARK: OpenAI

  private static let openAIWindows = [
    Window(prefix: "gpt-4o", context: 128_000, output: 16_384),
    Window(prefix: "gpt-4.1", context: 1_047_576, output: 32_768),
    Window(prefix: "gpt-4", context: 128_000, output: 4096),
    Window(prefix: "gpt-5", context: 400_000, output: 128_000),
    Window(prefix: "gpt-5-chat", context: 128_000, output: 16_384),
    Window(prefix: "gpt-5.4", context: 1_050_000, output: 128_000),
    Window(prefix: "gpt-5.4-mini", context: 400_000, output: 128_000),
    Window(prefix: "gpt-5.4-nano", context: 400_000, output: 128_000),
    Window(prefix: "gpt-5.5", context: 1_050_000, output: 128_000),
    Window(prefix: "gpt-5.6", context: 1_050_000, output: 128_000),
    Window(prefix: "o1", context: 200_000, output: 100_000),
    Window(prefix: "o3", context: 200_000, output: 100_000),
    Window(prefix: "o4", context: 200_000, output: 100_000),
  ]

  private static func openAI(_ name: String, dialect: Dialect) -> ModelCapabilities {
    var result = compatible("")
    (result.contextWindow, result.maximumOutput) = (128_000, 16_384)
    setWindow(of: name, from: openAIWindows, &result)
    let reasons = !name.hasPrefix("gpt-4") && !name.hasPrefix("gpt-5-chat") && isOpenAI(name)
    if reasons {
      result.reasoning = dialect == .responses ? .responsesEffort : .chatEffort
      // The first of them cannot do without any thought; the older ones, and some of the special ones, know nothing
      // below `low`.
      if name.contains("codex") || name.contains("-pro") {
        result.effortWhenOff = "low"
      } else if name.hasPrefix("gpt-5.") || name.hasPrefix("gpt-6") {
        result.effortWhenOff = "none"
      } else if name.hasPrefix("gpt-5") {
        result.effortWhenOff = "minimal"
      }
      result.acceptsEncryptedReasoning = dialect == .responses
    }
    result.acceptsStore = true
    result.usesDeveloperRole = reasons
    result.maximumOutputField = dialect == .responses ? "max_output_tokens" : "max_completion_tokens"
    result.reportsUsageInStream = true
    result.acceptsParallelCalls = true
    result.acceptsCacheKey = true
    result.acceptsStrict = true
    result.acceptsAnswerSchema = true
    result.acceptsGrammarTools = reasons && name.hasPrefix("gpt-")
    result.acceptsBuiltInTools = dialect == .responses
    return result
  }

  // MARK: Anthropic

  private static let anthropicWindows = [
    Window(prefix: "claude", context: 200_000, output: 64_000),
    Window(prefix: "claude-3", context: 200_000, output: 8192),
    Window(prefix: "claude-opus-4", context: 200_000, output: 32_000),
    Window(prefix: "claude-opus-4-5", context: 200_000, output: 64_000),
    Window(prefix: "claude-opus-4-6", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-opus-4-7", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-opus-4-8", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-opus-5", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-sonnet-4-6", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-sonnet-5", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-fable", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-mythos", context: 1_000_000, output: 128_000),
    Window(prefix: "claude-haiku-5", context: 1_000_000, output: 128_000),
  ]

  private static func anthropic(_ name: String) -> ModelCapabilities {
    var result = compatible("")
    setWindow(of: name, from: anthropicWindows, &result)
    result.maximumOutputField = "max_tokens"
    result.reportsUsageInStream = true
    result.acceptsParallelCalls = true
    result.acceptsBuiltInTools = name.hasPrefix("claude")
    result.usesCacheMarks = true
    let unstructured = [
      "claude-3", "claude-opus-4-0", "claude-opus-4-2025", "claude-sonnet-4-0", "claude-sonnet-4-2025",
    ]
    if name.hasPrefix("claude"), !unstructured.contains(where: { name.hasPrefix($0) }) {
      result.acceptsAnswerSchema = true
    }
    let always = ["claude-fable", "claude-mythos", "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5"]
    if always.contains(where: { name.hasPrefix($0) }) {
      result.reasoning = .alwaysAdaptive
    } else if ["claude-3", "claude-opus-4", "claude-sonnet-4", "claude-haiku-4"].contains(where: { name.hasPrefix($0) }
    ),
      !["-4-6", "-4-7", "-4-8"].contains(where: { name.contains($0) })
    {
      let thinks = !name.hasPrefix("claude-3") || name.hasPrefix("claude-3-7")
      result.reasoning = thinks ? .budget : .none
      // Without it these models do not think between their calls.
      if !name.hasPrefix("claude-3") { result.betas = ["interleaved-thinking-2025-05-14"] }
    } else if name.hasPrefix("claude") {
      result.reasoning = .adaptive
    }
    return result
  }

  // MARK: DeepSeek

  private static func deepSeek(_ name: String) -> ModelCapabilities {
    var result = compatible(name)
    result.contextWindow = 1_000_000
    result.maximumOutput = 384_000
    result.windowSource = .family
    result.reasoning = .deepseek
    result.reportsUsageInStream = true
    return result
  }

  // MARK: What is compatible with Chat Completions

  private static let compatibleWindows = [
    Window(prefix: "gpt-oss", context: 131_072, output: 32_768),
    Window(prefix: "deepseek", context: 131_072, output: 32_768),
    Window(prefix: "deepseek-v4", context: 1_000_000, output: 131_072),
    Window(prefix: "kimi-k2", context: 262_144, output: 32_768),
    Window(prefix: "kimi-k3", context: 262_144, output: 32_768),
    Window(prefix: "glm-4", context: 131_072, output: 32_768),
    Window(prefix: "glm-5", context: 200_000, output: 65_536),
    Window(prefix: "minimax-m2", context: 196_608, output: 32_768),
    Window(prefix: "qwen3-coder", context: 262_144, output: 65_536),
    Window(prefix: "gemini", context: 1_048_576, output: 65_536),
    Window(prefix: "devstral", context: 131_072, output: 32_768),
    Window(prefix: "codestral", context: 131_072, output: 32_768),
  ]

  private static func compatible(_ name: String) -> ModelCapabilities {
    var result = ModelCapabilities(
      contextWindow: 32_768, maximumOutput: 8192, windowSource: .guess, truncatesSilently: false, reasoning: .none,
      effortWhenOff: nil, reasoningField: nil, needsReasoningEcho: false, acceptsStore: false,
      acceptsEncryptedReasoning: false, usesDeveloperRole: false, maximumOutputField: "max_tokens",
      reportsUsageInStream: true, acceptsParallelCalls: false, acceptsCacheKey: false, acceptsStrict: false,
      acceptsGrammarTools: false, acceptsBuiltInTools: false, needsStringContent: false, needsToolResultName: false,
      needsAssistantAfterResults: false, needsShortCallIDs: false, streamsToolCalls: true, usesCacheMarks: false,
      betas: [])
    setWindow(of: name, from: compatibleWindows, &result)
    func isOf(_ prefixes: [String]) -> Bool { prefixes.contains { name.hasPrefix($0) } }
    if isOf(["deepseek"]) { result.needsReasoningEcho = true }
    if isOf(["deepseek", "kimi", "minimax", "glm", "gpt-oss", "mimo"]) { result.reasoningField = "reasoning_content" }
    if isOf(["deepseek", "glm"]) { result.needsStringContent = true }
    if isOf(["gpt-oss"]) { result.reasoning = .chatEffort }
    if isOf(["gemini-2.5", "gemini-3"]) { result.reasoning = .chatEffort }
    if isOf(["glm"]) { result.reasoning = .switched }
    if isOf(["mistral", "ministral", "devstral", "codestral", "magistral"]) {
      result.needsShortCallIDs = true
      result.needsAssistantAfterResults = true
      result.needsToolResultName = true
    }
    return result
  }
}
