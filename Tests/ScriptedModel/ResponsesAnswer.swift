internal import JSON

/// Writes an answer as OpenAI Responses does.
struct ResponsesWriter {
  let answer: Answer

  /// The answer as one document.
  func document() -> JSONValue {
    if answer.failure != nil { return response(status: "failed", output: [], usage: nil, error: failure) }
    return response(status: status, output: items().map(\.item), usage: usage)
  }

  /// The answer as events.
  func stream() -> EventStream {
    var stream = EventStream()
    let started = response(status: "in_progress", output: [], usage: nil)
    add(&stream, "response.created", ["response": started])
    add(&stream, "response.in_progress", ["response": started])
    if let failure = answer.failure {
      stream.markEnd()
      if failure == .bareError {
        add(&stream, "error", ["code": "server_error", "message": "The server had an error.", "param": .null])
      } else {
        add(&stream, "response.failed", ["response": document()])
      }
      return stream
    }
    for (index, entry) in items().enumerated() {
      var empty = entry.item.object ?? [:]
      for (key, value) in entry.emptied { empty[key] = value }
      empty["status"] = empty["status"].map { _ in "in_progress" }
      add(&stream, "response.output_item.added", ["output_index": number(index), "item": .object(empty)])
      let place: [String: JSONValue] = ["item_id": entry.item["id"] ?? .null, "output_index": number(index)]
      for (name, members) in entry.inner { add(&stream, name, place.merging(members) { $1 }) }
      add(&stream, "response.output_item.done", ["output_index": number(index), "item": entry.item])
    }
    stream.markEnd()
    add(&stream, answer.isTruncated ? "response.incomplete" : "response.completed", ["response": document()])
    return stream
  }

  private func add(_ stream: inout EventStream, _ name: String, _ members: [String: JSONValue]) {
    var members = members
    members["type"] = .string(name)
    members["sequence_number"] = number(stream.events.count)
    stream.add(name, .object(members))
  }

  private var status: JSONValue { answer.isTruncated ? "incomplete" : "completed" }

  private var failure: JSONValue {
    answer.failure == .overflow
      ? [
        "code": "context_length_exceeded",
        "message": "Your input exceeds the context window of this model. Please adjust your input and try again.",
      ] : ["code": "server_error", "message": "The server had an error while processing your request."]
  }

  private var usage: JSONValue? {
    if answer.leavesOutUsage { return nil }
    let input = answer.input
    return [
      "input_tokens": number(input.total),
      "input_tokens_details": ["cached_tokens": number(input.read), "cache_write_tokens": number(input.written)],
      "output_tokens": number(answer.output),
      "output_tokens_details": ["reasoning_tokens": number(answer.reasoningTokens)],
      "total_tokens": number(input.total + answer.output),
    ]
  }

  private func response(
    status: JSONValue, output: [JSONValue], usage: JSONValue?, error: JSONValue = .null
  ) -> JSONValue {
    [
      "id": .string(answer.id), "object": "response", "created_at": number(answer.created), "status": status,
      "background": false, "error": error,
      "incomplete_details": status == "incomplete" ? ["reason": "max_output_tokens"] : .null,
      "instructions": .null, "max_output_tokens": .null, "model": .string(answer.model), "output": .array(output),
      "parallel_tool_calls": true, "previous_response_id": .null, "reasoning": ["effort": .null, "summary": .null],
      "store": false, "temperature": 1, "text": ["format": ["type": "text"]], "tool_choice": "auto", "tools": [],
      "top_p": 1, "truncation": "disabled", "usage": usage ?? .null, "user": .null, "metadata": [:],
    ]
  }

  private struct Entry {
    var item: JSONValue
    /// What stands in its place while the item begins.
    var emptied: [String: JSONValue]
    var inner: [(String, [String: JSONValue])]
  }

