internal import JSON

/// Comments and reviews.
extension World {
  func giteaCommentJSON(_ comment: Comment) -> JSONValue {
    guard let repository = repositories[comment.repository] else { return .null }
    let place = "\(address)/\(repository.path)/pulls/\(comment.number)"
    return [
      "id": .number(comment.id), "body": .string(comment.body), "user": giteaUserJSON(comment.author),
      "html_url": .string("\(place)#issuecomment-\(comment.id)"), "pull_request_url": .string(place), "issue_url": "",
      "created_at": .stamp(comment.created), "updated_at": .stamp(comment.updated), "assets": [],
      "original_author": "", "original_author_id": 0,
    ]
  }

  func giteaLineCommentJSON(_ comment: Comment) -> JSONValue {
    guard let repository = repositories[comment.repository], let anchor = comment.anchor else { return .null }
    let isLeft = anchor.side == "LEFT"
    let thread = comment.thread.flatMap { threads[$0] }
    let place = "\(address)/\(repository.path)/pulls/\(comment.number)"
    return [
      "id": .number(comment.id), "body": .string(comment.body), "user": giteaUserJSON(comment.author),
      "resolver": thread?.resolvedBy.map { giteaUserJSON($0) } ?? .null,
      "pull_request_review_id": .maybe(comment.review), "path": .string(anchor.path),
      "commit_id": .string(anchor.commit), "original_commit_id": .string(anchor.commit),
      "diff_hunk": .string(anchor.hunk), "position": .number(isLeft ? 0 : anchor.line ?? 0),
      "original_position": .number(isLeft ? anchor.line ?? 0 : 0), "created_at": .stamp(comment.created),
      "updated_at": .stamp(comment.updated), "html_url": .string("\(place)#issuecomment-\(comment.id)"),
      "pull_request_url": .string(place),
    ]
  }

  private func giteaFind(_ parameters: Parameters) throws -> Comment {
    let repository = try repository(parameters)
    guard let found = parameters["id"].flatMap({ Int($0) }).flatMap({ comments[$0] }), found.repository == repository.id
    else { throw Refusal(giteaError(404, "The target couldn't be found.")) }
    return found
  }

  /// Not paged, as it is.
  mutating func giteaListComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try giteaPull(parameters)
    let since = call.query["since"] ?? ""
    let found = comments(of: repository.id, pull.number).filter { $0.anchor == nil && World.stamp($0.updated) >= since }
    var reply = Reply.json(200, .array(found.map(giteaCommentJSON)))
    reply.headers["X-Total-Count"] = String(found.count)
    return reply
  }

  func giteaAllComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let found = comments.values.filter { $0.repository == repository.id && $0.anchor == nil }.sorted { $0.id < $1.id }
    return giteaPage(found.map(giteaCommentJSON), call)
  }

  private func giteaText(_ json: JSONValue) throws -> String {
    guard let text = json["body"]?.string, !text.isEmpty else { throw Refusal(giteaError(422, "[Body]: Required")) }
    return text
  }

  mutating func giteaAddComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try giteaPull(parameters)
    return .json(201, giteaCommentJSON(addComment(try giteaText(call.json), to: pull, by: caller.account)))
  }

  func giteaComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, giteaCommentJSON(try giteaFind(parameters)))
  }

  private func giteaMayEdit(_ comment: Comment, _ caller: Caller) throws {
    guard let repository = repositories[comment.repository],
      comment.author == caller.account
        || access(of: caller.account, on: repository) >= .admin
    else { throw Refusal(giteaError(403, "Forbidden"), breach: "a change to somebody else's comment") }
  }

  /// Comments on lines are changed here too: Gitea has no other place for it.
  mutating func giteaEditComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    var comment = try giteaFind(parameters)
    try giteaMayEdit(comment, caller)
    comment.body = try giteaText(call.json)
    comment.updated = now
    comments[comment.id] = comment
    wrote("comment edit")
    return .json(200, giteaCommentJSON(comment))
  }

  mutating func giteaDeleteComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let comment = try giteaFind(parameters)
    try giteaMayEdit(comment, caller)
    comments[comment.id] = nil
    wrote("comment removal")
    return .empty
  }

  private func giteaReactionJSON(_ reaction: Reaction) -> JSONValue {
    ["content": .string(reaction.content), "user": giteaUserJSON(reaction.account), "created_at": .stamp(now)]
  }

  func giteaReactions(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, .array(try giteaFind(parameters).reactions.map(giteaReactionJSON)))
  }

  mutating func giteaReact(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let comment = try giteaFind(parameters)
    let content = call.json["content"]?.string ?? ""
    guard ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"].contains(content) else {
      throw Refusal(giteaError(403, "'\(content)' is not an allowed reaction"))
    }
    let (reaction, isNew) = addReaction(content, to: comment, by: caller.account)
    return .json(isNew ? 201 : 200, giteaReactionJSON(reaction))
  }
}
