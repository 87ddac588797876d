package import HTTP
package import Work

/// What a forge's client proves itself with.
package enum ForgeCredential: Sendable {
  /// A token that somebody made for the account.
  case token(TokenAuthority)
  /// GitHub alone: an App with its key.
  case app(GitHubApp)
}

/// Who can give git what it proves itself with.
package protocol GitCredentialSource: Sendable {
  /// What git uses for a repository; it goes to the site's web origin alone, in a credential callback.
  ///
  /// - Throws: ``ForgeError`` where none can be had.
  func gitCredential(for repository: ForgeRepository, access: GitAccess) async throws(ForgeError) -> GitCredential
}

/// A forge that can be asked and written to, and that knows what git proves itself with.
package typealias ConnectedForge = Forge & GitCredentialSource

/// Makes the clients of the forges.
package enum ForgeConnection {
  /// The client for a site; nothing is asked before it is used.
  ///
  /// - Throws: ``ForgeError`` with the code `rejected` for an App on a forge that knows none.
  package static func make(
    _ site: ForgeSite, credential: ForgeCredential, http: any HTTPTransport, clock: ForgeClock = .system,
    patience: ForgePatience = ForgePatience()
  ) throws(ForgeError) -> any ConnectedForge {
    switch (site.name, credential) {
    case (.github, .app(let app)):
      GitHubForge(site, app: app, http: http, clock: clock, patience: patience)
    case (.github, .token(let token)):
      GitHubForge(site, token: token, http: http, clock: clock, patience: patience)
    case (.gitlab, .token(let token)):
      GitLabForge(site, token: token, http: http, clock: clock, patience: patience)
    case (.gitea, .token(let token)):
      GiteaForge(site, token: token, http: http, clock: clock, patience: patience)
    case (.gitlab, .app), (.gitea, .app):
      throw ForgeError(.rejected, "\(site.name.rawValue) knows no Apps; give a token")
    }
  }
}
