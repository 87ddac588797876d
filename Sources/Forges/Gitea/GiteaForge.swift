package import Base
package import HTTP
internal import JSON
package import Work

/// Gitea and Forgejo, by the API that they share.
///
/// Source: their Swagger description. What a version lacks is read off `/version`, and off 404 and 405 where that
/// turns out to be wrong.
package struct GiteaForge: HubBoard, GitCredentialSource {
  let transport: ForgeTransport
  let authority: any ForgeAuthority
  private let memo = AccountMemo()
  private let learnt = Lock(Learnt())

  /// What was found out of the server.
  private struct Learnt: Sendable {
    var version: GiteaVersion?
    /// Whether it has answered that it does not know how to settle a thread.
    var refusesToSettle = false
  }

  package init(
    _ site: ForgeSite, token: TokenAuthority, http: any HTTPTransport, clock: ForgeClock = .system,
    patience: ForgePatience = ForgePatience()
  ) {
    authority = token
    transport = ForgeTransport(site, http: http, authority: token, clock: clock, patience: patience)
  }

  package var name: ForgeName { .gitea }

  /// Until the server was asked for the first time, it is taken for an old one.
  package var capabilities: ForgeCapabilities {
    let settles = learnt.withLock { $0.version?.settlesThreads == true && !$0.refusesToSettle }
    return ForgeCapabilities(
      hasChecks: false, hasNeutral: true, settlesThreads: settles, answersThreads: true, hasSuggestions: false,
      reviewsAreWhole: true, checksAnchors: false, hasRanges: false)
  }

  /// The server's version, asked for once.
  func version() async throws(ForgeError) -> GiteaVersion {
    if let version = learnt.withLock({ $0.version }) { return version }
    let text = try await transport.send(.get("/version", scope: .account)).record().requiredText("version")
    guard let version = GiteaVersion(text) else {
      throw ForgeError(.malformed, "Gitea: '\(ForgeText.short(text))' is no version")
    }
    learnt.withLock { $0.version = version }
    return version
  }

  func learnThatItCannotSettle() { learnt.withLock { $0.refusesToSettle = true } }

  package func account() async throws(ForgeError) -> ForgeActor {
    let transport = transport
    _ = try await version()
    return try await memo { () async throws(ForgeError) -> ForgeActor in
      try Self.actor(try await transport.send(.get("/user", scope: .account)).record())
    }
  }

  func protectedBranches(of repository: ForgeRepository) async throws(ForgeError) -> [String] {
    // These come all at once; the API has no pages of them.
    try await transport.send(
      .get("/repos/\(repository.path)/branch_protections", scope: .repository(repository))
    ).list().compactMap { rule in
      let name = rule.text("rule_name") ?? ""
      return name.isEmpty ? rule.text("branch_name") : name
    }
  }

  package func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    try await standingRequest(place)
  }

  package func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] {
    let records = try await transport.list(
      .get("/repos/\(repository.path)/pulls", [("state", "open")], scope: .repository(repository)), size: 50)
    return try records.map { record throws(ForgeError) in try state(record) }
      .filter { base == nil || $0.base == base }
  }

  /// Only an administrator of the repository may ask what others may do.
  ///
  /// Everybody else is told 403, which is an error, and an error means no.
  func owner(of number: Int64, in scope: ForgeScope) async throws(ForgeError) -> ForgeRecord? {
    try await transport.send(.get("/users/search", [("uid", "\(number)")], scope: scope)).record()
      .records("data").first
  }

  // MARK: Reading

  static func actor(_ record: ForgeRecord) throws(ForgeError) -> ForgeActor {
    ForgeActor(id: try record.requiredNumber("id"), login: try record.requiredText("login"), isBot: false)
  }

  var editsMember: String? { "allow_maintainer_edit" }

  func state(_ record: ForgeRecord) throws(ForgeError) -> PullRequestState {
    var state = try hubState(record)
    state.isDraft = record.flag("draft") ?? Self.isDraft(state.title)
    // It says no while it is still looking, so no is not known.
    if state.isMergeable == false { state.isMergeable = nil }
    return state
  }

  /// Gitea before 1.23 tells a draft by the beginning of its title alone.
  private static func isDraft(_ title: String) -> Bool {
    let title = title.uppercased()
    return title.hasPrefix("WIP:") || title.hasPrefix("[WIP]")
  }
}
