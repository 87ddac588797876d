internal import JSON

/// Reads answers of OpenAI Responses.
///
/// The history is made of what `response.output_item.done` carries and of nothing else: deltas and `added` events are
/// for those who watch. A stream that ends without a terminal event is no answer.
struct ResponsesReader: AnswerReader {
  private let context: AnswerContext
  /// By their place in the answer, with the order of their coming for servers that number nothing.
  private var items: [(place: Int, item: JSONSlice)] = []
  private var final: JSONSlice?

  init(_ context: AnswerContext) {
    self.context = context
  }

  mutating func receive(_ event: JSONSlice) throws(ModelError) -> Bool {
    switch event["type"]?.string {
    case "response.output_item.done":
      guard let item = event["item"] else { throw .bad("an item is missing", event) }
      let place = event["output_index"]?.integer ?? items.count
      items.removeAll { $0.place == place }
      items.append((place, item))
      guard items.count <= mostParts else { throw .bad("it has more than \(mostParts) items") }
    case "response.completed", "response.incomplete", "response.done":
      guard let response = event["response"] else { throw .bad("the end has no response in it", event) }
      final = response
      return true
    case "response.failed", "response.cancelled":
      throw failure(event["response"] ?? event)
    case "error": throw .inside(event)
    case nil:
      if let error = event["error"], !error.isNull { throw .inside(event) }
    default: break
    }
    return false
  }

  mutating func finish() throws(ModelError) -> ModelAnswer {
    guard let final else { throw .cutShort }
    var pieces = items.sorted { $0.place < $1.place }.map(\.item)
    // A server may give its items only at the end.
    if pieces.isEmpty { pieces = final["output"]?.elements ?? [] }
    return try answer(final, pieces)
  }

  mutating func read(_ document: JSONSlice) throws(ModelError) -> ModelAnswer {
    // Some wrap what they give into the last event of a stream.
    let response = document["response"] ?? document
    if let error = response["error"], !error.isNull { throw failure(response) }
    switch response["status"]?.string {
    case "failed", "cancelled": throw failure(response)
    case "queued", "in_progress": throw .bad("the answer is not ready, and nobody asked for it to be made later")
    default: break
    }
    guard let output = response["output"], output.kind == .array else { throw .bad("there is no output", document) }
    return try answer(response, output.elements)
  }

  private func failure(_ response: JSONSlice) -> ModelError {
    if let error = response["error"], !error.isNull { return .inside(response) }
    return ModelError(.transient, message: "the vendor gave up: \(response["status"]?.string ?? "no reason given")")
  }

  private func answer(_ response: JSONSlice, _ items: [JSONSlice]) throws(ModelError) -> ModelAnswer {
    var text = ""
    var calls: [ToolCall] = []
    var refusal = false
    let isIncomplete = response["status"]?.string == "incomplete"
    for item in items {
      switch item["type"]?.string {
      case "message":
        for part in item["content"]?.elements ?? [] {
          if part["type"]?.string == "refusal" {
            refusal = true
            text += part["refusal"]?.string ?? ""
          } else {
            text += part["text"]?.string ?? ""
          }
        }
      case "function_call": calls.append(try call(item, argument: "arguments"))
      case "custom_tool_call": calls.append(try call(item, argument: "input"))
      default: break
      }
    }
    var echoed = items.filter { !isUseless($0) }
    if isIncomplete {
      // What was cut short in the middle of a call; and reasoning that nothing follows, which is refused when it is
      // sent back.
      if let last = items.last, let index = calls.indices.last, last["call_id"] != nil {
        calls[index].isTruncated = true
      }
      while echoed.last?["type"]?.string == "reasoning" { echoed.removeLast() }
    }
    let stop: StopReason =
      switch (isIncomplete, response["incomplete_details"]?["reason"]?.string) {
      case (true, "content_filter"): .refusal
      case (true, _): .length
      default: refusal ? .refusal : context.settled(.end, calls)
      }
    let echo = echoed.isEmpty ? nil : Echo(dialect: .responses, model: context.model.name, pieces: echoed.map(\.text))
    let turn = AssistantTurn(text: text, calls: calls, stop: stop, echo: echo)
    return ModelAnswer(turn: turn, usage: usage(response["usage"]))
  }

  /// Reasoning that nobody could read again: it is not stored, and nothing of it is in the item.
  private func isUseless(_ item: JSONSlice) -> Bool {
    guard item["type"]?.string == "reasoning" else { return false }
    return item["encrypted_content"]?.string == nil && (item["content"]?.elements.isEmpty ?? true)
  }

  private func call(_ item: JSONSlice, argument: String) throws(ModelError) -> ToolCall {
    guard let id = item["call_id"]?.string, let name = item["name"]?.string, let text = item[argument]?.string else {
      throw .bad("a call lacks its id, its name or its arguments", item)
    }
    let input = argument == "input" ? ToolCall.Input.text(text) : context.input(of: name, arguments: text)
    return ToolCall(id: id, name: name, input: input, isTruncated: item["status"]?.string == "incomplete")
  }

  private func usage(_ usage: JSONSlice?) -> TokenUsage? {
    guard let usage, usage["input_tokens"]?.integer != nil else { return nil }
    let all = usage.count("input_tokens")
    let read = min(all, usage["input_tokens_details"]?.count("cached_tokens") ?? 0)
    let written = min(all - read, usage["input_tokens_details"]?.count("cache_write_tokens") ?? 0)
    return TokenUsage(
      input: all - read - written, cacheRead: read, cacheWrite: written, output: usage.count("output_tokens"))
  }
}
