internal import JSON

/// Pull requests.
extension World {
  func giteaLabelJSON(_ name: String) -> JSONValue {
    ["id": labelJSON(name)["id"] ?? 1, "name": .string(name), "color": "ededed", "exclusive": false, "description": ""]
  }

  func giteaPullJSON(_ pull: Pull) -> JSONValue {
    guard let repository = repositories[pull.repository] else { return .null }
    let tip = tip(of: pull.base, in: repository)
    let trial = pull.tried
    // There is no third state: what is not known yet is not mergeable.
    let isMergeable = trial?.head == pull.head && trial?.base == tip && trial?.isClean == true && !pull.isDraft
    let place = "\(address)/\(repository.path)/pulls/\(pull.number)"
    return [
      "id": .number(pull.id), "number": .number(pull.number), "url": .string(place), "html_url": .string(place),
      "diff_url": .string(place + ".diff"), "patch_url": .string(place + ".patch"), "user": giteaUserJSON(pull.author),
      "title": .string(pull.isDraft ? "WIP: " + pull.title : pull.title), "body": .string(pull.body),
      "draft": .bool(pull.isDraft), "labels": .array(pull.labels.map(giteaLabelJSON)),
      "state": pull.isOpen ? "open" : "closed", "is_locked": false, "mergeable": .bool(isMergeable),
      "merged": .bool(pull.isMerged), "merged_at": pull.isMerged ? .stamp(pull.updated) : .null,
      "merge_commit_sha": .null, "merged_by": .null, "allow_maintainer_edit": .bool(pull.allowsMaintainers),
      "comments": .number(comments(of: pull.repository, pull.number).count { $0.anchor == nil }),
      "base": giteaSideJSON(repository, pull.base, tip ?? ""), "merge_base": .maybe(mergeBase(of: pull)),
      "head": giteaSideJSON(repositories[pull.headRepository], pull.branch, pull.head),
      "created_at": .stamp(pull.created), "updated_at": .stamp(pull.updated),
      "closed_at": pull.isOpen ? .null : .stamp(pull.updated), "due_date": .null, "assignee": .null, "assignees": .null,
    ]
  }

  private func giteaSideJSON(_ repository: Repository?, _ branch: String, _ sha: String) -> JSONValue {
    [
      "label": .string(branch), "ref": .string(branch), "sha": .string(sha), "repo_id": .number(repository?.id ?? -1),
      "repo": repository.map { giteaRepositoryJSON($0) } ?? .null,
    ]
  }

  mutating func giteaListPulls(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    refresh(repository)
    let state = call.query["state"] ?? "open"
    guard ["open", "closed", "all"].contains(state) else {
      throw Refusal(giteaError(422, "state"), breach: "a state that Gitea does not know")
    }
    var found = Array(pulls(of: repository.id).filter { state == "all" || $0.isOpen == (state == "open") }.reversed())
    if options.gitea == .new, let base = call.query["base_branch"] { found = found.filter { $0.base == base } }
    return giteaPage(found.map(giteaPullJSON), call)
  }

  mutating func giteaGetPull(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let parts = (parameters["index"] ?? "").split(separator: ".")
    if parts.count == 2, let number = parts.first {
      let (_, pull) = try giteaPull(parameters.merging(["index": String(number)]) { _, new in new })
      guard ["diff", "patch"].contains(parts[1]) else { throw Refusal(giteaError(404, "Not Found")) }
      return .text(200, differenceText(of: pull))
    }
    let (_, pull) = try giteaPull(parameters)
    let json = giteaPullJSON(pull)
    let known = pull.isOpen ? isMergeable(pull) : nil
    return .json(200, known == nil ? json : giteaPullJSON(pulls[pull.id] ?? pull))
  }

  mutating func giteaOpen(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let branch = call.json["head"]?.string ?? ""
    let base = call.json["base"]?.string ?? ""
    guard let tip = tip(of: branch, in: repository), self.tip(of: base, in: repository) != nil else {
      throw Refusal(giteaError(404, "The target couldn't be found."))
    }
    if pulls(of: repository.id).contains(where: { $0.isOpen && $0.branch == branch && $0.base == base }) {
      throw Refusal(giteaError(409, "pull request already exists for these targets"))
    }
    let pull = makePull(
      in: repository, from: repository, branch: branch, base: base, tip: tip, author: caller.account,
      title: call.json["title"]?.string ?? "", body: call.json["body"]?.string ?? "", isDraft: false)
    return .json(201, giteaPullJSON(pull))
  }

  mutating func giteaEditPull(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    var (_, pull) = try giteaPull(parameters)
    if let title = call.json["title"]?.string { pull.title = title }
    if let body = call.json["body"]?.string { pull.body = body }
    if let state = call.json["state"]?.string { pull.isOpen = state == "open" }
    pull.updated = now
    pulls[pull.id] = pull
    wrote("pull request")
    return .json(201, giteaPullJSON(pull))
  }

  /// The files without their patches, which Gitea does not give.
  mutating func giteaFiles(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try giteaPull(parameters)
    let files: [JSONValue] = difference(of: pull).files.map { file in
      [
        "filename": .string(file.newPath),
        "previous_filename": .string(file.oldPath == file.newPath ? "" : file.oldPath),
        "status": .string(file.status == "modified" ? "changed" : file.status == "removed" ? "deleted" : file.status),
        "additions": .number(file.additions), "deletions": .number(file.deletions),
        "changes": .number(file.additions + file.deletions),
      ]
    }
    return giteaPage(files, call)
  }

  mutating func giteaCommits(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try giteaPull(parameters)
    return giteaPage(commits(of: pull).reversed().map { commitJSON($0, in: repository) }, call)
  }

  mutating func giteaPullOfCommit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    refresh(repository)
    guard
      let found = pulls(of: repository.id).first(where: {
        $0.isMerged && commits(of: $0).contains(parameters["sha"] ?? "")
      })
    else { throw Refusal(giteaError(404, "The target couldn't be found.")) }
    return .json(200, giteaPullJSON(found))
  }

  mutating func giteaLabels(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, .array(try giteaPull(parameters).1.labels.map(giteaLabelJSON)))
  }
}
