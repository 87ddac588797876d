internal import Crypto
internal import Glibc
internal import JSON

extension World {
  /// Answers a call as GitHub does.
  mutating func handleGitHub(
    _ call: Call, _ signer: Signer?, _ descriptions: Descriptions?, _ caller: inout Caller
  ) throws -> Reply {
    guard let agent = call.headers["user-agent"], !agent.isEmpty else {
      throw Refusal(
        403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
        breach: "a call without a User-Agent")
    }
    caller = try gitHubCaller(call, signer)
    try refuseWhileLimited(call, caller)
    var call = call
    if call.segments.starts(with: ["api", "v3"]) { call = call.at(Array(call.segments.dropFirst(2))) }
    if call.segments == ["api", "graphql"] { call = call.at(["graphql"]) }
    if call.segments.first == "repositories", call.segments.count > 1 { call = try byNumber(call) }
    if call.segments == ["graphql"] {
      if call.headers["authorization"] == nil { throw Refusal(401, "This endpoint requires you to be authenticated.") }
      return try graphQL(call, caller, descriptions)
    }
    let (route, parameters) = try route(call, in: Self.gitHubRoutes) { reason in
      Refusal(
        .json(404, ["message": "Not Found", "documentation_url": "https://docs.github.com/rest"]),
        breach: descriptions?.isKnown(call) == true ? "the test forge does not imitate this operation" : reason)
    }
    try admit(caller, to: route, parameters)
    try checkBody(of: call, route, descriptions)
    return try route.handler(&self, call, caller, parameters)
  }

  /// The call with the repository's path for its number, as GitHub's own links have it.
  private func byNumber(_ call: Call) throws -> Call {
    guard let repository = Int(call.segments[1]).flatMap({ repositories[$0] }) else { throw Refusal(404, "Not Found") }
    return call.at(["repos", repository.owner, repository.name] + call.segments.dropFirst(2))
  }

  /// Who calls, by the token.
  private mutating func gitHubCaller(_ call: Call, _ signer: Signer?) throws -> Caller {
    guard let header = call.headers["authorization"] else { return .nobody }
    let words = header.split(separator: " ")
    guard words.count == 2, ["bearer", "token"].contains(words[0].lowercased()) else {
      throw Refusal(401, "Bad credentials", breach: "an Authorization that is neither Bearer nor token")
    }
    switch signer {
    case .refused(let message, let isBreach):
      throw Refusal(401, message, breach: isBreach ? "an app's token that is never good: \(message)" : nil)
    case .app(let id, let issued, let expires):
      try checkTimes(issued: issued, expires: expires)
      return .app(id)
    case nil: break
    }
    guard let token = tokens[String(words[1])], !token.isRevoked, token.expires.map({ $0 > now }) ?? true else {
      throw Refusal(401, "Bad credentials")
    }
    switch token.kind {
    case .account(let id, let scopes): return .account(id, scopes: scopes)
    case .installation(let id, let repositories, let permissions):
      guard let installation = installations[id], let app = apps[installation.app] else {
        throw Refusal(401, "Bad credentials")
      }
      if installation.isSuspended { throw Refusal(403, "This installation has been suspended") }
      // What was taken from the installation since is gone from its tokens too.
      return .installation(
        id, repositories: repositories.intersection(installation.repositories), permissions: permissions, bot: app.bot)
    }
  }

