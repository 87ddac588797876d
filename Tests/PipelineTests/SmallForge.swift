import Base
import Broker
import Forges
import Pipeline
import Synchronization
import Testing
import Work

/// A forge with a few open pull requests and their comments, which counts what it is asked.
final class SmallForge: Forge {
  struct State: Sendable {
    var pullRequests: [PullRequestState] = []
    var comments: [Int: [PostedComment]] = [:]
    /// What asking for a pull request's comments fails with.
    var failures: [Int: ForgeError] = [:]
    /// How often the open pull requests were asked for, and how often the comments of one.
    var lists = 0
    var reads: [Int] = []
    /// The keys of the answers that were written, in their order.
    var answers: [Answer] = []
    var checks: [CheckReport] = []
  }

  let name = ForgeName.github
  let capabilities = ForgeCapabilities(
    hasChecks: true, hasNeutral: true, settlesThreads: true, answersThreads: true, hasSuggestions: true,
    reviewsAreWhole: true, checksAnchors: true, hasRanges: true)
  let state = Mutex(State())

  static let own = ForgeActor(id: 1, login: "arborist[bot]", isBot: true)
  static let ada = ForgeActor(id: 5, login: "ada", isBot: false)

  /// A repository of the forge.
  static func repository(_ path: String = "ada/app") throws -> ForgeRepository {
    try #require(ForgeRepository(forge: .github, id: 7, path: path))
  }

  /// Opens a pull request.
  func open(_ number: Int, head: UInt8 = 1) throws {
    let place = ForgePlace(repository: try Self.repository(), number: number)
    let opened = PullRequestState(
      place: place, isOpen: true, isDraft: false, title: "", body: "", head: Fixed.commit(head),
      branch: try RefName("refs/heads/topic-\(number)"), base: try RefName("refs/heads/main"), baseTip: nil,
      author: Self.ada, labels: [], isMergeable: nil, allowsPush: true)
    state.withLock { $0.pullRequests.append(opened) }
  }

  /// Writes a comment.
  func comment(_ number: Int, _ body: String, id: Int64, at time: Timestamp) {
    let comment = PostedComment(
      id: id, author: Self.ada, body: body, thread: nil, isSettled: nil, path: nil, time: time)
    state.withLock { $0.comments[number, default: []].append(comment) }
  }

  func account() async throws(ForgeError) -> ForgeActor { Self.own }

  func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    guard let main = try? RefName("refs/heads/main") else { throw ForgeError(.malformed, "main") }
    return RepositoryState(
      repository: repository, defaultBranch: main, protected: [], gitAddress: "https://forge.test/ada/app.git")
  }

  func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    let found = state.withLock { state in state.pullRequests.first { $0.place.number == place.number } }
    guard let found else { throw ForgeError(.notFound, "#\(place.number)") }
    return found
  }

  func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] {
    state.withLock { state in
      state.lists += 1
      return state.pullRequests
    }
  }

  func closure(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> String? { nil }

  func protection(
    of branch: RefName, in repository: ForgeRepository
  ) async throws(ForgeError) -> BranchProtection { .open }

  func permission(
    of actor: ForgeActor, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission { .write }

  func comments(on place: ForgePlace) async throws(ForgeError) -> [PostedComment] {
    let (comments, failure) = state.withLock { state in
      state.reads.append(place.number)
      return (state.comments[place.number] ?? [], state.failures[place.number])
    }
    if let failure { throw failure }
    return comments
  }

  func carryOut(
    _ effect: ForgeEffect, on place: ForgePlace, trial: EffectTrial
  ) async throws(ForgeError) -> ForgeResult {
    state.withLock { state in
      if case .answer(let answer) = effect { state.answers.append(answer) }
      if case .check(let check) = effect { state.checks.append(check) }
    }
    return .done("written")
  }
}

/// Keeps no mirrors: what needs one waits.
struct NoMirror: MirrorKeeping {
  func mirror(_ repository: ForgeRepository, numbers: [Int]) async throws(ForgeError) -> MirrorState {
    throw ForgeError(.unavailable, "there is no mirror")
  }
  func push(_ order: PushOrder) async throws(ForgeError) -> PushResult { .refused("there is no mirror") }
}
