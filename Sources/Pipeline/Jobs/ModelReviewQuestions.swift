internal import Agent
internal import Base
internal import Git
internal import Journal
internal import Models
internal import Policy
internal import Review
internal import Sandbox
internal import Tools
internal import Work

/// What came of one question to a model.
struct KeptAnswer: Sendable, Hashable, Codable {
  /// The run in which it was asked.
  var run: RunID
  var ending: AgentEnding
  /// Why it ended so, in one line.
  var reason: String
  /// What the model said; empty where it said nothing.
  var text: String
  /// Whether it ran into the limit of what it may say.
  var isCut: Bool
  /// What it cost, in billionths of a US dollar; `nil` where the price is not known.
  var cost: Int64?
  var steps: Int
  /// Tokens in, from a cache or not, and out; `nil` where the vendor did not say.
  var tokens: Tokens?

  struct Tokens: Sendable, Hashable, Codable {
    var input: Int
    var output: Int
  }
}

/// Asks models questions that take one answer and no tool, one after the other on one account.
///
/// Each question is a run of its own in the journal, with the reservation of its money before it is sent; what came of
/// it is a step of the job's run, so that a job that is taken up again asks nothing twice.
actor ModelReviewQuestions {
  /// What all questions of one job have in common.
  struct Ground: Sendable {
    var run: RunID
    var pullRequest: PullRequest
    var head: ObjectID
    var budget: RepositoryConfiguration.Budget
    var isUnlimited: Bool
    var isByHand: Bool
  }

  private let session: AgentSession
  private let ground: Ground
  private let steps: any StepKeeping
  private let deadline: Timestamp
  private let steady: WallClock
  private var spent: (money: Int64, steps: Int) = (0, 0)
  /// What the answers took, one by one.
  private var taken: [KeptAnswer] = []
  /// The runs of all questions, in the order in which they were asked.
  private(set) var runs: [RunID] = []
  private var connections: [ModelName.Provider: ModelConnection] = [:]

  init(_ session: AgentSession, on ground: Ground, steps: any StepKeeping) {
    self.session = session
    self.ground = ground
    self.steps = steps
    steady = session.clock.steady()
    deadline = Timestamp(milliseconds: steady.now().milliseconds + Int64(ground.budget.seconds) * 1000)
  }

  /// The window of a model and the most that it may say, in tokens, as far as they are known before it is asked.
  func sizes(of model: ModelName) throws -> (window: Int, output: Int) {
    let known = try connection(model.provider).knowledge(of: model, asksAnew: false).capabilities
    return (known.contextWindow, min(known.maximumOutput, ModelSettings.usualOutput))
  }

  /// Why nothing more may be asked; `nil` where something may.
  var exhaustion: String? {
    let budget = ground.budget
    if spent.steps >= budget.steps { return "the budget of \(budget.steps.counted("answer")) is used up" }
    if steady.now() >= deadline { return "the budget of \(budget.seconds.counted("second")) is used up" }
    if !ground.isUnlimited, spent.money >= budget.nanodollars {
      return "the budget of \(Dollars(nano: budget.nanodollars)) is used up"
    }
    return nil
  }

  /// Asks a question, or gives the answer that it was given before.
  ///
  /// - Parameters:
  ///   - model: Whom.
  ///   - brief: What is asked.
  ///   - task: What it is about, for whoever reads the journal.
  ///   - words: The same for whoever waits, who is told it when it is sent.
  ///   - isLast: Whether no other model can be asked instead.
  /// - Returns: The answer.
  /// - Throws: What keeps it from being asked at all; `CancellationError`; ``ModelOutOfReach`` where the last model
  ///   cannot be reached and somebody is there who can take the job up again.
  func ask(
    _ model: ModelName, _ brief: ReviewBrief, about task: String, words: String? = nil, isLast: Bool
  ) async throws -> KeptAnswer {
    let (system, opening) = (brief.system, brief.opening)
    let content = Digest(of: [Array("review question".utf8), Array(system.utf8), Array(opening.utf8)])
    let name = "\(model) \(content.hex.prefix(16))"
    if let kept = try await steps.recall("answer \(name)", as: KeptAnswer.self) {
      count(kept)
      return told(kept)
    }
    let run = try await steps.once("question \(name)") { RunID(random: .random(in: .min ... .max)) }
    let waits = ground.isByHand && isLast
    let question = Question(run: run, task: task, words: words ?? task, waits: waits)
    let answer = try await answer(question, model, brief)
    try Task.checkCancellation()
    if waits, answer.ending.mayPass {
      throw ModelOutOfReach(model: "\(model)", ending: answer.ending, reason: answer.reason)
    }
    count(answer)
    try await steps.record("answer \(name)", answer)
    let told = told(answer)
    if told.reason != answer.reason { session.log("note: \(model) did not answer: \(answer.reason)") }
    return told
  }

  /// The answer with a reason that may be published; whoever asked by hand is told all.
  private func told(_ answer: KeptAnswer) -> KeptAnswer {
    guard !ground.isByHand, let words = answer.ending.publicWords else { return answer }
    var told = answer
    told.reason = words
    return told
  }

  private func count(_ answer: KeptAnswer) {
    guard !runs.contains(answer.run) else { return }
    runs.append(answer.run)
    spent.money += answer.cost ?? 0
    spent.steps += answer.steps
    taken.append(answer)
  }

  /// What all answers took; `nil` where there was none.
  var cost: ReviewCost? {
    let answered = taken.filter { $0.steps > 0 }
    guard !answered.isEmpty else { return nil }
    func sum<Number: AdditiveArithmetic>(_ numbers: [Number?]) -> Number? {
      let known = numbers.compactMap { $0 }
      return known.count == numbers.count ? known.reduce(.zero, +) : nil
    }
    return ReviewCost(
      nanodollars: sum(taken.filter { $0.steps > 0 || ($0.cost ?? 0) > 0 }.map(\.cost)),
      input: sum(answered.map { $0.tokens?.input }), output: sum(answered.map { $0.tokens?.output }),
      answers: answered.reduce(0) { $0 + $1.steps })
  }

  private func connection(_ provider: ModelName.Provider) throws -> ModelConnection {
    if let connection = connections[provider] { return connection }
    let connection = try ModelConnection(provider, session.environment, session.directories)
    connections[provider] = connection
    return connection
  }

  // MARK: One question

  private struct Question {
    var run: RunID
    var task: String
    var words: String
    /// Whether it is left open where its model cannot be reached.
    var waits: Bool
  }

  private func answer(
    _ question: Question, _ model: ModelName, _ brief: ReviewBrief
  ) async throws -> KeptAnswer {
    let (run, journal) = (question.run, session.journal)
    let known = try? await journal.run(named: run.text)
    if known != nil, let state = try AgentState.replay(try await journal.events(of: run)) {
      if known?.closing != nil { return try await kept(run, state) }
      let claim = try await journal.takeUp(run, worker: session.worker)
      let resumed = try AgentState.replay(try await journal.events(of: run)) ?? state
      return try await carryOut(question, claim, resumed)
    }
    let budget = budget()
    let price = try Prices(session.directories, session.environment).price(of: model, under: budget)
    let (capabilities, probe) = try connection(model.provider).knowledge(of: model, asksAnew: false)
    var setup = AgentSetup(
      task: question.task, model: model, profile: ToolProfile.generic.rawValue,
      settings: ModelSettings(
        maximumOutput: ModelSettings.usualOutput, thinking: .medium, cacheKey: "arborist-\(ground.run)",
        answerSchema: brief.answerSchema),
      capabilities: capabilities, price: price, system: brief.system, tools: [], opening: brief.opening,
      summaryRequest: AgentSetup.usualSummaryRequest, budget: budget, commit: ground.head)
    setup.probe = probe
    let job = Job(
      kind: .agent, pullRequest: ground.pullRequest, head: ground.head, against: .zero, request: run.text,
      event: Job.event(ofTaskOf: ground.run), time: session.clock.now())
    let claim = try await journal.beginByHand(
      job, run: run, worker: session.worker, notes: [.agent(.agentStarted, setup)])
    return try await carryOut(question, claim, AgentState(setup))
  }

  /// What is left for one question: one answer, and all of the money and the time.
  private func budget() -> AgentBudget {
    let left = max(1000, deadline.milliseconds - steady.now().milliseconds)
    return AgentBudget(
      money: ground.isUnlimited ? nil : max(1, ground.budget.nanodollars - spent.money), seconds: Int(left / 1000),
      steps: 1)
  }

  private func carryOut(_ question: Question, _ claim: Claim, _ state: AgentState) async throws -> KeptAnswer {
    let (session, journal, run, waits) = (session, session.journal, question.run, question.waits)
    let network = NetworkModel(
      connection: try connection(state.setup.model.provider), clock: session.clock, log: session.log)
    let words = "asking \(state.setup.model): \(question.words)"
    var surroundings = AgentSurroundings(
      journal: journal, model: AnnouncedModel(network) { session.log(words) },
      tools: NoTools(), files: NoFiles(), clock: session.clock.steady(), log: session.log)
    // Whoever goes on with a review that was interrupted goes on with the question.
    surroundings.leavesOpen = true
    let agent = AgentRun(run, under: claim, state: state, surroundings)
    let outcome = await agent.perform()
    let (ended, isOver) = (await agent.state, await agent.isOver)
    let closes = isOver || !waits && outcome.ending != .cancelled && outcome.ending != .journalFailed
    // The journal refuses whoever is cancelled; what came of it has to be written down all the same.
    return try await Task {
      if closes {
        do throws(JournalError) {
          try await journal.decide(.agent(outcome), publication: Publication(), of: run, under: claim)
        } catch .outOfOrder {
          // A process before this one had come so far.
        }
        try await journal.finish(run, Closing(of: .agent(outcome)), under: claim)
      }
      var kept = try await self.kept(run, ended)
      (kept.ending, kept.reason) = (outcome.ending, outcome.reason)
      return kept
    }.value
  }

  private func kept(_ run: RunID, _ state: AgentState) async throws -> KeptAnswer {
    var kept = KeptAnswer(
      run: run, ending: state.end?.ending ?? .cancelled, reason: state.end?.reason ?? "", text: state.lastText,
      isCut: state.lastStop == .length || state.lastStop == .contextFull,
      cost: state.setup.price == nil ? nil : state.spending.money, steps: state.spending.steps)
    var tokens = KeptAnswer.Tokens(input: 0, output: 0)
    for event in try await session.journal.events(of: run) {
      guard case .answered(let record)? = try AgentEvent(event) else { continue }
      guard let usage = record.answer.usage else { return kept }
      tokens.input += usage.input + usage.cacheRead + usage.cacheWrite
      tokens.output += usage.output
    }
    kept.tokens = tokens
    return kept
  }
}

