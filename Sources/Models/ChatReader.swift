internal import JSON

/// Reads answers of Chat Completions, with what the many servers make of it.
struct ChatReader: AnswerReader {
  /// A call as it is put together.
  private struct Piece {
    var id = ""
    var name = ""
    var arguments = ""
    var isCustom = false
    var extra: JSONSlice?
  }

  private let context: AnswerContext
  private var text = ""
  private var refusal = ""
  private var reasoning = ""
  private var hasReasoning = false
  private var details: [JSONSlice] = []
  private var order: [Int] = []
  private var pieces: [Int: Piece] = [:]
  private var finishReason: String?
  private var usage: TokenUsage?
  private var hasChoice = false

  init(_ context: AnswerContext) {
    self.context = context
  }

  mutating func receive(_ event: JSONSlice) throws(ModelError) -> Bool {
    if let error = event["error"], !error.isNull { throw .inside(event) }
    if event["object"]?.string == "error" { throw .inside(event) }
    if let usage = event["usage"], !usage.isNull { self.usage = Self.usage(usage) }
    guard let choice = event["choices"]?.elements.first else { return false }
    hasChoice = true
    // A few servers put the usage into the choice.
    if let usage = choice["usage"], !usage.isNull { self.usage = Self.usage(usage) }
    if let delta = choice["delta"] ?? choice["message"] { try take(delta) }
    if let reason = choice["finish_reason"]?.string, !reason.isEmpty { finishReason = reason }
    return false
  }

  private mutating func take(_ delta: JSONSlice) throws(ModelError) {
    switch delta["content"]?.kind {
    case .string: text += delta["content"]?.string ?? ""
    case .array: for part in delta["content"]?.elements ?? [] { text += part["text"]?.string ?? "" }
    default: break
    }
    refusal += delta["refusal"]?.string ?? ""
    if let more = (delta["reasoning_content"] ?? delta["reasoning"])?.string {
      reasoning += more
      hasReasoning = true
    }
    details += delta["reasoning_details"]?.elements ?? []
    for call in delta["tool_calls"]?.elements ?? [] {
      take(call: call)
      guard order.count <= mostParts else { throw .bad("it has more than \(mostParts) calls") }
    }
    // The form before there were several calls.
    if let call = delta["function_call"], !call.isNull { take(call: call, function: call, index: 0) }
  }

  private mutating func take(call: JSONSlice) {
    let body = call["function"] ?? call["custom"]
    // A number that is no place is none.
    let index = call["index"]?.integer.flatMap { (0..<mostParts).contains($0) ? $0 : nil }
    take(call: call, function: body, index: index)
  }

  /// By `index` where there is one; by id where there is none; else a name begins a call and the rest goes on with it.
  private mutating func take(call: JSONSlice, function: JSONSlice?, index: Int?) {
    let id = call["id"]?.string ?? ""
    let name = function?["name"]?.string ?? ""
    var place = index ?? order.last ?? 0
    if index == nil {
      if let known = order.first(where: { !id.isEmpty && pieces[$0]?.id == id }) {
        place = known
      } else if !id.isEmpty || !name.isEmpty {
        place = (order.max() ?? -1) + 1
      }
    } else if let known = pieces[place], !id.isEmpty, !known.id.isEmpty, known.id != id, !name.isEmpty {
      // Servers that number every call 0.
      place = order.first { pieces[$0]?.id == id } ?? (order.max() ?? -1) + 1
    } else if index == 0, order.count > 1, id.isEmpty, name.isEmpty, let last = order.last, last >= 1,
      renumbered.contains(last)
    {
      place = last
    }
    if pieces[place] == nil {
      order.append(place)
      if let index, index != place { renumbered.insert(place) }
    }
    var piece = pieces[place] ?? Piece()
    if piece.id.isEmpty { piece.id = id }
    // The name comes once; a server that repeats it says the same again, one that cuts it goes on.
    if piece.name.isEmpty {
      piece.name = name
    } else if name != piece.name {
      piece.name += name
    }
    if call["type"]?.string == "custom" || call["custom"] != nil { piece.isCustom = true }
    let argument = function?[piece.isCustom ? "input" : "arguments"]
    // Arguments should be a text; as an object they came whole.
    piece.arguments += argument?.string ?? (argument?.kind == .object ? argument?.text ?? "" : "")
    if let extra = call["extra_content"] { piece.extra = extra }
    pieces[place] = piece
  }

