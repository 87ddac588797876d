import JSON
import Models
import Testing

@Suite("Bodies of requests")
struct RequestTests {
  private let tools = [
    shellTool, patchTool,
    ToolDeclaration(
      name: "bash", description: "Runs.", form: .builtIn(declaration: #"{"type":"bash_20250124","name":"bash"}"#)),
  ]

  /// A question, an answer of each dialect with its results, and a last word.
  private func conversation() -> [ConversationItem] {
    var items: [ConversationItem] = [.user("Do it.\n\tNow “please” \u{1}")]
    for dialect in Dialect.allCases {
      let turn = Recordings.turn(dialect)
      items.append(.assistant(turn))
      items.append(
        .results(
          turn.calls.map { call in
            var isFreeText = false
            if case .text = call.input { isFreeText = true }
            return ToolResult(
              call: call.id, name: call.name, text: "out of \(call.id)", isError: call.id.hasSuffix("B"),
              isFreeText: isFreeText)
          }))
    }
    items.append(.user("And?"))
    return items
  }

  private func body(_ model: ModelName, streamed: Bool = true) -> String {
    let request = request(model, conversation(), streamed: streamed, tools: tools)
    return String(
      decoding: RequestEncoder.body(request, capabilities: ModelFamilies.capabilities(of: model)), as: UTF8.self)
  }

  @Test("the form of an answer is sent where the model takes one, in each dialect's words")
  func answerSchema() throws {
    let schema = #"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#
    func body(_ name: String, _ change: (inout ModelCapabilities) -> Void = { _ in }) throws -> String {
      let model = try ModelName(name)
      var capabilities = ModelFamilies.capabilities(of: model)
      change(&capabilities)
      var settings = ModelSettings(cacheKey: "run-1")
      settings.answerSchema = schema
      let request = ModelRequest(
        model: model, conversation: Conversation(system: "s", tools: [], items: [.user("u")]), settings: settings)
      let bytes = RequestEncoder.body(request, capabilities: capabilities)
      _ = try JSONValue.parse(bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
    #expect(
      try body("openai/gpt-5.5").contains(
        #""text":{"format":{"type":"json_schema","name":"answer","strict":true,"schema":\#(schema)}}"#))
    #expect(
      try body("openai-chat/gpt-5.5").contains(
        #""response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":\#(schema)}}"#))
    #expect(
      try body("anthropic/claude-opus-4-8").contains(
        #""output_config":{"effort":"medium","format":{"type":"json_schema","schema":\#(schema)}}"#))
    #expect(
      try body("anthropic/claude-opus-4-5").contains(
        #""output_config":{"format":{"type":"json_schema","schema":\#(schema)}}"#))
    for name in ["openai-chat/some-model", "deepseek/deepseek-v4-pro", "anthropic/claude-3-5-sonnet"] {
      #expect(try !body(name).contains("json_schema"), "\(name)")
    }
    // A server that does not take it is not sent it again, and is told the rest as before.
    for (name, parameter) in [
      ("openai/gpt-5.5", "text.format"), ("openai-chat/gpt-5.5", "response_format"),
      ("anthropic/claude-opus-4-8", "output_config.format"),
    ] {
      let without = try body(name) { $0.switchOff(parameter) }
      #expect(!without.contains("json_schema") && without.contains("medium"), "\(name): \(without)")
      #expect(ModelCapabilities.canSwitchOff(parameter), "\(name)")
    }
  }

  @Test("Responses: every item of its own goes back as it came, those of others are retold")
  func responses() throws {
    let expected =
      #"{"model":"gpt-5.6","store":false,"include":["reasoning.encrypted_content"],"parallel_tool_calls":true,"#
      + #""prompt_cache_key":"run-1","reasoning":{"effort":"medium"},"instructions":"You are \"it\".","tools":["#
      + #"{"type":"function","name":"shell","description":"Runs a command.","parameters":{"type":"object","#
      + #""properties":{"cmd":{"type":"string"}},"required":["cmd"]},"strict":false},"#
      + #"{"type":"custom","name":"apply_patch","description":"Edits files.","format":{"type":"grammar","#
      + #""syntax":"lark","definition":"start: \"x\"\n"}},"#
      + #"{"type":"function","name":"bash","description":"Runs.","parameters":{"type":"object","properties":{"#
      + #""command":{"type":"string"},"restart":{"type":"boolean"}}},"strict":false}],"input":["#
      + #"{"type":"message","role":"user","content":"Do it.\n\tNow “please” \u0001"},"#
      + Recordings.responsesItems.joined(separator: ",")
      + #",{"type":"function_call_output","call_id":"call_A","output":"out of call_A"},"#
      + #"{"type":"custom_tool_call_output","call_id":"call_B","output":"out of call_B"},"#
      + #"{"type":"message","role":"assistant","content":"I look — \"now\".\n"},"#
      + #"{"type":"function_call","call_id":"call_A","name":"shell","arguments":"{\"cmd\":\"ls\"}"},"#
      + #"{"type":"function_call","call_id":"call_B","name":"shell","arguments":"{}"},"#
      + #"{"type":"function_call_output","call_id":"call_A","output":"out of call_A"},"#
      + #"{"type":"function_call_output","call_id":"call_B","output":"out of call_B"},"#
      + #"{"type":"message","role":"assistant","content":"I look — \"now\".\n"},"#
      + #"{"type":"function_call","call_id":"toolu_A","name":"shell","arguments":"{\"cmd\": \"ls\", \"n\": 1.0}"},"#
      + #"{"type":"function_call","call_id":"toolu_B","name":"shell","arguments":"{}"},"#
      + #"{"type":"function_call_output","call_id":"toolu_A","output":"out of toolu_A"},"#
      + #"{"type":"function_call_output","call_id":"toolu_B","output":"out of toolu_B"},"#
      + #"{"type":"message","role":"user","content":"And?"}],"max_output_tokens":4000,"stream":true,"#
      + #""stream_options":{"include_obfuscation":false}}"#
    #expect(body(try name(.responses)) == expected)
  }

  @Test("DeepSeek: reasoning is sent with every answer, an empty one where there was none, and grammars as functions")
  func deepSeek() throws {
    let call = #"{"id":"call_A","type":"function","function":{"name":"shell","arguments":"{\"cmd\":\"ls\"}"}}"#
    let expected =
      #"{"model":"deepseek-v4-pro","thinking":{"type":"enabled"},"reasoning_effort":"high","tools":["#
      + #"{"type":"function","function":{"name":"shell","description":"Runs a command.","parameters":{"type":"object","#
      + #""properties":{"cmd":{"type":"string"}},"required":["cmd"]}}},"#
      + #"{"type":"function","function":{"name":"apply_patch","description":"Edits files.\n\nThe input follows this "#
      + #"Lark grammar:\n\nstart: \"x\"\n","parameters":{"type":"object","properties":{"input":{"type":"string","#
      + #""description":"The whole input, as it is."}},"required":["input"],"additionalProperties":false}}},"#
      + #"{"type":"function","function":{"name":"bash","description":"Runs.","parameters":{"type":"object","#
      + #""properties":{"command":{"type":"string"},"restart":{"type":"boolean"}}}}}],"messages":["#
      + #"{"role":"system","content":"You are \"it\"."},"#
      + #"{"role":"user","content":"Do it.\n\tNow “please” \u0001"},"#
      + #"{"role":"assistant","content":"I look — \"now\".\n","reasoning_content":"","tool_calls":["# + call + ","
      + #"{"id":"call_B","type":"function","function":{"name":"apply_patch","#
      + #""arguments":"{\"input\":\"*** Begin Patch\\n*** End Patch\"}"}}]},"#
      + #"{"role":"tool","tool_call_id":"call_A","content":"out of call_A"},"#
      + #"{"role":"tool","tool_call_id":"call_B","content":"out of call_B"},"#
      + #"{"role":"assistant","content":"I look — \"now\".\n","reasoning_content":"Let me see…","tool_calls":["#
      + call + #",{"id":"call_B","type":"function","function":{"name":"shell","arguments":"{}"}}]},"#
      + #"{"role":"tool","tool_call_id":"call_A","content":"out of call_A"},"#
      + #"{"role":"tool","tool_call_id":"call_B","content":"out of call_B"},"#
      + #"{"role":"assistant","content":"I look — \"now\".\n","reasoning_content":"","tool_calls":["#
      + #"{"id":"toolu_A","type":"function","function":{"name":"shell","#
      + #""arguments":"{\"cmd\": \"ls\", \"n\": 1.0}"}},"#
      + #"{"id":"toolu_B","type":"function","function":{"name":"shell","arguments":"{}"}}]},"#
      + #"{"role":"tool","tool_call_id":"toolu_A","content":"out of toolu_A"},"#
      + #"{"role":"tool","tool_call_id":"toolu_B","content":"out of toolu_B"},"#
      + #"{"role":"user","content":"And?"}],"max_tokens":4000,"stream":true,"stream_options":{"include_usage":true}}"#
    #expect(body(try name(.chat)) == expected)
  }

  @Test("Messages: one user message for all results, three marks, thinking only to the model that thought")
  func messages() throws {
    let mark = #","cache_control":{"type":"ephemeral"}"#
    let retold =
      #"{"role":"assistant","content":[{"type":"text","text":"I look — \"now\".\n"},"#
      + #"{"type":"tool_use","id":"call_A","name":"shell","input":{"cmd":"ls"}},"#
    func results(_ prefix: String) -> String {
      #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"\#(prefix)A","content":"out of \#(prefix)A"},"#
        + #"{"type":"tool_result","tool_use_id":"\#(prefix)B","content":"out of \#(prefix)B","is_error":true"#
    }
    let expected =
      #"{"model":"claude-sonnet-5","thinking":{"type":"adaptive"},"output_config":{"effort":"medium"},"tools":["#
      + #"{"name":"shell","description":"Runs a command.","input_schema":{"type":"object","properties":{"cmd":{"#
      + #""type":"string"}},"required":["cmd"]}},{"name":"apply_patch","description":"Edits files.\n\nThe input "#
      + #"follows this Lark grammar:\n\nstart: \"x\"\n","input_schema":{"type":"object","properties":{"input":{"#
      + #""type":"string","description":"The whole input, as it is."}},"required":["input"],"#
      + #""additionalProperties":false}},{"type":"bash_20250124","name":"bash"}],"#
      + #""system":[{"type":"text","text":"You are \"it\"."# + "\"" + mark + #"}],"messages":["#
      + #"{"role":"user","content":[{"type":"text","text":"Do it.\n\tNow “please” \u0001"}]},"#
      + retold
      + #"{"type":"tool_use","id":"call_B","name":"apply_patch","input":{"input":"*** Begin Patch\n*** End Patch"}}]},"#
      + results("call_") + "}]}," + retold
      + #"{"type":"tool_use","id":"call_B","name":"shell","input":{}}]},"#
      + results("call_") + mark + "}]},"
      + #"{"role":"assistant","content":["# + Recordings.messagesBlocks.joined(separator: ",") + "]},"
      + results("toolu_") + #"},{"type":"text","text":"And?""# + mark + #"}]}],"max_tokens":4000,"stream":true}"#
    #expect(body(try name(.messages)) == expected)
  }

  @Test("What a vendor is told about thinking depends on the model and on the role")
  func thinking() throws {
    func part(_ model: String, _ thinking: ModelSettings.Thinking) throws -> String {
      let model = try ModelName(model)
      var request = request(model)
      request.settings.thinking = thinking
      request.settings.maximumOutput = 16_000
      let body = RequestEncoder.body(request, capabilities: ModelFamilies.capabilities(of: model))
      let text = String(decoding: body, as: UTF8.self)
      return ["thinking", "output_config", "reasoning", "reasoning_effort"].compactMap { key in
        JSONSlice(text: text)?[key].map { "\(key)=\($0.text)" }
      }.joined(separator: " ")
    }
    #expect(try part("openai/gpt-5.6", .off) == #"reasoning={"effort":"none"}"#)
    #expect(try part("openai/gpt-5.2-codex", .off) == #"reasoning={"effort":"low"}"#)
    #expect(try part("openai/gpt-5-mini", .off) == #"reasoning={"effort":"minimal"}"#)
    #expect(try part("openai/gpt-4.1", .high) == "")
    #expect(try part("openai-chat/gpt-5.4", .low) == #"reasoning_effort="low""#)
    #expect(try part("openai-chat/some/llama", .high) == "")
    #expect(try part("deepseek/deepseek-v4-flash", .off) == #"thinking={"type":"disabled"}"#)
    #expect(try part("deepseek/deepseek-v4-flash", .high) == #"thinking={"type":"enabled"} reasoning_effort="max""#)
    #expect(
      try part("anthropic/claude-opus-4-8", .high) == #"thinking={"type":"adaptive"} output_config={"effort":"high"}"#)
    #expect(try part("anthropic/claude-opus-4-8", .off) == #"thinking={"type":"disabled"}"#)
    #expect(try part("anthropic/claude-fable-5", .off) == #"output_config={"effort":"low"}"#)
    #expect(try part("anthropic/claude-haiku-4-5", .medium) == #"thinking={"type":"enabled","budget_tokens":8000}"#)
    #expect(try part("anthropic/claude-haiku-4-5", .off) == "")
  }

  @Test("Ids that a dialect does not take are rewritten, the call's and the result's alike")
  func ids() throws {
    let long = String(repeating: "x", count: 450) + "|é"
    let items: [ConversationItem] = [
      .user("x"),
      .assistant(AssistantTurn(text: "", calls: [ToolCall(id: long, name: "f", input: .json("{}"))], stop: .calls)),
      .results([ToolResult(call: long, name: "f", text: "")]),
    ]
    for (text, call, result) in [
      ("openai/gpt-5.6", "call_id", "call_id"), ("openai-chat/mistral-large", "id", "tool_call_id"),
      ("anthropic/claude-opus-5", "id", "tool_use_id"),
    ] {
      let model = try ModelName(text)
      let body = RequestEncoder.body(request(model, items), capabilities: ModelFamilies.capabilities(of: model))
      let found = String(decoding: body, as: UTF8.self).matches(of: /"(call_id|id|tool_call_id|tool_use_id)":"([^"]*)"/)
      #expect(found.map { String($0.1) } == [call, result])
      #expect(found.count == 2 && found.first?.2 == found.last?.2)
      let id = found.first.map { String($0.2) } ?? ""
      #expect(id.wholeMatch(of: text.contains("mistral") ? /[0-9a-f]{9}/ : /[a-zA-Z0-9_-]{1,64}/) != nil)
    }
  }

  @Test("Arguments that are no object are not sent to servers that fail on them")
  func brokenArguments() throws {
    for (arguments, sent) in [("{\"a\":", "{}"), ("", "{}"), ("[1]", "{}"), (#"{"a": 1}"#, #"{\"a\": 1}"#)] {
      let model = try ModelName("openai-chat/local")
      let turn = AssistantTurn(text: "", calls: [ToolCall(id: "a", name: "f", input: .json(arguments))], stop: .calls)
      let body = RequestEncoder.body(
        request(model, [.user("x"), .assistant(turn)]), capabilities: ModelFamilies.capabilities(of: model))
      #expect(String(decoding: body, as: UTF8.self).contains(#""arguments":"\#(sent)""#))
    }
  }

  // MARK: Growing

  static let models = [
    "openai/gpt-5.6", "deepseek/deepseek-v4-pro", "anthropic/claude-sonnet-5", "anthropic/claude-haiku-4-5",
    "openai-chat/mistral-large", "openai-chat/gpt-5.4", "openai-chat/local",
  ]

  @Test("An encoder that has seen the beginning gives the bytes of one that has not", arguments: models, 0..<8)
  func incremental(_ text: String, _ seed: Int) throws {
    let model = try ModelName(text)
    let capabilities = ModelFamilies.capabilities(of: model)
    var generator = SeededGenerator(seed: seed)
    var encoder = RequestEncoder()
    var items: ConversationItems = []
    for step in 0..<40 {
      for _ in 0..<Int.random(in: 0...3, using: &generator) { items.append(randomItem(&generator)) }
      // Now and then the past changes, as after a compaction.
      if step % 13 == 12 { items = ConversationItems(Array(items.array.dropFirst(items.count / 2))) }
      if step % 17 == 16, !items.isEmpty {
        var past = items.array
        past[past.count / 2] = .user("changed")
        items = ConversationItems(past)
      }
      var request = request(model, items, streamed: Bool.random(using: &generator))
      if step % 11 == 10 { request.settings.thinking = .off }
      if step % 5 == 4 { request.settings.maximumOutput = Int.random(in: 1...40_000, using: &generator) }
      let body = encoder.encode(request, capabilities: capabilities)
      #expect(body == RequestEncoder.body(request, capabilities: capabilities))
      #expect(throws: Never.self) { try JSONSlice(body) }
      // What is said to be settled stands there still.
      #expect(encoder.settled <= body.count && encoder.kept <= encoder.settled)
    }
  }

  @Test("Conversations that have grown from one and differ are told apart", arguments: models)
  func siblings(_ text: String) throws {
    let model = try ModelName(text)
    let capabilities = ModelFamilies.capabilities(of: model)
    var encoder = RequestEncoder()
    let trunk: ConversationItems = [.user("task"), .assistant(AssistantTurn(text: "a", stop: .end))]
    var (left, right) = (trunk, trunk)
    left.append(.user("left"))
    right.append(.user("right"))
    for items in [trunk, left, right, left, trunk, ConversationItems(left.array), right] {
      let request = request(model, items)
      #expect(
        encoder.encode(request, capabilities: capabilities) == RequestEncoder.body(request, capabilities: capabilities))
    }
    // The control: what has only grown is not encoded again.
    left.append(.assistant(AssistantTurn(text: "b", stop: .end)))
    left.append(.user("more"))
    for count in [1, 3, 5] {
      var items: ConversationItems = []
      for item in left.prefix(count) { items.append(item) }
      _ = encoder.encode(request(model, items), capabilities: capabilities)
      #expect(encoder.kept == 0)
      items.append(.assistant(AssistantTurn(text: "c", stop: .end)))
      items.append(.user("end"))
      _ = encoder.encode(request(model, items), capabilities: capabilities)
      #expect(encoder.kept > 0)
    }
  }

  @Test("Less room for the answer changes nothing but the end of the body", arguments: models)
  func lessRoom(_ text: String) throws {
    let model = try ModelName(text)
    let capabilities = ModelFamilies.capabilities(of: model)
    var encoder = RequestEncoder()
    var items: ConversationItems = [.user("task")]
    for step in 0..<40 {
      items.append(.assistant(AssistantTurn(text: "step \(step)", stop: .end)))
      items.append(.user("more of it"))
    }
    var bodies: [[UInt8]] = []
    for most in [32_000, 31_999, 20_000, 16_500, 9000, 4000, 3000, 2000] {
      var request = request(model, items)
      request.settings.maximumOutput = most
      request.settings.thinking = .high
      bodies.append(encoder.encode(request, capabilities: capabilities))
      #expect(bodies.last == RequestEncoder.body(request, capabilities: capabilities))
      #expect(encoder.kept == (bodies.count == 1 ? 0 : encoder.settled))
    }
    let end = Array(#""more of it""#.utf8)
    for body in bodies {
      let common = zip(body, bodies[0]).prefix { $0 == $1 }.count
      let last = body.indices.dropLast(end.count).last { body[$0...].starts(with: end) }
      let place = try #require(last) + end.count
      #expect(common >= place)
    }
  }

  @Test("A body begins with all of the one before it but its end", arguments: models)
  func prefix(_ text: String) throws {
    let model = try ModelName(text)
    let capabilities = ModelFamilies.capabilities(of: model)
    var encoder = RequestEncoder()
    var items: ConversationItems = [.user("task")]
    var last: [UInt8] = []
    let mark = Array(#","cache_control":{"type":"ephemeral"}"#.utf8)
    for step in 0..<60 {
      let body = encoder.encode(request(model, items), capabilities: capabilities)
      // Marks may move; nothing else may.
      let now = removing(mark, from: body)
      let before = removing(mark, from: last)
      let common = zip(now, before).prefix { $0 == $1 }.count
      #expect(step == 0 || common >= before.count - 100)
      #expect(step < 10 || Double(common) / Double(now.count) > 0.8)
      last = body
      let turn = AssistantTurn(
        text: "step \(step)", calls: [ToolCall(id: "c\(step)", name: "shell", input: .json("{}"))], stop: .calls)
      items.append(.assistant(turn))
      items.append(.results([ToolResult(call: "c\(step)", name: "shell", text: "ok")]))
    }
  }

  @Test("Each request to Messages has a mark where the one before it had its last", arguments: [1, 15, 40])
  func marks(_ calls: Int) throws {
    let model = try name(.messages)
    let capabilities = ModelFamilies.capabilities(of: model)
    var encoder = RequestEncoder()
    var items: ConversationItems = [.user("task")]
    var last: [UInt8] = []
    let mark = Array(#","cache_control":{"type":"ephemeral"}"#.utf8)
    var share = 0.0
    for step in 0..<12 {
      let body = encoder.encode(request(model, items), capabilities: capabilities)
      // What stands before each mark, marks left out: what the vendor compares.
      let now = cuts(mark, body)
      let before = cuts(mark, last)
      #expect(now.count <= 4 && now.count == min(3, step + 2))
      if step > 0, let newest = before.last {
        #expect(now.dropLast().contains(newest))
        share = Double(newest.count) / Double(now.last?.count ?? 1)
      }
      last = body
      let names = (0..<calls).map { "c\(step)_\($0)" }
      let turn = AssistantTurn(
        text: "", calls: names.map { ToolCall(id: $0, name: "shell", input: .json("{}")) }, stop: .calls)
      items.append(.assistant(turn))
      items.append(.results(names.map { ToolResult(call: $0, name: "shell", text: "ok") }))
    }
    #expect(share > 0.85)
  }

  private func removing(_ part: [UInt8], from bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).replacing(String(decoding: part, as: UTF8.self), with: "").utf8)
  }

  private func cuts(_ mark: [UInt8], _ bytes: [UInt8]) -> [String] {
    let parts = String(decoding: bytes, as: UTF8.self).components(String(decoding: mark, as: UTF8.self))
    return parts.indices.dropLast().map { parts[...$0].joined() }
  }
}

/// Any item, sense or not.
func randomItem(_ generator: inout SeededGenerator) -> ConversationItem {
  let ids = ["a", "b", "c", "a b", "", "toolu_A", "call_A"]
  func id() -> String { ids.randomElement(using: &generator) ?? "" }
  switch Int.random(in: 0..<6, using: &generator) {
  case 0: return .user(["", " ", "text", "more\n\"text\""].randomElement(using: &generator) ?? "")
  case 1, 2:
    let results = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      ToolResult(
        call: id(), name: "shell", text: Bool.random(using: &generator) ? "" : "out",
        isError: Bool.random(using: &generator), isFreeText: Bool.random(using: &generator))
    }
    return .results(results)
  case 3: return .assistant(Recordings.turn(Dialect.allCases.randomElement(using: &generator) ?? .chat))
  default:
    let calls = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      ToolCall(
        id: id(), name: Bool.random(using: &generator) ? "shell" : "apply_patch",
        input: Bool.random(using: &generator) ? .json("{\"a\":") : .text("free"),
        isTruncated: Bool.random(using: &generator))
    }
    return .assistant(
      AssistantTurn(
        text: Bool.random(using: &generator) ? "" : "words", calls: calls, stop: calls.isEmpty ? .end : .calls))
  }
}
