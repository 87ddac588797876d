/// A request to a proxy for a connection to a host (RFC 9110, section 9.3.6), with everything about it checked.
package struct ConnectRequest: Sendable, Hashable {
  package let host: HostName

  package init(host: HostName) {
    self.host = host
  }

  /// The most bytes of a request, its header fields included.
  package static let headLimit = 8192
  /// The most header fields of a request.
  static let fieldLimit = 64
}

extension EgressPolicy {
  /// Decides whether the connection that is asked for may be made.
  ///
  /// - Throws: ``EgressRefusal/hostNotAllowed`` where the host is none of the policy.
  package func admit(_ request: ConnectRequest) throws(EgressRefusal) -> HostName {
    guard hosts.contains(request.host) else { throw .hostNotAllowed }
    return request.host
  }
}

/// What is wrong with a request as HTTP.
package enum RequestFault: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case controlCharacter
  case lineEnd
  case requestLine
  case version
  case target
  case fieldName
  case foldedField
  case body
  case hostField

  package var description: String {
    switch self {
    case .controlCharacter: "it has a control character"
    case .lineEnd: "a line does not end with CR LF"
    case .requestLine: "the first line is not 'CONNECT HOST:443 HTTP/1.1'"
    case .version: "the version is neither HTTP/1.1 nor HTTP/1.0"
    case .target: "what it asks for is not HOST:PORT"
    case .fieldName: "the name of a header field is none"
    case .foldedField: "a header field is continued on the next line"
    case .body: "it announces a body"
    case .hostField: "the Host field is missing, or there twice, or names another host"
    }
  }
}

/// Reads a request as its bytes arrive; the result does not depend on how they are divided.
///
/// A line is judged when it is complete, its control characters at once, so the first fault of the stream is the one
/// that is told. Work is linear in the bytes and memory bounded.
package struct ConnectRequestReader: Sendable {
  /// The part of the present line that has come.
  private var line: [UInt8] = []
  private var count = 0
  private var fields = 0
  private var host: HostName?
  private var needsHostField = false
  private var hasHostField = false

  package init() {}

  /// Reads on; returns the request with the number of these bytes that belong to it once it is complete.
  ///
  /// - Throws: ``EgressRefusal`` where no request that can be served comes of it; there is nothing to read then.
  package mutating func read(
    _ bytes: some Sequence<UInt8>
  ) throws(EgressRefusal) -> (request: ConnectRequest, used: Int)? {
    var used = 0
    for byte in bytes {
      guard count < ConnectRequest.headLimit else { throw .requestTooLarge }
      used += 1
      count += 1
      if let request = try take(byte) { return (request, used) }
    }
    return nil
  }

  private mutating func take(_ byte: UInt8) throws(EgressRefusal) -> ConnectRequest? {
    let carriageReturn = UInt8(ascii: "\r")
    if byte == UInt8(ascii: "\n") {
      guard line.popLast() == carriageReturn else { throw .malformedRequest(.lineEnd) }
      defer { line.removeAll(keepingCapacity: true) }
      return try takeLine()
    }
    if line.last == carriageReturn { throw .malformedRequest(.lineEnd) }
    let isControl = (byte < 0x20 && byte != carriageReturn && byte != UInt8(ascii: "\t")) || byte == 0x7f
    if isControl { throw .malformedRequest(.controlCharacter) }
    line.append(byte)
    return nil
  }

  private mutating func takeLine() throws(EgressRefusal) -> ConnectRequest? {
    guard let host else {
      host = try takeRequestLine()
      return nil
    }
    if line.isEmpty {
      guard hasHostField || !needsHostField else { throw .malformedRequest(.hostField) }
      return ConnectRequest(host: host)
    }
    fields += 1
    guard fields <= ConnectRequest.fieldLimit else { throw .requestTooLarge }
    try takeField(of: host)
    return nil
  }

  private mutating func takeRequestLine() throws(EgressRefusal) -> HostName {
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isToken(parts[0]), !parts[1].isEmpty else { throw .malformedRequest(.requestLine) }
    let isVersion11 = parts[2].elementsEqual("HTTP/1.1".utf8)
    guard isVersion11 || parts[2].elementsEqual("HTTP/1.0".utf8) else { throw .malformedRequest(.version) }
    guard parts[0].elementsEqual("CONNECT".utf8) else { throw .method }
    needsHostField = isVersion11
    return try Self.host(ofTarget: parts[1])
  }

  private static func host(ofTarget target: ArraySlice<UInt8>) throws(EgressRefusal) -> HostName {
    guard let colon = target.lastIndex(of: UInt8(ascii: ":")), !target.contains(where: { "/?#\\\t".utf8.contains($0) })
    else { throw .malformedRequest(.target) }
    let host = try hostName(target[..<colon])
    let port = target[(colon + 1)...]
    guard !port.isEmpty, port.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      throw .malformedRequest(.target)
    }
    guard port.elementsEqual(String(EgressPolicy.port).utf8) else { throw .port }
    return host
  }

  private mutating func takeField(of host: HostName) throws(EgressRefusal) {
    guard let first = line.first, first != UInt8(ascii: " "), first != UInt8(ascii: "\t") else {
      throw .malformedRequest(.foldedField)
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isToken(line[..<colon]) else {
      throw .malformedRequest(.fieldName)
    }
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var value = line[(colon + 1)...].drop(while: isSpace)
    while let last = value.last, isSpace(last) { value.removeLast() }
    switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
    case "host":
      guard !hasHostField, Self.names(value, host) else { throw .malformedRequest(.hostField) }
      hasHostField = true
    case "content-length": guard value.elementsEqual("0".utf8) else { throw .malformedRequest(.body) }
    case "transfer-encoding": throw .malformedRequest(.body)
    default: break
    }
  }

  /// Whether the value of a Host field names this host, with the port or without.
  private static func names(_ value: ArraySlice<UInt8>, _ host: HostName) -> Bool {
    let port = Array(":\(EgressPolicy.port)".utf8)
    let name = value.suffix(port.count).elementsEqual(port) ? value.dropLast(port.count) : value
    return (try? HostName(name)) == host
  }

  private static func hostName(_ bytes: ArraySlice<UInt8>) throws(EgressRefusal) -> HostName {
    do throws(InvalidHostName) { return try HostName(bytes) } catch { throw .host(error) }
  }

  /// Whether these bytes are a token (RFC 9110, section 5.6.2).
  private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
