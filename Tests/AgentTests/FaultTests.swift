import Base
import Journal
import Models
import ScriptedModel
import Testing
import Tools
import Work

@testable import Agent

/// A run against a server at which everything goes wrong that does.
@Suite("A run against a faulty server")
struct FaultTests {
  static let models = ["openai/gpt-5.4", "openai-chat/gpt-4.1", "anthropic/claude-opus-4-8"]

  struct Case: Sendable, CustomTestStringConvertible {
    var kind: Fault.Kind
    var model: String
    var testDescription: String { "\(kind.rawValue) \(model)" }
  }

  static let cases = models.flatMap { model in Fault.Kind.allCases.map { Case(kind: $0, model: model) } }

  /// Runs a script of three shell commands with a fault at the second.
  private func run(_ fault: Fault, _ model: String) async throws -> (Rig, AgentOutcome, ScriptedModel) {
    var scenario = Scenario.steps(3, command: "echo {i}")
    scenario.faults = [fault]
    scenario.latency = 0
    let server = try ScriptedModel.start(scenario, keepsBodies: false)
    let name = try ModelName(model)
    let profile: ToolProfile = name.provider == .anthropic ? .anthropic : name.provider == .openai ? .openai : .generic
    let rig = try Rig(model, profile: profile) { $0.price = Rig.price }
    // What falls silent is given up soon: nobody waits for the deadlines of every day.
    let isSilent = [.silence, .silenceAfterHead, .silenceAfterEvents, .comments].contains(fault.kind)
    let wire = try Wire(server, name) { isSilent && (fault.times == nil ? $0 >= 1 : $0 == 1) }
    let outcome = try await rig.perform(wire)
    return (rig, outcome, server)
  }

  /// Kinds that say for good that nothing comes of it, however often they happen.
  private static func fatal(_ kind: Fault.Kind) -> AgentEnding? {
    switch kind {
    case .unauthorized, .forbidden: .unauthorized
    case .unknownModel: .unknownModel
    case .quota: .quotaSpent
    case .refusal: .refused
    case .rateLimitHours: .modelUnavailable
    default: nil
    }
  }

  /// Kinds in which the answer can be used all the same.
  private static func isHarmless(_ kind: Fault.Kind) -> Bool {
    [.drip, .missingUsage, .wrongUsage].contains(kind)
  }

  private static func ending(ofAlways kind: Fault.Kind) -> Set<AgentEnding> {
    if let ending = fatal(kind) { return [ending] }
    return switch kind {
    case .overflow, .overflowTooLarge, .overflowBodyless, .overflowInside: [.contextFull]
    case .history: [.requestRejected]
    case .malformedArguments, .unknownTool, .wrongArguments: [.malformedCalls]
    case .empty: [.emptyAnswers]
    case .truncated: [.malformedCalls, .emptyAnswers]
    // The answer is read all the same, and the script stays where it is.
    case .contentType: [.repeating]
    default: [.modelUnavailable]
    }
  }

  @Test("comes through a fault that happens once", arguments: cases)
  func once(_ one: Case) async throws {
    let (rig, outcome, server) = try await run(Fault(one.kind, at: 1), one.model)
    try rig.expectSound(outcome)
    try GeneratedRunTests.expectMoney(rig, outcome)
    let dialect = rig.setup.model.dialect
    guard one.kind.exists(in: dialect == .messages ? .messages : dialect == .chat ? .chat : .responses) else { return }
    #expect(server.exchanges.contains { $0.fault == one.kind })
    if let ending = Self.fatal(one.kind) {
      #expect(outcome.ending == ending)
      #expect(server.requests.count == 2)
    } else {
      #expect(outcome.ending == .completed, "\(outcome.reason)")
      let expected =
        one.kind == .contentType ? ["echo 0", "echo 1", "echo 1", "echo 2"] : ["echo 0", "echo 1", "echo 2"]
      #expect(rig.world.commands.filter { $0.hasPrefix("echo") } == expected)
    }
  }

  @Test("gives up where a fault happens always, soon and with the ending that fits", arguments: cases)
  func always(_ one: Case) async throws {
    let (rig, outcome, server) = try await run(Fault(one.kind, at: 1, times: nil), one.model)
    try rig.expectSound(outcome)
    try GeneratedRunTests.expectMoney(rig, outcome)
    let dialect = rig.setup.model.dialect
    guard one.kind.exists(in: dialect == .messages ? .messages : dialect == .chat ? .chat : .responses) else { return }
    if Self.isHarmless(one.kind) {
      #expect(outcome.ending == .completed, "\(outcome.reason)")
      return
    }
    #expect(Self.ending(ofAlways: one.kind).contains(outcome.ending), "\(outcome.ending): \(outcome.reason)")
    // One for the first step, and no more than eight into the fault.
    #expect((2...9).contains(server.requests.count), "\(server.requests.count) requests")
    #expect(!outcome.reason.isEmpty)
  }

  @Test("takes no identical bytes to a vendor that finds fault with the conversation", arguments: models)
  func history(model: String) async throws {
    let (rig, _, server) = try await run(Fault(.history, at: 1, times: nil), model)
    let hashes = try rig.requests.dropFirst().map(\.hash)
    #expect(Set(hashes).count == hashes.count)
    #expect(server.requests.count == hashes.count + 1)
    // The control: what merely failed is sent again as it was.
    let (other, _, _) = try await run(Fault(.serverError, at: 1, times: nil), model)
    #expect(Set(try other.requests.dropFirst().map(\.hash)).count == 1)
  }

  @Test("comes through a stream that is cut at any of many places", arguments: models)
  func cuts(model: String) async throws {
    for place in stride(from: 0, through: 1400, by: 200) {
      let (rig, outcome, _) = try await run(Fault(.cut, at: 1, parameter: place), model)
      #expect(outcome.ending == .completed, "cut at \(place): \(outcome.reason)")
      #expect(rig.world.commands == ["echo 0", "echo 1", "echo 2"])
      try rig.expectSound(outcome)
    }
  }
}
