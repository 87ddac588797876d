internal import Base
internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Journal
internal import Logging
internal import Settings
internal import Templates
internal import Work

/// The pages: what runs, what waits, one run, and the way in.
struct PageResponder {
  let journal: any JournalStore & JournalStatistics
  let control: (any RunControl)?
  let door: DoorKeeper
  let bodies: BodyReader
  let links: ForgeLinks
  let costs: RunCosts
  let clock: WallClock
  let logger: Logger
  let metrics: ServerMetrics
  let version: String

  private static let runsOnPage = 50
  private static let pendingOnPage = 50
  /// Among so many newest runs of a pull request the one is looked for that took another back.
  private static let undoingAmong = 1000

  // MARK: Reading

  /// All runs.
  func runs(_ request: Request, in context: SiteContext) async -> Response {
    let access = door.access(of: request, peer: context.peer)
    guard access.mayRead else { return refusal(access, next: "/") }
    let cursor = request.uri.queryParameters["before"].flatMap { PageCursor.read(String($0)) }
    let withReports = request.uri.queryParameters["reports"] != nil
    do {
      let pending =
        withReports
        ? try await journal.pending(limit: Self.pendingOnPage)
        : try await journal.pendingWork(limit: Self.pendingOnPage)
      let figures = try await journal.queueFigures()
      let reports = withReports ? 0 : figures.filter { $0.kind == .attend }.reduce(0) { $0 + $1.count }
      let queued = figures.reduce(0) { $0 + $1.count } - reports
      let found = try await journal.runs(before: cursor, limit: Self.runsOnPage + 1, withReports: withReports)
      let shown = Array(found.prefix(Self.runsOnPage))
      let model = RunsPageModel(
        pending: pending, isMorePending: max(0, queued - pending.count), runs: shown,
        costs: try await costs.costs(of: shown), cursor: cursor, hasOlder: found.count > shown.count,
        withReports: withReports, waitingReports: reports, links: links, now: clock.now())
      return render(.runs, model.values, access, notice(of: request), for: request)
    } catch {
      return fault(error, access)
    }
  }

  /// One run.
  func run(_ name: String, _ request: Request, in context: SiteContext) async -> Response {
    let access = door.access(of: request, peer: context.peer)
    guard access.mayRead else { return refusal(access, next: "/runs/\(RunID(name)?.text ?? "")") }
    guard let id = RunID(name) else { return missing(access) }
    do {
      let summary = try await journal.run(named: id.text)
      let asked = request.uri.queryParameters["after"].flatMap { Int(String($0)) } ?? 0
      let count = try await journal.eventCount(of: id)
      let after = min(max(0, asked), max(0, count))
      let tasks = try await journal.tasks(of: id, limit: RunCosts.mostTasks)
      let undoing = try await undoing(summary)
      let model = RunPageModel(
        summary: summary, cost: try await costs.costs(of: [summary])[id] ?? 0, tasks: tasks,
        taskCosts: try await costs.costs(of: tasks), undoing: undoing,
        events: try await journal.eventParts(
          of: id, after: after, limit: RunPageModel.pageSize, payload: RunPageModel.payloadLimit),
        after: after, count: count, orders: orders(for: summary, undoing: undoing, access), csrf: access.csrf,
        links: links, now: clock.now())
      return render(.run, model.values, access, notice(of: request), for: request)
    } catch .notFound {
      return missing(access)
    } catch {
      return fault(error, access)
    }
  }

  /// All that one event holds, as plain text.
  func event(_ name: String, _ number: String, _ request: Request, in context: SiteContext) async -> Response {
    let access = door.access(of: request, peer: context.peer)
    guard access.mayRead else { return refusal(access, next: "/") }
    guard let id = RunID(name), let sequence = Int(number), sequence > 0 else { return missing(access) }
    do {
      let head = try await journal.eventParts(of: id, after: sequence - 1, limit: 1, payload: 0).first
      guard var part = head, part.sequence == sequence,
        let payload = try await journal.payload(of: id, sequence: sequence)
      else { return missing(access) }
      part.payload = payload.bytes
      var response = Response.text(EventView(part).text(of: part))
      response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
      return response
    } catch {
      return fault(error, access)
    }
  }

  /// The form to sign in.
  func signInForm(_ request: Request, in context: SiteContext) -> Response {
    let access = door.access(of: request, peer: context.peer)
    if access.csrf != nil { return redirect(to: "/") }
    return access == .locked ? signIn(problem: nil, next: "/", status: .ok) : refusal(access, next: "/")
  }

  // MARK: Writing

