internal import Base
internal import Glibc

/// What can be told of addresses without asking anybody.
package enum NetworkAddress {
  /// Whether the text is an IPv4 address in its usual form.
  package static func isIPv4(_ text: String) -> Bool {
    var address = in_addr()
    return text.utf8.count <= 15 && inet_pton(AF_INET, text, &address) == 1
  }

  /// Whether the text is an IPv6 address, without brackets and without a zone.
  package static func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return text.utf8.count <= 45 && inet_pton(AF_INET6, text, &address) == 1
  }

  /// Whether the host is this machine's own: `localhost`, 127.0.0.0/8 or `::1`, with or without brackets.
  package static func isLoopback(_ host: String) -> Bool {
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    if bare.lowercased() == "localhost" { return true }
    if isIPv4(bare) { return bare.hasPrefix("127.") }
    var address = in6_addr()
    guard isIPv6(bare), inet_pton(AF_INET6, bare, &address) == 1 else { return false }
    return withUnsafeBytes(of: &address) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
  }
}

/// An `http` or `https` address in its parts.
struct WebAddress {
  var scheme: String
  var host: String
  /// What stands behind the scheme, without slashes at its end.
  var text: String

  /// What is wrong with an address of a forge; the address where nothing is.
  static func read(_ text: String) -> Result<WebAddress, SettingsFault> {
    let example = "write it as https://HOST/PATH"
    guard let end = text.firstRange(of: "://"), !text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) else {
      return .failure(SettingsFault("it is no address; \(example)"))
    }
    let scheme = text[..<end.lowerBound].lowercased()
    guard scheme == "https" || scheme == "http" else {
      return .failure(SettingsFault("'\(scheme)' is no way to a forge; \(example)"))
    }
    let rest = text[end.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.contains("@") {
      return .failure(SettingsFault("a name or a password has no place in an address; write the token under 'token'"))
    }
    if rest.contains("?") || rest.contains("#") {
      return .failure(SettingsFault("an address of an API has no '?' and no '#'; \(example)"))
    }
    guard let host = host(of: authority) else {
      return .failure(SettingsFault("'\(DisplayText.escaping(authority.utf8))' is no host; \(example)"))
    }
    if scheme == "http", !NetworkAddress.isLoopback(host) {
      return .failure(
        SettingsFault("the token would cross the network for everybody to read; write https:// instead of http://"))
    }
    var whole = "\(scheme)://\(rest)"
    while whole.hasSuffix("/") { whole.removeLast() }
    return .success(WebAddress(scheme: scheme, host: host, text: whole))
  }

  /// The host of `HOST[:PORT]`; `nil` where it is none.
  private static func host(of authority: Substring) -> String? {
    var host = authority
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      let port = authority[authority.index(after: colon)...]
      guard let number = Int(port), (1...65_535).contains(number), port.utf8.allSatisfy({ (0x30...0x39).contains($0) })
      else { return nil }
      host = authority[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      return NetworkAddress.isIPv6(String(host.dropFirst().dropLast())) ? String(host) : nil
    }
    let isName = host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2d
        }
    }
    return isName && host.utf8.count <= 253 ? String(host) : nil
  }
}

/// What is wrong with a value, and what is right: one line that does not repeat a secret.
struct SettingsFault: Error {
  var message: String

  init(_ message: String) {
    self.message = message
  }
}

/// What is in a PostgreSQL server's address.
enum PostgresURL {
  /// The address as a whole and the password in it, as it is written and as it is meant.
  static func secrets(of url: Secret) -> [Secret] {
    let text = url.reveal()
    guard let start = text.firstRange(of: "://")?.upperBound else { return [url] }
    let authority = text[start...].prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return [url] }
    let written = String(authority[authority.index(after: colon)..<at])
    return [url, Secret(written)] + (PercentCoding.decode(written).map { [Secret($0)] } ?? [])
  }
}

/// `%41` and the like.
enum PercentCoding {
  /// The text that is meant; `nil` where it is coded wrongly.
  static func decode(_ text: String) -> String? {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      guard rest.count >= 2, let decoded = Hexadecimal.decode(Array(rest.prefix(2))) else { return nil }
      result += decoded
      rest = rest.dropFirst(2)
    }
    return String(validating: result, as: UTF8.self)
  }
}
