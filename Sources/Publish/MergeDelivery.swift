package import Base
package import Policy
package import Work

/// Where a merge goes: decided from what tests said of it and what the policy says, nothing is written.
package struct MergeDelivery: Sendable, Hashable {
  /// The branch that receives the merge, and the commit that was its head.
  package var branch: RefName
  package var head: ObjectID
  /// Where the repository wants commits that a test has confirmed.
  package var push: RepositoryConfiguration.PushTarget
  /// Where it wants those that no test has.
  package var unverified: RepositoryConfiguration.UnverifiedTarget
  /// Whether the branch is checked out where it would be moved, so that it cannot be.
  package var isCheckedOut: Bool
  /// Which of the branches beside this head it may take: the first one that is free.
  package var number: Int
  /// How many commits went out before for the failure that a repair of the merge mends.
  package var earlier = 0

  package init(
    branch: RefName, head: ObjectID, push: RepositoryConfiguration.PushTarget,
    unverified: RepositoryConfiguration.UnverifiedTarget, isCheckedOut: Bool, number: Int = 1
  ) {
    self.branch = branch
    self.head = head
    self.push = push
    self.unverified = unverified
    self.isCheckedOut = isCheckedOut
    self.number = number
  }

  /// Why a merge may go no further than beside its branch; of several things that a person must look at how many.
  private static func reason(for outcome: ResolveOutcome) -> String {
    let concerns = outcome.concerns ?? []
    let untested = outcome.confirmation?.verdict == .verified ? nil : "no test has confirmed it"
    let open = concerns.count == 1 ? concerns[0] : "\(concerns.count) things are to be looked at first"
    return [untested, concerns.isEmpty ? nil : open].compactMap { $0 }.joined(separator: ", and ")
  }

  /// The plan for what came of a merge.
  ///
  /// - Throws: ``InvalidRefName`` never for a branch; the type cannot say so.
  package func plan(for outcome: ResolveOutcome) throws(InvalidRefName) -> DeliveryPlan {
    guard let commit = outcome.commit else { return DeliveryPlan() }
    if outcome.repair != nil, earlier >= FixDelivery.limit {
      var plan = DeliveryPlan(note: FixDelivery.note(on: commit, after: earlier))
      plan.isLeft = true
      return plan
    }
    let side = Effect.push(
      branch: try SideBranch.ref(kind: .resolve, branch: branch, head: head, number: number), from: .zero, to: commit)
    let own = Effect.push(branch: branch, from: head, to: commit)
    switch outcome.reach {
    case .branch:
      if push == .side { return DeliveryPlan(push: side) }
      if SideBranch.isOwn(branch) { return DeliveryPlan(push: side, note: SideBranch.note(on: branch)) }
      if isCheckedOut {
        return DeliveryPlan(
          push: side, note: "It is on a branch of its own, because \(branch.shortDisplay) is checked out.")
      }
      return DeliveryPlan(push: own)
    case .beside:
      // What a model made and no test confirmed, or what leaves an edit out, goes no further, whatever the policy says of
      // other merges.
      if unverified == .report {
        return DeliveryPlan(note: "'unverified: report' keeps the merge from being written anywhere.")
      }
      return DeliveryPlan(
        push: side,
        note: "It is on a branch of its own: \(Self.reason(for: outcome)).")
    case nil:
      switch unverified {
      case .report: return DeliveryPlan(note: "'unverified: report' keeps the merge from being written anywhere.")
      case .head where SideBranch.isOwn(branch): return DeliveryPlan(push: side, note: SideBranch.note(on: branch))
      case .head where isCheckedOut:
        return DeliveryPlan(
          push: side, note: "It is on a branch of its own, because \(branch.shortDisplay) is checked out.")
      case .head: return DeliveryPlan(push: own)
      case .side:
        return DeliveryPlan(
          push: side, note: "It is on a branch of its own because no test has confirmed it ('unverified: side').")
      }
    }
  }
}
