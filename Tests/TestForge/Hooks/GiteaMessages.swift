internal import JSON

extension World {
  func giteaMessage(_ happening: Happening, by author: Int) -> Message? {
    switch happening {
    case .opened(let pull): return giteaPullMessage("opened", pull, author)
    case .synchronized(let pull, _, _):
      return giteaPullMessage("synchronized", pull, author, type: "pull_request_sync")
    case .closed(let pull): return giteaPullMessage("closed", pull, author)
    case .reopened(let pull): return giteaPullMessage("reopened", pull, author)
    // A draft is one by its title's beginning.
    case .ready(let pull):
      return giteaPullMessage("edited", pull, author, ["changes": ["title": ["from": .string("WIP: " + pull.title)]]])
    case .drafted(let pull):
      return giteaPullMessage("edited", pull, author, ["changes": ["title": ["from": .string(pull.title)]]])
    case .labelled(let pull, _), .unlabelled(let pull, _):
      return giteaPullMessage("label_updated", pull, author, type: "pull_request_label")
    case .retargeted(let pull, let old):
      return giteaPullMessage("edited", pull, author, ["changes": ["ref": ["from": .string(old)]]])
    case .commented(let comment):
      guard let pull = pull(comment.repository, comment.number), let repository = repositories[comment.repository]
      else {
        return nil
      }
      return Message(
        "issue_comment", type: "pull_request_comment",
        [
          "action": "created", "comment": giteaCommentJSON(comment), "repository": giteaRepositoryJSON(repository),
          "sender": giteaUserJSON(author), "is_pull": true,
          "issue": [
            "id": .number(pull.id), "number": .number(pull.number), "title": .string(pull.title),
            "user": giteaUserJSON(pull.author), "state": pull.isOpen ? "open" : "closed",
            "pull_request": ["merged": .bool(pull.isMerged), "merged_at": .null],
          ],
        ])
    case .reviewed(let review): return giteaReviewMessage(review, author)
    case .status(let status):
      guard options.gitea == .new, let repository = repositories[status.repository] else { return nil }
      return Message(
        "status",
        [
          "sha": .string(status.sha), "state": .string(status.state), "context": .string(status.context),
          "description": .string(status.description), "target_url": .string(status.target), "id": .number(status.id),
          "repository": giteaRepositoryJSON(repository), "sender": giteaUserJSON(author),
          "commit": commitJSON(status.sha, in: repository),
        ])
    case .pushed(let repository, let ref, let before, let after):
      return Message(
        "push",
        [
          "ref": .string(ref), "before": .string(before), "after": .string(after), "commits": [], "total_commits": 0,
          "head_commit": .null, "repository": giteaRepositoryJSON(repository), "pusher": giteaUserJSON(author),
          "sender": giteaUserJSON(author),
        ])
    case .lineCommented, .threadResolved, .threadUnresolved, .check: return nil
    }
  }

  private func giteaPullMessage(
    _ action: String, _ pull: Pull, _ author: Int, _ more: JSONValue = [:], type: String = "pull_request"
  ) -> Message? {
    guard let repository = repositories[pull.repository] else { return nil }
    return Message(
      "pull_request", type: type,
      more.adding([
        "action": .string(action), "number": .number(pull.number), "pull_request": giteaPullJSON(pull),
        "requested_reviewer": .null, "repository": giteaRepositoryJSON(repository), "sender": giteaUserJSON(author),
        "commit_id": "", "review": .null,
      ]))
  }

  private func giteaReviewMessage(_ review: Review, _ author: Int) -> Message? {
    guard let pull = pull(review.repository, review.number) else { return nil }
    let (event, type) =
      switch review.state {
      case "APPROVED": ("pull_request_approved", "pull_request_review_approved")
      case "CHANGES_REQUESTED": ("pull_request_rejected", "pull_request_review_rejected")
      default: ("pull_request_comment", "pull_request_review_comment")
      }
    let message = giteaPullMessage(
      "reviewed", pull, author, ["review": ["type": .string(type), "content": .string(review.body)]], type: type)
    // The review stands in the place of none.
    return message.map {
      Message(event, type: type, $0.body.adding(["review": ["type": .string(type), "content": .string(review.body)]]))
    }
  }
}
