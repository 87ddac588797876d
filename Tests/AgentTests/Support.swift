import Agent
import Base
import Glibc
import HTTP
import JSON
import Journal
import Models
import Sandbox
import ScriptedModel
import Templates
import Testing
import Tools
import Work

/// A clock that stands still unless it is told to go on.
final class TestClock: Sendable {
  private let time = Lock<Int64>(1_000_000)

  var wall: WallClock { WallClock { [self] in Timestamp(milliseconds: time.withLock { $0 }) } }

  func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}

/// Numbers that look random and are the same each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// A model that answers by a function of the request.
final class Puppet: ModelCalling {
  private let count = Lock(0)
  private let body: @Sendable (ModelRequest, Int) async -> Result<ModelAnswer, ModelError>
  let requests = Lock<[ModelRequest]>([])

  init(_ body: @escaping @Sendable (ModelRequest, Int) async -> Result<ModelAnswer, ModelError>) {
    self.body = body
  }

  /// A model that gives these answers, and then says that it is done.
  convenience init(_ turns: [AssistantTurn]) {
    self.init { _, number in .success(Puppet.answer(number < turns.count ? turns[number] : Puppet.done)) }
  }

  static let done = AssistantTurn(text: "All done.", stop: .end)

  static func answer(_ turn: AssistantTurn, _ usage: TokenUsage? = nil) -> ModelAnswer {
    ModelAnswer(turn: turn, usage: usage)
  }

  func answer(
    _ bytes: [UInt8], to request: ModelRequest, _ capabilities: ModelCapabilities, within: Duration
  ) async throws(ModelError) -> ModelAnswer {
    let number = count.withLock { count in
      count += 1
      return count - 1
    }
    requests.withLock { $0.append(request) }
    return try await body(request, number).get()
  }

  func ask(
    _ question: CapabilityProbe.Question, about model: ModelName, _ body: [UInt8], within: Duration
  ) async throws(ModelError) -> [UInt8]? { nil }

  func keep(_ capabilities: ModelCapabilities, of model: ModelName) {}
}

/// A model over the network, as the program has it.
struct Wire: ModelCalling {
  let client: ModelClient
  /// Which requests, counted from 0, are given up when nothing has come for a moment.
  private let impatient: @Sendable (Int) -> Bool
  private let count = Lock(0)
  /// What was found out about the model and was to be kept.
  let kept = Lock<[ModelCapabilities]>([])

  func answer(
    _ body: [UInt8], to request: ModelRequest, _ capabilities: ModelCapabilities, within limit: Duration
  ) async throws(ModelError) -> ModelAnswer {
    let number = count.withLock { count in
      count += 1
      return count - 1
    }
    guard impatient(number) else { return try await client.send(body, for: request, capabilities: capabilities) }
    var client = client
    client.deadlines = HTTPDeadlines(idle: .milliseconds(100), total: .milliseconds(400))
    client.wholeAnswerDeadlines = client.deadlines
    return try await client.send(body, for: request, capabilities: capabilities)
  }

  func ask(
    _ question: CapabilityProbe.Question, about model: ModelName, _ body: [UInt8], within: Duration
  ) async throws(ModelError) -> [UInt8]? {
    try await client.ask(question, about: model, body, within: within)
  }

  func keep(_ capabilities: ModelCapabilities, of model: ModelName) { kept.withLock { $0.append(capabilities) } }

  init(
    _ server: ScriptedModel, _ name: ModelName, impatient: @escaping @Sendable (Int) -> Bool = { _ in false }
  ) throws {
    self.impatient = impatient
    let version = name.provider == .anthropic ? "" : "/v1"
    let deadlines = HTTPDeadlines(connect: .seconds(60), idle: .seconds(60), total: .seconds(120))
    client = ModelClient(
      transport: try HTTPClient(),
      endpoint: try ModelEndpoint(
        provider: name.provider, baseURL: server.baseURL + "/s/default" + version, credential: Secret("k")),
      deadlines: deadlines, wholeAnswerDeadlines: deadlines)
  }
}

extension ToolCall {
  static func json(_ id: String, _ name: String, _ arguments: JSONValue) -> ToolCall {
    ToolCall(id: id, name: name, input: .json(String(decoding: arguments.compact(), as: UTF8.self)))
  }
  static func bash(_ id: String, _ command: String) -> ToolCall { .json(id, "bash", ["command": .string(command)]) }
  static func read(_ id: String, _ path: String) -> ToolCall { .json(id, "read", ["path": .string(path)]) }
  static func write(_ id: String, _ path: String, _ content: String) -> ToolCall {
    .json(id, "write", ["path": .string(path), "content": .string(content)])
  }
  static func plan(_ id: String, _ steps: [(String, String)]) -> ToolCall {
    let list = steps.map { JSONValue.object(["step": .string($0.0), "status": .string($0.1)]) }
    return .json(id, "plan", ["steps": .array(list)])
  }
}

extension AssistantTurn {
  static func calls(_ calls: ToolCall..., text: String = "") -> AssistantTurn {
    AssistantTurn(text: text, calls: calls, stop: .calls)
  }
}

