package import Base
package import HTTP
internal import JSON
package import Work

/// GitLab, by its REST API, version 4.
///
/// Source: GitLab's pages on merge requests, discussions, commits, members and protected branches of that API.
package struct GitLabForge: EffectBoard, GitCredentialSource {
  let transport: ForgeTransport
  let authority: any ForgeAuthority
  private let memo = AccountMemo()

  package init(
    _ site: ForgeSite, token: TokenAuthority, http: any HTTPTransport, clock: ForgeClock = .system,
    patience: ForgePatience = ForgePatience()
  ) {
    authority = token
    transport = ForgeTransport(site, http: http, authority: token, clock: clock, patience: patience)
  }

  package var name: ForgeName { .gitlab }

  package var capabilities: ForgeCapabilities {
    ForgeCapabilities(
      hasChecks: false, hasNeutral: true, settlesThreads: true, answersThreads: true, hasSuggestions: true,
      reviewsAreWhole: false, checksAnchors: true, hasRanges: true)
  }

  package func account() async throws(ForgeError) -> ForgeActor {
    let transport = transport
    return try await memo { () async throws(ForgeError) -> ForgeActor in
      try Self.actor(try await transport.send(.get("/user", scope: .account)).record())
    }
  }

  package func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    let record = try await transport.send(.get(Self.project(repository), scope: .repository(repository))).record()
    let found = try record.repository(.gitlab, path: "path_with_namespace")
    let protected = try await unlessHidden { () async throws(ForgeError) -> [String] in
      try await transport.list(.get("\(Self.project(found))/protected_branches", scope: .repository(found)))
        .compactMap { $0.text("name") }
    }
    return RepositoryState(
      repository: found, defaultBranch: try record.branch("default_branch"), protected: protected,
      gitAddress: transport.site.gitAddress(of: found))
  }

  package func protection(
    of branch: RefName, in repository: ForgeRepository
  ) async throws(ForgeError) -> BranchProtection {
    try await protection(
      .get(
        "\(Self.project(repository))/repository/branches/\(PercentCoding.encode(branch.shortBytes))",
        scope: .repository(repository)))
  }

  package func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    let record = try await transport.send(.get(base(place), scope: scope(place))).record()
    var forks: [Int64: String] = [:]
    return try await state(record, in: place.repository, forks: &forks)
  }

  package func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] {
    var query = [(name: "state", value: "opened")]
    if let base, let name = String(validating: base.shortBytes, as: UTF8.self) { query.append(("target_branch", name)) }
    let records = try await transport.list(
      .get("\(Self.project(repository))/merge_requests", query, scope: .repository(repository)))
    var forks: [Int64: String] = [:]
    var result: [PullRequestState] = []
    for record in records {
      let state = try await state(record, in: repository, forks: &forks)
      if base == nil || state.base == base { result.append(state) }
    }
    return result
  }

  package func permission(
    of actor: ForgeActor, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission {
    let call = ForgeCall.get(
      "\(Self.project(repository))/members/all/\(actor.id)", scope: .repository(repository))
    let answer = try await transport.ask(call)
    if answer.status == 404 { return ForgePermission.none }
    guard answer.status == 200 else { throw transport.error(for: answer) }
    let record = try answer.record()
    guard try record.requiredNumber("id") == actor.id else {
      throw ForgeError(.malformed, "GitLab: \(call.display): the answer is about somebody else")
    }
    // Somebody who is blocked, or waits to be let in, has a level and no rights.
    guard record.text("state") ?? "active" == "active" else { return ForgePermission.none }
    switch try record.requiredNumber("access_level") {
    case 40...: return .admin
    case 30..<40: return .write
    case 10..<30: return .read
    default: return ForgePermission.none
    }
  }

  // MARK: Reading

  /// A project by its number, or else by its path as one part.
  static func project(_ repository: ForgeRepository) -> String {
    "/projects/" + (repository.id == 0 ? PercentCoding.encode(repository.path) : "\(repository.id)")
  }

  func base(_ place: ForgePlace) -> String { "\(Self.project(place.repository))/merge_requests/\(place.number)" }

  static func actor(_ record: ForgeRecord) throws(ForgeError) -> ForgeActor {
    let login = try record.requiredText("username")
    return ForgeActor(
      id: try record.requiredNumber("id"), login: login, isBot: record.flag("bot") ?? isBotName(login))
  }

  /// The accounts of tokens are called `project_12_bot_…` and `group_12_bot_…`; most answers say no more of them.
  static func isBotName(_ login: String) -> Bool {
    for prefix in ["project_", "group_"] where login.hasPrefix(prefix) {
      let rest = login.dropFirst(prefix.count).drop { $0.isASCII && $0.isNumber }
      if rest == "_bot" || rest.hasPrefix("_bot_") || rest.hasPrefix("_bot") && rest.dropFirst(4).allSatisfy(\.isNumber)
      {
        return true
      }
    }
    return false
  }

  private func state(
    _ record: ForgeRecord, in repository: ForgeRepository, forks: inout [Int64: String]
  ) async throws(ForgeError) -> PullRequestState {
    let source = record.number("source_project_id")
    let target = try record.requiredNumber("target_project_id")
    var fork: String?
    if let source, source != target {
      fork = try await path(ofProject: source, known: &forks, scope: .repository(repository))
    } else if source == nil {
      fork = "ghost/deleted"
    }
    guard let into = ForgeRepository(forge: .gitlab, id: target, path: repository.path) else {
      throw ForgeError(.malformed, "GitLab: the number of the target project is negative")
    }
    let head = try record.objectID("sha")
    return PullRequestState(
      place: ForgePlace(repository: into, number: Int(try record.requiredNumber("iid")), fork: fork),
      isOpen: ["opened", "locked"].contains(try record.requiredText("state")),
      isDraft: record.flag("draft") ?? record.flag("work_in_progress") ?? false, title: record.text("title") ?? "",
      body: ForgeText.cut(record.text("description") ?? ""), head: head, branch: try record.branch("source_branch"),
      base: try record.branch("target_branch"), baseTip: nil,
      author: try record.record("author").map { author throws(ForgeError) in try Self.actor(author) },
      labels: record.texts("labels"), isMergeable: Self.isMergeable(record),
      allowsPush: fork == nil || source != nil && record.flag("allow_collaboration") == true)
  }

  /// What is known of conflicts; that checks or approvals are lacking does not count here.
  private static func isMergeable(_ record: ForgeRecord) -> Bool? {
    let detailed = record.text("detailed_merge_status")
    if ["checking", "unchecked", "preparing"].contains(detailed) { return nil }
    if record.flag("has_conflicts") == true || ["conflict", "broken_status"].contains(detailed) { return false }
    switch record.text("merge_status") {
    case "can_be_merged": return true
    case "cannot_be_merged": return false
    default: return nil
    }
  }

  /// The path of a fork; one that may not be seen is named by its number, and cannot be pushed to.
  private func path(
    ofProject id: Int64, known: inout [Int64: String], scope: ForgeScope
  ) async throws(ForgeError) -> String {
    if let path = known[id] { return path }
    let found = try await unlessHidden { () async throws(ForgeError) -> String in
      try await transport.send(.get("/projects/\(id)", scope: scope)).record().requiredText("path_with_namespace")
    }
    let path = found ?? "projects/\(id)"
    known[id] = path
    return path
  }
}
