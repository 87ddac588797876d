package import Base
internal import Foundation
package import HTTP
internal import JSON
internal import JWTKit
internal import Work

/// A GitHub App: its id and its private key.
package struct GitHubApp: Sendable {
  /// The client id, or the number.
  package let id: String
  private let key: Insecure.RSA.PrivateKey

  /// The App of this id, with its private key as GitHub gives it out: an RSA key in PEM.
  ///
  /// - Throws: ``ForgeError`` with the code `unauthenticated` where it is no such key.
  package init(id: String, pem: Secret) throws(ForgeError) {
    self.id = id
    do {
      key = try Insecure.RSA.PrivateKey(pem: pem.reveal())
    } catch {
      throw ForgeError(.unauthenticated, "GitHub: the App's private key is no RSA key of 2048 bits or more in PEM")
    }
  }

  private struct Claims: JWTPayload {
    var iat: Int64
    var exp: Int64
    var iss: String

    func verify(using algorithm: some JWTAlgorithm) async throws {}
  }

  /// How far back a token is dated, because GitHub's clock may be behind ours.
  static let skew: Int64 = 60
  /// How long one is good, in seconds from now; GitHub takes at most ten minutes.
  static let life: Int64 = 9 * 60

  /// A token that says who the App is, good for nine minutes.
  func token(now: Timestamp) async throws(ForgeError) -> Secret {
    let claims = Claims(iat: now.seconds - Self.skew, exp: now.seconds + Self.life, iss: id)
    do {
      let keys = JWTKeyCollection()
      await keys.add(rsa: key, digestAlgorithm: .sha256)
      return Secret(try await keys.sign(claims))
    } catch {
      throw ForgeError(.unauthenticated, "GitHub: the App's token could not be signed with its private key")
    }
  }
}

/// The App speaking for itself, as it must to learn of its installations.
struct GitHubAppSelf: ForgeAuthority {
  let app: GitHubApp
  let clock: ForgeClock

  func header(for scope: ForgeScope) async throws(ForgeError) -> HTTPHeader {
    ForgeStyle(.github).header(try await app.token(now: clock.now()))
  }

  // The next token is another one, but a clock that is wrong or a wrong key does not mend by asking again.
  func renew(_ refused: HTTPHeader, for scope: ForgeScope) async -> Bool { false }

  func gitCredential(for scope: ForgeScope, access: GitAccess) async throws(ForgeError) -> GitCredential {
    throw ForgeError(.forbidden, "GitHub: an App has no access to git but through an installation")
  }
}

