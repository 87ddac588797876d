internal import Base
internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import Journal
internal import Logging
internal import Work

/// Sends each request to whoever answers it.
struct Site: HTTPResponder {
  let receiver: Receiver
  let pages: PageResponder
  let report: MetricsReport
  let readinessCheck: ReadinessCheck
  let logger: Logger
  let metrics: ServerMetrics
  let limits: ServerLimits

  /// What is asked for.
  enum Route: Equatable {
    case delivery(ForgeName)
    case health, readiness, metrics, runs, login, logout
    case run(String)
    case event(String, String)
    case order(RunOrder, String)
    case asset(String)
    case unknown
    case wrongMethod(allowed: String)

    /// Its name in the figures: few, whatever people ask for.
    var name: String {
      switch self {
      case .delivery: "webhooks"
      case .health: "healthz"
      case .readiness: "readyz"
      case .metrics: "metrics"
      case .runs, .run, .event, .login, .logout, .order: "page"
      case .asset: "assets"
      case .unknown, .wrongMethod: "other"
      }
    }

    init(method: HTTPRequest.Method, path: String) {
      let parts = path.split(separator: "/").map(String.init)
      let isRead = method == .get || method == .head
      let isPost = method == .post
      let found: (route: Route, needsPost: Bool)? =
        switch (parts.count, parts.first) {
        case (0, _): (.runs, false)
        case (1, "healthz"): (.health, false)
        case (1, "readyz"): (.readiness, false)
        case (1, "metrics"): (.metrics, false)
        case (1, "login"): (.login, isPost)
        case (1, "logout"): (.logout, true)
        case (2, "webhooks"): ForgeName(rawValue: parts[1]).map { (.delivery($0), true) }
        case (2, "assets"): (.asset(parts[1]), false)
        case (2, "runs"): (.run(parts[1]), false)
        case (3, "runs"): RunOrder(rawValue: parts[2]).map { (.order($0, parts[1]), true) }
        case (4, "runs") where parts[2] == "events": (.event(parts[1], parts[3]), false)
        default: nil
        }
      guard let found else {
        self = .unknown
        return
      }
      if found.needsPost ? isPost : isRead {
        self = found.route
      } else {
        self = .wrongMethod(allowed: found.needsPost ? "POST" : "GET, HEAD")
      }
    }
  }

  func respond(to request: Request, context: SiteContext) async throws -> Response {
    let route = Route(method: request.method, path: request.uri.path)
    var response = await answer(route, request, in: context)
    if !Self.readsBody(route), Self.hasBody(request) {
      // Nobody reads it, and its sender is not let go on for ever.
      response = response.closing(context, afterMilliseconds: limits.lingerMilliseconds)
    }
    if request.method == .head { response = response.createHeadResponse() }
    metrics.answered(route: route.name, status: response.status.code)
    return response
  }

  private func answer(_ route: Route, _ request: Request, in context: SiteContext) async -> Response {
    switch route {
    case .delivery(let forge): return await receiver.receive(request, forge: forge, in: context)
    case .health: return .json(["status": "alive"])
    case .readiness: return await readiness()
    case .metrics:
      return .bytes(Array(await report.text().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    case .runs: return await pages.runs(request, in: context)
    case .run(let name): return await pages.run(name, request, in: context)
    case .event(let name, let number): return await pages.event(name, number, request, in: context)
    case .login where request.method == .post: return await pages.signIn(request, in: context)
    case .login: return pages.signInForm(request, in: context)
    case .logout: return await pages.signOut(request, in: context)
    case .order(let order, let name): return await pages.order(order, name, request, in: context)
    case .asset(let name): return SiteAssets.response(for: name) ?? .text("There is no such file.\n", status: .notFound)
    case .unknown: return pages.missing()
    case .wrongMethod(let allowed):
      var response = Response.text("Use \(allowed) here.\n", status: .methodNotAllowed)
      response.headers[.allow] = allowed
      return response
    }
  }

  /// Whether deliveries can be taken: what is missing is named, and nothing that is secret.
  private func readiness() async -> Response {
    do {
      try await readinessCheck.run()
      return .json(["ready": true, "missing": []])
    } catch {
      logger.error("not ready", metadata: ["missing": "database", "error": "\(error)"])
      let reason: JSONValue = .string("database: \(error.short)")
      return .json(["ready": false, "missing": [reason]], status: .serviceUnavailable)
    }
  }

  private static func readsBody(_ route: Route) -> Bool {
    switch route {
    case .delivery, .login, .logout, .order: true
    default: false
    }
  }

  private static func hasBody(_ request: Request) -> Bool {
    if request.headers[.transferEncoding] != nil { return true }
    return request.headers[.contentLength].map { $0 != "0" } ?? false
  }
}

/// Looks whether the journal can be written.
///
/// Those who ask meanwhile get the same answer, so that many of them are no
/// load.
actor ReadinessCheck {
  private let journal: any JournalStatistics
  private var running: Task<Result<Void, JournalError>, Never>?

  init(journal: any JournalStatistics) {
    self.journal = journal
  }

  func run() async throws(JournalError) {
    let task =
      running
      ?? Task { [journal] in
        do throws(JournalError) {
          try await journal.checkWritable()
          return .success(())
        } catch {
          return .failure(error)
        }
      }
    running = task
    let result = await task.value
    if running == task { running = nil }
    try result.get()
  }
}

extension JournalError {
  /// What it is about in a few words without any path, for those who may not know more.
  fileprivate var short: String {
    switch self {
    case .readOnly: "cannot be written"
    case .diskFull: "the disk is full"
    case .busy: "is locked by another process"
    case .corrupt: "is damaged"
    case .tooNew: "is a newer Arborist's"
    case .empty: "has no tables yet"
    default: "cannot be used now"
    }
  }
}
