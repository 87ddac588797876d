package import Base
package import Git
internal import Journal
internal import TestResults
internal import Verify
package import Work

/// A repair that waits, because no model could be asked to the end: given again with the same steps, it goes on.
package struct RepairWaits: Error, CustomStringConvertible {
  /// What was found without the model; its verdict says nothing of a repair.
  package let found: FixOutcome
  package let cause: ModelOutOfReach

  package var description: String { cause.description }
}

/// Takes a branch whose tests fail to its outcome: what fails, what causes it, a repair where a model is asked, and
/// whether the repair is one.
///
/// Whatever is executed is kept as a step, so a run that is taken up again executes nothing twice and asks no model
/// twice. Nothing is written but objects of the workspace's repository.
package struct FixJob: Sendable {
  let order: FixOrder
  let repository: RepositoryActor<PrivateRepository>
  let ground: any FixGround
  let steps: any StepKeeping
  let model: (any ModelTaskPerforming)?
  let log: @Sendable (String) -> Void
  let progress: @Sendable (String?) -> Void
  /// Reads which tests the branch takes away by name; until it is set, only whole files are told.
  package var testsTakenAway: TestsTakenAwayReading = { _, _, _, _ in [] }
  /// When the time is over, by a clock that nobody sets.
  let deadline: Timestamp
  let clock: WallClock

  /// - Parameters:
  ///   - order: What is asked for.
  ///   - repository: The private repository of the run's workspace, which sees the branch's objects.
  ///   - ground: Where tests are run.
  ///   - steps: What was done already, and where it is kept.
  ///   - model: What asks models; `nil` for none.
  ///   - clock: A steady clock.
  ///   - log: Takes one line on what is going on.
  ///   - progress: Takes what is being waited for, for whoever watches; `nil` where it is over.
  package init(
    _ order: FixOrder, in repository: RepositoryActor<PrivateRepository>, on ground: any FixGround,
    steps: any StepKeeping, model: (any ModelTaskPerforming)?, clock: WallClock,
    log: @escaping @Sendable (String) -> Void, progress: @escaping @Sendable (String?) -> Void = { _ in }
  ) {
    self.order = order
    self.repository = repository
    self.ground = ground
    self.steps = steps
    self.model = order.models.isEmpty ? nil : model
    self.clock = clock
    self.log = log
    self.progress = progress
    deadline = Timestamp(milliseconds: clock.now().milliseconds + Int64(order.seconds) * 1000)
  }

  /// Carries the repair to its outcome.
  ///
  /// - Throws: What keeps the work from being done at all and may not the next time: ``RepairWaits``, ``GitError``, a
  ///   journal that cannot be written, `CancellationError`. That tests cannot be run is an outcome.
  package func run() async throws -> FixOutcome {
    let stage = lazyStage(parallel: order.policy.parallel)
    do {
      let outcome = try await outcome(on: stage)
      await stage.close()
      return outcome
    } catch let failure as StageFailure {
      await stage.close()
      await keepLog(of: failure, as: "setup")
      var outcome = FixOutcome(verdict: .infrastructure, reason: Self.sentence(failure.description))
      if failure.kind == .setup, let note = try await setupAtBase() { outcome.notes.append(note) }
      return outcome
    } catch {
      await stage.close()
      throw error
    }
  }

  /// Whether setup comes through at the base, where it does not at the head; `nil` where that is not asked.
  private func setupAtBase() async throws -> String? {
    guard order.head != order.mergeBase, !isTimeSpent,
      try await steps.recall("tests head 1", as: WitnessedRun.self) == nil
    else { return nil }
    do {
      return try await steps.once("setup at the base") {
        do {
          let stage = try await ground.stage(of: order.mergeBase, parallel: 1)
          await stage.close()
          return "setup comes through at \(order.base), so it fails by what the branch changes"
        } catch let failure as StageFailure where failure.kind == .setup && !failure.isOfNetwork {
          await keepLog(of: failure, as: "base setup")
          return "setup fails at \(order.base) too: \(failure.description)"
        }
      }
    } catch is StageFailure {
      // The machine or the network failed, which says nothing of the base.
      return nil
    }
  }

  private func outcome(on stage: LazyStage) async throws -> FixOutcome {
    let scene = try await FixScene(order, repository, readingTestsBy: testsTakenAway)
    let witness = try await witness(scene, on: stage)
    var outcome = summary(of: witness, scene)
    guard !outcome.red.isEmpty else { return outcome }
    let wanted = asked(witness.wanted(includingBase: order.policy.includesBase))
    guard !wanted.isEmpty else {
      let isNamed = asked(witness.steadyRed).allSatisfy(\.isTest)
      // A command that fails everywhere may be one that cannot run at all; to have it repaired would be dear.
      outcome.reason =
        "Everything that fails at the head fails at \(order.base) too"
        + (isNamed
          ? "; \(order.policy.isByHand ? "'--also-base' or " : "")'fix: {atBase: repair}' has it repaired all the same."
          : ": see first whether the command can run here at all.")
      if !isNamed {
        outcome.notes.append(
          "no test was recognised in what fails, so it may fail for one reason at the head and for another at "
            + "\(order.base), or because the command is wrong: the logs of both say which")
      }
      return outcome
    }
    let report = try await culprit(of: wanted, witness, scene, on: stage)
    outcome.culprit = report.map { CulpritWords(scene).note(of: $0) }
    outcome.testRuns += report?.runs ?? 0
    try await repair(&outcome, wanted, witness, report, scene)
    return outcome
  }

  /// Those of the items that are to be repaired.
  private func asked(_ items: Set<RedItem>) -> Set<RedItem> {
    guard let only = order.policy.only else { return items }
    // A file that cannot be loaded goes by the name of its build.
    return items.filter { item in
      only.contains(item.description) || item.unit.map { only.contains(RedItem.build($0).description) } ?? false
    }
  }

  /// A workspace with the head in it that nothing has run in, made when it is needed.
  ///
  /// - Parameter parallel: How many trees may be tested in it at once.
  /// - Returns: The workspace, not made yet.
  func lazyStage(parallel: Int = 1) -> LazyStage {
    let (ground, head) = (ground, order.head)
    return LazyStage { try await ground.stage(of: head, parallel: max(1, parallel)) }
  }

  /// What is known before anything is repaired.
  private func summary(of witness: Witness, _ scene: FixScene) -> FixOutcome {
    let steady = asked(witness.steadyRed)
    var outcome = FixOutcome(verdict: .notFixed, reason: "")
    outcome.testRuns = witness.runs.count + (witness.base == nil ? 0 : 1)
    outcome.base = order.base
    outcome.red = witness.details(of: steady).map { test in
      var test = test
      if test.isAtBase == true, !order.policy.includesBase { test.isLeft = true }
      return test
    }
    outcome.flaky = RedItem.causes(of: witness.flaky.sorted()).map(\.description)
    outcome.notes = witness.runs.first?.notes ?? []
    outcome.signature = signature(of: steady)
    outcome.notes += scene.notes
    if let note = scene.deletedTests.note(witness, base: order.base) { outcome.notes.append(note) }
    guard let first = witness.runs.first else { return outcome }
    // A status alone says nothing of why; what is otherwise in a cell is the first thing to think of.
    let isSilent = first.standing.executed == 0 && (witness.base?.standing.executed ?? 0) == 0
    if !steady.isEmpty, isSilent, first.notes.isEmpty, !first.timedOut {
      outcome.notes.append(
        "no test was recognised in what was printed, so the exit status alone counts; in a cell a command runs as an "
          + "ordinary user, without network and with an environment of its own")
    }
    if let changed = first.changedInWords { outcome.notes.append("the commands change tracked files: \(changed)") }
    if steady.isEmpty, witness.flaky.isEmpty {
      outcome.verdict = .nothingToFix
      outcome.reason =
        first.standing.executed > 0
        ? "Nothing fails at \(order.head.short): \(first.standing.executed.tests) passed."
        : "Nothing fails at \(order.head.short), but no test was seen to run."
      outcome.notes += first.standing.doubts
    } else if steady.isEmpty {
      outcome.verdict = .flaky
      outcome.reason =
        "What fails at \(order.head.short) does not fail each time: \(Self.list(outcome.flaky)). Nothing was repaired."
    } else {
      let count = outcome.red.count
      outcome.reason = "\(count.items) \(count == 1 ? "fails" : "fail") at \(order.head.short)."
    }
    return outcome
  }

  /// Stands for what failed: the same for the same red items of the same branch.
  private func signature(of red: Set<RedItem>) -> String {
    guard !red.isEmpty else { return "" }
    let names = red.sorted().map { Array($0.description.utf8) }
    return String(Digest(of: [Array("arborist failure 1".utf8), order.branch.bytes] + names).hex.prefix(16))
  }

  static func sentence(_ text: String) -> String {
    // The name of a file or a branch stays as it is.
    let isWord = text.prefix { $0 != " " }.allSatisfy { $0.isLetter || ",;:'-’".contains($0) }
    let first = isWord ? text.prefix(1).uppercased() + text.dropFirst() : text
    return first.hasSuffix(".") ? first : first + "."
  }

  /// The first names, and how many more there are.
  static func list(_ names: [String], of most: Int = 3) -> String {
    let shown = names.prefix(most).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > most ? "\(shown) and \(names.count - most) more" : shown
  }

  var isTimeSpent: Bool { clock.now() >= deadline }
}

extension Int {
  var items: String { self == 1 ? "1 thing" : "\(self) things" }
  var tests: String { self == 1 ? "1 test" : "\(self) tests" }
}
