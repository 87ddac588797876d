internal import JSON

/// Merge requests.
extension World {
  func gitLabRequestJSON(_ pull: Pull) -> JSONValue {
    guard let project = repositories[pull.repository] else { return .null }
    let trial = pull.tried
    let tip = tip(of: pull.base, in: project)
    let isKnown = trial?.head == pull.head && trial?.base == tip
    let conflicts = isKnown && trial?.isClean == false
    let detailed =
      !pull.isOpen
      ? "not_open" : pull.isDraft ? "draft_status" : !isKnown ? "unchecked" : conflicts ? "conflict" : "mergeable"
    return [
      "id": .number(pull.id), "iid": .number(pull.number), "project_id": .number(project.id),
      "title": .string(pull.isDraft ? "Draft: " + pull.title : pull.title), "description": .string(pull.body),
      "state": pull.isMerged ? "merged" : pull.isOpen ? "opened" : "closed", "draft": .bool(pull.isDraft),
      "work_in_progress": .bool(pull.isDraft), "labels": .array(pull.labels.map { .string($0) }),
      "author": gitLabUserJSON(pull.author), "source_branch": .string(pull.branch),
      "target_branch": .string(pull.base), "source_project_id": .number(pull.headRepository),
      "target_project_id": .number(project.id), "sha": .string(pull.head),
      "merge_status": !isKnown ? "unchecked" : conflicts ? "cannot_be_merged" : "can_be_merged",
      "detailed_merge_status": .string(detailed), "has_conflicts": .bool(conflicts),
      "created_at": .stamp(pull.created), "updated_at": .stamp(pull.updated),
      "allow_collaboration": .bool(pull.allowsMaintainers),
      "web_url": .string("\(address)/\(project.path)/-/merge_requests/\(pull.number)"),
      "references": ["full": .string("\(project.path)!\(pull.number)")], "assignees": [], "reviewers": [],
    ]
  }

  /// The three commits that places in the difference are told with.
  func gitLabRefs(_ pull: Pull) -> JSONValue {
    guard let project = repositories[pull.repository], let base = mergeBase(of: pull) else { return .null }
    return [
      "base_sha": .string(base), "start_sha": .string(tip(of: pull.base, in: project) ?? base),
      "head_sha": .string(pull.head),
    ]
  }

  mutating func gitLabRequests(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    refresh(project)
    var found = pulls(of: project.id)
    switch call.query["state"] ?? "all" {
    case "all": break
    case "opened": found = found.filter(\.isOpen)
    case "closed": found = found.filter { !$0.isOpen && !$0.isMerged }
    case "merged": found = found.filter(\.isMerged)
    default:
      throw Refusal(
        .json(400, ["error": "state does not have a valid value"]), breach: "a state that GitLab does not know")
    }
    if let base = call.query["target_branch"] { found = found.filter { $0.base == base } }
    if let branch = call.query["source_branch"] { found = found.filter { $0.branch == branch } }
    if call.query["sort"] != "asc" { found.reverse() }
    return gitLabPage(found.map(gitLabRequestJSON), call)
  }

  mutating func gitLabRequest(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (project, pull) = try mergeRequest(parameters)
    // What is told is how it stood before: asking starts the trial.
    let json = gitLabRequestJSON(pull)
    let known = pull.isOpen ? isMergeable(pull) : nil
    let files = difference(of: pull).files.count
    let more: JSONValue = [
      "diff_refs": gitLabRefs(pull), "changes_count": .string(String(files)), "merge_error": .null,
      "user": ["can_merge": .bool(access(of: caller.account, on: project) >= .write)],
    ]
    if known != nil, let fresh = pulls[pull.id] { return .json(200, gitLabRequestJSON(fresh).adding(more)) }
    return .json(200, json.adding(more))
  }

  mutating func gitLabOpen(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let source = try project(parameters)
    let project = call.json["target_project_id"]?.integer.flatMap { repositories[$0] } ?? source
    let branch = call.json["source_branch"]?.string ?? ""
    let base = call.json["target_branch"]?.string ?? ""
    guard let tip = tip(of: branch, in: source), self.tip(of: base, in: project) != nil else {
      throw Refusal(.json(422, ["message": [.string("Source branch \"\(branch)\" does not exist")]]))
    }
    if pulls(of: project.id).contains(where: {
      $0.isOpen && $0.branch == branch && $0.headRepository == source.id && $0.base == base
    }) {
      throw Refusal(.json(409, ["message": ["Another open merge request already exists for this source branch"]]))
    }
    let pull = makePull(
      in: project, from: source, branch: branch, base: base, tip: tip, author: caller.account,
      title: call.json["title"]?.string ?? "", body: call.json["description"]?.string ?? "", isDraft: false)
    return .json(201, gitLabRequestJSON(pull).adding(["diff_refs": gitLabRefs(pull)]))
  }

  mutating func gitLabEdit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    var (_, pull) = try mergeRequest(parameters)
    if let title = call.json["title"]?.string { pull.title = title }
    if let text = call.json["description"]?.string { pull.body = text }
    if let event = call.json["state_event"]?.string { pull.isOpen = event == "reopen" }
    pull.updated = now
    pulls[pull.id] = pull
    wrote("pull request")
    return .json(200, gitLabRequestJSON(pull).adding(["diff_refs": gitLabRefs(pull)]))
  }

  mutating func gitLabDiffs(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    let files: [JSONValue] = difference(of: pull).files.map { file in
      let isLarge = file.patch.utf8.count > 200_000
      return [
        "old_path": .string(file.oldPath), "new_path": .string(file.newPath),
        "diff": .string(isLarge ? "" : file.patch),
        "new_file": .bool(file.status == "added"), "deleted_file": .bool(file.status == "removed"),
        "renamed_file": .bool(file.status == "renamed"), "a_mode": "100644", "b_mode": "100644",
        "too_large": .bool(isLarge), "collapsed": false, "generated_file": false,
      ]
    }
    return gitLabPage(files, call)
  }

  mutating func gitLabRawDiff(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .text(200, differenceText(of: try mergeRequest(parameters).1))
  }

  mutating func gitLabVersions(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    let refs = gitLabRefs(pull)
    return gitLabPage(
      [
        [
          "id": .number(pull.id), "head_commit_sha": .string(pull.head), "base_commit_sha": refs["base_sha"] ?? .null,
          "start_commit_sha": refs["start_sha"] ?? .null, "created_at": .stamp(pull.updated), "state": "collected",
          "merge_request_id": .number(pull.id), "real_size": "1",
        ]
      ], call)
  }

  mutating func gitLabCommits(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (project, pull) = try mergeRequest(parameters)
    return gitLabPage(commits(of: pull).reversed().map { gitLabCommitJSON($0, in: project) }, call)
  }

  mutating func gitLabRequestsOfCommit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let project = try project(parameters)
    refresh(project)
    let found = pulls(of: project.id).filter { commits(of: $0).contains(parameters["sha"] ?? "") }
    return gitLabPage(found.map(gitLabRequestJSON), call)
  }

  mutating func gitLabApprove(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    if let sha = call.json["sha"]?.string, sha != pull.head {
      throw Refusal(409, "SHA does not match HEAD of source branch: \(pull.head)")
    }
    if pull.author == caller.account { throw Refusal(401, "401 Unauthorized") }
    _ = addReview("", state: "APPROVED", to: pull, commit: pull.head, by: caller.account)
    return .json(201, gitLabRequestJSON(pull))
  }
}
