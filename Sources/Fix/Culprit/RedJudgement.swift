internal import Base
internal import TestResults
internal import Verify

/// Tells by a candidate's tests whether red items turned green in it, and what that costs.
struct RedJudgement: Sendable {
  let question: CulpritQuestion

  /// What a standing says of some items together.
  func effect(on items: [RedItem], _ standing: TestStanding) -> RemovalEffect {
    let effects = items.map { effect(on: $0, standing) }
    if effects.contains(.red) { return .red }
    return effects.contains(.unresolved) ? .unresolved : .cured
  }

  /// A red item that is not there any more is not cured: a test has to pass, and what hides tests tells nothing.
  func effect(on item: RedItem, _ standing: TestStanding) -> RemovalEffect {
    if standing.red.contains(item) { return .red }
    switch item {
    case .test(let identity):
      let isCured =
        standing.green.contains(identity)
        || LoadFailure.hasGivenWay(
          identity, in: standing, executedBefore: question.standing.executed,
          namedBefore: question.standing.named)
        || !standing.named.contains(identity) && countsUnnamed(standing)
      return isCured ? .cured : .unresolved
    case .build, .command:
      let isHidden = standing.red.contains { if case .test = $0 { false } else { true } }
      return isHidden || standing.executed < question.standing.executed ? .unresolved : .cured
    }
  }

  /// Whether as many more tests pass without being named as red ones are not named any more: many runners name only
  /// what fails.
  private func countsUnnamed(_ standing: TestStanding) -> Bool {
    let named = standing.named
    let gone = question.red.count { item in
      if case .test(let identity) = item { !named.contains(identity) } else { false }
    }
    return standing.unnamedPassed >= question.standing.unnamedPassed + gone
      && standing.executed >= question.standing.executed
      && standing.red.allSatisfy(\.isTest)
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
