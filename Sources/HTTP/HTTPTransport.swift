/// What carries requests; ``HTTPClient`` over the network, and whatever a test puts in its place.
package protocol HTTPTransport: Sendable {
  /// Sends a request and gives the whole answer.
  ///
  /// - Throws: ``HTTPError``. An answer with a status of 400 and above is an answer and not an error.
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse

  /// Sends a request and gives the answer's head as soon as it is there, and its body as it comes.
  ///
  /// The connection is given back when the body was read to its end, and closed when the body is let go before.
  ///
  /// - Throws: ``HTTPError``.
  func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream
}

/// An HTTP request.
package struct HTTPRequest: Sendable, Hashable {
  package enum Method: String, Sendable, Hashable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  package var method: Method
  /// An absolute `http:` or `https:` address.
  package var url: String
  package var headers: [HTTPHeader]
  /// What is sent behind the headers; empty for none.
  package var body: [UInt8]
  package var deadlines: HTTPDeadlines
  /// The most bytes that the answer's body may have.
  package var maximumBody: Int
  /// The most redirects that are followed.
  ///
  /// They are followed for GET and HEAD, and to the same scheme, host and port alone, because a header may hold a
  /// secret. Any other redirect is given as the answer that it is.
  package var redirects: Int
  /// Whether a connection of its own is made for it.
  ///
  /// On a kept connection that closes before an answer libcurl sends a request once more by itself. What must not be
  /// sent twice goes over a new one.
  package var needsNewConnection: Bool

  package init(
    _ method: Method = .get, _ url: String, headers: [HTTPHeader] = [], body: [UInt8] = [],
    deadlines: HTTPDeadlines = HTTPDeadlines(), maximumBody: Int = 64 << 20, redirects: Int = 0,
    needsNewConnection: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.deadlines = deadlines
    self.maximumBody = maximumBody
    self.redirects = redirects
    self.needsNewConnection = needsNewConnection
  }
}

/// One header; names are compared without regard to case.
package struct HTTPHeader: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// How long a request may take.
package struct HTTPDeadlines: Sendable, Hashable {
  /// Until the connection stands, TLS included.
  package var connect: Duration
  /// Without a single byte from the other side, once the request is sent; anything that comes starts it anew.
  package var idle: Duration
  /// From the beginning to the last byte; `nil` for no limit.
  package var total: Duration?

  package init(connect: Duration = .seconds(10), idle: Duration = .seconds(90), total: Duration? = nil) {
    self.connect = connect
    self.idle = idle
    self.total = total
  }
}

/// The status and the headers of an answer.
package struct HTTPHead: Sendable, Hashable {
  package var status: Int
  package var headers: [HTTPHeader]

  package init(status: Int, headers: [HTTPHeader] = []) {
    self.status = status
    self.headers = headers
  }

  /// The first header of this name, whatever the case.
  package subscript(name: String) -> String? {
    headers.first { $0.name.utf8.elementsEqual(name.utf8, by: { ($0 | 0x20) == ($1 | 0x20) }) }?.value
  }
}

/// A whole answer.
package struct HTTPResponse: Sendable, Hashable {
  package var head: HTTPHead
  package var body: [UInt8]

  package init(head: HTTPHead, body: [UInt8]) {
    self.head = head
    self.body = body
  }
}

/// An answer whose body comes in pieces.
package struct HTTPStream: Sendable {
  package let head: HTTPHead
  package let body: HTTPBody

  package init(head: HTTPHead, body: HTTPBody) {
    self.head = head
    self.body = body
  }
}

/// The body of an answer in the pieces in which it came; it is read once, by one reader.
package struct HTTPBody: AsyncSequence, Sendable {
  package typealias Element = [UInt8]

  private let next: @Sendable () async throws(HTTPError) -> [UInt8]?

  /// A body out of a function that gives the next piece, or `nil` at the end.
  package init(next: @escaping @Sendable () async throws(HTTPError) -> [UInt8]?) {
    self.next = next
  }

  package struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let source: @Sendable () async throws(HTTPError) -> [UInt8]?

    package mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
      try await source()
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: next) }
}

/// Why a request came to nothing.
package struct HTTPError: Error, Hashable, CustomStringConvertible {
  package enum Code: String, Sendable, Hashable {
    /// The address, or a header, cannot be used; nothing was sent.
    case address
    /// The name has no address.
    case resolve
    case connect
    case tls
    case proxy
    /// The connection was closed before the answer was whole.
    case cut
    case connectDeadline
    case idleDeadline
    case totalDeadline
    /// The answer is larger than allowed.
    case tooLarge
    /// The answer is not HTTP, or breaks its rules.
    case malformed
    case cancelled
  }

  package let code: Code
  /// What was asked of whom: the method, the host and the path, without a query and without what may be secret.
  package let operation: String
  /// What is known beyond the code, in words for a person.
  package let detail: String

  package init(_ code: Code, operation: String, detail: String) {
    self.code = code
    self.operation = operation
    self.detail = detail
  }

  package var description: String { "\(operation): \(detail)" }
}
