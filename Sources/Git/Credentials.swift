/// A question of another repository for credentials.
package struct CredentialRequest: Sendable, Hashable {
  /// The URL that asks, which a redirection may have changed.
  package var url: String
  /// The user that the URL names.
  package var username: String?
  /// Whether a user and a password would do.
  package var acceptsPassword: Bool
  /// Whether an SSH key would do.
  package var acceptsKey: Bool

  package init(url: String, username: String?, acceptsPassword: Bool, acceptsKey: Bool) {
    self.url = url
    self.username = username
    self.acceptsPassword = acceptsPassword
    self.acceptsKey = acceptsKey
  }
}

/// An answer to a ``CredentialRequest``.
package enum Credential: Sendable {
  case none
  /// A key that the SSH agent holds.
  case agent(username: String)
  case password(username: String, password: String)
}

/// Answers questions for credentials.
package struct Credentials: Sendable {
  /// The answer to one question.
  package let answer: @Sendable (CredentialRequest) -> Credential

  package init(_ answer: @escaping @Sendable (CredentialRequest) -> Credential) {
    self.answer = answer
  }

  /// Gives nothing away.
  package static let none = Credentials { _ in .none }

  /// Lets the SSH agent answer, as the user that the address names.
  package static let agent = Credentials { request in
    guard request.acceptsKey, let username = request.username else { return .none }
    return .agent(username: username)
  }

  /// A user and a password for one host and no other, wherever a redirection leads.
  package static func password(username: String, password: String, for host: RemoteHost) -> Credentials {
    Credentials { request in
      guard request.acceptsPassword, RemoteHost(url: request.url) == host else { return .none }
      return .password(username: username, password: password)
    }
  }
}
