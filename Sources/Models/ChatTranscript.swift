internal import JSON

/// Writes a conversation for Chat Completions, as the many servers take it that are compatible with it.
struct ChatTranscript: Transcript {
  private let shape: RequestShape
  private var isFirst = true
  private var followsResults = false
  private var calls = OpenCalls()

  init(_ shape: RequestShape) {
    self.shape = shape
  }

  mutating func open(_ shape: RequestShape, into bytes: inout [UInt8]) {
    let capabilities = shape.capabilities
    bytes.openBody(shape)
    openReasoning(shape, &bytes)
    if let schema = shape.answerSchema {
      bytes.raw(#","response_format":{"type":"json_schema","json_schema":{"name":"\#(RequestShape.answerName)","#)
      bytes.raw(#""strict":true,"schema":"# + schema + "}}")
    }
    bytes.declare(shape.tools) { ToolRendering.chat($0, capabilities) }
    bytes.raw(#","messages":["#)
    if !shape.system.isEmpty {
      bytes.separate(&isFirst)
      bytes.raw(#"{"role":"\#(capabilities.usesDeveloperRole ? "developer" : "system")","content":"#)
      bytes.quoted(shape.system)
      bytes.raw("}")
    }
  }

  private func openReasoning(_ shape: RequestShape, _ bytes: inout [UInt8]) {
    let thinks = shape.settings.thinking != .off
    switch shape.capabilities.reasoning {
    case .chatEffort:
      if let effort = shape.effort { bytes.raw(#","reasoning_effort":"\#(effort)""#) }
    case .deepseek:
      bytes.raw(#","thinking":{"type":"\#(thinks ? "enabled" : "disabled")"}"#)
      // There are three efforts, but they are called otherwise.
      switch shape.settings.thinking {
      case .off: break
      case .low: bytes.raw(#","reasoning_effort":"low""#)
      case .medium: bytes.raw(#","reasoning_effort":"high""#)
      case .high: bytes.raw(#","reasoning_effort":"max""#)
      }
    case .switched: bytes.raw(#","thinking":{"type":"\#(thinks ? "enabled" : "disabled")"}"#)
    case .template: bytes.raw(#","chat_template_kwargs":{"enable_thinking":\#(thinks)}"#)
    case .none, .responsesEffort, .adaptive, .alwaysAdaptive, .budget: break
    }
  }

  mutating func append(_ item: ConversationItem, to bytes: inout [UInt8]) {
    switch item {
    case .user(let text):
      if followsResults, shape.capabilities.needsAssistantAfterResults {
        bytes.separate(&isFirst)
        bytes.raw(#"{"role":"assistant","content":"Understood."}"#)
      }
      bytes.separate(&isFirst)
      bytes.raw(#"{"role":"user","content":"#)
      bytes.quoted(text)
      bytes.raw("}")
      followsResults = false
    case .assistant(let turn):
      calls = OpenCalls(turn, isEchoed: false, shape: shape)
      append(turn, to: &bytes)
      followsResults = false
    case .results(let results):
      for result in results {
        bytes.separate(&isFirst)
        bytes.raw(#"{"role":"tool","tool_call_id":"#)
        bytes.quoted(calls.call(of: result, shape: shape).id)
        if shape.capabilities.needsToolResultName {
          bytes.raw(#","name":"#)
          bytes.quoted(result.name)
        }
        // A plain text always: not every server takes a list of parts here.
        bytes.raw(#","content":"#)
        bytes.quoted(result.text)
        bytes.raw("}")
      }
      followsResults = !results.isEmpty || followsResults
    }
  }

  private mutating func append(_ turn: AssistantTurn, to bytes: inout [UInt8]) {
    let pieces = shape.echo(of: turn)?.pieces.map { JSONSlice(text: $0) } ?? []
    bytes.separate(&isFirst)
    bytes.raw(#"{"role":"assistant","content":"#)
    if turn.text.isEmpty, !turn.calls.isEmpty, !shape.capabilities.needsStringContent {
      bytes.raw("null")
    } else {
      bytes.quoted(turn.text)
    }
    appendReasoning(pieces.first ?? nil, to: &bytes)
    if !turn.calls.isEmpty {
      bytes.raw(#","tool_calls":["#)
      for (index, call) in turn.calls.enumerated() {
        if index > 0 { bytes.raw(",") }
        append(call, extras: index + 1 < pieces.count ? pieces[index + 1] : nil, to: &bytes)
      }
      bytes.raw("]")
    }
    bytes.raw("}")
  }

  private func appendReasoning(_ extras: JSONSlice?, to bytes: inout [UInt8]) {
    guard let field = shape.capabilities.reasoningField else { return }
    if let reasoning = extras?["reasoning_content"] ?? extras?["reasoning"] {
      bytes.raw(",")
      bytes.quoted(field)
      bytes.raw(":")
      bytes += reasoning.bytes
    } else if shape.capabilities.needsReasoningEcho {
      bytes.raw(",")
      bytes.quoted(field)
      bytes.raw(#":"""#)
    }
    if let details = extras?["reasoning_details"] {
      bytes.raw(#","reasoning_details":"#)
      bytes += details.bytes
    }
  }

  private func append(_ call: ToolCall, extras: JSONSlice?, to bytes: inout [UInt8]) {
    bytes.raw(#"{"id":"#)
    bytes.quoted(CallID.wire(call.id, dialect: .chat, shape.capabilities))
    let kind = call.isFreeText(shape.capabilities) ? "custom" : "function"
    bytes.raw(#","type":"\#(kind)","\#(kind)":{"#)
    bytes.called(call, shape.capabilities)
    bytes.raw("}")
    // Signatures of reasoning that some servers hang on their calls.
    if let extra = extras?["extra_content"] {
      bytes.raw(#","extra_content":"#)
      bytes += extra.bytes
    }
    bytes.raw("}")
  }

  func close(_ shape: RequestShape, into bytes: inout [UInt8]) {
    bytes.closeBody(
      shape, mostField: shape.capabilities.maximumOutputField, streamOptions: #"{"include_usage":true}"#)
  }
}
