package import Base

/// Where a journal is kept, as `ARBORIST_DATABASE` names it.
package enum JournalLocation: Sendable, Hashable {
  /// A file of SQLite, by its path.
  case file(String)
  /// A database on a PostgreSQL server.
  case server(PostgresAddress)

  /// `postgres://…` or `postgresql://…`, in any letters, is a server's; anything else is the path of a file.
  package init(_ text: String) {
    self = PostgresAddress(text).map { .server($0) } ?? .file(text)
  }
}

extension JournalLocation: CustomStringConvertible {
  /// The path, or the address without its password.
  package var description: String {
    switch self {
    case .file(let path): DisplayText.escaping(path.utf8)
    case .server(let address): address.description
    }
  }
}

/// The address of a PostgreSQL database; what describes it leaves out the password and whatever else could be secret.
///
/// Source of the format: <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING-URIS>.
package struct PostgresAddress: Sendable, Hashable {
  /// The whole address, for the library that connects.
  package let secret: Secret
  private let shown: String

  /// - Returns: `nil` where the text does not begin as such an address does.
  package init?(_ text: String) {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://"),
      ["postgres", "postgresql"].contains(text[..<colon].lowercased())
    else { return nil }
    // libpq knows the names in small letters alone.
    secret = Secret(text[..<colon].lowercased() + text[colon...])
    shown = Self.shown(text[colon...].dropFirst(3))
  }

  /// User, host, port and name; of the parameters behind them only the host, which is a socket's directory.
  private static func shown(_ rest: Substring) -> String {
    let question = rest.firstIndex(of: "?") ?? rest.endIndex
    let slash = rest[..<question].firstIndex(of: "/") ?? question
    var server = rest[..<slash]
    var user = ""
    // A password may hold an at sign that somebody forgot to escape, so it ends at the last one.
    if let at = rest[..<question].lastIndex(of: "@") {
      let login = rest[..<at]
      user = String(login[..<(login.firstIndex(of: ":") ?? login.endIndex)]) + "@"
      let end = rest[at..<question].firstIndex(of: "/") ?? question
      server = rest[rest.index(after: at)..<end]
      return "postgresql://" + DisplayText.escaping("\(user)\(server)\(rest[end..<question])".utf8)
    }
    if server.isEmpty { server = rest[question...].split(whereSeparator: { "?&".contains($0) }).host ?? "" }
    return "postgresql://" + DisplayText.escaping("\(user)\(server)\(rest[slash..<question])".utf8)
  }
}

extension [Substring] {
  /// The value of the parameter `host`.
  fileprivate var host: Substring? {
    first { $0.hasPrefix("host=") }?.dropFirst("host=".count)
  }
}

extension PostgresAddress: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { shown }
  package var debugDescription: String { shown }
}
