/// Why a connection was refused or ended by the broker.
package enum EgressRefusal: Error, Sendable, Hashable {
  /// The request is not HTTP as it must be written.
  case malformedRequest(RequestFault)
  /// The request is longer than a request to a proxy has to be.
  case requestTooLarge
  /// The method is not CONNECT.
  case method
  /// What is asked for is not the name of a host.
  case host(InvalidHostName)
  /// The port is not 443.
  case port
  /// The host is none of the policy.
  case hostNotAllowed
  /// The name could not be resolved.
  case unresolved(ResolutionError)
  /// The name leads to an address that is not on the public internet.
  case address(NonPublicAddress)
  /// None of the host's addresses could be connected to; the value of `errno` for the last.
  case unreachable(Int32)
  /// What the client sent first is not the ClientHello of TLS that it must be.
  case clientHello(ClientHelloFault)
  /// TLS was to go to another host than the connection.
  case serverNameDiffers(HostName)
  /// More was to be sent than the run may send.
  case uploadLimit
  /// More came than the run may receive.
  case downloadLimit
  /// The run has had all the connections it may have.
  case connectionLimit
  /// A time limit has passed.
  case time(EgressTimeLimit)
}

/// Which time limit has passed.
package enum EgressTimeLimit: String, Sendable, Hashable {
  /// For the request.
  case request
  /// For resolving and connecting.
  case connect
  /// For the ClientHello.
  case clientHello
  /// Without a byte.
  case idle
  /// For the whole connection.
  case total
}

extension EgressRefusal: CustomStringConvertible {
  /// The reason in words that hold nothing of what the client sent, for the client and for the journal.
  package var description: String {
    switch self {
    case .malformedRequest(let fault): "the request is malformed: \(fault)"
    case .requestTooLarge: "the request is larger than \(ConnectRequest.headLimit) bytes"
    case .method: "only CONNECT is served here, for https"
    case .host(let fault): fault.description
    case .port: "only port \(EgressPolicy.port) is open"
    case .hostNotAllowed: "this host is not among those that the run may reach"
    case .unresolved(let error): "the name of the host cannot be resolved: \(error)"
    case .address(let range): "the name leads to an address that is not public (\(range.rawValue))"
    case .unreachable(let code): "the host cannot be reached (errno \(code))"
    case .clientHello(let fault): fault.description
    case .serverNameDiffers(let name): "the server name of TLS is \(name), not the host of the connection"
    case .uploadLimit: "the run has sent as much as it may"
    case .downloadLimit: "the run has received as much as it may"
    case .connectionLimit: "the run has had as many connections as it may"
    case .time(let limit): "a time limit has passed (\(limit.rawValue))"
    }
  }

  /// The status with which a client is told, where it can still be told one (RFC 9110).
  var status: (code: Int, phrase: String) {
    switch self {
    case .malformedRequest: (400, "Bad Request")
    case .requestTooLarge: (431, "Request Header Fields Too Large")
    case .method: (405, "Method Not Allowed")
    case .host, .port, .hostNotAllowed, .address, .clientHello, .serverNameDiffers: (403, "Forbidden")
    case .unresolved, .unreachable: (502, "Bad Gateway")
    case .uploadLimit, .downloadLimit, .connectionLimit: (403, "Forbidden")
    case .time(.connect): (504, "Gateway Timeout")
    case .time: (408, "Request Timeout")
    }
  }

  /// The whole answer to a client that is refused.
  var response: [UInt8] {
    let (code, phrase) = status
    let text = "arborist: \(description)\n"
    let allow = self == .method ? "Allow: CONNECT\r\n" : ""
    return Array(
      """
      HTTP/1.1 \(code) \(phrase)\r\n\(allow)Content-Type: text/plain\r\nContent-Length: \(text.utf8.count)\r\n\
      Connection: close\r\n\r\n\(text)
      """.utf8)
  }

  /// The fatal alert for a client that has begun TLS (RFC 8446, section 6.2); none for one that speaks something else.
  var alert: [UInt8]? {
    let code: UInt8
    switch self {
    case .clientHello(.notTLS), .clientHello(.ssl2): return nil
    case .serverNameDiffers: code = 112
    case .clientHello(.noServerName): code = 109
    case .clientHello: code = 47
    default: code = 49
    }
    return [21, 3, 3, 0, 2, 2, code]
  }
}