/// An App speaking through its installations, with a token for each repository, narrowed to it and to what is needed.
package actor GitHubAppAuthority: ForgeAuthority {
  /// For what a token is made.
  private struct Purpose: Hashable {
    var scope: ForgeScope
    var permissions: [String: String]
  }

  private struct Minted {
    var token: Secret
    var renewAt: Timestamp
  }

  /// What calls of the API need.
  static let apiPermissions = [
    "metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write",
  ]

  static func gitPermissions(_ access: GitAccess) -> [String: String] {
    ["metadata": "read", "contents": access.rawValue]
  }

  /// A token is good for an hour, and is not used beyond this.
  static let life = Duration.seconds(55 * 60)

  /// The client id, or the number.
  private let id: String
  private let own: ForgeTransport
  private let style: ForgeStyle
  private var minted: [Purpose: Minted] = [:]
  private var installations: [String: Int64] = [:]

  package init(
    _ site: ForgeSite, app: GitHubApp, http: any HTTPTransport, clock: ForgeClock = .system,
    patience: ForgePatience = ForgePatience()
  ) {
    id = app.id
    own = ForgeTransport(
      site, http: http, authority: GitHubAppSelf(app: app, clock: clock), clock: clock, patience: patience)
    style = ForgeStyle(.github)
  }

  package func header(for scope: ForgeScope) async throws(ForgeError) -> HTTPHeader {
    style.header(try await token(Purpose(scope: scope, permissions: Self.permissions(scope))))
  }

  package func renew(_ refused: HTTPHeader, for scope: ForgeScope) async -> Bool {
    let purpose = Purpose(scope: scope, permissions: Self.permissions(scope))
    // Somebody else may have renewed it while this one was under way.
    if let kept = minted[purpose], style.header(kept.token) != refused { return true }
    minted[purpose] = nil
    if let repository = Self.repository(scope) { installations[repository.path] = nil }
    return true
  }

  package func gitCredential(
    for scope: ForgeScope, access: GitAccess
  ) async throws(ForgeError) -> GitCredential {
    let token = try await token(Purpose(scope: scope, permissions: Self.gitPermissions(access)))
    return GitCredential(user: style.gitUser, password: token)
  }

  /// Whether GitHub says of something that this App made it, as far as it says so.
  nonisolated func made(_ record: ForgeRecord) -> Bool {
    guard let app = record.record("app") else { return true }
    if let number = Int64(id) { return app.number("id") == number }
    return app.text("client_id").map { $0 == id } ?? true
  }

  /// The App's own name in a URL, by which its account is called `NAME[bot]`.
  func slug() async throws(ForgeError) -> String {
    try await own.send(.get("/app", scope: .account)).record().requiredText("slug")
  }

  private static func permissions(_ scope: ForgeScope) -> [String: String] {
    switch scope {
    case .account: ["metadata": "read"]
    case .repository: apiPermissions
    case .pushing: apiPermissions.merging(["contents": "write"]) { $1 }
    }
  }

  private static func repository(_ scope: ForgeScope) -> ForgeRepository? {
    switch scope {
    case .account: nil
    case .repository(let repository), .pushing(let repository): repository
    }
  }

  private func token(_ purpose: Purpose) async throws(ForgeError) -> Secret {
    if let kept = minted[purpose], own.clock.now() < kept.renewAt { return kept.token }
    // The time is taken before it is made, so that it is never younger than we think.
    let renewAt = own.clock.now().adding(Self.life)
    let record = try await mint(purpose)
    let token = Secret(try record.requiredText("token"))
    if minted.count >= 1000 { minted = minted.filter { own.clock.now() < $0.value.renewAt } }
    minted[purpose] = Minted(token: token, renewAt: renewAt)
    return token
  }

  private func mint(_ purpose: Purpose) async throws(ForgeError) -> ForgeRecord {
    var body: [String: JSONValue] = ["permissions": .object(purpose.permissions.mapValues { .string($0) })]
    let repository = Self.repository(purpose.scope)
    if let repository {
      if repository.id != 0 {
        body["repository_ids"] = .array([.number(Double(repository.id))])
      } else {
        body["repositories"] = .array([.string(String(repository.path.split(separator: "/").last ?? ""))])
      }
    }
    let isKnown = repository.map { installations[$0.path] != nil } ?? false
    let installation = try await installation(for: purpose.scope)
    var call = ForgeCall.write(
      .post, "/app/installations/\(installation)/access_tokens", .object(body), scope: .account)
    // One token more than is needed harms nobody.
    call.isRepeatable = true
    do throws(ForgeError) {
      return try await own.send(call).record()
    } catch  where error.code == .notFound && isKnown {
      // The App was taken away and installed anew, which gives it another number.
      if let repository { installations[repository.path] = nil }
      return try await mint(purpose)
    }
  }

  private func installation(for scope: ForgeScope) async throws(ForgeError) -> Int64 {
    switch scope {
    case .repository(let repository), .pushing(let repository):
      if let known = installations[repository.path] { return known }
      let found = try await own.send(.get("/repos/\(repository.path)/installation", scope: .account)).record()
      let id = try found.requiredNumber("id")
      installations[repository.path] = id
      return id
    case .account:
      let all = try await own.list(.get("/app/installations", scope: .account))
      guard let first = all.first(where: { $0.text("suspended_at") == nil }) else {
        throw ForgeError(.forbidden, "GitHub: the App is installed nowhere; install it on a repository")
      }
      return try first.requiredNumber("id")
    }
  }
}
