import JSON
import ScriptedModel
import Testing

/// Each rule beside the same request without the fault.
struct RuleTests {
  private static let user: JSONValue = ["role": "user", "content": "go"]

  @Test(arguments: WireDialect.allCases)
  func aHistoryThatIsEchoedRightIsTaken(dialect: WireDialect) async throws {
    let model = try ScriptedModel.start(.steps(4))
    var history = [Self.user]
    for step in 0..<5 {
      let answer = await Client(model).send(Requests.path(dialect), Requests.make(dialect, history: history))
      try #require(answer.status == 200, "\(answer.text)")
      #expect(answer.text.contains(step < 4 ? "Step \(step)." : "All done."))
      history += Requests.following(dialect, answer.json)
    }
  }

  @Test(arguments: WireDialect.allCases)
  func aCallWithoutResultIsRefused(dialect: WireDialect) async throws {
    let model = try ScriptedModel.start(.steps(3))
    let first = await Client(model).send(Requests.path(dialect), Requests.make(dialect))
    let whole = [Self.user] + Requests.following(dialect, first.json)
    let without = whole.dropLast() + [Self.user]
    let refused = await Client(model).send(Requests.path(dialect), Requests.make(dialect, history: Array(without)))
    #expect(refused.status == 400)
    let id = dialect == .messages ? "toolu_" : "call_"
    #expect(refused.json["error"]?["message"]?.string?.contains(id) == true, "\(refused.text)")
    let taken = await Client(model).send(Requests.path(dialect), Requests.make(dialect, history: whole))
    #expect(taken.status == 200, "\(taken.text)")
  }

  @Test(arguments: WireDialect.allCases)
  func aResultWithoutCallIsRefused(dialect: WireDialect) async throws {
    let model = try ScriptedModel.start(.steps(3))
    let result: JSONValue =
      switch dialect {
      case .responses: ["type": "function_call_output", "call_id": "call_9", "output": "x"]
      case .chat: ["role": "tool", "tool_call_id": "call_9", "content": "x"]
      case .messages: ["role": "user", "content": [["type": "tool_result", "tool_use_id": "toolu_9", "content": "x"]]]
      }
    let refused = await Client(model).send(
      Requests.path(dialect), Requests.make(dialect, history: [Self.user, result]))
    #expect(refused.status == 400)
    #expect(model.exchanges.first?.kind == .refused)
  }

  @Test(arguments: WireDialect.allCases)
  func whatIsNoRequestIsRefused(dialect: WireDialect) async throws {
    let model = try ScriptedModel.start(.steps(3))
    let path = Requests.path(dialect)
    let bodies: [[UInt8]] = [
      [], Array("[]".utf8), Array("{".utf8), Requests.make(dialect).compact().dropLast(3),
      Requests.make(dialect, ["no_such_parameter": 1]).compact(), Requests.make(dialect, ["model": .null]).compact(),
      Requests.make(dialect, history: []).compact(),
      Requests.make(dialect, history: [["role": "nobody", "content": "x"]]).compact(),
      Requests.make(dialect, history: [["role": "user"]]).compact(),
    ]
    for body in bodies {
      let answer = await Client(model).send(path, bytes: body)
      #expect(answer.status == 400, "\(String(decoding: body, as: UTF8.self))")
      #expect(answer.json["error"]?["message"]?.string?.isEmpty == false)
      #expect((answer.json["type"] == "error") == (dialect == .messages))
    }
    #expect(await Client(model).send(path, Requests.make(dialect)).status == 200)
  }

  @Test(arguments: WireDialect.allCases)
  func aMissingKeyIsRefused(dialect: WireDialect) async throws {
    let model = try ScriptedModel.start(.steps(3))
    var client = Client(model)
    client.headers = ["anthropic-version: 2023-06-01", "content-type: application/json"]
    #expect(await client.send(Requests.path(dialect), Requests.make(dialect)).status == 401)
  }

  @Test func theVersionOfMessagesIsChecked() async throws {
    let model = try ScriptedModel.start(.steps(3))
    let request = Requests.make(.messages, ["temperature": 1])
    var client = Client(model)
    #expect(await client.send("/v1/messages", request).status == 200)
    client.headers[2] = "anthropic-version: 2026-10-21"
    #expect(await client.send("/v1/messages", request).status == 400)
    #expect(await client.send("/v1/messages", Requests.make(.messages)).status == 200)
    client.headers[2] = "anthropic-version: 2020-01-01"
    #expect(await client.send("/v1/messages", Requests.make(.messages)).status == 400)
    client.headers.remove(at: 2)
    #expect(await client.send("/v1/messages", Requests.make(.messages)).status == 400)
  }

  // MARK: Reasoning

