package import TestResults

/// Something that is red.
package enum RedItem: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  /// A test that failed, could not do its work or never ended.
  case test(TestIdentity)
  /// Something that could not be built, as its tool calls it; empty where the tool does not say.
  case build(String)
  /// A command that failed, with nothing red read from it: its place among the test commands, counted from zero.
  case command(Int)

  package var description: String {
    switch self {
    case .test(let identity): identity.description
    case .build(let unit): unit.isEmpty ? "the build" : "the build of \(unit)"
    case .command(let number): number == 0 ? "the test command" : "test command \(number + 1)"
    }
  }

  /// Whether it is a single test.
  package var isTest: Bool { if case .test = self { true } else { false } }

  /// Whether it is something that could not be built.
  package var isBuild: Bool { if case .build = self { true } else { false } }

  /// These items, each cause once: a file that could not be loaded is red as a build and as a test of that file.
  package static func causes(of items: some Collection<RedItem>) -> [RedItem] {
    let units = Set(items.compactMap { if case .build(let unit) = $0 { unit } else { nil } })
    return items.filter { item in item.unit.map { !units.contains($0) } ?? true }
  }

  /// The file for which a test stands because it could not be loaded; `nil` where it is a test of its own.
  package var unit: String? {
    guard case .test(let test) = self, test.name == "(collection)", test.suite.count == 1 else { return nil }
    return test.suite[0]
  }

  private var order: Int {
    switch self {
    case .build: 0
    case .command: 1
    case .test: 2
    }
  }

  package static func < (left: RedItem, right: RedItem) -> Bool {
    switch (left, right) {
    case (.test(let left), .test(let right)): left < right
    case (.build(let left), .build(let right)): left < right
    case (.command(let left), .command(let right)): left < right
    default: left.order < right.order
    }
  }
}

/// How the tests of one tree stand after one execution: what a comparison of two trees needs, and no more.
package struct TestStanding: Sendable, Hashable, Codable {
  /// What is red; empty where everything that ran was good and every command succeeded.
  package var red: Set<RedItem> = []
  /// What passed, by the runner's own word.
  package var green: Set<TestIdentity> = []
  /// What did not run on purpose.
  package var skipped: Set<TestIdentity> = []
  /// What is marked as known to fail, whether it failed or not.
  package var knownToFail: Set<TestIdentity> = []
  /// What passed only when its runner tried it again.
  package var retried: Set<TestIdentity> = []
  /// Tests that their runner counts without naming them.
  package var unnamedPassed = 0
  package var unnamedSkipped = 0
  /// How many tests ran, named or not: the runner's own count where it gives one that is lower than what was read.
  package var executed = 0
  /// How far it can be believed.
  package var trust: TestTrust = .status
  /// What does not fit together, a line each.
  package var doubts: [String] = []

  package init() {}

  /// Whether nothing is red.
  package var isGreen: Bool { red.isEmpty }

  /// Every test that is named, however it ended.
  package var named: Set<TestIdentity> {
    var all = green.union(skipped).union(knownToFail)
    for case .test(let identity) in red { all.insert(identity) }
    return all
  }

  /// Whether a test has this name, however it ended; without going over the others as ``named`` does.
  package func names(_ test: TestIdentity) -> Bool {
    green.contains(test) || red.contains(.test(test)) || skipped.contains(test) || knownToFail.contains(test)
  }
}

extension TestStanding {
  /// The standing that the reports of all test commands tell together, one report for each command, in their order.
  package init(of reports: [TestReport]) {
    trust = reports.map(\.trust).min() ?? .status
    for (number, report) in reports.enumerated() { take(report, of: number) }
    for item in red {
      if case .test(let identity) = item {
        green.remove(identity)
        skipped.remove(identity)
        knownToFail.remove(identity)
      }
    }
  }

  private mutating func take(_ report: TestReport, of command: Int) {
    var isRed = false
    var isUnfinished = false
    for test in report.tests {
      switch test.outcome {
      case .passed: green.insert(test.identity)
      case .skipped: skipped.insert(test.identity)
      case .expectedFailure, .unexpectedSuccess: knownToFail.insert(test.identity)
      case .failed, .errored, .unfinished:
        red.insert(.test(test.identity))
        isRed = true
        isUnfinished = isUnfinished || test.outcome == .unfinished
      }
      if test.passedAfterFailing || test.wasRetried { retried.insert(test.identity) }
    }
    for build in report.builds {
      red.insert(.build(build.unit))
      isRed = true
    }
    // A command that hangs is red beside the tests that failed, where none of them is the one that hangs.
    if report.isRed, !isRed || report.timedOut && !isUnfinished { red.insert(.command(command)) }
    for run in report.runs {
      let unnamed = run.unnamed
      unnamedPassed += unnamed.passed ?? 0
      unnamedSkipped += unnamed.skipped ?? 0
      let ran = run.tests.count { $0.outcome != .skipped }
      let others = (unnamed.passed ?? 0) + (unnamed.failed ?? 0) + (unnamed.errored ?? 0)
      let claimed = run.claimed.flatMap { claimed in claimed.total.map { $0 - (claimed.skipped ?? 0) } }
      executed += min(ran + others, claimed.map { max(0, $0) } ?? .max)
    }
    doubts += report.allDoubts.map(\.description)
  }
}
