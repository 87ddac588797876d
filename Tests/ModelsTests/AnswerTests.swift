import HTTP
import JSON
import Models
import Testing

@Suite("Answers of every dialect")
struct AnswerTests {
  @Test("A stream and a document give the same turn", arguments: Dialect.allCases)
  func sameTurn(_ dialect: Dialect) async throws {
    let model = try name(dialect)
    let expected = ModelAnswer(turn: Recordings.turn(dialect), usage: Recordings.usage(dialect))
    #expect(try await ask(model, Recordings.stream(dialect)) == expected)
    #expect(try await ask(model, Recordings.document(dialect), streamed: false) == expected)
  }

  @Test("A server may stream what was asked for whole, and the other way round", arguments: Dialect.allCases)
  func exchangedForms(_ dialect: Dialect) async throws {
    let model = try name(dialect)
    let stream = [Array(Recordings.stream(dialect).utf8)]
    let document = [Array(Recordings.document(dialect).utf8)]
    let turn = Recordings.turn(dialect)
    for headers in [[], eventStream] {
      #expect(try await ask(model, stream, streamed: false, headers: headers).turn == turn)
    }
    for headers in [[], jsonDocument] {
      #expect(try await ask(model, document, streamed: true, headers: headers).turn == turn)
    }
  }

  @Test("Where a stream is cut into pieces changes nothing", arguments: Dialect.allCases)
  func pieces(_ dialect: Dialect) async throws {
    let model = try name(dialect)
    let turn = Recordings.turn(dialect)
    for ending in ["\n", "\r\n", "\r"] {
      let bytes = Array(Recordings.stream(dialect).replacing("\n", with: ending).utf8)
      #expect(try await ask(model, bytes.map { [$0] }).turn == turn)
      for index in stride(from: 0, through: bytes.count, by: 23) {
        #expect(try await ask(model, [Array(bytes[..<index]), Array(bytes[index...])]).turn == turn)
      }
    }
  }

  @Test("A stream that ends at any byte gives the whole turn or says that it was cut", arguments: Dialect.allCases)
  func everyCut(_ dialect: Dialect) async throws {
    let model = try name(dialect)
    let bytes = Array(Recordings.stream(dialect).utf8)
    let turn = Recordings.turn(dialect)
    var whole = 0
    var cut = 0
    for index in 0...bytes.count {
      do {
        let answer = try await ask(model, [Array(bytes[..<index])])
        #expect(answer.turn == turn)
        whole += 1
      } catch let error as ModelError {
        #expect(error.kind == .interrupted, "at \(index): \(error)")
        #expect(error.received == index)
        cut += 1
      }
    }
    // The control: both happen.
    #expect(whole > 0 && cut > bytes.count / 2)
  }

  @Test("A document that ends at any byte is no answer", arguments: Dialect.allCases)
  func everyDocumentCut(_ dialect: Dialect) async throws {
    let bytes = Array(Recordings.document(dialect).utf8)
    for index in stride(from: 0, to: bytes.count, by: 5) {
      let text = String(decoding: bytes[..<index], as: UTF8.self)
      let kind = try await error(try name(dialect), text, streamed: false).kind
      #expect(kind == .badAnswer || kind == .interrupted)
    }
  }

  @Test(
    "A connection that fails is told by how it failed",
    arguments: [
      (HTTPError.Code.cut, ModelError.Kind.interrupted), (.idleDeadline, .stalled), (.totalDeadline, .interrupted),
      (.cancelled, .cancelled), (.tooLarge, .badAnswer), (.malformed, .badAnswer),
    ])
  func failures(_ code: HTTPError.Code, _ kind: ModelError.Kind) async throws {
    for dialect in Dialect.allCases {
      let half = String(Recordings.stream(dialect).prefix(700))
      #expect(try await error(try name(dialect), half, failure: code).kind == kind)
    }
  }

