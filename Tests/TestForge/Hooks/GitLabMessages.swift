internal import JSON

extension World {
  func gitLabMessage(_ happening: Happening, by author: Int) -> Message? {
    switch happening {
    case .opened(let pull): return requestMessage("open", pull, author)
    case .synchronized(let pull, let before, _):
      return requestMessage("update", pull, author, ["oldrev": .string(before)])
    case .closed(let pull): return requestMessage(pull.isMerged ? "merge" : "close", pull, author)
    case .reopened(let pull): return requestMessage("reopen", pull, author)
    case .ready(let pull): return requestMessage("update", pull, author, changes: draftChange(pull, to: false))
    case .drafted(let pull): return requestMessage("update", pull, author, changes: draftChange(pull, to: true))
    case .labelled(let pull, let label):
      return requestMessage(
        "update", pull, author, changes: labelChange(pull, before: pull.labels.filter { $0 != label }))
    case .unlabelled(let pull, let label):
      return requestMessage("update", pull, author, changes: labelChange(pull, before: pull.labels + [label]))
    case .retargeted(let pull, let old):
      let change: JSONValue = ["target_branch": ["previous": .string(old), "current": .string(pull.base)]]
      return requestMessage("update", pull, author, changes: change)
    case .commented(let comment), .lineCommented(let comment): return noteMessage(comment, author)
    case .status(let status): return pipelineMessage(status, author)
    case .pushed(let project, let ref, let before, let after):
      return Message(
        "Push Hook",
        [
          "object_kind": "push", "event_name": "push", "before": .string(before), "after": .string(after),
          "ref": .string(ref), "checkout_sha": .string(after), "user_id": .number(author),
          "user_username": .string(accounts[author]?.login ?? ""), "project_id": .number(project.id),
          "project": gitLabHookProject(project), "commits": [], "total_commits_count": 0,
        ])
    case .reviewed, .threadResolved, .threadUnresolved, .check: return nil
    }
  }

  private func draftChange(_ pull: Pull, to isDraft: Bool) -> JSONValue {
    ["draft": ["previous": .bool(!isDraft), "current": .bool(isDraft)]]
  }

  private func labelChange(_ pull: Pull, before: [String]) -> JSONValue {
    ["labels": ["previous": .array(before.map(gitLabLabel)), "current": .array(pull.labels.map(gitLabLabel))]]
  }

  private func gitLabLabel(_ name: String) -> JSONValue {
    ["id": labelJSON(name)["id"] ?? 1, "title": .string(name), "type": "ProjectLabel"]
  }

  func gitLabHookProject(_ project: Repository) -> JSONValue {
    [
      "id": .number(project.id), "name": .string(project.name), "path_with_namespace": .string(project.path),
      "default_branch": .string(project.defaultBranch), "web_url": .string("\(address)/\(project.path)"),
      "git_http_url": .string("\(gitAddress)/\(project.path).git"), "namespace": .string(project.owner),
      "visibility_level": project.isPrivate ? 0 : 20,
    ]
  }

  private func hookUser(_ id: Int) -> JSONValue {
    [
      "id": .number(id), "username": .string(accounts[id]?.login ?? ""), "name": .string(accounts[id]?.login ?? ""),
      "email": "[REDACTED]", "avatar_url": .null,
    ]
  }

  private func attributes(_ pull: Pull) -> JSONValue {
    guard let project = repositories[pull.repository] else { return .null }
    return [
      "id": .number(pull.id), "iid": .number(pull.number),
      "title": .string(pull.isDraft ? "Draft: " + pull.title : pull.title),
      "description": .string(pull.body), "state": pull.isMerged ? "merged" : pull.isOpen ? "opened" : "closed",
      "source_branch": .string(pull.branch), "target_branch": .string(pull.base),
      "source_project_id": .number(pull.headRepository), "target_project_id": .number(pull.repository),
      "author_id": .number(pull.author), "draft": .bool(pull.isDraft), "work_in_progress": .bool(pull.isDraft),
      "merge_status": "unchecked", "detailed_merge_status": "unchecked", "labels": .array(pull.labels.map(gitLabLabel)),
      "last_commit": ["id": .string(pull.head)],
      "url": .string("\(address)/\(project.path)/-/merge_requests/\(pull.number)"),
      "source": repositories[pull.headRepository].map(gitLabHookProject) ?? .null,
      "target": gitLabHookProject(project),
    ]
  }

  private func requestMessage(
    _ action: String, _ pull: Pull, _ author: Int, _ more: JSONValue = [:], changes: JSONValue = [:]
  ) -> Message? {
    guard let project = repositories[pull.repository] else { return nil }
    return Message(
      "Merge Request Hook",
      [
        "object_kind": "merge_request", "event_type": "merge_request", "user": hookUser(author),
        "project": gitLabHookProject(project), "labels": .array(pull.labels.map(gitLabLabel)), "changes": changes,
        "object_attributes": attributes(pull).adding(more).adding(["action": .string(action)]),
      ])
  }

  private func noteMessage(_ comment: Comment, _ author: Int) -> Message? {
    guard let project = repositories[comment.repository], let pull = pull(comment.repository, comment.number) else {
      return nil
    }
    let thread = comment.thread.flatMap { threads[$0] }
    return Message(
      "Note Hook",
      [
        "object_kind": "note", "event_type": "note", "user": hookUser(author), "project_id": .number(project.id),
        "project": gitLabHookProject(project), "merge_request": attributes(pull),
        "object_attributes": [
          "id": .number(comment.id), "note": .string(comment.body), "noteable_type": "MergeRequest",
          "noteable_id": .number(pull.id), "author_id": .number(comment.author), "project_id": .number(project.id),
          "discussion_id": .maybe(thread?.name), "action": "create", "system": false,
          "type": comment.anchor != nil ? "DiffNote" : thread?.isResolvable == true ? "DiscussionNote" : .null,
          "position": comment.anchor.map { positionJSON($0, of: pull) } ?? .null,
          "url": .string("\(address)/\(project.path)/-/merge_requests/\(pull.number)#note_\(comment.id)"),
        ],
      ])
  }

  /// A status that is final ends a pipeline.
  private func pipelineMessage(_ status: CommitStatus, _ author: Int) -> Message? {
    guard ["success", "failed", "canceled"].contains(status.state), let project = repositories[status.repository] else {
      return nil
    }
    let pull = pulls(of: project.id).first { $0.isOpen && $0.head == status.sha }
    return Message(
      "Pipeline Hook",
      [
        "object_kind": "pipeline", "user": hookUser(author), "project": gitLabHookProject(project),
        "commit": ["id": .string(status.sha)], "merge_request": pull.map { attributes($0) } ?? .null,
        "object_attributes": [
          "id": .number(status.id), "status": .string(status.state), "sha": .string(status.sha),
          "ref": .maybe(status.ref ?? pull?.branch), "source": "external",
        ],
        "builds": [["id": .number(status.id), "name": .string(status.context), "status": .string(status.state)]],
      ])
  }
}
