import Base
import Journal
import Models
import Testing
import Tools
import Work

@testable import Agent

/// Runs made of random answers.
///
/// A model's answer is a function of the request alone, so that a run that was interrupted
/// and one that was not are told the same; every command is one of its kind, so that twice is seen.
struct GeneratedRun {
  let seed: UInt64
  var rig: Rig

  init(seed: UInt64) throws {
    self.seed = seed
    var draw = SeededGenerator(seed)
    let names = [
      "openai-chat/gpt-4.1", "openai/gpt-5.4", "anthropic/claude-opus-4-8", "deepseek/deepseek-v4-pro",
      "openai-chat/qwen3-32b",
    ]
    let isSmall = Bool.random(using: &draw)
    let hasPrice = Bool.random(using: &draw)
    let steps = Int.random(in: 5...14, using: &draw)
    let name = names.randomElement(using: &draw) ?? names[0]
    rig = try Rig(name, files: ["a.txt": "one"]) { setup in
      setup.budget.steps = steps
      if hasPrice { setup.price = Rig.price }
      if isSmall {
        setup.capabilities.contextWindow = 9000
        setup.capabilities.maximumOutput = 1500
      }
    }
  }

  /// A new model of the run; each request fails so often as its bytes say.
  func model() -> Puppet {
    let seen = Lock<[UInt64: Int]>([:])
    let seed = seed
    let setup = rig.setup
    return Puppet { request, _ in
      let hash = Self.hash(request)
      let attempt = seen.withLock { seen in
        seen[hash, default: 0] += 1
        return seen[hash, default: 1] - 1
      }
      var draw = SeededGenerator(hash ^ seed)
      if let error = Self.error(attempt, &draw) { return .failure(error) }
      return .success(Self.answer(request, setup, hash, &draw))
    }
  }

  private static func hash(_ request: ModelRequest) -> UInt64 {
    // Not the bytes: a request that is sent again in one piece is the same question.
    var request = request
    request.isStreamed = true
    let body = RequestEncoder.body(request, capabilities: ModelFamilies.capabilities(of: request.model))
    return body.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  private static func error(_ attempt: Int, _ draw: inout SeededGenerator) -> ModelError? {
    let kinds: [ModelError.Kind] = [
      .transient, .overloaded, .rateLimited, .interrupted, .stalled, .badAnswer, .malformedHistory,
      .overflow(tokens: nil, limit: nil), .overflow(tokens: 20_000, limit: 12_000), .unreachable,
      .refusedParameter("parallel_tool_calls"),
    ]
    let fails = Int.random(in: 0..<12, using: &draw)
    let kind = kinds.randomElement(using: &draw) ?? .transient
    let received = Bool.random(using: &draw) ? 100 : 0
    return attempt < fails - 9 ? ModelError(kind, message: "made up", received: received) : nil
  }

  private static func answer(
    _ request: ModelRequest, _ setup: AgentSetup, _ hash: UInt64, _ draw: inout SeededGenerator
  ) -> ModelAnswer {
    let usage =
      Int.random(in: 0..<5, using: &draw) == 0
      ? nil : TokenUsage(input: Int.random(in: 0...6000, using: &draw), cacheRead: 100, output: 300)
    if case .user(let text)? = request.conversation.items.last, text == setup.summaryRequest {
      return ModelAnswer(turn: AssistantTurn(text: "summary \(hash % 1000)", stop: .end), usage: usage)
    }
    switch Int.random(in: 0..<30, using: &draw) {
    case 0: return ModelAnswer(turn: AssistantTurn(text: "", stop: .end), usage: usage)
    case 1: return ModelAnswer(turn: AssistantTurn(text: "so far", stop: .length), usage: usage)
    case 2: return ModelAnswer(turn: AssistantTurn(text: "", stop: .pause), usage: usage)
    case 3: return ModelAnswer(turn: AssistantTurn(text: "done", stop: .end), usage: usage)
    case 4: return ModelAnswer(turn: AssistantTurn(text: "so full", stop: .contextFull), usage: usage)
    default: break
    }
    let count = Int.random(in: 1...4, using: &draw)
    var calls = (0..<count).map { call("c\($0)", hash ^ UInt64($0), &draw) }
    // Ids that stand twice in one answer, and the same ids in every answer.
    if count > 1, Int.random(in: 0..<6, using: &draw) == 0 { calls[1].id = calls[0].id }
    let stop: StopReason = Int.random(in: 0..<9, using: &draw) == 0 ? .length : .calls
    return ModelAnswer(turn: AssistantTurn(text: "t\(hash % 100)", calls: calls, stop: stop), usage: usage)
  }

  private static func call(_ id: String, _ number: UInt64, _ draw: inout SeededGenerator) -> ToolCall {
    switch Int.random(in: 0..<12, using: &draw) {
    case 0, 1: .read(id, "a.txt")
    case 2: .read(id, "none\(number % 3)")
    case 3: .bash(id, "big \(Int.random(in: 100...9000, using: &draw))")
    case 4: .write(id, "f\(number % 4)", "content \(number)")
    case 5: .bash(id, "write g\(number % 4) \(number)")
    case 6: .bash(id, "drop g\(number % 4)")
    case 7: .plan(id, [("one", "completed"), ("two", number % 2 == 0 ? "pending" : "completed")])
    case 8: ToolCall(id: id, name: "bash", input: .json("{\"comm"))
    case 9: ToolCall(id: id, name: "nothing", input: .json("{}"))
    default: .bash(id, "echo \(number)")
    }
  }
}

@Suite("A run of random answers")
struct GeneratedRunTests {
  static let seeds = Array(UInt64(1)...60)

