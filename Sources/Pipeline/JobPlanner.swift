package import Base
package import Policy
package import Work

/// What has to be known about a pushed branch before its jobs can be planned.
package struct PushFacts: Sendable {
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

/// What a push leads to: jobs, and for everything that leads to none the reason.
package struct PlannedJobs: Sendable, Hashable {
  package var jobs: [Job] = []
  /// One sentence for each thing that was not planned.
  package var ignored: [String] = []
}

/// Decides which jobs a push starts.
///
/// It reads nothing and writes nothing.
package enum JobPlanner {
  /// Why a push starts no job whatever the repository says; `nil` where it may start some.
  package static func reasonToIgnore(_ update: RefUpdate) -> String? {
    if !update.ref.isBranch { return "\(update.ref) is not a branch" }
    if update.isDeletion { return "\(update.ref.shortDisplay) was deleted" }
    return nil
  }

  /// The jobs that the event starts.
  package static func plan(_ event: Event, facts: PushFacts) -> PlannedJobs {
    guard case .push(let update) = event.kind else { return PlannedJobs() }
    if let reason = reasonToIgnore(update) { return PlannedJobs(ignored: [reason]) }
    do {
      _ = try FeatureBranch(update.ref.bytes, under: facts.rules)
    } catch {
      if error.rule == .base { return PlannedJobs(ignored: ["\(update.ref.shortDisplay) is the base"]) }
      return PlannedJobs(ignored: ["no pull request: \(error)"])
    }
    guard let baseTip = facts.baseTip else {
      return PlannedJobs(ignored: ["the base \(facts.rules.base.shortDisplay) has no commit yet"])
    }
    if facts.mergeBase == update.new {
      return PlannedJobs(
        ignored: ["\(update.ref.shortDisplay) holds nothing that \(facts.rules.base.shortDisplay) lacks"])
    }
    let isOwn = facts.headIsOwn || SideBranch.isOwn(update.ref)
    var planned = PlannedJobs()
    for name in facts.configuration.on[.push] ?? [] {
      guard let kind = JobKind(rawValue: name), JobKind.started.contains(kind) else {
        planned.ignored.append("'\(name)' in 'on: push' is a job that this version does not have")
        continue
      }
      if isOwn, kind != .review {
        let why =
          SideBranch.isOwn(update.ref)
          ? "branches under arborist/ are taken for Arborist's own" : "Arborist made this head itself"
        planned.ignored.append("\(name) of \(update.ref.shortDisplay): \(why)")
        continue
      }
      let against: ObjectID =
        switch kind {
        case .review, .fix: facts.mergeBase ?? .zero
        case .agent, .undo: .zero
        case .resolve: baseTip
        }
      let request = PullRequest(repository: event.repository, branch: update.ref, base: facts.rules.base)
      planned.jobs.append(
        Job(kind: kind, pullRequest: request, head: update.new, against: against, event: event.id, time: event.time))
    }
    return planned
  }
}
