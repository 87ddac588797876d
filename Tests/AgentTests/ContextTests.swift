import Base
import JSON
import Journal
import Models
import ScriptedModel
import Testing
import Tools
import Work

@testable import Agent

/// What is sent: how much of it is found in the vendor's cache, and how it is made shorter.
@Suite("The conversation of a run")
struct ContextTests {
  // MARK: The cache

  @Test(
    "begins as the one before, so that the vendor's cache has nine tenths of it",
    arguments: ["openai/gpt-5.4", "openai-chat/gpt-4.1", "deepseek/deepseek-v4-pro", "anthropic/claude-opus-4-8"])
  func cache(model: String) async throws {
    var turns: [Turn] = []
    for number in 0..<30 {
      // Now and then several calls at once.
      let calls = (0...(number % 5 == 4 ? 2 : 0)).map { Call.shell("big \(2000 + $0) of \(number)") }
      turns.append(Turn(text: "Step \(number).", reasoning: "I think of \(number).", calls: calls))
    }
    let server = try ScriptedModel.start(Scenario(turns: turns))
    let rig = try Rig(model, profile: try ToolProfile(for: ModelName(model))) { setup in
      // As large as the real ones are with the instructions of a repository.
      setup.opening += String(repeating: "\nKeep to the style of the file that you are in.", count: 400)
    }
    let outcome = try await rig.perform(try Wire(server, rig.setup.model))
    #expect(outcome.ending == .completed, "\(outcome.reason)")
    try rig.expectSound(outcome)
    let exchanges = server.exchanges
    #expect(exchanges.count == 31)
    let behind = exchanges.dropFirst(3)
    let read = behind.reduce(0) { $0 + $1.cacheRead }
    let all = behind.reduce(0) { $0 + $1.inputTokens }
    #expect(read * 10 >= all * 9, "\(read) of \(all)")
    for (before, after) in zip(server.requests, server.requests.dropFirst()) {
      try expectPrefix(before, after)
    }
  }

  /// Each request begins with all of the one before up to where its items end.
  private func expectPrefix(_ before: ReceivedRequest, _ after: ReceivedRequest) throws {
    let mark = #","cache_control":{"type":"ephemeral"}"#
    func plain(_ request: ReceivedRequest) -> [UInt8] {
      let text = String(decoding: request.body, as: UTF8.self)
      return Array(text.split(separator: mark, omittingEmptySubsequences: false).joined().utf8)
    }
    let (old, new) = (plain(before), plain(after))
    let common = zip(old, new).prefix { $0 == $1 }.count
    // Behind the items stand a few settings: the list's end, the limit, whether it is streamed.
    #expect(old.count - common < 140, "\(old.count - common) bytes differ at the end of \(old.count)")
    #expect(new.count > old.count)
  }

  @Test("is broken by a compaction once and not again")
  func compactionBreaksOnce() async throws {
    let turns = (0..<24).map { Turn(text: "Step \($0).", calls: [.shell("big 6000 of \($0)")]) }
    var scenario = Scenario(turns: turns)
    scenario.contextWindow = 40_000
    scenario.cacheMinimum = 0
    let server = try ScriptedModel.start(scenario)
    let rig = try Rig("openai/gpt-5.4", profile: .openai) { $0.capabilities.contextWindow = 36_000 }
    let outcome = try await rig.perform(try Wire(server, rig.setup.model))
    #expect(outcome.ending == .completed, "\(outcome.reason)")
    let compactions = try rig.compactions
    #expect(!compactions.isEmpty)
    // A request whose beginning is not that of the one before.
    let requests = server.requests
    var broken = 0
    for (before, after) in zip(requests, requests.dropFirst()) {
      let common = zip(before.body, after.body).prefix { $0 == $1 }.count
      if before.body.count - common > 140 { broken += 1 }
    }
    #expect(broken == compactions.count)
    try rig.expectSound(outcome)
  }

  // MARK: Compaction

