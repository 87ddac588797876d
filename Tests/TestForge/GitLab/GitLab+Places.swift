internal import JSON

/// Users, projects, branches and statuses.
extension World {
  func gitLabUserJSON(_ id: Int) -> JSONValue {
    guard let account = accounts[id] else { return .null }
    return [
      "id": .number(account.id), "username": .string(account.login), "name": .string(account.login), "state": "active",
      "web_url": .string("\(address)/\(account.login)"), "avatar_url": .null, "locked": false,
    ]
  }

  func gitLabCurrentUser(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, gitLabUserJSON(caller.account).adding(["bot": .bool(accounts[caller.account]?.isBot ?? false)]))
  }

  func gitLabUser(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard let account = parameters["user_id"].flatMap({ Int($0) }).flatMap({ accounts[$0] }) else {
      throw Refusal(404, "404 User Not Found")
    }
    return .json(200, gitLabUserJSON(account.id).adding(["bot": .bool(account.isBot)]))
  }

  func gitLabUsers(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let name = call.query["username"]
    let found = accounts.values.filter { name == nil || $0.login == name }.sorted { $0.id < $1.id }
    return gitLabPage(found.map { gitLabUserJSON($0.id) }, call)
  }

  func gitLabToken(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard case .account(let id, let scopes) = caller else { throw Refusal(401, "401 Unauthorized") }
    return .json(
      200,
      [
        "id": 1, "user_id": .number(id), "active": true, "revoked": false,
        "scopes": .array((scopes.isEmpty ? ["api"] : scopes).sorted().map { .string($0) }), "expires_at": .null,
      ])
  }

  func gitLabProjectJSON(_ project: Repository) -> JSONValue {
    [
      "id": .number(project.id), "name": .string(project.name), "path": .string(project.name),
      "path_with_namespace": .string(project.path), "default_branch": .string(project.defaultBranch),
      "visibility": project.isPrivate ? "private" : "public", "archived": false,
      "web_url": .string("\(address)/\(project.path)"),
      "http_url_to_repo": .string("\(gitAddress)/\(project.path).git"),
      "ssh_url_to_repo": .string("git@localhost:\(project.path).git"),
      "namespace": ["full_path": .string(project.owner), "path": .string(project.owner)],
    ]
  }

  func gitLabProject(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    let level = gitLabLevel(of: caller.account, on: project)
    return .json(
      200,
      gitLabProjectJSON(project).adding([
        "permissions": ["project_access": ["access_level": .number(level)], "group_access": .null]
      ]))
  }

  /// GitLab's number for what somebody may do.
  func gitLabLevel(of account: Int, on project: Repository) -> Int {
    switch access(of: account, on: project) {
    case .none: 0
    case .read: 20
    case .write: 30
    case .admin: 40
    }
  }

  private func memberJSON(_ account: Account, _ project: Repository) -> JSONValue {
    gitLabUserJSON(account.id).adding([
      "access_level": .number(gitLabLevel(of: account.id, on: project)), "expires_at": .null,
    ])
  }

  private func isMember(_ account: Account, _ project: Repository) -> Bool {
    (project.access[account.id] ?? .none) > .none || account.login == project.owner
  }

  func gitLabMember(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    guard let account = parameters["user_id"].flatMap({ Int($0) }).flatMap({ accounts[$0] }), isMember(account, project)
    else { throw Refusal(404, "404 Not found") }
    return .json(200, memberJSON(account, project))
  }

  func gitLabMembers(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    let found = accounts.values.filter { isMember($0, project) }.sorted { $0.id < $1.id }
    return gitLabPage(found.map { memberJSON($0, project) }, call)
  }

  func gitLabProtected(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let all: [JSONValue] = try project(parameters).protected.enumerated().map {
      ["id": .number($0.offset + 1), "name": .string($0.element), "push_access_levels": [["access_level": 40]]]
    }
    return gitLabPage(all, call)
  }

  private func branchJSON(_ name: String, _ sha: String, _ project: Repository) -> JSONValue {
    let isProtected = isProtected(name, in: project)
    return [
      "name": .string(name), "commit": ["id": .string(sha)], "protected": .bool(isProtected),
      "default": .bool(name == project.defaultBranch), "can_push": .bool(!isProtected), "developers_can_push": false,
    ]
  }

  func gitLabBranches(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    let all = branches(of: project).sorted { $0.key < $1.key }
    return gitLabPage(all.map { branchJSON($0.key, $0.value, project) }, call)
  }

  func gitLabBranch(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    let name = parameters["branch"] ?? ""
    guard let sha = tip(of: name, in: project) else { throw Refusal(404, "404 Branch Not Found") }
    return .json(200, branchJSON(name, sha, project))
  }

  func gitLabCommitJSON(_ sha: String, in project: Repository) -> JSONValue {
    let parts = commitParts(sha, in: project)
    guard parts.count >= 9 else { return .null }
    return [
      "id": .string(sha), "short_id": .string(String(sha.prefix(8))), "message": .string(parts[8]),
      "title": .string(parts[8].split(separator: "\n").first.map(String.init) ?? ""),
      "author_name": .string(parts[0]), "author_email": .string(parts[1]), "created_at": .stamp(Int(parts[5])),
      "parent_ids": .array(parts[7].split(separator: " ").map { .string(String($0)) }),
    ]
  }

  func gitLabCommit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    guard let sha = commit(parameters["sha"] ?? "", in: project) else { throw Refusal(404, "404 Commit Not Found") }
    return .json(200, gitLabCommitJSON(sha, in: project))
  }

  func gitLabFile(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    guard let sha = commit(call.query["ref"] ?? "HEAD", in: project) else { throw Refusal(404, "404 Commit Not Found") }
    let found = GitRunner.run(["cat-file", "blob", "\(sha):\(parameters["file_path"] ?? "")"], in: project.directory)
    guard found.status == 0 else { throw Refusal(404, "404 File Not Found") }
    return .text(200, found.output)
  }

  // MARK: Statuses

  func gitLabStatusJSON(_ status: CommitStatus) -> JSONValue {
    [
      "id": .number(status.id), "sha": .string(status.sha), "ref": .maybe(status.ref), "status": .string(status.state),
      "name": .string(status.context), "target_url": status.target.isEmpty ? .null : .string(status.target),
      "description": status.description.isEmpty ? .null : .string(status.description),
      "author": gitLabUserJSON(status.author), "created_at": .stamp(status.created), "allow_failure": false,
    ]
  }

  func gitLabStatuses(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    guard let sha = commit(parameters["sha"] ?? "", in: project) else { throw Refusal(404, "404 Commit Not Found") }
    var seen: Set<String> = []
    var found = statuses(of: sha, in: project)
    if let name = call.query["name"] { found = found.filter { $0.context == name } }
    if call.query["all"] != "true" { found = found.filter { seen.insert($0.context).inserted } }
    return gitLabPage(found.map(gitLabStatusJSON), call)
  }

  /// Sets a status; one that waits or runs changes, and not into the state that it has.
  mutating func gitLabSetStatus(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    let sha = parameters["sha"] ?? ""
    guard sha.count == 40, commit(sha, in: project) == sha else { throw Refusal(404, "404 Commit Not Found") }
    let name = call.json["name"]?.string ?? call.json["context"]?.string ?? "default"
    let state = call.json["state"]?.string ?? ""
    let description = call.json["description"]?.string ?? ""
    if description.unicodeScalars.count > 255 {
      throw Refusal(400, "description is too long (maximum is 255 characters)")
    }
    let index = statuses.lastIndex {
      $0.sha == sha && $0.context == name && $0.repository == project.id && $0.author == caller.account
        && ["pending", "running"].contains($0.state)
    }
    if let index {
      let old = statuses[index].state
      let verb = state == "pending" ? "enqueue" : "run"
      if state == "pending" || (state == "running" && old == "running") {
        throw Refusal(
          400,
          "Cannot transition status via :\(verb) from :\(old) (Reason(s): Status cannot transition via \"\(verb)\")")
      }
      statuses.remove(at: index)
    }
    let status = addStatus(
      state, name, description, call.json["target_url"]?.string ?? "", sha, in: project, by: caller.account,
      ref: call.json["ref"]?.string)
    return .json(201, gitLabStatusJSON(status))
  }
}
