internal import JSON
internal import Work

/// A payload of GitHub.
///
/// Source: GitHub's "Webhook events and payloads". Only what is used is looked at: GitHub's own examples do not all
/// follow its schema.
struct GitHubPayload: Payload {
  private let hub: HubPayload
  /// The number of our own App.
  private let app: Int64?

  init(event: String, _ document: JSONSlice, app: Int64?) {
    hub = HubPayload(forge: .github, event: event, document)
    self.app = app
  }

  var words: [String] { hub.words }

  /// Somebody for whom a program wrote is taken for the program: nobody knows who chose the words.
  var actor: ForgeActor? {
    var actor = hub.actor
    if let comment = hub.top.objectIfAny("comment", ["performed_via_github_app"]),
      comment.has("performed_via_github_app")
    {
      actor?.isBot = true
    }
    return actor
  }

  func repository() throws(PayloadFault) -> ForgeRepository { try hub.repository() }

  func meaning() throws(PayloadFault) -> PayloadMeaning {
    switch hub.event {
    case "pull_request": try request()
    case "push": try hub.push()
    case "issue_comment":
      try hub.issueComment(isRequest: hub.top.objectIfAny("issue", ["pull_request"])?.has("pull_request") == true)
    case "pull_request_review": try review()
    case "pull_request_review_comment": try lineComment()
    case "check_run": try checkRun()
    case "check_suite": try checkSuite()
    case "workflow_run": try hub.workflowRun()
    case "status": try hub.status()
    default: .nothing("events of this name are not read")
    }
  }

  private func request() throws(PayloadFault) -> PayloadMeaning {
    switch hub.action {
    case "opened": try hub.notice(.opened)
    case "synchronize": try hub.notice(.updated)
    case "reopened": try hub.notice(.reopened)
    case "ready_for_review": try hub.notice(.ready)
    case "converted_to_draft": try hub.notice(.drafted)
    case "labeled": try hub.notice(.labelled)
    case "unlabeled": try hub.notice(.unlabelled)
    case "closed": try hub.notice(.closed)
    case "edited":
      if hub.top.objectIfAny("changes", ["base"])?.has("base") == true {
        try hub.notice(.retargeted)
      } else {
        .nothing("only its words changed")
      }
    default: .nothing("nothing follows from this")
    }
  }

  // MARK: - Comments

  private func review() throws(PayloadFault) -> PayloadMeaning {
    guard hub.action == "submitted" else { return .nothing("only new reviews are read") }
    let review = try hub.top.object("review", ["id", "body", "user"])
    return hub.comment(
      review.beginning("body", most: CommentMeaning.longest) ?? "", number: try number(),
      comment: review.number("id") ?? 0, thread: nil, isReply: false, author: hub.actor("user", in: review))
  }

  private func number() throws(PayloadFault) -> Int {
    try hub.top.object("pull_request", HubPayload.requestNames).requiredRequestNumber("number")
  }

  /// A thread goes by the number of its first comment.
  private func lineComment() throws(PayloadFault) -> PayloadMeaning {
    guard hub.action == "created" else { return .nothing("only new comments are read") }
    let comment = try hub.top.object("comment", ["id", "body", "user", "in_reply_to_id"])
    guard let id = comment.number("id"), id > 0 else { throw PayloadFault(reason: "'comment.id' is no number") }
    let root = comment.number("in_reply_to_id")
    return hub.comment(
      comment.beginning("body", most: CommentMeaning.longest) ?? "", number: try number(), comment: id,
      thread: String(root ?? id), isReply: root != nil, author: hub.actor("user", in: comment))
  }

  // MARK: - Checks

  private func checkRun() throws(PayloadFault) -> PayloadMeaning {
    let run = try hub.top.object("check_run", ["conclusion", "head_sha", "name", "pull_requests"])
    let name = run.beginning("name", most: 200) ?? ""
    switch hub.action {
    case "completed":
      let conclusion = run.text("conclusion") ?? ""
      guard HubPayload.failures.contains(conclusion) else { return .nothing("nothing failed", detail: conclusion) }
      return hub.failed(head: try run.requiredCommit("head_sha"), numbers: hub.numbers(in: run), check: name)
    case "rerequested", "requested_action":
      guard name.utf8.starts(with: FailedCheck.ownPrefix.utf8) else { return .nothing("it is no check of ours") }
      var kind = JobKind(rawValue: String(name.dropFirst(FailedCheck.ownPrefix.count)))
      if hub.action == "requested_action" {
        let action = hub.top.objectIfAny("requested_action", ["identifier"])?.text("identifier", most: 20) ?? ""
        kind = JobKind(rawValue: action)
        guard kind != nil else { return .nothing("it is no action of ours") }
      }
      guard kind.map(JobKind.started.contains) != false else { return .nothing("such jobs are not started so") }
      return .happening(
        .rerun(RerunRequest(head: try run.requiredCommit("head_sha"), numbers: hub.numbers(in: run), kind: kind)))
    default: return .nothing("it is not over")
    }
  }

  private func checkSuite() throws(PayloadFault) -> PayloadMeaning {
    let suite = try hub.top.object("check_suite", ["app", "conclusion", "head_sha", "pull_requests"])
    let owner = suite.objectIfAny("app", ["id", "name", "slug"])
    let isOwn = app != nil && owner?.number("id") == app
    switch hub.action {
    case "completed":
      let conclusion = suite.text("conclusion") ?? ""
      guard HubPayload.failures.contains(conclusion) else { return .nothing("nothing failed", detail: conclusion) }
      if isOwn { return .nothing("they are our own checks", detail: conclusion) }
      return hub.failed(
        head: try suite.requiredCommit("head_sha"), numbers: hub.numbers(in: suite),
        check: owner?.beginning("name", most: 200) ?? owner?.text("slug"))
    case "rerequested":
      guard app == nil || isOwn else { return .nothing("they are no checks of ours") }
      return .happening(
        .rerun(RerunRequest(head: try suite.requiredCommit("head_sha"), numbers: hub.numbers(in: suite))))
    default: return .nothing("it is not over")
    }
  }
}
