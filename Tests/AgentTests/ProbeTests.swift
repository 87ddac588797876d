import Base
import Journal
import Models
import Testing
import Tools
import Work

@testable import Agent

/// A server that is asked about its model before it is given work.
final class Asked: ModelCalling {
  /// What a request is: a question, a call of the probe, or work; and its number, from 0.
  enum Request: Sendable, Equatable {
    case question(CapabilityProbe.Question)
    case work
  }

  let requests = Lock<[Request]>([])
  let limits = Lock<[Duration]>([])
  let kept = Lock<[ModelCapabilities]>([])
  private let fault: @Sendable (Request, Int) async -> ModelError?

  init(fault: @escaping @Sendable (Request, Int) async -> ModelError? = { _, _ in nil }) {
    self.fault = fault
  }

  private func meet(_ request: Request, _ limit: Duration) async throws(ModelError) {
    let number = requests.withLock {
      $0.append(request)
      return $0.count - 1
    }
    limits.withLock { $0.append(limit) }
    if let error = await fault(request, number) { throw error }
  }

  func answer(
    _ body: [UInt8], to request: ModelRequest, _ capabilities: ModelCapabilities, within limit: Duration
  ) async throws(ModelError) -> ModelAnswer {
    let isProbe = request.conversation.tools.map(\.name) == ["report_value"]
    try await meet(isProbe ? .question(.call(streamed: request.isStreamed)) : .work, limit)
    guard isProbe else { return ModelAnswer(turn: Puppet.done, usage: TokenUsage(input: 100, output: 10)) }
    // Whole only where it is not streamed.
    let text = request.isStreamed ? #"{"value":"# : #"{"value":"x"}"#
    return ModelAnswer(
      turn: .calls(ToolCall(id: "c", name: "report_value", input: .json(text))),
      usage: TokenUsage(input: 60, output: 20))
  }

  func ask(
    _ question: CapabilityProbe.Question, about model: ModelName, _ body: [UInt8], within limit: Duration
  ) async throws(ModelError) -> [UInt8]? {
    try await meet(.question(question), limit)
    return switch question {
    case .listing: Array(#"{"data":[{"id":"\#(model.name)","max_model_len":65536}]}"#.utf8)
    case .shown, .loaded, .call: nil
    }
  }

  func keep(_ capabilities: ModelCapabilities, of model: ModelName) { kept.withLock { $0.append(capabilities) } }
}

@Suite("Before it is given work, a model")
struct ProbeTests {
  static let questions: [Asked.Request] = [
    .question(.listing), .question(.call(streamed: true)), .question(.call(streamed: false)), .question(.shown),
  ]

  private func rig(_ change: (inout AgentSetup) -> Void = { _ in }) throws -> Rig {
    let endpoint = try ModelEndpoint(provider: .openaiChat, baseURL: "http://127.0.0.1:9/v1", credential: nil)
    return try Rig("openai-chat/m") { setup in
      setup.price = Rig.price
      setup.probe = CapabilityProbe(of: setup.model, at: endpoint)
      change(&setup)
    }
  }

  @Test("is asked what it can do, on the run's account, and what was found counts from then on")
  func asked() async throws {
    let rig = try rig()
    let model = Asked()
    let agent = try rig.agent(model)
    let outcome = await agent.perform()
    #expect(outcome.ending == .completed && outcome.steps == 1)
    #expect(model.requests.withLock { $0 } == Self.questions + [.work])
    let state = await agent.state
    #expect(state.capabilities.contextWindow == 65_536 && !state.capabilities.streamsToolCalls)
    #expect(model.kept.withLock { $0 } == [state.capabilities])
    // Two calls of 60 tokens in and 20 out, and the work of 100 and 10.
    #expect(state.spending.money == 2 * (60_000 + 100_000) + 100_000 + 50_000)
    #expect(try rig.requests.map(\.isStreamed) == [false, true, false, false, false])
    #expect(try rig.requests.map { $0.reserved > 0 } == [false, true, true, false, true])
    try rig.expectSound(outcome)
    // The control: where enough is known nobody asks.
    let plain = try self.rig { $0.probe = nil }
    let unasked = Asked()
    #expect(try await plain.perform(unasked).ending == .completed)
    #expect(unasked.requests.withLock { $0 } == [.work] && unasked.kept.withLock { $0.isEmpty })
  }

