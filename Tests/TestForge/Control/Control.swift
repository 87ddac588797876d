internal import Glibc
internal import JSON
internal import Synchronization

/// What a drive asks for: `/_control/NAME` with JSON in and out.
extension TestForge {
  func control(_ call: Call) async -> Reply {
    let name = call.segments.dropFirst().joined(separator: "/")
    if name == "git-auth" || name == "received" {
      return await git(call, name)
    }
    do {
      let arguments = call.body.isEmpty ? [:] : try JSONValue.parse(call.body)
      if let reply = looked(name, arguments) { return .json(200, reply) }
      if let reply = try await lookedAt(name, arguments) { return .json(200, reply) }
      if let reply = try await made(name, arguments) { return .json(200, reply) }
      if let reply = try await done(name, arguments) { return .json(200, reply) }
      return .json(404, ["message": .string("there is no control '\(name)'")])
    } catch {
      return .json(400, ["message": .string("\(error)")])
    }
  }

  /// Admits to git, or takes over what was pushed; either may be the moment to kill somebody.
  private func git(_ call: Call, _ name: String) async -> Reply {
    if case .kill(let victim, let milliseconds) = world.withLock({ $0.takeKill(for: call) })?.kind {
      victim.end()
      // What is not admitted is not done; what was received is done already.
      if name == "git-auth", milliseconds == nil { return Reply(status: 403) }
    }
    return name == "received" ? await received(call) : await gitAdmission(call)
  }

  /// What is at hand.
  private func looked(_ name: String, _ arguments: JSONValue) -> JSONValue? {
    switch name {
    case "breaches": .array(breaches.map { .string($0.description) })
    case "writes": .object(writes.mapValues { .number(Double($0)) })
    case "calls":
      .array(
        calls.map {
          [
            "number": .number($0.number), "method": .string($0.method), "target": .string($0.target),
            "caller": .string($0.caller), "status": .number($0.status), "fault": .maybe($0.fault),
            "body": .string(String(decoding: $0.body, as: UTF8.self)),
          ]
        })
    case "sent":
      .array(
        sent.map {
          [
            "id": .string($0.id), "event": .string($0.event), "status": .number($0.status), "fate": .string($0.fate),
            "body": (try? JSONValue.parse($0.body)) ?? .null,
          ]
        })
    case "faults":
      .array(
        world.withLock { $0.faults }.map {
          ["name": .string($0.name), "seen": .number($0.seen), "isSpent": .bool($0.isSpent)]
        })
    case "state":
      [
        "kind": .string(kind.rawValue), "address": .string(address), "api": .string(apiAddress),
        "checksBodies": .bool(checksBodies),
      ]
    default: nil
    }
  }

  private func lookedAt(_ name: String, _ arguments: JSONValue) async throws -> JSONValue? {
    switch name {
    case "comments":
      let (path, number) = try arguments.place()
      return .array(
        try await comments(on: number, in: path).map { comment in
          [
            "id": .number(comment.id), "author": .number(comment.author), "body": .string(comment.body),
            "thread": .maybe(comment.thread), "path": .maybe(comment.anchor?.path),
            "line": .maybe(comment.anchor?.line),
            "side": .maybe(comment.anchor?.side), "minimized": .maybe(comment.minimized),
            "review": .maybe(comment.review),
          ]
        })
    case "threads":
      let (path, number) = try arguments.place()
      return .array(
        try await threads(on: number, in: path).map {
          ["id": .number($0.id), "name": .string($0.name), "isResolved": .bool($0.isResolved)]
        })
    case "pull-request":
      let (path, number) = try arguments.place()
      let pull = try await pullRequest(number, in: path)
      return [
        "number": .number(pull.number), "head": .string(pull.head), "isOpen": .bool(pull.isOpen),
        "title": .string(pull.title),
      ]
    case "checks":
      return .array(
        try await checks(at: try arguments.text("sha")).map {
          [
            "id": .number($0.id), "name": .string($0.name), "status": .string($0.status),
            "conclusion": .maybe($0.conclusion), "title": .maybe($0.title), "summary": .maybe($0.summary),
            "annotations": .number($0.annotations.count),
          ]
        })
    case "statuses":
      return .array(
        try await statuses(at: try arguments.text("sha")).map {
          ["context": .string($0.context), "state": .string($0.state), "description": .string($0.description)]
        })
    default: return nil
    }
  }