  private static let reasoned = Scenario(
    turns: (0..<3).map { Turn(text: "Step \($0).", reasoning: "Because \($0).", calls: [.shell("true")]) })

  @Test func thinkingHasToComeBackAsItWas() async throws {
    let model = try ScriptedModel.start(Self.reasoned)
    let thinking: [String: JSONValue] = ["thinking": ["type": "enabled", "budget_tokens": 1024]]
    func send(_ history: [JSONValue]) async -> SeenAnswer {
      await Client(model).send("/v1/messages", Requests.make(.messages, history: history, thinking))
    }
    let first = await send([Self.user])
    let content = first.json["content"]?.array ?? []
    try #require(content.first?["type"] == "thinking")
    func history(_ content: [JSONValue]) -> [JSONValue] {
      [Self.user] + Requests.following(.messages, ["content": .array(content)])
    }
    let signature = content[0]["signature"] ?? .null
    let changed: JSONValue = ["type": "thinking", "thinking": "Because 0!", "signature": signature]
    let refused = await send(history([changed] + content.dropFirst()))
    #expect(refused.text.contains("Invalid `signature` in `thinking` block"))
    #expect(await send(history(Array(content.dropFirst()))).status == 400)
    let taken = await send(history(content))
    #expect(taken.status == 200, "\(taken.text)")
    // Where a user has spoken since, the vendor does not ask for it any more.
    let later = history(Array(content.dropFirst())) + Requests.following(.messages, taken.json)
    #expect(await send(later).status == 400)
    #expect(await send(later + [["role": "assistant", "content": "Well."], Self.user]).status == 200)
  }

  @Test func aReasoningItemNeedsWhatFollowsIt() async throws {
    let model = try ScriptedModel.start(Self.reasoned)
    func send(_ items: [JSONValue]) async -> SeenAnswer {
      await Client(model).send("/v1/responses", Requests.make(.responses, history: [Self.user] + items))
    }
    let first = await send([])
    let items = Requests.following(.responses, first.json)
    try #require(items.map { $0["type"] } == ["reasoning", "message", "function_call", "function_call_output"])
    let alone = await send([items[0], Self.user])
    #expect(alone.text.contains("without its required following item"))
    let without = await send(Array(items.dropFirst()))
    #expect(without.text.contains("without its required 'reasoning' item"))
    var forged = items[0].object ?? [:]
    forged["encrypted_content"] = .string((forged["encrypted_content"]?.string ?? "") + "00")
    let refused = await send([.object(forged)] + items.dropFirst())
    #expect(refused.json["error"]?["code"] == "invalid_encrypted_content")
    #expect(await send(items).status == 200)
  }

  @Test(arguments: [("deepseek-v4-pro", 400), ("gpt-4.1", 200)])
  func deepSeekWantsItsReasoningBack(name: String, status: Int) async throws {
    let model = try ScriptedModel.start(Self.reasoned)
    func send(_ history: [JSONValue]) async -> SeenAnswer {
      await Client(model).send(
        "/v1/chat/completions", Requests.make(.chat, history: history, ["model": .string(name)]))
    }
    let whole = [Self.user] + Requests.following(.chat, await send([Self.user]).json)
    var stripped = whole
    var message = stripped[1].object ?? [:]
    #expect((message.removeValue(forKey: "reasoning_content") != nil) == (status == 400))
    stripped[1] = .object(message)
    #expect(await send(stripped).status == status)
    #expect(await send(whole).status == 200)
  }

  @Test func moreThanFourBreakpointsAreRefused() async throws {
    let model = try ScriptedModel.start(.steps(3))
    func send(_ count: Int) async -> SeenAnswer {
      let block: JSONValue = ["type": "text", "text": "x", "cache_control": ["type": "ephemeral"]]
      let message: JSONValue = ["role": "user", "content": .array(Array(repeating: block, count: count))]
      return await Client(model).send("/v1/messages", Requests.make(.messages, history: [message]))
    }
    #expect(await send(5).text.contains("A maximum of 4 blocks with cache_control may be provided. Found 5."))
    #expect(await send(4).status == 200)
  }

  @Test func aLongerPromptThanTheWindowIsRefused() async throws {
    var scenario = Scenario.steps(3)
    scenario.contextWindow = 1000
    let model = try ScriptedModel.start(scenario)
    func send(_ dialect: WireDialect, _ length: Int) async -> SeenAnswer {
      let message: JSONValue = ["role": "user", "content": .string(String(repeating: "x", count: length))]
      return await Client(model).send(Requests.path(dialect), Requests.make(dialect, history: [message]))
    }
    #expect(await send(.responses, 8000).json["error"]?["code"] == "context_length_exceeded")
    #expect(await send(.messages, 8000).text.contains("prompt is too long"))
    #expect(await send(.responses, 400).status == 200)
  }
}
