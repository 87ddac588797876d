internal import Base
internal import TestResults
internal import Verify
internal import Work

/// What one run of the tests of a tree left, as a repair keeps it.
struct WitnessedRun: Sendable, Hashable, Codable {
  var standing: TestStanding
  /// What is red, in words.
  var red: [RedTest]
  /// Tracked files that the commands changed.
  var changed: [RepositoryPath]
  var notes: [String]
  /// What ran the tests and was changed by them.
  var runnerChanges: [String]
  /// What runs the tests, as it stood behind the commands; `nil` where nobody looked, or where an older run kept none.
  var runners: [String: String]?
  /// Whether a command was ended because its time was over.
  var timedOut: Bool
  /// Each command: how it ended, and how long it took in milliseconds.
  var commands: [String]
  /// How long the longest of them took, in milliseconds; `nil` where an older run kept none.
  var longest: Int64?

  /// Names one of the tracked files that the commands changed; `nil` where they changed none.
  var changedInWords: String? {
    changed.first.map { "'\($0.display)'" + (changed.count > 1 ? " and \(changed.count - 1) more" : "") }
  }

  init(_ execution: TestExecution, paths: Set<RepositoryPath>) {
    standing = execution.standing
    red = RedTests(paths: paths).details(of: execution, execution.standing.red)
    changed = execution.changedTracked
    notes = execution.notes
    runnerChanges = execution.runnerChanges.map(\.description)
    runners = execution.runners?.deciding
    timedOut = execution.commands.contains { $0.ending == .timedOut }
    commands = execution.commands.map { command in
      "'\(DisplayText.line(command.command.utf8))' \(RedTests.words(for: command.ending)) after "
        + "\(Self.milliseconds(command.elapsed)) ms"
    }
    longest = execution.commands.map { Self.milliseconds($0.elapsed) }.max()
  }

  private static func milliseconds(_ time: Duration) -> Int64 {
    time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
  }
}

/// How the tests of a branch stand at its head, over several runs, and at its base.
struct Witness: Sendable, Hashable {
  /// The head, one for each run.
  var runs: [WitnessedRun]
  /// The base; `nil` where it was not run or could not be.
  var base: WitnessedRun?

  /// Red in every run of the head.
  var steadyRed: Set<RedItem> { Self.intersection(runs.map(\.standing.red)) }

  /// Red in one run of the head and not in another.
  var flaky: Set<RedItem> { runs.reduce(into: Set()) { $0.formUnion($1.standing.red) }.subtracting(steadyRed) }

  /// Green in every run of the head.
  var steadyGreen: Set<TestIdentity> { Self.intersection(runs.map(\.standing.green)) }

  /// What is to be repaired: what is red each time, and where the base is known and not asked for, not there.
  func wanted(includingBase: Bool) -> Set<RedItem> {
    guard let base, !includingBase else { return steadyRed }
    return steadyRed.subtracting(base.standing.red)
  }

  private static func intersection<Item: Hashable>(_ sets: [Set<Item>]) -> Set<Item> {
    sets.dropFirst().reduce(sets.first ?? []) { $0.intersection($1) }
  }

  /// These red items in words, with whether they are red at the base.
  func details(of items: Set<RedItem>) -> [RedTest] {
    let names = Set(items.map(\.description))
    let atBase = base.map { Set($0.standing.red.map(\.description)) }
    return (runs.first?.red ?? []).filter { names.contains($0.name) }.map { test in
      var test = test
      test.isAtBase = atBase?.contains(test.name)
      return test
    }
  }
}
