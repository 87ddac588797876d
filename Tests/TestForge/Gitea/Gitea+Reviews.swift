internal import JSON

/// Reviews; Gitea takes a comment wherever it is put.
extension World {
  func giteaReviewJSON(_ review: Review) -> JSONValue {
    guard let repository = repositories[review.repository] else { return .null }
    let states = ["COMMENTED": "COMMENT", "CHANGES_REQUESTED": "REQUEST_CHANGES"]
    let place = "\(address)/\(repository.path)/pulls/\(review.number)"
    return [
      "id": .number(review.id), "user": giteaUserJSON(review.author), "body": .string(review.body),
      "state": .string(states[review.state] ?? review.state), "commit_id": .string(review.commit), "team": .null,
      "stale": .bool(pull(review.repository, review.number)?.head != review.commit), "official": false,
      "dismissed": .bool(review.state == "DISMISSED"),
      "comments_count": .number(comments.values.count { $0.review == review.id }),
      "submitted_at": .stamp(review.submitted ?? now), "updated_at": .stamp(review.submitted ?? now),
      "html_url": .string("\(place)#issuecomment-\(review.id)"), "pull_request_url": .string(place),
    ]
  }

  private func giteaFindReview(_ parameters: Parameters, of pull: Pull) throws -> Review {
    guard let found = try? review(parameters, of: pull) else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    return found
  }

  mutating func giteaReviews(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try giteaPull(parameters)
    let found = reviews(of: repository.id, pull.number).filter { $0.state != "PENDING" || $0.author == caller.account }
    return giteaPage(found.map(giteaReviewJSON), call)
  }

  mutating func giteaReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try giteaPull(parameters)
    return .json(200, giteaReviewJSON(try giteaFindReview(parameters, of: pull)))
  }

  mutating func giteaReviewComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try giteaPull(parameters)
    let review = try giteaFindReview(parameters, of: pull)
    let found = comments(of: repository.id, pull.number).filter { $0.review == review.id }
    return .json(200, .array(found.map(giteaLineCommentJSON)))
  }

  /// The state that an event leads to, where it may be handed in.
  private func giteaState(_ event: String, _ body: String, _ count: Int, _ pull: Pull, _ caller: Caller) throws
    -> String
  {
    let isOwn = pull.author == caller.account
    switch event {
    case "APPROVED":
      if isOwn { throw Refusal(giteaError(422, "approve your own pull is not allowed")) }
      return "APPROVED"
    case "REQUEST_CHANGES":
      if isOwn { throw Refusal(giteaError(422, "reject your own pull is not allowed")) }
      if body.isEmpty { throw Refusal(giteaError(422, "review event REQUEST_CHANGES requires a body or a comment")) }
      return "CHANGES_REQUESTED"
    case "COMMENT":
      if body.isEmpty && count == 0 {
        throw Refusal(giteaError(422, "review event COMMENT requires a body or a comment"))
      }
      return "COMMENTED"
    case "PENDING", "": return "PENDING"
    default:
      throw Refusal(giteaError(422, "unknown review type"), breach: "an event that Gitea does not know: \(event)")
    }
  }

  mutating func giteaAddReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try giteaPull(parameters)
    let body = call.json["body"]?.string ?? ""
    let drafts = call.json["comments"]?.array ?? []
    let state = try giteaState(call.json["event"]?.string ?? "", body, drafts.count, pull, caller)
    let review = addReview(
      body, state: state, to: pull, commit: call.json["commit_id"]?.string ?? pull.head, by: caller.account)
    for draft in drafts {
      let new = draft["new_position"]?.integer ?? 0
      let old = draft["old_position"]?.integer ?? 0
      var anchor = Anchor(path: draft["path"]?.string ?? "", oldPath: "", commit: review.commit)
      (anchor.side, anchor.line) = new > 0 ? ("RIGHT", new) : ("LEFT", old)
      _ = giteaAddLine(draft["body"]?.string ?? "", anchor, pull, review, by: caller.account)
    }
    if state != "PENDING" { happened(.reviewed(review), by: caller.account) }
    return .json(200, giteaReviewJSON(review))
  }

  /// Writes a comment; one on a line that was spoken of before is in the same conversation.
  private mutating func giteaAddLine(
    _ body: String, _ anchor: Anchor, _ pull: Pull, _ review: Review, by author: Int
  ) -> Comment {
    let first = comments(of: pull.repository, pull.number).first {
      $0.anchor?.path == anchor.path && $0.anchor?.side == anchor.side && $0.anchor?.line == anchor.line
    }
    return addLineComment(
      body, at: anchor, to: pull, review: review.id, by: author, thread: first?.thread, parent: first?.id)
  }

  mutating func giteaSubmit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try giteaPull(parameters)
    var review = try giteaFindReview(parameters, of: pull)
    guard review.author == caller.account, review.state == "PENDING" else {
      throw Refusal(giteaError(422, "only pending review can be submitted"))
    }
    let count = comments.values.count { $0.review == review.id }
    review.body = call.json["body"]?.string ?? review.body
    review.state = try giteaState(call.json["event"]?.string ?? "", review.body, count, pull, caller)
    review.submitted = now
    reviews[review.id] = review
    happened(.reviewed(review), by: caller.account)
    return .json(200, giteaReviewJSON(review))
  }

  mutating func giteaDeleteReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try giteaPull(parameters)
    let review = try giteaFindReview(parameters, of: pull)
    guard review.author == caller.account else { throw Refusal(giteaError(403, "Forbidden")) }
    for comment in comments.values where comment.review == review.id { comments[comment.id] = nil }
    reviews[review.id] = nil
    wrote("review removal")
    return .empty
  }

  /// Settles the conversation of a comment, in the versions that can.
  mutating func giteaResolve(_ call: Call, _ caller: Caller, _ parameters: Parameters, _ isResolved: Bool) throws
    -> Reply
  {
    switch options.gitea {
    case .old: throw Refusal(giteaError(404, "404 page not found"), breach: "this version cannot settle threads")
    case .forgejo15: throw Refusal(giteaError(405, "Method Not Allowed"), breach: "Forgejo cannot settle threads")
    case .new: break
    }
    let repository = try repository(parameters)
    guard let comment = parameters["id"].flatMap({ Int($0) }).flatMap({ comments[$0] }),
      comment.repository == repository.id,
      comment.anchor != nil, let thread = comment.thread
    else { throw Refusal(giteaError(404, "The target couldn't be found.")) }
    let isAuthor = pull(repository.id, comment.number)?.author == caller.account
    guard access(of: caller.account, on: repository) >= .write || isAuthor else {
      throw Refusal(giteaError(403, "Forbidden"))
    }
    try settle(thread, isResolved, by: caller.account)
    return .empty
  }

  mutating func giteaReply(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard options.gitea == .new else {
      throw Refusal(giteaError(404, "404 page not found"), breach: "this version has no replies")
    }
    let (_, pull) = try giteaPull(parameters)
    guard let parent = parameters["id"].flatMap({ Int($0) }).flatMap({ comments[$0] }), parent.number == pull.number,
      parent.repository == pull.repository, parent.anchor != nil
    else { throw Refusal(giteaError(404, "The target couldn't be found.")) }
    guard let body = call.json["body"]?.string, !body.isEmpty else {
      throw Refusal(giteaError(422, "[Body]: Required"))
    }
    guard let reply = addReply(body, to: parent, of: pull, by: caller.account) else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    return .json(201, giteaLineCommentJSON(reply))
  }
}
