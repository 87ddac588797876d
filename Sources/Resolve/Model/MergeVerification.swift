package import Base
internal import TestResults
package import Verify
package import Work

/// Runs the tests of a merge beside both of its parents, so that only what the merge itself broke is blamed on it.
package struct MergeVerification: Sendable {
  /// A tree, and how its tests stood: what is written down of an execution.
  struct Run: Sendable, Hashable, Codable {
    var standing: TestStanding
    /// What is red, each with some lines of what was said of it.
    var details: [String: [String]]
    var changedTracked: [RepositoryPath]
    var notes: [String]
  }

  /// The trees of a merge.
  package struct Trees: Sendable, Hashable {
    package var merged: ObjectID
    package var ours: ObjectID
    package var theirs: ObjectID
    /// The tree of a best common ancestor, which tells who took a test away.
    package var base: ObjectID?

    package init(merged: ObjectID, ours: ObjectID, theirs: ObjectID, base: ObjectID?) {
      self.merged = merged
      self.ours = ours
      self.theirs = theirs
      self.base = base
    }
  }

  private let stage: any TestStaging
  private let commands: [String]
  private let journal: any StepKeeping

  /// How often what is red is run in all.
  private static let attempts = 3

  /// - Parameters:
  ///   - stage: Where the tests are run.
  ///   - commands: What it runs, as it is written; for the report.
  ///   - journal: Where each execution is written down.
  package init(stage: any TestStaging, commands: [String], journal: any StepKeeping = NoSteps()) {
    self.stage = stage
    self.commands = commands
    self.journal = journal
  }

  /// Runs the tests and compares.
  ///
  /// - Throws: what the journal throws; whatever keeps the tests from running is a verdict.
  package func run(_ trees: Trees) async throws -> MergeConfirmation {
    do {
      return try await compare(trees)
    } catch let failure as StageFailure {
      return MergeConfirmation(verdict: .infrastructure, reason: failure.description, commands: commands)
    }
  }

  private func compare(_ trees: Trees) async throws -> MergeConfirmation {
    let merged = try await execute(trees.merged, 1)
    let ours = try await execute(trees.ours, 1)
    let theirs = try await execute(trees.theirs, 1)
    var comparison = MergeComparison(merged: merged.standing, ours: ours.standing, theirs: theirs.standing)
    if comparison.needsBase, let base = trees.base { comparison.base = try await execute(base, 1).standing }
    for attempt in 2...Self.attempts where !comparison.suspects.isEmpty {
      comparison.repeatedMerged.append(try await execute(trees.merged, attempt).standing)
    }
    if !comparison.unsteady.isEmpty {
      // Red now and then: it is the merge's doing only if it never is so in a parent.
      for attempt in 2...Self.attempts {
        comparison.repeatedParents.append(try await execute(trees.ours, attempt).standing)
        comparison.repeatedParents.append(try await execute(trees.theirs, attempt).standing)
      }
    }
    var confirmation = comparison.confirmation(details: merged.details)
    confirmation.commands = commands
    confirmation.notes += merged.notes
    if !merged.changedTracked.isEmpty {
      let names = merged.changedTracked.prefix(3).map(\.display).joined(separator: ", ")
      confirmation.notes.append("The commands themselves changed tracked files: \(names).")
    }
    return confirmation
  }

  private func execute(_ tree: ObjectID, _ attempt: Int) async throws -> Run {
    let step = "tests \(tree.hex) \(attempt)"
    if let known = try await journal.recall(step, as: Run.self) { return known }
    let execution = try await stage.run(tree)
    let run = Run(
      standing: execution.standing, details: Self.details(of: execution), changedTracked: execution.changedTracked,
      notes: execution.notes)
    try await journal.record(step, run)
    return run
  }

  /// For each thing that is red the lines that a person or a model reads first.
  private static func details(of execution: TestExecution) -> [String: [String]] {
    var details: [String: [String]] = [:]
    for (number, report) in execution.reports.enumerated() {
      for test in report.red.prefix(200) {
        details[test.identity.description] = lines(test.message, most: 30)
      }
      for build in report.builds {
        details[RedItem.build(build.unit).description] = build.diagnostics.prefix(20).map { diagnostic in
          "\(DisplayText.line(diagnostic.path[...])):\(diagnostic.line): \(DisplayText.line(diagnostic.message[...]))"
        }
      }
      guard execution.commands.indices.contains(number) else { continue }
      let command = execution.commands[number]
      let errors = report.errorLines.prefix(20).map { DisplayText.line($0[...]) }
      let log = errors.isEmpty ? lines(Array(command.log.suffix(2_000)), most: 20) : Array(errors)
      details[RedItem.command(number).description] = ["'\(command.command)' \(command.ending.words)"] + log
    }
    return details
  }

  private static func lines(_ bytes: [UInt8], most: Int) -> [String] {
    let lines = DisplayLines.of(bytes).filter { !$0.isEmpty }
    return lines.count <= most ? lines : lines.prefix(most - 1) + ["… and \(lines.count - most + 1) more lines"]
  }
}