/// A run and everything around it.
struct Rig: Sendable {
  static let run = RunID(random: 0xa9e7)

  var setup: AgentSetup
  var world: World
  var kept = World.Kept()
  var clock = TestClock()
  var journal: MemoryJournal
  var sleep: @Sendable (Duration) async throws -> Void = { _ in }
  var profile: ToolProfile

  static let model = try? ModelName("openai-chat/gpt-4.1")

  init(
    _ name: String = "openai-chat/gpt-4.1", profile: ToolProfile? = nil, files: [String: String] = [:],
    change: (inout AgentSetup) -> Void = { _ in }
  ) throws {
    let model = try ModelName(name)
    let profile = profile ?? .generic
    self.profile = profile
    var setup = try Rig.setup(model, profile)
    change(&setup)
    self.setup = setup
    world = World(profile, model.dialect, files: files, kept: kept)
    journal = MemoryJournal(clock: clock.wall)
    let note = try RunNote.agent(.agentStarted, setup)
    journal.add(note.kind, note.payload)
  }

  static func setup(_ model: ModelName, _ profile: ToolProfile) throws -> AgentSetup {
    let capabilities = ModelFamilies.capabilities(of: model)
    let budget = AgentBudget(money: nil, seconds: 36_000, steps: 100)
    let prompt = try AssembledPrompt(
      PromptFacts(
        task: "Mend it.", profile: profile.rawValue, planTool: profile.planTool, commit: .zero, hasHistory: false,
        allowsParallelCalls: true, budget: budget))
    return AgentSetup(
      task: "Mend it.", model: model, profile: profile.rawValue,
      settings: ModelSettings(maximumOutput: min(4000, capabilities.maximumOutput), cacheKey: "k"),
      capabilities: capabilities, price: nil, system: prompt.system, tools: profile.declarations(for: model.dialect),
      opening: prompt.opening, summaryRequest: AgentSetup.usualSummaryRequest, budget: budget, commit: .zero)
  }

  /// A tenth of a cent for a thousand tokens of input, five times that for output.
  static let price = ModelPrice(
    ModelPrice.Rate(input: 1_000_000, cacheRead: 100_000, cacheWrite: 1_250_000, output: 5_000_000))

  func surroundings(_ model: any ModelCalling, files: (any FilesKeeping)? = nil) -> AgentSurroundings {
    AgentSurroundings(
      journal: journal, model: model, tools: world, files: files ?? world, clock: clock.wall, sleep: sleep,
      random: { 0.5 })
  }

  /// The run as its events have left it.
  func agent(_ model: any ModelCalling) throws -> AgentRun {
    let state = try #require(try AgentState.replay(journal.events))
    return AgentRun(Self.run, under: Claim(job: 1, fence: 1), state: state, surroundings(model))
  }

  @discardableResult
  func perform(_ model: any ModelCalling) async throws -> AgentOutcome { try await agent(model).perform() }

  @discardableResult
  func perform(_ turns: AssistantTurn...) async throws -> AgentOutcome { try await perform(Puppet(turns)) }

  /// A rig that goes on with the first events of this one, in a world as they have left it.
  func interrupted(after count: Int) throws -> Rig {
    var rig = self
    rig.journal = MemoryJournal(Array(journal.events.prefix(count)), clock: clock.wall)
    try rig.journal.addResumed()
    let state = try #require(try AgentState.replay(rig.journal.events))
    rig.world = World(profile, setup.model.dialect, restoring: state.files, kept: kept)
    return rig
  }

  // MARK: What the journal says

  var endings: [EndRecord] {
    get throws { try journal.agentEvents.compactMap { if case .ended(let end) = $0 { end } else { nil } } }
  }
  var requests: [RequestRecord] {
    get throws { try journal.agentEvents.compactMap { if case .requested(let one) = $0 { one } else { nil } } }
  }
  var results: [DoneRecord] {
    get throws { try journal.agentEvents.compactMap { if case .done(let one) = $0 { one } else { nil } } }
  }
  var notices: [NoticeRecord] {
    get throws { try journal.agentEvents.compactMap { if case .notice(let one) = $0 { one } else { nil } } }
  }
  var failures: [FailureRecord] {
    get throws { try journal.agentEvents.compactMap { if case .failed(let one) = $0 { one } else { nil } } }
  }
  var compactions: [CompactionRecord.Change] {
    get throws { try journal.agentEvents.compactMap { if case .compacted(let one) = $0 { one.change } else { nil } } }
  }

  /// The run has exactly one ending, which is the last of its events and the one that was told, and its journal alone
  /// gives the requests that were sent.
  func expectSound(_ outcome: AgentOutcome, _ location: SourceLocation = #_sourceLocation) throws {
    #expect(try endings.map(\.ending) == [outcome.ending], sourceLocation: location)
    #expect(journal.events.last?.kind == .agentEnded, sourceLocation: location)
    let replayed = try #require(try AgentReplay.requests(of: journal.events), sourceLocation: location)
    #expect(replayed.allSatisfy { $0.isEqual }, sourceLocation: location)
  }
}
