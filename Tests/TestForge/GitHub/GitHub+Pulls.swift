internal import JSON

/// Pull requests.
extension World {
  mutating func listPulls(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    refresh(repository)
    let state = call.query["state"] ?? "open"
    guard ["open", "closed", "all"].contains(state) else {
      throw Self.invalid("state is not one of open, closed, all", resource: "PullRequest", field: "state")
    }
    var found = pulls(of: repository.id).filter { state == "all" || $0.isOpen == (state == "open") }
    if let base = call.query["base"] { found = found.filter { $0.base == base } }
    if let head = call.query["head"] {
      found = found.filter { "\(repositories[$0.headRepository]?.owner ?? ""):\($0.branch)" == head }
    }
    let isUpdated = call.query["sort"] == "updated"
    found.sort { isUpdated ? ($0.updated, $0.number) < ($1.updated, $1.number) : $0.number < $1.number }
    if call.query["direction"].map({ $0 != "asc" }) ?? (call.query["sort"] ?? "created" == "created") {
      found.reverse()
    }
    return page(found.map(pullJSON), call, in: repository)
  }

  mutating func getPull(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    let accept = call.headers["accept"] ?? ""
    if accept.contains("diff") || accept.contains("patch") {
      if case .installation(_, _, let permissions, _) = caller, permissions["contents"] == nil {
        throw Refusal(403, "Resource not accessible by integration")
      }
      let text = differenceText(of: pull)
      if Difference(text).files.count > 300 {
        throw Refusal(
          .json(
            406,
            [
              "message":
                "Sorry, the diff exceeded the maximum number of files (300). Consider using 'List pull requests files' API or locally cloning the repository instead.",
              "errors": [["resource": "PullRequest", "field": "diff", "code": "too_large"]],
            ]))
      }
      if text.count > 1 << 20 || text.count(where: { $0 == 10 }) > 20_000 {
        throw Refusal(406, "Sorry, the diff exceeded the maximum number of lines (20000)")
      }
      return .text(200, text, type: "application/vnd.github.diff; charset=utf-8")
    }
    return .json(200, pullJSON(pull).adding(pullDetails(pull)))
  }

  mutating func pullFiles(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    return page(difference(of: pull).files.prefix(3000).map(fileJSON), call, in: repository)
  }

  mutating func pullCommits(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    return page(commits(of: pull).prefix(250).map { commitJSON($0, in: repository) }, call, in: repository)
  }

  mutating func openPull(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let title = try Self.text(call.json, "title", of: "PullRequest", longest: 256)
    let base = call.json["base"]?.string ?? ""
    var head = call.json["head"]?.string ?? ""
    var source = repository
    if let colon = head.firstIndex(of: ":") {
      let owner = String(head[..<colon])
      head = String(head[head.index(after: colon)...])
      if owner != repository.owner {
        guard let fork = repositories.values.first(where: { $0.owner == owner && $0.parent == repository.id }) else {
          throw Self.invalid("head is invalid", resource: "PullRequest", field: "head", code: "invalid")
        }
        source = fork
      }
    }
    guard let tip = tip(of: head, in: source) else {
      throw Self.invalid("head is invalid", resource: "PullRequest", field: "head", code: "invalid")
    }
    guard let baseTip = self.tip(of: base, in: repository) else {
      throw Self.invalid("base is invalid", resource: "PullRequest", field: "base", code: "invalid")
    }
    if tip == baseTip {
      throw Self.invalid("No commits between \(base) and \(head)", resource: "PullRequest", field: "head")
    }
    if pulls(of: repository.id).contains(where: {
      $0.isOpen && $0.branch == head && $0.headRepository == source.id && $0.base == base
    }) {
      throw Self.invalid(
        "A pull request already exists for \(source.owner):\(head).", resource: "PullRequest", field: "head")
    }
    let pull = makePull(
      in: repository, from: source, branch: head, base: base, tip: tip, author: caller.account, title: title,
      body: call.json["body"]?.string ?? "", isDraft: call.json["draft"]?.flag ?? false)
    return .json(201, pullJSON(pull).adding(pullDetails(pull)))
  }

  /// Opens a pull request, whoever asked for it.
  mutating func makePull(
    in repository: Repository, from source: Repository, branch: String, base: String, tip: String, author: Int,
    title: String, body: String, isDraft: Bool, labels: [String] = [], allowsMaintainers: Bool = true
  ) -> Pull {
    let number = (pulls(of: repository.id).last?.number ?? 0) + 1
    let pull = Pull(
      id: nextID(), repository: repository.id, number: number, headRepository: source.id, branch: branch, base: base,
      author: author, title: title, body: body, isDraft: isDraft, labels: labels,
      allowsMaintainers: allowsMaintainers, head: tip, created: now, updated: now)
    pulls[pull.id] = pull
    keep(tip, of: pull, from: source, in: repository)
    wrote("pull request")
    happened(.opened(pull), by: author)
    return pull
  }

  mutating func editPull(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    var (repository, pull) = try pull(parameters)
    if let title = call.json["title"]?.string { pull.title = title }
    if let body = call.json["body"]?.string { pull.body = body }
    if let base = call.json["base"]?.string {
      guard tip(of: base, in: repository) != nil else {
        throw Self.invalid("base is invalid", resource: "PullRequest", field: "base", code: "invalid")
      }
      pull.base = base
    }
    if let state = call.json["state"]?.string { pull.isOpen = state == "open" }
    pull.updated = now
    pulls[pull.id] = pull
    wrote("pull request")
    return .json(200, pullJSON(pull).adding(pullDetails(pull)))
  }

  mutating func getIssue(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    return .json(200, issueJSON(pull, in: repository))
  }

  func issueJSON(_ pull: Pull, in repository: Repository) -> JSONValue {
    [
      "id": .number(pull.id), "number": .number(pull.number), "title": .string(pull.title),
      "user": userJSON(pull.author),
      "state": pull.isOpen ? "open" : "closed", "body": .string(pull.body), "draft": .bool(pull.isDraft),
      "labels": .array(pull.labels.map(labelJSON)),
      "pull_request": ["url": .string("\(address)/repos/\(repository.path)/pulls/\(pull.number)")],
    ]
  }

  mutating func listLabels(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    return page(pull.labels.map(labelJSON), call, in: repository)
  }
}
