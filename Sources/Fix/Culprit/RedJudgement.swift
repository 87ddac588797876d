internal import Base
internal import TestResults
internal import Verify

/// Tells by a candidate's tests whether red items turned green in it, and what that costs.
struct RedJudgement: Sendable {
  let question: CulpritQuestion

  /// What a standing says of some items together.
  func effect(on items: [RedItem], _ standing: TestStanding) -> RemovalEffect {
    let effects = effects(on: items, standing)
    if effects.contains(.red) { return .red }
    return effects.contains(.unresolved) ? .unresolved : .cured
  }

  /// A red item that is not there any more is not cured: a test has to pass, and what hides tests tells nothing.
  func effect(on item: RedItem, _ standing: TestStanding) -> RemovalEffect {
    effects(on: [item], standing).first ?? .unresolved
  }

  /// What a standing says of each of some items.
  func effects(on items: [RedItem], _ standing: TestStanding) -> [RemovalEffect] {
    let loads = LoadFailure(
      in: standing, executedBefore: question.standing.executed, namedBefore: question.standing.named)
    let counts = countsUnnamed(standing)
    return items.map { effect(on: $0, standing, loads, counts) }
  }

  private func effect(
    on item: RedItem, _ standing: TestStanding, _ loads: LoadFailure, _ counts: Bool
  ) -> RemovalEffect {
    if standing.red.contains(item) { return .red }
    switch item {
    case .test(let identity):
      let isCured =
        standing.green.contains(identity) || loads.hasGivenWay(identity) || counts && !standing.names(identity)
      return isCured ? .cured : .unresolved
    case .build, .command:
      let isHidden = !standing.red.allSatisfy(\.isTest)
      return isHidden || standing.executed < question.standing.executed ? .unresolved : .cured
    }
  }

  /// Whether as many more tests pass without being named as red ones are not named any more: many runners name only
  /// what fails.
  private func countsUnnamed(_ standing: TestStanding) -> Bool {
    guard standing.unnamedPassed > question.standing.unnamedPassed,
      standing.executed >= question.standing.executed, standing.red.allSatisfy(\.isTest)
    else { return false }
    let gone = question.red.count { item in
      if case .test(let identity) = item { !standing.names(identity) } else { false }
    }
    return standing.unnamedPassed >= question.standing.unnamedPassed + gone
  }

  func revert(_ tree: ObjectID, _ standing: TestStanding) -> PartialRevert {
    let lost = question.green.subtracting(standing.green)
    let newlyRed = standing.red.subtracting(question.standing.red).filter { item in
      guard case .test(let identity) = item else { return true }
      return !lost.contains(identity) && !question.flaky.contains(identity)
    }
    return PartialRevert(tree: tree, standing: standing, lost: lost.sorted(), newlyRed: newlyRed.sorted())
  }
}
