internal import Base
package import HTTP
internal import JSON

/// How patient a client is.
package struct ForgePatience: Sendable, Hashable {
  /// The longest that a call waits by itself where the forge refuses for a while; beyond it, it fails and says when to
  /// ask again.
  package var longestWait: Duration
  /// The deadlines of a call that reads.
  package var reading: HTTPDeadlines
  /// The deadlines of a call that writes.
  package var writing: HTTPDeadlines
  /// The longest that a forge may work on a request, from its begin, also where its sender is gone: what has not shown
  /// by then never will.
  package var longestRequest: Duration

  package static let usualLongestRequest = Duration.seconds(90)

  /// A patience in which no call that writes lasts longer than two thirds of the longest request.
  ///
  /// A call that its own client still waits for cannot be taken for one that never will show.
  ///
  /// - Parameter longest: How long a forge may work on a request.
  /// - Returns: The patience.
  package static func outlasting(_ longest: Duration) -> ForgePatience {
    let total = min(longest * 2 / 3, .seconds(60))
    return ForgePatience(
      writing: HTTPDeadlines(connect: min(.seconds(10), total / 2), idle: total, total: total),
      longestRequest: longest)
  }

  package init(
    longestWait: Duration = .seconds(60),
    reading: HTTPDeadlines = HTTPDeadlines(connect: .seconds(10), idle: .seconds(30), total: .seconds(60)),
    writing: HTTPDeadlines = HTTPDeadlines(connect: .seconds(10), idle: .seconds(60), total: .seconds(60)),
    longestRequest: Duration = usualLongestRequest
  ) {
    self.longestWait = longestWait
    self.reading = reading
    self.writing = writing
    self.longestRequest = longestRequest
  }
}

