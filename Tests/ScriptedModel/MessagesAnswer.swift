internal import JSON

/// Writes an answer as Anthropic Messages do.
struct MessagesWriter {
  let answer: Answer

  /// The answer as one document.
  func document() -> JSONValue {
    if answer.failure != nil { return error }
    return message(content: blocks().map(\.whole), stop: stop, output: answer.output)
  }

  /// The answer as events.
  func stream() -> EventStream {
    var stream = EventStream()
    add(&stream, "message_start", ["message": message(content: [], stop: .null, output: 1)])
    add(&stream, "ping", [:])
    if answer.failure != nil {
      stream.markEnd()
      stream.add("error", error)
      return stream
    }
    for (index, block) in blocks().enumerated() {
      let place: [String: JSONValue] = ["index": number(index)]
      add(&stream, "content_block_start", place.merging(["content_block": block.start]) { $1 })
      for delta in block.deltas { add(&stream, "content_block_delta", place.merging(["delta": delta]) { $1 }) }
      add(&stream, "content_block_stop", place)
    }
    stream.markEnd()
    var last: [String: JSONValue] = [
      "delta": ["stop_reason": stop, "stop_sequence": .null, "stop_details": details]
    ]
    last["usage"] = answer.leavesOutUsage ? ["output_tokens": 0] : usage(output: answer.output)
    add(&stream, "message_delta", last)
    add(&stream, "message_stop", [:])
    return stream
  }

  private func add(_ stream: inout EventStream, _ name: String, _ members: [String: JSONValue]) {
    stream.add(name, .object(members.merging(["type": .string(name)]) { $1 }))
  }

  private var error: JSONValue {
    let refusal =
      answer.failure == .overflow
      ? Refusal.overflow(.messages, tokens: max(answer.input.total, 200_001), window: 200_000)
      : Refusal(529, "overloaded_error", "Overloaded")
    return refusal.body(.messages, request: "req_\(answer.id)")
  }

  private var stop: JSONValue {
    switch answer.stop {
    case .end: answer.calls.isEmpty ? "end_turn" : "tool_use"
    case .length: "max_tokens"
    case .refusal: "refusal"
    case .pause: "pause_turn"
    case .contextFull: "model_context_window_exceeded"
    }
  }

  private var details: JSONValue {
    guard answer.stop == .refusal else { return .null }
    return ["type": "refusal", "category": "cyber", "explanation": "This request was declined."]
  }

  private func message(content: [JSONValue], stop: JSONValue, output: Int) -> JSONValue {
    [
      "id": .string(answer.id), "type": "message", "role": "assistant", "model": .string(answer.model),
      "content": .array(content), "stop_reason": stop, "stop_sequence": .null,
      "stop_details": stop == .null ? .null : details,
      "usage": answer.leavesOutUsage ? ["input_tokens": 0, "output_tokens": 0] : usage(output: output),
    ]
  }

  private func usage(output: Int) -> JSONValue {
    let input = answer.input
    return [
      "input_tokens": number(input.uncached), "cache_creation_input_tokens": number(input.written),
      "cache_read_input_tokens": number(input.read),
      "cache_creation": [
        "ephemeral_5m_input_tokens": number(input.written - input.writtenForHour),
        "ephemeral_1h_input_tokens": number(input.writtenForHour),
      ],
      "output_tokens": number(output), "service_tier": "standard",
    ]
  }

  private struct Block {
    var start: JSONValue
    var deltas: [JSONValue]
    var whole: JSONValue
  }

  private func blocks() -> [Block] {
    var blocks: [Block] = []
    if let reasoning = answer.reasoning {
      let shown = answer.showsReasoning ? reasoning : ""
      var deltas = answer.pieces(shown).map { ["type": "thinking_delta", "thinking": $0] as JSONValue }
      deltas.append(["type": "signature_delta", "signature": .string(answer.signature)])
      blocks.append(
        Block(
          start: ["type": "thinking", "thinking": "", "signature": ""], deltas: deltas,
          whole: ["type": "thinking", "thinking": .string(shown), "signature": .string(answer.signature)]))
    }
    if !answer.text.isEmpty, answer.stop != .refusal {
      blocks.append(
        Block(
          start: ["type": "text", "text": ""],
          deltas: answer.pieces(answer.text).map { ["type": "text_delta", "text": $0] },
          whole: ["type": "text", "text": .string(answer.text), "citations": .null]))
    }
    for call in answer.calls { blocks.append(block(call)) }
    return blocks
  }

  private func block(_ call: Answer.Call) -> Block {
    let start: [String: JSONValue] = [
      "type": "tool_use", "id": .string(call.id), "name": .string(call.rendered.name), "input": [:],
    ]
    var whole = start
    // The API's own documents are always valid JSON: arguments that are not an object come as none.
    if let input = try? JSONValue.parse(Array(call.rendered.arguments.utf8)), input.object != nil {
      whole["input"] = input
    }
    let pieces = [""] + answer.pieces(call.rendered.arguments)
    return Block(
      start: .object(start), deltas: pieces.map { ["type": "input_json_delta", "partial_json": $0] },
      whole: .object(whole))
  }
}
