import Base
import TestResults
import Testing
import Verify

@testable import Fix

@Suite struct RedJudgementTests {
  /// So many that to go over all of them for each would not come to an end.
  @Test func manyRedTestsThatAreNotNamedAnyMore() {
    let names = (0..<20_000).map { "test_\($0)" }
    var head = TestStanding()
    head.red = Set(names.map { .test(test($0)) })
    head.executed = names.count
    let question = CulpritQuestion(base: .zero, head: .zero, standing: head) { _ in false }
    var after = TestStanding()
    after.green = [test("another")]
    after.executed = names.count
    let judgement = RedJudgement(question: question)
    let items = head.red.sorted()
    #expect(judgement.effects(on: items, after).allSatisfy { $0 != .red })
    #expect(judgement.effect(on: items, head) == .red)
    after.green = Set(names.map { test($0) })
    #expect(judgement.effect(on: items, after) == .cured)
  }

  @Test func aModuleThatCanBeLoadedAgainIsCured() {
    var head = TestStanding()
    head.red = [.test(TestIdentity(suite: ["loader"], name: "test_calc"))]
    head.executed = 1
    let judgement = RedJudgement(question: CulpritQuestion(base: .zero, head: .zero, standing: head) { _ in false })
    var after = TestStanding()
    after.green = [TestIdentity(suite: ["test_calc", "T"], name: "test_a")]
    after.executed = 1
    #expect(judgement.effects(on: Array(head.red), after) == [.cured])
    after.green = [TestIdentity(suite: ["test_other", "T"], name: "test_a")]
    #expect(judgement.effects(on: Array(head.red), after) == [.unresolved])
  }
}
