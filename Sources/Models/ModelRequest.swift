/// Everything that decides the bytes of one request: the same value gives the same bytes.
package struct ModelRequest: Sendable, Hashable {
  package var model: ModelName
  package var conversation: Conversation
  package var settings: ModelSettings
  /// Whether the answer is to come in pieces.
  package var isStreamed: Bool

  package init(model: ModelName, conversation: Conversation, settings: ModelSettings, isStreamed: Bool = true) {
    self.model = model
    self.conversation = conversation
    self.settings = settings
    self.isStreamed = isStreamed
  }
}

/// What is set for a run and does not change in it.
package struct ModelSettings: Sendable, Hashable, Codable {
  /// The most tokens of one answer, reasoning included.
  package var maximumOutput: Int
  package var thinking: Thinking
  /// Names the run's cache entry where the vendor wants a key.
  package var cacheKey: String
  package var allowsParallelCalls: Bool
  /// The JSON Schema that the answer is to follow, in the bytes in which it is sent; `nil` for free text.
  ///
  /// It is sent where the model takes one (``ModelCapabilities/acceptsAnswerSchema``), and nowhere else.
  package var answerSchema: String?

  package enum Thinking: String, Sendable, Hashable, Codable {
    case off
    case low
    case medium
    case high
  }

  package init(
    maximumOutput: Int = 16_000, thinking: Thinking = .medium, cacheKey: String, allowsParallelCalls: Bool = true,
    answerSchema: String? = nil
  ) {
    self.maximumOutput = maximumOutput
    self.thinking = thinking
    self.cacheKey = cacheKey
    self.allowsParallelCalls = allowsParallelCalls
    self.answerSchema = answerSchema
  }
}

/// An answer and what it took.
package struct ModelAnswer: Sendable, Hashable, Codable {
  package var turn: AssistantTurn
  /// `nil` where the vendor did not say, as when a stream breaks.
  package var usage: TokenUsage?

  package init(turn: AssistantTurn, usage: TokenUsage?) {
    self.turn = turn
    self.usage = usage
  }
}

/// What one answer took, in tokens; the parts of the input add up to all of it.
package struct TokenUsage: Sendable, Hashable, Codable {
  /// Input that no cache held.
  package var input: Int
  /// Input that was read from a cache.
  package var cacheRead: Int
  /// Input that was written to a cache.
  package var cacheWrite: Int
  /// Output, reasoning included.
  package var output: Int

  package init(input: Int, cacheRead: Int = 0, cacheWrite: Int = 0, output: Int) {
    self.input = input
    self.cacheRead = cacheRead
    self.cacheWrite = cacheWrite
    self.output = output
  }
}
