internal import JSON

/// How GitHub writes what it holds; the fields that clients read.
extension World {
  func userJSON(_ id: Int) -> JSONValue {
    guard let account = accounts[id] else { return .null }
    return [
      "login": .string(account.login), "id": .number(account.id), "node_id": .string("U_\(account.id)"),
      "type": account.isBot ? "Bot" : "User", "site_admin": false,
      "url": .string("\(address)/users/\(Call.escaped(account.login))"),
      "html_url": .string("\(address)/\(account.login)"), "avatar_url": .string("\(address)/avatars/\(id)"),
    ]
  }

  func ownerJSON(_ repository: Repository) -> JSONValue {
    if let owner = account(named: repository.owner) { return userJSON(owner.id) }
    return [
      "login": .string(repository.owner), "id": .number(repository.id + 500_000), "type": "Organization",
      "node_id": .string("O_\(repository.id)"), "site_admin": false,
    ]
  }

  func repositoryJSON(_ repository: Repository, caller: Int? = nil) -> JSONValue {
    let base: JSONValue = [
      "id": .number(repository.id), "node_id": .string("R_\(repository.id)"), "name": .string(repository.name),
      "full_name": .string(repository.path), "private": .bool(repository.isPrivate), "owner": ownerJSON(repository),
      "html_url": .string("\(address)/\(repository.path)"), "url": .string("\(address)/repos/\(repository.path)"),
      "fork": .bool(repository.parent != nil), "default_branch": .string(repository.defaultBranch),
      "clone_url": .string("\(gitAddress)/\(repository.path).git"), "archived": false, "disabled": false,
      "visibility": repository.isPrivate ? "private" : "public", "has_issues": true, "description": .null,
      "ssh_url": .string("git@localhost:\(repository.path).git"),
    ]
    guard let caller else { return base }
    let access = access(of: caller, on: repository)
    return base.adding([
      "permissions": [
        "admin": .bool(access >= .admin), "push": .bool(access >= .write), "pull": .bool(access >= .read),
        "maintain": .bool(access >= .admin), "triage": .bool(access >= .write),
      ]
    ])
  }

  func labelJSON(_ name: String) -> JSONValue {
    [
      "id": .number(name.utf8.reduce(7) { ($0 * 31 + Int($1)) % 1_000_003 }), "name": .string(name), "color": "ededed",
      "default": false, "description": .null,
    ]
  }

  /// A pull request in a list; ``pullDetails(_:)`` are given to who asks for one alone.
  func pullJSON(_ pull: Pull) -> JSONValue {
    guard let repository = repositories[pull.repository] else { return .null }
    let source = repositories[pull.headRepository]
    let place = "\(address)/repos/\(repository.path)/pulls/\(pull.number)"
    let baseTip = tip(of: pull.base, in: repository) ?? ""
    return [
      "id": .number(pull.id), "node_id": .string("PR_\(pull.id)"), "number": .number(pull.number),
      "state": pull.isOpen ? "open" : "closed", "locked": false, "title": .string(pull.title),
      "body": pull.body.isEmpty ? .null : .string(pull.body), "user": userJSON(pull.author),
      "draft": .bool(pull.isDraft), "labels": .array(pull.labels.map(labelJSON)),
      "created_at": .stamp(pull.created), "updated_at": .stamp(pull.updated),
      "closed_at": pull.isOpen ? .null : .stamp(pull.updated),
      "merged_at": pull.isMerged ? .stamp(pull.updated) : .null,
      "url": .string(place), "html_url": .string("\(address)/\(repository.path)/pull/\(pull.number)"),
      "diff_url": .string("\(address)/\(repository.path)/pull/\(pull.number).diff"),
      "author_association": .string(association(of: pull.author, repository)),
      "head": sideJSON(source, branch: pull.branch, sha: pull.head),
      "base": sideJSON(repository, branch: pull.base, sha: baseTip),
      "merge_commit_sha": .null, "auto_merge": .null, "assignees": [], "requested_reviewers": [],
    ]
  }

  private func sideJSON(_ repository: Repository?, branch: String, sha: String) -> JSONValue {
    let owner = repository?.owner ?? "unknown"
    return [
      "label": .string("\(owner):\(branch)"), "ref": .string(branch), "sha": .string(sha),
      "repo": repository.map { repositoryJSON($0) } ?? .null,
      "user": repository.map { ownerJSON($0) } ?? .null,
    ]
  }

