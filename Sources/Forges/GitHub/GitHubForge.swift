package import Base
package import HTTP
internal import JSON
package import Work

/// GitHub: REST, and GraphQL for what is settled.
///
/// Source: GitHub's REST description, version 2022-11-28, and its GraphQL schema.
package struct GitHubForge: HubBoard, GitCredentialSource {
  let transport: ForgeTransport
  let app: GitHubAppAuthority?
  let authority: any ForgeAuthority
  private let memo = AccountMemo()

  /// GitHub with an account's own token.
  package init(
    _ site: ForgeSite, token: TokenAuthority, http: any HTTPTransport, clock: ForgeClock = .system,
    patience: ForgePatience = ForgePatience()
  ) {
    app = nil
    authority = token
    transport = ForgeTransport(site, http: http, authority: token, clock: clock, patience: patience)
  }

  /// GitHub as an App.
  package init(
    _ site: ForgeSite, app: GitHubApp, http: any HTTPTransport, clock: ForgeClock = .system,
    patience: ForgePatience = ForgePatience()
  ) {
    let made = GitHubAppAuthority(site, app: app, http: http, clock: clock, patience: patience)
    self.app = made
    authority = made
    transport = ForgeTransport(site, http: http, authority: made, clock: clock, patience: patience)
  }

  package var name: ForgeName { .github }

  package var capabilities: ForgeCapabilities {
    ForgeCapabilities(
      hasChecks: app != nil, hasNeutral: app != nil, settlesThreads: true, answersThreads: true, hasSuggestions: true,
      reviewsAreWhole: true, checksAnchors: true, hasRanges: true)
  }

  package func account() async throws(ForgeError) -> ForgeActor {
    let (app, transport) = (app, transport)
    return try await memo { () async throws(ForgeError) -> ForgeActor in
      guard let app else { return try Self.actor(try await transport.send(.get("/user", scope: .account)).record()) }
      let login = try await app.slug() + "[bot]"
      let path = "/users/\(PercentCoding.encode(login))"
      return try Self.actor(try await transport.send(.get(path, scope: .account)).record())
    }
  }

  func protectedBranches(of repository: ForgeRepository) async throws(ForgeError) -> [String] {
    try await transport.list(
      .get("/repos/\(repository.path)/branches", [("protected", "true")], scope: .repository(repository))
    ).compactMap { $0.text("name") }
  }

  package func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    var state = try await standingRequest(place)
    guard state.isOpen, state.allowsPush else { return state }
    let fork = state.place.fork.flatMap { ForgeRepository(forge: .github, id: 0, path: $0) }
    state.allowsPush = try await closure(of: state.branch, in: fork ?? state.place.repository) == nil
    return state
  }

  package func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] {
    var query = [(name: "state", value: "open")]
    if let base, let name = String(validating: base.shortBytes, as: UTF8.self) { query.append(("base", name)) }
    let records = try await transport.list(
      .get("/repos/\(repository.path)/pulls", query, scope: .repository(repository)))
    return try records.map { record throws(ForgeError) in try state(record) }
      .filter { base == nil || $0.base == base }
  }

  func owner(of number: Int64, in scope: ForgeScope) async throws(ForgeError) -> ForgeRecord? {
    try await transport.send(.get("/user/\(number)", scope: scope)).record()
  }

  // MARK: Reading

  static func actor(_ record: ForgeRecord) throws(ForgeError) -> ForgeActor {
    ForgeActor(
      id: try record.requiredNumber("id"), login: try record.requiredText("login"), isBot: record.text("type") == "Bot")
  }

  /// "Allow edits from maintainers" is given to people who may push, not to Apps.
  var editsMember: String? { app == nil ? "maintainer_can_modify" : nil }

  func state(_ record: ForgeRecord) throws(ForgeError) -> PullRequestState { try hubState(record) }
}
