package import Base
package import HTTP
internal import JSON
package import Work

/// Gitea and Forgejo, by the API that they share.
///
/// Source: their Swagger description. What a version lacks is read off `/version`, and off 404 and 405 where that
/// turns out to be wrong.
package struct GiteaForge: EffectBoard, GitCredentialSource {
  let transport: ForgeTransport
  private let authority: any ForgeAuthority
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

  package func gitCredential(
    for repository: ForgeRepository, access: GitAccess
  ) async throws(ForgeError) -> GitCredential {
    try await authority.gitCredential(for: .repository(repository), access: access)
  }

  package func account() async throws(ForgeError) -> ForgeActor {
    let transport = transport
    _ = try await version()
    return try await memo { () async throws(ForgeError) -> ForgeActor in
      try Self.actor(try await transport.send(.get("/user", scope: .account)).record())
    }
  }

  package func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    let record = try await record(of: repository)
    let found = try record.repository(.gitea, path: "full_name")
    let protected = try await unlessHidden { () async throws(ForgeError) -> [String] in
      // These come all at once; the API has no pages of them.
      try await transport.send(
        .get("/repos/\(found.path)/branch_protections", scope: .repository(found))
      ).list().compactMap { rule in
        let name = rule.text("rule_name") ?? ""
        return name.isEmpty ? rule.text("branch_name") : name
      }
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
    let call = ForgeCall.get("\(base(place))/pulls/\(place.number)", scope: scope(place))
    return try state(try await transport.send(call).record(), in: place.repository)
  }

  package func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] {
    let records = try await transport.list(
      .get("/repos/\(repository.path)/pulls", [("state", "open")], scope: .repository(repository)), size: 50)
    return try records.map { record throws(ForgeError) in try state(record, in: repository) }
      .filter { base == nil || $0.base == base }
  }

  /// Asked by name, because Gitea has no other way; a name that is somebody else's by now is looked up by the number.
  ///
  /// Only an administrator of the repository may ask for others. Everybody else is told 403, which is an error here, and
  /// an error means no.
  package func permission(
    of actor: ForgeActor, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission {
    if let answer = try await permission(login: actor.login, id: actor.id, on: repository) { return answer }
    let found = try await transport.send(
      .get("/users/search", [("uid", "\(actor.id)")], scope: .repository(repository))
    ).record()
    guard let user = found.records("data").first, try user.requiredNumber("id") == actor.id,
      let answer = try await permission(login: try user.requiredText("login"), id: actor.id, on: repository)
    else { throw ForgeError(.notFound, "Gitea: the account \(actor.id) cannot be found by its name") }
    return answer
  }

  /// `nil` where the name is not the account's.
  private func permission(
    login: String, id: Int64, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission? {
    let answer = try await transport.ask(
      .get(
        "/repos/\(repository.path)/collaborators/\(PercentCoding.encode(login))/permission",
        scope: .repository(repository)))
    if answer.status == 404 { return nil }
    guard answer.status == 200 else { throw transport.error(for: answer) }
    let record = try answer.record()
    guard try record.requiredRecord("user").requiredNumber("id") == id else { return nil }
    switch try record.requiredText("permission") {
    case "owner", "admin": return .admin
    case "write": return .write
    case "read": return .read
    default: return ForgePermission.none
    }
  }

  // MARK: Reading

  func base(_ place: ForgePlace) -> String { "/repos/\(place.repository.path)" }

  func scope(_ place: ForgePlace) -> ForgeScope { .repository(place.repository) }

  static func actor(_ record: ForgeRecord) throws(ForgeError) -> ForgeActor {
    ForgeActor(id: try record.requiredNumber("id"), login: try record.requiredText("login"), isBot: false)
  }

  private func state(
    _ record: ForgeRecord, in repository: ForgeRepository
  ) throws(ForgeError) -> PullRequestState {
    let head = try record.requiredRecord("head")
    let base = try record.requiredRecord("base")
    let source = head.record("repo")
    let into = try base.requiredRecord("repo").repository(.gitea, path: "full_name")
    let isFork = source?.number("id") != into.id
    let title = record.text("title") ?? ""
    let place = ForgePlace(
      repository: into, number: Int(try record.requiredNumber("number")),
      fork: isFork ? source?.text("full_name") ?? "ghost/deleted" : nil)
    return PullRequestState(
      place: place, isOpen: try record.requiredText("state") == "open",
      isDraft: record.flag("draft") ?? Self.isDraft(title), title: title,
      body: ForgeText.cut(record.text("body") ?? ""), head: try head.objectID("sha"), branch: try head.branch("ref"),
      base: try base.branch("ref"), baseTip: try base.objectID("sha"),
      author: try record.record("user").map { user throws(ForgeError) in try Self.actor(user) },
      labels: record.records("labels").compactMap { $0.text("name") },
      // It says no while it is still looking, so no is not known.
      isMergeable: record.flag("mergeable") == true ? true : nil,
      allowsPush: !isFork || source != nil && record.flag("allow_maintainer_edit") == true)
  }

  /// Gitea before 1.23 tells a draft by the beginning of its title alone.
  private static func isDraft(_ title: String) -> Bool {
    let title = title.uppercased()
    return title.hasPrefix("WIP:") || title.hasPrefix("[WIP]")
  }
}