extension CommandExecution.Ending {
  fileprivate var words: String {
    switch self {
    case .exited(let status): "ended with \(status)"
    case .signalled(let signal): "was ended by signal \(signal)"
    case .timedOut: "did not end in its time"
    }
  }
}

/// What the executions on a merge and on its parents say together: a function of values.
struct MergeComparison: Sendable {
  var merged: TestStanding
  var ours: TestStanding
  var theirs: TestStanding
  /// The common ancestor's, where it was needed.
  var base: TestStanding?
  var repeatedMerged: [TestStanding] = []
  /// Both parents', in any order.
  var repeatedParents: [TestStanding] = []

  init(merged: TestStanding, ours: TestStanding, theirs: TestStanding) {
    self.merged = merged
    self.ours = ours
    self.theirs = theirs
  }

  /// What is red in the merge and in neither parent, on the first execution.
  var suspects: Set<RedItem> { merged.red.subtracting(ours.red).subtracting(theirs.red) }

  /// Those of them that were not red each time.
  var unsteady: Set<RedItem> { suspects.filter { item in repeatedMerged.contains { !$0.red.contains(item) } } }

  /// Tests that a parent has and the merge has not.
  private var absent: Set<TestIdentity> { ours.named.union(theirs.named).subtracting(merged.named) }

  private var hasFewer: Bool { merged.executed < max(ours.executed, theirs.executed) }

  /// Whether only the ancestor can tell if a side took away what is missing.
  var needsBase: Bool { !absent.isEmpty || hasFewer }

  /// Whether a parent fails in a way that hides what the merge does: it could not be built, or all that is known of it
  /// is that a command failed.
  private var hidden: RedItem? {
    merged.red.sorted().first { item in
      !item.isTest && (ours.red.contains(item) || theirs.red.contains(item))
    }
  }

  func confirmation(details: [String: [String]]) -> MergeConfirmation {
    let failures = failures(details)
    let known = RedItem.causes(of: merged.red.intersection(ours.red.union(theirs.red))).map(\.description).sorted()
    let blamed = Set(failures.map(\.name))
    let flaky = unsteady.map(\.description).filter { !blamed.contains($0) }.sorted()
    var confirmation = MergeConfirmation(
      verdict: .verified, reason: "", failures: failures, known: known, flaky: flaky, executed: merged.executed)
    if !failures.isEmpty {
      confirmation.verdict = .failed
      confirmation.reason =
        "\(failures.count) \(failures.count == 1 ? "thing is" : "things are") wrong in the merge that "
        + "\(failures.count == 1 ? "is" : "are") right in its parents, beginning with \(failures[0].name)."
    } else if let hidden {
      confirmation.verdict = .inconclusive
      confirmation.reason = "\(hidden) fails in a parent already, so the tests say nothing of the merge."
    } else if merged.executed == 0, merged.trust > .status {
      confirmation.verdict = .inconclusive
      confirmation.reason = "the commands succeed, and no test ran."
    } else {
      confirmation.reason = passed(known: merged.red.intersection(ours.red.union(theirs.red)))
    }
    for item in merged.red.sorted() where ours.red.contains(item) != theirs.red.contains(item) {
      let place = ours.red.contains(item) ? "the branch" : "the base"
      confirmation.notes.append("\(item) fails as it does in \(place), and not in the other parent.")
    }
    return confirmation
  }

