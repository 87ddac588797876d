internal import Base
internal import Work

/// A comment as it stands on a forge, with what is needed to answer beside it.
struct StandingComment: Sendable, Hashable {
  var posted: PostedComment
  /// The line of the head, or of the base, where it stands; only where the forge needs it for an answer.
  var line: Int?
  var oldLine: Int?
}

/// A comment on lines that is ready to go out: with suggestion and marker.
struct DraftComment: Sendable, Hashable {
  var key: String
  var anchor: LineAnchor
  var body: String
}

/// What came of posting comments on lines.
struct PostingReport: Sendable {
  var posted = 0
  /// Whether it ended because the head moved on meanwhile.
  var isOvertaken = false
  /// Those that the forge would not take at their place, with what it said.
  var unanchored: [(draft: DraftComment, reason: String)] = []
}

/// The single steps of which effects are made, as each forge takes them.
///
/// A step that writes sends one request, once; the order of steps, and what keeps an effect from being there twice, is
/// the same for all forges and stands in ``carryOut(_:on:trial:)``.
protocol EffectBoard: Forge {
  var transport: ForgeTransport { get }
  var authority: any ForgeAuthority { get }

  /// How a pull request stands, without what only a push has to know; it is read before every comment.
  func standingRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState

  /// Every comment, on lines or on the whole, oldest first; whether threads are settled only where that is asked for.
  func standing(on place: ForgePlace, withSettled: Bool) async throws(ForgeError) -> [StandingComment]

  /// Posts comments on lines; where they go one by one, ``isStill(_:on:)`` is asked before each.
  ///
  /// - Throws: ``ForgeError``; then some of them may be there.
  func post(
    _ drafts: [DraftComment], head: ObjectID, on place: ForgePlace
  ) async throws(ForgeError) -> PostingReport

  /// Posts a comment on the whole.
  func postNote(_ body: String, on place: ForgePlace) async throws(ForgeError)

  /// Writes a comment anew.
  func rewrite(_ comment: PostedComment, body: String, on place: ForgePlace) async throws(ForgeError)

  func remove(_ comment: PostedComment, on place: ForgePlace) async throws(ForgeError)

  /// Answers in a thread; `false` where the forge has no such thread any more.
  func reply(
    _ body: String, thread: String, among standing: [StandingComment], on place: ForgePlace
  ) async throws(ForgeError) -> Bool

  /// Marks a thread as settled; `false` where the forge cannot.
  func settle(_ thread: String, on place: ForgePlace) async throws(ForgeError) -> Bool

  /// Makes a check say this; gives one line on what is there now.
  func report(_ check: CheckReport, on place: ForgePlace) async throws(ForgeError) -> String
}

extension EffectBoard {
  package var longestRequest: Duration { transport.patience.longestRequest }

  func scope(_ place: ForgePlace) -> ForgeScope { .repository(place.repository) }

  package func gitCredential(
    for repository: ForgeRepository, access: GitAccess
  ) async throws(ForgeError) -> GitCredential {
    try await authority.gitCredential(for: .repository(repository), access: access)
  }

