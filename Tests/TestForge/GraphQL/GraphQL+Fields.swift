internal import JSON

/// The fields that are imitated.
extension World {
  private func unknown(_ name: String, _ type: String) -> GraphQLFault {
    GraphQLFault("The test forge does not imitate '\(name)' of \(type)")
  }

  mutating func resolve(
    _ node: GraphQLNode, _ name: String, _ arguments: [String: JSONValue], _ caller: Caller
  ) throws -> GraphQLResult {
    switch node {
    case .query: return try queryField(name, arguments, caller)
    case .mutation: return try mutationField(name, arguments["input"] ?? .null, caller)
    case .repository(let id): return try repositoryField(id, name, arguments)
    case .pull(let id): return try pullField(id, name, arguments, caller)
    case .thread(let id): return try threadField(id, name, arguments, caller)
    case .lineComment(let id), .comment(let id): return try commentField(id, name, caller)
    case .review(let id): return try reviewField(id, name, arguments)
    case .actor(let id): return try actorField(id, name)
    case .connection(let nodes, let page, let type): return try connectionField(nodes, page, type, name)
    case .edge(let node, let index, _): return name == "node" ? .object(node) : .text(Self.cursor(index))
    case .record(let type, let fields):
      guard let value = fields[name] else { throw unknown(name, type) }
      return value
    }
  }

  // MARK: Rights

  /// Whether the caller may see or change what is in a repository.
  func admitToGraphQL(_ caller: Caller, _ repository: Repository, writes: Bool, contents: Bool = false) throws {
    switch caller {
    case .nobody, .app: throw GraphQLFault("Resource not accessible by integration", type: "FORBIDDEN")
    case .installation(_, let covered, let permissions, _):
      guard covered.contains(repository.id) else { throw notFound("the node") }
      let held = permissions["pull_requests"].flatMap(Need.Level.init)
      guard let held, held >= (writes ? .write : .read), !contents || permissions["contents"] == "write" else {
        throw GraphQLFault("Resource not accessible by integration", type: "FORBIDDEN")
      }
    case .account(let id, _):
      if access(of: id, on: repository) == .none { throw notFound("the node") }
    }
  }

  func notFound(_ what: String) -> GraphQLFault {
    GraphQLFault("Could not resolve to a node with the global id of '\(what)'.", type: "NOT_FOUND")
  }

  /// The node with a global id, where the caller sees it.
  func node(_ id: String, _ caller: Caller) throws -> GraphQLNode {
    let number = Int(id.split { !$0.isNumber }.last ?? "") ?? 0
    let prefix = id.split(separator: "_").first ?? ""
    let found: (GraphQLNode, Int)?
    switch prefix {
    case "R": found = repositories[number].map { (.repository($0.id), $0.id) }
    case "PR": found = pulls[number].map { (.pull($0.id), $0.repository) }
    case "PRRT": found = threads[number].map { (.thread($0.id), $0.repository) }
    case "PRRC": found = comments[number].map { (.lineComment($0.id), $0.repository) }
    case "IC": found = comments[number].map { (.comment($0.id), $0.repository) }
    case "PRR": found = reviews[number].map { (.review($0.id), $0.repository) }
    default: found = nil
    }
    guard let (node, repository) = found, let place = repositories[repository] else { throw notFound(id) }
    try admitToGraphQL(caller, place, writes: false)
    return node
  }

  // MARK: Objects

  private mutating func queryField(
    _ name: String, _ arguments: [String: JSONValue], _ caller: Caller
  ) throws -> GraphQLResult {
    switch name {
    case "viewer": return .object(.actor(caller.account))
    case "node": return .object(try node(arguments["id"]?.string ?? "", caller))
    case "repository":
      let path = "\(arguments["owner"]?.string ?? "")/\(arguments["name"]?.string ?? "")"
      guard let repository = repository(at: path), (try? admitToGraphQL(caller, repository, writes: false)) != nil
      else {
        throw GraphQLFault("Could not resolve to a Repository with the name '\(path)'.", type: "NOT_FOUND")
      }
      refresh(repository)
      return .object(.repository(repository.id))
    case "rateLimit":
      return .object(
        .record(
          "RateLimit",
          [
            "limit": .whole(limits.limit), "remaining": .whole(limits.limit - limits.used), "cost": .whole(1),
            "used": .whole(limits.used), "resetAt": .text(World.stamp(limits.reset)),
          ]))
    default: throw unknown(name, "Query")
    }
  }

