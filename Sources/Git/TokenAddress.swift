package import Base

/// Where a token may be sent: one repository, over HTTPS with a verified certificate, or over plain HTTP where it does not
/// leave this machine.
///
/// Two of them are equal where scheme, host, port and path are.
package struct TokenAddress: Sendable, Hashable, CustomStringConvertible {
  /// `https`, or `http` for this machine.
  package let scheme: String
  /// In lower case; an IPv6 address in its brackets.
  package let host: String
  /// `nil` for the scheme's own.
  package let port: Int?
  /// From the slash on.
  package let path: String

  /// The address that a URL is.
  ///
  /// - Throws: ``GitError`` with `unsupported` for one that names a user, a query or a fragment, has anything in its path
  ///   that could be read in two ways, or would send a token in the open.
  package init(_ url: String) throws(GitError) {
    func refuse(_ message: String) -> GitError {
      GitError(.unsupported, operation: "use an address with a token", message: message)
    }
    guard url.utf8.count <= 2048, let mark = url.firstRange(of: "://") else { throw refuse("it is no URL") }
    let scheme = url[..<mark.lowerBound].lowercased()
    let rest = url[mark.upperBound...]
    guard let slash = rest.firstIndex(of: "/") else { throw refuse("it has no path") }
    guard let (host, port) = Self.hostAndPort(rest[..<slash]) else {
      throw refuse("what stands before the path is not a host and perhaps a port")
    }
    let path = String(rest[slash...])
    guard Self.isPlain(path) else { throw refuse("its path has something else than names and slashes") }
    switch scheme {
    case "https": self.port = port == 443 ? nil : port
    case "http" where Self.isThisMachine(host): self.port = port == 80 ? nil : port
    case "http": throw refuse("plain http would show the token to whoever listens; use https")
    default: throw refuse("it is not https")
    }
    self.scheme = scheme
    self.host = host
    self.path = path
  }

  /// The address as a URL, which holds nothing secret.
  package var description: String { "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)" }

  /// The same for a conversation.
  package var remote: RemoteAddress { .network(description) }

  /// Scheme, host and port.
  package var origin: RemoteHost { RemoteHost(scheme: scheme, host: host, port: port.map(String.init)) }

  private static func hostAndPort(_ authority: Substring) -> (String, Int?)? {
    var host = authority.lowercased()
    var port: Int?
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      let digits = host[host.index(after: colon)...]
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
        (1...65535).contains(number)
      else { return nil }
      port = number
      host = String(host[..<colon])
    }
    let isLiteral = host.hasPrefix("[") && host.hasSuffix("]")
    let name = isLiteral ? host.dropFirst().dropLast() : host[...]
    let others = isLiteral ? ":." : "-."
    guard !name.isEmpty, name.utf8.count <= 253,
      name.utf8.allSatisfy({
        (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || others.utf8.contains($0)
      })
    else { return nil }
    return (host, port)
  }

  private static func isPlain(_ path: String) -> Bool {
    let parts = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
        && part.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || "-_.~".utf8.contains(byte)
        }
    }
  }

  private static func isThisMachine(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4 && parts.first?.elementsEqual("127".utf8) == true
      && parts.allSatisfy { (1...3).contains($0.count) && UInt8(String(decoding: $0, as: UTF8.self)) != nil }
  }
}

/// In JSON it is its text.
extension TokenAddress: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(GitError) {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Credentials {
  /// A user and a token for one repository of one server and for nothing else.
  package static func token(_ token: Secret, username: String, for address: TokenAddress) -> Credentials {
    Credentials { request in
      guard request.acceptsPassword, let asking = try? TokenAddress(request.url), asking == address else {
        return .none
      }
      return .password(username: username, password: token.reveal())
    }
  }
}
