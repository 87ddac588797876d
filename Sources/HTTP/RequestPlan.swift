/// A request that was looked at: what may be handed to libcurl, and nothing else.
struct RequestPlan: Sendable {
  let method: HTTPRequest.Method
  /// The address, without a fragment.
  let url: String
  let origin: HTTPAddress.Origin
  /// Header lines in the form that libcurl takes: `Name: value`, or `Name;` for one without a value.
  let lines: [String]
  let body: [UInt8]
  let deadlines: HTTPDeadlines
  let maximumBody: Int
  let needsNewConnection: Bool
  /// What was asked of whom, for messages.
  let operation: String

  /// - Throws: ``HTTPError`` with the code `address`, whose text holds nothing of a header's value or the query.
  init(_ request: HTTPRequest) throws(HTTPError) {
    let address: HTTPAddress
    do throws(HTTPAddress.Rejection) {
      address = try HTTPAddress(request.url)
    } catch {
      throw HTTPError(.address, operation: request.method.rawValue, detail: "\(error.reason); nothing was sent")
    }
    let operation = "\(request.method.rawValue) \(address.display)"
    guard request.method != .head || request.body.isEmpty else {
      throw HTTPError(.address, operation: operation, detail: "a HEAD request has no body; nothing was sent")
    }
    do throws(HTTPAddress.Rejection) {
      lines = try Self.lines(for: request)
    } catch {
      throw HTTPError(.address, operation: operation, detail: "\(error.reason); nothing was sent")
    }
    method = request.method
    url = address.text
    origin = address.origin
    body = request.body
    deadlines = request.deadlines
    maximumBody = max(0, request.maximumBody)
    needsNewConnection = request.needsNewConnection
    self.operation = operation
  }

  /// Headers that describe how the message travels, which is the client's to say.
  private static let own: Set<String> = [
    "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade",
  ]

  private static func lines(for request: HTTPRequest) throws(HTTPAddress.Rejection) -> [String] {
    var lines: [String] = []
    lines.reserveCapacity(request.headers.count + 2)
    var hasType = false
    for (index, header) in request.headers.enumerated() {
      guard isToken(header.name) else {
        throw HTTPAddress.Rejection(reason: "the name of header \(index + 1) holds a byte that no header name has")
      }
      let name = header.name.lowercased()
      guard !own.contains(name) else {
        throw HTTPAddress.Rejection(reason: "the header \(header.name) is set by the client alone")
      }
      guard header.value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
        throw HTTPAddress.Rejection(reason: "the value of the header \(header.name) holds a control byte")
      }
      hasType = hasType || name == "content-type"
      let isBlank = header.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      lines.append(isBlank ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    // A name with nothing behind the colon takes a header away that libcurl sets on its own: the wait for a
    // permission to send a large body, and a type of body that nobody has named.
    lines.append("Expect:")
    if !hasType { lines.append("Content-Type:") }
    return lines
  }

  /// Whether a text is a token of RFC 9110, section 5.6.2.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
