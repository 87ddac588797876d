internal import Glibc
internal import JSON
internal import Synchronization

extension TestForge {
  /// What becomes of a call: the faults first, then the forge's own rules.
  func answer(_ call: Call) async -> Answer {
    if call.segments.first == "_control" { return .reply(await control(call)) }
    let fault = world.withLock { $0.takeFault(for: call) }
    switch fault?.kind {
    case nil: return await finish(call, fault: nil)
    case .status(let code):
      note(call, status: code, fault: fault)
      return .reply(failure(code))
    case .unauthorized:
      note(call, status: 401, fault: fault)
      return .reply(.json(401, ["message": "Bad credentials"]))
    case .closed:
      note(call, status: 0, fault: fault)
      return .closed
    case .storedButBadGateway:
      _ = await finish(call, fault: fault)
      return .reply(failure(502))
    case .storedButClosed:
      _ = await finish(call, fault: fault)
      return .closed
    case .storedLater(let milliseconds):
      // Not a child of the connection's task: what was asked is done though the client has gone.
      Task {
        try? await Task.sleep(for: .milliseconds(milliseconds))
        _ = await finish(call, fault: fault)
      }
      return .reply(failure(502))
    case .slow(let milliseconds):
      let work = Task {
        let answer = await finish(call, fault: fault)
        try? await Task.sleep(for: .milliseconds(milliseconds))
        return answer
      }
      return await work.value
    case .held(let isDone):
      let releases = world.withLock { $0.releases }
      // Not a child of the connection's task: what was asked is done though the client has gone.
      let work = Task { isDone ? await finish(call, fault: fault) : .closed }
      let answer = await work.value
      if !isDone { note(call, status: 0, fault: fault) }
      while world.withLock({ $0.releases }) == releases, !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(10))
      }
      return answer
    case .kill(let victim, let milliseconds):
      victim.end()
      guard let milliseconds else {
        note(call, status: 0, fault: fault)
        return .closed
      }
      Task {
        try? await Task.sleep(for: .milliseconds(milliseconds))
        _ = await finish(call, fault: fault)
      }
      return .closed
    case .malformed:
      guard case .reply(var reply) = await finish(call, fault: fault) else { return .closed }
      reply.body = Array(reply.body.prefix(reply.body.count / 2))
      return .reply(reply)
    }
  }

  private func failure(_ code: Int) -> Reply {
    Reply(
      status: code, headers: ["Content-Type": "text/html"],
      body: Array("<html><head><title>\(code)</title></head><body>Something went wrong</body></html>".utf8))
  }

  private func note(_ call: Call, status: Int, fault: Fault?) {
    world.withLock { $0.note(call, caller: "", status: status, fault: fault) }
  }

  /// Does what is asked, in the order of arrival, and answers.
  private func finish(_ call: Call, fault: Fault?) async -> Answer {
    var call = call
    if !call.body.isEmpty, let json = try? JSONValue.parse(call.body) { call.json = json }
    let ready = call
    let checked = checksBodies ? descriptions : nil
    let signer = await signer(of: call)
    let reply = try? await withWorld { world in
      world.handle(ready, signer: signer, against: checked, fault: fault)
    }
    if options.sendsHooks { deliverWaiting() }
    return reply.map { .reply($0) } ?? .closed
  }
}

extension World {
  mutating func takeFault(for call: Call) -> Fault? {
    for index in faults.indices where faults[index].hits(method: call.method, path: call.path) {
      return faults[index]
    }
    return nil
  }

  /// A kill that a call of the git front is to bring, which no other fault hits.
  mutating func takeKill(for call: Call) -> Fault? {
    for index in faults.indices where faults[index].isKill && faults[index].hits(method: call.method, path: call.path) {
      return faults[index]
    }
    return nil
  }

  mutating func note(_ call: Call, caller: String, status: Int, fault: Fault?) {
    log.append(
      LoggedCall(
        number: call.number, method: call.method, target: call.target, caller: caller, status: status,
        fault: fault?.name, body: call.body))
  }

  /// The name of a caller for the log.
  func name(of caller: Caller) -> String {
    switch caller {
    case .nobody: "nobody"
    case .app(let id): "app:" + (apps[id]?.slug ?? "")
    case .installation, .account: accounts[caller.account]?.login ?? ""
    }
  }

  mutating func handle(_ call: Call, signer: Signer?, against descriptions: Descriptions?, fault: Fault?) -> Reply {
    var caller = Caller.nobody
    var reply: Reply
    let before = writes
    do {
      switch kind {
      case .github: reply = try handleGitHub(call, signer, descriptions, &caller)
      case .gitlab: reply = try handleGitLab(call, &caller)
      case .gitea: reply = try handleGitea(call, descriptions, &caller)
      }
    } catch let refusal as Refusal {
      if let rule = refusal.breach { breach(call, rule) }
      reply = refusal.reply
    } catch {
      breach(call, "the forge failed: \(error)")
      reply = .json(500, ["message": "Server Error"])
    }
    if writes != before, reply.status >= 400 { breach(call, "the forge wrote and refused: a fault of the forge") }
    finish(&reply, of: call)
    note(call, caller: name(of: caller), status: reply.status, fault: fault)
    return reply
  }

  /// Adds what every answer of the forge carries.
  private mutating func finish(_ reply: inout Reply, of call: Call) {
    reply.headers["Date"] = Self.httpDate(now)
    switch kind {
    case .github:
      finishGitHub(&reply, of: call)
    case .gitlab:
      reply.headers["X-Request-Id"] = "forge-\(call.number)"
      finishGitLab(&reply)
    case .gitea: break
    }
  }

  /// As HTTP writes a date: `Sun, 22 Nov 2026 14:00:00 GMT`.
  static func httpDate(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
  }

  /// Finds the route of a call, or refuses it as what no client may ask.
  func route(_ call: Call, in routes: [Route], notFound: (String) -> Refusal) throws -> (Route, Parameters) {
    var methods: Set<String> = []
    let method = call.method == "HEAD" ? "GET" : call.method
    for route in routes {
      guard let parameters = route.match(call.segments) else { continue }
      if route.method == method { return (route, parameters) }
      methods.insert(route.method)
    }
    if methods.isEmpty { throw notFound("there is no such path, or the test forge does not imitate it") }
    throw notFound("the path takes \(methods.sorted().joined(separator: ", ")), not \(call.method)")
  }
}
