package import Base
package import Work

/// A forge as the rest of the program sees it: what can be asked, and what can be written.
///
/// Whoever carries it out alone holds the credentials. Everything that goes in and comes out is a value that can be
/// written down, so that the one who asks may be another process.
package protocol Forge: Sendable {
  var name: ForgeName { get }
  var capabilities: ForgeCapabilities { get }
  /// For how long after a request was begun it may still come to something, whatever became of who sent it.
  var longestRequest: Duration { get }

  /// The account that writes.
  func account() async throws(ForgeError) -> ForgeActor

  /// How a repository stands, found by its number where that is known (not 0), or else by its path.
  func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState

  /// How a pull request stands now.
  func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState

  /// All open pull requests, or those into one branch; every page.
  func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState]

  /// Why the forge closes one branch to pushes by ways that ``RepositoryState/protected`` does not tell of; `nil` where
  /// it does not. One line that is safe to show.
  ///
  /// What cannot be found out closes it.
  func closure(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> String?

  /// Whether the forge marks one branch as protected: what is asked where ``RepositoryState/protected`` is not known.
  func protection(
    of branch: RefName, in repository: ForgeRepository
  ) async throws(ForgeError) -> BranchProtection

  /// What somebody may do in a repository, asked now and for the account's number.
  func permission(of actor: ForgeActor, on repository: ForgeRepository) async throws(ForgeError) -> ForgePermission

  /// Every comment of a pull request, on lines and on the whole, oldest first.
  func comments(on place: ForgePlace) async throws(ForgeError) -> [PostedComment]

  /// Carries out an effect so that it is there once, however often it is tried.
  ///
  /// - Throws: ``ForgeError`` where another try may succeed; whether something was written is then not known.
  func carryOut(
    _ effect: ForgeEffect, on place: ForgePlace, trial: EffectTrial
  ) async throws(ForgeError) -> ForgeResult
}

extension Forge {
  package var longestRequest: Duration { ForgePatience.usualLongestRequest }
}

/// What a forge has and what it lacks.
package struct ForgeCapabilities: Sendable, Hashable, Codable {
  /// Checks with a text and annotations; otherwise plain statuses.
  package var hasChecks: Bool
  /// Whether a check may be neither green nor red; otherwise neutral is told as the state that blocks least and is not
  /// green.
  package var hasNeutral: Bool
  /// Threads can be marked as settled.
  package var settlesThreads: Bool
  /// One can answer in a thread.
  package var answersThreads: Bool
  /// A suggestion that people apply with a click.
  package var hasSuggestions: Bool
  /// Several comments go out at once, and one that is wrong refuses all.
  package var reviewsAreWhole: Bool
  /// Whether a comment outside of the difference's hunks is refused; otherwise it is taken, and nobody sees it.
  package var checksAnchors: Bool
  /// Whether a comment can stand on several lines; otherwise it stands on the last of them.
  package var hasRanges: Bool

  package init(
    hasChecks: Bool, hasNeutral: Bool, settlesThreads: Bool, answersThreads: Bool, hasSuggestions: Bool,
    reviewsAreWhole: Bool, checksAnchors: Bool, hasRanges: Bool
  ) {
    self.hasChecks = hasChecks
    self.hasNeutral = hasNeutral
    self.settlesThreads = settlesThreads
    self.answersThreads = answersThreads
    self.hasSuggestions = hasSuggestions
    self.reviewsAreWhole = reviewsAreWhole
    self.checksAnchors = checksAnchors
    self.hasRanges = hasRanges
  }
}

/// How a repository stands on its forge.
package struct RepositoryState: Sendable, Hashable, Codable {
  package var repository: ForgeRepository
  package var defaultBranch: RefName
  /// Branches that the forge itself protects, by exact name or pattern; `nil` where the account may not ask.
  package var protected: [String]?
  /// Where git finds it: an `https:` or `http:` address without credentials.
  package var gitAddress: String

  package init(repository: ForgeRepository, defaultBranch: RefName, protected: [String]?, gitAddress: String) {
    self.repository = repository
    self.defaultBranch = defaultBranch
    self.protected = protected
    self.gitAddress = gitAddress
  }
}

/// What a forge says of one branch.
package enum BranchProtection: Sendable, Hashable {
  case protected, open
  /// There is no such branch, or the account may not see it.
  case absent
  /// It cannot be read, or does not say; one line that is safe to show.
  case unknown(String)
}

