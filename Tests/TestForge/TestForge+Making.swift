internal import Glibc

/// What a test sets up.
extension TestForge {
  /// Adds an account.
  package func addAccount(_ login: String, isBot: Bool = false) async throws -> Account {
    try await withWorld { $0.makeAccount(login, isBot: isBot, app: nil) }
  }

  /// Adds a repository, and the bare one of git where it is not there yet.
  ///
  /// `path`: `OWNER/NAME`; on GitLab with all groups. The bare repository is `OWNER/NAME.git` in the directory.
  /// `fork`: The path of the repository that it is a fork of.
  package func addRepository(
    _ path: String, defaultBranch: String = "main", protected: [String] = [], isPrivate: Bool = true,
    forkOf parent: String? = nil
  ) async throws -> Repository {
    try await withWorld { world in
      let directory = world.directory + "/" + path + ".git"
      let origin = try parent.map { try world.known($0) }
      if access(directory + "/HEAD", F_OK) != 0 {
        let made =
          if let origin {
            GitRunner.program(["git", "clone", "--quiet", "--bare", origin.directory, directory])
          } else {
            GitRunner.program(["git", "init", "--quiet", "--bare", "-b", defaultBranch, directory])
          }
        guard made.status == 0 else { throw ForgeFailure("git could not make \(directory)") }
      }
      let repository = Repository(
        id: world.nextID(), path: path, directory: directory, defaultBranch: defaultBranch, protected: protected,
        isPrivate: isPrivate, parent: origin?.id)
      world.repositories[repository.id] = repository
      if world.hasGitFront { try GitFrontend.writeHooks(repository, world) }
      return repository
    }
  }

  /// Says what an account may do.
  package func grant(_ access: Access, to login: String, on path: String) async throws {
    try await withWorld { world in
      let repository = try world.known(path)
      let account = try world.knownAccount(login)
      world.repositories[repository.id]?.access[account.id] = access
    }
  }

  /// Protects a branch, or branches by a pattern.
  package func protect(_ pattern: String, in path: String) async throws {
    try await withWorld { world in
      let repository = try world.known(path)
      world.repositories[repository.id]?.protected.append(pattern)
      if world.hasGitFront { try GitFrontend.writeHooks(try world.known(path), world) }
    }
  }

  /// Puts a rule of a ruleset over branches; on GitHub alone.
  package func rule(_ type: String, over pattern: String, in path: String) async throws {
    try await withWorld { world in
      let repository = try world.known(path)
      world.repositories[repository.id]?.rules.append(BranchRule(type: type, pattern: pattern))
      if world.hasGitFront { try GitFrontend.writeHooks(try world.known(path), world) }
    }
  }

  /// Gives a repository another name; its number stays.
  package func rename(_ path: String, to new: String) async throws {
    try await withWorld { world in
      let repository = try world.known(path)
      world.repositories[repository.id]?.path = new
    }
  }

  /// Makes a token of an account.
  ///
  /// `scopes`: As the forge names them; nothing is all.
  /// `lasting`: Seconds until it expires; `nil` is for ever.
  package func addToken(for login: String, scopes: Set<String> = [], lasting: Int? = nil) async throws -> String {
    try await withWorld { world in
      let account = try world.knownAccount(login)
      let prefix =
        switch world.kind {
        case .github: "ghp_"
        case .gitlab: "glpat-"
        case .gitea: ""
        }
      let digits = String(world.nextID(), radix: 16)
      let value = prefix + String(repeating: "0", count: max(0, 40 - prefix.count - digits.count)) + digits
      world.tokens[value] = Token(
        value: value, kind: .account(account.id, scopes: scopes), expires: lasting.map { world.now + $0 })
      return value
    }
  }

  /// Makes a token invalid.
  package func revoke(_ token: String) async throws {
    try await withWorld { $0.tokens[token]?.isRevoked = true }
  }

  /// Adds an app with its bot `SLUG[bot]`.
  ///
  /// `permissions`: What its installations may do, as `name: read|write`.
  /// `publicKey`: RSA, as PEM.
  package func addApp(
    _ slug: String, permissions: [String: String], publicKey: String
  ) async throws -> App {
    try await withWorld { world in
      let id = world.nextID()
      let bot = world.makeAccount(slug + "[bot]", isBot: true, app: id)
      let app = App(
        id: id, clientID: "Iv23li\(id)", slug: slug, publicKey: publicKey, bot: bot.id, permissions: permissions)
      world.apps[id] = app
      return app
    }
  }

  /// A fresh pair of RSA keys as PEM, made with `openssl`.
  ///
  /// - Throws: ``ForgeFailure`` where there is no `openssl`.
  package static func makeKeys() throws -> (privateKey: String, publicKey: String) {
    let made = GitRunner.program([
      "sh", "-c",
      "k=$(openssl genrsa 2048 2>/dev/null) && printf '%s\\n' \"$k\" && printf '%s\\n' \"$k\" | openssl pkey -pubout",
    ])
    let end = "-----BEGIN PUBLIC KEY-----"
    guard made.status == 0, let split = made.text.firstRange(of: end) else {
      throw ForgeFailure("openssl made no keys")
    }
    return (String(made.text[..<split.lowerBound]), String(made.text[split.lowerBound...]) + "\n")
  }

  /// Installs an app with the owner of repositories.
  package func install(_ app: App, on paths: [String]) async throws -> Installation {
    try await withWorld { world in
      let repositories = try paths.map { try world.known($0) }
      guard let owner = repositories.first?.owner else { throw ForgeFailure("an installation needs a repository") }
      let installation = Installation(
        id: world.nextID(), app: app.id, owner: owner, repositories: Set(repositories.map(\.id)))
      world.installations[installation.id] = installation
      return installation
    }
  }

  /// Adds a hook.
  ///
  /// `secret`: GitHub's and Gitea's key, GitLab's plain token.
  /// `signingKey`: GitLab's `whsec_…`, for the signed form.
  /// `events`: The events that it is told of, as the forge names them; nothing is all.
  @discardableResult
  package func addHook(
    _ address: String, secret: String, signingKey: String? = nil, events: Set<String> = []
  ) async throws -> Hook {
    try await withWorld { world in
      let hook = Hook(id: world.nextID(), address: address, secret: secret, signingKey: signingKey, events: events)
      world.hooks[hook.id] = hook
      return hook
    }
  }
}

extension TestForge {
  /// Gives all hooks another address.
  package func moveHooks(to address: String) async throws {
    try await withWorld { world in
      for (id, hook) in world.hooks {
        world.hooks[id] = Hook(
          id: id, address: address, secret: hook.secret, signingKey: hook.signingKey, events: hook.events)
      }
    }
  }
}

extension World {
  mutating func makeAccount(_ login: String, isBot: Bool, app: Int?) -> Account {
    let account = Account(id: nextID(), login: login, isBot: isBot, app: app)
    accounts[account.id] = account
    return account
  }

  func known(_ path: String) throws(ForgeFailure) -> Repository {
    guard let repository = repository(at: path) else { throw ForgeFailure("there is no repository \(path)") }
    return repository
  }

  func knownAccount(_ login: String) throws(ForgeFailure) -> Account {
    guard let account = account(named: login) else { throw ForgeFailure("there is no account \(login)") }
    return account
  }

  func knownPull(_ path: String, _ number: Int) throws(ForgeFailure) -> Pull {
    guard let pull = pull(try known(path).id, number) else {
      throw ForgeFailure("there is no pull request \(number) in \(path)")
    }
    return pull
  }
}
