import JSON
import ScriptedModel
import Testing

struct ServerTests {
  @Test func sessionsHaveTheirOwnPlaces() async throws {
    let model = try ScriptedModel.start(.steps(2))
    for (session, text) in [("a", "Step 0."), ("b", "Step 0."), ("a", "Step 1."), ("b", "Step 1."), ("a", "All done.")]
    {
      let answer = await Client(model, session: session).send("/v1/messages", Requests.make(.messages))
      #expect(answer.text.contains(text))
    }
    #expect(model.requests.map(\.session) == ["a", "b", "a", "b", "a"])
    #expect(model.requests.map(\.sessionNumber) == [0, 0, 1, 1, 2])
  }

  @Test func aConnectionServesManyRequestsInBothFramings() async throws {
    let model = try ScriptedModel.start(.steps(2))
    let body = Requests.make(.messages).compact()
    let head =
      "POST /v1/messages HTTP/1.1\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n"
      + "content-type: application/json\r\n"
    var bytes = Array((head + "content-length: \(body.count)\r\n\r\n").utf8) + body
    bytes += Array((head + "connection: close\r\ntransfer-encoding: chunked\r\n\r\n").utf8)
    for piece in [body[..<10], body[10...]] {
      bytes += Array((String(piece.count, radix: 16) + "\r\n").utf8) + piece + [13, 10]
    }
    bytes += Array("0\r\n\r\n".utf8)
    _ = await Client(model).exchange(bytes)
    #expect(model.exchanges.map(\.status) == [200, 200])
    #expect(model.requests.map(\.body) == [body, body])
  }

  @Test func aRequestCanBeWaitedFor() async throws {
    let model = try ScriptedModel.start(.steps(2))
    async let second = model.request(1)
    async let ended = model.exchange(1)
    for _ in 0..<2 { _ = await Client(model).send("/v1/messages", Requests.make(.messages)) }
    #expect(try await second.number == 1)
    #expect(try await ended.step == 1)
    let never = Task { try await model.request(9) }
    never.cancel()
    await #expect(throws: CancellationError.self) { try await never.value }
    let stopped = Task { try await model.request(9) }
    model.stop()
    await #expect(throws: ScriptedModelFailure.self) { try await stopped.value }
  }

  @Test func aTurnOfOnesOwnSeesTheRequest() async throws {
    let scenario = Scenario(turns: [
      .custom { request in .turn(Turn(text: "\(request.body.count) bytes", calls: [.shell("true")])) },
      .custom { _ in .http(status: 418, contentType: "text/plain", body: Array("tea".utf8)) },
    ])
    let model = try ScriptedModel.start(scenario)
    let request = Requests.make(.chat)
    let client = Client(model)
    // A turn of one's own may call tools, so the client's are offered; the scenario itself names no call.
    #expect(await client.send("/v1/chat/completions", request).text.contains("\(request.compact().count) bytes"))
    #expect(await client.send("/v1/chat/completions", request).status == 418)
  }

