internal import JSON
internal import Work

/// A payload of Gitea or Forgejo.
///
/// Source: deliveries of a running Gitea 1.22, and Gitea's and Forgejo's descriptions of their hooks for what it did not
/// send: `status`, `workflow_run` (Gitea 1.25) and `action_run_failure` (Forgejo 12).
struct GiteaPayload: Payload {
  private let hub: HubPayload

  init(event: String, _ document: JSONSlice) {
    hub = HubPayload(forge: .gitea, event: event, document)
  }

  var words: [String] { hub.words }
  var actor: ForgeActor? {
    hub.actor ?? hub.top.objectIfAny("run", ["trigger_user"]).flatMap { hub.actor("trigger_user", in: $0) }
  }

  /// A run of Forgejo's names its repository inside.
  func repository() throws(PayloadFault) -> ForgeRepository {
    if !hub.top.has("repository"), let run = hub.top.objectIfAny("run", ["repository"]) {
      return try hub.repository(in: run)
    }
    return try hub.repository()
  }

  func meaning() throws(PayloadFault) -> PayloadMeaning {
    switch hub.event {
    case "pull_request": try request()
    case "push": try hub.push()
    case "issue_comment":
      try hub.issueComment(
        isRequest: hub.top.bool("is_pull") == true
          || hub.top.objectIfAny("issue", ["pull_request"])?.has("pull_request") == true)
    case "pull_request_comment", "pull_request_approved", "pull_request_rejected": try review()
    case "status": try hub.status()
    case "workflow_run": try workflowRun()
    case "action_run", "action_run_failure": try run()
    default: .nothing("events of this name are not read")
    }
  }

  private func request() throws(PayloadFault) -> PayloadMeaning {
    switch hub.action {
    case "opened": try hub.notice(.opened)
    case "synchronized": try hub.notice(.updated)
    case "reopened": try hub.notice(.reopened)
    case "label_updated": try hub.notice(.labelled)
    case "label_cleared": try hub.notice(.unlabelled)
    case "closed": try hub.notice(.closed)
    case "edited": try edited()
    default: .nothing("nothing follows from this")
    }
  }

  /// A draft is one whose title begins so, and nothing else says it; these are the words that Gitea ships with.
  private static func isDraft(_ title: String) -> Bool {
    let start = title.prefix(8).uppercased()
    return start.hasPrefix("WIP:") || start.hasPrefix("[WIP]")
  }

  private func edited() throws(PayloadFault) -> PayloadMeaning {
    guard let changes = hub.top.objectIfAny("changes", ["ref", "title"]) else { return .nothing("nothing changed") }
    if changes.has("ref") { return try hub.notice(.retargeted) }
    guard let old = changes.objectIfAny("title", ["from"])?.beginning("from", most: 1024) else {
      return .nothing("only its words changed")
    }
    let request = try hub.top.object("pull_request", HubPayload.requestNames)
    let (was, isNow) = (Self.isDraft(old), Self.isDraft(request.beginning("title", most: 1024) ?? ""))
    return was == isNow ? .nothing("only its words changed") : try hub.notice(isNow ? .drafted : .ready)
  }

  /// A review carries its own text alone: neither its number, nor the comments in it, nor what they answer.
  private func review() throws(PayloadFault) -> PayloadMeaning {
    guard hub.action == "reviewed" else { return .nothing("only new reviews are read") }
    let review = try hub.top.object("review", ["content"])
    let request = try hub.top.object("pull_request", HubPayload.requestNames)
    return hub.comment(
      review.beginning("content", most: CommentMeaning.longest) ?? "",
      number: try request.requiredRequestNumber("number"), comment: 0, thread: nil, isReply: false, author: nil)
  }

  private func workflowRun() throws(PayloadFault) -> PayloadMeaning {
    guard case .happening(.failed(var failed)) = try hub.workflowRun() else { return try hub.workflowRun() }
    if failed.numbers.isEmpty,
      let number = hub.top.objectIfAny("pull_request", HubPayload.requestNames)?.requestNumber("number")
    {
      failed.numbers = [number]
    }
    return .happening(.failed(failed))
  }

  private func run() throws(PayloadFault) -> PayloadMeaning {
    guard hub.action == "failure" else { return .nothing("nothing failed") }
    let run = try hub.top.object("run", ["commit_sha", "title", "workflow_id"])
    return hub.failed(
      head: try run.requiredCommit("commit_sha"), numbers: [],
      check: run.beginning("workflow_id", most: 200) ?? run.beginning("title", most: 200))
  }
}
