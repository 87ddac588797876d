import Base
import Policy
import Publish
import Testing
import Work

@Suite("Where a commit goes")
struct DeliveryPlanTests {
  private let head = ComposerTests.head
  private let commit = ComposerTests.merge

  private func branch(_ name: String = "topic") throws -> RefName { try RefName("refs/heads/\(name)") }

  private func repair(_ verdict: FixOutcome.Verdict, _ offer: FixOutcome.Offer? = .repair) -> FixOutcome {
    var outcome = FixOutcome(verdict: verdict, reason: "")
    (outcome.commit, outcome.offer) = (offer == nil ? nil : commit, offer)
    return outcome
  }

  private func fix(
    _ outcome: FixOutcome, push: RepositoryConfiguration.PushTarget = .head, isCheckedOut: Bool = false,
    earlier: Int = 0
  ) throws -> DeliveryPlan {
    try FixDelivery(branch: branch(), head: head, push: push, isCheckedOut: isCheckedOut, earlier: earlier)
      .plan(for: outcome)
  }

  private func own() throws -> Effect { .push(branch: try branch(), from: head, to: commit) }

  private func side(_ kind: String) throws -> Effect {
    .push(branch: try branch("arborist/\(kind)/topic-11111111"), from: .zero, to: commit)
  }

  /// What is to be written, with nothing to say about it.
  private func quiet(_ plan: DeliveryPlan) -> Effect? {
    #expect(plan.note == nil)
    return plan.push
  }

  // MARK: Repairs

  @Test("A repair goes to the branch, and beside it where that is asked for or cannot be helped")
  func repairs() throws {
    #expect(try quiet(fix(repair(.fixed))) == own())
    #expect(try quiet(fix(repair(.fixed), push: .side)) == side("fix"))
    let checkedOut = try fix(repair(.fixed), isCheckedOut: true)
    #expect(try checkedOut.push == side("fix") && checkedOut.note?.contains("topic is checked out") == true)
  }

