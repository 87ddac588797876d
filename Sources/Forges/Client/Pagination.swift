package import HTTP

/// How a forge says that a list goes on.
package enum Pagination: Sendable, Hashable {
  /// The address of the next page in `Link` (RFC 8288), which is followed as it stands: GitHub.
  case links
  /// The number of the next page in `X-Next-Page`, or none: GitLab.
  case nextPage
  /// Pages are counted, and `Link` tells whether there is a next one: Gitea, whose links name the address that it
  /// thinks it has.
  case counted

  /// What comes next.
  package enum Next: Sendable, Hashable {
    case none
    case url(String)
    case page(Int)
  }

  /// The most pages of one list.
  package static let most = 200

  /// The page behind this one.
  ///
  /// - Throws: ``ForgeError`` with the code `malformed` for a next page that lies elsewhere or is no later one.
  package func next(_ head: HTTPHead, page: Int, url: String, api: ForgeAddress) throws(ForgeError) -> Next {
    switch self {
    case .links:
      guard let link = Self.next(in: head) else { return .none }
      guard api.covers(link) else {
        throw ForgeError(.malformed, "the forge's next page lies at another address than its API, \(api.text)")
      }
      guard link != url else { throw ForgeError(.malformed, "the forge's next page is the same page again") }
      return .url(link)
    case .nextPage:
      guard let text = head["x-next-page"], !text.isEmpty else { return .none }
      guard let next = Int(text), next > page else {
        throw ForgeError(.malformed, "the forge's next page is no later one")
      }
      return .page(next)
    case .counted:
      return Self.next(in: head) == nil ? .none : .page(page + 1)
    }
  }

  /// The target of the link with the relation `next`.
  static func next(in head: HTTPHead) -> String? {
    for header in head.headers where header.name.lowercased() == "link" {
      var rest = header.value[...]
      while let open = rest.firstIndex(of: "<") {
        guard let close = rest[open...].firstIndex(of: ">") else { break }
        let target = rest[rest.index(after: open)..<close]
        let behind = rest[rest.index(after: close)...]
        let parameters = behind.prefix { $0 != "," && $0 != "<" }
        for parameter in parameters.split(separator: ";") {
          let parts = parameter.split(separator: "=", maxSplits: 1).map { $0.filter { !" \t\"".contains($0) } }
          guard parts.count == 2, parts[0].lowercased() == "rel" else { continue }
          if parts[1].lowercased() == "next" { return String(target) }
        }
        rest = behind.dropFirst(parameters.count)
      }
    }
    return nil
  }
}
