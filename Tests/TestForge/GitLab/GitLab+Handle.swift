internal import JSON

extension World {
  /// Answers a call as GitLab does.
  mutating func handleGitLab(_ call: Call, _ caller: inout Caller) throws -> Reply {
    caller = try gitLabCaller(call)
    try refuseWhileLimitedPlainly(call)
    guard call.segments.starts(with: ["api", "v4"]) else {
      throw Refusal(.json(404, ["error": "404 Not Found"]), breach: "there is no such path")
    }
    var call = call.at(Array(call.segments.dropFirst(2)))
    let (route, parameters) = try route(call, in: Self.gitLabRoutes) {
      Refusal(.json(404, ["error": "404 Not Found"]), breach: $0)
    }
    if caller == .nobody { throw Refusal(401, "401 Unauthorized") }
    try admitToProject(caller, route, parameters)
    try takeArguments(of: &call, route)
    return try route.handler(&self, call, caller, parameters)
  }

  private func gitLabCaller(_ call: Call) throws -> Caller {
    var value = call.headers["private-token"]
    if let header = call.headers["authorization"] {
      let words = header.split(separator: " ")
      guard words.count == 2, words[0].lowercased() == "bearer" else {
        throw Refusal(401, "401 Unauthorized", breach: "an Authorization that is not Bearer")
      }
      value = String(words[1])
    }
    guard let value else { return .nobody }
    guard let token = tokens[value], case .account(let id, let scopes) = token.kind else {
      throw Refusal(401, "401 Unauthorized")
    }
    if token.isRevoked || token.expires.map({ $0 <= now }) ?? false {
      let why =
        token.isRevoked
        ? "Token was revoked. You have to re-authorize from the user."
        : "Token is expired. You can either do re-authorization or token refresh."
      throw Refusal(.json(401, ["error": "invalid_token", "error_description": .string(why)]))
    }
    let needed: Set<String> = call.writes ? ["api"] : ["api", "read_api"]
    if !scopes.isEmpty, scopes.isDisjoint(with: needed) {
      throw Refusal(
        .json(
          403,
          [
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": .string(needed.sorted().joined(separator: " ")),
          ]))
    }
    return .account(id, scopes: scopes)
  }

  private func admitToProject(_ caller: Caller, _ route: Route, _ parameters: Parameters) throws {
    guard case .permission(_, _, let people) = route.need else { return }
    let project = try project(parameters)
    let access = access(of: caller.account, on: project)
    if access == .none { throw Refusal(404, "404 Project Not Found") }
    if access < people { throw Refusal(403, "403 Forbidden") }
  }

  /// Refuses the calls that a test wanted refused, as a server with a plain limit does.
  mutating func refuseWhileLimitedPlainly(_ call: Call) throws {
    if let quiet = limits.quietUntil, Self.milliseconds() < quiet {
      breach(call, "asked again before the time that the forge had named")
    }
    guard limits.refusals > 0 else { return }
    limits.refusals -= 1
    var reply = Reply.text(429, Array("Retry later\n".utf8))
    if let seconds = limits.retryAfter {
      reply.headers["Retry-After"] = String(seconds)
      limits.quietUntil = Self.milliseconds() + seconds * 1000
    }
    throw Refusal(reply)
  }

  func finishGitLab(_ reply: inout Reply) {
    reply.headers["RateLimit-Limit"] = String(limits.limit)
    reply.headers["RateLimit-Remaining"] = String(limits.limit - limits.used)
  }

  // MARK: Places

  /// The project that the path names, by its number or by its escaped path.
  func project(_ parameters: Parameters) throws -> Repository {
    let name = parameters["id"] ?? ""
    guard let found = Int(name).flatMap({ repositories[$0] }) ?? repository(at: name) else {
      throw Refusal(404, "404 Project Not Found")
    }
    return found
  }

  mutating func mergeRequest(_ parameters: Parameters) throws -> (Repository, Pull) {
    let project = try project(parameters)
    refresh(project)
    guard let number = parameters["merge_request_iid"].flatMap({ Int($0) }), let pull = pull(project.id, number) else {
      throw Refusal(404, "404 Not found")
    }
    return (project, pull)
  }

  /// A page of a list, told in headers.
  func gitLabPage(_ list: [JSONValue], _ call: Call) -> Reply {
    let size = min(Self.number(call, "per_page", or: 20), 100, options.largestPage)
    let page = Self.number(call, "page", or: 1)
    let start = min((page - 1) * size, list.count)
    let last = max(1, (list.count + size - 1) / size)
    var reply = Reply.json(200, .array(Array(list[start..<min(start + size, list.count)])))
    reply.headers["X-Page"] = String(page)
    reply.headers["X-Per-Page"] = String(size)
    reply.headers["X-Total"] = String(list.count)
    reply.headers["X-Total-Pages"] = String(last)
    reply.headers["X-Next-Page"] = page < last ? String(page + 1) : ""
    reply.headers["X-Prev-Page"] = page > 1 ? String(page - 1) : ""
    let rest = call.query.filter { $0.key != "page" }.sorted { $0.key < $1.key }
      .map { Call.escaped($0.key) + "=" + Call.escaped($0.value) }
    func link(_ number: Int, _ name: String) -> String {
      "<\(address)\(call.path)?\((rest + ["page=\(number)"]).joined(separator: "&"))>; rel=\"\(name)\""
    }
    var links = [link(1, "first"), link(last, "last")]
    if page < last { links.insert(link(page + 1, "next"), at: 0) }
    reply.headers["Link"] = links.joined(separator: ", ")
    return reply
  }
}
