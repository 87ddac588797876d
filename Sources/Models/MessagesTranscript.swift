internal import JSON

/// Writes a conversation for Anthropic Messages.
///
/// Where the cache is marked. The vendor caches the request up to each of at most four marked blocks, in the order
/// tools, system, messages, and reads at a mark what an earlier request has cached there, or at one of the 20 blocks
/// before it. Three marks are set:
///
/// 1. on the system text: it covers the tools too, and outlives every change of the messages, compaction included;
/// 2. on the last block of the last user message: that caches everything that was sent;
/// 3. on the last block of the user message before that one: exactly where the previous request had its second mark, so
///    that what it has cached is found however many blocks one answer and its results have added since. Without it an
///    answer with ten calls or more would push the last entry out of the 20 blocks, and nothing would be found.
///
/// So each request reads all that the previous one has sent, and writes only the newest answer and its results. After
/// the third turn the share that is read is above 90 % as long as a turn adds less than a tenth of what is there.
/// Marks are no part of what is compared, which is why they may move; nothing else in front of the newest items does.
struct MessagesTranscript: Transcript {
  private static let mark = #","cache_control":{"type":"ephemeral"}"#

  /// The blocks of a message of the user's, the results first.
  private struct UserMessage {
    var results: [[UInt8]] = []
    var texts: [[UInt8]] = []

    var isEmpty: Bool { results.isEmpty && texts.isEmpty }

    /// Writes the message; a mark goes into its last block.
    func write(to bytes: inout [UInt8], isMarked: Bool) {
      bytes.raw(#"{"role":"user","content":["#)
      for (index, block) in (results + texts).enumerated() {
        if index > 0 { bytes.raw(",") }
        bytes += block
      }
      if isMarked {
        bytes.removeLast()
        bytes.raw(MessagesTranscript.mark + "}")
      }
      bytes.raw("]}")
    }
  }

  private let shape: RequestShape
  private var isFirst = true
  private var calls = OpenCalls()
  /// The last user message that was answered, and the answers behind it.
  private var answered = UserMessage()
  private var answers: [UInt8] = []
  /// The user message that has no answer yet.
  private var open = UserMessage()

  init(_ shape: RequestShape) {
    self.shape = shape
  }

