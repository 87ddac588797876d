internal import Base
internal import JSON
internal import Work

/// A payload of GitLab.
///
/// Source: GitLab's "Webhook events" and "System hooks".
struct GitLabPayload: Payload {
  private let kind: String
  private let top: PayloadObject
  private let attributes: PayloadObject?

  private static let names = [
    "after", "before", "build_allow_failure", "build_name", "build_status", "builds", "changes", "event_name",
    "event_type", "merge_request", "object_attributes", "object_kind", "project", "project_id", "ref", "repository",
    "sha", "user", "user_id", "user_name", "user_username",
  ]
  private static let attributeNames = [
    "action", "author_id", "confidential", "discussion_id", "id", "iid", "internal", "last_commit", "name", "note",
    "noteable_type", "oldrev", "sha", "source", "source_project_id", "status", "system", "target_project_id", "type",
  ]

  /// What the header calls the kinds that are read.
  private static let kinds = [
    "Merge Request Hook": "merge_request", "Note Hook": "note", "Confidential Note Hook": "note", "Push Hook": "push",
    "Tag Push Hook": "tag_push", "Pipeline Hook": "pipeline", "Job Hook": "build",
  ]

  /// - Throws: ``PayloadFault`` where the header says something else than the body.
  init(event: String, _ document: JSONSlice) throws(PayloadFault) {
    top = PayloadObject(document, Self.names)
    attributes = top.objectIfAny("object_attributes", Self.attributeNames)
    // System hooks have one header for all, and some of them only a name of the event.
    kind = top.text("object_kind") ?? top.text("event_name") ?? event
    let promised = Self.kinds[event]
    let isRead = Self.kinds.values.contains(kind)
    guard event == "System Hook" || (promised == nil ? !isRead : promised == kind) else {
      throw PayloadFault(reason: "its header and its body contradict each other in what happened")
    }
  }

  var words: [String] { [kind] + (attributes?.text("action").map { [$0] } ?? []) }

  // MARK: - Who and where

  /// Jobs of older servers name the project by its number and its page alone.
  func repository() throws(PayloadFault) -> ForgeRepository {
    let project = top.objectIfAny("project", ["id", "path_with_namespace"])
    let id = project?.number("id") ?? top.number("project_id") ?? attributes?.number("target_project_id") ?? 0
    let page = top.objectIfAny("repository", ["homepage"])?.text("homepage")
    guard let path = project?.text("path_with_namespace") ?? page.flatMap(Self.path(ofPage:)),
      let repository = ForgeRepository(forge: .gitlab, id: id, path: path)
    else { throw PayloadFault(reason: "'project' is no repository") }
    return repository
  }

  /// The path of a page's address.
  private static func path(ofPage address: String) -> String? {
    let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty else { return nil }
    return String(parts[3])
  }

  var actor: ForgeActor? {
    let user = top.objectIfAny("user", ["id", "username", "name"])
    // A note names its author by number where an older server names the user by name alone.
    let author = kind == "note" ? attributes?.number("author_id") : nil
    guard let id = user?.number("id") ?? top.number("user_id") ?? author else { return nil }
    let login = (user?.text("username") ?? top.text("user_username") ?? "").shown(most: 255)
    return ForgeActor(id: id, login: login, isBot: id <= 0 || Self.isBot(login))
  }

  /// Whether the name is one that GitLab gives to a program's account.
  ///
  /// Its payloads have no word for it. It gives the accounts of project and group tokens names such as
  /// `project_7_bot_1f…` and `group_7_bot`, and service accounts names that begin with `service_account_`.
  private static func isBot(_ login: String) -> Bool {
    if login.hasSuffix("[bot]") || login.hasPrefix("service_account_") { return true }
    let parts = login.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
    return parts.count >= 3 && ["project", "group"].contains(parts[0]) && parts[1].allSatisfy(\.isNumber)
      && parts[2].hasPrefix("bot")
  }

  // MARK: - What

  func meaning() throws(PayloadFault) -> PayloadMeaning {
    switch kind {
    case "merge_request": try request()
    case "push":
      try HubPayload.push(ref: top.text("ref", most: 4096), old: top.commit("before"), new: top.commit("after"))
    case "note": try note()
    case "pipeline": try pipeline()
    case "build": try job()
    default: .nothing("events of this name are not read")
    }
  }

  private func attributesOrFault() throws(PayloadFault) -> PayloadObject {
    try top.object("object_attributes", Self.attributeNames)
  }

