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
      // The same for every update of the delivery, of which there may be very many.
      var known: RepositoryFacts?
      for (index, update) in delivery.updates.enumerated() {
        let event = Event(
          id: "\(name)#\(index)", repository: location, actor: DisplayText.escaping(delivery.actor),
          time: delivery.time, kind: .push(update))
        plan.events.append(event)
        if let reason = JobPlanner.reasonToIgnore(update) {
          plan.ignored.append(reason)
          continue
        }
        guard try repository.contains(update.new) else {
          plan.ignored.append("\(update.ref.shortDisplay) at \(update.new.short) is no longer in the repository")
          continue
        }
        do {
          let facts = try known ?? Self.facts(of: repository, recorded: recorded)
          known = facts
          let planned = JobPlanner.plan(event, facts: try Self.facts(facts, of: update, in: repository, identity))
          plan.jobs += planned.jobs
          plan.ignored += planned.ignored
        } catch let error as NoBase {
          // To try it again would not help: the next push finds the base, once there is one.
          plan.ignored.append("\(update.ref.shortDisplay): \(error)")
        }
      }
      return plan
    }
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
    _ facts: RepositoryFacts, of update: RefUpdate, in repository: Repository, _ identity: BotIdentity
  ) throws -> PushFacts {
    let mergeBase = try facts.baseTip.flatMap { try repository.mergeBase($0, update.new) }
    let committer = try repository.commit(update.new).committer
    return PushFacts(
      rules: facts.rules, configuration: facts.configuration, baseTip: facts.baseTip, mergeBase: mergeBase,
      headIsOwn: committer.email == Array(identity.email.utf8))
  }
}