  func standingRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    try await pullRequest(place)
  }

  /// All that these forges know of closed branches stands in ``RepositoryState/protected``.
  package func closure(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> String? { nil }

  /// Reads the answer to a question for one branch, which has the same member on all forges.
  func protection(_ call: ForgeCall) async throws(ForgeError) -> BranchProtection {
    let answer = try await transport.ask(call)
    switch answer.status {
    case 200:
      guard let isProtected = try answer.record().flag("protected") else {
        return .unknown("\(transport.style.title): \(call.display): it does not say whether the branch is protected")
      }
      return isProtected ? .protected : .open
    case 404: return .absent
    default:
      let error = transport.error(for: answer)
      guard error.code == .forbidden else { throw error }
      return .unknown(error.message)
    }
  }

  package func comments(on place: ForgePlace) async throws(ForgeError) -> [PostedComment] {
    try await standing(on: place, withSettled: true).map { comment in
      var posted = comment.posted
      posted.body = ForgeText.cut(posted.body)
      return posted
    }
  }

  package func carryOut(
    _ effect: ForgeEffect, on place: ForgePlace, trial: EffectTrial
  ) async throws(ForgeError) -> ForgeResult {
    let clock = transport.clock
    if let end = Quarantine.end(trial, now: clock.now(), longestRequest: transport.patience.longestRequest) {
      try await clock.wait(until: end, for: "until an earlier try cannot write any more")
    }
    guard let end = trial.writesUntil else { return try await writeOrRefuse(effect, on: place).get() }
    // The waiting may have taken all of the time.
    guard clock.now() <= end else { return .unfinished }
    let window = WriteWindow(until: end)
    let result = await WriteWindow.$current.withValue(window) { await writeOrRefuse(effect, on: place) }
    return window.hasRefused ? .unfinished : try result.get()
  }

  private func writeOrRefuse(_ effect: ForgeEffect, on place: ForgePlace) async -> Result<ForgeResult, ForgeError> {
    do throws(ForgeError) {
      return .success(try await write(effect, on: place))
    } catch {
      switch error.code {
      case .forbidden, .notFound, .rejected: return .success(.refused(error.message))
      case .unauthenticated, .limited, .unavailable, .malformed, .cancelled, .withheld: return .failure(error)
      }
    }
  }

  private func write(_ effect: ForgeEffect, on place: ForgePlace) async throws(ForgeError) -> ForgeResult {
    switch effect {
    case .comments(let comments, let head): try await write(comments, head: head, on: place)
    case .summary(let body, let heads): try await write(summary: body, under: heads, on: place)
    case .answer(let answer): try await write(answer, on: place)
    case .settle(let keys): try await settleIfAllowed(keys, on: place)
    case .check(let check): .done(try await report(check, on: place))
    }
  }

  // MARK: Comments on lines

  private func write(
    _ comments: [LineComment], head: ObjectID, on place: ForgePlace
  ) async throws(ForgeError) -> ForgeResult {
    if let wrong = comments.first(where: { !HiddenMarker.isKey($0.key) }) {
      return .refused("'\(ForgeText.short(wrong.key))' cannot stand in a marker")
    }
    var keys: Set<String> = []
    let wanted = comments.filter { keys.insert($0.key).inserted }
    let own = try await ownComments(on: place)
    try await sweep(own, on: place)
    let missing = wanted.filter { own[$0.key] == nil }
    let there = wanted.count - missing.count
    guard !missing.isEmpty else { return .done("\(counted(there, "comment")) there already") }
    // Read as late as can be: what is posted now must speak of the head that people see.
    guard try await isStill(head, on: place) else {
      return .overtaken("the head is not \(head.short) any more, or the pull request is closed")
    }
    let drafts = missing.map { comment in
      DraftComment(
        key: comment.key, anchor: comment.anchor,
        body: HiddenMarker.mark(
          SuggestionText.body(of: comment, on: name), key: comment.key, beside: comment.mark))
    }
    // The forges name files in JSON, which holds text alone.
    let (sayable, unsayable) = (
      drafts.filter { DisplayText.isUTF8($0.anchor.path.bytes) },
      drafts.filter { !DisplayText.isUTF8($0.anchor.path.bytes) }
    )
    var report = sayable.isEmpty ? PostingReport() : try await post(sayable, head: head, on: place)
    if report.isOvertaken {
      return .overtaken("the head moved on from \(head.short) after \(counted(report.posted, "comment"))")
    }
    report.unanchored += unsayable.map { ($0, "the name of the file is not UTF-8") }
    return .done(Self.line(report, there: there))
  }

  /// What came of posting, in one line.
  private static func line(_ report: PostingReport, there: Int) -> String {
    var line = "\(counted(report.posted, "comment")) posted"
    if there > 0 { line += ", \(there) there already" }
    if !report.unanchored.isEmpty {
      let places = report.unanchored.prefix(10).map { item in
        "\(item.draft.key) at \(item.draft.anchor.path.display):\(item.draft.anchor.endLine) (\(item.reason))"
      }
      line += ", \(report.unanchored.count) refused where they belong: " + places.joined(separator: ", ")
    }
    return line
  }

  /// Whether this is the head of an open pull request now.
  func isStill(_ head: ObjectID, on place: ForgePlace) async throws(ForgeError) -> Bool {
    let now = try await requestBeforeWriting(place)
    return now.head == head && now.isOpen
  }

  /// How the pull request stands when the next write may go out, so that nothing is waited for between the two.
  private func requestBeforeWriting(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    try await transport.waitToWrite()
    return try await standingRequest(place)
  }

  // MARK: The summary and answers

  private func write(
    summary body: String, under heads: [ObjectID], on place: ForgePlace
  ) async throws(ForgeError) -> ForgeResult {
    let body = HiddenMarker.mark(body, key: HiddenMarker.summary)
    let own = try await ownComments(on: place).mapValues { $0.filter { $0.path == nil } }
    try await sweep(own, on: place)
    let kept = own[HiddenMarker.summary]?.first
    if let kept, HiddenMarker.isSame(kept.body, body) { return .done("the summary is there already") }
    if !heads.isEmpty {
      let now = try await requestBeforeWriting(place).head
      guard heads.contains(now) else { return .overtaken("the head is \(now.short) by now") }
    }
    guard let kept else {
      try await postNote(body, on: place)
      return .done("the summary was posted")
    }
    try await rewrite(kept, body: body, on: place)
    return .done("the summary was written anew")
  }

  private func write(_ answer: Answer, on place: ForgePlace) async throws(ForgeError) -> ForgeResult {
    guard HiddenMarker.isKey(answer.key) else {
      return .refused("'\(ForgeText.short(answer.key))' cannot stand in a marker")
    }
    let account = try await account()
    let standing = try await standing(on: place, withSettled: false)
    let own = Self.ownByKey(standing.map(\.posted), account: account)
    try await sweep(own, on: place)
    guard own[answer.key] == nil else { return .done("the answer is there already") }
    let body = HiddenMarker.mark(answer.body, key: answer.key)
    if let thread = answer.thread, try await reply(body, thread: thread, among: standing, on: place) {
      return .done("answered in the thread")
    }
    try await postNote(body, on: place)
    return .done(answer.thread == nil ? "answered" : "answered outside of the thread, which takes no answer")
  }

  // MARK: Threads

  /// A thread that may not be settled stays open; what else there is to be said does not depend on it.
  private func settleIfAllowed(_ keys: [String], on place: ForgePlace) async throws(ForgeError) -> ForgeResult {
    do throws(ForgeError) {
      let result = try await settle(keys, on: place)
      guard case .refused(let reason) = result else { return result }
      return .done("not settled: \(reason)")
    } catch  where [.forbidden, .notFound, .rejected].contains(error.code) {
      return .done("not settled: \(error.message)")
    }
  }

  private func settle(_ keys: [String], on place: ForgePlace) async throws(ForgeError) -> ForgeResult {
    // Asking for the account is what tells what the forge can do.
    let account = try await account()
    guard capabilities.settlesThreads else { return .refused("this forge cannot settle threads for a program") }
    let own = Self.ownByKey(
      try await standing(on: place, withSettled: true).map(\.posted), account: account)
    var settled = 0
    var there = 0
    var threads: Set<String> = []
    for comment in keys.flatMap({ own[$0] ?? [] }) {
      guard let thread = comment.thread, threads.insert(thread).inserted else { continue }
      if comment.isSettled == true {
        there += 1
      } else if try await settle(thread, on: place) {
        settled += 1
      } else {
        return .refused("this forge cannot settle threads for a program")
      }
    }
    let missing = keys.count { own[$0] == nil }
    var line = "\(counted(settled, "thread")) settled"
    if there > 0 { line += ", \(there) settled already" }
    if missing > 0 { line += ", \(missing) not there" }
    return .done(line)
  }

  // MARK: What is ours

  /// Our own comments by the keys of their markers, the oldest of each first.
  private func ownComments(on place: ForgePlace) async throws(ForgeError) -> [String: [PostedComment]] {
    let account = try await account()
    return Self.ownByKey(try await standing(on: place, withSettled: false).map(\.posted), account: account)
  }

  static func ownByKey(_ comments: [PostedComment], account: ForgeActor) -> [String: [PostedComment]] {
    var result: [String: [PostedComment]] = [:]
    for comment in comments where comment.author?.id == account.id {
      guard let key = HiddenMarker.key(in: comment.body) else { continue }
      result[key, default: []].append(comment)
    }
    return result.mapValues { list in list.sorted { ($0.time, $0.id) < ($1.time, $1.id) } }
  }

  /// Takes away what is there more than once; the oldest stays, because people may have answered it.
  private func sweep(_ own: [String: [PostedComment]], on place: ForgePlace) async throws(ForgeError) {
    for key in own.keys.sorted() {
      for spare in (own[key] ?? []).dropFirst() {
        // Somebody may have taken it away by now; one that may not be taken away stays.
        _ = try await unlessHidden { () async throws(ForgeError) in try await remove(spare, on: place) }
      }
    }
  }
}

/// `1 comment`, `2 comments`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// The account that writes, once it is known.
final class AccountMemo: Sendable {
  private let known = Lock<ForgeActor?>(nil)

  func callAsFunction(
    _ ask: () async throws(ForgeError) -> ForgeActor
  ) async throws(ForgeError) -> ForgeActor {
    if let account = known.withLock({ $0 }) { return account }
    let account = try await ask()
    known.withLock { $0 = account }
    return account
  }
}
