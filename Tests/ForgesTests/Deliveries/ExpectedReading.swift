import JSON
import Work

/// What a payload has to be read as, by the name of its event, its action and its result.
enum ExpectedReading {
  static func of(_ forge: ForgeName, _ event: String, _ payload: JSONValue) -> String {
    let found =
      switch forge {
      case .github: gitHub(event, payload)
      case .gitea: gitea(event, payload)
      case .gitlab: gitLab(payload)
      }
    guard let found else { return "ignored \(forge.rawValue) \(words(forge, event, payload))" }
    let project = payload["project"] ?? payload["repository"]
    let path = (project?["full_name"] ?? project?["path_with_namespace"])?.string ?? "?"
    let user = payload["user"]?["id"] ?? payload["user_id"] ?? payload["object_attributes"]?["author_id"]
    let actor = payload["sender"].map { $0["id"] } ?? (forge == .gitlab ? user : nil)
    let number = (project?["id"] ?? payload["project_id"])?.integer ?? 0
    return "\(found) in \(number) \(path) by \(actor?.integer.map(String.init) ?? "nobody")"
  }

  /// The event, the action, and the result of what was checked and did not fail.
  static func words(_ forge: ForgeName, _ event: String, _ payload: JSONValue) -> String {
    var words = [event]
    if forge == .gitlab {
      words = [(payload["object_kind"] ?? payload["event_name"])?.string ?? event]
      words += [payload["object_attributes"]?["action"]?.string].compactMap(\.self)
      if words == ["pipeline"] { words.append(payload["object_attributes"]?["status"]?.string ?? "") }
      if words == ["build"] { words.append(payload["build_status"]?.string ?? "") }
      return words.joined(separator: " ")
    }
    if let action = payload["action"]?.string { words.append(action) }
    if ["check_run", "check_suite", "workflow_run"].contains(event), words.last == "completed" {
      words.append(payload[event]?["conclusion"]?.string ?? "")
    }
    if event == "status" { words.append(payload["state"]?.string ?? "") }
    return words.joined(separator: " ")
  }

  // MARK: - GitHub and Gitea

  private static let gitHubActions = [
    "opened": "opened", "synchronize": "updated", "reopened": "reopened", "ready_for_review": "ready",
    "converted_to_draft": "drafted", "labeled": "labelled", "unlabeled": "unlabelled", "closed": "closed",
  ]

  private static func gitHub(_ event: String, _ payload: JSONValue) -> String? {
    let action = payload["action"]?.string ?? ""
    switch (event, action) {
    case ("pull_request", "edited") where payload["changes"]?["base"] != nil: return change("retargeted", payload)
    case ("pull_request", _): return gitHubActions[action].flatMap { change($0, payload) }
    case ("push", _): return push(payload)
    case ("pull_request_review_comment", "created"): return lineComment(payload)
    case ("check_run", "completed"), ("check_suite", "completed"), ("workflow_run", "completed"):
      return check(event, payload)
    case ("check_suite", "rerequested"):
      guard let suite = payload["check_suite"], let head = suite["head_sha"]?.string else { return nil }
      return "rerun \(head) \(numbers(suite))"
    // No example has a command, and none asks for a check of ours.
    default: return nil
    }
  }

  private static let giteaActions = [
    "opened": "opened", "synchronized": "updated", "reopened": "reopened", "label_updated": "labelled",
    "label_cleared": "unlabelled", "closed": "closed",
  ]

  private static func gitea(_ event: String, _ payload: JSONValue) -> String? {
    let action = payload["action"]?.string ?? ""
    switch (event, action) {
    case ("pull_request", "edited"):
      // The one that was edited was a draft before.
      let old = payload["changes"]?["title"]?["from"]?.string ?? ""
      return old.hasPrefix("WIP:") ? change("ready", payload) : nil
    case ("pull_request", _): return giteaActions[action].flatMap { change($0, payload) }
    case ("push", _): return push(payload)
    default: return nil
    }
  }

  private static func change(_ word: String, _ payload: JSONValue) -> String? {
    guard let request = payload["pull_request"], let number = request["number"]?.integer,
      let head = request["head"]?["sha"]?.string
    else { return nil }
    let (source, target) = (request["head"]?["repo"], request["base"]?["repo"])
    let isFork = source?["id"] != nil && source?["id"] != target?["id"]
    return "change \(word) \(number) \(head)\(isFork ? " of \(source?["full_name"]?.string ?? "")" : "")"
  }

  private static func push(_ payload: JSONValue) -> String? {
    guard let ref = payload["ref"]?.string, ref.hasPrefix("refs/heads/"), let new = payload["after"]?.string else {
      return nil
    }
    return "branch \(82 + ref.utf8.count) \(ref) \(new)"
  }

  private static func lineComment(_ payload: JSONValue) -> String? {
    guard let comment = payload["comment"], let id = comment["id"]?.integer,
      let root = comment["in_reply_to_id"]?.integer, let number = payload["pull_request"]?["number"]?.integer
    else { return nil }
    return "reply \(number) \(id) in \(root)"
  }

  private static func numbers(_ check: JSONValue) -> [Int] {
    (check["pull_requests"]?.array ?? []).compactMap { $0["number"]?.integer }
  }

  private static func check(_ event: String, _ payload: JSONValue) -> String? {
    guard let check = payload[event], let head = check["head_sha"]?.string,
      ["failure", "timed_out", "startup_failure"].contains(check["conclusion"]?.string)
    else { return nil }
    let name = event == "check_suite" ? check["app"]?["name"] : check["name"]
    return "failed \(head) \(numbers(check)) '\(name?.string ?? "")'"
  }

  // MARK: - GitLab

  private static let gitLabActions = ["open": "opened", "reopen": "reopened", "close": "closed", "merge": "closed"]

  private static func gitLab(_ payload: JSONValue) -> String? {
    guard let attributes = payload["object_attributes"] else {
      let kind = payload["object_kind"] ?? payload["event_name"]
      return kind?.string == "push" ? push(payload) : nil
    }
    guard payload["object_kind"]?.string == "merge_request", let number = attributes["iid"]?.integer,
      let head = attributes["last_commit"]?["id"]?.string, let action = attributes["action"]?.string
    else { return nil }
    let isPush = action == "update" && attributes["oldrev"] != nil
    guard let word = isPush ? "updated" : gitLabActions[action] else { return nil }
    let isFork = attributes["source_project_id"] != attributes["target_project_id"]
    let source = attributes["source"]?["path_with_namespace"]?.string ?? ""
    return "change \(word) \(number) \(head)\(isFork ? " of \(source)" : "")"
  }
}
