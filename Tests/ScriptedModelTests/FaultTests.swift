import JSON
import ScriptedModel
import Testing

struct FaultTests {
  private static let expected: [Fault.Kind: Int] = [
    .rateLimit: 429, .rateLimitBare: 429, .rateLimitMilliseconds: 429, .rateLimitHours: 429, .requestTimeout: 408,
    .conflict: 409, .serverError: 500, .badGatewayPage: 502, .unavailable: 503, .gatewayTimeout: 504,
    .overloaded: 529, .unauthorized: 401, .forbidden: 403, .unknownModel: 404, .overflow: 400,
    .overflowTooLarge: 413, .overflowBodyless: 400, .history: 400,
  ]

  @Test(arguments: WireDialect.allCases, [false, true])
  func eachFaultHappensOnceAndThenTheScriptGoesOn(dialect: WireDialect, streams: Bool) async throws {
    for kind in Fault.Kind.allCases {
      // These end only when the client hangs up, which this one does when it has seen enough.
      let limits: [Fault.Kind: Int] = [.silenceAfterHead: 1, .silenceAfterEvents: 300, .comments: 120]
      guard kind != .silence else { continue }
      var scenario = Scenario.steps(2)
      scenario.faults = [Fault(kind, parameter: kind == .drip ? 0 : nil)]
      let model = try ScriptedModel.start(scenario)
      let request = Requests.make(dialect, streams: streams)
      let answer = await Client(model).send(Requests.path(dialect), request, limit: limits[kind])
      let wanted = kind == .quota ? (dialect == .messages ? 403 : 429) : Self.expected[kind]
      if kind == .closeBefore || kind == .resetBefore {
        #expect(answer.status == nil, "\(kind)")
        #expect(answer.wasReset == (kind == .resetBefore))
      } else {
        #expect(answer.status == wanted ?? 200, "\(kind): \(answer.failure ?? "nothing failed")")
      }
      let next = await Client(model).send(Requests.path(dialect), request)
      let isStep1 = [.drip, .wrongUsage, .missingUsage].contains(kind) || !kind.exists(in: dialect)
      #expect(next.text.contains(isStep1 ? "Step 1." : "Step 0."), "\(kind): \(next.text)")
      #expect(next.isWhole)
    }
  }

  @Test func silenceLastsUntilTheServerStops() async throws {
    var scenario = Scenario.steps(2)
    scenario.faults = [Fault(.silence)]
    let model = try ScriptedModel.start(scenario)
    async let answer = Client(model).send("/v1/messages", Requests.make(.messages))
    _ = try await model.request(0)
    model.stop()
    #expect(await answer.status == nil)
  }

  @Test(arguments: WireDialect.allCases)
  func aSweepCutsAStreamAtEveryByte(dialect: WireDialect) async throws {
    let stride = 97
    let whole = await Client(try ScriptedModel.start(.steps(1))).send(
      Requests.path(dialect), Requests.make(dialect, streams: true))
    try #require(whole.isWhole)
    var scenario = Scenario.steps(1)
    scenario.faults = [Fault(.cut, times: nil, parameter: stride, isSweep: true)]
    let model = try ScriptedModel.start(scenario)
    for index in 0... {
      let answer = await Client(model).send(Requests.path(dialect), Requests.make(dialect, streams: true))
      if answer.isWhole {
        #expect(index * stride >= whole.body.count)
        return
      }
      #expect(answer.body.count == index * stride)
      try #require(index * stride < whole.body.count)
    }
  }

  @Test func whatTheModelSaysWrong() async throws {
    func call(_ kind: Fault.Kind) async throws -> (name: String, arguments: String) {
      var scenario = Scenario.steps(1)
      scenario.faults = [Fault(kind)]
      let answer = await Client(try ScriptedModel.start(scenario)).send("/v1/responses", Requests.make(.responses))
      let item = answer.json["output"]?.array?.first { $0["type"] == "function_call" }
      return (item?["name"]?.string ?? "", item?["arguments"]?.string ?? "")
    }
    func isJSON(_ text: String) -> Bool { (try? JSONValue.parse(Array(text.utf8))) != nil }
    for kind in [Fault.Kind.malformedArguments, .truncated] {
      let arguments = try await call(kind).arguments
      #expect(arguments.hasPrefix("{\"comm") && !isJSON(arguments))
    }
    #expect(try await call(.unknownTool).name == "no_such_tool")
    #expect(try await call(.wrongArguments).arguments == "{\"no_such_argument\":true}")
    #expect(try await call(.drip).arguments == "{\"command\":\"true\"}")
  }

  @Test func faultsAreReadAsTheyAreWritten() throws {
    for text in ["429@0", "cut:17@3x2", "cut:sweep:7@*xinf", "cut:sweep@1", "silence@0xinf", "429-hours:2@5"] {
      #expect(try Fault(text).description == text)
    }
    #expect(try Fault("badjson@2").kind == .malformedArguments)
    for text in ["", "429", "nothing@0", "429@x", "cut:-1@0", "cut:a@0", "429@0x0", "429@-1"] {
      #expect(throws: InvalidScenario.self) { try Fault(text) }
    }
  }
}