  private func request() throws(PayloadFault) -> PayloadMeaning {
    let attributes = try attributesOrFault()
    let action: ChangeNotice.Action
    switch attributes.text("action") ?? "" {
    case "open": action = .opened
    case "reopen": action = .reopened
    case "close", "merge": action = .closed
    case "update":
      guard let update = update(attributes) else { return .nothing("nothing follows from this") }
      action = update
    case "": return .nothing("no action is named")
    default: return .nothing("nothing follows from this")
    }
    return .happening(
      .change(
        ChangeNotice(
          action: action, number: try attributes.requiredRequestNumber("iid"),
          head: attributes.objectIfAny("last_commit", ["id"])?.commit("id"), fork: fork(attributes))))
  }

  /// What an update changed; of several things the one that means most, since whoever attends to it looks at all.
  private func update(_ attributes: PayloadObject) -> ChangeNotice.Action? {
    // Only a push names the commit before.
    if attributes.has("oldrev") { return .updated }
    guard let changes = top.objectIfAny("changes", ["draft", "labels", "target_branch", "work_in_progress"]) else {
      return nil
    }
    if changes.has("target_branch") { return .retargeted }
    for name in ["draft", "work_in_progress"] {
      if let current = changes.objectIfAny(name, ["current"])?.bool("current") { return current ? .drafted : .ready }
    }
    guard let labels = changes.objectIfAny("labels", ["current", "previous"]) else { return nil }
    let before = Set(labels.objects("previous", ["id"]).compactMap { $0.number("id") })
    let after = Set(labels.objects("current", ["id"]).compactMap { $0.number("id") })
    return after.isSubset(of: before) ? .unlabelled : .labelled
  }

  private func fork(_ attributes: PayloadObject) -> String? {
    guard let source = attributes.number("source_project_id"), let target = attributes.number("target_project_id"),
      source != target,
      let path = attributes.objectIfAny("source", ["path_with_namespace"])?.text("path_with_namespace")
    else { return nil }
    return ForgeRepository(forge: .gitlab, id: source, path: path)?.path
  }

  /// Notes that stand in a discussion are answers in a thread; the first one of it looks no different.
  private func note() throws(PayloadFault) -> PayloadMeaning {
    let note = try attributesOrFault()
    guard note.text("noteable_type") == "MergeRequest" else { return .nothing("it is not on a merge request") }
    guard ["", "create"].contains(note.text("action") ?? "") else { return .nothing("only new notes are read") }
    guard note.bool("system") != true else { return .nothing("GitLab itself wrote it") }
    guard top.text("event_type") != "confidential_note", note.bool("internal") != true,
      note.bool("confidential") != true
    else { return .nothing("it is confidential, and an answer would not be") }
    let request = try top.object("merge_request", ["iid"])
    let isInThread = ["DiffNote", "DiscussionNote"].contains(note.text("type") ?? "")
    let thread = isInThread ? note.text("discussion_id", most: 128).flatMap { DeliveryID($0)?.text } : nil
    return CommentMeaning.of(
      note.beginning("note", most: CommentMeaning.longest) ?? "", number: try request.requiredRequestNumber("iid"),
      comment: note.number("id") ?? 0, thread: thread, isReply: thread != nil, author: note.number("author_id"),
      sender: actor?.id)
  }

  // MARK: - Checks

  /// The check is the first job that failed and is not one of ours, since our own statuses make a pipeline fail, too.
  private func pipeline() throws(PayloadFault) -> PayloadMeaning {
    let pipeline = try attributesOrFault()
    let status = pipeline.text("status") ?? ""
    guard status == "failed" else { return .nothing("nothing failed", detail: status) }
    let failed = top.objects("builds", ["allow_failure", "name", "status"]).filter {
      $0.text("status") == "failed" && $0.bool("allow_failure") != true
    }.map { $0.beginning("name", most: 200) ?? "" }
    let foreign = failed.first { !$0.utf8.starts(with: FailedCheck.ownPrefix.utf8) }
    let request = top.objectIfAny("merge_request", ["iid", "target_project_id"])
    let here = try repository().id
    let target = request?.number("target_project_id")
    let number = target == nil || target == here ? request?.requestNumber("iid") : nil
    return Self.failed(
      head: try pipeline.requiredCommit("sha"), numbers: number.map { [$0] } ?? [],
      check: foreign ?? failed.first ?? pipeline.beginning("name", most: 200) ?? "pipeline")
  }

  private func job() throws(PayloadFault) -> PayloadMeaning {
    let status = top.text("build_status") ?? ""
    guard status == "failed" else { return .nothing("nothing failed", detail: status) }
    guard top.bool("build_allow_failure") != true else { return .nothing("it may fail", detail: status) }
    return Self.failed(
      head: try top.requiredCommit("sha"), numbers: [], check: top.beginning("build_name", most: 200) ?? "")
  }

  private static func failed(head: ObjectID, numbers: [Int], check: String) -> PayloadMeaning {
    .happening(.failed(FailedCheck(head: head, numbers: numbers, check: check.shown(most: 200))))
  }
}