  @Test func callsAreRenderedToTheToolsThereAre() async throws {
    let calls: [Call] = [
      .shell("ls"), .read(path: "a"), .edit(path: "a", old: "x", new: "y"), .write(path: "b", content: "z\n"),
      .plan(["one", "two"], done: 1),
    ]
    let model = try ScriptedModel.start(Scenario(turns: [Turn(calls: calls)]))
    func names(_ session: String, _ tools: JSONValue) async -> [String] {
      let answer = await Client(model, session: session).send(
        "/v1/responses", Requests.make(.responses, ["tools": tools]))
      return (answer.json["output"]?.array ?? []).compactMap { $0["name"]?.string }
    }
    let shell: JSONValue = ["type": "function", "name": "exec_command", "parameters": Requests.schema]
    #expect(await names("a", [shell]) == ["exec_command", "exec_command", "exec_command", "exec_command"])
    let codex: JSONValue = [
      shell, ["type": "custom", "name": "apply_patch", "format": ["type": "text"]],
      ["type": "function", "name": "update_plan", "parameters": ["type": "object"]],
    ]
    #expect(
      await names("b", codex) == ["exec_command", "exec_command", "apply_patch", "apply_patch", "update_plan"])
  }

  @Test func aClientThatWantsOneCallAtATimeGetsThem() async throws {
    let model = try ScriptedModel.start(Scenario(turns: [Turn(text: "Two.", calls: [.shell("a"), .shell("b")])]))
    var history: [JSONValue] = [["role": "user", "content": "go"]]
    var commands: [String] = []
    for _ in 0..<3 {
      let answer = await Client(model).send(
        "/v1/responses", Requests.make(.responses, history: history, ["parallel_tool_calls": false]))
      let calls = (answer.json["output"]?.array ?? []).compactMap { $0["arguments"]?.string }
      #expect(calls.count <= 1)
      commands += calls
      history += Requests.following(.responses, answer.json)
    }
    #expect(commands == ["{\"command\":\"a\"}", "{\"command\":\"b\"}"])
  }

  @Test(arguments: WireDialect.allCases)
  func aStreamSaysWhatTheDocumentSays(dialect: WireDialect) async throws {
    let text = "Ünïcödé 🌲 \"quoted\"\n" + String(repeating: "and long ", count: 40)
    let scenario = Scenario(turns: [Turn(text: text, calls: [.shell("echo 'é'")])])
    let streamed = await Client(try ScriptedModel.start(scenario)).send(
      Requests.path(dialect), Requests.make(dialect, streams: true))
    let events = streamed.events
    let pieces: [String] =
      switch dialect {
      case .responses: events.filter { $0["type"] == "response.output_text.delta" }.compactMap { $0["delta"]?.string }
      case .chat: events.compactMap { $0["choices"]?.array?.first?["delta"]?["content"]?.string }
      case .messages: events.compactMap { $0["delta"]?["text"]?.string }
      }
    #expect(pieces.joined() == text)
    #expect(pieces.count > 5)
    let document = await Client(try ScriptedModel.start(scenario)).send(
      Requests.path(dialect), Requests.make(dialect))
    if dialect == .responses {
      #expect(events.last?["response"]?["output"] == document.json["output"])
    }
    #expect(document.isWhole)
  }

  @Test func theProbeOfAHarnessIsBesideTheScript() async throws {
    let file = #"{"turns":[{"calls":[{"kind":"shell","cmd":"true"}]}],"faults":["500@0"],"usage":{"input":9999}}"#
    let model = try ScriptedModel.start(try Scenario(json: Array(file.utf8)))
    let client = Client(model)
    func request(_ tool: String) -> JSONValue {
      let schema: JSONValue = [
        "type": "object", "properties": ["value": ["type": "string"]], "required": ["value"],
      ]
      let tools: JSONValue = [["type": "function", "function": ["name": .string(tool), "parameters": schema]]]
      return ["model": "m", "messages": [["role": "user", "content": "Call it."]], "tools": tools]
    }
    let answer = await client.send("/v1/chat/completions", request("report_value")).json
    let call = answer["choices"]?.array?.first?["message"]?["tool_calls"]?.array?.first?["function"]
    #expect(call?["name"] == "report_value")
    #expect(call?["arguments"]?.string?.contains("value") == true)
    #expect(answer["usage"]?["prompt_tokens"] != 9999)
    // The control: another tool is a step of the script, and meets what is to go wrong there.
    #expect(await client.send("/v1/chat/completions", request("other")).status == 500)
    #expect(model.exchanges.map(\.kind) == [.side, .fault])
  }

  @Test func theLastTurnHasALatencyOfItsOwn() async throws {
    let file = #"{"turns":[],"final":{"text":"done","latency_ms":150},"latency_ms":0}"#
    let model = try ScriptedModel.start(try Scenario(json: Array(file.utf8)))
    _ = await Client(model).send("/v1/messages", Requests.make(.messages))
    let seen = try #require(model.exchanges.first)
    #expect(try #require(seen.answered) - seen.bodyEnded >= 0.15)
  }

  @Test func thePlaceWithoutToolsIsBesideTheScript() async throws {
    let model = try ScriptedModel.start(.steps(1))
    let request = Requests.make(.messages, ["tools": []])
    #expect(await Client(model).send("/v1/messages", request).text.contains("ok"))
    #expect(await Client(model).send("/v1/messages", Requests.make(.messages)).text.contains("Step 0."))
    #expect(model.exchanges.map(\.kind) == [.side, .step])
  }

  @Test func otherPaths() async throws {
    let model = try ScriptedModel.start(.steps(1))
    let client = Client(model)
    #expect(await client.send("/v1/models", bytes: [], method: "GET").json["data"]?.array?.count == 1)
    #expect(await client.send("/v1/models/m", bytes: [], method: "GET").json["id"] == "m")
    #expect(await client.send("/v1/messages/count_tokens", Requests.make(.messages)).json["input_tokens"] != nil)
    #expect(await client.send("/v1/nothing", bytes: [], method: "GET").status == 404)
  }

  @Test func timesAreInTheirOrder() async throws {
    let model = try ScriptedModel.start(.steps(1))
    _ = await Client(model).send("/v1/messages", Requests.make(.messages))
    let exchange = try await model.exchange(0)
    let answered = try #require(exchange.answered)
    #expect(exchange.began <= exchange.bodyEnded && exchange.bodyEnded <= answered && answered <= exchange.ended)
    #expect(exchange.line.last == 10)
    #expect(try JSONValue.parse(exchange.line)["kind"] == "step")
  }

  @Test func scenariosAreReadStrictly() throws {
    let good = """
      {"turns":[{"text":"a","reasoning":"b","calls":[{"kind":"shell","cmd":"ls"},{"kind":"raw","name":"T","args":{}}]}],
       "final":"done","faults":["429@0"],"usage":{"input":1,"output":2},"context_window":9}
      """
    let scenario = try Scenario(json: Array(good.utf8))
    #expect(scenario.turns.first?.calls == [.shell("ls"), .raw(name: "T", arguments: [:])])
    #expect(scenario.usage == .fixed(input: 1, output: 2))
    for bad in [
      "[]", "{\"turn\":[]}", "{\"turns\":[{\"calls\":[{\"kind\":\"dance\"}]}]}", "{\"faults\":[\"x\"]}",
      "{\"turns\":[{\"calls\":[{\"kind\":\"shell\"}]}]}", "{\"latency_ms\":-1}",
    ] {
      #expect(throws: InvalidScenario.self) { try Scenario(json: Array(bad.utf8)) }
    }
  }
}
