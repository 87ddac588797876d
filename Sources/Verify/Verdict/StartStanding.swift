internal import TestResults

/// How the tests stood before the patch, over all executions of the same tree.
struct StartStanding {
  /// Red each time.
  let steadyRed: Set<RedItem>
  /// Red one time and not another.
  let flaky: Set<RedItem>
  /// Green each time.
  let steadyGreen: Set<TestIdentity>
  /// What is to be repaired.
  let wanted: Set<RedItem>
  /// Tests that are red at the base, and that no run of the head has seen green.
  let redAtBase: Set<RedItem>
  /// Skipped, known to fail, or retried at least once.
  let skipped: Set<TestIdentity>
  let knownToFail: Set<TestIdentity>
  let retried: Set<TestIdentity>
  let named: Set<TestIdentity>
  /// The fewest tests that ran, and that passed without a name.
  let executed: Int
  let unnamedPassed: Int
  /// The most that were skipped without a name.
  let unnamedSkipped: Int
  let trust: TestTrust
  let doubts: Set<String>
  /// Where the tests are.
  let testDirectories: Set<String>
  /// Whether the tests ran at all: nothing failed to be built, and no command failed without a test.
  let ran: Bool

  init(_ evidence: VerdictEvidence) {
    let runs = evidence.start
    let reds = runs.map(\.red)
    let steady = reds.dropFirst().reduce(reds.first ?? []) { $0.intersection($1) }
    steadyRed = steady
    flaky = reds.reduce(into: Set()) { $0.formUnion($1) }.subtracting(steady)
    let greens = runs.map(\.green)
    steadyGreen = greens.dropFirst().reduce(greens.first ?? []) { $0.intersection($1) }
    wanted = evidence.wanted.map(steady.intersection) ?? steady
    let everGreen = greens.reduce(into: Set()) { $0.formUnion($1) }
    redAtBase = (evidence.base?.red ?? []).filter { item in
      if case .test(let test) = item { !everGreen.contains(test) } else { false }
    }
    ran = steady.allSatisfy(\.isTest)
    // What could not be built at the head tells nothing of how many tests there are; the base does.
    let yardstick = ran || evidence.base == nil || evidence.branchRemovesTests ? nil : evidence.base
    let known = runs + (evidence.base.map { [$0] } ?? [])
    skipped = known.reduce(into: Set()) { $0.formUnion($1.skipped) }
    knownToFail = known.reduce(into: Set()) { $0.formUnion($1.knownToFail) }
    retried = known.reduce(into: Set()) { $0.formUnion($1.retried) }
    named = runs.reduce(into: Set()) { $0.formUnion($1.named) }
    executed = max(runs.map(\.executed).min() ?? 0, yardstick?.executed ?? 0)
    unnamedPassed = runs.map(\.unnamedPassed).min() ?? 0
    unnamedSkipped = max(runs.map(\.unnamedSkipped).max() ?? 0, yardstick?.unnamedSkipped ?? 0)
    trust = max(runs.map(\.trust).min() ?? .status, yardstick?.trust ?? .status)
    testDirectories = evidence.testDirectories
    doubts = known.reduce(into: Set()) { $0.formUnion($1.doubts.map(Self.withoutNumbers)) }
  }

  /// A doubt without its numbers, so that the same one is known again when the number of tests has changed.
  static func withoutNumbers(_ doubt: String) -> String { String(doubt.filter { !$0.isASCII || !$0.isNumber }) }
}
