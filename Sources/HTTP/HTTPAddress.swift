/// An absolute `http:` or `https:` address that is safe to hand on: a known scheme, a host of plain characters, no
/// user name, no password, no bytes that could end a line.
package struct HTTPAddress: Sendable, Hashable {
  /// Where a connection goes: scheme, host and port, in one spelling.
  package struct Origin: Sendable, Hashable {
    package var isSecure: Bool
    /// In lower case; an IPv6 address in its brackets.
    package var host: String
    package var port: Int
  }

  /// Why a text is no address, in words that hold nothing of it.
  package struct Rejection: Error {
    package let reason: String
  }

  package let origin: Origin
  /// The path without the query; `/` where there is none.
  let path: String
  /// The address as it was given, without the fragment.
  let text: String

  /// - Throws: ``Rejection``.
  package init(_ text: String) throws(Rejection) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.maximumLength else {
      throw Rejection(reason: "the address is longer than \(Self.maximumLength) bytes")
    }
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Rejection(reason: "the address holds a space, a control byte or one outside ASCII; encode it with %")
    }
    let scheme = text.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https", text.dropFirst(scheme.count).hasPrefix("://") else {
      throw Rejection(reason: "the address does not begin with http:// or https://")
    }
    let isSecure = scheme == "https"
    let rest = text.dropFirst(scheme.count + 3)
    let authority = rest.prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else {
      throw Rejection(reason: "the address holds a user name or a password; give credentials in a header")
    }
    let (host, port) = try Self.split(authority)
    origin = Origin(isSecure: isSecure, host: host, port: port ?? (isSecure ? 443 : 80))
    let behind = rest.dropFirst(authority.count)
    let path = behind.prefix { !"?#".contains($0) }
    self.path = path.isEmpty ? "/" : String(path)
    self.text = String(text.prefix { $0 != "#" })
  }

  /// The longest address that is taken, in bytes.
  static let maximumLength = 64 << 10

  /// The address without its query and, as far as it is long, without the end of its path.
  var display: String {
    let isDefault = origin.port == (origin.isSecure ? 443 : 80)
    let shown = path.utf8.count > 200 ? path.prefix(200) + "..." : path[...]
    return "\(origin.isSecure ? "https" : "http")://\(origin.host)\(isDefault ? "" : ":\(origin.port)")\(shown)"
  }

  private static func split(_ authority: Substring) throws(Rejection) -> (host: String, port: Int?) {
    let host: Substring
    let behind: Substring
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else {
        throw Rejection(reason: "the address has a [ without its ]")
      }
      host = authority[...close]
      behind = authority[authority.index(after: close)...]
      guard host.count > 2, host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || ":.".contains($0) }) else {
        throw Rejection(reason: "what is between [ and ] is no IPv6 address")
      }
    } else {
      host = authority.prefix { $0 != ":" }
      behind = authority.dropFirst(host.count)
      guard !host.isEmpty else { throw Rejection(reason: "the address has no host") }
      guard host.utf8.count <= 253, host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else {
        throw Rejection(reason: "the host holds a character that no host name has")
      }
    }
    guard !behind.isEmpty else { return (host.lowercased(), nil) }
    let digits = behind.dropFirst()
    guard behind.hasPrefix(":"), !digits.isEmpty, digits.count <= 5, digits.allSatisfy(\.isWholeNumber),
      let port = Int(digits), (1...65_535).contains(port)
    else { throw Rejection(reason: "the port is no number from 1 to 65535") }
    return (host.lowercased(), port)
  }
}
