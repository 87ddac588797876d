/// What is known of one model at one provider: from the table of families, from a probe, and from its own errors.
package struct ModelCapabilities: Sendable, Hashable, Codable {
  /// Input and output together, in tokens.
  package var contextWindow: Int
  /// The most tokens of one answer.
  package var maximumOutput: Int
  /// Where the window was learned.
  package var windowSource: Source
  /// Whether the server drops the beginning of what is too long without a word.
  package var truncatesSilently: Bool

  /// How the model is told how much to think.
  package var reasoning: Reasoning
  /// The effort that stands for no thinking where the model can be told so; `nil` where it cannot.
  package var effortWhenOff: String?
  /// The member of an answer in which reasoning comes and is sent back; `nil` where it is not sent back.
  package var reasoningField: String?
  /// Whether every answer is sent back with that member, an empty one where there was none.
  package var needsReasoningEcho: Bool

  /// Whether `store: false` is understood.
  package var acceptsStore: Bool
  /// Whether encrypted reasoning is asked for.
  package var acceptsEncryptedReasoning: Bool
  /// Whether the system text goes under the role `developer`.
  package var usesDeveloperRole: Bool
  /// The name of the member for the most tokens of an answer.
  package var maximumOutputField: String
  /// Whether `stream_options` is understood and brings the usage.
  package var reportsUsageInStream: Bool
  package var acceptsParallelCalls: Bool
  package var acceptsCacheKey: Bool
  /// Whether `strict` may stand at a function.
  package var acceptsStrict: Bool
  /// Whether tools with a grammar are understood.
  package var acceptsGrammarTools: Bool
  /// Whether tools that the vendor declares are understood.
  package var acceptsBuiltInTools: Bool
  /// Whether an answer that only calls must have a text all the same.
  package var needsStringContent: Bool
  /// Whether a result bears the tool's name.
  package var needsToolResultName: Bool
  /// Whether an answer must stand between results and what a user says.
  package var needsAssistantAfterResults: Bool
  /// Whether ids of calls are exactly nine letters and digits.
  package var needsShortCallIDs: Bool
  /// Whether calls come whole in a stream; where not, answers are asked for in one piece.
  package var streamsToolCalls: Bool
  /// Whether prompts are cached at marks that the request sets.
  package var usesCacheMarks: Bool
  /// The vendor's features that are asked for in a header.
  package var betas: [String]
  /// Whether an answer can be held to a JSON Schema; `nil`, as in older records, where nobody knows that it can.
  package var acceptsAnswerSchema: Bool?

  /// Where a figure comes from.
  package enum Source: String, Sendable, Hashable, Codable {
    /// Nobody knows the model; the figure is a careful guess.
    case guess
    /// The table of known families.
    case family
    /// The server said so.
    case server
    /// An error or the usage of an answer told.
    case learned
  }

  /// The ways in which models are told how much to think.
  package enum Reasoning: String, Sendable, Hashable, Codable {
    /// It cannot be told.
    case none
    /// `reasoning: {effort}` of Responses.
    case responsesEffort
    /// `reasoning_effort` of Chat Completions.
    case chatEffort
    /// `thinking: {type}` and `reasoning_effort`, as DeepSeek has them.
    case deepseek
    /// `thinking: {type: enabled|disabled}` alone, as of Z.ai.
    case switched
    /// `chat_template_kwargs: {enable_thinking}`, as Qwen's template has it.
    case template
    /// `thinking: {type: adaptive}` and `output_config: {effort}`.
    case adaptive
    /// As ``adaptive``, but it thinks whatever one says: only the effort can be set.
    case alwaysAdaptive
    /// `thinking: {type: enabled, budget_tokens}`.
    case budget
  }

  /// Whether requests to this model can do without a parameter of this name.
  package static func canSwitchOff(_ parameter: String) -> Bool {
    var scratch = ModelFamilies.capabilities(of: nil)
    scratch.reasoningField = "reasoning_content"
    scratch.acceptsCacheKey = true
    scratch.usesDeveloperRole = true
    scratch.acceptsStore = true
    scratch.acceptsEncryptedReasoning = true
    scratch.acceptsStrict = true
    scratch.acceptsGrammarTools = true
    scratch.acceptsBuiltInTools = true
    scratch.reasoning = .chatEffort
    scratch.usesCacheMarks = true
    scratch.acceptsParallelCalls = true
    scratch.betas = ["x"]
    scratch.acceptsAnswerSchema = true
    return scratch.switchOff(parameter)
  }

  /// Does without a parameter from now on; says whether that changes anything.
  @discardableResult
  package mutating func switchOff(_ parameter: String) -> Bool {
    let before = self
    // `tools[0].strict`, `reasoning.effort`: the first word is the one that is sent.
    let head = parameter.split { $0 == "." || $0 == "[" }.first.map(String.init) ?? parameter
    if head == "output_config", acceptsAnswerSchema == true {
      acceptsAnswerSchema = nil
      // What is about the form of the answer says nothing of how much the model may be told to think.
      if parameter.contains("format") { return true }
    }
    switch head {
    case "store": acceptsStore = false
    case "include": acceptsEncryptedReasoning = false
    case "developer", "role": usesDeveloperRole = false
    case "max_tokens": maximumOutputField = "max_completion_tokens"
    case "max_completion_tokens": maximumOutputField = "max_tokens"
    case "stream_options": reportsUsageInStream = false
    case "parallel_tool_calls": acceptsParallelCalls = false
    case "prompt_cache_key": acceptsCacheKey = false
    case "strict": acceptsStrict = false
    case "custom", "format", "grammar": acceptsGrammarTools = false
    case "reasoning", "reasoning_effort", "effort", "thinking", "output_config", "chat_template_kwargs",
      "enable_thinking":
      reasoning = .none
    case "reasoning_content", "reasoning_details": reasoningField = nil
    case "cache_control": usesCacheMarks = false
    case "stream": streamsToolCalls = false
    case "response_format", "text", "json_schema", "output_format": acceptsAnswerSchema = nil
    case "anthropic-beta": betas = []
    case "tools" where parameter.contains("strict"): acceptsStrict = false
    case "tools" where parameter.contains("type"): (acceptsGrammarTools, acceptsBuiltInTools) = (false, false)
    default: break
    }
    return self != before
  }

  /// Learns from an error what the next request must do otherwise; says whether there was anything to learn.
  @discardableResult
  package mutating func learn(from error: ModelError) -> Bool {
    let before = self
    let text = error.message.lowercased()
    switch error.kind {
    case .refusedParameter(let name):
      let limit = ErrorClassifier.Numbers(in: text).limit
      if name == maximumOutputField || name == "max_output_tokens", let limit, limit < maximumOutput {
        maximumOutput = limit
      } else {
        switchOff(name)
      }
    case .overflow(_, let limit?):
      // A limit on the rate is none on the window.
      if limit >= 1024, limit < contextWindow, !text.contains("per min") {
        contextWindow = limit
        windowSource = .learned
        maximumOutput = min(maximumOutput, limit / 2)
      }
    case .malformedHistory where text.contains("reasoning_content") && text.contains("passed back"):
      reasoningField = "reasoning_content"
      needsReasoningEcho = true
    default: break
    }
    return self != before
  }

  /// Whether more was counted than the window holds: some servers take it and answer to a part.
  package func isExceeded(by usage: TokenUsage) -> Bool {
    usage.input + usage.cacheRead + usage.cacheWrite > contextWindow
  }

  /// Learns from what a server counted that it has dropped a part of what it was sent.
  ///
  /// - Parameters:
  ///   - usage: What the server counted.
  ///   - estimated: What the request was estimated at, in tokens.
  ///   - provider: Whose server it is: hosted ones do not do that.
  /// - Returns: Whether it did, which was not known before: the answer is to one knows not what.
  @discardableResult
  package mutating func learn(from usage: TokenUsage, estimated: Int, provider: ModelName.Provider) -> Bool {
    // Estimates err by a third, not by a half; and no window is as small as a short prompt.
    let counted = usage.input + usage.cacheRead + usage.cacheWrite
    guard provider == .openaiChat, counted >= 1500, estimated > 2 * counted, counted < contextWindow else {
      return false
    }
    contextWindow = counted
    maximumOutput = min(maximumOutput, counted / 2)
    windowSource = .learned
    truncatesSilently = true
    return true
  }
}
