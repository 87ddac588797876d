package import Base
package import HTTP

/// What proves to a forge who asks.
package protocol ForgeAuthority: Sendable {
  /// The header that carries the credential.
  ///
  /// - Throws: ``ForgeError`` where none can be had.
  func header(for scope: ForgeScope) async throws(ForgeError) -> HTTPHeader

  /// Called once after a 401: whether there is another credential now than the one that was refused.
  func renew(_ refused: HTTPHeader, for scope: ForgeScope) async -> Bool

  /// What git uses.
  ///
  /// - Throws: ``ForgeError`` where none can be had.
  func gitCredential(for scope: ForgeScope, access: GitAccess) async throws(ForgeError) -> GitCredential
}

/// What git wants to do with a repository.
package enum GitAccess: String, Sendable, Hashable, Codable, CaseIterable {
  case read
  case write
}

/// What git proves itself with; it goes to the forge's web origin alone.
package struct GitCredential: Sendable, Hashable {
  package let user: String
  package let password: Secret

  package init(user: String, password: Secret) {
    self.user = user
    self.password = password
  }
}

/// A token that somebody made for the account.
package struct TokenAuthority: ForgeAuthority {
  private let forge: ForgeStyle
  private let source: @Sendable () async throws(ForgeError) -> Secret

  /// The token that the source gives; it is asked for every call, so that a token that was put in the place of another
  /// is used at once.
  package init(_ site: ForgeSite, source: @escaping @Sendable () async throws(ForgeError) -> Secret) {
    forge = ForgeStyle(site.name)
    self.source = source
  }

  package init(_ site: ForgeSite, token: Secret) {
    self.init(site) { () async throws(ForgeError) -> Secret in token }
  }

  package func header(for scope: ForgeScope) async throws(ForgeError) -> HTTPHeader {
    forge.header(try await source())
  }

  package func renew(_ refused: HTTPHeader, for scope: ForgeScope) async -> Bool {
    guard let token = try? await source() else { return false }
    return forge.header(token) != refused
  }

  package func gitCredential(for scope: ForgeScope, access: GitAccess) async throws(ForgeError) -> GitCredential {
    GitCredential(user: forge.gitUser, password: try await source())
  }
}