  func association(of account: Int, _ repository: Repository) -> String {
    switch access(of: account, on: repository) {
    case .admin: "OWNER"
    case .write: "COLLABORATOR"
    case .read, .none: "NONE"
    }
  }

  /// What only the call for one pull request tells; asking for `mergeable` starts the trial.
  mutating func pullDetails(_ pull: Pull) -> JSONValue {
    let mergeable = pull.isOpen ? isMergeable(pull) : nil
    let difference = difference(of: pull)
    let state = pull.isDraft ? "draft" : mergeable == nil ? "unknown" : mergeable == true ? "clean" : "dirty"
    return [
      "merged": .bool(pull.isMerged), "mergeable": mergeable.map { .bool($0) } ?? .null, "rebaseable": .null,
      "mergeable_state": .string(state), "merged_by": .null,
      "comments": .number(comments(of: pull.repository, pull.number).count { $0.anchor == nil }),
      "review_comments": .number(comments(of: pull.repository, pull.number).count { $0.anchor != nil }),
      "maintainer_can_modify": .bool(pull.allowsMaintainers), "commits": .number(commits(of: pull).count),
      "additions": .number(difference.files.reduce(0) { $0 + $1.additions }),
      "deletions": .number(difference.files.reduce(0) { $0 + $1.deletions }),
      "changed_files": .number(difference.files.count),
    ]
  }

  func commentJSON(_ comment: Comment) -> JSONValue {
    guard let repository = repositories[comment.repository] else { return .null }
    return [
      "id": .number(comment.id), "node_id": .string("IC_\(comment.id)"), "body": .string(comment.body),
      "user": userJSON(comment.author), "created_at": .stamp(comment.created), "updated_at": .stamp(comment.updated),
      "author_association": .string(association(of: comment.author, repository)),
      "url": .string("\(address)/repos/\(repository.path)/issues/comments/\(comment.id)"),
      "html_url": .string("\(address)/\(repository.path)/pull/\(comment.number)#issuecomment-\(comment.id)"),
      "issue_url": .string("\(address)/repos/\(repository.path)/issues/\(comment.number)"),
      "performed_via_github_app": accounts[comment.author]?.app.flatMap { apps[$0] }.map { appJSON($0) } ?? .null,
    ]
  }

  func lineCommentJSON(_ comment: Comment) -> JSONValue {
    guard let repository = repositories[comment.repository], let anchor = comment.anchor,
      let pull = pull(comment.repository, comment.number)
    else { return .null }
    func now(_ line: Int?, _ side: String?) -> JSONValue {
      guard let line else { return .null }
      if side == "LEFT" { return .number(line) }
      return .maybe(moved(line, of: anchor.path, from: anchor.commit, to: pull.head, in: repository))
    }
    let base: JSONValue = [
      "id": .number(comment.id), "node_id": .string("PRRC_\(comment.id)"), "body": .string(comment.body),
      "user": userJSON(comment.author), "created_at": .stamp(comment.created), "updated_at": .stamp(comment.updated),
      "author_association": .string(association(of: comment.author, repository)),
      "path": .string(anchor.path), "diff_hunk": .string(anchor.hunk), "commit_id": .string(pull.head),
      "original_commit_id": .string(anchor.commit), "side": .maybe(anchor.side), "start_side": .maybe(anchor.startSide),
      "line": now(anchor.line, anchor.side), "original_line": .maybe(anchor.line),
      "start_line": now(anchor.startLine, anchor.startSide), "original_start_line": .maybe(anchor.startLine),
      "subject_type": anchor.side == nil ? "file" : "line", "pull_request_review_id": .maybe(comment.review),
      "position": anchor.side == nil ? 1 : now(anchor.line, anchor.side),
      "original_position": .maybe(anchor.line),
      "url": .string("\(address)/repos/\(repository.path)/pulls/comments/\(comment.id)"),
      "html_url": .string("\(address)/\(repository.path)/pull/\(comment.number)#discussion_r\(comment.id)"),
      "pull_request_url": .string("\(address)/repos/\(repository.path)/pulls/\(comment.number)"),
    ]
    return comment.parent.map { base.adding(["in_reply_to_id": .number($0)]) } ?? base
  }