  private mutating func repositoryField(
    _ id: Int, _ name: String, _ arguments: [String: JSONValue]
  ) throws -> GraphQLResult {
    guard let repository = repositories[id] else { return .none }
    switch name {
    case "id": return .text("R_\(id)")
    case "databaseId": return .whole(id)
    case "name": return .text(repository.name)
    case "nameWithOwner": return .text(repository.path)
    case "isPrivate": return .flag(repository.isPrivate)
    case "url": return .text("\(address)/\(repository.path)")
    case "owner": return .object(.record("User", ["login": .text(repository.owner)]))
    case "defaultBranchRef": return .object(.record("Ref", ["name": .text(repository.defaultBranch)]))
    case "pullRequest":
      let number = arguments["number"]?.integer ?? 0
      guard let pull = pull(id, number) else {
        throw GraphQLFault("Could not resolve to a PullRequest with the number of \(number).", type: "NOT_FOUND")
      }
      return .object(.pull(pull.id))
    case "pullRequests":
      var found = pulls(of: id)
      if let states = arguments["states"] {
        let wanted = (states.array ?? [states]).compactMap(\.string)
        found = found.filter { wanted.contains(state(of: $0)) }
      }
      if let base = arguments["baseRefName"]?.string { found = found.filter { $0.base == base } }
      return try connection(found.map { .pull($0.id) }, "PullRequest", "pullRequests", arguments)
    default: throw unknown(name, "Repository")
    }
  }

  private func state(of pull: Pull) -> String { pull.isOpen ? "OPEN" : pull.isMerged ? "MERGED" : "CLOSED" }

  private mutating func pullField(
    _ id: Int, _ name: String, _ arguments: [String: JSONValue], _ caller: Caller
  ) throws -> GraphQLResult {
    guard let pull = pulls[id], let repository = repositories[pull.repository] else { return .none }
    switch name {
    case "id": return .text("PR_\(id)")
    case "databaseId", "fullDatabaseId": return .whole(id)
    case "number": return .whole(pull.number)
    case "title": return .text(pull.title)
    case "body": return .text(pull.body)
    case "state": return .text(state(of: pull))
    case "isDraft": return .flag(pull.isDraft)
    case "merged": return .flag(pull.isMerged)
    case "closed": return .flag(!pull.isOpen)
    case "mergeable":
      let known = pull.isOpen ? isMergeable(pull) : nil
      return .text(known == nil ? "UNKNOWN" : known == true ? "MERGEABLE" : "CONFLICTING")
    case "headRefName": return .text(pull.branch)
    case "headRefOid": return .text(pull.head)
    case "baseRefName": return .text(pull.base)
    case "baseRefOid": return .text(tip(of: pull.base, in: repository))
    case "author": return .object(.actor(pull.author))
    case "url": return .text("\(address)/\(repository.path)/pull/\(pull.number)")
    case "repository": return .object(.repository(repository.id))
    case "headRepository": return .object(.repository(pull.headRepository))
    case "isCrossRepository": return .flag(pull.headRepository != pull.repository)
    case "maintainerCanModify": return .flag(pull.allowsMaintainers)
    case "createdAt": return .text(World.stamp(pull.created))
    case "updatedAt": return .text(World.stamp(pull.updated))
    default: return try pullList(pull, name, arguments, caller)
    }
  }

  private func pullList(
    _ pull: Pull, _ name: String, _ arguments: [String: JSONValue], _ caller: Caller
  ) throws -> GraphQLResult {
    switch name {
    case "labels":
      let labels: [GraphQLNode] = pull.labels.map { .record("Label", ["name": .text($0)]) }
      return try connection(labels, "Label", name, arguments)
    case "reviewThreads":
      let found = threads(of: pull.repository, pull.number).filter { thread in
        thread.isVisible && comments(in: thread.id).contains { isVisible($0, to: caller) }
      }
      return try connection(found.map { .thread($0.id) }, "PullRequestReviewThread", name, arguments)
    case "comments":
      let found = comments(of: pull.repository, pull.number).filter { $0.anchor == nil }
      return try connection(found.map { .comment($0.id) }, "IssueComment", name, arguments)
    case "reviews":
      let found = reviews(of: pull.repository, pull.number).filter {
        $0.state != "PENDING" || $0.author == caller.account
      }
      return try connection(found.map { .review($0.id) }, "PullRequestReview", name, arguments)
    default: throw unknown(name, "PullRequest")
    }
  }

