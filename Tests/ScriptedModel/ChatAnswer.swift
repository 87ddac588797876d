internal import JSON

/// Writes an answer as Chat Completions do.
struct ChatWriter {
  let answer: Answer

  /// The answer as one document.
  func document() -> JSONValue {
    if let failure { return ["error": failure] }
    var message: [String: JSONValue] = [
      "role": "assistant", "content": answer.text.isEmpty ? .null : .string(answer.text), "refusal": .null,
      "annotations": [],
    ]
    if answer.stop == .refusal {
      message["refusal"] = .string(answer.text)
      message["content"] = .null
    }
    if answer.vendor != .openai {
      message["refusal"] = nil
      message["annotations"] = nil
      message["content"] = .string(answer.text)
    }
    if let reasoning = answer.reasoning { message["reasoning_content"] = .string(reasoning) }
    if !answer.calls.isEmpty {
      message["tool_calls"] = .array(
        answer.calls.map { call(id: $0.id, $0.rendered, arguments: $0.rendered.arguments) })
    }
    var result = head("chat.completion")
    result["choices"] = [
      ["index": 0, "message": .object(message), "logprobs": .null, "finish_reason": finish]
    ]
    if !answer.leavesOutUsage { result["usage"] = usage }
    return .object(result)
  }

  /// The answer as events.
  func stream() -> EventStream {
    var stream = EventStream()
    chunk(&stream, ["role": "assistant", "content": ""])
    if let failure {
      stream.markEnd()
      stream.add(nil, ["error": failure])
      return stream
    }
    for piece in answer.pieces(answer.reasoning ?? "") {
      chunk(&stream, ["content": .null, "reasoning_content": piece])
    }
    let field = answer.stop == .refusal ? "refusal" : "content"
    for piece in answer.pieces(answer.text) { chunk(&stream, [field: piece]) }
    for (index, entry) in answer.calls.enumerated() {
      var start = call(id: entry.id, entry.rendered, arguments: "").object ?? [:]
      start["index"] = number(index)
      chunk(&stream, ["tool_calls": [.object(start)]])
      let isFree = entry.rendered.isFreeText
      for piece in answer.pieces(entry.rendered.arguments) {
        let inner: JSONValue = isFree ? ["input": piece] : ["arguments": piece]
        chunk(&stream, ["tool_calls": [["index": number(index), isFree ? "custom" : "function": inner]]])
      }
    }
    stream.markEnd()
    // DeepSeek gives usage with the chunk that finishes, OpenAI in one of its own and only when asked.
    let rides = answer.vendor == .deepseek && !answer.leavesOutUsage
    chunk(&stream, [:], finish: finish, usage: rides ? usage : nil)
    if answer.streamsUsage, !rides, !answer.leavesOutUsage {
      var last = head("chat.completion.chunk")
      last["choices"] = []
      last["usage"] = usage
      stream.add(nil, .object(last))
    }
    stream.add(raw: "data: [DONE]\n\n")
    return stream
  }

  private func chunk(
    _ stream: inout EventStream, _ delta: [String: JSONValue], finish: JSONValue = .null, usage: JSONValue? = nil
  ) {
    var result = head("chat.completion.chunk")
    result["choices"] = [
      ["index": 0, "delta": .object(delta), "logprobs": .null, "finish_reason": finish]
    ]
    if answer.streamsUsage { result["usage"] = .null }
    if let usage { result["usage"] = usage }
    stream.add(nil, .object(result))
  }

  private func head(_ object: JSONValue) -> [String: JSONValue] {
    [
      "id": .string(answer.id), "object": object, "created": number(answer.created), "model": .string(answer.model),
      "system_fingerprint": "fp_scripted",
    ]
  }

  private func call(id: String, _ rendered: RenderedCall, arguments: String) -> JSONValue {
    rendered.isFreeText
      ? [
        "id": .string(id), "type": "custom",
        "custom": ["name": .string(rendered.name), "input": .string(arguments)],
      ]
      : [
        "id": .string(id), "type": "function",
        "function": ["name": .string(rendered.name), "arguments": .string(arguments)],
      ]
  }

  private var finish: JSONValue {
    if answer.isTruncated { return "length" }
    return answer.calls.isEmpty ? "stop" : "tool_calls"
  }

  private var failure: JSONValue? {
    switch answer.failure {
    case nil: nil
    case .overflow:
      Refusal.overflow(.chat, tokens: max(answer.input.total, 200_001), window: 200_000).openAIError
    default: Refusal(500, "server_error", "The server had an error.", code: "server_error").openAIError
    }
  }

  private var usage: JSONValue {
    var result: [String: JSONValue] = [
      "prompt_tokens": number(answer.input.total), "completion_tokens": number(answer.output),
      "total_tokens": number(answer.input.total + answer.output),
      "prompt_tokens_details": ["cached_tokens": number(answer.input.read)],
      "completion_tokens_details": ["reasoning_tokens": number(answer.reasoningTokens)],
    ]
    if answer.vendor == .deepseek {
      result["prompt_cache_hit_tokens"] = number(answer.input.read)
      result["prompt_cache_miss_tokens"] = number(answer.input.total - answer.input.read)
    }
    return .object(result)
  }
}
