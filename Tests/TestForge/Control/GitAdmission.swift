internal import JSON
internal import Synchronization

/// What the git front asks: who may fetch and push, and what was pushed.
extension TestForge {
  /// Says to nginx whether somebody may do what the address says; the token is the password.
  func gitAdmission(_ call: Call) async -> Reply {
    let wanted = call.headers["x-original-uri"] ?? ""
    await holdGit(wanted, call)
    return
      (try? await withWorld { world in
        world.admitToGit(wanted, authorization: call.headers["authorization"])
      }) ?? Reply(status: 403)
  }

  /// Takes over what the hook of a repository saw: lines of the old and the new commit and the name.
  func received(_ call: Call) async -> Reply {
    let lines = String(decoding: call.body, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    let path = call.query["repository"] ?? ""
    let login = call.query["user"] ?? ""
    await holdGit("received", call)
    try? await withWorld { world in
      let repository = try world.known(path)
      let account = try world.knownAccount(login)
      for parts in lines where parts.count == 3 && parts[2].hasPrefix("refs/heads/") {
        world.branchMoved(
          String(parts[2].dropFirst("refs/heads/".count)), in: repository, from: String(parts[0]), by: account.id)
      }
      world.wrote("push")
    }
    deliverIfWanted()
    return .empty
  }
}

extension TestForge {
  /// Waits where a fault of the method `GIT` holds this; others do not count here.
  ///
  /// `path`: What was asked of git, with the query, before it is done; `received` once a push is done.
  private func holdGit(_ path: String, _ call: Call) async {
    let (fault, releases) = world.withLock { ($0.takeGitFault(path), $0.releases) }
    guard let fault, case .held = fault.kind else { return }
    world.withLock { $0.note(call, caller: "", status: 0, fault: fault) }
    while world.withLock({ $0.releases }) == releases { try? await Task.sleep(for: .milliseconds(10)) }
  }
}

extension World {
  fileprivate mutating func takeGitFault(_ path: String) -> Fault? {
    for index in faults.indices where faults[index].method == "GIT" && faults[index].hits(method: "GIT", path: path) {
      return faults[index]
    }
    return nil
  }

  fileprivate func admitToGit(_ address: String, authorization: String?) -> Reply {
    let unknown = Reply(status: 401, headers: ["WWW-Authenticate": "Basic realm=\"\(kind.rawValue)\""])
    guard let split = address.firstRange(of: ".git/") else { return Reply(status: 403) }
    let path = Call.unescaped(address[..<split.lowerBound].dropFirst(), plus: false)
    guard let repository = repository(at: path) else { return authorization == nil ? unknown : Reply(status: 403) }
    let pushes = address.contains("git-receive-pack")
    guard let authorization else { return repository.isPrivate || pushes ? unknown : Reply(status: 200) }
    let words = authorization.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "basic", let bytes = Base64.decoded(words[1]) else {
      return unknown
    }
    let pair = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
    guard pair.count == 2, let caller = gitCaller(name: pair[0], password: pair[1]) else { return unknown }
    guard let branches = branches(for: caller, on: repository, pushes: pushes) else { return Reply(status: 403) }
    return Reply(
      status: 200,
      headers: ["X-Forge-User": accounts[caller.account]?.login ?? "", "X-Forge-Branches": branches])
  }

  /// Who has the token; GitHub wants `x-access-token` for an installation's, and Gitea takes the token as the name too.
  private func gitCaller(name: String, password: String) -> Caller? {
    let token = tokens[password] ?? (kind == .gitea ? tokens[name] : nil)
    guard let token, !token.isRevoked, token.expires.map({ $0 > now }) ?? true else { return nil }
    switch token.kind {
    case .account(let id, let scopes):
      let needed: Set<String>? =
        switch kind {
        case .github: nil
        case .gitlab: ["api", "read_repository", "write_repository"]
        case .gitea: ["all", "read:repository", "write:repository"]
        }
      if let needed, !scopes.isEmpty, scopes.isDisjoint(with: needed) { return nil }
      return .account(id, scopes: scopes)
    case .installation(let id, let repositories, let permissions):
      guard name == "x-access-token", let app = installations[id].flatMap({ apps[$0.app] }) else { return nil }
      return .installation(id, repositories: repositories, permissions: permissions, bot: app.bot)
    }
  }

  /// The branches that the caller may push to, `*` for all that are not protected; `nil` where it may do nothing.
  private func branches(for caller: Caller, on repository: Repository, pushes: Bool) -> String? {
    switch caller {
    case .installation(_, let covered, let permissions, _):
      // An app does not inherit what the author of a fork allows to maintainers.
      guard covered.contains(repository.id), let held = permissions["contents"] else {
        return repository.isPrivate || pushes ? nil : ""
      }
      return !pushes ? "" : held == "write" ? "*" : nil
    case .account(let id, let scopes):
      let access = access(of: id, on: repository)
      if !pushes { return access >= .read ? "" : nil }
      let writing: Set<String> = ["api", "write_repository", "write:repository", "all"]
      if kind != .github, !scopes.isEmpty, scopes.isDisjoint(with: writing) { return nil }
      if access >= .write { return "*" }
      let allowed = pulls.values.filter { pull in
        pull.isOpen && pull.headRepository == repository.id && pull.allowsMaintainers
          && repositories[pull.repository].map { self.access(of: id, on: $0) >= .write } == true
      }
      return allowed.isEmpty ? nil : allowed.map { "refs/heads/" + $0.branch }.sorted().joined(separator: " ")
    case .nobody, .app: return nil
    }
  }
}