/// Carries calls to one forge: its addresses, its credentials, its limits.
///
/// A credential goes in a header, to the API's own origin, and nowhere else. Reads are tried again; a write is sent
/// again only after an answer that proves that it was not carried out.
package actor ForgeTransport {
  package nonisolated let site: ForgeSite
  package nonisolated let clock: ForgeClock
  package nonisolated let patience: ForgePatience
  nonisolated let style: ForgeStyle
  private let http: any HTTPTransport
  private let authority: any ForgeAuthority

  private var cache = EntityCache()
  /// Before this moment nothing is asked.
  private var pausedUntil = Timestamp(milliseconds: 0)
  private var pace: WritePace
  private var strikes = 0

  package init(
    _ site: ForgeSite, http: any HTTPTransport, authority: any ForgeAuthority, clock: ForgeClock = .system,
    patience: ForgePatience = ForgePatience()
  ) {
    self.site = site
    self.http = http
    self.authority = authority
    self.clock = clock
    self.patience = patience
    style = ForgeStyle(site.name)
    pace = style.pace
  }

  /// Sends a call and gives the answer, which has a status of 200 to 299.
  ///
  /// - Throws: ``ForgeError``.
  package func send(_ call: ForgeCall) async throws(ForgeError) -> ForgeAnswer {
    let answer = try await ask(call)
    guard (200..<300).contains(answer.status) else { throw error(for: answer) }
    return answer
  }

  /// Sends a call and gives the answer whatever its status, once limits, renewals and retries are behind it.
  ///
  /// - Throws: ``ForgeError`` where there is no answer, and for the statuses 401, 429 and 500 to 599.
  package func ask(_ call: ForgeCall) async throws(ForgeError) -> ForgeAnswer {
    try await ask(call, url: url(of: call))
  }

  /// Every element of a list, over all pages.
  ///
  /// - Throws: ``ForgeError``; `rejected` for a list that does not end.
  func list(_ call: ForgeCall, size: Int = 100) async throws(ForgeError) -> [ForgeRecord] {
    var call = call
    call.query.append((style.sizeParameter, "\(size)"))
    var page = 1
    var url = url(of: call)
    var result: [ForgeRecord] = []
    for _ in 0..<Pagination.most {
      let answer = try await ask(call, url: url)
      guard (200..<300).contains(answer.status) else { throw error(for: answer) }
      result += try answer.list()
      switch try style.pagination.next(answer.head, page: page, url: url, api: site.api) {
      case .none: return result
      case .url(let next): url = next
      case .page(let next):
        page = next
        var turned = call
        turned.query.append(("page", "\(next)"))
        url = self.url(of: turned)
      }
    }
    throw ForgeError(.rejected, "\(style.title): \(call.display): the list has more than \(Pagination.most) pages")
  }

  /// Sends a GraphQL document and gives its data.
  ///
  /// - Throws: ``ForgeError``, by the kind of the first error that the answer holds.
  func graphQL(_ call: ForgeCall) async throws(ForgeError) -> ForgeRecord {
    let answer = try await send(call)
    let record = try answer.record()
    if let first = record.records("errors").first {
      let message = "\(style.title): GraphQL: \(ForgeText.short(first.text("message") ?? "failed"))"
      switch first.text("type") {
      case "NOT_FOUND": throw ForgeError(.notFound, message)
      case "FORBIDDEN", "INSUFFICIENT_SCOPES": throw ForgeError(.forbidden, message)
      case "RATE_LIMITED":
        let until = clock.now().adding(RateLimit.shortest)
        pausedUntil = max(pausedUntil, until)
        throw ForgeError(.limited, message, retryAfter: 60)
      default: throw ForgeError(.rejected, message)
      }
    }
    return try record.requiredRecord("data")
  }

  /// What an answer that is no success means.
  package nonisolated func error(for answer: ForgeAnswer) -> ForgeError {
    let code: ForgeError.Code =
      switch answer.status {
      case 401: .unauthenticated
      case 403, 451: .forbidden
      case 404, 410, 300..<400: .notFound
      case 429: .limited
      case 400..<500: .rejected
      default: .unavailable
      }
    return ForgeError(code, line(answer))
  }

  private nonisolated func line(_ answer: ForgeAnswer) -> String {
    let complaint = answer.complaint
    return "\(style.title): \(answer.call.display): status \(answer.status)"
      + (complaint.isEmpty ? "" : ": \(complaint)")
  }

  // MARK: One call

  private nonisolated func url(of call: ForgeCall) -> String {
    let base = call.isGraphQL ? site.graphQL?.text ?? site.api.text + call.path : site.api.text + call.path
    guard !call.query.isEmpty else { return base }
    return base + "?"
      + call.query.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
  }

  private func ask(_ call: ForgeCall, url: String) async throws(ForgeError) -> ForgeAnswer {
    var failures = 0
    var isRenewed = false
    while true {
      try await waitForTurn(call)
      let header = try await authority.header(for: call.scope)
      if isWrite(call) { try WriteWindow.current?.check(clock.now()) }
      let cached = call.method == .get ? cache[EntityCache.Key(url: url, scope: call.scope)] : nil
      let request = request(call, url: url, header: header, tag: cached?.tag)
      let response: HTTPResponse
      do throws(HTTPError) {
        response = try await http.send(request)
      } catch {
        failures += 1
        if call.isRepeatable, error.code.isPassing, let delay = ReadRetry.delay(after: failures, status: nil) {
          try await clock.wait(until: clock.now().adding(delay), for: "to ask again")
          continue
        }
        throw ForgeError(error.code == .cancelled ? .cancelled : .unavailable, "\(style.title): \(error.description)")
      }
      let answer = answer(response, to: call, url: url, header: header, cached: cached)
      if try judge(answer, call) { continue }
      if answer.status == 401 {
        if !isRenewed, await authority.renew(header, for: call.scope) {
          isRenewed = true
          continue
        }
        throw error(for: answer)
      }
      if answer.status >= 500 {
        failures += 1
        if call.isRepeatable, let delay = ReadRetry.delay(after: failures, status: answer.status) {
          try await clock.wait(until: clock.now().adding(delay), for: "to ask again")
          continue
        }
        var failed = error(for: answer)
        failed.retryAfter = RetryHint(answer.head, now: clock.now()).delay.map { Int($0.components.seconds) }
        throw failed
      }
      return answer
    }
  }

  /// Takes note of what the answer says of limits; whether the call is to be sent again.
  private func judge(_ answer: ForgeAnswer, _ call: ForgeCall) throws(ForgeError) -> Bool {
    let now = clock.now()
    switch RateLimit.decide(answer.head, complaint: answer.complaint, now: now, strikes: strikes) {
    case .goOn:
      if answer.status < 400 { strikes = 0 }
      return false
    case .pause(let until):
      strikes = 0
      pausedUntil = max(pausedUntil, until)
      return false
    case .refused(let until):
      strikes += 1
      pausedUntil = max(pausedUntil, until)
      // After three refusals in a row somebody else decides whether it is worth another try.
      guard strikes <= 3, until <= now.adding(patience.longestWait) else {
        throw limited(line(answer), until: until, now: now)
      }
      return true
    }
  }

  private nonisolated func limited(_ message: String, until: Timestamp, now: Timestamp) -> ForgeError {
    ForgeError(.limited, message, retryAfter: Int(max(1, (until.milliseconds - now.milliseconds + 999) / 1000)))
  }

  private nonisolated func isWrite(_ call: ForgeCall) -> Bool { call.method != .get && !call.isRepeatable }

  /// Waits until the next write may go out, and leaves its turn to whoever comes first.
  ///
  /// - Throws: ``ForgeError`` where that is too far away.
  package func waitToWrite() async throws(ForgeError) {
    let now = clock.now()
    let turn = pace.next(after: max(now, pausedUntil))
    guard turn <= now.adding(patience.longestWait) else {
      throw limited("\(style.title): the forge allows no writing for now", until: turn, now: now)
    }
    try await clock.wait(until: turn, for: "for the forge's limits")
  }

  /// Waits while the forge does not want to be asked, and keeps writes apart.
  private func waitForTurn(_ call: ForgeCall) async throws(ForgeError) {
    let now = clock.now()
    let isWrite = isWrite(call)
    let free = max(now, pausedUntil)
    let turn = isWrite ? pace.next(after: free) : free
    guard turn <= now.adding(patience.longestWait) else {
      throw limited(
        "\(style.title): \(call.display): not asked, because the forge allows nothing more for now", until: turn,
        now: now)
    }
    if isWrite { pace.take(turn) }
    try await clock.wait(until: turn, for: "for the forge's limits")
  }

  private func request(_ call: ForgeCall, url: String, header: HTTPHeader, tag: String?) -> HTTPRequest {
    var headers = style.headers + [header]
    if let tag { headers.append(HTTPHeader("If-None-Match", tag)) }
    var body: [UInt8] = []
    if let value = call.body {
      body = value.compact()
      headers.append(HTTPHeader("Content-Type", "application/json"))
    }
    return HTTPRequest(
      call.method, url, headers: headers, body: body,
      deadlines: call.isRepeatable ? patience.reading : patience.writing, maximumBody: 32 << 20,
      redirects: call.method == .get ? 3 : 0, needsNewConnection: !call.isRepeatable)
  }

  private func answer(
    _ response: HTTPResponse, to call: ForgeCall, url: String, header: HTTPHeader, cached: EntityCache.Entry?
  ) -> ForgeAnswer {
    if response.head.status == 304, let cached {
      return ForgeAnswer(head: cached.head, json: cached.json, url: url, call: call)
    }
    // A server may repeat what it was sent; the credential is the last word of its header.
    let credential = header.value.split(separator: " ").last.map(String.init) ?? header.value
    var body = response.body
    if response.head.status >= 400 {
      body = Array(Secret(credential).redacting(String(decoding: body, as: UTF8.self)).utf8)
    }
    let json = body.isEmpty ? nil : try? JSONSlice(body)
    if call.method == .get {
      let key = EntityCache.Key(url: url, scope: call.scope)
      if response.head.status == 200, let tag = response.head["etag"], tag.utf8.count <= 256, json != nil {
        cache.keep(EntityCache.Entry(tag: tag, head: response.head, json: json), for: key)
      } else {
        cache.drop(key)
      }
    }
    return ForgeAnswer(head: response.head, json: json, url: url, call: call)
  }
}

/// What is asked for, or `nil` where the account may not see it, or it is not there.
func unlessHidden<Value>(
  _ ask: () async throws(ForgeError) -> Value
) async throws(ForgeError) -> Value? {
  do throws(ForgeError) {
    return try await ask()
  } catch {
    guard error.code == .forbidden || error.code == .notFound else { throw error }
    return nil
  }
}

extension HTTPError.Code {
  /// Whether the same request may fare better a moment later.
  fileprivate var isPassing: Bool {
    switch self {
    case .resolve, .connect, .proxy, .cut, .connectDeadline, .idleDeadline, .totalDeadline, .malformed: true
    case .address, .tls, .tooLarge, .cancelled: false
    }
  }
}
