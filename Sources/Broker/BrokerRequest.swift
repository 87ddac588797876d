package import Base
package import Forges
package import Git
package import Work

/// What the broker can be asked for.
package enum BrokerRequest: Sendable, Hashable, Codable {
  /// Which forges there are.
  case forges
  case account(ForgeName)
  case repository(ForgeRepository)
  case pullRequest(ForgePlace)
  case openPullRequests(ForgeRepository, into: RefName?)
  case permission(ForgeActor, on: ForgeRepository)
  case comments(ForgePlace)
  case carryOut(ForgeEffect, on: ForgePlace, trial: EffectTrial)
  /// Brings the mirror of a repository up to date, with the heads of pull requests of these numbers.
  case mirror(ForgeRepository, numbers: [Int])
  case push(PushOrder)
  /// Signs the content of a commit.
  case sign(content: [UInt8])
  /// What requests to forges came to since the broker began.
  case figures
}

/// What the broker answers.
package enum BrokerAnswer: Sendable, Hashable, Codable {
  case forges([ServedForge])
  case account(ForgeActor, ForgeCapabilities)
  case repository(RepositoryState)
  case pullRequest(PullRequestState)
  case openPullRequests([PullRequestState])
  case permission(ForgePermission)
  case comments([PostedComment])
  case result(ForgeResult)
  case mirror(MirrorState)
  case push(PushResult)
  case signature([UInt8])
  case figures([ForgeFigure])
  case failed(ForgeError)
}

/// A forge that the broker has an account on.
package struct ServedForge: Sendable, Hashable, Codable {
  package var name: ForgeName
  package var capabilities: ForgeCapabilities
  /// What ``Forge/longestRequest`` is, in milliseconds.
  package var longestRequest: Int64

  package init(_ forge: any Forge) {
    name = forge.name
    capabilities = forge.capabilities
    longestRequest = forge.longestRequest.wholeMilliseconds
  }
}

/// A mirror that was just brought up to date.
package struct MirrorState: Sendable, Hashable, Codable {
  /// The bare repository's directory, to be read and its objects borrowed, never written to.
  package var directory: String
  package var report: MirrorReport

  package init(directory: String, report: MirrorReport) {
    self.directory = directory
    self.report = report
  }
}

/// What decides whether a branch may be written to, as ``BranchRules`` is written down.
package struct PushRules: Sendable, Hashable, Codable {
  package var base: RefName
  package var defaultBranch: RefName?
  package var head: RefName?
  package var protected: [String]

  package init(_ rules: BranchRules) {
    base = rules.base
    defaultBranch = rules.defaultBranch
    head = rules.head
    protected = rules.protected.map(\.text)
  }

  package var rules: BranchRules {
    BranchRules(base: base, defaultBranch: defaultBranch, head: head, protected: protected.map { BranchPattern($0) })
  }
}

/// One branch of a forge to be moved to a commit of a workspace.
package struct PushOrder: Sendable, Hashable, Codable {
  /// Which branch it is.
  package enum Target: String, Sendable, Hashable, Codable {
    /// That of the pull request, in the fork where it is one's.
    case head
    /// One beside it, in the repository that is merged into; it must not be there yet.
    case beside
  }

  package var place: ForgePlace
  package var target: Target
  package var branch: RefName
  /// Where the branch must be; zero where it must not be there.
  package var old: ObjectID
  package var new: ObjectID
  /// The head that the run began from: first parents lead from `new` to it, and what lies between is looked through.
  package var start: ObjectID
  /// The directory of the private repository that has the commit, whose objects may be borrowed from the mirror.
  package var workspace: String
  /// What the sender knows of the branches; the broker adds what the forge says.
  package var rules: PushRules

  package init(
    place: ForgePlace, target: Target, branch: FeatureBranch, old: ObjectID, new: ObjectID, start: ObjectID,
    workspace: String, rules: BranchRules
  ) {
    self.place = place
    self.target = target
    self.branch = branch.ref
    self.old = old
    self.new = new
    self.start = start
    self.workspace = workspace
    self.rules = PushRules(rules)
  }
}

/// What came of a push.
package enum PushResult: Sendable, Hashable, Codable {
  case pushed
  /// The branch was where it should go; an earlier try got through.
  case alreadyThere
  /// Somebody else moved the branch; nothing was pushed. The zero id says that it is not there.
  case raced(actual: ObjectID)
  /// The forge, or a rule of ours, refuses; one line in the forge's words.
  case refused(String)
}

/// A request on its way, with the number that its answer carries.
struct BrokerCall: Sendable, Codable {
  enum Content: Sendable, Codable {
    case ask(BrokerRequest)
    /// Nobody waits for the answer any more.
    case cancel
  }

  var number: UInt64
  var content: Content
}

/// An answer on its way.
struct BrokerReply: Sendable, Codable {
  var number: UInt64
  var answer: BrokerAnswer
}
