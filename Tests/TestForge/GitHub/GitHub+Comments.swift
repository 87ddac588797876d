internal import JSON

/// Comments on a pull request as a whole.
extension World {
  mutating func listComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    let since = call.query["since"] ?? ""
    let found = comments(of: repository.id, pull.number).filter { $0.anchor == nil && World.stamp($0.updated) >= since }
    return page(found.map(commentJSON), call, in: repository)
  }

  func allComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let since = call.query["since"] ?? ""
    let found = comments.values.filter {
      $0.repository == repository.id && $0.anchor == nil && World.stamp($0.updated) >= since
    }
    return page(found.sorted { $0.id < $1.id }.map(commentJSON), call, in: repository)
  }

  mutating func createComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    let body = try Self.text(call.json, "body", of: "IssueComment")
    return .json(201, commentJSON(addComment(body, to: pull, by: caller.account)))
  }

  /// Writes a comment on a pull request as a whole.
  mutating func addComment(_ body: String, to pull: Pull, by author: Int, thread: Int? = nil) -> Comment {
    let comment = Comment(
      id: nextID(), repository: pull.repository, number: pull.number, author: author, body: body, created: now,
      updated: now, thread: thread)
    comments[comment.id] = comment
    wrote("comment")
    happened(.commented(comment), by: author)
    return comment
  }

  func getComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, commentJSON(try comment(parameters, onLine: false).1))
  }

  /// Whether the caller may change what somebody wrote: the author, or who may write in the repository.
  func mayEdit(_ comment: Comment, _ caller: Caller) throws {
    guard let repository = repositories[comment.repository] else { throw Refusal(404, "Not Found") }
    if comment.author == caller.account { return }
    if case .account(let id, _) = caller, access(of: id, on: repository) >= .write { return }
    throw Refusal(403, "Resource not accessible by integration", breach: "a change to somebody else's comment")
  }

  mutating func editComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    var (_, comment) = try comment(parameters, onLine: false)
    try mayEdit(comment, caller)
    comment.body = try Self.text(call.json, "body", of: "IssueComment")
    comment.updated = now
    comments[comment.id] = comment
    wrote("comment edit")
    return .json(200, commentJSON(comment))
  }

  mutating func deleteComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, comment) = try comment(parameters, onLine: false)
    try mayEdit(comment, caller)
    comments[comment.id] = nil
    wrote("comment removal")
    return .empty
  }

  // MARK: Reactions

  mutating func reactToComment(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    try react(call, caller, try comment(parameters, onLine: false).1)
  }

  mutating func reactToLine(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    try react(call, caller, try comment(parameters, onLine: true).1)
  }

  private mutating func react(_ call: Call, _ caller: Caller, _ comment: Comment) throws -> Reply {
    let content = call.json["content"]?.string ?? ""
    guard ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"].contains(content) else {
      throw Self.invalid("content is not a reaction", resource: "Reaction", field: "content", code: "invalid")
    }
    let (reaction, isNew) = addReaction(content, to: comment, by: caller.account)
    return .json(isNew ? 201 : 200, reactionJSON(reaction))
  }

  /// Adds a reaction; one that is there already stays alone.
  mutating func addReaction(_ content: String, to comment: Comment, by author: Int) -> (Reaction, Bool) {
    if let found = comment.reactions.first(where: { $0.account == author && $0.content == content }) {
      return (found, false)
    }
    let reaction = Reaction(id: nextID(), account: author, content: content)
    comments[comment.id]?.reactions.append(reaction)
    wrote("reaction")
    return (reaction, true)
  }

  func reactionJSON(_ reaction: Reaction) -> JSONValue {
    ["id": .number(reaction.id), "content": .string(reaction.content), "user": userJSON(reaction.account)]
  }

  func listReactions(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, comment) = try comment(parameters, onLine: false)
    return page(comment.reactions.map(reactionJSON), call, in: repository)
  }
}
