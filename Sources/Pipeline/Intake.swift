package import Base
package import Git
internal import Policy
package import Work

/// Turns a delivery into events and jobs.
package struct Intake: Sendable {
  private let repository: RepositoryActor<Repository>
  private let location: String
  private let identity: BotIdentity
  private let recorded: [RefName]

  /// - Parameters:
  ///   - repository: The repository that is pushed to.
  ///   - location: Its absolute path, as jobs name it.
  ///   - identity: The name under which Arborist itself commits.
  ///   - recorded: The branches that `init` wrote down; they stay closed whatever happens.
  package init(
    _ repository: RepositoryActor<Repository>, location: String, identity: BotIdentity, recorded: [RefName]
  ) {
    self.repository = repository
    self.location = location
    self.identity = identity
    self.recorded = recorded
  }

  /// What a delivery leads to.
  package struct Plan: Sendable, Hashable {
    package var events: [Event] = []
    package var jobs: [Job] = []
    /// Everything that leads to no job, and why; one sentence each.
    package var ignored: [String] = []
  }

  /// What the delivery of this name leads to.
  ///
  /// - Throws: ``GitError`` where the repository cannot be read; the delivery can be tried again.
  package func plan(_ delivery: Delivery, named name: String) async throws -> Plan {
    let (location, identity, recorded) = (location, identity, recorded)
    return try await repository.perform { repository in
      var plan = Plan()
      // The same for everything in the delivery, which may be very much.
      var known: RepositoryFacts?
      for (index, happening) in delivery.happenings.enumerated() {
        let event = Event(
          id: "\(name)#\(index)", repository: location, actor: DisplayText.escaping(delivery.actor),
          time: delivery.time, kind: happening)
        plan.events.append(event)
        if let reason = try Self.reasonToIgnore(happening, in: repository) {
          plan.ignored.append(reason)
          continue
        }
        guard let occasion = Occasion(happening) else { continue }
        do {
          let facts = try known ?? Self.facts(of: repository, recorded: recorded)
          known = facts
          let planned = JobPlanner.plan(event, facts: try Self.facts(facts, of: occasion, in: repository, identity))
          plan.jobs += planned.jobs
          plan.ignored += planned.ignored
        } catch let error as NoBase {
          // To try it again would not help: the next push finds the base, once there is one.
          plan.ignored.append("\(occasion.branch.shortDisplay): \(error)")
        }
      }
      return plan
    }
  }

  /// Why what happened starts no job, as far as the event and the repository's references tell.
  private static func reasonToIgnore(_ happening: Event.Kind, in repository: Repository) throws(GitError) -> String? {
    guard let occasion = Occasion(happening) else { return "a forge's report comes by no hook" }
    if let reason = JobPlanner.reasonToIgnore(occasion) { return reason }
    let (branch, head) = (occasion.branch.shortDisplay, occasion.head)
    guard try repository.contains(head) else { return "\(branch) at \(head.short) is no longer in the repository" }
    // Checks take their time: by the end the branch is often elsewhere, and its new head is checked anew.
    if case .failed(let failure) = happening, try repository.reference(occasion.branch)?.target != .direct(head) {
      return "\(failure.phrase) at \(head.short): the branch is elsewhere by now"
    }
    return nil
  }

  private static func facts(of repository: Repository, recorded: [RefName]) throws -> RepositoryFacts {
    do {
      return try RepositoryFacts(reading: repository, recorded: recorded)
    } catch is ConfigurationError {
      // A broken configuration must be seen: the jobs are planned as if there were none, and each run says what is wrong.
      return try RepositoryFacts(withoutConfigurationOf: repository, recorded: recorded)
    }
  }

  private static func facts(
    _ facts: RepositoryFacts, of occasion: Occasion, in repository: Repository, _ identity: BotIdentity
  ) throws -> PlanningFacts {
    let mergeBase = try facts.baseTip.flatMap { try repository.mergeBase($0, occasion.head) }
    let committer = try repository.commit(occasion.head).committer
    return PlanningFacts(
      rules: facts.rules, configuration: facts.configuration, baseTip: facts.baseTip, mergeBase: mergeBase,
      headIsOwn: committer.email == Array(identity.email.utf8))
  }
}
