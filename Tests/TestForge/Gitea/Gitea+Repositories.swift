internal import JSON

/// Making and removing repositories, and committing to them, as a person does who has no git at hand.
extension World {
  private static let repository = "/repos/{owner}/{repo}"

  static let giteaMaking: [Route] = [
    Route("POST", "/user/repos", .permission("user", .write, people: .read)) { try $0.giteaMakeRepository($1, $2, $3) },
    Route("DELETE", repository, .write("repository", people: .admin)) { try $0.giteaRemoveRepository($1, $2, $3) },
    Route("POST", repository + "/contents/{filepath}", .write("repository", people: .write)) {
      try $0.giteaWriteFile($1, $2, $3, isNew: true)
    },
    Route("PUT", repository + "/contents/{filepath}", .write("repository", people: .write)) {
      try $0.giteaWriteFile($1, $2, $3, isNew: false)
    },
    Route("PUT", repository + "/collaborators/{collaborator}", .write("repository", people: .admin)) {
      try $0.giteaAddCollaborator($1, $2, $3)
    },
    Route("POST", repository + "/hooks", .write("repository", people: .admin)) { try $0.giteaAddHook($1, $2, $3) },
  ]

  private mutating func giteaMakeRepository(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    guard let owner = accounts[caller.account]?.login, let name = call.json["name"]?.string, !name.isEmpty,
      !name.contains("/"), !name.hasPrefix(".")
    else { throw Refusal(giteaError(422, "[Name]: Required")) }
    let path = "\(owner)/\(name)"
    guard repository(at: path) == nil else {
      throw Refusal(giteaError(409, "The repository with the same name already exists."))
    }
    let branch = call.json["default_branch"]?.string ?? "main"
    let directory = "\(self.directory)/\(path).git"
    guard GitRunner.program(["git", "init", "--quiet", "--bare", "-b", branch, directory]).status == 0 else {
      throw ForgeFailure("git could not make \(directory)")
    }
    let made = Repository(
      id: nextID(), path: path, directory: directory, defaultBranch: branch, protected: [],
      isPrivate: call.json["private"]?.flag ?? false)
    repositories[made.id] = made
    if hasGitFront { try GitFrontend.writeHooks(made, self) }
    if call.json["auto_init"]?.flag == true {
      let readme = Base64.encoded(Array("# \(name)\n".utf8))
      let commit = try commit(file: "README.md", readme, "Initial commit", on: nil, in: made)
      _ = GitRunner.run(["update-ref", "refs/heads/\(branch)", commit], in: directory)
    }
    wrote("repository")
    return .json(201, giteaRepositoryJSON(made, caller: caller.account))
  }

  private mutating func giteaRemoveRepository(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply
  {
    let gone = try repository(parameters)
    repositories[gone.id] = nil
    for pull in pulls(of: gone.id) { pulls[pull.id] = nil }
    _ = GitRunner.program(["rm", "-rf", gone.directory])
    wrote("repository")
    return .empty
  }

  private mutating func giteaAddCollaborator(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let account = account(named: parameters["collaborator"] ?? "") else {
      throw Refusal(giteaError(422, "user does not exist"))
    }
    guard let access = Access(rawValue: call.json["permission"]?.string ?? "write"), access > .none else {
      throw Refusal(giteaError(422, "[Permission]: In"), breach: "a permission that Gitea does not know")
    }
    repositories[repository.id]?.access[account.id] = access
    wrote("collaborator")
    return .empty
  }

  private mutating func giteaAddHook(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    _ = try repository(parameters)
    let settings = call.json["config"]
    guard let address = settings?["url"]?.string, settings?["content_type"]?.string == "json" else {
      throw Refusal(giteaError(422, "Missing config option: url"))
    }
    let isActive = call.json["active"]?.flag ?? false
    let events = call.json["events"]?.array?.compactMap(\.string) ?? ["push"]
    let hook = Hook(
      id: nextID(), address: address, secret: settings?["secret"]?.string ?? "", signingKey: nil, events: Set(events))
    if isActive { hooks[hook.id] = hook }
    wrote("hook")
    return .json(
      201,
      [
        "id": .number(hook.id), "type": .string(call.json["type"]?.string ?? ""), "active": .bool(isActive),
        "events": .array(events.map(JSONValue.string)), "config": ["url": .string(address), "content_type": "json"],
      ])
  }

  // MARK: Files

  private mutating func giteaWriteFile(
    _ call: Call, _ caller: Caller, _ parameters: Parameters, isNew: Bool
  ) throws -> Reply {
    let repository = try repository(parameters)
    let path = parameters["filepath"] ?? ""
    let branch = call.json["branch"]?.string ?? repository.defaultBranch
    let target = call.json["new_branch"]?.string ?? branch
    guard let content = call.json["content"]?.string, Base64.decoded(Substring(content)) != nil else {
      throw Refusal(giteaError(422, "[Content]: Required"))
    }
    guard let tip = tip(of: branch, in: repository) else {
      throw Refusal(giteaError(404, "branch does not exist [name: \(branch)]"))
    }
    if isProtected(target, in: repository) {
      throw Refusal(giteaError(403, "branch \(target) is protected"))
    }
    if target != branch, self.tip(of: target, in: repository) != nil {
      throw Refusal(giteaError(409, "branch already exists [name: \(target)]"))
    }
    let known = GitRunner.run(["rev-parse", "--verify", "--quiet", "\(tip):\(path)"], in: repository.directory)
    if isNew, known.status == 0 {
      throw Refusal(giteaError(422, "repository file already exists [path: \(path)]"))
    }
    if !isNew, known.status != 0 || call.json["sha"]?.string != known.text {
      throw Refusal(giteaError(409, "sha does not match [given: \(call.json["sha"]?.string ?? "")]"))
    }
    let message = call.json["message"]?.string ?? "\(isNew ? "Add" : "Update") \(path)\n"
    let commit = try commit(file: path, content, message, on: tip, in: repository)
    _ = GitRunner.run(["update-ref", "refs/heads/\(target)", commit], in: repository.directory)
    let before = target == branch ? tip : String(repeating: "0", count: 40)
    branchMoved(target, in: repository, from: before, by: caller.account)
    wrote("file")
    let blob = GitRunner.run(["rev-parse", "\(commit):\(path)"], in: repository.directory).text
    return .json(
      isNew ? 201 : 200,
      ["content": ["path": .string(path), "sha": .string(blob)], "commit": ["sha": .string(commit)]])
  }

  /// A commit that changes one file, whose content is in Base64.
  private func commit(
    file path: String, _ content: String, _ message: String, on parent: String?, in repository: Repository
  ) throws -> String {
    let script = """
      set -e
      cd "$1"
      blob=$(printf %s "$5" | base64 -d | git hash-object -w --stdin)
      GIT_INDEX_FILE=$(mktemp -u)
      export GIT_INDEX_FILE
      if [ -n "$2" ]; then git read-tree "$2"; fi
      git update-index --add --cacheinfo "100644,$blob,$3"
      tree=$(git write-tree)
      rm -f "$GIT_INDEX_FILE"
      git commit-tree "$tree" ${2:+-p "$2"} -m "$4"
      """
    let made = GitRunner.program([
      "sh", "-c", script, "sh", repository.directory, parent ?? "", path, message, content,
    ])
    guard made.status == 0, made.text.utf8.count == 40 else { throw ForgeFailure("git could not commit \(path)") }
    return made.text
  }
}