  private func passed(known items: Set<RedItem>) -> String {
    let known = RedItem.causes(of: items).count
    // What fails in one parent passes in the other, or is not there.
    let (both, one) = (
      RedItem.causes(of: items.filter { ours.red.contains($0) && theirs.red.contains($0) }).count,
      RedItem.causes(of: items.filter { ours.red.contains($0) != theirs.red.contains($0) }).count
    )
    let parts = [
      both == 0 ? nil : "\(both) \(both == 1 ? "fails" : "fail") in both parents too",
      one == 0 ? nil : "\(one) \(one == 1 ? "fails" : "fail") as in one of the parents",
    ].compactMap { $0 }
    let still = parts.isEmpty ? "" : "; \(parts.joined(separator: " and "))"
    if merged.trust == .status || merged.executed == 0 {
      return known == 0 ? "The commands succeed on the merged tree." : "Nothing new fails on the merged tree\(still)."
    }
    let tests = "\(merged.executed) \(merged.executed == 1 ? "test" : "tests")"
    return
      "\(tests) ran on the merged tree, and none fails that \(one == 0 ? "passes in a parent" : "fails in neither parent")\(still)."
  }

  private func failures(_ details: [String: [String]]) -> [MergeConfirmation.Failure] {
    var failures: [MergeConfirmation.Failure] = []
    for item in RedItem.causes(of: suspects).sorted() {
      let name = item.description
      if !unsteady.contains(item) {
        failures.append(.init(kind: .red, name: name, detail: details[name] ?? []))
      } else if !repeatedParents.contains(where: { $0.red.contains(item) }) {
        failures.append(.init(kind: .flaky, name: name, detail: details[name] ?? []))
      }
    }
    // Where nothing could be built no test ran, which the build's failure says.
    let isBuilt = !merged.red.contains { if case .build = $0 { true } else { false } }
    guard isBuilt else { return failures }
    for test in absent.sorted() where !isDeleted(test) {
      failures.append(.init(kind: .missing, name: test.description))
    }
    for test in merged.skipped.union(merged.knownToFail).sorted() where isWeakened(test) {
      failures.append(.init(kind: .skipped, name: test.description))
    }
    if merged.unnamedPassed > 0 || ours.unnamedPassed > 0 || theirs.unnamedPassed > 0, hasFewer {
      let wanted = base.map { ours.executed + theirs.executed - $0.executed } ?? max(ours.executed, theirs.executed)
      if merged.executed < min(wanted, max(ours.executed, theirs.executed)) {
        failures.append(
          .init(kind: .fewer, name: "\(merged.executed) tests ran", detail: ["At least \(wanted) were to run."]))
      }
    }
    return failures
  }

  /// Whether a side took the test away: the ancestor has it, and one of the two has not.
  private func isDeleted(_ test: TestIdentity) -> Bool {
    guard let base, base.names(test) else { return false }
    return !(ours.names(test) && theirs.names(test))
  }

  /// Whether a test that passes in a parent is skipped or known to fail though no parent has it so.
  private func isWeakened(_ test: TestIdentity) -> Bool {
    let parents = [ours, theirs]
    return parents.contains { $0.green.contains(test) }
      && !parents.contains { $0.skipped.contains(test) || $0.knownToFail.contains(test) }
  }
}