  /// Places that were given to calls whose server numbers them all alike.
  private var renumbered: Set<Int> = []

  mutating func finish() throws(ModelError) -> ModelAnswer {
    // The end of the connection alone is no end of the answer.
    guard finishReason != nil else { throw .cutShort }
    return try answer()
  }

  mutating func read(_ document: JSONSlice) throws(ModelError) -> ModelAnswer {
    _ = try receive(document)
    guard hasChoice else { throw .bad("there is no choice in it", document) }
    return try answer()
  }

  private func answer() throws(ModelError) -> ModelAnswer {
    var calls: [ToolCall] = []
    var extras: [String] = []
    for place in order {
      guard let piece = pieces[place] else { continue }
      guard !piece.name.isEmpty else { throw .bad("a call has no name") }
      let input =
        piece.isCustom
        ? ToolCall.Input.text(piece.arguments) : context.input(of: piece.name, arguments: piece.arguments)
      calls.append(ToolCall(id: piece.id, name: piece.name, input: input))
      extras.append(piece.extra.map { #"{"extra_content":\#($0.text)}"# } ?? "{}")
    }
    calls = context.withDistinctIDs(calls)
    var stop: StopReason
    switch finishReason {
    case "length", "max_tokens": stop = .length
    case "content_filter", "safety", "SAFETY", "recitation", "sensitive": stop = .refusal
    case "error", "network_error": throw ModelError(.transient, message: "the server gave up in mid-answer")
    case "insufficient_system_resource": throw ModelError(.overloaded, message: "the server gave up for want of room")
    case "model_context_window_exceeded": stop = .contextFull
    default: stop = context.settled(.end, calls)
    }
    if !refusal.isEmpty, calls.isEmpty { stop = .refusal }
    if stop == .length || stop == .contextFull, let last = calls.indices.last { calls[last].isTruncated = true }
    let turn = AssistantTurn(text: text + refusal, calls: calls, stop: stop, echo: echo(extras))
    return ModelAnswer(turn: turn, usage: usage)
  }

  /// What is to be sent back beyond text and calls: first for the message, then for each call.
  private func echo(_ extras: [String]) -> Echo? {
    var members: [String] = []
    if hasReasoning { members.append(#""reasoning_content":\#(JSONText.quoted(reasoning))"#) }
    if !details.isEmpty { members.append(#""reasoning_details":[\#(details.map(\.text).joined(separator: ","))]"#) }
    guard !members.isEmpty || extras.contains(where: { $0 != "{}" }) else { return nil }
    let pieces = ["{\(members.joined(separator: ","))}"] + (extras.contains { $0 != "{}" } ? extras : [])
    return Echo(dialect: .chat, model: context.model.name, pieces: pieces)
  }

  private static func usage(_ usage: JSONSlice) -> TokenUsage? {
    guard usage["prompt_tokens"]?.integer != nil else { return nil }
    let all = usage.count("prompt_tokens")
    let details = usage["prompt_tokens_details"]
    let told = details?["cached_tokens"]?.integer ?? usage["prompt_cache_hit_tokens"]?.integer ?? 0
    let read = min(all, max(0, told))
    let written = min(all - read, details?.count("cache_write_tokens") ?? 0)
    return TokenUsage(
      input: all - read - written, cacheRead: read, cacheWrite: written, output: usage.count("completion_tokens"))
  }
}
