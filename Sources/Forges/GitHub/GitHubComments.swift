internal import Base
internal import HTTP
internal import JSON
internal import Work

/// Comments, reviews and threads on GitHub.
extension GitHubForge {
  /// Lists of comments are asked for in smaller pages, because GitHub fails to answer with large ones.
  private var pageSize: Int { 50 }

  func standing(on place: ForgePlace, withSettled: Bool) async throws(ForgeError) -> [StandingComment] {
    let notes = try await transport.list(
      .get("\(base(place))/issues/\(place.number)/comments", scope: scope(place)), size: pageSize)
    let lines = try await transport.list(
      .get("\(base(place))/pulls/\(place.number)/comments", scope: scope(place)), size: pageSize)
    let threads = withSettled && !lines.isEmpty ? try await threads(on: place) : [:]
    var result: [StandingComment] = []
    for record in notes { result.append(try hubComment(record)) }
    for record in lines {
      // A thread is named by its first comment.
      let id = try record.requiredNumber("id")
      let first = record.number("in_reply_to_id") ?? id
      result.append(try hubComment(record, thread: "\(first)", isSettled: threads[first]?.isSettled))
    }
    return result.sorted { ($0.posted.time, $0.posted.id) < ($1.posted.time, $1.posted.id) }
  }

  // MARK: Posting

  func post(
    _ drafts: [DraftComment], head: ObjectID, on place: ForgePlace
  ) async throws(ForgeError) -> PostingReport {
    let review: JSONValue = .object([
      "commit_id": .string(head.hex), "event": "COMMENT",
      "comments": .array(drafts.map { .object(Self.fields(of: $0)) }),
    ])
    let answer = try await transport.ask(
      .write(.post, "\(base(place))/pulls/\(place.number)/reviews", review, scope: scope(place)))
    if (200..<300).contains(answer.status) { return PostingReport(posted: drafts.count) }
    guard answer.status == 422 else { throw transport.error(for: answer) }
    // One comment that lies wrong refuses all of them, and GitHub does not say which: each goes by itself.
    var report = PostingReport()
    for draft in drafts {
      guard try await isStill(head, on: place) else {
        report.isOvertaken = true
        return report
      }
      var fields = Self.fields(of: draft)
      fields["commit_id"] = .string(head.hex)
      let single = try await transport.ask(
        .write(.post, "\(base(place))/pulls/\(place.number)/comments", .object(fields), scope: scope(place)))
      if (200..<300).contains(single.status) {
        report.posted += 1
      } else if single.status == 422 {
        report.unanchored.append((draft, single.complaint))
      } else {
        throw transport.error(for: single)
      }
    }
    return report
  }

  /// The members that a comment has in a review and by itself: `line` is the last line, and `start_line` is left out
  /// where it is the same.
  static func fields(of draft: DraftComment) -> [String: JSONValue] {
    let anchor = draft.anchor
    let side: JSONValue = anchor.side == .head ? "RIGHT" : "LEFT"
    var fields: [String: JSONValue] = [
      "path": .string(String(decoding: anchor.path.bytes, as: UTF8.self)), "body": .string(draft.body),
      "line": .number(Double(anchor.endLine)), "side": side,
    ]
    if anchor.startLine < anchor.endLine {
      fields["start_line"] = .number(Double(anchor.startLine))
      fields["start_side"] = side
    }
    return fields
  }

  private func path(of comment: PostedComment, on place: ForgePlace) -> String {
    "\(base(place))/\(comment.thread == nil ? "issues" : "pulls")/comments/\(comment.id)"
  }

  func rewrite(_ comment: PostedComment, body: String, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(
      .write(.patch, path(of: comment, on: place), .object(["body": .string(body)]), scope: scope(place)))
  }

  func remove(_ comment: PostedComment, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(.write(.delete, path(of: comment, on: place), scope: scope(place)))
  }

  func reply(
    _ body: String, thread: String, among standing: [StandingComment], on place: ForgePlace
  ) async throws(ForgeError) -> Bool {
    guard let first = Int64(thread) else { return false }
    let answer = try await transport.ask(
      .write(
        .post, "\(base(place))/pulls/\(place.number)/comments/\(first)/replies", .object(["body": .string(body)]),
        scope: scope(place)))
    if answer.status == 404 { return false }
    guard (200..<300).contains(answer.status) else { throw transport.error(for: answer) }
    return true
  }

  // MARK: Threads

  /// A thread as GraphQL knows it.
  struct Thread: Sendable {
    var id: String
    var isSettled: Bool
  }

  static let threadsDocument = """
    query($owner: String!, $name: String!, $number: Int!, $cursor: String) {
      repository(owner: $owner, name: $name) {
        pullRequest(number: $number) {
          reviewThreads(first: 100, after: $cursor) {
            pageInfo { hasNextPage endCursor }
            nodes { id isResolved comments(first: 1) { nodes { fullDatabaseId } } }
          }
        }
      }
    }
    """

  static let settleDocument = """
    mutation($thread: ID!) {
      resolveReviewThread(input: { threadId: $thread }) { thread { id isResolved } }
    }
    """

  /// The threads by the number of their first comment.
  private func threads(on place: ForgePlace) async throws(ForgeError) -> [Int64: Thread] {
    let parts = place.repository.path.split(separator: "/", maxSplits: 1).map(String.init)
    var variables: [String: JSONValue] = [
      "owner": .string(parts.first ?? ""), "name": .string(parts.last ?? ""), "number": .number(Double(place.number)),
    ]
    var result: [Int64: Thread] = [:]
    for _ in 0..<Pagination.most {
      let data = try await transport.graphQL(
        .graphQL(Self.threadsDocument, variables: variables, scope: scope(place), isRepeatable: true))
      let list = try data.requiredRecord("repository").requiredRecord("pullRequest").requiredRecord("reviewThreads")
      for node in list.records("nodes") {
        guard let first = node.record("comments")?.records("nodes").first else { continue }
        // A number of 64 bits is written as text.
        guard let number = first.text("fullDatabaseId").flatMap({ Int64($0) }) ?? first.number("fullDatabaseId") else {
          continue
        }
        result[number] = Thread(id: try node.requiredText("id"), isSettled: node.flag("isResolved") ?? false)
      }
      let page = try list.requiredRecord("pageInfo")
      guard page.flag("hasNextPage") == true else { return result }
      variables["cursor"] = .string(try page.requiredText("endCursor"))
    }
    throw ForgeError(.rejected, "GitHub: the pull request has more than \(Pagination.most) pages of threads")
  }

  func settle(_ thread: String, on place: ForgePlace) async throws(ForgeError) -> Bool {
    guard let first = Int64(thread), let found = try await threads(on: place)[first] else {
      throw ForgeError(.notFound, "GitHub: the thread of comment \(ForgeText.short(thread)) is not there any more")
    }
    if found.isSettled { return true }
    // Settling what is settled changes nothing, so it may be sent twice.
    let data = try await transport.graphQL(
      .graphQL(
        Self.settleDocument, variables: ["thread": .string(found.id)], scope: .pushing(place.repository),
        isRepeatable: true))
    let state = data.record("resolveReviewThread")?.record("thread")?.flag("isResolved")
    guard state == true else {
      throw ForgeError(.rejected, "GitHub: the thread of comment \(first) did not become settled")
    }
    return true
  }
}
