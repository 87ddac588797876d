internal import Base
internal import HTTP
internal import JSON
internal import Work

/// What GitHub and Gitea have in common: the calls below `/repos/OWNER/NAME`, whose form Gitea took over.
///
/// Where the two differ, each says so itself.
protocol HubBoard: EffectBoard {
  /// The member of a pull request that says that people who may push here may push to its fork, too; `nil` where that
  /// does not hold for the account.
  var editsMember: String? { get }

  /// The account that has a number now; `nil` where there is none.
  func owner(of number: Int64, in scope: ForgeScope) async throws(ForgeError) -> ForgeRecord?

  /// The branches that the forge protects, by name or pattern.
  func protectedBranches(of repository: ForgeRepository) async throws(ForgeError) -> [String]

  /// A pull request as the forge tells it, with what it says otherwise than ``hubState(_:)`` reads it.
  func state(_ record: ForgeRecord) throws(ForgeError) -> PullRequestState

  static func actor(_ record: ForgeRecord) throws(ForgeError) -> ForgeActor
}

extension HubBoard {
  func base(_ place: ForgePlace) -> String { "/repos/\(place.repository.path)" }

  // MARK: Repositories and people

  package func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    let record = try await record(of: repository)
    let found = try record.repository(name, path: "full_name")
    let protected = try await unlessHidden { () async throws(ForgeError) -> [String] in
      try await protectedBranches(of: found)
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

  /// Asked by name, because there is no other way; a name that is somebody else's by now is looked up by the number.
  package func permission(
    of actor: ForgeActor, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission {
    if let answer = try await permission(login: actor.login, id: actor.id, on: repository) { return answer }
    guard let now = try await owner(of: actor.id, in: .repository(repository)),
      try now.requiredNumber("id") == actor.id,
      let answer = try await permission(login: try now.requiredText("login"), id: actor.id, on: repository)
    else {
      throw ForgeError(.notFound, "\(transport.style.title): the account \(actor.id) cannot be found by its name")
    }
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
    case "admin", "owner": return .admin
    case "write", "maintain": return .write
    case "read", "triage": return .read
    default: return ForgePermission.none
    }
  }

  package func protection(
    of branch: RefName, in repository: ForgeRepository
  ) async throws(ForgeError) -> BranchProtection {
    try await protection(
      .get(
        "/repos/\(repository.path)/branches/\(PercentCoding.encode(branch.shortBytes))",
        scope: .repository(repository)))
  }

  // MARK: Pull requests

  func standingRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    let call = ForgeCall.get("\(base(place))/pulls/\(place.number)", scope: scope(place))
    return try state(try await transport.send(call).record())
  }

  /// A pull request in the form that both have.
  func hubState(_ record: ForgeRecord) throws(ForgeError) -> PullRequestState {
    let head = try record.requiredRecord("head")
    let base = try record.requiredRecord("base")
    let source = head.record("repo")
    let into = try base.requiredRecord("repo").repository(name, path: "full_name")
    let isFork = source?.number("id") != into.id
    // A fork that is gone has no name any more, and is still not the repository itself.
    let gone = "\(head.record("user")?.text("login") ?? "ghost")/deleted"
    let place = ForgePlace(
      repository: into, number: Int(try record.requiredNumber("number")),
      fork: isFork ? source?.text("full_name") ?? gone : nil)
    let isEditable = source != nil && editsMember.map { record.flag($0) == true } == true
    return PullRequestState(
      place: place, isOpen: try record.requiredText("state") == "open", isDraft: record.flag("draft") ?? false,
      title: record.text("title") ?? "", body: ForgeText.cut(record.text("body") ?? ""),
      head: try head.objectID("sha"), branch: try head.branch("ref"), base: try base.branch("ref"),
      baseTip: try base.objectID("sha"),
      author: try record.record("user").map { user throws(ForgeError) in try Self.actor(user) },
      labels: record.records("labels").compactMap { $0.text("name") }, isMergeable: record.flag("mergeable"),
      allowsPush: !isFork || isEditable)
  }

  // MARK: Comments

  func hubComment(
    _ record: ForgeRecord, thread: String? = nil, isSettled: Bool? = nil
  ) throws(ForgeError) -> StandingComment {
    StandingComment(
      posted: PostedComment(
        id: try record.requiredNumber("id"),
        author: try record.record("user").map { user throws(ForgeError) in try Self.actor(user) },
        body: record.text("body") ?? "", thread: thread, isSettled: isSettled, path: record.path("path"),
        time: try record.time("created_at")))
  }

  func postNote(_ body: String, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(
      .write(
        .post, "\(base(place))/issues/\(place.number)/comments", .object(["body": .string(body)]), scope: scope(place)))
  }

  // MARK: Statuses

  /// Tells a status once, in the forge's word for its state; the query has the list begin with the newest, and `member`
  /// is what the list calls the state.
  func reportStatus(
    _ check: CheckReport, as state: String, newest query: [(name: String, value: String)], member: String,
    on place: ForgePlace
  ) async throws(ForgeError) -> String {
    let title = StatusText.description(check)
    let account = try await account()
    let listed = try await transport.send(
      .get("\(base(place))/commits/\(check.head.hex)/statuses", query, scope: scope(place))
    ).list()
    let ours =
      listed.filter { $0.text("context") == check.name && $0.record("creator")?.number("id") == account.id }
      .max { ($0.number("id") ?? 0) < ($1.number("id") ?? 0) }
    if let ours, ours.text(member) == state, ours.text("description") == title {
      return "the status is there already"
    }
    let body: JSONValue = .object([
      "state": .string(state), "context": .string(check.name), "description": .string(title),
    ])
    _ = try await transport.send(
      .write(.post, "\(base(place))/statuses/\(check.head.hex)", body, scope: scope(place)))
    return "the status says \(state)"
  }
}
