internal import Base
internal import Git
internal import TestResults
internal import Verify
internal import Work

extension FixJob {
  /// Lets models try as often as the policy says, and offers what came through, or else what can be offered without one.
  func repair(
    _ outcome: inout FixOutcome, _ wanted: Set<RedItem>, _ witness: Witness, _ report: CulpritReport?,
    _ scene: FixScene
  ) async throws {
    guard let model else {
      outcome.notes.append(
        "no model was asked to repair it: "
          + (order.policy.refusesModels
            ? "none was to be asked (--no-model)" : order.policy.unasked ?? "none is configured"))
      return try await offerRevert(&outcome, witness, report, scene)
    }
    let judge = FixJudge(order: order, scene: scene, witness: witness, wanted: wanted, repository: repository)
    var number = 1
    var best: Attempted?
    var tried: [Attempted] = []
    while number <= order.policy.attempts {
      guard try await !isOver(before: number) else {
        outcome.notes.append("the time was over before every attempt was made")
        break
      }
      let side = min(max(1, order.policy.parallel), order.policy.attempts - number + 1)
      let brief = try await FixBrief(order: order, scene: scene, witness: witness, repository: repository)
        .text(outcome, after: tried)
      let batch: [Attempted]
      do {
        batch = try await attempt(number..<(number + side), brief, model, judge)
      } catch let cause as ModelOutOfReach {
        if let best, best.record.verdict == .fixedWithTestChange { break }
        // What was found without it is told; the rest waits for whoever takes the run up.
        throw RepairWaits(found: found(outcome, report, cause), cause: cause)
      }
      number += side
      for attempted in batch {
        outcome.attempts.append(attempted.record)
        tried.append(attempted)
        outcome.testRuns += attempted.testRuns
        outcome.cost = outcome.cost.flatMap { sum in attempted.record.cost.map { sum + $0 } }
        if attempted.isBetter(than: best) { best = attempted }
      }
      if best?.record.verdict == .fixed { break }
      // Who changed nothing and says why would say it again.
      if Set(order.models).count == 1, batch.allSatisfy({ $0.isGivenUp }) { break }
      // Whoever cannot be reached now will not be in a minute; what was paid for is not paid again.
      if batch.allSatisfy({ $0.record.ending.nature == .surroundings }) { break }
    }
    try await conclude(&outcome, best, witness, report, scene)
  }

  /// What is known although no model could be asked.
  private func found(_ outcome: FixOutcome, _ report: CulpritReport?, _ cause: ModelOutOfReach) -> FixOutcome {
    var found = outcome
    (found.verdict, found.reason) = (.infrastructure, Self.sentence(cause.description))
    if order.policy.offersRevert, let report, !report.culprits.isEmpty, report.unexplained.isEmpty {
      found.notes.append("what causes it may be taken back without a model: 'arborist fix --no-model' offers that")
    }
    return found
  }

  private func conclude(
    _ outcome: inout FixOutcome, _ best: Attempted?, _ witness: Witness, _ report: CulpritReport?, _ scene: FixScene
  ) async throws {
    guard let best else { return try await offerRevert(&outcome, witness, report, scene) }
    outcome.verdict = best.record.verdict
    let reasons = best.record.verdict == .fixed ? [] : best.record.reasons
    // What was left is told by itself.
    let left = Set(outcome.left.map { "'\($0.name)' was red before and was not to be repaired" })
    outcome.notes = reasons + best.flags.filter { !left.contains($0) } + outcome.notes
    switch best.record.verdict {
    case .fixed, .fixedWithTestChange:
      outcome.onlySealed = best.onlySealed
      outcome.reason = reason(for: best, outcome, green: witness.steadyGreen.count)
      outcome.sealedChange = best.sealedChange
      outcome.commit = try await FixCommit(order: order, repository: repository).repair(
        outcome, best.record, tree: best.tree, green: witness.steadyGreen.count, rounds: best.rounds)
      outcome.offer = .repair
    default:
      outcome.reason = reason(for: best, outcome, green: witness.steadyGreen.count)
      if best.isGivenUp { outcome.notes.removeAll { $0 == best.record.reasons.first } }
      // Whoever comes last must not hide it.
      if best.record.verdict != .tampered {
        let deceits = outcome.attempts.filter { $0.verdict == .tampered }
        outcome.notes.insert(
          contentsOf: deceits.map { "an attempt before deceived the tests: \($0.reasons.first ?? "")" }, at: 0)
      }
      try await offerRevert(&outcome, witness, report, scene)
    }
  }

