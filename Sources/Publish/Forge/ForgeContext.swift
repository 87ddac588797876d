package import Base
package import Forges
package import Git
package import Policy
package import Secrets
package import Work

/// What has to be known, beside the outcome, to say on a forge what came of a job; all of it as values.
package struct ForgeContext: Sendable {
  package var job: Job
  /// How the pull request stands now, asked after the work and before anything is said.
  package var state: PullRequestState
  package var pages: ForgePages
  package var capabilities: ForgeCapabilities
  /// The account that speaks.
  package var account: ForgeActor
  /// The comments that are there.
  package var comments: [PostedComment]
  /// What the pull request changes: from its merge base to the head of the job.
  package var diff: Diff
  /// Files of the head; see ``ForgeComposer/wantedFiles(for:_:)``.
  package var contents: [RepositoryPath: [UInt8]] = [:]
  /// What the commit that is offered changes in the head; `nil` without one.
  package var offered: Diff?
  /// The messages of the commits that are offered.
  package var messages: [[UInt8]] = []
  /// Our own secrets, which nothing may hold that leaves.
  package var secrets: KnownSecrets
  package var unverified: RepositoryConfiguration.UnverifiedTarget = .side
  package var push: RepositoryConfiguration.PushTarget = .head
  /// Whether the branch of a fork is one that nobody but people writes to, whatever the forge allows.
  package var isForkClosed = false
  /// The push that was tried and refused; `nil` where none was.
  package var refusal: PushRefusal?
  /// How many commits went out for the same failure before.
  package var earlierPushes = 0
  /// Which of the branches beside the head is free.
  package var sideNumber = 1
  /// From which weight on a finding keeps the check from being green.
  package var countsFrom: Severity = .warning
  /// The most comments on lines that one review makes; the rest is in the summary.
  package var mostComments = 40

  package init(
    job: Job, state: PullRequestState, pages: ForgePages, capabilities: ForgeCapabilities, account: ForgeActor,
    comments: [PostedComment], diff: Diff, secrets: KnownSecrets
  ) {
    self.job = job
    self.state = state
    self.pages = pages
    self.capabilities = capabilities
    self.account = account
    self.comments = comments
    self.diff = diff
    self.secrets = secrets
  }

  var rules: OutgoingRules { pages.rules }

  /// Whether a commit may be pushed to a branch: to the pull request's own where the forge says so, to one beside it
  /// where it is no fork's.
  func mayPush(to branch: RefName) -> Bool {
    guard branch == job.pullRequest.branch else { return state.place.fork == nil }
    return state.allowsPush && (state.place.fork == nil || !isForkClosed)
  }
}

/// A push that the forge, or the broker in front of it, would not have.
package struct PushRefusal: Sendable, Hashable {
  package var branch: RefName
  /// One line, as it was said.
  package var reason: String

  package init(branch: RefName, reason: String) {
    self.branch = branch
    self.reason = reason
  }
}

/// A commit that was on a branch, and another one that took it back.
package struct TakenBack: Sendable, Hashable {
  package var branch: RefName
  package var commit: ObjectID
  package var by: ObjectID
  /// What is left to a person, a line each.
  package var left: [String]

  package init(branch: RefName, commit: ObjectID, by: ObjectID, left: [String] = []) {
    self.branch = branch
    self.commit = commit
    self.by = by
    self.left = left
  }
}

/// What is to be written to a forge, and what was to be written and must not be.
package struct ForgePublication: Sendable, Hashable {
  package var publication: Publication
  /// What was stopped because it held one of our own secrets, a line each; none of them holds it.
  package var stopped: [String]
}
