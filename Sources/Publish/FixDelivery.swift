package import Base
package import Policy
package import Work

/// Where the commit of a repair goes: decided from what is known, nothing is written.
package struct FixDelivery: Sendable, Hashable {
  /// The branch that was worked on, and the commit that was its head.
  package var branch: RefName
  package var head: ObjectID
  /// Where the repository wants confirmed commits.
  package var push: RepositoryConfiguration.PushTarget
  /// Whether the branch is checked out where it would be moved, so that it cannot be.
  package var isCheckedOut: Bool
  /// How many commits went out for the same failure before.
  package var earlier: Int
  /// Which of the branches beside this head it may take: the first one that is free.
  package var number: Int

  package init(
    branch: RefName, head: ObjectID, push: RepositoryConfiguration.PushTarget, isCheckedOut: Bool, earlier: Int,
    number: Int = 1
  ) {
    self.branch = branch
    self.head = head
    self.push = push
    self.isCheckedOut = isCheckedOut
    self.earlier = earlier
    self.number = number
  }

  /// The most commits that go out for one failure: what did not last twice is for a person.
  package static let limit = 2

  /// Why a commit is not pushed before which so many went out.
  package static func note(on commit: ObjectID, after earlier: Int) -> String {
    "\(earlier) commits went out for this failure before, so \(commit.short) is not pushed: a person should look"
  }

  /// The plan for what came of a repair.
  ///
  /// - Throws: ``InvalidRefName`` never for a branch; the type cannot say so.
  package func plan(for outcome: FixOutcome) throws(InvalidRefName) -> DeliveryPlan {
    guard let commit = outcome.commit, let offer = outcome.offer else { return DeliveryPlan() }
    guard earlier < Self.limit else {
      var plan = DeliveryPlan(note: Self.note(on: commit, after: earlier))
      plan.isLeft = true
      return plan
    }
    let side = Effect.push(
      branch: try SideBranch.ref(kind: .fix, branch: branch, head: head, number: number), from: .zero, to: commit)
    if offer == .partialRevert { return DeliveryPlan(push: side) }
    guard outcome.verdict == .fixed else {
      return DeliveryPlan(
        push: side, note: "It is on a branch of its own, because a person has to decide on the change to tests.")
    }
    switch push {
    case .side: return DeliveryPlan(push: side)
    case .head where SideBranch.isOwn(branch): return DeliveryPlan(push: side, note: SideBranch.note(on: branch))
    case .head where isCheckedOut:
      return DeliveryPlan(
        push: side, note: "It is on a branch of its own, because \(branch.shortDisplay) is checked out.")
    case .head: return DeliveryPlan(push: .push(branch: branch, from: head, to: commit))
    }
  }
}