  /// Signs in.
  func signIn(_ request: Request, in context: SiteContext) async -> Response {
    guard let token = door.adminToken else { return refusal(.closed, next: "/") }
    guard let form = await form(of: request, in: context), isSameSite(request) else {
      return message("This form cannot be taken", "Go back, load the page again and try once more.", .badRequest)
    }
    let next = Self.ownPath(form["next"])
    let client = DoorKeeper.client(request.headers, peer: context.peer)
    guard door.tries.take(client, now: clock.now()) else {
      metrics.signedIn("limited")
      logger.warning("sign-in refused: too many tries", metadata: ["client": "\(client)"])
      var response = signIn(problem: "Too many tries; wait a minute.", next: next, status: .tooManyRequests)
      response.headers[.retryAfter] = "60"
      return response
    }
    guard ConstantTime.areEqual(form["token"] ?? "", token.reveal()) else {
      metrics.signedIn("wrong")
      logger.warning("sign-in refused: wrong token", metadata: ["client": "\(client)"])
      return signIn(problem: "That is not the token.", next: next, status: .unauthorized)
    }
    metrics.signedIn("right")
    logger.info("signed in", metadata: ["client": "\(client)"])
    var response = redirect(to: next)
    let age = Sessions.milliseconds / 1000
    response.headers[.setCookie] = cookie(door.sessions.begin(now: clock.now()), age: age, request)
    return response
  }

  /// Signs out.
  func signOut(_ request: Request, in context: SiteContext) async -> Response {
    guard await isOrdered(request, in: context) else { return notOrdered() }
    if let cookie = request.headers.cookie(Sessions.cookie) { door.sessions.end(cookie) }
    var response = redirect(to: "/")
    response.headers[.setCookie] = cookie("", age: 0, request)
    return response
  }

  /// Takes an order for a run.
  func order(_ order: RunOrder, _ name: String, _ request: Request, in context: SiteContext) async -> Response {
    guard await isOrdered(request, in: context) else { return notOrdered() }
    let access = door.access(of: request, peer: context.peer)
    guard let control, let id = RunID(name) else { return missing(access) }
    do {
      let summary = try await journal.run(named: id.text)
      let undoing = order == .undo ? try await undoing(summary) : nil
      guard control.orders(for: summary).contains(order), undoing == nil else {
        return message("Nothing was done", "The run is not in a state in which that can be asked for.", .conflict)
      }
      let answer = await control.take(order, for: summary)
      let metadata: Logger.Metadata = ["run": "\(id)", "order": "\(order.rawValue)", "answer": "\(answer)"]
      logger.info("order", metadata: metadata)
      switch answer {
      case .taken: return redirect(to: "/runs/\(id)?notice=\(order.rawValue)")
      case .refused(let reason): return message("Nothing was done", PageText.line(reason), .conflict)
      }
    } catch .notFound {
      return missing(access)
    } catch {
      return fault(error, access)
    }
  }

  /// Whether a form was sent by somebody who is signed in, from a page of ours.
  private func isOrdered(_ request: Request, in context: SiteContext) async -> Bool {
    guard let csrf = door.access(of: request, peer: context.peer).csrf, isSameSite(request) else { return false }
    guard let form = await form(of: request, in: context), let given = form["csrf"] else { return false }
    return ConstantTime.areEqual(given, csrf)
  }

  private func form(of request: Request, in context: SiteContext) async -> FormValues? {
    guard let body = try? await bodies.read(request, limit: bodies.limits.formBytes, in: context) else { return nil }
    bodies.budget.release(body.count)
    return FormValues(body)
  }

  private func isSameSite(_ request: Request) -> Bool {
    DoorKeeper.isSameSite(request.headers, authority: request.head.authority)
  }

  /// The run that has taken back what this one did, or is about to; `nil` where none has.
  private func undoing(_ run: RunSummary) async throws(JournalError) -> RunSummary? {
    guard run.closing != nil, run.job.kind == .fix || run.job.kind == .resolve else { return nil }
    let filter = RunFilter(repository: run.job.pullRequest.repository, lane: run.job.lane, limit: Self.undoingAmong)
    return try await journal.runs(filter).first { other in
      other.job.undoes == run.run && (other.closing == nil || other.closing?.verdict == .undone)
    }
  }

  private func orders(for run: RunSummary, undoing: RunSummary?, _ access: PageAccess) -> [RunOrder] {
    guard access.csrf != nil, let control else { return [] }
    var allowed = control.orders(for: run)
    if undoing != nil { allowed.remove(.undo) }
    return RunOrder.allCases.filter { allowed.contains($0) }
  }

  /// What came of the order before this page, from words of our own.
  private func notice(of request: Request) -> String? {
    guard let word = request.uri.queryParameters["notice"], let order = RunOrder(rawValue: String(word)) else {
      return nil
    }
    switch order {
    case .stop: return "The run is told to stop."
    case .resume: return "The run goes on when a worker takes it."
    case .undo: return "What the run did will be taken back."
    }
  }

  // MARK: Answers

