internal import Base
internal import Fix
internal import Git
internal import Resolve
internal import Verify
internal import Work

/// Has a merge repaired that could be made and whose tests fail: a commit on top of the merge, which is judged as any
/// repair is and then run beside both parents again.
struct MergeRepair: Sendable {
  /// What a repair is asked for; its head and what it is to repair are the merge's.
  let order: FixOrder
  let repository: RepositoryActor<PrivateRepository>
  let ground: any FixGround
  /// Where the repaired merge and its parents are tested.
  let stage: any TestStaging
  let steps: any StepKeeping
  let model: any ModelTaskPerforming
  let clock: WallClock
  let log: @Sendable (String) -> Void
  var progress: @Sendable (String?) -> Void = { _ in }

  /// What the names of its steps begin with, so that they are none of the merge's.
  static let prefix = "repair "

  /// The outcome of the merge with what came of repairing it; as it is where there is nothing to repair.
  ///
  /// - Throws: As ``FixJob/run()`` does.
  func outcome(of end: MergeEnd) async throws -> ResolveOutcome {
    guard let broken = end.broken else { return end.outcome }
    let red = Set(broken.confirmation.failures.filter { $0.kind == .red }.map(\.name))
    var left = end.outcome
    guard !red.isEmpty else {
      left.reason += " No model was asked to repair it: nothing fails each time."
      return left
    }
    var order = order
    order.head = try await repository.perform { try broken.commit(in: $0) }
    order.policy.includesBase = false
    order.policy.only = red
    order.policy.offersRevert = false
    // Each side is green alone, so no change of the branch is to blame without what the base did.
    order.policy.culpritRuns = 0
    order.merge = FixOrder.BrokenParents(
      branchTip: broken.parents.branch, baseTip: broken.parents.base, parted: broken.trees.base,
      renames: broken.renamesInWords, said: broken.outcome.said?.last?.lines ?? [])
    log("the merge \(order.head.short) is broken; it is handed to the repair")
    let fix = try await FixJob(
      order, in: repository, on: ground, steps: PrefixedSteps(steps, Self.prefix), model: model, clock: clock, log: log,
      progress: progress
    ).run()
    left.repair = fix
    guard [.fixed, .fixedWithTestChange].contains(fix.verdict), fix.offer == .repair, let commit = fix.commit else {
      left.reason += " The repair did not come through: \(fix.reason)"
      return left
    }
    let confirmation = try await confirmation(of: commit, broken)
    guard confirmation.verdict == .verified else {
      left.reason += " A repair was made and is not taken: \(confirmation.reason)"
      left.repair?.commit = nil
      return left
    }
    var outcome = Self.repaired(broken, fix, commit, confirmation)
    let known = outcome.renames
    outcome.renames = try await repository.perform { repository throws(GitError) in
      try RenameReach.left(of: known, in: try repository.tree(of: commit), repository)
    }
    return outcome
  }

  /// The tests of the repaired merge beside both parents, of which only the first are run anew.
  private func confirmation(of commit: ObjectID, _ broken: BrokenMerge) async throws -> MergeConfirmation {
    var trees = broken.trees
    trees.merged = try await repository.perform { repository throws(GitError) in try repository.tree(of: commit) }
    return try await MergeVerification(stage: stage, commands: order.commands.test, journal: steps)
      .run(trees)
  }

  private static func repaired(
    _ broken: BrokenMerge, _ fix: FixOutcome, _ commit: ObjectID, _ confirmation: MergeConfirmation
  ) -> ResolveOutcome {
    var outcome = broken.outcome
    let maker = fix.attempts.last { $0.verdict == fix.verdict }
    let how =
      outcome.files.isEmpty
      ? "git merges the two without a conflict" : "\(ConflictCount.resolved(in: outcome.files)) resolved"
    outcome.verdict = .resolved
    outcome.reason =
      "\(how), and the merge was broken: \(broken.confirmation.reason) \(maker?.model ?? "A model") repaired that in a "
      + "commit on top of the merge. \(confirmation.reason)"
    outcome.commit = commit
    outcome.confirmation = confirmation
    outcome.repair = fix
    outcome.models = (outcome.models ?? []) + fix.attempts.map(\.model).filter { !(outcome.models ?? []).contains($0) }
    outcome.modelRuns = (outcome.modelRuns ?? []) + fix.attempts.map(\.run)
    if fix.verdict == .fixedWithTestChange {
      outcome.concerns =
        (outcome.concerns ?? []) + ["the repair changes what tells whether tests pass: a person decides"]
    }
    outcome.reach = (outcome.concerns ?? []).isEmpty ? .branch : .beside
    return outcome
  }
}

/// The steps of a part of a run, under names of their own.
struct PrefixedSteps: StepKeeping {
  private let steps: any StepKeeping
  private let prefix: String

  init(_ steps: any StepKeeping, _ prefix: String) {
    self.steps = steps
    self.prefix = prefix
  }

  func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value? {
    try await steps.recall(prefix + step, as: type)
  }

  func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws {
    try await steps.record(prefix + step, value)
  }

  func note(_ line: String) async throws { try await steps.note(line) }

  func names() async throws -> [String] {
    try await steps.names().filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }
}