  private func small(_ window: Int = 16_000, steps: Int = 40) throws -> Rig {
    try Rig {
      $0.capabilities.contextWindow = window
      $0.capabilities.maximumOutput = 2000
      $0.budget.steps = steps
    }
  }

  /// A model with work of a size, that counts as a vendor does.
  private func working(_ bytes: Int, calls: Int = 1) -> Puppet {
    Puppet { request, number in
      let sent = RequestEncoder.body(request, capabilities: ModelFamilies.capabilities(of: request.model)).count
      let usage = TokenUsage(input: sent / 4, output: 50)
      if case .user(let text)? = request.conversation.items.last, text == AgentSetup.usualSummaryRequest {
        return .success(Puppet.answer(AssistantTurn(text: "SUMMARY \(number)", stop: .end), usage))
      }
      let list = (0..<calls).map { ToolCall.bash("c\(number)-\($0)", "big \(bytes) \(number) \($0)") }
      return .success(Puppet.answer(AssistantTurn(text: "", calls: list, stop: .calls), usage))
    }
  }

  @Test("is pruned first, oldest results first, and keeps the newest")
  func prunes() async throws {
    let rig = try small(40_000, steps: 30)
    let outcome = try await rig.perform(working(8000))
    #expect(outcome.ending == .stepsSpent)
    let first = try #require(try rig.compactions.first)
    guard case .prune(let pruned) = first else {
      Issue.record("the first was no pruning: \(first)")
      return
    }
    #expect(pruned.count >= 3)
    // All of the old ones, and none of the newest.
    #expect(pruned.map(\.item).sorted() == pruned.indices.map { 2 * $0 + 2 })
    // What was pruned stays pruned.
    let all = try rig.compactions.flatMap { change -> [Int] in
      if case .prune(let some) = change { some.map(\.item) } else { [] }
    }
    #expect(
      try rig.compactions.contains { if case .summarise = $0 { true } else { false } } || Set(all).count == all.count)
    try rig.expectSound(outcome)
  }

  @Test("survives results of 30 KB in a window of 16,000 tokens", arguments: [16_000, 1_000_000])
  func smallWindow(window: Int) async throws {
    let rig = try small(window)
    let outcome = try await rig.perform(working(30_000))
    #expect(outcome.ending == .stepsSpent, "\(outcome.reason)")
    #expect(outcome.steps == 40)
    // The control: a window in which all of it fits is left alone.
    #expect(try rig.compactions.isEmpty == (window > 16_000))
    try rig.expectSound(outcome)
    for request in try rig.requests { #expect(request.size / 4 < window) }
  }

  @Test("is summarised with its tail whole, and with what was done")
  func summarises() async throws {
    let rig = try small(24_000, steps: 60)
    let model = working(1000, calls: 2)
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == .stepsSpent, "\(outcome.reason)")
    let summaries = try rig.compactions.compactMap { change -> (String, Int)? in
      if case .summarise(let text, let keeping) = change { (text, keeping) } else { nil }
    }
    #expect(!summaries.isEmpty)
    for (text, keeping) in summaries {
      #expect(text.contains("SUMMARY"))
      #expect(text.contains("big 1000"))
      #expect(keeping > 0)
    }
    for request in model.requests.withLock({ $0 }) { Self.expectPaired(request.conversation.items.array) }
    try rig.expectSound(outcome)
  }

  /// Each call has its result right behind it, and each result its call.
  static func expectPaired(_ items: [ConversationItem], _ location: SourceLocation = #_sourceLocation) {
    var open: [String] = []
    for item in items {
      switch item {
      case .user: #expect(open.isEmpty, sourceLocation: location)
      case .assistant(let turn):
        #expect(open.isEmpty, sourceLocation: location)
        open = turn.calls.map(\.id)
      case .results(let results):
        #expect(results.map(\.call) == open, sourceLocation: location)
        open = []
      }
    }
    #expect(open.isEmpty, sourceLocation: location)
  }

  @Test("tells after a reset the plan, the files and what was done")
  func resets() async throws {
    let rig = try small()
    let overflow = ModelError(.overflow(tokens: nil, limit: nil), message: "too long")
    let model = Puppet { _, number in
      switch number {
      case 0: .success(Puppet.answer(.calls(.plan("p", [("look", "completed"), ("mend", "pending")]))))
      case 1: .success(Puppet.answer(.calls(.write("w", "src/a.c", "x"), .bash("m", "make\nmore"))))
      case 2: .failure(overflow)
      default: .success(Puppet.answer(Puppet.done))
      }
    }
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == .completed)
    guard case .reset(let text)? = try rig.compactions.first else {
      Issue.record("there was no reset")
      return
    }
    #expect(text.contains("[completed] look"))
    #expect(text.contains("[pending] mend"))
    #expect(text.contains("src/a.c"))
    #expect(text.contains("make ⏎ more"))
    let last = try #require(model.requests.withLock { $0.last })
    #expect(last.conversation.items == [.user(rig.setup.opening), .user(text)])
  }

  @Test("that overflows is pruned, then dropped, then given up", arguments: 1...4)
  func overflow(times: Int) async throws {
    let rig = try small(60_000)
    let model = Puppet { _, number in
      if number < 6 { return .success(Puppet.answer(.calls(.bash("c", "big 6000 \(number)")))) }
      if number < 6 + times { return .failure(ModelError(.overflow(tokens: nil, limit: nil), message: "too long")) }
      return .success(Puppet.answer(Puppet.done))
    }
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == (times < 3 ? .completed : .contextFull), "\(outcome.reason)")
    let kinds = try rig.compactions.map { change in
      switch change {
      case .prune: "prune"
      case .summarise: "summary"
      case .reset: "reset"
      }
    }
    #expect(kinds == (times == 1 ? ["prune"] : ["prune", "reset"]))
    try rig.expectSound(outcome)
  }

  @Test("is made to fit the window that an error has told")
  func learnsWindow() async throws {
    let rig = try Rig { $0.capabilities.windowSource = .guess }
    let model = Puppet { request, number in
      let tokens = RequestEncoder.body(request, capabilities: ModelFamilies.capabilities(of: request.model)).count / 4
      if tokens > 12_000 {
        return .failure(ModelError(.overflow(tokens: tokens, limit: 12_000), message: "maximum is 12000 tokens"))
      }
      if case .user(let text)? = request.conversation.items.last, text == AgentSetup.usualSummaryRequest {
        return .success(Puppet.answer(AssistantTurn(text: "SUMMARY", stop: .end), TokenUsage(input: tokens, output: 9)))
      }
      return .success(Puppet.answer(.calls(.bash("c", "big 4000 \(number)")), TokenUsage(input: tokens, output: 9)))
    }
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == .stepsSpent)
    // Once it is told, and not again.
    #expect(try rig.failures.count == 1)
    try rig.expectSound(outcome)
  }

  @Test("that no summary makes shorter is given up")
  func poorSummaries() async throws {
    let rig = try Rig {
      $0.capabilities.contextWindow = 16_000
      $0.capabilities.maximumOutput = 2000
      $0.opening = String(repeating: "A task that is very long. ", count: 1800)
    }
    let outcome = try await rig.perform(working(300))
    #expect(outcome.ending == .contextFull)
    #expect(outcome.steps <= 6)
    try rig.expectSound(outcome)
  }

  @Test(
    "is not measured by what a vendor counts wrongly",
    arguments: [TokenUsage(input: 1, output: 999_999_999), TokenUsage(input: 0, output: 1)])
  func wrongUsage(usage: TokenUsage) async throws {
    let rig = try small(40_000, steps: 12)
    let model = Puppet { _, number in .success(Puppet.answer(.calls(.bash("c", "echo \(number)")), usage)) }
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == .stepsSpent)
    #expect(try rig.compactions.isEmpty)
    let tokens = try rig.requests.map(\.tokens)
    #expect(tokens == tokens.sorted())
    #expect(try #require(tokens.first) > 500)
  }
}