  func reviewJSON(_ review: Review) -> JSONValue {
    guard let repository = repositories[review.repository] else { return .null }
    let base: JSONValue = [
      "id": .number(review.id), "node_id": .string("PRR_\(review.id)"), "user": userJSON(review.author),
      "body": .string(review.body), "state": .string(review.state), "commit_id": .string(review.commit),
      "author_association": .string(association(of: review.author, repository)),
      "html_url": .string("\(address)/\(repository.path)/pull/\(review.number)#pullrequestreview-\(review.id)"),
      "pull_request_url": .string("\(address)/repos/\(repository.path)/pulls/\(review.number)"),
    ]
    return review.submitted.map { base.adding(["submitted_at": .stamp($0)]) } ?? base
  }

  func appJSON(_ app: App) -> JSONValue {
    [
      "id": .number(app.id), "client_id": .string(app.clientID), "slug": .string(app.slug), "name": .string(app.slug),
      "node_id": .string("A_\(app.id)"), "owner": .null, "html_url": .string("\(address)/apps/\(app.slug)"),
      "permissions": .object(app.permissions.mapValues { .string($0) }), "events": [],
    ]
  }

  func installationJSON(_ installation: Installation) -> JSONValue {
    guard let app = apps[installation.app] else { return .null }
    return [
      "id": .number(installation.id), "app_id": .number(app.id), "app_slug": .string(app.slug),
      "account": account(named: installation.owner).map { userJSON($0.id) }
        ?? ["login": .string(installation.owner), "type": "Organization"],
      "repository_selection": "selected", "permissions": .object(app.permissions.mapValues { .string($0) }),
      "events": [], "target_type": "Organization",
      "access_tokens_url": .string("\(address)/app/installations/\(installation.id)/access_tokens"),
      "suspended_at": installation.isSuspended ? .stamp(now) : .null,
    ]
  }

  func checkJSON(_ check: CheckRun) -> JSONValue {
    guard let repository = repositories[check.repository] else { return .null }
    return [
      "id": .number(check.id), "node_id": .string("CR_\(check.id)"), "name": .string(check.name),
      "head_sha": .string(check.head), "external_id": .string(check.externalID), "status": .string(check.status),
      "conclusion": .maybe(check.conclusion), "started_at": .stamp(check.started),
      "completed_at": .stamp(check.completed), "app": apps[check.app].map { appJSON($0) } ?? .null,
      "check_suite": ["id": .number(check.app * 1000 + 1)],
      "url": .string("\(address)/repos/\(repository.path)/check-runs/\(check.id)"),
      "html_url": .string("\(address)/\(repository.path)/runs/\(check.id)"), "details_url": .null,
      "pull_requests": .array(
        pulls(of: repository.id).filter { $0.isOpen && $0.head == check.head && $0.headRepository == repository.id }
          .map { ["id": .number($0.id), "number": .number($0.number)] }),
      "output": [
        "title": .maybe(check.title), "summary": .maybe(check.summary), "text": .maybe(check.text),
        "annotations_count": .number(check.annotations.count),
        "annotations_url": .string("\(address)/repos/\(repository.path)/check-runs/\(check.id)/annotations"),
      ],
    ]
  }

  func statusJSON(_ status: CommitStatus) -> JSONValue {
    [
      "id": .number(status.id), "state": .string(status.state), "context": .string(status.context),
      "description": status.description.isEmpty ? .null : .string(status.description),
      "target_url": status.target.isEmpty ? .null : .string(status.target), "creator": userJSON(status.author),
      "created_at": .stamp(status.created), "updated_at": .stamp(status.created),
    ]
  }

  func commitJSON(_ sha: String, in repository: Repository) -> JSONValue {
    let parts = commitParts(sha, in: repository)
    guard parts.count >= 9 else { return .null }
    func person(_ at: Int) -> JSONValue {
      ["name": .string(parts[at]), "email": .string(parts[at + 1]), "date": .stamp(Int(parts[at + 2]))]
    }
    return [
      "sha": .string(sha), "url": .string("\(address)/repos/\(repository.path)/commits/\(sha)"),
      "commit": [
        "message": .string(parts[8...].joined(separator: "\0")), "author": person(0), "committer": person(3),
        "tree": ["sha": .string(parts[6])],
      ],
      "author": .null, "committer": .null,
      "parents": .array(parts[7].split(separator: " ").map { ["sha": .string(String($0))] }),
    ]
  }
}