  @Test("An answer is bounded")
  func bounded() async throws {
    let model = try name(.chat)
    let bytes = Array(Recordings.chatStream().utf8)
    let transport = ScriptedTransport(ScriptedTransport.Answer(headers: eventStream, pieces: [bytes]))
    var client = ModelClient(transport: transport, endpoint: try endpoint(.deepseek))
    let capabilities = ModelFamilies.capabilities(of: model)
    client.maximumAnswer = bytes.count
    _ = try await client.send([], for: request(model), capabilities: capabilities)
    client.maximumAnswer = bytes.count - 1
    await #expect(throws: ModelError.self) {
      try await client.send([], for: request(model), capabilities: capabilities)
    }
  }

  @Test("A server that does not close behind a whole answer is not waited for", arguments: Dialect.allCases)
  func openEnd(_ dialect: Dialect) async throws {
    let model = try name(dialect)
    let client = ModelClient(
      transport: OpenEndedTransport(Array(Recordings.stream(dialect).utf8)), endpoint: try endpoint(model.provider))
    let answer = try await client.send([], for: request(model), capabilities: ModelFamilies.capabilities(of: model))
    #expect(answer.turn == Recordings.turn(dialect))
  }

  @Test("A stream with any bytes changed gives an answer or an error", arguments: Dialect.allCases, 0..<60)
  func noise(_ dialect: Dialect, _ seed: Int) async throws {
    var generator = SeededGenerator(seed: seed)
    var bytes = Array(Recordings.stream(dialect).utf8)
    let numbers = ["9223372036854775807", "-9223372036854775808", "1e400", "99999999999999999999", "-1", "null", "[]"]
    for _ in 0..<Int.random(in: 1...6, using: &generator) {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(index..<min(bytes.count, index + 40))
      case 2: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 200)], at: index)
      default:
        // A number where there was one.
        guard let place = bytes[index...].firstIndex(where: { $0 &- 0x30 < 10 }) else { continue }
        let end = bytes[place...].firstIndex { $0 &- 0x30 >= 10 } ?? bytes.endIndex
        bytes.replaceSubrange(place..<end, with: Array((numbers.randomElement(using: &generator) ?? "0").utf8))
      }
    }
    do {
      let answer = try await ask(try name(dialect), [bytes])
      if let usage = answer.usage {
        let price = try #require(PriceTable().price(of: try name(.messages)))
        #expect(price.cost(of: usage) >= .zero)
        var meter = TokenMeter()
        meter.record(bytes: 1 << 25, usage: usage)
        #expect(meter.estimate(bytes: 1 << 24) >= 0)
      }
      let again = request(try name(dialect), HistoryNormaliser.normalise([.user("x"), .assistant(answer.turn)]))
      let body = RequestEncoder.body(again, capabilities: ModelFamilies.capabilities(of: again.model))
      #expect(throws: Never.self) { try JSONSlice(body) }
    } catch is ModelError {
      // As it should be.
    }
  }

  @Test("An answer of very many parts is refused, and many pieces of one part are taken")
  func parts() async throws {
    let model = try name(.chat)
    func calls(_ count: Int, _ index: (Int) -> Int) -> String {
      let list = (0..<count).map {
        #"{"index":\#(index($0)),"id":"c\#(index($0))","function":{"name":"f","arguments":"x"}}"#
      }
      return #"{"choices":[{"message":{"tool_calls":[\#(list.joined(separator: ","))]},"finish_reason":"stop"}]}"#
    }
    #expect(try await error(model, calls(5000) { $0 % 100_000 }, streamed: false).kind == .badAnswer)
    #expect(try await ask(model, calls(5000) { _ in 0 }, streamed: false).turn.calls.count == 1)
    let lines = #"data: {"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]"#
    let text = lines + "\n" + String(repeating: "data:\n", count: 20_000) + "data: }\n\n"
    #expect(try await ask(model, text).turn.text == "x")
  }

  @Test("A page of a proxy is no answer", arguments: Dialect.allCases)
  func page(_ dialect: Dialect) async throws {
    #expect(try await error(try name(dialect), "<html>Sign in</html>", streamed: false).kind == .badAnswer)
  }

  @Test("What a server repeats of the key is taken out")
  func redacts() async throws {
    let error = try await error(try name(.chat), #"data: {"error":{"message":"bad sk-very-secret-key!"}}"# + "\n\n")
    #expect(error.message == "bad (secret)!")
  }
}

@Suite("Answers of Responses")
struct ResponsesAnswerTests {
  private let reasoning = #"{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"x"}"#