  mutating func open(_ shape: RequestShape, into bytes: inout [UInt8]) {
    bytes.raw(#"{"model":"#)
    bytes.quoted(shape.model.name)
    openThinking(shape, &bytes)
    if !shape.tools.isEmpty {
      if shape.capabilities.acceptsParallelCalls, !shape.settings.allowsParallelCalls {
        bytes.raw(#","tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#)
      }
      bytes.raw(#","tools":["#)
      bytes.raw(shape.tools.map { ToolRendering.messages($0, shape.capabilities) }.joined(separator: ","))
      if shape.system.isEmpty, shape.capabilities.usesCacheMarks {
        bytes.removeLast()
        bytes.raw(Self.mark + "}")
      }
      bytes.raw("]")
    }
    if !shape.system.isEmpty {
      bytes.raw(#","system":[{"type":"text","text":"#)
      bytes.quoted(shape.system)
      if shape.capabilities.usesCacheMarks { bytes.raw(Self.mark) }
      bytes.raw("}]")
    }
    bytes.raw(#","messages":["#)
  }

  /// How much the model is to think, and the form of its answer; nothing in it depends on how long that may be.
  private func openThinking(_ shape: RequestShape, _ bytes: inout [UInt8]) {
    var output: [String] = []
    switch (shape.capabilities.reasoning, shape.settings.thinking) {
    case (.adaptive, .off): bytes.raw(#","thinking":{"type":"disabled"}"#)
    case (.adaptive, let thinking):
      bytes.raw(#","thinking":{"type":"adaptive"}"#)
      output.append(#""effort":"\#(thinking.rawValue)""#)
    case (.alwaysAdaptive, let thinking):
      output.append(#""effort":"\#(thinking == .off ? "low" : thinking.rawValue)""#)
    default: break
    }
    if let schema = shape.answerSchema {
      output.append(#""format":{"type":"json_schema","schema":"# + schema + "}")
    }
    if !output.isEmpty { bytes.raw(#","output_config":{"# + output.joined(separator: ",") + "}") }
  }

  /// The budget for thinking, where the model has one; behind the items, because it follows the most that an answer
  /// may have.
  ///
  /// The vendor forgets its cache of the messages when the budget changes. So it does not follow each token but goes
  /// down in few steps; at least half of the answer is left for what it is about. Less than 1024 is refused.
  private func closeThinking(_ shape: RequestShape, _ bytes: inout [UInt8]) {
    guard shape.capabilities.reasoning == .budget else { return }
    let wish =
      switch shape.settings.thinking {
      case .off: 0
      case .low: 2000
      case .medium: 8000
      case .high: 24_000
      }
    let most = min(wish, shape.maximumOutput / 2)
    if let budget = [24_000, 16_000, 8000, 4000, 2000, 1024].first(where: { $0 <= most }) {
      bytes.raw(#","thinking":{"type":"enabled","budget_tokens":\#(budget)}"#)
    }
  }

  mutating func append(_ item: ConversationItem, to bytes: inout [UInt8]) {
    switch item {
    case .user(let text):
      // Blocks of nothing but blanks are refused.
      guard text.utf8.contains(where: { $0 > 0x20 }) else { return }
      var block: [UInt8] = []
      block.raw(#"{"type":"text","text":"#)
      block.quoted(text)
      block.raw("}")
      open.texts.append(block)
    case .results(let results):
      for result in results { open.results.append(block(of: result)) }
    case .assistant(let turn):
      let echo = shape.echo(of: turn)
      let blocks = echo?.pieces ?? retold(turn)
      guard !blocks.isEmpty else { return }
      if !open.isEmpty {
        settle(&bytes)
        answered = open
        open = UserMessage()
      }
      calls = OpenCalls(turn, isEchoed: echo != nil, shape: shape)
      answers.raw(answers.isEmpty ? "" : ",")
      answers.raw(#"{"role":"assistant","content":[\#(blocks.joined(separator: ","))]}"#)
    }
  }

  private func block(of result: ToolResult) -> [UInt8] {
    var block: [UInt8] = []
    block.raw(#"{"type":"tool_result","tool_use_id":"#)
    block.quoted(calls.call(of: result, shape: shape).id)
    block.raw(#","content":"#)
    // An error without a word is refused.
    block.quoted(result.isError && result.text.isEmpty ? "The tool failed and said nothing." : result.text)
    if result.isError { block.raw(#","is_error":true"#) }
    block.raw("}")
    return block
  }

  /// An answer of another model, in blocks of this dialect; without its reasoning, which this model cannot read.
  private func retold(_ turn: AssistantTurn) -> [String] {
    var blocks: [String] = []
    if turn.text.utf8.contains(where: { $0 > 0x20 }) {
      blocks.append(#"{"type":"text","text":\#(JSONText.quoted(turn.text))}"#)
    }
    for call in turn.calls {
      let id = CallID.wire(call.id, dialect: .messages, shape.capabilities)
      blocks.append(
        #"{"type":"tool_use","id":"\#(id)","name":\#(JSONText.quoted(call.name)),"#
          + #""input":\#(CallArguments.object(call.input))}"#)
    }
    return blocks
  }

  /// Writes what the marks have left behind.
  private mutating func settle(_ bytes: inout [UInt8]) {
    write(answered, isMarked: false, answers, to: &bytes, &isFirst)
    answered = UserMessage()
    answers = []
  }

  private func write(
    _ message: UserMessage, isMarked: Bool, _ answers: [UInt8], to bytes: inout [UInt8], _ isFirst: inout Bool
  ) {
    if !message.isEmpty {
      if !isFirst { bytes.raw(",") }
      isFirst = false
      message.write(to: &bytes, isMarked: isMarked)
    }
    if !answers.isEmpty {
      if !isFirst { bytes.raw(",") }
      isFirst = false
      bytes += answers
    }
  }

  func close(_ shape: RequestShape, into bytes: inout [UInt8]) {
    var isFirst = isFirst
    let isMarked = shape.capabilities.usesCacheMarks
    write(answered, isMarked: isMarked, answers, to: &bytes, &isFirst)
    write(open, isMarked: isMarked, [], to: &bytes, &isFirst)
    bytes.raw("]")
    closeThinking(shape, &bytes)
    bytes.raw(#","max_tokens":\#(shape.maximumOutput),"stream":\#(shape.isStreamed)}"#)
  }
}
