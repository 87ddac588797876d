internal import JSON

/// Comments on lines.
extension World {
  /// The comments on lines that others see: those of a review that is not handed in are not among them.
  private func visible(_ found: [Comment]) -> [Comment] {
    found.filter { $0.anchor != nil && isVisible($0) }
  }

  mutating func listLineComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    return page(visible(comments(of: repository.id, pull.number)).map(lineCommentJSON), call, in: repository)
  }

  mutating func allLineComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    refresh(repository)
    let found = comments.values.filter { $0.repository == repository.id }.sorted { $0.id < $1.id }
    return page(visible(found).map(lineCommentJSON), call, in: repository)
  }

  mutating func getLineComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, comment) = try comment(parameters, onLine: true)
    refresh(repository)
    return .json(200, lineCommentJSON(comment))
  }

  mutating func editLineComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    var (_, comment) = try comment(parameters, onLine: true)
    try mayEdit(comment, caller)
    comment.body = try Self.text(call.json, "body", of: "PullRequestReviewComment")
    comment.updated = now
    comments[comment.id] = comment
    wrote("comment edit")
    return .json(200, lineCommentJSON(comment))
  }

  mutating func deleteLineComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, comment) = try comment(parameters, onLine: true)
    try mayEdit(comment, caller)
    comments[comment.id] = nil
    wrote("comment removal")
    return .empty
  }

  /// A single comment on lines, or on a file.
  mutating func createLineComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    if let parent = call.json["in_reply_to"]?.integer {
      guard let comment = comments[parent], comment.number == pull.number, comment.anchor != nil else {
        throw Refusal(404, "Not Found")
      }
      return try reply(call, caller, to: comment, of: pull)
    }
    let body = try Self.text(call.json, "body", of: "PullRequestReviewComment")
    guard let commit = call.json["commit_id"]?.string else {
      throw Self.invalid(
        "commit_id is missing", resource: "PullRequestReviewComment", field: "commit_id", code: "missing_field")
    }
    let anchor: Anchor
    do {
      anchor = try self.anchor(call.json, of: pull, at: commit, difference: try difference(of: pull, at: commit))
    } catch let fault as AnchorFault {
      throw Self.invalid(fault.single, resource: "PullRequestReviewComment", field: fault.field)
    }
    let review = addReview("", state: "COMMENTED", to: pull, commit: commit, by: caller.account)
    let comment = addLineComment(body, at: anchor, to: pull, review: review.id, by: caller.account)
    happened(.lineCommented(comment), by: caller.account)
    happened(.reviewed(review), by: caller.account)
    return .json(201, lineCommentJSON(comment))
  }

  mutating func replyToLine(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    let (_, parent) = try comment(parameters, onLine: true)
    guard parent.number == pull.number else { throw Refusal(404, "Not Found") }
    if parent.parent != nil {
      throw Refusal(
        .json(422, ["message": "Validation Failed", "errors": ["replies to replies are not supported"]]),
        breach: "a reply to a reply")
    }
    return try reply(call, caller, to: parent, of: pull)
  }

  private mutating func reply(_ call: Call, _ caller: Caller, to parent: Comment, of pull: Pull) throws -> Reply {
    let body = try Self.text(call.json, "body", of: "PullRequestReviewComment")
    guard let comment = addReply(body, to: parent, of: pull, by: caller.account) else {
      throw Refusal(404, "Not Found")
    }
    return .json(201, lineCommentJSON(comment))
  }

  /// Writes a reply to a comment on lines, with the review that GitHub makes for it.
  mutating func addReply(_ body: String, to parent: Comment, of pull: Pull, by author: Int) -> Comment? {
    guard let anchor = parent.anchor else { return nil }
    let review = addReview("", state: "COMMENTED", to: pull, commit: pull.head, by: author)
    let comment = addLineComment(
      body, at: anchor, to: pull, review: review.id, by: author, thread: parent.thread,
      parent: parent.parent ?? parent.id)
    happened(.lineCommented(comment), by: author)
    happened(.reviewed(review), by: author)
    return comment
  }

  /// Stores a comment on lines, and a thread for it where it begins one.
  mutating func addLineComment(
    _ body: String, at anchor: Anchor, to pull: Pull, review: Int?, by author: Int, thread: Int? = nil,
    parent: Int? = nil, isVisible: Bool = true
  ) -> Comment {
    let thread = thread ?? addThread(to: pull, isVisible: isVisible).id
    let comment = Comment(
      id: nextID(), repository: pull.repository, number: pull.number, author: author, body: body, created: now,
      updated: now, anchor: anchor, thread: thread, review: review, parent: parent)
    comments[comment.id] = comment
    wrote(parent == nil ? "line comment" : "reply")
    return comment
  }

  mutating func addThread(to pull: Pull, isVisible: Bool = true, isResolvable: Bool = true) -> ForgeThread {
    let id = nextID()
    let name: String
    switch kind {
    case .github: name = "PRRT_kwDO\(id)"
    case .gitlab: name = String(repeating: "0", count: 32) + String(String(id + 0x1000_0000, radix: 16).suffix(8))
    case .gitea: name = String(id)
    }
    let thread = ForgeThread(
      id: id, name: name, repository: pull.repository, number: pull.number, isVisible: isVisible,
      isResolvable: isResolvable)
    threads[id] = thread
    return thread
  }
}