  /// What is set up.
  private func made(_ name: String, _ json: JSONValue) async throws -> JSONValue? {
    switch name {
    case "account":
      let account = try await addAccount(try json.text("login"), isBot: json["bot"]?.flag ?? false)
      return ["id": .number(account.id), "login": .string(account.login)]
    case "repository":
      let made = try await addRepository(
        try json.text("path"), defaultBranch: json["defaultBranch"]?.string ?? "main",
        protected: json["protected"]?.array?.compactMap(\.string) ?? [], isPrivate: json["private"]?.flag ?? true,
        forkOf: json["forkOf"]?.string)
      return ["id": .number(made.id), "directory": .string(made.directory)]
    case "grant":
      guard let access = Access(rawValue: try json.text("access")) else { throw ForgeFailure("access is no access") }
      try await grant(access, to: try json.text("login"), on: try json.text("path"))
      return [:]
    case "rule":
      try await rule(try json.text("type"), over: try json.text("pattern"), in: try json.text("path"))
      return [:]
    case "token":
      let scopes = Set(json["scopes"]?.array?.compactMap(\.string) ?? [])
      let token = try await addToken(for: try json.text("login"), scopes: scopes, lasting: json["lasting"]?.integer)
      return ["token": .string(token)]
    case "app":
      let keys = try json["publicKey"]?.string.map { ("", $0) } ?? Self.makeKeys()
      let permissions = json["permissions"]?.object?.compactMapValues(\.string) ?? [:]
      let app = try await addApp(try json.text("slug"), permissions: permissions, publicKey: keys.1)
      let installation = try await install(app, on: json["paths"]?.array?.compactMap(\.string) ?? [])
      return [
        "id": .number(app.id), "clientID": .string(app.clientID), "installation": .number(installation.id),
        "privateKey": .string(keys.0), "bot": .number(app.bot),
      ]
    case "hook":
      let hook = try await addHook(
        try json.text("address"), secret: try json.text("secret"), signingKey: json["signingKey"]?.string,
        events: Set(json["events"]?.array?.compactMap(\.string) ?? []))
      return ["id": .number(hook.id)]
    case "fault":
      add(try Fault(json))
      return [:]
    case "faults/none":
      removeFaults()
      return [:]
    case "trouble":
      var trouble = HookTrouble()
      trouble.lost = json["lost"]?.integer ?? 0
      trouble.doubled = json["doubled"]?.integer ?? 0
      trouble.isShuffled = json["shuffled"]?.flag ?? false
      trouble.delay = json["delay"]?.integer ?? 0
      trouble.seed = UInt64(json["seed"]?.integer ?? 1)
      setTrouble(trouble)
      return [:]
    case "limit":
      if let left = json["left"]?.integer {
        limit(left: left, resetsIn: json["resetsIn"]?.integer ?? 60)
      } else {
        limit(
          calls: json["calls"]?.integer ?? 1, retryAfter: json["retryAfter"]?.integer,
          status: json["status"]?.integer ?? 403)
      }
      return [:]
    case "clock":
      setClock(ahead: json["ahead"]?.integer ?? 0)
      return [:]
    default: return nil
    }
  }

