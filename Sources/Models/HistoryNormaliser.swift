internal import JSON

/// Makes a history one that every vendor takes, whatever has happened to it: a run that was killed in the middle of a
/// step, a compaction, an edit.
///
/// - each call has exactly one result, right behind the answer that called, in the order of the calls;
/// - a call without a result gets one that says so, always in the same words; a result without a call is left out;
/// - no id stands for two calls;
/// - what a user says twice in a row is said at once; what is empty is left out;
/// - reasoning is sent back only with what followed it: an echo whose calls are not those of its turn is dropped.
///
/// What is so already stays as it is, and a second pass changes nothing.
package enum HistoryNormaliser {
  /// What a call without a result is answered with.
  package static let aborted =
    "aborted: the run was interrupted and nothing is known of what this call did; look before you repeat it"
  /// What a call is answered with that was cut short.
  package static let truncated = "not carried out: the call was cut short; make it again, shorter"
  /// What a history begins with whose beginning is gone.
  package static let opening = "Continue."

  /// The history as every vendor takes it.
  package static func normalise(_ items: [ConversationItem]) -> [ConversationItem] {
    var result: [ConversationItem] = []
    var ids: Set<String> = []
    var index = 0
    while index < items.count {
      switch items[index] {
      case .user(let text):
        say(text, in: &result)
        index += 1
      case .results:
        // Those that belong to an answer were taken with it.
        index += 1
      case .assistant(let turn):
        var end = index + 1
        while end < items.count, !isAnswer(items[end]) { end += 1 }
        append(turn, followedBy: items[(index + 1)..<end], to: &result, &ids)
        index = end
      }
    }
    return result
  }

  /// The history as text alone: every call and every result is told in words, and no reasoning is sent back.
  ///
  /// It is what is left to send where a vendor finds fault with a history that is in order; nothing that a vendor could
  /// pair, sign or number is in it any more.
  package static func retoldAsText(_ items: [ConversationItem]) -> [ConversationItem] {
    let told = normalise(items).map { item -> ConversationItem in
      switch item {
      case .user: return item
      case .assistant(let turn):
        let calls = turn.calls.map { call in
          switch call.input {
          case .json(let text), .text(let text): "[I called \(call.name) with: \(text)]"
          }
        }
        let parts = (isBlank(turn.text) ? [] : [turn.text]) + calls
        return .assistant(AssistantTurn(text: parts.joined(separator: "\n"), stop: .end))
      case .results(let results):
        let parts = results.map { result in
          "[What \(result.name) \(result.isError ? "failed with" : "gave"):]\n\(result.text)"
        }
        return .user(parts.joined(separator: "\n\n"))
      }
    }
    return normalise(told)
  }

  private static func isAnswer(_ item: ConversationItem) -> Bool {
    if case .assistant(let turn) = item { !isEmpty(turn) } else { false }
  }

  private static func isEmpty(_ turn: AssistantTurn) -> Bool {
    turn.calls.isEmpty && isBlank(turn.text) && !hasSubstance(turn.echo)
  }

  private static func isBlank(_ text: String) -> Bool { !text.utf8.contains { $0 > 0x20 } }

  /// Whether there is more in it than reasoning that nothing follows.
  private static func hasSubstance(_ echo: Echo?) -> Bool {
    guard let echo, echo.dialect != .chat else { return false }
    return echo.pieces.contains { !isReasoning($0) }
  }

  private static func isReasoning(_ piece: String) -> Bool {
    let type = JSONSlice(text: piece)?["type"]?.string
    return type == nil || type == "reasoning" || type == "thinking" || type == "redacted_thinking"
  }

  private static func say(_ text: String, in result: inout [ConversationItem]) {
    guard !isBlank(text) else { return }
    if case .user(let before)? = result.last {
      result[result.count - 1] = .user(before + "\n\n" + text)
    } else {
      result.append(.user(text))
    }
  }

  private static func append(
    _ turn: AssistantTurn, followedBy rest: ArraySlice<ConversationItem>, to result: inout [ConversationItem],
    _ ids: inout Set<String>
  ) {
    if !isEmpty(turn) {
      if result.isEmpty { result.append(.user(opening)) }
      var turn = turn
      let old = turn.calls.map(\.id)
      rename(&turn, &ids)
      settleEcho(&turn)
      result.append(.assistant(turn))
      if !turn.calls.isEmpty { result.append(.results(results(of: turn, old: old, in: rest))) }
    }
    for item in rest { if case .user(let text) = item { say(text, in: &result) } }
  }

  /// Gives a new id to a call whose id is empty or was used before.
  private static func rename(_ turn: inout AssistantTurn, _ ids: inout Set<String>) {
    for index in turn.calls.indices {
      let id = turn.calls[index].id
      var name = id.isEmpty ? "call" : id
      var number = 2
      while id.isEmpty && number == 2 || ids.contains(name) {
        name = "\(id.isEmpty ? "call" : id)_\(number)"
        number += 1
      }
      ids.insert(name)
      turn.calls[index].id = name
    }
  }

  /// Leaves out an echo that says something else than the turn, and reasoning at its end that nothing follows.
  private static func settleEcho(_ turn: inout AssistantTurn) {
    guard var echo = turn.echo else { return }
    if echo.dialect == .chat {
      // First what belongs to the message, then to each call, where anything does.
      if echo.pieces.count != 1, echo.pieces.count != turn.calls.count + 1 { turn.echo = nil }
      return
    }
    while let last = echo.pieces.last, isReasoning(last) { echo.pieces.removeLast() }
    let named = echo.pieces.compactMap { piece -> String? in
      guard let block = JSONSlice(text: piece) else { return nil }
      switch block["type"]?.string {
      case "function_call", "custom_tool_call": return block["call_id"]?.string
      case "tool_use": return block["id"]?.string
      default: return nil
      }
    }
    turn.echo = echo.pieces.isEmpty || named != turn.calls.map(\.id) ? nil : echo
  }

  private static func results(
    of turn: AssistantTurn, old: [String], in rest: ArraySlice<ConversationItem>
  ) -> [ToolResult] {
    var pool: [ToolResult] = []
    for item in rest { if case .results(let some) = item { pool += some } }
    return zip(turn.calls, old).map { call, id in
      var isFreeText = false
      if case .text = call.input { isFreeText = true }
      // The first of an id belongs to the first call of that id, the second to the second.
      guard let index = pool.firstIndex(where: { $0.call == id }) else {
        return ToolResult(
          call: call.id, name: call.name, text: call.isTruncated ? truncated : aborted, isError: true,
          isFreeText: isFreeText)
      }
      var result = pool.remove(at: index)
      result.call = call.id
      result.name = call.name
      result.isFreeText = isFreeText
      return result
    }
  }
}
