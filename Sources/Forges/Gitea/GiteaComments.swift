internal import Base
internal import HTTP
internal import JSON
internal import Work

/// Comments, reviews and statuses on Gitea and Forgejo.
extension GiteaForge {
  func standing(on place: ForgePlace, withSettled: Bool) async throws(ForgeError) -> [StandingComment] {
    var result: [StandingComment] = []
    // These come all at once; the API has no pages of them.
    for record in try await transport.send(
      .get("\(base(place))/issues/\(place.number)/comments", scope: scope(place))
    ).list() {
      result.append(try hubComment(record))
    }
    let reviews = try await transport.list(
      .get("\(base(place))/pulls/\(place.number)/reviews", scope: scope(place)), size: 50)
    for review in reviews where review.number("comments_count") != 0 {
      let id = try review.requiredNumber("id")
      for record in try await transport.send(
        .get("\(base(place))/pulls/\(place.number)/reviews/\(id)/comments", scope: scope(place))
      ).list() {
        var comment = try hubComment(record)
        comment.posted.isSettled = record.record("resolver") != nil
        comment.line = record.number("position").map(Int.init)
        comment.oldLine = record.number("original_position").map(Int.init)
        result.append(comment)
      }
    }
    return Self.threaded(result.sorted { ($0.posted.time, $0.posted.id) < ($1.posted.time, $1.posted.id) })
  }

  /// Names the threads: comments on one line of one file make one, and it is named by the first of them.
  private static func threaded(_ comments: [StandingComment]) -> [StandingComment] {
    struct Line: Hashable {
      var path: RepositoryPath
      var line: Int?
      var oldLine: Int?
    }
    var first: [Line: Int64] = [:]
    return comments.map { comment in
      guard let path = comment.posted.path else { return comment }
      let line = Line(path: path, line: comment.line, oldLine: comment.oldLine)
      let id = first[line] ?? comment.posted.id
      first[line] = id
      var comment = comment
      comment.posted.thread = "\(id)"
      return comment
    }
  }

  // MARK: Posting

  func post(
    _ drafts: [DraftComment], head: ObjectID, on place: ForgePlace
  ) async throws(ForgeError) -> PostingReport {
    let comments = drafts.map { draft -> JSONValue in
      let line = JSONValue.number(Double(draft.anchor.endLine))
      return .object([
        "path": .string(String(decoding: draft.anchor.path.bytes, as: UTF8.self)), "body": .string(draft.body),
        draft.anchor.side == .head ? "new_position" : "old_position": line,
      ])
    }
    try await review(comments, head: head, on: place)
    return PostingReport(posted: drafts.count)
  }

  private func review(_ comments: [JSONValue], head: ObjectID, on place: ForgePlace) async throws(ForgeError) {
    let body: JSONValue = .object([
      "event": "COMMENT", "commit_id": .string(head.hex), "comments": .array(comments),
    ])
    _ = try await transport.send(
      .write(.post, "\(base(place))/pulls/\(place.number)/reviews", body, scope: scope(place)))
  }

  // Comments on lines are changed by the same call as all others.
  func rewrite(_ comment: PostedComment, body: String, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(
      .write(
        .patch, "\(base(place))/issues/comments/\(comment.id)", .object(["body": .string(body)]), scope: scope(place)))
  }

  func remove(_ comment: PostedComment, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(
      .write(.delete, "\(base(place))/issues/comments/\(comment.id)", scope: scope(place)))
  }

  func reply(
    _ body: String, thread: String, among standing: [StandingComment], on place: ForgePlace
  ) async throws(ForgeError) -> Bool {
    guard let comment = standing.first(where: { "\($0.posted.id)" == thread }), let path = comment.posted.path else {
      return false
    }
    if try await version().hasReplies {
      let answer = try await transport.ask(
        .write(
          .post, "\(base(place))/pulls/\(place.number)/comments/\(comment.posted.id)/replies",
          .object(["body": .string(body)]), scope: scope(place)))
      if (200..<300).contains(answer.status) { return true }
      guard answer.status == 404 || answer.status == 405 else { throw transport.error(for: answer) }
    }
    // A second review on the same line stands in the same thread.
    let (line, oldLine) = (comment.line ?? 0, comment.oldLine ?? 0)
    guard line > 0 || oldLine > 0 else { return false }
    let head = try await pullRequest(place).head
    let entry: JSONValue = .object([
      "path": .string(String(decoding: path.bytes, as: UTF8.self)), "body": .string(body),
      line > 0 ? "new_position" : "old_position": .number(Double(line > 0 ? line : oldLine)),
    ])
    try await review([entry], head: head, on: place)
    return true
  }

  func settle(_ thread: String, on place: ForgePlace) async throws(ForgeError) -> Bool {
    guard let id = Int64(thread) else { return false }
    var call = ForgeCall.write(.post, "\(base(place))/pulls/comments/\(id)/resolve", scope: scope(place))
    // Settling what is settled changes nothing, so it may be sent twice.
    call.isRepeatable = true
    let answer = try await transport.ask(call)
    if (200..<300).contains(answer.status) { return true }
    guard answer.status == 404 || answer.status == 405 else { throw transport.error(for: answer) }
    learnThatItCannotSettle()
    return false
  }

  // MARK: Statuses

  /// `warning` is Gitea's own: neither green nor red, and it holds nothing up.
  private static func status(_ state: CheckReport.State) -> String {
    switch state {
    case .pending: "pending"
    case .success: "success"
    case .failure: "failure"
    case .neutral: "warning"
    }
  }

  func report(_ check: CheckReport, on place: ForgePlace) async throws(ForgeError) -> String {
    try await reportStatus(
      check, as: Self.status(check.state), newest: [("sort", "recentupdate"), ("limit", "50")], member: "status",
      on: place)
  }
}
