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
    bytes.raw(#"{"model":"#)
    bytes.quoted(shape.model.name)
    if capabilities.acceptsStore { bytes.raw(#","store":false"#) }
    if capabilities.acceptsEncryptedReasoning { bytes.raw(#","include":["reasoning.encrypted_content"]"#) }
    if capabilities.acceptsParallelCalls, !shape.tools.isEmpty {
      bytes.raw(#","parallel_tool_calls":\#(shape.settings.allowsParallelCalls)"#)
    }
    if capabilities.acceptsCacheKey, !shape.settings.cacheKey.isEmpty {
      bytes.raw(#","prompt_cache_key":"#)
      bytes.quoted(shape.settings.cacheKey)
    }
    if capabilities.reasoning != .none, let effort = shape.effort {
      bytes.raw(#","reasoning":{"effort":"\#(effort)"}"#)
    }
    if !shape.system.isEmpty {
      bytes.raw(#","instructions":"#)
      bytes.quoted(shape.system)
    }
    if !shape.tools.isEmpty {
      bytes.raw(#","tools":["#)
      bytes.raw(shape.tools.map { ToolRendering.responses($0, capabilities) }.joined(separator: ","))
      bytes.raw("]")
    }
    bytes.raw(#","input":["#)
  }

  mutating func append(_ item: ConversationItem, to bytes: inout [UInt8]) {
    switch item {
    case .user(let text):
      separate(&bytes)
      bytes.raw(#"{"type":"message","role":"user","content":"#)
      bytes.quoted(text)
      bytes.raw("}")
    case .assistant(let turn):
      let echo = shape.echo(of: turn)
      calls = OpenCalls(turn, isEchoed: echo != nil, shape: shape)
      if let echo {
        for piece in echo.pieces {
          separate(&bytes)
          bytes.raw(piece)
        }
      } else {
        retell(turn, to: &bytes)
      }
    case .results(let results):
      for result in results {
        let call = calls.call(of: result, shape: shape)
        separate(&bytes)
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
      separate(&bytes)
      bytes.raw(#"{"type":"message","role":"assistant","content":"#)
      bytes.quoted(turn.text)
      bytes.raw("}")
    }
    for call in turn.calls {
      let id = CallID.wire(call.id, dialect: .responses, shape.capabilities)
      separate(&bytes)
      if case .text(let text) = call.input, shape.capabilities.acceptsGrammarTools {
        bytes.raw(#"{"type":"custom_tool_call","call_id":"#)
        bytes.quoted(id)
        bytes.raw(#","name":"#)
        bytes.quoted(call.name)
        bytes.raw(#","input":"#)
        bytes.quoted(text)
      } else {
        bytes.raw(#"{"type":"function_call","call_id":"#)
        bytes.quoted(id)
        bytes.raw(#","name":"#)
        bytes.quoted(call.name)
        bytes.raw(#","arguments":"#)
        bytes.quoted(CallArguments.object(call.input))
      }
      bytes.raw("}")
    }
  }

  func close(_ shape: RequestShape, into bytes: inout [UInt8]) {
    bytes.raw(#"],"max_output_tokens":\#(shape.maximumOutput),"stream":\#(shape.isStreamed)"#)
    // The padding that hides the length of each event from an eavesdropper costs more than the events themselves.
    if shape.isStreamed, shape.capabilities.reportsUsageInStream {
      bytes.raw(#","stream_options":{"include_obfuscation":false}"#)
    }
    bytes.raw("}")
  }

  private mutating func separate(_ bytes: inout [UInt8]) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
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
