import JSON
import Models
import Testing

@Suite("Histories that every vendor takes")
struct HistoryTests {
  private func history(_ seed: Int) -> [ConversationItem] {
    var generator = SeededGenerator(seed: seed)
    return (0..<Int.random(in: 0...30, using: &generator)).map { _ in randomItem(&generator) }
  }

  @Test("Whatever came in, the result keeps every rule, and a second pass changes nothing", arguments: 0..<300)
  func rules(_ seed: Int) throws {
    let items = history(seed)
    let result = HistoryNormaliser.normalise(items)
    #expect(HistoryNormaliser.normalise(result) == result)
    var ids: Set<String> = []
    for (index, item) in result.enumerated() {
      switch item {
      case .user(let text):
        #expect(text.utf8.contains { $0 > 0x20 })
        if index > 0, case .user = result[index - 1] { Issue.record("two in a row") }
      case .assistant(let turn):
        #expect(index > 0)
        for call in turn.calls { #expect(!call.id.isEmpty && ids.insert(call.id).inserted) }
        guard !turn.calls.isEmpty else { continue }
        guard index + 1 < result.count, case .results(let results) = result[index + 1] else {
          Issue.record("calls without results")
          continue
        }
        #expect(results.map(\.call) == turn.calls.map(\.id))
        #expect(results.map(\.name) == turn.calls.map(\.name))
      case .results:
        guard index > 0, case .assistant = result[index - 1] else {
          Issue.record("results without calls")
          continue
        }
      }
    }
    // Nothing that was said is lost.
    let said = items.flatMap { item -> [String] in
      switch item {
      case .user(let text): text.utf8.contains { $0 > 0x20 } ? [text] : []
      case .assistant(let turn): turn.text.isEmpty ? [] : [turn.text]
      case .results: []
      }
    }
    let after = result.map { item -> String in
      switch item {
      case .user(let text): text
      case .assistant(let turn): turn.text
      case .results: ""
      }
    }.joined(separator: "\n")
    for text in said { #expect(after.contains(text)) }
  }

  @Test("Retold as text, a history has no call, no result and no echo left, and all that was said", arguments: 0..<100)
  func retold(_ seed: Int) {
    let items = history(seed)
    let result = HistoryNormaliser.retoldAsText(items)
    #expect(HistoryNormaliser.retoldAsText(result) == result)
    var all = ""
    for item in result {
      switch item {
      case .user(let text): all += text + "\n"
      case .assistant(let turn):
        #expect(turn.calls.isEmpty && turn.echo == nil && !turn.text.isEmpty)
        all += turn.text + "\n"
      case .results: Issue.record("a result is left")
      }
    }
    for case .assistant(let turn) in items {
      #expect(all.contains(turn.text) && turn.calls.allSatisfy { all.contains("[I called \($0.name) with: ") })
    }
  }

  @Test("A history that is in order stays as it is, echoes included")
  func unchanged() {
    let turn = Recordings.responsesTurn()
    let items: [ConversationItem] = [
      .user("task"), .assistant(turn),
      .results([
        ToolResult(call: "call_A", name: "shell", text: "x"),
        ToolResult(call: "call_B", name: "apply_patch", text: "y", isFreeText: true),
      ]), .user("go on"), .assistant(AssistantTurn(text: "done", stop: .end)),
    ]
    #expect(HistoryNormaliser.normalise(items) == items)
  }

  @Test("A call without a result gets one that says so; a result without a call is left out")
  func orphans() {
    var turn = Recordings.messagesTurn()
    turn.calls[1].isTruncated = true
    let items: [ConversationItem] = [
      .user("task"), .results([ToolResult(call: "gone", name: "x", text: "x")]), .assistant(turn), .user("hm"),
      .results([ToolResult(call: "other", name: "shell", text: "z")]),
    ]
    let expected: [ConversationItem] = [
      .user("task"), .assistant(turn),
      .results([
        ToolResult(call: "toolu_A", name: "shell", text: HistoryNormaliser.aborted, isError: true),
        ToolResult(call: "toolu_B", name: "shell", text: HistoryNormaliser.truncated, isError: true),
      ]), .user("hm"),
    ]
    #expect(HistoryNormaliser.normalise(items) == expected)
  }

  @Test("Results that stand behind what a user said come in front of it, in the order of the calls")
  func moved() {
    let turn = Recordings.messagesTurn()
    let first = ToolResult(call: "toolu_A", name: "shell", text: "1")
    let second = ToolResult(call: "toolu_B", name: "shell", text: "2")
    let items: [ConversationItem] = [.user("t"), .assistant(turn), .results([second]), .user("u"), .results([first])]
    #expect(
      HistoryNormaliser.normalise(items) == [.user("t"), .assistant(turn), .results([first, second]), .user("u")])
  }

  @Test("An echo that names other calls than its turn is dropped, and reasoning that nothing follows too")
  func echoes() {
    var turn = Recordings.responsesTurn()
    turn.calls.removeLast()
    guard case .assistant(let edited) = HistoryNormaliser.normalise([.user("t"), .assistant(turn)])[1] else { return }
    #expect(edited.echo == nil && edited.calls == turn.calls)
    var trailing = Recordings.responsesTurn()
    trailing.echo?.pieces.append(Recordings.responsesItems[0])
    guard case .assistant(let cut) = HistoryNormaliser.normalise([.user("t"), .assistant(trailing)])[1] else { return }
    #expect(cut.echo?.pieces == Recordings.responsesItems)
    let alone = AssistantTurn(
      text: "", stop: .length, echo: Echo(dialect: .responses, model: "m", pieces: [Recordings.responsesItems[0]]))
    #expect(HistoryNormaliser.normalise([.user("t"), .assistant(alone)]) == [.user("t")])
  }

  @Test("An id that was used before is changed in the call and in its result")
  func usedIDs() {
    let turn = AssistantTurn(text: "", calls: [ToolCall(id: "a", name: "f", input: .json("{}"))], stop: .calls)
    let result = ConversationItem.results([ToolResult(call: "a", name: "f", text: "x")])
    let items: [ConversationItem] = [.user("t"), .assistant(turn), result, .assistant(turn), result]
    var renamed = turn
    renamed.calls[0].id = "a_2"
    let expected: [ConversationItem] = [
      .user("t"), .assistant(turn), result, .assistant(renamed),
      .results([ToolResult(call: "a_2", name: "f", text: "x")]),
    ]
    #expect(HistoryNormaliser.normalise(items) == expected)
  }
}
