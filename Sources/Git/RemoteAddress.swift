internal import Base

/// Where another repository is.
package enum RemoteAddress: Sendable, Hashable {
  /// A directory of this machine.
  case local(String)
  /// A URL or an scp-like address, as libgit2 takes it.
  case network(String)

  /// The address in one of the forms that git knows: an absolute path, `file://`, `http(s)://`, `ssh://`, `git://` or
  /// `[USER@]HOST:PATH`.
  ///
  /// - Throws: ``GitError`` with `unsupported` for any other form, so that no address can name a program.
  package init(_ text: String) throws(GitError) {
    let operation = "use the address '\(Self.withoutPassword(text))'"
    let fault = text.utf8.first { $0 <= 0x20 || $0 == 0x7f }
    guard fault == nil || text.hasPrefix("/"), !text.isEmpty, !text.hasPrefix("-"), !text.utf8.contains(0) else {
      throw GitError(.invalid, operation: operation, message: "it has a space, a control character or a leading '-'")
    }
    if text.hasPrefix("/") {
      self = .local(text)
    } else if let path = Self.rest(of: text, after: ["file://"]) {
      guard path.hasPrefix("/"), let decoded = Self.percentDecoded(path) else {
        throw GitError(.invalid, operation: operation, message: "what follows 'file://' is no absolute path")
      }
      self = .local(decoded)
    } else if Self.rest(of: text, after: ["http://", "https://", "ssh://", "git://"]) != nil {
      self = .network(text)
    } else if Self.isLikeScp(text) {
      self = .network(text)
    } else {
      throw GitError(
        .unsupported, operation: operation,
        message: "it is none of /PATH, file://, http://, https://, ssh://, git:// and HOST:PATH")
    }
  }

  /// The address for people, without a password that it may hold.
  package var display: String {
    switch self {
    case .local(let path): DisplayText.escaping(path.utf8)
    case .network(let url): Self.withoutPassword(url)
    }
  }

  private static func rest(of text: String, after schemes: [String]) -> String? {
    let folded = text.lowercased()
    guard let scheme = schemes.first(where: { folded.hasPrefix($0) }) else { return nil }
    return String(text.dropFirst(scheme.count))
  }

  private static func isLikeScp(_ text: String) -> Bool {
    guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return false }
    let host = text[..<colon]
    let path = text[text.index(after: colon)...]
    return !host.contains("/") && !path.isEmpty && !path.hasPrefix(":") && !path.hasPrefix("//")
  }

  private static func percentDecoded(_ text: String) -> String? {
    var result: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      guard bytes.count >= 2, let decoded = Hexadecimal.decode(bytes.prefix(2)) else { return nil }
      result += decoded
      bytes = bytes.dropFirst(2)
    }
    return result.contains(0) ? nil : String(validating: result, as: UTF8.self)
  }

  private static func withoutPassword(_ text: String) -> String {
    var shown = text
    if let scheme = text.firstRange(of: "://"),
      let at = text[scheme.upperBound...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
    {
      shown = text[..<scheme.upperBound] + "..." + text[at...]
    }
    return DisplayText.escaping(shown.utf8)
  }
}

/// The host that a network address names, with its scheme and port: what a password is good for.
package struct RemoteHost: Sendable, Hashable {
  /// In lower case; `ssh` for an scp-like address.
  package let scheme: String
  /// In lower case.
  package let host: String
  /// `nil` for the scheme's own.
  package let port: String?

  package init(scheme: String, host: String, port: String? = nil) {
    self.scheme = scheme.lowercased()
    self.host = host.lowercased()
    self.port = port
  }

  /// The host of a URL or an scp-like address; `nil` where it names none.
  package init?(url: String) {
    guard let scheme = url.firstRange(of: "://") else {
      guard let colon = url.firstIndex(of: ":") else { return nil }
      let authority = url[..<colon]
      let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
      guard !host.isEmpty, !host.contains("/") else { return nil }
      self.init(scheme: "ssh", host: String(host))
      return
    }
    var authority = url[scheme.upperBound...].prefix { !"/?#\\".contains($0) }
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    var port: String?
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      port = String(authority[authority.index(after: colon)...])
      authority = authority[..<colon]
    }
    guard !authority.isEmpty else { return nil }
    self.init(scheme: String(url[..<scheme.lowerBound]), host: String(authority), port: port)
  }
}