  @Test("What a person decides on, and what is no repair, never goes to the branch")
  func besides() throws {
    for push in RepositoryConfiguration.PushTarget.allCases {
      let change = try fix(repair(.fixedWithTestChange), push: push)
      #expect(try change.push == side("fix") && change.note?.contains("a person has to decide") == true)
      for verdict in FixOutcome.Verdict.allCases {
        #expect(try fix(repair(verdict, .partialRevert), push: push).push == side("fix"))
        if verdict != .fixed { #expect(try fix(repair(verdict), push: push).push == side("fix")) }
        #expect(try quiet(fix(repair(verdict, nil), push: push)) == nil)
      }
    }
  }

  @Test("Two commits go out for one failure, and no third")
  func twice() throws {
    #expect(try fix(repair(.fixed), earlier: 1).push == own())
    for outcome in [repair(.fixed), repair(.fixedWithTestChange), repair(.notFixed, .partialRevert)] {
      let plan = try fix(outcome, earlier: FixDelivery.limit)
      #expect(plan.push == nil && plan.note?.contains("a person should look") == true)
    }
  }

  @Test("What was made of a branch of Arborist's own lies beside it")
  func ownBranches() throws {
    let own = try branch("arborist/fix/topic-12345678")
    let repaired = try FixDelivery(branch: own, head: head, push: .head, isCheckedOut: false, earlier: 0)
      .plan(for: repair(.fixed))
    var outcome = ResolveOutcome(verdict: .resolved, reason: "", commit: commit)
    for reach in [MergeReach.branch, nil] {
      outcome.reach = reach
      let merged = try MergeDelivery(
        branch: own, head: head, push: .head, unverified: .head, isCheckedOut: false
      ).plan(for: outcome)
      for plan in [repaired, merged] {
        guard case .push(let name, .zero, _) = plan.push else {
          Issue.record("it is not made anew")
          continue
        }
        #expect(name != own && plan.note?.contains("never move") == true)
      }
    }
  }

  @Test("Two commits go out for what a merge's repair mends, and no third")
  func repairedMerges() throws {
    var outcome = ResolveOutcome(verdict: .resolved, reason: "", commit: commit)
    outcome.reach = .branch
    var delivery = try MergeDelivery(
      branch: branch(), head: head, push: .head, unverified: .side, isCheckedOut: false)
    delivery.earlier = FixDelivery.limit
    #expect(try delivery.plan(for: outcome).push == own(), "the control: no repair")
    outcome.repair = repair(.fixed)
    let plan = try delivery.plan(for: outcome)
    #expect(plan.push == nil && plan.isLeft && plan.note?.contains("a person should look") == true)
    delivery.earlier = 1
    #expect(try delivery.plan(for: outcome).push == own())
  }

  // MARK: Merges

  private func merge(
    _ reach: MergeReach?, push: RepositoryConfiguration.PushTarget = .head,
    unverified: RepositoryConfiguration.UnverifiedTarget = .side, isCheckedOut: Bool = false, hasCommit: Bool = true
  ) throws -> DeliveryPlan {
    var outcome = ResolveOutcome(verdict: .resolved, reason: "", commit: hasCommit ? commit : nil)
    outcome.reach = reach
    outcome.concerns = ["a model made it"]
    return try MergeDelivery(
      branch: branch(), head: head, push: push, unverified: unverified, isCheckedOut: isCheckedOut
    ).plan(for: outcome)
  }

  @Test("A merge that tests confirmed goes where repairs go, whatever is said of others")
  func confirmed() throws {
    for unverified in RepositoryConfiguration.UnverifiedTarget.allCases {
      #expect(try quiet(merge(.branch, unverified: unverified)) == own())
      #expect(try merge(.branch, push: .side, unverified: unverified).push == side("resolve"))
      #expect(try merge(.branch, unverified: unverified, isCheckedOut: true).push == side("resolve"))
    }
  }

  @Test("What a model made and no test confirmed goes no further than beside")
  func models() throws {
    for push in RepositoryConfiguration.PushTarget.allCases {
      for unverified in [RepositoryConfiguration.UnverifiedTarget.side, .head] {
        let plan = try merge(.beside, push: push, unverified: unverified)
        #expect(try plan.push == side("resolve") && plan.note?.contains("a model made it") == true)
      }
      #expect(try merge(.beside, push: push, unverified: .report).push == nil)
    }
  }

  @Test("A merge that nobody judged goes where the policy says, and none goes nowhere")
  func unjudged() throws {
    #expect(try merge(nil, unverified: .head).push == own())
    #expect(try merge(nil, unverified: .side).push == side("resolve"))
    #expect(try merge(nil, unverified: .report).push == nil)
    #expect(try quiet(merge(.branch, hasCommit: false)) == nil)
  }

  @Test("A branch that is checked out is not moved, whoever judged the merge")
  func unjudgedCheckedOut() throws {
    let plan = try merge(nil, unverified: .head, isCheckedOut: true)
    #expect(try plan.push == side("resolve") && plan.note?.contains("checked out") == true)
  }

  // MARK: Taking back

  @Test("What a run did is taken back only where nobody has built on it")
  func undo() throws {
    let (topic, other, from) = (try branch(), ComposerTests.first, ComposerTests.base)
    func plan(from: ObjectID, tip: ObjectID?, holds: Bool) -> UndoPlan {
      UndoPlan(branch: topic, from: from, to: commit, tip: tip, holds: holds)
    }
    #expect(plan(from: from, tip: commit, holds: true) == .revert(branch: topic, from: from, to: commit))
    #expect(plan(from: .zero, tip: commit, holds: true) == .side(branch: topic))
    for start in [from, .zero] {
      guard case .builtOn(let why) = plan(from: start, tip: other, holds: true) else {
        Issue.record("somebody's work is not seen")
        return
      }
      #expect(why.contains("topic is at 33333333") && why.contains("44444444"))
      guard case .gone(let reason) = plan(from: start, tip: other, holds: false) else {
        Issue.record("it is not there any more")
        return
      }
      #expect(reason.contains("does not hold 44444444"))
      #expect(plan(from: start, tip: nil, holds: false) == .gone("topic is gone already"))
    }
  }
}
