package import HTTP
package import Work

/// Where a forge is found: `https:` without a user name, a query or a fragment, or `http:` on this machine itself.
///
/// Whoever holds a value of it may send credentials there, so it is made once, from what the operator wrote.
package struct ForgeAddress: Sendable, Hashable, CustomStringConvertible {
  /// Scheme, host and port; a credential goes to exactly this origin.
  package let origin: HTTPAddress.Origin
  /// The address without a slash at its end.
  package let text: String

  /// The address in this text; `http:` to another machine only where the operator allows plain text on the wire.
  ///
  /// - Throws: ``InvalidForgeAddress``.
  package init(_ text: String, allowsPlain: Bool = false) throws(InvalidForgeAddress) {
    let address: HTTPAddress
    do throws(HTTPAddress.Rejection) {
      address = try HTTPAddress(text)
    } catch {
      throw InvalidForgeAddress(reason: error.reason)
    }
    guard !text.contains("?"), !text.contains("#") else {
      throw InvalidForgeAddress(reason: "the address has a query or a fragment")
    }
    guard address.origin.isSecure || allowsPlain || Self.isLoopback(address.origin.host) else {
      throw InvalidForgeAddress(reason: "the address is http: to another machine, and a credential would be readable")
    }
    origin = address.origin
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    self.text = text
  }

  private init(origin: HTTPAddress.Origin, text: String) {
    self.origin = origin
    self.text = text
  }

  /// The same origin with this behind the path; it begins with a slash and holds only what a path may hold.
  func appending(_ path: StaticString) -> ForgeAddress {
    ForgeAddress(origin: origin, text: text + "\(path)")
  }

  /// Whether an address leads to this origin and below this path.
  package func covers(_ other: String) -> Bool {
    guard let address = try? HTTPAddress(other), address.origin == origin else { return false }
    let path = Self.path(of: text)
    let otherPath = Self.path(of: other).prefix { $0 != "?" && $0 != "#" }
    return path.isEmpty || otherPath == path || otherPath.hasPrefix(path + "/")
  }

  /// What stands behind the authority.
  private static func path(of text: String) -> Substring {
    let scheme = text.prefix { $0 != ":" }
    return text.dropFirst(scheme.count + 3).drop { !"/?#".contains($0) }
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  package var description: String { text }
}

/// A text that is no address of a forge.
package struct InvalidForgeAddress: Error, Hashable, CustomStringConvertible {
  /// What is wrong with it, in words that hold nothing of it.
  package let reason: String

  package var description: String { "this cannot be a forge's address: \(reason)" }
}

/// The addresses of one forge: what people see, and where its API answers.
package struct ForgeSite: Sendable, Hashable {
  package let name: ForgeName
  /// Where people and git go.
  package let web: ForgeAddress
  package let api: ForgeAddress
  /// GitHub alone has one.
  package let graphQL: ForgeAddress?

  /// The site behind an address that people know; the API's own address follows from it by the rules of each forge.
  ///
  /// github.com answers at api.github.com; every other GitHub below `/api`.
  package init(_ name: ForgeName, web: ForgeAddress) {
    self.name = name
    self.web = web
    switch name {
    case .github:
      if web.origin.host == "github.com" || web.origin.host == "www.github.com",
        let api = try? ForgeAddress("https://api.github.com")
      {
        self.api = api
        graphQL = api.appending("/graphql")
      } else {
        api = web.appending("/api/v3")
        graphQL = web.appending("/api/graphql")
      }
    case .gitlab:
      api = web.appending("/api/v4")
      graphQL = nil
    case .gitea:
      api = web.appending("/api/v1")
      graphQL = nil
    }
  }

  /// The site of a forge whose API answers at an address of its own.
  package init(_ name: ForgeName, web: ForgeAddress, api: ForgeAddress, graphQL: ForgeAddress? = nil) {
    self.name = name
    self.web = web
    self.api = api
    self.graphQL = graphQL
  }

  /// Where git finds a repository: an address without credentials, on the web origin.
  package func gitAddress(of repository: ForgeRepository) -> String { "\(web.text)/\(repository.path).git" }
}
