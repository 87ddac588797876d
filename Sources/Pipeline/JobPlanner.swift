package import Base
package import Policy
package import Work

/// What has to be known about a branch before the jobs of an event on it can be planned.
package struct PlanningFacts: Sendable {
  package var rules: BranchRules
  package var configuration: RepositoryConfiguration
  /// The tip of the base; `nil` where the base has no commit.
  package var baseTip: ObjectID?
  /// The common ancestor of the branch and the base; `nil` where they have none.
  package var mergeBase: ObjectID?
  /// Whether Arborist itself made the commit that the branch now points to.
  package var headIsOwn: Bool

  package init(
    rules: BranchRules, configuration: RepositoryConfiguration, baseTip: ObjectID?, mergeBase: ObjectID?,
    headIsOwn: Bool
  ) {
    self.rules = rules
    self.configuration = configuration
    self.baseTip = baseTip
    self.mergeBase = mergeBase
    self.headIsOwn = headIsOwn
  }
}

/// What an event leads to: jobs, and for everything that leads to none the reason.
package struct PlannedJobs: Sendable, Hashable {
  package var jobs: [Job] = []
  /// One sentence for each thing that was not planned.
  package var ignored: [String] = []
}

/// What an event is about: a branch at a commit, and the key of `on:` under which a repository binds jobs to it.
package struct Occasion: Sendable, Hashable {
  package var branch: RefName
  package var head: ObjectID
  package var trigger: RepositoryConfiguration.Trigger

  package init(branch: RefName, head: ObjectID, trigger: RepositoryConfiguration.Trigger) {
    self.branch = branch
    self.head = head
    self.trigger = trigger
  }

  /// What a hook's event is about; `nil` for a forge's report, which is attended to first.
  package init?(_ kind: Event.Kind) {
    switch kind {
    case .push(let update): self.init(branch: update.ref, head: update.new, trigger: .push)
    case .failed(let failure): self.init(branch: failure.branch, head: failure.head, trigger: .failed)
    case .forge: return nil
    }
  }
}

/// Decides which jobs an event starts.
///
/// It reads nothing and writes nothing.
package enum JobPlanner {
  /// Why an event starts no job whatever the repository says; `nil` where it may start some.
  package static func reasonToIgnore(_ occasion: Occasion) -> String? {
    if !occasion.branch.isBranch { return "\(occasion.branch) is not a branch" }
    if occasion.head.isZero { return "\(occasion.branch.shortDisplay) was deleted" }
    return nil
  }

  /// The jobs that the event starts.
  package static func plan(_ event: Event, facts: PlanningFacts) -> PlannedJobs {
    guard let occasion = Occasion(event.kind) else {
      return PlannedJobs(ignored: ["a forge's report comes by no hook"])
    }
    return plan(event, on: occasion, facts: facts)
  }

  /// The jobs that the event starts, given what it is about.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - occasion: The branch, its head and the key of `on:`.
  ///   - forge: Where the pull request is on a forge; `nil` on a bare repository.
  ///   - facts: What is known about the branch.
  /// - Returns: The jobs, and a sentence for each thing that was not planned.
  package static func plan(
    _ event: Event, on occasion: Occasion, forge: ForgePlace? = nil, facts: PlanningFacts
  ) -> PlannedJobs {
    let isFork = forge?.fork != nil
    if let reason = reasonToIgnore(occasion) ?? reasonToIgnore(occasion, facts, isFork: isFork) {
      return PlannedJobs(ignored: [reason])
    }
    guard let baseTip = facts.baseTip else {
      return PlannedJobs(ignored: ["the base \(facts.rules.base.shortDisplay) has no commit yet"])
    }
    let isOwn = facts.headIsOwn || SideBranch.isOwn(occasion.branch)
    var planned = PlannedJobs()
    let bound = facts.configuration.on[occasion.trigger] ?? []
    if bound.isEmpty, case .failed(let failure) = event.kind {
      planned.ignored.append("\(failure.phrase): 'on:' in .arborist.yml binds no job to 'failed'")
    }
    for name in bound {
      guard let kind = JobKind(rawValue: name), JobKind.started.contains(kind) else {
        planned.ignored.append(
          "'\(name)' in 'on: \(occasion.trigger.rawValue)' is a job that this version does not have")
        continue
      }
      if isOwn, kind != .review {
        let why =
          SideBranch.isOwn(occasion.branch)
          ? "branches under arborist/ are taken for Arborist's own" : "Arborist made this head itself"
        planned.ignored.append("\(name) of \(occasion.branch.shortDisplay): \(why)")
        continue
      }
      let against: ObjectID =
        switch kind {
        case .review, .fix: facts.mergeBase ?? .zero
        case .agent, .undo, .ask, .attend: .zero
        case .resolve: baseTip
        }
      let request = PullRequest(
        repository: event.repository, branch: occasion.branch, base: facts.rules.base, forge: forge)
      planned.jobs.append(
        Job(
          kind: kind, pullRequest: request, head: occasion.head, against: against, event: event.id, time: event.time))
    }
    return planned
  }

  /// Why the branch is no pull request; `nil` where it is one.
  ///
  /// A fork's branch may have any name: nothing of that name is written here.
  private static func reasonToIgnore(_ occasion: Occasion, _ facts: PlanningFacts, isFork: Bool) -> String? {
    let (branch, base) = (occasion.branch.shortDisplay, facts.rules.base.shortDisplay)
    do {
      if !isFork { _ = try FeatureBranch(occasion.branch.bytes, under: facts.rules) }
    } catch {
      return error.rule == .base ? "\(branch) is the base" : "no pull request: \(error)"
    }
    return facts.baseTip != nil && facts.mergeBase == occasion.head ? "\(branch) holds nothing that \(base) lacks" : nil
  }
}
