internal import JSON

/// Apps, their tokens, and people.
extension World {
  private static let permissionNames: Set<String> = [
    "actions", "administration", "checks", "contents", "issues", "metadata", "pull_requests", "statuses", "workflows",
  ]

  func gitHubApp(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard case .app(let id) = caller, let app = apps[id] else { throw Refusal(404, "Not Found") }
    return .json(200, appJSON(app))
  }

  private func installation(_ caller: Caller, _ parameters: Parameters) throws -> Installation {
    guard case .app(let app) = caller, let id = parameters["installation_id"].flatMap({ Int($0) }),
      let found = installations[id], found.app == app
    else { throw Refusal(404, "Not Found") }
    return found
  }

  func listInstallations(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard case .app(let app) = caller else { throw Refusal(404, "Not Found") }
    let mine = installations.values.filter { $0.app == app }.sorted { $0.id < $1.id }
    return page(mine.map(installationJSON), call)
  }

  func getInstallation(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, installationJSON(try installation(caller, parameters)))
  }

  func repositoryInstallation(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard case .app(let app) = caller,
      let found = installations.values.first(where: { $0.app == app && $0.repositories.contains(repository.id) })
    else { throw Refusal(404, "Not Found") }
    return .json(200, installationJSON(found))
  }

  /// Makes a token, for all that the installation has or for less.
  mutating func makeToken(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let installation = try installation(caller, parameters)
    if installation.isSuspended { throw Refusal(403, "This installation has been suspended") }
    guard let app = apps[installation.app] else { throw Refusal(404, "Not Found") }
    var covered = installation.repositories
    let unknown =
      "There is at least one repository that does not exist or is not accessible to the parent installation."
    if let numbers = call.json["repository_ids"]?.array {
      covered = Set(numbers.compactMap(\.integer))
    } else if let names = call.json["repositories"]?.array {
      let found = names.compactMap(\.string).map { repository(at: "\(installation.owner)/\($0)")?.id ?? -1 }
      covered = Set(found)
    }
    guard !covered.isEmpty, covered.isSubset(of: installation.repositories) else { throw Refusal(422, unknown) }
    var permissions = app.permissions
    if let asked = call.json["permissions"]?.object {
      permissions = asked.compactMapValues(\.string)
      for (name, level) in permissions {
        guard Self.permissionNames.contains(name), let wanted = Need.Level(rawValue: level),
          let held = app.permissions[name].flatMap(Need.Level.init), wanted <= held
        else { throw Refusal(422, "The permissions requested are not granted to this installation.") }
      }
    }
    let value = "ghs_" + String(nextID()) + "Forge" + String(call.number)
    let expires = now + 3600
    tokens[value] = Token(
      value: value, kind: .installation(installation.id, repositories: covered, permissions: permissions),
      expires: expires)
    wrote("token")
    return .json(
      201,
      [
        "token": .string(value), "expires_at": .stamp(expires),
        "permissions": .object(permissions.mapValues { .string($0) }),
        "repository_selection": covered == installation.repositories ? "all" : "selected",
        "repositories": .array(covered.sorted().compactMap { repositories[$0] }.map { repositoryJSON($0) }),
      ])
  }

  mutating func revokeToken(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let value = call.headers["authorization"]?.split(separator: " ").last.map(String.init) ?? ""
    tokens[value]?.isRevoked = true
    return .empty
  }

  func installationRepositories(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard case .installation(_, let covered, _, _) = caller else { throw Refusal(403, "Forbidden") }
    let found = covered.sorted().compactMap { repositories[$0] }
    return page(found.map { repositoryJSON($0) }, call, key: "repositories")
  }

  func rateLimit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let core: JSONValue = [
      "limit": .number(limits.limit), "used": .number(limits.used), "remaining": .number(limits.limit - limits.used),
      "reset": .number(limits.reset),
    ]
    return .json(200, ["resources": ["core": core, "graphql": core], "rate": core])
  }

  func currentUser(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard case .account(let id, _) = caller else { throw Refusal(403, "Resource not accessible by integration") }
    return .json(200, userJSON(id))
  }

  func userByNumber(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard let id = parameters["account_id"].flatMap({ Int($0) }), accounts[id] != nil else {
      throw Refusal(404, "Not Found")
    }
    return .json(200, userJSON(id))
  }

  func userByName(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard let account = account(named: parameters["username"] ?? "") else { throw Refusal(404, "Not Found") }
    return .json(200, userJSON(account.id))
  }

  func permission(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let account = account(named: parameters["username"] ?? "") else {
      throw Refusal(404, "\(parameters["username"] ?? "") is not a user")
    }
    let access = access(of: account.id, on: repository)
    return .json(
      200,
      ["permission": .string(access.rawValue), "role_name": .string(access.rawValue), "user": userJSON(account.id)])
  }
}
