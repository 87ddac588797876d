internal import JSON

/// Writes a conversation for OpenAI Responses, without any state at the vendor: nothing is stored there, reasoning
/// comes encrypted and is sent back, and so is every item, in its order.
struct ResponsesTranscript: Transcript {
  private let shape: RequestShape
  private var isFirst = true
  private var calls = OpenCalls()

  init(_ shape: RequestShape) {
    self.shape = shape
  }

  mutating func open(_ shape: RequestShape, into bytes: inout [UInt8]) {
    let capabilities = shape.capabilities
    bytes.openBody(shape)
    if capabilities.reasoning != .none, let effort = shape.effort {
      bytes.raw(#","reasoning":{"effort":"\#(effort)"}"#)
    }
    if let schema = shape.answerSchema {
      bytes.raw(
        #","text":{"format":{"type":"json_schema","name":"\#(RequestShape.answerName)","strict":true,"schema":"#)
      bytes.raw(schema + "}}")
    }
    if !shape.system.isEmpty {
      bytes.raw(#","instructions":"#)
      bytes.quoted(shape.system)
    }
    bytes.declare(shape.tools) { ToolRendering.responses($0, capabilities) }
    bytes.raw(#","input":["#)
  }

  mutating func append(_ item: ConversationItem, to bytes: inout [UInt8]) {
    switch item {
    case .user(let text):
      bytes.separate(&isFirst)
      bytes.raw(#"{"type":"message","role":"user","content":"#)
      bytes.quoted(text)
      bytes.raw("}")
    case .assistant(let turn):
      let echo = shape.echo(of: turn)
      calls = OpenCalls(turn, isEchoed: echo != nil, shape: shape)
      if let echo {
        for piece in echo.pieces {
          bytes.separate(&isFirst)
          bytes.raw(piece)
        }
      } else {
        retell(turn, to: &bytes)
      }
    case .results(let results):
      for result in results {
        let call = calls.call(of: result, shape: shape)
        bytes.separate(&isFirst)
        bytes.raw(#"{"type":"\#(call.isFreeText ? "custom_tool_call_output" : "function_call_output")","call_id":"#)
        bytes.quoted(call.id)
        bytes.raw(#","output":"#)
        bytes.quoted(result.text)
        bytes.raw("}")
      }
    }
  }

  /// An answer of another model, in items of this dialect.
  private mutating func retell(_ turn: AssistantTurn, to bytes: inout [UInt8]) {
    if !turn.text.isEmpty {
      bytes.separate(&isFirst)
      bytes.raw(#"{"type":"message","role":"assistant","content":"#)
      bytes.quoted(turn.text)
      bytes.raw("}")
    }
    for call in turn.calls {
      let id = CallID.wire(call.id, dialect: .responses, shape.capabilities)
      bytes.separate(&isFirst)
      let kind = call.isFreeText(shape.capabilities) ? "custom_tool_call" : "function_call"
      bytes.raw(#"{"type":"\#(kind)","call_id":"#)
      bytes.quoted(id)
      bytes.raw(",")
      bytes.called(call, shape.capabilities)
      bytes.raw("}")
    }
  }

  func close(_ shape: RequestShape, into bytes: inout [UInt8]) {
    // The padding that hides the length of each event from an eavesdropper costs more than the events themselves.
    bytes.closeBody(shape, mostField: "max_output_tokens", streamOptions: #"{"include_obfuscation":false}"#)
  }
}

extension RequestShape {
  /// The effort to ask for; `nil` where nothing is asked.
  var effort: String? {
    switch settings.thinking {
    case .off: capabilities.effortWhenOff
    case .low: "low"
    case .medium: "medium"
    case .high: "high"
    }
  }
}
