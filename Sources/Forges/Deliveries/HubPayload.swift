internal import Base
internal import JSON
internal import Work

/// What the payloads of GitHub, Gitea and Forgejo have in common.
struct HubPayload {
  let forge: ForgeName
  let event: String
  let top: PayloadObject
  /// Empty where the payload has none.
  let action: String

  private static let names = [
    "action", "after", "before", "changes", "check_run", "check_suite", "comment", "context", "is_pull", "issue",
    "number", "pull_request", "ref", "repository", "requested_action", "review", "run", "sender", "sha", "state",
    "workflow", "workflow_run",
  ]

  init(forge: ForgeName, event: String, _ document: JSONSlice) {
    self.forge = forge
    self.event = event
    top = PayloadObject(document, Self.names)
    action = top.text("action") ?? ""
  }

  var words: [String] { action.isEmpty ? [event] : [event, action] }

  // MARK: - Who and where

  func repository() throws(PayloadFault) -> ForgeRepository { try repository(in: top) }

  func repository(in object: PayloadObject) throws(PayloadFault) -> ForgeRepository {
    let fields = try object.object("repository", ["id", "full_name"])
    guard let id = fields.number("id"), let path = fields.text("full_name"),
      let repository = ForgeRepository(forge: forge, id: id, path: path)
    else { throw PayloadFault(reason: "'repository' is no repository") }
    return repository
  }

  var actor: ForgeActor? { actor("sender", in: top) }

  /// GitHub says of an account that it is a program's; the other forges have nothing but names for it, and numbers
  /// below zero for the accounts that are the forge itself.
  func actor(_ name: String, in object: PayloadObject) -> ForgeActor? {
    guard let fields = object.objectIfAny(name, ["id", "login", "username", "type"]), let id = fields.number("id")
    else { return nil }
    let login = (fields.text("login") ?? fields.text("username") ?? "").shown(most: 255)
    return ForgeActor(
      id: id, login: login, isBot: fields.text("type") == "Bot" || login.hasSuffix("[bot]") || id <= 0)
  }

  // MARK: - Pull requests and branches

  static let requestNames = ["number", "head", "base", "title"]

  func notice(_ action: ChangeNotice.Action) throws(PayloadFault) -> PayloadMeaning {
    let request = try top.object("pull_request", Self.requestNames)
    let head = request.objectIfAny("head", ["sha", "repo"])
    return .happening(
      .change(
        ChangeNotice(
          action: action, number: try request.requiredRequestNumber("number"), head: head?.commit("sha"),
          fork: fork(head))))
  }

  /// The path of the head's repository, where it is another one than the report's.
  private func fork(_ head: PayloadObject?) -> String? {
    guard let source = head?.objectIfAny("repo", ["id", "full_name"]), let target = try? repository(),
      let id = source.number("id"), id != target.id, let path = source.text("full_name")
    else { return nil }
    return ForgeRepository(forge: forge, id: id, path: path)?.path
  }

  func push() throws(PayloadFault) -> PayloadMeaning {
    try Self.push(ref: top.text("ref", most: 4096), old: top.commit("before"), new: top.commit("after"))
  }

  static func push(ref: String?, old: ObjectID?, new: ObjectID?) throws(PayloadFault) -> PayloadMeaning {
    guard let ref, let name = try? RefName(ref) else { throw PayloadFault(reason: "'ref' is no reference") }
    guard name.isBranch else { return .nothing("no branch moved") }
    guard let old, let new, !(old.isZero && new.isZero) else {
      throw PayloadFault(reason: "'before' and 'after' are no commits")
    }
    return .happening(.branch(RefUpdate(ref: name, old: old, new: new)))
  }

  // MARK: - Comments

  /// What a text that somebody just wrote asks for.
  func comment(
    _ text: String, number: Int, comment: Int64, thread: String?, isReply: Bool, author: ForgeActor?
  ) -> PayloadMeaning {
    CommentMeaning.of(
      text, number: number, comment: comment, thread: thread, isReply: isReply, author: author?.id,
      sender: actor?.id)
  }

  func issueComment(isRequest: Bool) throws(PayloadFault) -> PayloadMeaning {
    guard action == "created" else { return .nothing("only new comments are read") }
    guard isRequest else { return .nothing("it is not on a pull request") }
    let comment = try top.object("comment", ["id", "body", "user"])
    return self.comment(
      comment.beginning("body", most: CommentMeaning.longest) ?? "",
      number: try top.object("issue", ["number"]).requiredRequestNumber("number"), comment: comment.number("id") ?? 0,
      thread: nil, isReply: false, author: actor("user", in: comment))
  }

  // MARK: - Checks

  func status() throws(PayloadFault) -> PayloadMeaning {
    let state = top.text("state") ?? ""
    guard ["failure", "error"].contains(state) else { return .nothing("nothing failed", detail: state) }
    return failed(head: try top.requiredCommit("sha"), numbers: [], check: top.beginning("context", most: 200))
  }

  /// How checks and workflows end badly; one that was cancelled or waits for a person has shown nothing.
  static let failures: Set<String> = ["failure", "timed_out", "startup_failure"]

  func failed(head: ObjectID, numbers: [Int], check: String?) -> PayloadMeaning {
    .happening(.failed(FailedCheck(head: head, numbers: numbers, check: (check ?? "").shown(most: 200))))
  }

  func workflowRun() throws(PayloadFault) -> PayloadMeaning {
    let run = try top.object(
      "workflow_run", ["conclusion", "head_sha", "name", "pull_requests", "display_title", "path"])
    guard action == "completed" else { return .nothing("it is not over") }
    let conclusion = run.text("conclusion") ?? ""
    guard Self.failures.contains(conclusion) else { return .nothing("nothing failed", detail: conclusion) }
    let names = [
      run.beginning("name", most: 200), top.objectIfAny("workflow", ["name"])?.beginning("name", most: 200),
      run.beginning("path", most: 200),
    ]
    return failed(
      head: try run.requiredCommit("head_sha"), numbers: numbers(in: run),
      check: names.compactMap(\.self).first { !$0.isEmpty })
  }

  /// The numbers of the pull requests that a check names, of those into this repository.
  func numbers(in check: PayloadObject) -> [Int] {
    let here = (try? repository())?.id
    var numbers: [Int] = []
    for request in check.objects("pull_requests", ["number", "base"]) {
      let target = request.objectIfAny("base", ["repo"])?.objectIfAny("repo", ["id"])?.number("id")
      guard target == nil || target == here, let number = request.requestNumber("number"), !numbers.contains(number)
      else { continue }
      numbers.append(number)
    }
    return numbers
  }
}