  /// Whether somebody sees a comment on lines: those of a pending review only its author, and hidden threads nobody.
  func isVisible(_ comment: Comment, to caller: Caller? = nil) -> Bool {
    if comment.thread.flatMap({ threads[$0] })?.isVisible == false { return false }
    guard let review = comment.review.flatMap({ reviews[$0] }), review.state == "PENDING" else { return true }
    return caller.map { $0.account == review.author } ?? false
  }

  private func threadField(
    _ id: Int, _ name: String, _ arguments: [String: JSONValue], _ caller: Caller
  ) throws -> GraphQLResult {
    guard let thread = threads[id], let first = comments(in: id).first, let anchor = first.anchor,
      let pull = pull(thread.repository, thread.number), let repository = repositories[thread.repository]
    else { return .none }
    let now = anchor.line.flatMap {
      anchor.side == "LEFT" ? $0 : moved($0, of: anchor.path, from: anchor.commit, to: pull.head, in: repository)
    }
    switch name {
    case "id": return .text(thread.name)
    case "isResolved": return .flag(thread.isResolved)
    case "isOutdated": return .flag(anchor.side != nil && now == nil)
    case "isCollapsed": return .flag(thread.isResolved)
    case "path": return .text(anchor.path)
    case "line": return .whole(now)
    case "originalLine": return .whole(anchor.line)
    case "startLine", "originalStartLine": return .whole(anchor.startLine)
    case "diffSide": return .text(anchor.side ?? "RIGHT")
    case "startDiffSide": return .text(anchor.startSide)
    case "subjectType": return .text(anchor.side == nil ? "FILE" : "LINE")
    case "resolvedBy": return thread.resolvedBy.map { .object(.actor($0)) } ?? .none
    case "viewerCanReply": return .flag(true)
    case "viewerCanResolve": return .flag(!thread.isResolved)
    case "viewerCanUnresolve": return .flag(thread.isResolved)
    case "pullRequest": return .object(.pull(pull.id))
    case "repository": return .object(.repository(repository.id))
    case "comments":
      let found = comments(in: id).filter { isVisible($0, to: caller) }
      return try connection(found.map { .lineComment($0.id) }, "PullRequestReviewComment", name, arguments)
    default: throw unknown(name, "PullRequestReviewThread")
    }
  }

  private func commentField(_ id: Int, _ name: String, _ caller: Caller) throws -> GraphQLResult {
    guard let comment = comments[id], let repository = repositories[comment.repository] else { return .none }
    let pull = pull(comment.repository, comment.number)
    switch name {
    case "id": return .text((comment.anchor == nil ? "IC_" : "PRRC_") + String(id))
    case "databaseId": return .whole(id)
    // A number that may be too large for GraphQL's own is told as text.
    case "fullDatabaseId": return .text(String(id))
    case "body": return .text(comment.body)
    case "author": return .object(.actor(comment.author))
    case "authorAssociation": return .text(association(of: comment.author, repository))
    case "createdAt": return .text(World.stamp(comment.created))
    case "updatedAt": return .text(World.stamp(comment.updated))
    case "isMinimized": return .flag(comment.minimized != nil)
    case "minimizedReason": return .text(comment.minimized?.lowercased())
    case "viewerDidAuthor": return .flag(comment.author == caller.account)
    case "url": return .text("\(address)/\(repository.path)/pull/\(comment.number)#\(id)")
    case "pullRequest": return pull.map { .object(.pull($0.id)) } ?? .none
    case "repository": return .object(.repository(repository.id))
    default: break
    }
    guard let anchor = comment.anchor, let pull else { throw unknown(name, "IssueComment") }
    let now = anchor.line.flatMap { moved($0, of: anchor.path, from: anchor.commit, to: pull.head, in: repository) }
    switch name {
    case "path": return .text(anchor.path)
    case "diffHunk": return .text(anchor.hunk)
    case "line": return .whole(now)
    case "originalLine": return .whole(anchor.line)
    case "outdated": return .flag(now == nil)
    case "replyTo": return comment.parent.map { .object(.lineComment($0)) } ?? .none
    case "pullRequestReview": return comment.review.map { .object(.review($0)) } ?? .none
    default: throw unknown(name, "PullRequestReviewComment")
    }
  }

