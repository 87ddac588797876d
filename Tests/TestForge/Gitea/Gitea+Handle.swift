internal import JSON

extension World {
  /// Answers a call as Gitea does, or Forgejo.
  mutating func handleGitea(_ call: Call, _ descriptions: Descriptions?, _ caller: inout Caller) throws -> Reply {
    caller = try giteaCaller(call)
    try refuseWhileLimitedPlainly(call)
    guard call.segments.starts(with: ["api", "v1"]) else {
      throw Refusal(giteaError(404, "Not Found"), breach: "there is no such path")
    }
    let call = call.at(Array(call.segments.dropFirst(2)))
    let (route, parameters) = try route(call, in: Self.giteaRoutes) {
      Refusal(giteaError(404, "404 page not found"), breach: $0)
    }
    if caller == .nobody, route.template != "/version" { throw Refusal(giteaError(401, "token is required")) }
    try admitOnGitea(call, caller, route, parameters)
    if call.writes, !call.body.isEmpty {
      guard case .object = call.json else {
        throw Refusal(giteaError(422, "invalid character in the body"), breach: "a body that is no JSON object")
      }
      let faults = descriptions?.faults(in: call.json, method: route.method, template: route.template) ?? []
      if !faults.isEmpty {
        throw Refusal(
          giteaError(422, "[]: " + faults.joined(separator: "; ")), breach: "body: " + faults.joined(separator: "; "))
      }
    }
    return try route.handler(&self, call, caller, parameters)
  }

  func giteaError(_ status: Int, _ message: String) -> Reply {
    .json(status, ["message": .string(message), "url": .string("\(address)/api/swagger")])
  }

  private func giteaCaller(_ call: Call) throws -> Caller {
    if call.query["token"] != nil || call.query["access_token"] != nil {
      throw Refusal(giteaError(401, "invalid username, password or token"), breach: "a token in the address")
    }
    guard let header = call.headers["authorization"] else { return .nobody }
    let words = header.split(separator: " ")
    guard words.count == 2, ["token", "bearer"].contains(words[0].lowercased()) else {
      throw Refusal(
        giteaError(401, "invalid username, password or token"),
        breach: "an Authorization that is neither token nor Bearer")
    }
    guard let token = tokens[String(words[1])], !token.isRevoked, token.expires.map({ $0 > now }) ?? true,
      case .account(let id, let scopes) = token.kind
    else { throw Refusal(giteaError(401, "invalid username, password or token")) }
    return .account(id, scopes: scopes)
  }

  private func admitOnGitea(_ call: Call, _ caller: Caller, _ route: Route, _ parameters: Parameters) throws {
    guard case .account(let id, let scopes) = caller, case .permission(let area, let level, let people) = route.need
    else { return }
    let areas = area.split(separator: "|").map(String.init)
    let wanted = areas.flatMap { level == .read ? ["read:\($0)", "write:\($0)"] : ["write:\($0)"] }
    if !scopes.isEmpty, !scopes.contains("all"), scopes.isDisjoint(with: wanted) {
      throw Refusal(
        giteaError(
          403,
          "token does not have at least one of required scope(s): [\(level.rawValue):\(areas.joined(separator: ","))]"))
    }
    guard parameters["owner"] != nil else { return }
    guard let repository = try? repository(parameters), access(of: id, on: repository) > .none else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    if access(of: id, on: repository) < people {
      throw Refusal(giteaError(403, "user should have a permission to write to a repo"))
    }
  }

  // MARK: Places

  mutating func giteaPull(_ parameters: Parameters) throws -> (Repository, Pull) {
    do { return try pull(parameters) } catch { throw Refusal(giteaError(404, "The target couldn't be found.")) }
  }

  /// A page of a list: 30 unless another size is asked for, and 50 at most.
  func giteaPage(_ list: [JSONValue], _ call: Call) -> Reply {
    let size = min(Self.number(call, "limit", or: 30), 50, options.largestPage)
    let page = Self.number(call, "page", or: 1)
    let start = min((page - 1) * size, list.count)
    let last = max(1, (list.count + size - 1) / size)
    var reply = Reply.json(200, .array(Array(list[start..<min(start + size, list.count)])))
    reply.headers["X-Total-Count"] = String(list.count)
    reply.headers["Access-Control-Expose-Headers"] = "Link, X-Total-Count"
    let rest = call.query.filter { $0.key != "page" }.sorted { $0.key < $1.key }
      .map { Call.escaped($0.key) + "=" + Call.escaped($0.value) }
    func link(_ number: Int, _ name: String) -> String {
      "<\(address)\(call.path)?\((rest + ["page=\(number)"]).joined(separator: "&"))>; rel=\"\(name)\""
    }
    var links: [String] = []
    if page < last { links += [link(page + 1, "next"), link(last, "last")] }
    if page > 1 { links += [link(1, "first"), link(page - 1, "prev")] }
    if !links.isEmpty { reply.headers["Link"] = links.joined(separator: ",") }
    return reply
  }
}
