import Journal
import Models
import Testing
import Tools
import Work

@testable import Agent

@Suite("A process that took a run up and hears nothing of the model")
struct LeavingTests {
  static let kinds: [(ModelError.Kind, AgentEnding)] = [
    (.unreachable, .modelUnavailable), (.misconfigured, .modelUnavailable), (.authentication, .unauthorized),
    (.unknownModel, .unknownModel), (.quota, .quotaSpent), (.transient, .modelUnavailable),
  ]

  private static func working(_ steps: Int) -> Puppet {
    Puppet((0..<steps).map { .calls(.bash("c\($0)", "echo \($0)")) })
  }

  private static func failing(_ kind: ModelError.Kind, after good: Int = 0) -> Puppet {
    Puppet { _, number in
      number < good
        ? .success(Puppet.answer(.calls(.bash("g\(number)", "echo good \(number)"))))
        : .failure(ModelError(kind, message: "no way"))
    }
  }

  @Test("leaves it as it is, for another to go on at the same request", arguments: kinds)
  func left(_ kind: ModelError.Kind, _ ending: AgentEnding) async throws {
    let rig = try Rig()
    try await rig.perform(Self.working(3))
    let whole = try rig.requests.map(\.hash)
    // In the middle of the second step, and before the first answer.
    let answers = rig.journal.events.indices.filter { rig.journal.events[$0].kind == .modelAnswer }
    for count in [1, answers[1] + 1] {
      let taken = try rig.interrupted(after: count)
      let agent = try taken.agent(Self.failing(kind))
      let outcome = await agent.perform()
      #expect(outcome.ending == ending && outcome.reason.contains("no way"))
      #expect(try taken.endings.isEmpty)
      #expect(await agent.state.leaving?.ending == ending)
      #expect(try taken.requests.count <= 10)
      // Once more, and then the address is right.
      var again = try taken.interrupted(after: taken.journal.events.count)
      #expect(try await again.perform(Self.failing(kind)).ending == ending)
      #expect(try again.endings.isEmpty)
      again = try again.interrupted(after: again.journal.events.count)
      let before = try again.requests.count
      let done = try await again.perform(Puppet { _, _ in .success(Puppet.answer(Puppet.done)) })
      #expect(done.ending == .completed)
      try again.expectSound(done)
      let next = try again.requests[before].hash
      #expect(count > 1 || next == whole[0])
    }
  }

  @Test("ends it once it has heard something, and so does the process that began it", arguments: kinds)
  func ended(_ kind: ModelError.Kind, _ ending: AgentEnding) async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(Self.failing(kind))
    #expect(outcome.ending == ending)
    try rig.expectSound(outcome)
    let other = try Rig()
    try await other.perform(Self.working(3))
    let taken = try other.interrupted(after: 3)
    let end = try await taken.perform(Self.failing(kind, after: 1))
    #expect(end.ending == ending)
    try taken.expectSound(end)
  }

  @Test("ends it where it is the work itself that is refused, or its time is over")
  func work() async throws {
    for kind in [ModelError.Kind.refusedRequest, .overflow(tokens: nil, limit: nil)] {
      let rig = try Rig()
      try await rig.perform(Self.working(3))
      let taken = try rig.interrupted(after: 3)
      let outcome = try await taken.perform(Self.failing(kind))
      try taken.expectSound(outcome)
    }
    let rig = try Rig { $0.budget.seconds = 10 }
    try await rig.perform(Self.working(3))
    let taken = try rig.interrupted(after: 3)
    let clock = taken.clock
    let outcome = try await taken.perform(
      Puppet { _, _ in
        clock.advance(11_000)
        return .failure(ModelError(.unreachable, message: "no way"))
      })
    #expect(outcome.ending == .timeSpent)
    try taken.expectSound(outcome)
  }
}
