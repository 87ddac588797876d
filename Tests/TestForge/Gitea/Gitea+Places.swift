internal import JSON

/// Users, repositories, branches and statuses.
extension World {
  func giteaUserJSON(_ id: Int) -> JSONValue {
    guard let account = accounts[id] else { return .null }
    return [
      "id": .number(account.id), "login": .string(account.login), "login_name": "", "full_name": "",
      "email": .string("\(account.login)@example.com"), "username": .string(account.login), "is_admin": false,
      "active": true, "restricted": false, "visibility": "public",
    ]
  }

  func giteaRepositoryJSON(_ repository: Repository, caller: Int = 0) -> JSONValue {
    let access = access(of: caller, on: repository)
    return [
      "id": .number(repository.id), "name": .string(repository.name), "full_name": .string(repository.path),
      "owner": account(named: repository.owner).map { giteaUserJSON($0.id) } ?? ownerJSON(repository),
      "private": .bool(repository.isPrivate), "fork": .bool(repository.parent != nil), "empty": false,
      "default_branch": .string(repository.defaultBranch), "archived": false,
      "html_url": .string("\(address)/\(repository.path)"),
      "url": .string("\(address)/api/v1/repos/\(repository.path)"),
      "clone_url": .string("\(gitAddress)/\(repository.path).git"),
      "ssh_url": .string("git@localhost:\(repository.path).git"), "has_pull_requests": true,
      "permissions": [
        "admin": .bool(access >= .admin), "push": .bool(access >= .write), "pull": .bool(access >= .read),
      ],
    ]
  }

  func giteaCurrentUser(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, giteaUserJSON(caller.account))
  }

  func giteaUser(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard let account = account(named: parameters["username"] ?? "") else {
      throw Refusal(giteaError(404, "user redirect does not exist"))
    }
    return .json(200, giteaUserJSON(account.id))
  }

  func giteaRepository(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, giteaRepositoryJSON(try repository(parameters), caller: caller.account))
  }

  func giteaRepositoryByNumber(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard let found = parameters["id"].flatMap({ Int($0) }).flatMap({ repositories[$0] }),
      access(of: caller.account, on: found) > .none
    else { throw Refusal(giteaError(404, "The target couldn't be found.")) }
    return .json(200, giteaRepositoryJSON(found, caller: caller.account))
  }

  private func branchJSON(_ name: String, _ sha: String, _ repository: Repository, _ caller: Caller) -> JSONValue {
    let isProtected = isProtected(name, in: repository)
    return [
      "name": .string(name), "commit": ["id": .string(sha)], "protected": .bool(isProtected),
      "user_can_push": .bool(!isProtected && access(of: caller.account, on: repository) >= .write),
      "user_can_merge": .bool(access(of: caller.account, on: repository) >= .write),
      "effective_branch_protection_name": .string(isProtected ? name : ""),
    ]
  }

  func giteaBranches(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let all = branches(of: repository).sorted { $0.key < $1.key }
    return giteaPage(all.map { branchJSON($0.key, $0.value, repository, caller) }, call)
  }

  func giteaBranch(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let name = parameters["branch"] ?? ""
    guard let sha = tip(of: name, in: repository) else {
      throw Refusal(giteaError(404, "branch does not exist [name: \(name)]"))
    }
    return .json(200, branchJSON(name, sha, repository, caller))
  }

  func giteaProtections(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(
      200,
      .array(
        try repository(parameters).protected.map {
          ["rule_name": .string($0), "branch_name": .string($0), "enable_push": false]
        }))
  }

  /// Only admins may ask for others: a bot that may write is refused.
  func giteaPermission(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let name = parameters["collaborator"] ?? ""
    if access(of: caller.account, on: repository) < .admin, accounts[caller.account]?.login != name {
      throw Refusal(
        giteaError(
          403,
          "Only admins can query all permissions, repo admins can query all repo permissions, collaborators can query only their own"
        ))
    }
    guard let account = account(named: name) else { throw Refusal(giteaError(404, "user does not exist")) }
    let access = access(of: account.id, on: repository)
    let isOwner = account.login == repository.owner
    return .json(
      200,
      [
        "permission": .string(isOwner ? "owner" : access.rawValue),
        "role_name": .string(isOwner ? "owner" : access.rawValue),
        "user": giteaUserJSON(account.id),
      ])
  }

  func giteaCollaborator(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let account = account(named: parameters["collaborator"] ?? ""),
      (repository.access[account.id] ?? .none) > .none
    else { throw Refusal(giteaError(404, "The target couldn't be found.")) }
    return .empty
  }

  func giteaCommit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let sha = commit(parameters["sha"] ?? "", in: repository) else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    return .json(200, commitJSON(sha, in: repository))
  }

  func giteaRaw(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let path = parameters["filepath"] ?? ""
    guard let sha = commit(call.query["ref"] ?? "HEAD", in: repository) else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    let found = GitRunner.run(["cat-file", "blob", "\(sha):\(path)"], in: repository.directory)
    guard found.status == 0 else { throw Refusal(giteaError(404, "The target couldn't be found.")) }
    return .text(200, found.output)
  }

  // MARK: Statuses

  private static let states: Set<String> = ["pending", "success", "error", "failure", "warning"]

  func giteaStatusJSON(_ status: CommitStatus) -> JSONValue {
    [
      "id": .number(status.id), "status": .string(status.state), "context": .string(status.context),
      "description": .string(status.description), "target_url": .string(status.target),
      "creator": giteaUserJSON(status.author), "created_at": .stamp(status.created),
      "updated_at": .stamp(status.created),
    ]
  }

  mutating func giteaSetStatus(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let sha = parameters["sha"] ?? ""
    guard commit(sha, in: repository) == sha else {
      throw Refusal(giteaError(404, "object does not exist [id: \(sha)]"))
    }
    guard let state = call.json["state"]?.string, Self.states.contains(state) else {
      throw Refusal(giteaError(422, "state is not a state"), breach: "a state that Gitea does not know")
    }
    let status = addStatus(
      state, call.json["context"]?.string ?? "default", call.json["description"]?.string ?? "",
      call.json["target_url"]?.string ?? "", sha, in: repository, by: caller.account)
    return .json(201, giteaStatusJSON(status))
  }

  func giteaStatuses(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let sha = commit(parameters["ref"] ?? parameters["sha"] ?? "", in: repository) else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    return giteaPage(statuses(of: sha, in: repository).map(giteaStatusJSON), call)
  }

  func giteaCombined(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let sha = commit(parameters["ref"] ?? "", in: repository) else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    var seen: Set<String> = []
    let newest = statuses(of: sha, in: repository).filter { seen.insert($0.context).inserted }
    let state = ["error", "failure", "warning", "pending", "success"].first { state in
      newest.contains { $0.state == state }
    }
    return .json(
      200,
      [
        "state": .string(state ?? ""), "sha": .string(sha), "total_count": .number(newest.count),
        "statuses": .array(newest.map(giteaStatusJSON)), "repository": giteaRepositoryJSON(repository),
      ])
  }
}