/// A model of which somebody is told when it is asked, once, and not where the budget forbids it.
private final class AnnouncedModel: ModelCalling {
  private let model: any ModelCalling
  private let announce: @Sendable () -> Void
  private let isTold = Lock(false)

  init(_ model: any ModelCalling, _ announce: @escaping @Sendable () -> Void) {
    (self.model, self.announce) = (model, announce)
  }

  func answer(
    _ body: [UInt8], to request: ModelRequest, _ capabilities: ModelCapabilities, within: Duration
  ) async throws(ModelError) -> ModelAnswer {
    let isFirst = isTold.withLock { told in
      defer { told = true }
      return !told
    }
    if isFirst { announce() }
    return try await model.answer(body, to: request, capabilities, within: within)
  }

  func ask(
    _ question: CapabilityProbe.Question, about model: ModelName, _ body: [UInt8], within: Duration
  ) async throws(ModelError) -> [UInt8]? {
    try await self.model.ask(question, about: model, body, within: within)
  }

  func keep(_ capabilities: ModelCapabilities, of model: ModelName) { self.model.keep(capabilities, of: model) }
}

/// For questions that take no tool: whatever is called, there is nothing of the kind.
private struct NoTools: ToolPerforming {
  func examine(_ call: ToolCall) -> ExaminedCall {
    ExaminedCall(call: call, verdict: .malformed("there are no tools: answer with text"))
  }

  func perform(_ operation: ToolOperation) async throws(SandboxError) -> ToolAnswer {
    throw SandboxError(.refused, operation: "carry out a call", detail: "no tool was offered")
  }

  func memoryChange() async -> ToolboxMemoryChange? { nil }
}

/// For questions without files.
private struct NoFiles: FilesKeeping {
  func changes(since manifest: FilesManifest) async throws -> FilesDelta? { nil }
}
