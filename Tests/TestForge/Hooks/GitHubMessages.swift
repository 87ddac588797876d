internal import JSON

extension World {
  func gitHubMessage(_ happening: Happening, by author: Int) -> Message? {
    switch happening {
    case .opened(let pull): return pullMessage("opened", pull, author)
    case .synchronized(let pull, let before, let after):
      return pullMessage("synchronize", pull, author, ["before": .string(before), "after": .string(after)])
    case .closed(let pull): return pullMessage("closed", pull, author)
    case .reopened(let pull): return pullMessage("reopened", pull, author)
    case .ready(let pull): return pullMessage("ready_for_review", pull, author)
    case .drafted(let pull): return pullMessage("converted_to_draft", pull, author)
    case .labelled(let pull, let label): return pullMessage("labeled", pull, author, ["label": labelJSON(label)])
    case .unlabelled(let pull, let label): return pullMessage("unlabeled", pull, author, ["label": labelJSON(label)])
    case .retargeted(let pull, let old):
      return pullMessage("edited", pull, author, ["changes": ["base": ["ref": ["from": .string(old)]]]])
    case .commented(let comment):
      guard let pull = pull(comment.repository, comment.number), let repository = repositories[comment.repository]
      else {
        return nil
      }
      let issue = issueJSON(pull, in: repository)
      return gitHub("issue_comment", "created", repository, author, ["issue": issue, "comment": commentJSON(comment)])
    case .reviewed(let review):
      var json = reviewJSON(review).object ?? [:]
      json["state"] = .string(review.state.lowercased())
      return about(
        "pull_request_review", "submitted", review.repository, review.number, author, ["review": .object(json)])
    case .lineCommented(let comment):
      return about(
        "pull_request_review_comment", "created", comment.repository, comment.number, author,
        ["comment": lineCommentJSON(comment)])
    case .threadResolved(let thread): return threadMessage("resolved", thread, author)
    case .threadUnresolved(let thread): return threadMessage("unresolved", thread, author)
    case .check(let check, let action):
      guard let repository = repositories[check.repository] else { return nil }
      return gitHub("check_run", action, repository, author, ["check_run": checkJSON(check)])
    case .status(let status):
      guard let repository = repositories[status.repository] else { return nil }
      let tips = branches(of: repository).filter { $0.value == status.sha }.keys.sorted()
      return gitHub(
        "status", nil, repository, author,
        statusJSON(status).adding([
          "sha": .string(status.sha), "name": .string(repository.path),
          "commit": commitJSON(status.sha, in: repository),
          "branches": .array(tips.map { ["name": .string($0), "commit": ["sha": .string(status.sha)]] }),
        ]))
    case .pushed(let repository, let ref, let before, let after):
      return gitHub("push", nil, repository, author, pushJSON(ref, before, after, author))
    }
  }

  private func pushJSON(_ ref: String, _ before: String, _ after: String, _ author: Int) -> JSONValue {
    let none = String(repeating: "0", count: 40)
    return [
      "ref": .string(ref), "before": .string(before), "after": .string(after), "commits": [], "head_commit": .null,
      "created": .bool(before == none), "deleted": .bool(after == none), "forced": false,
      "pusher": ["name": .string(accounts[author]?.login ?? "")],
    ]
  }

  private func gitHub(
    _ event: String, _ action: String?, _ repository: Repository, _ author: Int, _ more: JSONValue
  ) -> Message {
    var body = more.adding(["repository": repositoryJSON(repository), "sender": userJSON(author)])
    if let action { body = body.adding(["action": .string(action)]) }
    if let installation = installations.values.first(where: { $0.repositories.contains(repository.id) }) {
      body = body.adding(["installation": ["id": .number(installation.id), "node_id": "I"]])
    }
    return Message(event, body)
  }

  private func pullMessage(_ action: String, _ pull: Pull, _ author: Int, _ more: JSONValue = [:]) -> Message? {
    guard let repository = repositories[pull.repository] else { return nil }
    return gitHub(
      "pull_request", action, repository, author,
      more.adding([
        "number": .number(pull.number),
        "pull_request": pullJSON(pull).adding([
          "merged": .bool(pull.isMerged), "mergeable": .null, "mergeable_state": "unknown",
        ]),
      ]))
  }

  private func about(
    _ event: String, _ action: String, _ repository: Int, _ number: Int, _ author: Int, _ more: JSONValue
  ) -> Message? {
    guard let repository = repositories[repository], let pull = pull(repository.id, number) else { return nil }
    return gitHub(event, action, repository, author, more.adding(["pull_request": pullJSON(pull)]))
  }

  private func threadMessage(_ action: String, _ thread: ForgeThread, _ author: Int) -> Message? {
    about(
      "pull_request_review_thread", action, thread.repository, thread.number, author,
      ["thread": ["node_id": .string(thread.name), "comments": .array(comments(in: thread.id).map(lineCommentJSON))]])
  }
}