  private func items() -> [Entry] {
    var items: [Entry] = []
    if let reasoning = answer.reasoning { items.append(reasoningItem(reasoning)) }
    if !answer.text.isEmpty { items.append(message()) }
    for (index, call) in answer.calls.enumerated() { items.append(callItem(call, isCut: answer.isCut(index))) }
    return items
  }

  private func reasoningItem(_ reasoning: String) -> Entry {
    var summary: [JSONValue] = []
    var inner: [(String, [String: JSONValue])] = []
    if answer.showsReasoning {
      let part: JSONValue = ["type": "summary_text", "text": .string(reasoning)]
      summary = [part]
      let place: [String: JSONValue] = ["summary_index": 0]
      let start: JSONValue = ["type": "summary_text", "text": ""]
      inner.append(("response.reasoning_summary_part.added", place.merging(["part": start]) { $1 }))
      for piece in answer.pieces(reasoning) {
        inner.append(("response.reasoning_summary_text.delta", place.merging(["delta": piece]) { $1 }))
      }
      inner.append(("response.reasoning_summary_text.done", place.merging(["text": .string(reasoning)]) { $1 }))
      inner.append(("response.reasoning_summary_part.done", place.merging(["part": part]) { $1 }))
    }
    var item: [String: JSONValue] = [
      "id": .string(answer.reasoningID), "type": "reasoning", "summary": .array(summary),
    ]
    var emptied: [String: JSONValue] = ["summary": []]
    if answer.sealsReasoning {
      let sealed = Seal.encrypt(reasoning, for: "reasoning")
      item["encrypted_content"] = .string(sealed)
      // Only the finished item has all of it.
      emptied["encrypted_content"] = .string(String(sealed.prefix(8)))
    }
    return Entry(item: .object(item), emptied: emptied, inner: inner)
  }

  private func message() -> Entry {
    let isRefusal = answer.stop == .refusal
    let field = isRefusal ? "refusal" : "text"
    func part(_ text: String) -> JSONValue {
      isRefusal
        ? ["type": "refusal", "refusal": .string(text)]
        : ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
    }
    let name = isRefusal ? "response.refusal" : "response.output_text"
    let extra: [String: JSONValue] =
      isRefusal ? ["content_index": 0] : ["content_index": 0, "logprobs": []]
    var inner: [(String, [String: JSONValue])] = [
      ("response.content_part.added", ["content_index": 0, "part": part("")])
    ]
    for piece in answer.pieces(answer.text) { inner.append((name + ".delta", extra.merging(["delta": piece]) { $1 })) }
    inner.append((name + ".done", extra.merging([field: .string(answer.text)]) { $1 }))
    inner.append(("response.content_part.done", ["content_index": 0, "part": part(answer.text)]))
    let isCut = answer.isTruncated && answer.calls.isEmpty
    let item: JSONValue = [
      "id": .string(answer.textID), "type": "message", "status": isCut ? "incomplete" : "completed",
      "role": "assistant", "content": [part(answer.text)],
    ]
    return Entry(item: item, emptied: ["content": []], inner: inner)
  }

  private func callItem(_ call: Answer.Call, isCut: Bool) -> Entry {
    let isFree = call.rendered.isFreeText
    let field = isFree ? "input" : "arguments"
    let name = isFree ? "response.custom_tool_call_input" : "response.function_call_arguments"
    var inner: [(String, [String: JSONValue])] = answer.pieces(call.rendered.arguments).map {
      (name + ".delta", ["delta": $0])
    }
    if !isCut { inner.append((name + ".done", [field: .string(call.rendered.arguments)])) }
    let item: JSONValue = [
      "id": .string(call.item), "type": isFree ? "custom_tool_call" : "function_call",
      "status": isCut ? "incomplete" : "completed", "call_id": .string(call.id), "name": .string(call.rendered.name),
      field: .string(call.rendered.arguments),
    ]
    return Entry(item: item, emptied: [field: ""], inner: inner)
  }
}

func number(_ value: Int) -> JSONValue { .number(Double(value)) }
