internal import JSON

/// The changes that can be asked for with GraphQL.
extension World {
  private func result(_ name: String, _ input: JSONValue, _ fields: [String: GraphQLResult]) -> GraphQLResult {
    let type = name.prefix(1).uppercased() + name.dropFirst() + "Payload"
    return .object(
      .record(type, fields.merging(["clientMutationId": .text(input["clientMutationId"]?.string)]) { old, _ in old }))
  }

  /// The repository of a node, where the caller may write.
  private func place(_ repository: Int, _ caller: Caller, contents: Bool = false) throws -> Repository {
    guard let place = repositories[repository] else { throw notFound("the repository") }
    try admitToGraphQL(caller, place, writes: true, contents: contents)
    return place
  }

  private func text(_ input: JSONValue) throws -> String {
    let body = input["body"]?.string ?? ""
    if body.allSatisfy(\.isWhitespace) { throw GraphQLFault("Body can't be blank", type: "UNPROCESSABLE") }
    if body.unicodeScalars.count > 65_536 {
      throw GraphQLFault("Body is too long (maximum is 65536 characters)", type: "UNPROCESSABLE")
    }
    return body
  }

  mutating func mutationField(_ name: String, _ input: JSONValue, _ caller: Caller) throws -> GraphQLResult {
    switch name {
    case "resolveReviewThread", "unresolveReviewThread": return try settle(name, input, caller)
    case "addPullRequestReviewThreadReply": return try replyToThread(name, input, caller)
    case "addPullRequestReviewThread": return try addThreadSilently(name, input, caller)
    case "minimizeComment", "unminimizeComment": return try minimize(name, input, caller)
    case "addComment": return try addCommentTo(name, input, caller)
    case "updateIssueComment", "updatePullRequestReviewComment": return try edit(name, input, caller)
    default: throw GraphQLFault("The test forge does not imitate '\(name)' of Mutation")
    }
  }

  private mutating func settle(_ name: String, _ input: JSONValue, _ caller: Caller) throws -> GraphQLResult {
    let id = input["threadId"]?.string ?? ""
    guard case .thread(let number) = try node(id, caller), let thread = threads[number] else { throw notFound(id) }
    let repository = try place(thread.repository, caller, contents: options.settlingNeedsContents)
    if case .account(let account, _) = caller, access(of: account, on: repository) < .write,
      pull(thread.repository, thread.number)?.author != account
    {
      throw GraphQLFault("Viewer does not have permission to resolve this thread", type: "FORBIDDEN")
    }
    try settle(number, name == "resolveReviewThread", by: caller.account)
    return result(name, input, ["thread": .object(.thread(number))])
  }

  private mutating func replyToThread(_ name: String, _ input: JSONValue, _ caller: Caller) throws -> GraphQLResult {
    let id = input["pullRequestReviewThreadId"]?.string ?? ""
    guard case .thread(let number) = try node(id, caller), let first = comments(in: number).first,
      let pull = pull(first.repository, first.number)
    else { throw notFound(id) }
    _ = try place(first.repository, caller)
    guard let reply = addReply(try text(input), to: first, of: pull, by: caller.account) else { throw notFound(id) }
    return result(name, input, ["comment": .object(.lineComment(reply.id))])
  }

  /// Takes a place wherever it is; outside of the difference nobody sees what comes of it.
  private mutating func addThreadSilently(_ name: String, _ input: JSONValue, _ caller: Caller) throws -> GraphQLResult
  {
    var found: Pull?
    var review = input["pullRequestReviewId"]?.string.flatMap { try? node($0, caller) }.flatMap { node -> Review? in
      if case .review(let id) = node { reviews[id] } else { nil }
    }
    if let review { found = pull(review.repository, review.number) }
    if let id = input["pullRequestId"]?.string, case .pull(let number) = try node(id, caller) { found = pulls[number] }
    guard let pull = found else { throw notFound(input["pullRequestId"]?.string ?? "") }
    _ = try place(pull.repository, caller)
    let body = try text(input)
    if review == nil {
      review =
        reviews(of: pull.repository, pull.number).first { $0.state == "PENDING" && $0.author == caller.account }
        ?? addReview("", state: "PENDING", to: pull, commit: pull.head, by: caller.account)
    }
    let place: JSONValue = [
      "path": input["path"] ?? .null, "line": input["line"] ?? .null, "side": input["side"] ?? "RIGHT",
      "subject_type": .string(input["subjectType"]?.string?.lowercased() ?? "line"),
    ]
    let exact = try? anchor(place, of: pull, at: pull.head, difference: difference(of: pull))
    var anchor = exact ?? Anchor(path: input["path"]?.string ?? "", oldPath: "", commit: pull.head)
    if exact == nil { (anchor.side, anchor.line) = (input["side"]?.string ?? "RIGHT", input["line"]?.integer) }
    let comment = addLineComment(
      body, at: anchor, to: pull, review: review?.id, by: caller.account, isVisible: exact != nil)
    return result(name, input, ["thread": exact == nil ? .none : comment.thread.map { .object(.thread($0)) } ?? .none])
  }

  private mutating func minimize(_ name: String, _ input: JSONValue, _ caller: Caller) throws -> GraphQLResult {
    let id = input["subjectId"]?.string ?? ""
    let node = try node(id, caller)
    switch node {
    case .comment(let number), .lineComment(let number):
      guard let comment = comments[number] else { throw notFound(id) }
      _ = try place(comment.repository, caller)
      comments[number]?.minimized = name == "minimizeComment" ? input["classifier"]?.string ?? "OUTDATED" : nil
      wrote("minimize")
      let key = name == "minimizeComment" ? "minimizedComment" : "unminimizedComment"
      return result(name, input, [key: .object(node)])
    default: throw GraphQLFault("'\(id)' cannot be minimized", type: "UNPROCESSABLE")
    }
  }

  private mutating func addCommentTo(_ name: String, _ input: JSONValue, _ caller: Caller) throws -> GraphQLResult {
    let id = input["subjectId"]?.string ?? ""
    guard case .pull(let number) = try node(id, caller), let pull = pulls[number] else { throw notFound(id) }
    _ = try place(pull.repository, caller)
    let comment = addComment(try text(input), to: pull, by: caller.account)
    return result(
      name, input,
      [
        "commentEdge": .object(.edge(.comment(comment.id), 0, type: "IssueComment")), "subject": .object(.pull(number)),
      ])
  }

  private mutating func edit(_ name: String, _ input: JSONValue, _ caller: Caller) throws -> GraphQLResult {
    let onLine = name == "updatePullRequestReviewComment"
    let id = input[onLine ? "pullRequestReviewCommentId" : "id"]?.string ?? ""
    let node = try node(id, caller)
    let number: Int
    switch node {
    case .comment(let found) where !onLine: number = found
    case .lineComment(let found) where onLine: number = found
    default: throw notFound(id)
    }
    guard let comment = comments[number] else { throw notFound(id) }
    _ = try place(comment.repository, caller)
    guard comment.author == caller.account else {
      throw GraphQLFault("Resource not accessible by integration", type: "FORBIDDEN")
    }
    var changed = comment
    changed.body = try text(input)
    changed.updated = now
    comments[number] = changed
    wrote("comment edit")
    return result(name, input, [onLine ? "pullRequestReviewComment" : "issueComment": .object(node)])
  }
}