  @Test("is not asked again by a process that takes the run up, wherever the first one died")
  func takenUp() async throws {
    let rig = try rig()
    let outcome = try await rig.perform(Asked())
    let whole = try rig.requests
    for count in 1..<rig.journal.events.count {
      let other = try rig.interrupted(after: count)
      let before = try other.requests
      let model = Asked()
      let agent = try other.agent(model)
      let isOpen = await agent.state.request != nil
      let result = await agent.perform()
      #expect(result.ending == outcome.ending)
      // The next request is the one that would have come, and what was under way is made again.
      let all = try other.requests
      let next = all.dropFirst(before.count).map(\.hash)
      let expected = whole.dropFirst(isOpen ? before.count - 1 : before.count).map(\.hash)
      #expect(next == expected, "after \(count) events")
      #expect(model.requests.withLock { $0.count } == expected.count)
      let lost = isOpen ? before.last?.reserved ?? 0 : 0
      let money = await agent.state.spending.money
      let cost = try #require(outcome.cost)
      #expect(money >= cost && money <= cost + lost)
      try other.expectSound(result)
    }
  }

  @Test(
    "is given up on after eight requests in all, whatever its server fails with from whichever request on",
    arguments: 0..<5)
  func permanent(_ first: Int) async throws {
    for kind in [ModelError.Kind.transient, .overloaded, .stalled, .unreachable, .badAnswer, .interrupted] {
      let rig = try rig()
      let model = Asked { _, number in number >= first ? ModelError(kind, message: "no") : nil }
      let outcome = try await rig.perform(model)
      #expect(outcome.ending == .modelUnavailable)
      #expect(model.requests.withLock { $0.count } - first <= AgentState.failureLimit)
      // What was kept from being answered is not taken for an answer.
      #expect(model.kept.withLock { $0.isEmpty } == (first < 4))
      try rig.expectSound(outcome)
    }
  }

  @Test("is given its work where a question fails once, and asked again by a later run", arguments: 0..<4)
  func once(_ place: Int) async throws {
    let rig = try rig()
    let model = Asked { _, number in number == place ? ModelError(.transient, status: 500, message: "no") : nil }
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == .completed)
    #expect(model.requests.withLock { $0 } == Array(Self.questions.prefix(place + 1)) + [.work])
    #expect(model.kept.withLock { $0.isEmpty })
    try rig.expectSound(outcome)
  }

  @Test("is asked within the run's time, and not by a run that is cancelled")
  func time() async throws {
    let rig = try rig { $0.budget.seconds = 60 }
    let clock = rig.clock
    let silent = Asked { _, _ in
      clock.advance(60_000)
      return ModelError(.stalled, message: "silent")
    }
    let outcome = try await rig.perform(silent)
    #expect(outcome.ending == .timeSpent)
    #expect(silent.requests.withLock { $0.count } == 1)
    // A question has its own limit, and never more than what is left of the run.
    #expect(silent.limits.withLock { $0 } == [CapabilityProbe.limit(of: .listing)])
    try rig.expectSound(outcome)
    let short = try self.rig { $0.budget.seconds = 7 }
    let quick = Asked()
    try await short.perform(quick)
    #expect(quick.limits.withLock { $0 } == Array(repeating: .seconds(7), count: 5))
    let cancelled = try self.rig()
    let model = Asked { _, _ in ModelError(.cancelled, message: "cancelled") }
    let end = try await cancelled.perform(model)
    #expect(end.ending == .cancelled && model.requests.withLock { $0.count } == 1)
  }

  @Test("is not asked what cannot be paid for, and works all the same")
  func money() async throws {
    let rig = try rig { $0.budget.money = 5_000_000 }
    let model = Asked()
    let outcome = try await rig.perform(model)
    #expect(model.requests.withLock { $0.first } == .question(.listing))
    #expect(!model.requests.withLock { $0.contains(.question(.call(streamed: true))) })
    #expect(model.kept.withLock { $0.isEmpty })
    #expect(outcome.ending == .moneySpent)
    try rig.expectSound(outcome)
  }

  @Test("that refuses a question is asked otherwise, and its key or name ends the run")
  func refused() async throws {
    let rig = try rig()
    let model = Asked { request, _ in
      request == .question(.call(streamed: true))
        ? ModelError(.refusedRequest, status: 400, message: "no tools in streams") : nil
    }
    #expect(try await rig.perform(model).ending == .completed)
    #expect(model.requests.withLock { $0 } == Self.questions + [.work])
    #expect(model.kept.withLock { $0.map(\.streamsToolCalls) } == [false])
    for (kind, ending) in [
      (ModelError.Kind.authentication, AgentEnding.unauthorized), (.unknownModel, .unknownModel),
      (.quota, .quotaSpent), (.misconfigured, .modelUnavailable),
    ] {
      let rig = try self.rig()
      let model = Asked { _, _ in ModelError(kind, message: "no") }
      let outcome = try await rig.perform(model)
      #expect(outcome.ending == ending && model.requests.withLock { $0.count } == 1)
      try rig.expectSound(outcome)
    }
  }
}
