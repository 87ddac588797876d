/// The forges that can be imitated.
package enum ForgeKind: String, Sendable, Hashable, CaseIterable {
  case github, gitlab, gitea
}

/// What somebody may do in a repository.
package enum Access: String, Sendable, Hashable, CaseIterable, Comparable {
  case none, read, write, admin

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  package static func < (left: Access, right: Access) -> Bool { left.rank < right.rank }
}

/// An account.
package struct Account: Sendable, Hashable {
  package let id: Int
  package let login: String
  package let isBot: Bool
  /// The app that it acts for, on GitHub.
  package var app: Int?
}

/// A repository, with a bare one of git behind it.
package struct Repository: Sendable, Hashable {
  package let id: Int
  /// `OWNER/NAME`, with all groups on GitLab.
  package var path: String
  /// The bare repository.
  package let directory: String
  package var defaultBranch: String
  /// Names or patterns of `fnmatch`.
  package var protected: [String]
  /// Rules of rulesets, on GitHub: they close branches that are not marked as protected.
  package var rules: [BranchRule] = []
  package var isPrivate: Bool
  /// The repository that it was forked from.
  package var parent: Int?
  /// What accounts may do, by their numbers.
  package var access: [Int: Access] = [:]

  package var owner: String { path.split(separator: "/").dropLast().joined(separator: "/") }
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// A rule of a ruleset.
package struct BranchRule: Sendable, Hashable {
  /// `update`, `pull_request` and so on, as GitHub calls them.
  package let type: String
  /// A name or a pattern of `fnmatch`.
  package let pattern: String

  package init(type: String, pattern: String) {
    self.type = type
    self.pattern = pattern
  }

  /// Whether it refuses a plain push by somebody whom it does not let pass.
  var refusesPush: Bool {
    ["creation", "merge_queue", "pull_request", "required_status_checks", "update"].contains(type)
  }
}

/// A pull request; a merge request on GitLab.
package struct Pull: Sendable, Hashable {
  package let id: Int
  package let repository: Int
  package let number: Int
  /// The repository that holds the branch.
  package let headRepository: Int
  package let branch: String
  package var base: String
  package let author: Int
  package var title: String
  package var body: String
  package var isDraft: Bool
  package var isOpen = true
  package var isMerged = false
  package var labels: [String]
  package var allowsMaintainers: Bool
  /// The head as it was when somebody last looked.
  package var head: String
  package var created: Int
  package var updated: Int
  /// The head and the base's tip for which a merge was tried, and what came of it.
  package var tried: MergeTrial?
}

/// Whether two commits can be merged, as it was found on request.
package struct MergeTrial: Sendable, Hashable {
  package let head: String
  package let base: String
  package let isClean: Bool
  /// Whether the answer may be told: the first who asks is told that it is not known yet.
  package var isTold: Bool
}

/// The place of a comment in a difference.
package struct Anchor: Sendable, Hashable {
  package var path: String
  package var oldPath: String
  /// `LEFT` or `RIGHT`; `nil` for a comment on the file.
  package var side: String?
  package var line: Int?
  package var startSide: String?
  package var startLine: Int?
  /// The line on the other side, where GitLab was told both.
  package var otherLine: Int?
  package var commit: String
  /// The hunk up to the line.
  package var hunk: String = ""
}

/// A comment: on a pull request as a whole, or on lines.
package struct Comment: Sendable, Hashable {
  package let id: Int
  package let repository: Int
  package let number: Int
  package let author: Int
  package var body: String
  package let created: Int
  package var updated: Int
  /// Where it stands on lines.
  package var anchor: Anchor?
  /// The thread that it belongs to.
  package var thread: Int?
  package var review: Int?
  /// The comment that it answers.
  package var parent: Int?
  package var minimized: String?
  package var reactions: [Reaction] = []
}

/// A reaction of somebody to a comment.
package struct Reaction: Sendable, Hashable {
  package let id: Int
  package let account: Int
  package let content: String
}

/// Comments on the same place; a discussion on GitLab.
package struct ForgeThread: Sendable, Hashable {
  package let id: Int
  /// The forge's name of it: a node id, or GitLab's forty hexadecimal digits.
  package let name: String
  package let repository: Int
  package let number: Int
  package var isResolved = false
  package var resolvedBy: Int?
  /// Whether people see it: a thread outside of the difference that GraphQL took is not shown.
  package var isVisible = true
  /// Whether it can be resolved at all: GitLab's single notes cannot.
  package var isResolvable = true
}

/// A review, handed in or pending.
package struct Review: Sendable, Hashable {
  package let id: Int
  package let repository: Int
  package let number: Int
  package let author: Int
  /// `PENDING`, `COMMENTED`, `APPROVED`, `CHANGES_REQUESTED`, `DISMISSED`.
  package var state: String
  package var body: String
  package let commit: String
  package var submitted: Int?
}

/// A line that a check speaks of.
package struct Annotation: Sendable, Hashable {
  package let path: String
  package let startLine: Int
  package let endLine: Int
  package let level: String
  package let message: String
  package let title: String?
}

/// A check of an app at a commit.
package struct CheckRun: Sendable, Hashable {
  package let id: Int
  package let repository: Int
  package var name: String
  package let head: String
  package let app: Int
  package var externalID: String
  package var status: String
  package var conclusion: String?
  package var title: String?
  package var summary: String?
  package var text: String?
  package var annotations: [Annotation] = []
  package var started: Int
  package var completed: Int?
}

/// The state of something at a commit.
package struct CommitStatus: Sendable, Hashable {
  package let id: Int
  package let repository: Int
  package let sha: String
  package let context: String
  package let state: String
  package let description: String
  package let target: String
  package let author: Int
  package let created: Int
  package var ref: String?
}

/// An app on GitHub.
package struct App: Sendable, Hashable {
  package let id: Int
  package let clientID: String
  package let slug: String
  package let publicKey: String
  package let bot: Int
  /// What its installations may do, as `name: read|write`.
  package var permissions: [String: String]
}

/// An app's installation with an owner.
package struct Installation: Sendable, Hashable {
  package let id: Int
  package let app: Int
  package let owner: String
  package var repositories: Set<Int>
  package var isSuspended = false
}

/// What a call's token stands for.
package struct Token: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case installation(Int, repositories: Set<Int>, permissions: [String: String])
    case account(Int, scopes: Set<String>)
  }

  package let value: String
  package let kind: Kind
  package let expires: Int?
  package var isRevoked = false
}

/// An address that is told what happens.
package struct Hook: Sendable, Hashable {
  package let id: Int
  package let address: String
  package let secret: String
  /// For GitLab: the key of the signed form, `whsec_…`; without it the plain token is sent alone.
  package let signingKey: String?
  /// Nothing is everything.
  package let events: Set<String>
}

/// Something that a client did and that it must never do.
package struct Breach: Sendable, Hashable, CustomStringConvertible {
  package let call: String
  package let rule: String
  package var description: String { "\(call): \(rule)" }
}