  @Test("is at every event what its journal says, and ends once", arguments: seeds)
  func replays(seed: UInt64) async throws {
    let run = try GeneratedRun(seed: seed)
    let agent = try run.rig.agent(run.model())
    let journal = run.rig.journal
    // While it is being written to, the run waits for it.
    journal.before { (notes) async throws(JournalError) in
      let live = await agent.state
      let copy = MemoryJournal(journal.events, clock: run.rig.clock.wall)
      for note in notes { copy.add(note.kind, note.payload) }
      let replayed = try AgentState.replay(copy.events)
      #expect(replayed == live)
    }
    let outcome = await agent.perform()
    try run.rig.expectSound(outcome)
    let last = await agent.state
    #expect(try AgentState.replay(journal.events) == last)
    #expect(outcome.ending != .journalFailed)
    try Self.expectMoney(run.rig, outcome)
  }

  /// Each request is settled once, and the sum is what was told.
  static func expectMoney(_ rig: Rig, _ outcome: AgentOutcome) throws {
    var sum: Int64 = 0
    var settled: [Int: Int] = [:]
    for event in try rig.journal.agentEvents {
      switch event {
      case .answered(let answer):
        sum += answer.cost
        settled[answer.number, default: 0] += 1
      case .probed(let probe):
        sum += probe.cost
        settled[probe.number, default: 0] += 1
      case .failed(let failure):
        sum += failure.cost
        settled[failure.number, default: 0] += 1
      default: break
      }
    }
    #expect(outcome.cost == (rig.setup.price == nil ? nil : sum))
    #expect(settled.values.allSatisfy { $0 == 1 })
    #expect(settled.count == (try rig.requests.count))
  }

  @Test(
    "killed at any event and taken up again, sends the same next request and does nothing twice",
    arguments: seeds.prefix(8))
  func resumes(seed: UInt64) async throws {
    let run = try GeneratedRun(seed: seed)
    try await run.rig.perform(run.model())
    let events = run.rig.journal.events
    for count in 1...events.count {
      let rig = try run.rig.interrupted(after: count)
      let before = try #require(try AgentState.replay(rig.journal.events))
      var expected: Digest?
      if before.request == nil, case .ask(let purpose, _) = before.next(at: run.rig.clock.wall.now()) {
        expected = Digest(
          ofContent: RequestEncoder.body(before.request(for: purpose), capabilities: before.capabilities))
        // The bytes that were refused are not sent; something is done to them first.
        if before.refusal != nil, expected == before.failedHash { expected = nil }
        // What the uninterrupted run has sent next is that too.
        if count < events.count, case .requested(let next)? = try AgentEvent(events[count]) {
          #expect(next.hash == expected)
        }
      }
      let pending = before.calls.filter { $0.isIntended && $0.result == nil }.map(\.call)
      let carriedOut = try rig.results.count { $0.standing == .executed }
      let sent = try rig.requests.count
      let outcome = try await rig.perform(run.model())
      let location: Comment = "killed after \(count) of \(events.count) events"
      #expect(try rig.endings.count == 1, location)
      #expect(try rig.endings.last?.ending == outcome.ending, location)
      if let expected { #expect(try rig.requests.dropFirst(sent).first?.hash == expected, location) }
      try Self.expectMoney(rig, outcome)
      // Nothing is carried out that has a result already, or may have happened.
      let executed = try rig.results.count { $0.standing == .executed }
      #expect(rig.world.performed.count == executed - carriedOut, location)
      for call in pending {
        let result = try rig.results.last { $0.result.call == call.id && $0.standing == .unknown }
        #expect(result?.result.text.contains("State unknown") == true, location)
      }
      #expect(try #require(try AgentReplay.requests(of: rig.journal.events)).allSatisfy { $0.isEqual }, location)
    }
  }
}