  /// What came of it, in one sentence: what the better of several attempts came to.
  private func reason(for best: Attempted, _ outcome: FixOutcome, green: Int) -> String {
    let wanted = outcome.wanted.count
    let left = outcome.left.count
    let rest =
      left == 0
      ? ""
      : "; \(left.items) \(left == 1 ? "fails" : "fail") at \(order.base) too and \(left == 1 ? "was" : "were") left"
    switch best.record.verdict {
    case .fixed:
      return
        "\(wanted.items) that failed \(wanted == 1 ? "is" : "are") green in \(best.rounds) of \(best.rounds) runs, "
        + (green == 0
          ? "and nothing else is worse" : "and \(green.tests) that passed still \(green == 1 ? "passes" : "pass")")
        + rest + "."
    case .fixedWithTestChange:
      if let paths = best.onlySealed {
        return "Nothing but \(FixWords.sealed(paths)) was changed, by which it is green\(rest): a person decides."
      }
      return best.sealedChange.isEmpty
        ? "It is green, and a person decides whether it is a repair\(rest)."
        : "It is green only together with a change to what tells so: a person decides\(rest)."
    case .notFixed where best.isGivenUp:
      let why = FixWords.firstWords(of: best.record.summary)
      return Self.sentence((best.record.reasons.first ?? "") + (why.isEmpty ? "" : " and says: \(why)"))
    case .notFixed where !(best.stillRed ?? []).isEmpty:
      let red = best.stillRed?.count ?? 0
      let tries = outcome.attempts.count
      let after =
        tries == 1
        ? "the attempt"
        : wanted == 1 ? "\(tries) attempts" : "the \(tries == 2 ? "better" : "best") of \(tries) attempts"
      let what = wanted == 1 ? "'\(outcome.wanted[0].name)' is" : "\(red) of \(wanted) \(red == 1 ? "is" : "are")"
      return "\(what) still red after \(after)\(rest)."
    default: return Self.sentence(best.record.reasons.first ?? "no attempt came through")
    }
  }

  /// Offers the culprit's lines taken back, where that costs nothing that was green.
  private func offerRevert(
    _ outcome: inout FixOutcome, _ witness: Witness, _ report: CulpritReport?, _ scene: FixScene
  ) async throws {
    guard order.policy.offersRevert, let report, !report.culprits.isEmpty, report.unexplained.isEmpty else { return }
    let revert = report.culprits.count == 1 ? report.culprits[0].offered : report.together
    guard let revert, revert.keepsGreen, let note = outcome.culprit else { return }
    outcome.commit = try await FixCommit(order: order, repository: repository).partialRevert(
      outcome, note, tree: revert.tree, green: witness.steadyGreen.count)
    outcome.offer = .partialRevert
    outcome.notes.append(
      "what causes it can be taken back: that is offered on a branch beside, tested once, and is no repair")
  }

  // MARK: Attempts

  /// Whether the time is over; once it was, it is so for whoever takes the run up, who has more of it.
  private func isOver(before number: Int) async throws -> Bool {
    let step = "over before attempt \(number)"
    if try await steps.recall(step, as: Bool.self) == true { return true }
    // An attempt that was begun is brought to its end.
    if try await steps.recall("batch \(number)", as: [Int].self) != nil { return false }
    guard isTimeSpent else { return false }
    try await steps.record(step, true)
    return true
  }