  /// A path on this server; never another server's.
  static func ownPath(_ text: String?) -> String {
    guard let text, text.hasPrefix("/"), !text.hasPrefix("//"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
    else { return "/" }
    return text
  }

  private func redirect(to path: String) -> Response {
    var response = Response.bytes([], type: "text/plain; charset=utf-8", status: .seeOther)
    response.headers[.location] = path
    return response
  }

  private func cookie(_ value: String, age: Int64, _ request: Request) -> String {
    let name = HTTPField.Name("x-forwarded-proto")
    let isSecure = name.flatMap { request.headers[$0] }?.lowercased() == "https"
    return "\(Sessions.cookie)=\(value); Path=/; Max-Age=\(age); HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")"
  }

  private func refusal(_ access: PageAccess, next: String) -> Response {
    if access == .locked { return signIn(problem: nil, next: next, status: .unauthorized) }
    return message(
      "Nothing to see from here",
      "No admin token is set, so runs are only shown to somebody on this machine. Set 'adminToken' in the server's "
        + "configuration to open this page.", .forbidden)
  }

  private func signIn(problem: String?, next: String, status: HTTPResponse.Status) -> Response {
    var values: [String: Any] = ["title": "Sign in · Arborist", "next": next]
    if let problem { values["problem"] = problem }
    return html(.login, values, status: status)
  }

  private func notOrdered() -> Response {
    message("This form cannot be taken", "Sign in, load the page again and try once more.", .forbidden)
  }

  func missing() -> Response {
    message("There is no such page", "It may have been moved, or never was.", .notFound)
  }

  private func missing(_ access: PageAccess) -> Response { missing() }

  private func fault(_ error: JournalError, _ access: PageAccess) -> Response {
    logger.error("the journal could not be read", metadata: ["error": "\(error)"])
    return message("The journal cannot be read now", "Try again in a moment; the log says why.", .serviceUnavailable)
  }

  private func message(_ heading: String, _ text: String, _ status: HTTPResponse.Status) -> Response {
    html(.message, ["title": "\(heading) · Arborist", "heading": heading, "text": text], status: status)
  }

  private func render(
    _ page: Page, _ values: [String: Any], _ access: PageAccess, _ notice: String?, for request: Request
  ) -> Response {
    var values = values
    if let csrf = access.csrf {
      values["isSignedIn"] = true
      values["csrf"] = csrf
    }
    if let notice { values["notice"] = notice }
    var response = html(page, values, status: .ok)
    guard response.status == .ok, let tag = response.headers[.eTag] else { return response }
    if request.headers[.ifNoneMatch] == tag {
      var unchanged = Response.bytes([], type: "text/html; charset=utf-8", status: .notModified)
      unchanged.headers[.contentLength] = nil
      unchanged.headers[.eTag] = tag
      return unchanged
    }
    response.headers[.eTag] = tag
    return response
  }

  private func html(_ page: Page, _ values: [String: Any], status: HTTPResponse.Status) -> Response {
    var values = values
    values["version"] = version
    values["assets"] = SiteAssets.tag
    guard let text = try? page.render(values) else {
      logger.error("a page could not be made", metadata: ["page": "\(page.rawValue)"])
      return .text("This page could not be made; please report this.\n", status: .internalServerError)
    }
    let bytes = Array(text.utf8)
    var response = Response.bytes(bytes, type: "text/html; charset=utf-8", status: status)
    for (name, value) in SiteAssets.pageHeaders { response.headers[name] = value }
    response.headers[.eTag] = "\"\(Hexadecimal.encode(SHA256.hash(data: Data(bytes)).prefix(16)))\""
    return response
  }
}

/// What the pages load, and what a browser is told to allow them.
enum SiteAssets {
  /// Changes with the files: they are kept by browsers.
  static let tag = String(
    Hexadecimal.encode(SHA256.hash(data: Data(PageAsset.allCases.flatMap(\.content)))).prefix(12))

  static let pageHeaders: [(HTTPField.Name, String)] = {
    let policy = [
      "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'",
      "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")
    let others = [
      ("referrer-policy", "no-referrer"), ("x-frame-options", "DENY"), ("cross-origin-opener-policy", "same-origin"),
      ("cross-origin-resource-policy", "same-origin"),
    ]
    return [(.contentSecurityPolicy, policy)]
      + others.compactMap { name, value in
        HTTPField.Name(name).map { ($0, value) }
      }
  }()

  /// The file of this name.
  static func response(for name: String) -> Response? {
    guard let asset = PageAsset(rawValue: name) else { return nil }
    let type: String
    switch asset {
    case .style: type = "text/css; charset=utf-8"
    case .script: type = "text/javascript; charset=utf-8"
    case .icon: type = "image/svg+xml"
    }
    var response = Response.bytes(asset.content, type: type)
    response.headers[.cacheControl] = "public, max-age=86400"
    return response
  }
}
