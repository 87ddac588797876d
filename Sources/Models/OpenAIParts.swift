internal import JSON

/// What both of OpenAI's dialects write in the same way.
extension [UInt8] {
  /// The beginning of a body: what it is about, and what is set for the whole run.
  mutating func openBody(_ shape: RequestShape) {
    let capabilities = shape.capabilities
    raw(#"{"model":"#)
    quoted(shape.model.name)
    if capabilities.acceptsStore { raw(#","store":false"#) }
    if capabilities.acceptsEncryptedReasoning { raw(#","include":["reasoning.encrypted_content"]"#) }
    if capabilities.acceptsParallelCalls, !shape.tools.isEmpty {
      raw(#","parallel_tool_calls":\#(shape.settings.allowsParallelCalls)"#)
    }
    if capabilities.acceptsCacheKey, !shape.settings.cacheKey.isEmpty {
      raw(#","prompt_cache_key":"#)
      quoted(shape.settings.cacheKey)
    }
  }

  /// The declarations of tools, where there are any.
  mutating func declare(_ tools: [ToolDeclaration], _ render: (ToolDeclaration) -> String) {
    if tools.isEmpty { return }
    raw(#","tools":["#)
    raw(tools.map(render).joined(separator: ","))
    raw("]")
  }

  /// The name and the input of a call: free text for a tool that takes such, an object for any other.
  mutating func called(_ call: ToolCall, _ capabilities: ModelCapabilities) {
    raw(#""name":"#)
    quoted(call.name)
    if case .text(let text) = call.input, capabilities.acceptsGrammarTools {
      raw(#","input":"#)
      quoted(text)
    } else {
      raw(#","arguments":"#)
      quoted(CallArguments.object(call.input))
    }
  }

  /// The end of a body.
  mutating func closeBody(_ shape: RequestShape, mostField: String, streamOptions: String) {
    raw("],")
    quoted(mostField)
    raw(#":\#(shape.maximumOutput),"stream":\#(shape.isStreamed)"#)
    if shape.isStreamed, shape.capabilities.reportsUsageInStream { raw(#","stream_options":\#(streamOptions)"#) }
    raw("}")
  }

  /// The comma in front of every element of a list but the first.
  mutating func separate(_ isFirst: inout Bool) {
    if !isFirst { append(UInt8(ascii: ",")) }
    isFirst = false
  }
}

extension ToolCall {
  /// Whether the call is written as one with free text.
  func isFreeText(_ capabilities: ModelCapabilities) -> Bool {
    if case .text = input { capabilities.acceptsGrammarTools } else { false }
  }
}