  private func reviewField(_ id: Int, _ name: String, _ arguments: [String: JSONValue]) throws -> GraphQLResult {
    guard let review = reviews[id] else { return .none }
    switch name {
    case "id": return .text("PRR_\(id)")
    case "databaseId": return .whole(id)
    case "fullDatabaseId": return .text(String(id))
    case "body": return .text(review.body)
    case "state": return .text(review.state)
    case "author": return .object(.actor(review.author))
    case "submittedAt": return .text(review.submitted.map(World.stamp))
    case "commit": return .object(.record("Commit", ["oid": .text(review.commit)]))
    case "comments":
      let found = comments.values.filter { $0.review == id }.sorted { $0.id < $1.id }
      return try connection(found.map { .lineComment($0.id) }, "PullRequestReviewComment", name, arguments)
    default: throw unknown(name, "PullRequestReview")
    }
  }

  /// GraphQL names a bot without the ending that REST gives it.
  private func actorField(_ id: Int, _ name: String) throws -> GraphQLResult {
    guard let account = accounts[id] else { return .none }
    switch name {
    case "login":
      return .text(account.login.hasSuffix("[bot]") ? String(account.login.dropLast("[bot]".count)) : account.login)
    case "id": return .text((account.isBot ? "BOT_" : "U_") + String(id))
    case "databaseId": return .whole(id)
    case "url": return .text("\(address)/\(account.login)")
    case "avatarUrl": return .text("\(address)/avatars/\(id)")
    default: throw unknown(name, "Actor")
    }
  }

  // MARK: Pages

  static func cursor(_ index: Int) -> String { Base64.encoded(Array("cursor:v2:\(index)".utf8)) }

  private static func index(of cursor: String) throws -> Int {
    guard let bytes = Base64.decoded(cursor[...]),
      let index = Int(String(decoding: bytes, as: UTF8.self).split(separator: ":").last ?? "")
    else { throw GraphQLFault("`\(cursor)` does not appear to be a valid cursor.") }
    return index
  }

  /// A page of a list; how much of it is wanted has to be said, and at most a hundred.
  private func connection(
    _ nodes: [GraphQLNode], _ type: String, _ field: String, _ arguments: [String: JSONValue]
  ) throws -> GraphQLResult {
    let first = arguments["first"]?.integer
    let last = arguments["last"]?.integer
    guard let size = first ?? last else {
      throw GraphQLFault(
        "You must provide a `first` or `last` value to properly paginate the `\(field)` connection.")
    }
    guard (1...100).contains(size) else {
      throw GraphQLFault(
        "Requesting \(size) records on the `\(field)` connection exceeds the `first` limit of 100 records.")
    }
    let shown = min(size, options.largestPage)
    let lower = try arguments["after"]?.string.map { try Self.index(of: $0) + 1 } ?? 0
    let upper = try arguments["before"]?.string.map { try Self.index(of: $0) } ?? nodes.count
    let from = min(max(0, lower), nodes.count)
    let to = min(max(from, upper), nodes.count)
    let page = first != nil ? from..<min(from + shown, to) : max(from, to - shown)..<to
    return .object(.connection(nodes, page: page, type: type))
  }

  private func connectionField(
    _ nodes: [GraphQLNode], _ page: Range<Int>, _ type: String, _ name: String
  ) throws -> GraphQLResult {
    switch name {
    case "totalCount": return .whole(nodes.count)
    case "nodes": return .list(nodes[page].map { .object($0) })
    case "edges": return .list(page.map { .object(.edge(nodes[$0], $0, type: type)) })
    case "pageInfo":
      return .object(
        .record(
          "PageInfo",
          [
            "hasNextPage": .flag(page.upperBound < nodes.count), "hasPreviousPage": .flag(page.lowerBound > 0),
            "startCursor": page.isEmpty ? .none : .text(Self.cursor(page.lowerBound)),
            "endCursor": page.isEmpty ? .none : .text(Self.cursor(page.upperBound - 1)),
          ]))
    default: throw unknown(name, type + "Connection")
    }
  }
}
