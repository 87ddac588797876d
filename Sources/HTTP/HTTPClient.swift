internal import Glibc

/// How an ``HTTPClient`` reaches the network.
package struct HTTPClientOptions: Sendable {
  /// What stands between the client and the servers.
  package enum Proxy: Sendable {
    /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say, as libcurl reads them.
    case environment
    /// Nothing, whatever the environment says.
    case none
    /// An address such as `http://proxy.example:3128`, which may hold credentials, and the hosts that are reached
    /// without it: names, `.suffixes`, addresses, or `*`.
    case address(String, except: [String] = [])
  }

  package var proxy: Proxy
  /// A file of certificate authorities (PEM) to trust in place of the machine's.
  package var authorities: String?
  /// What requests without a header `User-Agent` say.
  package var userAgent: String
  /// The most connections that are kept for later requests.
  package var idleConnections: Int

  package init(
    proxy: Proxy = .environment, authorities: String? = nil, userAgent: String = "arborist", idleConnections: Int = 16
  ) {
    self.proxy = proxy
    self.authorities = authorities
    self.userAgent = userAgent
    self.idleConnections = idleConnections
  }
}

/// Requests over the network by libcurl: HTTP/1.1, and HTTP/2 over TLS.
///
/// Connections are kept and used again, for one request at a time. One thread of its own carries all requests; it ends at ``shutDown()``, or once
/// nobody holds the client and nothing is under way. A task that is cancelled closes its connection at once.
///
/// When a kept connection turns out to be closed before a byte of an answer came, libcurl sends the request again on a
/// new one, once, as browsers do.
package final class HTTPClient: HTTPTransport, Sendable {
  private let inbox: EngineInbox

  /// - Throws: ``HTTPError`` with the code `tls` for a file of authorities that cannot be read, `proxy` for an address
  ///   that is none, `address` for a user agent that is no header's value, and `connect` where the machine has no
  ///   thread or memory left.
  package init(_ options: HTTPClientOptions = HTTPClientOptions()) throws(HTTPError) {
    try Self.check(options)
    guard let engine = Engine(options) else { throw Self.refusal(.connect, "there is no memory left for it") }
    let inbox = engine.inbox
    guard engine.start() else { throw Self.refusal(.connect, "there is no thread left for it") }
    self.inbox = inbox
  }

  deinit { inbox.retire() }

  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    var route = Route(request)
    while true {
      let transfer = try start(route.request, mode: .whole)
      let response = try await transfer.response()
      guard route.follow(response.head, from: transfer.plan) else { return response }
    }
  }

  package func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
    var route = Route(request)
    while true {
      let transfer = try start(route.request, mode: .pieces)
      let lease = StreamLease(transfer)
      let head = try await transfer.head()
      if route.follow(head, from: transfer.plan) { continue }
      return HTTPStream(
        head: head,
        body: HTTPBody { () async throws(HTTPError) -> [UInt8]? in try await lease.transfer.next() })
    }
  }

  /// Ends everything that is under way with an error, closes all connections and ends the thread; later requests fail.
  package func shutDown() async {
    await inbox.shutDown()
  }

  private func start(_ request: HTTPRequest, mode: Transfer.Mode) throws(HTTPError) -> Transfer {
    let transfer = Transfer(try RequestPlan(request), mode: mode, inbox: inbox)
    guard !Task.isCancelled else { throw transfer.error(.cancelled, "cancelled before anything was sent") }
    inbox.start(transfer)
    return transfer
  }

  private static func refusal(_ code: HTTPError.Code, _ detail: String) -> HTTPError {
    HTTPError(code, operation: "starting the HTTP client", detail: detail)
  }

  private static func check(_ options: HTTPClientOptions) throws(HTTPError) {
    func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    guard isPlain(options.userAgent) else { throw refusal(.address, "the user agent holds a control byte") }
    if let file = options.authorities {
      guard isPlain(file), unsafe access(file, R_OK) == 0 else {
        throw refusal(.tls, "the file of certificate authorities cannot be read; check its name and permissions")
      }
    }
    if case .address(let address, let except) = options.proxy {
      let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
      let scheme = address.prefix { $0 != ":" }.lowercased()
      let host = address.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }
      guard address.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), schemes.contains(scheme),
        address.dropFirst(scheme.count).hasPrefix("://"), !host.isEmpty, host.last != "@"
      else {
        throw refusal(.proxy, "the proxy's address must look like http://host:port or socks5h://host:port")
      }
      guard except.allSatisfy({ isPlain($0) && !$0.contains(",") }) else {
        throw refusal(.proxy, "a host that is to be reached without the proxy holds a comma or a control byte")
      }
    }
  }
}

/// A request on its way through redirects, which are followed to the same origin alone: a header may hold a secret.
private struct Route {
  var request: HTTPRequest
  private let began = MonotonicTime.now
  private var left: Int
  private let total: Duration?

  init(_ request: HTTPRequest) {
    self.request = request
    left = request.redirects
    total = request.deadlines.total
  }

  /// Whether the answer leads on; then the request is the next one.
  mutating func follow(_ head: HTTPHead, from plan: RequestPlan) -> Bool {
    guard left > 0, request.method == .get || request.method == .head,
      let next = Redirect.target(of: head, origin: plan.origin, url: plan.url)
    else { return false }
    left -= 1
    request.url = next
    request.deadlines.total = total.map { max(.zero, $0 - began.duration(until: .now)) }
    return true
  }
}