  /// What people do.
  private func done(_ name: String, _ json: JSONValue) async throws -> JSONValue? {
    switch name {
    case "open":
      let pull = try await openPullRequest(
        in: try json.text("path"), from: try json.text("branch"), into: json["base"]?.string,
        fork: json["fork"]?.string, by: try json.text("by"), title: json["title"]?.string ?? "A change",
        body: json["body"]?.string ?? "", isDraft: json["draft"]?.flag ?? false,
        labels: json["labels"]?.array?.compactMap(\.string) ?? [],
        allowsMaintainers: json["allowsMaintainers"]?.flag ?? true)
      return ["number": .number(pull.number), "id": .number(pull.id), "head": .string(pull.head)]
    case "pushed":
      try await pushed(
        try json.text("path"), try json.text("branch"), from: try json.text("before"), by: try json.text("by"))
      return [:]
    case "comment":
      let (path, number) = try json.place()
      let by = try json.text("by")
      let body = try json.text("body")
      let comment =
        if let file = json["file"]?.string {
          try await comment(
            on: number, in: path, by: by, body, file: file, line: json["line"]?.integer ?? 1,
            side: json["side"]?.string ?? "RIGHT")
        } else {
          try await comment(on: number, in: path, by: by, body)
        }
      return ["id": .number(comment.id)]
    case "reply":
      let made = try await reply(to: json["comment"]?.integer ?? 0, by: try json.text("by"), try json.text("body"))
      return ["id": .number(made.id)]
    case "settle":
      try await settle(json["thread"]?.integer ?? 0, by: try json.text("by"), json["settled"]?.flag ?? true)
      return [:]
    case "close", "reopen", "draft", "label", "retarget": return try await changed(name, json)
    case "report":
      let id = json["app"]?.integer
      let app = world.withLock { world in id.flatMap { world.apps[$0] } }
      try await report(
        check: try json.text("name"), at: try json.text("sha"), in: try json.text("path"), app: app,
        by: try json.text("by"), state: try json.text("state"), title: json["title"]?.string ?? "",
        summary: json["summary"]?.string ?? "")
      return [:]
    case "rerequest":
      try await rerequest(json["check"]?.integer ?? 0, by: try json.text("by"))
      return [:]
    case "redeliver":
      await redeliver(try json.text("id"))
      return [:]
    case "hooks-sent":
      await hooksAreSent()
      return [:]
    default: return nil
    }
  }

  private func changed(_ name: String, _ json: JSONValue) async throws -> JSONValue {
    let (path, number) = try json.place()
    let by = try json.text("by")
    switch name {
    case "close": try await close(number, in: path, by: by, merged: json["merged"]?.flag ?? false)
    case "reopen": try await reopen(number, in: path, by: by)
    case "draft": try await draft(number, in: path, by: by, json["draft"]?.flag ?? true)
    case "label": try await label(number, in: path, by: by, try json.text("label"), isOn: json["on"]?.flag ?? true)
    default: try await retarget(number, in: path, by: by, to: try json.text("base"))
    }
    return [:]
  }
}

extension JSONValue {
  fileprivate func text(_ name: String) throws(ForgeFailure) -> String {
    guard let text = self[name]?.string else { throw ForgeFailure("'\(name)' is needed") }
    return text
  }

  /// A pull request's repository and number.
  fileprivate func place() throws(ForgeFailure) -> (String, Int) {
    guard let number = self["number"]?.integer else { throw ForgeFailure("'number' is needed") }
    return (try text("path"), number)
  }
}

extension Fault {
  /// A fault as a drive writes it: `{"kind": "stored-but-502", "method": "POST", "path": "/comments", "rate": 50}`.
  init(_ json: JSONValue) throws(ForgeFailure) {
    let milliseconds = json["milliseconds"]?.integer ?? 0
    let kind: Kind
    switch json["kind"]?.string {
    case "status": kind = .status(json["status"]?.integer ?? 500)
    case "stored-but-502": kind = .storedButBadGateway
    case "stored-later": kind = .storedLater(milliseconds: milliseconds)
    case "stored-but-closed": kind = .storedButClosed
    case "closed": kind = .closed
    case "slow": kind = .slow(milliseconds: milliseconds)
    case "malformed": kind = .malformed
    case "unauthorized": kind = .unauthorized
    case "kill":
      let victim = Victim(process: Int32(json["process"]?.integer ?? 0), word: json["word"]?.string ?? "")
      kind = .kill(victim, doneAfter: json["stores"]?.flag == true ? milliseconds : nil)
    default: throw ForgeFailure("'kind' is no kind of fault")
    }
    var calls: ClosedRange<Int>?
    if let first = json["first"]?.integer { calls = first...max(first, json["last"]?.integer ?? first) }
    self.init(
      kind, method: json["method"]?.string, path: json["path"]?.string ?? "", calls: calls,
      rate: json["rate"]?.integer ?? 1000, seed: UInt64(max(0, json["seed"]?.integer ?? 1)))
  }
}