  /// Attempts side by side; where one comes through, the others are given up.
  private func attempt(
    _ numbers: Range<Int>, _ brief: String, _ model: any ModelTaskPerforming, _ judge: FixJudge
  ) async throws -> [Attempted] {
    let step = "batch \(numbers.lowerBound)"
    // Which of them came first is nothing that comes out the same the next time.
    let known = try await steps.recall(step, as: [Int].self)
    let tasks = (known ?? Array(numbers)).map { ($0, task($0, brief, share: numbers.count)) }
    // What they make goes through here: a group hands on large values wrongly in optimised builds of Swift 6.2.
    let done = Lock<[Attempted]>([])
    var unreached: ModelOutOfReach?
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for (number, task) in tasks {
        group.addTask {
          let attempted = try await one(task, number, model, judge)
          done.withLock { $0.append(attempted) }
          return attempted.record.verdict == .fixed
        }
      }
      var isWon = false
      while true {
        do {
          guard let isFixed = try await group.next() else { break }
          if isFixed, known == nil, !isWon {
            isWon = true
            group.cancelAll()
          }
        } catch  where isWon {
          // It was given up in favour of the one that came through, wherever that found it.
        } catch let cause as ModelOutOfReach {
          // One beside it may come through all the same.
          unreached = cause
        }
      }
    }
    let attempts = done.withLock { $0 }.sorted { $0.number < $1.number }
    if let unreached, !attempts.contains(where: { $0.record.verdict == .fixed }) { throw unreached }
    if known == nil { try await steps.record(step, attempts.map(\.number)) }
    return attempts
  }

  private func task(_ number: Int, _ brief: String, share: Int) -> ModelTask {
    ModelTask(
      name: "attempt \(number)", commit: order.head, text: brief,
      model: order.models[(number - 1) % order.models.count], setup: order.commands.setup, share: share)
  }

  private func one(
    _ task: ModelTask, _ number: Int, _ model: any ModelTaskPerforming, _ judge: FixJudge
  ) async throws -> Attempted {
    let work = try await model.perform(task)
    try Task.checkCancellation()
    let judged = try await judged(work, number, judge)
    let outcome = work.outcome
    log("attempt \(number): \(judged.verdict.outcome.rawValue): \(judged.verdict.reasons.first ?? "")")
    var reasons = judged.verdict.reasons
    if outcome.ending != .completed { reasons.append("the model's work ended early: \(outcome.reason)") }
    reasons += work.leftOut.map { "'\($0.display)' was changed and is too large or too odd to be taken" }
    let outputs = Set(judged.outputs ?? [])
    let whole = try await judge.taken(work, without: outputs)
    let tree = judged.leavesOut == true ? try await judge.unsealed(work, without: outputs) : whole
    let patch = try await repository.perform { [head = judge.scene.headTree] in try $0.patch(from: head, to: whole) }
    var record = FixAttempt(
      run: work.run, model: work.model, ending: outcome.ending, verdict: FixOutcome.Verdict(judged.verdict.outcome),
      reasons: reasons, summary: FixWords.summary(outcome.text), steps: outcome.steps, cost: outcome.cost)
    if !patch.isEmpty {
      let name = "attempt-\(number).patch"
      await ground.keep(patch: patch, as: name)
      record.patch = name
    }
    var flags = judged.verdict.flags
    if judged.leavesOut == true, let name = record.patch {
      flags.append("\(name), with the logs, has what is left out")
    }
    return Attempted(
      number: number, record: record, flags: flags, tree: tree, patch: patch,
      sealedChange: judged.sealedChange, testRuns: judged.testRuns,
      rounds: judged.rounds ?? min(3, judged.testRuns),
      isGivenUp: outcome.ending == .completed && patch.isEmpty && judged.testRuns == 0
        && judged.verdict.outcome == .notFixed,
      stillRed: judged.stillRed, newlyRed: judged.newlyRed ?? [], onlySealed: judged.onlySealed)
  }

  private func judged(_ work: ModelWork, _ number: Int, _ judge: FixJudge) async throws -> JudgedPatch {
    try await steps.once("verdict \(number)") {
      // A workspace that no attempt has been in.
      let stage = lazyStage()
      do {
        let judged = try await judge.judge(work, on: stage) { execution, name in
          await keepLogs(of: execution, as: "attempt \(number) \(name)")
        }
        await stage.close()
        return judged
      } catch {
        await stage.close()
        throw error
      }
    }
  }
}

/// One attempt, judged.
struct Attempted: Sendable {
  var number: Int
  var record: FixAttempt
  var flags: [String]
  var tree: ObjectID
  /// What it changed, as a difference.
  var patch: [UInt8]
  var sealedChange: [String]
  var testRuns: Int
  /// In how many runs the verdict saw what it says.
  var rounds: Int
  /// Whether the model ended by itself and left everything as it was.
  var isGivenUp: Bool
  /// What of that which was to be repaired is red with it; `nil` where that is not known.
  var stillRed: [RedTest]?
  /// What is red with it and was not before.
  var newlyRed: [RedTest]
  /// What it changed, where all of it is sealed.
  var onlySealed: [RepositoryPath]?

  /// Of two attempts, the one that is nearer to a repair, by the verdict and then by how much is still red; of two
  /// alike, the later one.
  func isBetter(than other: Attempted?) -> Bool {
    guard let other else { return true }
    let (own, others) = (Self.rank(record.verdict), Self.rank(other.record.verdict))
    return own == others ? (stillRed?.count ?? .max) <= (other.stillRed?.count ?? .max) : own > others
  }

  private static func rank(_ verdict: FixOutcome.Verdict) -> Int {
    switch verdict {
    case .fixed: 7
    case .fixedWithTestChange: 6
    case .flaky: 5
    case .regressed: 4
    case .notFixed, .nothingToFix: 3
    case .infrastructure: 2
    case .tampered: 1
    }
  }
}

extension FixOutcome.Verdict {
  /// The outcome that a verdict on the last attempt means.
  init(_ outcome: Verdict.Outcome) {
    switch outcome {
    case .fixed: self = .fixed
    case .fixedWithTestChange: self = .fixedWithTestChange
    case .notFixed: self = .notFixed
    case .regressed: self = .regressed
    case .flaky: self = .flaky
    case .tampered: self = .tampered
    case .infrastructure: self = .infrastructure
    }
  }
}
