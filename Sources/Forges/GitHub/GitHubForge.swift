package import Base
package import HTTP
internal import JSON
package import Work

/// GitHub: REST, and GraphQL for what is settled.
///
/// Source: GitHub's REST description, version 2022-11-28, and its GraphQL schema.
package struct GitHubForge: EffectBoard, GitCredentialSource {
  let transport: ForgeTransport
  let app: GitHubAppAuthority?
  private let authority: any ForgeAuthority
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

  package func gitCredential(
    for repository: ForgeRepository, access: GitAccess
  ) async throws(ForgeError) -> GitCredential {
    try await authority.gitCredential(for: .repository(repository), access: access)
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

  package func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    let record = try await record(of: repository)
    let found = try record.repository(.github, path: "full_name")
    let protected = try await unlessHidden { () async throws(ForgeError) -> [String] in
      try await transport.list(
        .get("/repos/\(found.path)/branches", [("protected", "true")], scope: .repository(found))
      ).compactMap { $0.text("name") }
    }
    return RepositoryState(
      repository: found, defaultBranch: try record.branch("default_branch"), protected: protected,
      gitAddress: transport.site.gitAddress(of: found))
  }

  /// Found by its path, and by its number where that is another repository's by now.
  private func record(of repository: ForgeRepository) async throws(ForgeError) -> ForgeRecord {
    let scope = ForgeScope.repository(repository)
    let answer = try await transport.ask(.get("/repos/\(repository.path)", scope: scope))
    if answer.status == 200 {
      let record = try answer.record()
      let id = try record.requiredNumber("id")
      if repository.id == 0 || repository.id == id { return record }
    }
    guard answer.status == 200 || answer.status == 404, repository.id != 0 else { throw transport.error(for: answer) }
    return try await transport.send(.get("/repositories/\(repository.id)", scope: scope)).record()
  }

  package func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    var state = try await standingRequest(place)
    guard state.isOpen, state.allowsPush else { return state }
    let fork = state.place.fork.flatMap { ForgeRepository(forge: .github, id: 0, path: $0) }
    state.allowsPush = try await closure(of: state.branch, in: fork ?? state.place.repository) == nil
    return state
  }

  func standingRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    let call = ForgeCall.get("\(base(place))/pulls/\(place.number)", scope: scope(place))
    return try state(try await transport.send(call).record(), in: place.repository)
  }

  package func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] {
    var query = [(name: "state", value: "open")]
    if let base, let name = String(validating: base.shortBytes, as: UTF8.self) { query.append(("base", name)) }
    let records = try await transport.list(
      .get("/repos/\(repository.path)/pulls", query, scope: .repository(repository)))
    return try records.map { record throws(ForgeError) in try state(record, in: repository) }
      .filter { base == nil || $0.base == base }
  }

  package func permission(
    of actor: ForgeActor, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission {
    let scope = ForgeScope.repository(repository)
    if let answer = try await permission(login: actor.login, id: actor.id, on: repository) { return answer }
    // The name may have changed hands; the number says who has it now.
    let now = try await transport.send(.get("/user/\(actor.id)", scope: scope)).record()
    guard try now.requiredNumber("id") == actor.id,
      let answer = try await permission(login: try now.requiredText("login"), id: actor.id, on: repository)
    else { throw ForgeError(.notFound, "GitHub: the account \(actor.id) cannot be found by its name") }
    return answer
  }

  /// `nil` where the name is not the account's.
  private func permission(
    login: String, id: Int64, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission? {
    let call = ForgeCall.get(
      "/repos/\(repository.path)/collaborators/\(PercentCoding.encode(login))/permission",
      scope: .repository(repository))
    let answer = try await transport.ask(call)
    if answer.status == 404 { return nil }
    guard answer.status == 200 else { throw transport.error(for: answer) }
    let record = try answer.record()
    guard try record.requiredRecord("user").requiredNumber("id") == id else { return nil }
    switch try record.requiredText("permission") {
    case "admin": return .admin
    case "write", "maintain": return .write
    case "read", "triage": return .read
    default: return ForgePermission.none
    }
  }

  // MARK: Reading

  func base(_ place: ForgePlace) -> String { "/repos/\(place.repository.path)" }

  func scope(_ place: ForgePlace) -> ForgeScope { .repository(place.repository) }

  static func actor(_ record: ForgeRecord) throws(ForgeError) -> ForgeActor {
    ForgeActor(
      id: try record.requiredNumber("id"), login: try record.requiredText("login"), isBot: record.text("type") == "Bot")
  }

  private func state(
    _ record: ForgeRecord, in repository: ForgeRepository
  ) throws(ForgeError) -> PullRequestState {
    let head = try record.requiredRecord("head")
    let base = try record.requiredRecord("base")
    let source = head.record("repo")
    let into = try base.requiredRecord("repo").repository(.github, path: "full_name")
    let isFork = source?.number("id") != into.id
    // A fork that is gone has no name any more, and is still not the repository itself.
    let gone = "\(head.record("user")?.text("login") ?? "ghost")/deleted"
    let place = ForgePlace(
      repository: into, number: Int(try record.requiredNumber("number")),
      fork: isFork ? source?.text("full_name") ?? gone : nil)
    return PullRequestState(
      place: place, isOpen: try record.requiredText("state") == "open", isDraft: record.flag("draft") ?? false,
      title: record.text("title") ?? "", body: ForgeText.cut(record.text("body") ?? ""),
      head: try head.objectID("sha"), branch: try head.branch("ref"), base: try base.branch("ref"),
      baseTip: try base.objectID("sha"),
      author: try record.record("user").map { user throws(ForgeError) in try Self.actor(user) },
      labels: record.records("labels").compactMap { $0.text("name") }, isMergeable: record.flag("mergeable"),
      // "Allow edits from maintainers" is given to people who may push, not to Apps.
      allowsPush: !isFork || source != nil && app == nil && record.flag("maintainer_can_modify") == true)
  }
}