/// How a pull request stands on its forge.
package struct PullRequestState: Sendable, Hashable, Codable {
  /// With the fork that holds the branch, where there is one.
  package var place: ForgePlace
  package var isOpen: Bool
  package var isDraft: Bool
  package var title: String
  /// The description as it was written; at most 64 KiB.
  package var body: String
  package var head: ObjectID
  package var branch: RefName
  package var base: RefName
  /// The tip of the base as the forge gives it; `nil` where it does not.
  package var baseTip: ObjectID?
  package var author: ForgeActor?
  package var labels: [String]
  /// Whether the forge can merge it; `nil` where it does not know yet.
  package var isMergeable: Bool?
  /// Whether the account may push to the branch, as far as the forge says; a fork's branch seldom.
  ///
  /// What only ``Forge/closure(of:in:)`` tells is in it where the pull request was asked for by itself, not in a list.
  package var allowsPush: Bool

  package init(
    place: ForgePlace, isOpen: Bool, isDraft: Bool, title: String, body: String, head: ObjectID, branch: RefName,
    base: RefName, baseTip: ObjectID?, author: ForgeActor?, labels: [String], isMergeable: Bool?, allowsPush: Bool
  ) {
    self.place = place
    self.isOpen = isOpen
    self.isDraft = isDraft
    self.title = title
    self.body = body
    self.head = head
    self.branch = branch
    self.base = base
    self.baseTip = baseTip
    self.author = author
    self.labels = labels
    self.isMergeable = isMergeable
    self.allowsPush = allowsPush
  }
}

/// A comment that is on a forge.
package struct PostedComment: Sendable, Hashable, Codable {
  package var id: Int64
  package var author: ForgeActor?
  /// As it was written; at most 64 KiB.
  package var body: String
  /// The thread, as the forge names it; `nil` for a comment on the pull request as a whole.
  package var thread: String?
  /// Whether the thread is settled; `nil` where the forge cannot say.
  package var isSettled: Bool?
  package var path: RepositoryPath?
  package var time: Timestamp

  package init(
    id: Int64, author: ForgeActor?, body: String, thread: String?, isSettled: Bool?, path: RepositoryPath?,
    time: Timestamp
  ) {
    self.id = id
    self.author = author
    self.body = body
    self.thread = thread
    self.isSettled = isSettled
    self.path = path
    self.time = time
  }
}

/// Which try an effect is at.
package struct EffectTrial: Sendable, Hashable, Codable {
  /// When it was intended for the first time.
  package var intended: Timestamp
  /// Whether an earlier try may have written something, and its request may still be under way.
  package var isRetry: Bool
  /// The latest moment at which an earlier try may have sent something, by the clock of this machine; `nil` where that
  /// is not known, which is taken for the present moment.
  package var latest: Timestamp?
  /// After this moment, by the clock of this machine, no request that writes is begun; `nil` for no such moment.
  ///
  /// It is what makes ``latest`` of the next try true: whoever sets it has written it down before.
  package var writesUntil: Timestamp?

  package init(intended: Timestamp, isRetry: Bool, latest: Timestamp? = nil, writesUntil: Timestamp? = nil) {
    self.intended = intended
    self.isRetry = isRetry
    self.latest = latest
    self.writesUntil = writesUntil
  }
}

/// What came of carrying out an effect.
package enum ForgeResult: Sendable, Hashable, Codable {
  /// It is there; one line on what it left.
  case done(String)
  /// The forge refuses it and will refuse it again; one line on why.
  case refused(String)
  /// The pull request's head is another one by now, or it is closed; nothing was written since.
  case overtaken(String)
  /// ``EffectTrial/writesUntil`` has passed before all was written. Nothing is under way; it can be gone on with, and
  /// that is no retry.
  case unfinished
}

/// Why a forge could not be asked or written to.
package struct ForgeError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  package enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// Who asks is not known, or the token is not good any more.
    case unauthenticated
    /// Who asks may not.
    case forbidden
    case notFound
    /// What was sent is not accepted.
    case rejected
    /// Too much was asked; ``ForgeError/retryAfter`` says when to ask again.
    case limited
    /// The forge did not answer, or answered that it failed.
    case unavailable
    /// The answer is not what the forge's description says.
    case malformed
    case cancelled
    /// What was to be sent holds a secret of ours; nothing was sent.
    case withheld
  }

  package var code: Code
  /// One line: what was asked of whom, and what came of it; never a credential.
  package var message: String
  /// How many seconds to wait before it is asked again, where the forge says so.
  package var retryAfter: Int?

  package init(_ code: Code, _ message: String, retryAfter: Int? = nil) {
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }

  package var description: String { message }
}