  @Test("An answer that was cut short keeps its last call from being run, and no reasoning at its end")
  func incomplete() async throws {
    let call =
      #"{"type":"function_call","call_id":"c","name":"shell","arguments":"{\"cmd\":\"rm -","status":"incomplete"}"#
    for stream in [true, false] {
      let text =
        stream
        ? Recordings.responsesStream([reasoning, call], status: "incomplete", reason: "max_output_tokens")
        : Recordings.responsesDocument([reasoning, call], status: "incomplete", reason: "max_output_tokens")
      let turn = try await ask(try name(.responses), text, streamed: stream).turn
      #expect(turn.stop == .length)
      #expect(turn.calls.map(\.isTruncated) == [true])
      #expect(turn.echo?.pieces.count == 2)
      let alone = Recordings.responsesDocument([reasoning], status: "incomplete", reason: "max_output_tokens")
      #expect(try await ask(try name(.responses), alone, streamed: false).turn.echo == nil)
    }
    // The control: a whole answer's last call is not marked.
    #expect(
      try await ask(try name(.responses), Recordings.responsesStream()).turn.calls.map(\.isTruncated) == [false, false])
  }

  @Test("A filter and a refusal are refusals")
  func refusals() async throws {
    let model = try name(.responses)
    let filtered = Recordings.responsesDocument([], status: "incomplete", reason: "content_filter")
    #expect(try await ask(model, filtered, streamed: false).turn.stop == .refusal)
    let part = #"{"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"No."}]}"#
    let turn = try await ask(model, Recordings.responsesStream([part])).turn
    #expect(turn.stop == .refusal && turn.text == "No.")
  }

  @Test("Reasoning that nobody can read again is not sent back")
  func uselessReasoning() async throws {
    let empty = #"{"id":"rs_1","type":"reasoning","summary":[]}"#
    let message = Recordings.responsesItems[1]
    let turn = try await ask(try name(.responses), Recordings.responsesStream([empty, message])).turn
    #expect(turn.echo?.pieces == [message])
  }

  @Test("Items stand in their order, whatever the order in which they are done")
  func order() async throws {
    let items = Recordings.responsesItems
    var list = [3, 0, 2, 1].map {
      #"{"type":"response.output_item.done","output_index":\#($0),"item":\#(items[$0])}"#
    }
    list.append(#"{"type":"response.completed","response":{"status":"completed","output":[]}}"#)
    let answer = try await ask(try name(.responses), events(list))
    #expect(answer.turn == Recordings.responsesTurn())
    #expect(answer.usage == nil)
  }

  @Test(
    "A failure inside a stream has its kind",
    arguments: [
      (
        #"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}}"#,
        ModelError.Kind.transient
      ),
      (
        #"{"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"Please try again in 350ms."}}}"#,
        .rateLimited
      ),
      (
        #"{"type":"response.failed","response":{"error":{"code":"context_length_exceeded","message":"too long"}}}"#,
        .overflow(tokens: nil, limit: nil)
      ),
      (#"{"type":"response.failed","response":{"error":{"code":"insufficient_quota","message":"x"}}}"#, .quota),
      (#"{"type":"response.failed","response":{"error":{"code":"invalid_prompt","message":"x"}}}"#, .refusedRequest),
      (#"{"type":"response.failed","response":{"status":"failed","error":null}}"#, .transient),
      (#"{"type":"error","code":"server_is_overloaded","message":"x","param":null,"sequence_number":3}"#, .overloaded),
      (#"{"error":{"message":"x","type":"server_error","code":500}}"#, .transient),
    ])
  func insideErrors(_ event: String, _ kind: ModelError.Kind) async throws {
    #expect(try await error(try name(.responses), events([event])).kind == kind)
  }

  @Test("A failed answer in one document has its kind")
  func failedDocument() async throws {
    let failed = #"{"status":"failed","error":{"code":"server_error","message":"x"},"output":[]}"#
    #expect(try await error(try name(.responses), failed, streamed: false).kind == .transient)
    let plain = #"{"error":{"code":"rate_limit_exceeded","message":"x","type":"tokens"}}"#
    #expect(try await error(try name(.responses), plain, streamed: false).kind == .rateLimited)
  }
}

@Suite("Answers of Messages")
struct MessagesAnswerTests {
  @Test(
    "Every reason to stop has its meaning",
    arguments: [
      ("end_turn", StopReason.calls), ("tool_use", .calls), ("stop_sequence", .calls), ("max_tokens", .length),
      ("pause_turn", .pause), ("refusal", .refusal), ("model_context_window_exceeded", .contextFull),
      ("of_the_future", .calls),
    ])
  func stops(_ word: String, _ stop: StopReason) async throws {
    let turn = try await ask(try name(.messages), Recordings.messagesStream(stop: word)).turn
    #expect(turn.stop == stop)
    #expect(turn.calls.map(\.isTruncated) == [false, stop == .length || stop == .contextFull])
  }

  @Test("A refusal without content says why")
  func refusal() async throws {
    let list = [
      #"{"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":0}}}"#,
      #"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"category":"cyber","explanation":"Because."}},"usage":{"output_tokens":1}}"#,
      #"{"type":"message_stop"}"#,
    ]
    let answer = try await ask(try name(.messages), events(list))
    #expect(answer.turn == AssistantTurn(text: "Because.", stop: .refusal))
    #expect(answer.usage == TokenUsage(input: 5, output: 1))
  }

  @Test("An error is one wherever it stands")
  func errors() async throws {
    let parts = Recordings.messagesStream().components("\n\n")
    let event =
      #"event: error"# + "\n" + #"data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
    for index in 0..<(parts.count - 2) {
      var list = parts
      list.insert(event, at: index)
      #expect(try await error(try name(.messages), list.joined(separator: "\n\n")).kind == .overloaded)
    }
  }

  @Test("A call whose input is no object is not sent back as it came")
  func brokenInput() async throws {
    let list = [
      #"{"type":"message_start","message":{}}"#,
      #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"shell","input":{}}}"#,
      #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"cmd\":"}}"#,
      #"{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":1}}"#,
    ]
    let turn = try await ask(try name(.messages), events(list)).turn
    #expect(turn.calls == [ToolCall(id: "t", name: "shell", input: .json(#"{"cmd":"#), isTruncated: true)])
    #expect(turn.echo?.pieces == [#"{"type":"tool_use","id":"t","name":"shell","input":{}}"#])
  }

  @Test("An error in the place of an answer is one")
  func errorDocument() async throws {
    let text = #"{"type":"error","error":{"type":"rate_limit_error","message":"slow"},"request_id":"req_1"}"#
    let error = try await error(try name(.messages), text, streamed: false)
    #expect(error.kind == .rateLimited && error.requestID == "req_1")
  }
}

@Suite("Answers of Chat Completions")
struct ChatAnswerTests {
  private func answer(_ deltas: [String], finish: String = "tool_calls") async throws -> ModelAnswer {
    var list = deltas.map { #"{"choices":[{"index":0,"delta":\#($0),"finish_reason":null}]}"# }
    list.append(#"{"choices":[{"index":0,"delta":{},"finish_reason":"\#(finish)"}]}"#)
    return try await ask(try ModelName("openai-chat/local"), events(list, named: false) + "data: [DONE]\n\n")
  }

  private func calls(_ deltas: [String]) async throws -> [String] {
    try await answer(deltas).turn.calls.map { call in
      if case .json(let text) = call.input { "\(call.id) \(call.name) \(text)" } else { "\(call)" }
    }
  }

  @Test("Calls come in whatever pieces a server makes of them")
  func pieces() async throws {
    // Interleaved.
    #expect(
      try await calls([
        #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}},{"index":1,"id":"b","function":{"name":"g","arguments":"["}}]}"#,
        #"{"tool_calls":[{"index":1,"function":{"arguments":"]"}},{"index":0,"function":{"arguments":"}"}}]}"#,
      ]) == ["a f {}", "b g []"])
    // Id and name in every piece.
    #expect(
      try await calls([
        #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
        #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]}"#,
      ]) == ["a f {}"])
    // Every call numbered 0.
    #expect(
      try await calls([
        #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#,
        #"{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{"}}]}"#,
        #"{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}"#,
      ]) == ["a f {}", "b f {}"])
    // No number at all.
    #expect(
      try await calls([
        #"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
        #"{"tool_calls":[{"function":{"arguments":"}"}}]}"#,
        #"{"tool_calls":[{"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
      ]) == ["a f {}", "b g {}"])
    // Arguments as an object, and none.
    #expect(
      try await calls([
        #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}},{"index":1,"id":"b","function":{"name":"g"}}]}"#
      ]) == [#"a f {"x":1}"#, "b g "])
    // The form of before.
    #expect(try await calls([#"{"function_call":{"name":"f","arguments":"{}"}}"#]).count == 1)
  }

  @Test("Ids that are missing or used twice are made up, the same each time")
  func ids() async throws {
    let deltas = [
      #"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}},{"index":1,"id":"","function":{"name":"g","arguments":"{}"}}]}"#
    ]
    let first = try await answer(deltas).turn.calls.map(\.id)
    #expect(Set(first).count == 2 && first.allSatisfy { $0.hasPrefix("call_") })
    #expect(try await answer(deltas).turn.calls.map(\.id) == first)
    let twice = try await ask(
      try ModelName("openai-chat/local"),
      #"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]},"finish_reason":"stop"}]}"#,
      streamed: false)
    #expect(!twice.turn.calls.isEmpty && twice.turn.stop == .calls)
  }

  @Test("A tool for free text gets its text out of whatever the model wraps it into")
  func freeText() async throws {
    for (arguments, expected) in [
      (#"{\"input\":\"*** Begin\"}"#, ToolCall.Input.text("*** Begin")),
      (#"{\"patch\":\"*** Begin\"}"#, .text("*** Begin")),
      (#"*** Begin"#, .text("*** Begin")), (#"{\"input\":\"*** Be"#, .json(#"{"input":"*** Be"#)),
      (#"{\"a\":1,\"b\":2}"#, .json(#"{"a":1,"b":2}"#)),
    ] {
      let turn = try await answer([
        #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"apply_patch","arguments":"\#(arguments)"}}]}"#
      ]).turn
      #expect(turn.calls.map(\.input) == [expected])
    }
  }

  @Test(
    "Every reason to stop has its meaning",
    arguments: [
      ("stop", StopReason.end), ("tool_calls", .end), ("length", .length), ("content_filter", .refusal),
      ("function_call", .end),
    ])
  func stops(_ word: String, _ stop: StopReason) async throws {
    #expect(try await answer([#"{"content":"x"}"#], finish: word).turn.stop == stop)
  }

  @Test("A call at the end of an answer that was cut short is not run")
  func truncated() async throws {
    let call = #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#
    #expect(try await answer([call], finish: "length").turn.calls.map(\.isTruncated) == [true])
    #expect(try await answer([call], finish: "stop").turn.calls.map(\.isTruncated) == [false])
  }

  @Test("Counts come in the last event, in an extra one, in a choice, or not at all")
  func usage() async throws {
    let deepSeek =
      #"{"prompt_tokens":10,"completion_tokens":2,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":6}"#
    for list in [
      [#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":\#(deepSeek)}"#],
      [#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop","usage":\#(deepSeek)}],"usage":null}"#],
      [#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#, #"{"choices":[],"usage":\#(deepSeek)}"#],
    ] {
      let answer = try await ask(try ModelName("openai-chat/local"), events(list, named: false))
      #expect(answer.usage == TokenUsage(input: 6, cacheRead: 4, output: 2))
    }
    #expect(try await answer([#"{"content":"x"}"#]).usage == nil)
  }

  @Test("What signatures a server hangs on its calls is kept for it")
  func extras() async throws {
    let turn = try await answer([
      #"{"tool_calls":[{"index":0,"id":"a","extra_content":{"google":{"thought_signature":"S=="}},"function":{"name":"f","arguments":"{}"}}]}"#
    ]).turn
    #expect(turn.echo?.pieces == ["{}", #"{"extra_content":{"google":{"thought_signature":"S=="}}}"#])
    let model = try ModelName("openai-chat/local")
    let body = RequestEncoder.body(
      request(model, [.user("x"), .assistant(turn)]), capabilities: ModelFamilies.capabilities(of: model))
    #expect(String(decoding: body, as: UTF8.self).contains(#""extra_content":{"google":{"thought_signature":"S=="}}"#))
  }

  @Test(
    "An error inside a good answer is one",
    arguments: [
      (#"{"error":{"message":"scripted","type":"server_error","code":500}}"#, ModelError.Kind.transient),
      (#"{"error":"model 'x' not found, try pulling it first"}"#, .unknownModel),
      (
        #"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens","code":400}"#,
        .overflow(tokens: 5000, limit: 4096)
      ),
      (#"{"error":{"message":"Rate limit","code":429}}"#, .rateLimited),
    ])
  func insideErrors(_ text: String, _ kind: ModelError.Kind) async throws {
    let model = try ModelName("openai-chat/local")
    #expect(try await error(model, "data: \(text)\n\n").kind == kind)
    #expect(try await error(model, text, streamed: false).kind == kind)
  }
}

extension String {
  func components(_ separator: String) -> [String] {
    var rest = self[...]
    var parts: [String] = []
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
