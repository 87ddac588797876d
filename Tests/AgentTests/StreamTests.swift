import Models
import Testing
import Tools
import Work

@testable import Agent

@Suite("An answer in one piece")
struct StreamTests {
  /// Breaks every stream.
  private func broken(_ breaks: @escaping @Sendable (Int) -> Bool = { _ in true }, steps: Int) -> Puppet {
    Puppet { request, number in
      let answers = request.conversation.items.count { if case .assistant = $0 { true } else { false } }
      if request.isStreamed, breaks(answers) {
        return .failure(ModelError(.interrupted, message: "cut", received: 100))
      }
      return .success(
        Puppet.answer(answers < steps ? .calls(.bash("c\(number)", "echo \(number)")) : Puppet.done))
    }
  }

  @Test("is asked for after two streams have broken, and always once that has happened twice in a row")
  func always() async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(broken(steps: 10))
    #expect(outcome.ending == .completed)
    #expect(
      try rig.requests.map(\.isStreamed) == [true, true, false, true, true, false] + Array(repeating: false, count: 9))
    try rig.expectSound(outcome)
    // A process that takes the run up knows it too.
    for count in [8, 14, 20] {
      let other = try rig.interrupted(after: count)
      let before = try other.requests.count
      try await other.perform(broken(steps: 10))
      let all = try other.requests
      #expect(all.dropFirst(before + 1).allSatisfy { before < 6 || !$0.isStreamed })
    }
  }

  @Test("is an exception where a stream comes through in between")
  func exception() async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(broken({ $0 % 2 == 0 }, steps: 6))
    #expect(outcome.ending == .completed)
    #expect(
      try rig.requests.map(\.isStreamed) == [
        true, true, false, true, true, true, false, true, true, true, false, true, true, true, false,
      ])
    try rig.expectSound(outcome)
  }
}