  private func checkTimes(issued: Int?, expires: Int?) throws {
    guard let expires, let issued else {
      throw Refusal(
        401, "'Expiration time' claim ('exp') must be a numeric value representing the future time",
        breach: "an app's token without exp or iat")
    }
    if issued > now {
      throw Refusal(
        401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
    }
    if expires <= now {
      throw Refusal(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
      )
    }
    if expires - now > 600 || expires - issued > 660 {
      throw Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
    }
  }

  /// Whether the caller may do what the route does.
  private func admit(_ caller: Caller, to route: Route, _ parameters: Parameters) throws {
    if caller == .nobody { throw Refusal(401, "Requires authentication") }
    switch (route.need, caller) {
    case (.app, .app): return
    case (.app, _):
      throw Refusal(401, "A JSON web token could not be decoded", breach: "a call for apps with another token")
    case (_, .app):
      throw Refusal(
        403, "Resource not accessible by integration", breach: "an app's own token where a call needs an installation's"
      )
    case (.installation, .installation): return
    case (.installation, _):
      throw Refusal(
        403,
        "You must authenticate with an installation access token in order to list repositories for an installation.")
    case (.somebody, _): return
    case (.permission(let names, let level, let people), _):
      try admit(caller, names, level, people, parameters)
    }
  }

  private func admit(
    _ caller: Caller, _ names: String, _ level: Need.Level, _ people: Access, _ parameters: Parameters
  ) throws {
    guard let owner = parameters["owner"], let name = parameters["repo"],
      let repository = repository(at: "\(owner)/\(name)")
    else { throw Refusal(404, "Not Found") }
    switch caller {
    case .installation(_, let covered, let permissions, _):
      if !covered.contains(repository.id) {
        if repository.isPrivate { throw Refusal(404, "Not Found") }
        if level == .read { return }
        throw Refusal(403, "Resource not accessible by integration")
      }
      if names == "metadata" { return }
      let held = names.split(separator: "|").compactMap { permissions[String($0)] }.compactMap(Need.Level.init)
      if !held.contains(where: { $0 >= level }) { throw Refusal(403, "Resource not accessible by integration") }
    case .account(let id, _):
      let access = access(of: id, on: repository)
      if access == .none { throw Refusal(404, "Not Found") }
      if names == "checks", level == .write { throw Refusal(403, "You must authenticate via a GitHub App.") }
      if access < people {
        throw Refusal(
          access >= .read && level == .read ? 404 : 403, "Must have push access to view collaborator permission.")
      }
    case .nobody, .app: throw Refusal(404, "Not Found")
    }
  }

  private func checkBody(of call: Call, _ route: Route, _ descriptions: Descriptions?) throws {
    guard call.writes, !call.body.isEmpty else {
      if ["POST", "PATCH"].contains(call.method), Self.needsBody(route) {
        throw Refusal(
          422, "Invalid request.\n\nFor 'links/0/schema', nil is not an object.", breach: "a call without its body")
      }
      return
    }
    guard case .object = call.json else {
      throw Refusal(400, "Problems parsing JSON", breach: "a body that is no JSON object")
    }
    let faults = descriptions?.faults(in: call.json, method: route.method, template: route.template) ?? []
    if let first = faults.first {
      throw Refusal(422, "Invalid request.\n\n\(first)", breach: "body: " + faults.joined(separator: "; "))
    }
  }

  private static func needsBody(_ route: Route) -> Bool {
    !["/app/installations/{installation_id}/access_tokens", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"]
      .contains(route.template) && !route.template.hasSuffix("rerequest")
  }

  // MARK: Limits

  private mutating func refuseWhileLimited(_ call: Call, _ caller: Caller) throws {
    if let quiet = limits.quietUntil, Self.milliseconds() < quiet {
      breach(call, "asked again before the time that the forge had named")
    }
    if limits.refusals > 0 {
      limits.refusals -= 1
      var reply = Reply.json(
        limits.status,
        [
          "message":
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
          "documentation_url":
            "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
        ])
      if let seconds = limits.retryAfter {
        reply.headers["Retry-After"] = String(seconds)
        limits.quietUntil = Self.milliseconds() + seconds * 1000
      }
      throw Refusal(reply)
    }
    if limits.reset == 0 || now >= limits.reset {
      limits.reset = now + 3600
      limits.used = 0
    }
    if limits.used >= limits.limit, call.segments != ["rate_limit"] {
      throw Refusal(limits.status, "API rate limit exceeded for \(name(of: caller)).")
    }
  }

  /// The monotonic clock, which no test can set.
  static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  /// Adds the limit's state and the mark of the content; a call with the mark in hand gets 304 and costs nothing.
  mutating func finishGitHub(_ reply: inout Reply, of call: Call) {
    reply.headers["X-GitHub-Request-Id"] = "FORGE:\(call.number)"
    reply.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    if !call.writes, reply.status == 200 {
      let mark =
        "W/\""
        + SHA256.hash(data: reply.body).map { byte in
          let digits = String(byte, radix: 16)
          return digits.count == 1 ? "0" + digits : digits
        }.joined() + "\""
      reply.headers["ETag"] = mark
      reply.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
      if call.headers["if-none-match"] == mark {
        reply.status = 304
        reply.body = []
      }
    }
    if reply.status != 304, call.segments != ["rate_limit"], limits.used < limits.limit { limits.used += 1 }
    reply.headers["X-RateLimit-Limit"] = String(limits.limit)
    reply.headers["X-RateLimit-Remaining"] = String(limits.limit - limits.used)
    reply.headers["X-RateLimit-Used"] = String(limits.used)
    reply.headers["X-RateLimit-Reset"] = String(limits.reset)
    reply.headers["X-RateLimit-Resource"] = call.segments == ["graphql"] ? "graphql" : "core"
  }
}
