internal import JSON

/// What GitLab's calls take, by rules of ours: there is no description of GitLab to read.
struct GitLabArguments: Sendable {
  enum Kind: Sendable {
    case text, whole, flag, texts, object, any
    case oneOf([String])
  }

  let required: [String: Kind]
  let optional: [String: Kind]

  init(_ required: [String: Kind], _ optional: [String: Kind] = [:]) {
    self.required = required
    self.optional = optional
  }

  /// What is wrong with the arguments; first those whose names nobody knows.
  func faults(_ json: JSONValue) -> (unknown: [String], wrong: [String]) {
    let members = json.object ?? [:]
    let known = required.merging(optional) { old, _ in old }
    let unknown = members.keys.filter { known[$0] == nil }.sorted()
    var wrong = required.keys.filter { members[$0] == nil }.sorted().map { "\($0) is missing" }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      guard let kind = known[name] else { continue }
      if case .oneOf(let values) = kind, !values.contains(value.string ?? "") {
        wrong.append("\(name) does not have a valid value")
      } else if !Self.fits(value, kind) {
        wrong.append("\(name) is invalid")
      }
    }
    return (unknown, wrong)
  }

  private static func fits(_ value: JSONValue, _ kind: Kind) -> Bool {
    switch kind {
    case .any, .oneOf: true
    case .text: value.string != nil
    case .whole: value.integer != nil || value.string.flatMap { Int($0) } != nil
    case .flag: value.flag != nil || ["true", "false", "0", "1"].contains(value.string ?? "")
    case .texts: value.string != nil || value.array?.allSatisfy { $0.string != nil } == true
    case .object: value.object != nil
    }
  }

  private static let mergeRequests = "/projects/{id}/merge_requests/{merge_request_iid}"
  private static let note = GitLabArguments(["body": .text], ["internal": .flag, "created_at": .text])

  static let known: [String: GitLabArguments] = [
    "POST \(mergeRequests)/notes": note,
    "PUT \(mergeRequests)/notes/{note_id}": GitLabArguments(["body": .text]),
    "POST \(mergeRequests)/discussions": GitLabArguments(
      ["body": .text], ["position": .object, "commit_id": .text, "created_at": .text]),
    "PUT \(mergeRequests)/discussions/{discussion_id}": GitLabArguments(["resolved": .flag]),
    "POST \(mergeRequests)/discussions/{discussion_id}/notes": GitLabArguments(
      ["body": .text], ["created_at": .text]),
    "PUT \(mergeRequests)/discussions/{discussion_id}/notes/{note_id}": GitLabArguments(
      [:], ["body": .text, "resolved": .flag]),
    "POST \(mergeRequests)/draft_notes": GitLabArguments(
      ["note": .text],
      ["position": .object, "in_reply_to_discussion_id": .text, "resolve_discussion": .flag, "commit_id": .text]),
    "PUT \(mergeRequests)/draft_notes/{draft_note_id}": GitLabArguments([:], ["note": .text, "position": .object]),
    "POST \(mergeRequests)/draft_notes/bulk_publish": GitLabArguments([:]),
    "POST \(mergeRequests)/notes/{note_id}/award_emoji": GitLabArguments(["name": .text]),
    "POST \(mergeRequests)/approve": GitLabArguments([:], ["sha": .text]),
    "PUT \(mergeRequests)": GitLabArguments(
      [:],
      [
        "title": .text, "description": .text, "target_branch": .text, "labels": .texts, "add_labels": .texts,
        "remove_labels": .texts, "state_event": .oneOf(["close", "reopen"]),
      ]),
    "POST /projects/{id}/merge_requests": GitLabArguments(
      ["source_branch": .text, "target_branch": .text, "title": .text],
      [
        "description": .text, "labels": .texts, "target_project_id": .whole, "remove_source_branch": .flag,
        "allow_collaboration": .flag,
      ]),
    "POST /projects/{id}/statuses/{sha}": GitLabArguments(
      ["state": .oneOf(["pending", "running", "success", "failed", "canceled", "skipped"])],
      [
        "ref": .text, "name": .text, "context": .text, "target_url": .text, "description": .text, "coverage": .any,
        "pipeline_id": .whole,
      ]),
  ]
}

extension World {
  /// Brings the arguments of the query and of the body together, and holds them against the rules.
  mutating func takeArguments(of call: inout Call, _ route: Route) throws {
    guard call.writes else { return }
    var members = call.query.mapValues { JSONValue.string($0) }
    if !call.body.isEmpty {
      let type = call.headers["content-type"] ?? ""
      if type.hasPrefix("application/json") {
        guard case .object(let body) = call.json else {
          throw Refusal(
            .json(400, ["error": "The request body is not valid JSON"]), breach: "a body that is no JSON object")
        }
        members.merge(body) { _, new in new }
      } else if type.hasPrefix("application/x-www-form-urlencoded") {
        let form = Call(
          number: 0, method: "", target: "/?" + String(decoding: call.body, as: UTF8.self), headers: [:], body: [])
        members.merge(form.query.mapValues { .string($0) }) { _, new in new }
      } else {
        throw Refusal(
          .json(415, ["error": .string("The provided content-type '\(type)' is not supported.")]),
          breach: "a body of type '\(type)'")
      }
    }
    call.json = .object(members)
    guard let rules = GitLabArguments.known["\(route.method) \(route.template)"] else {
      if route.method != "DELETE", route.method != "GET", !members.isEmpty, !route.template.hasSuffix("publish") {
        breach(call, "arguments that no rule knows: \(members.keys.sorted().joined(separator: ", "))")
      }
      return
    }
    let (unknown, wrong) = rules.faults(call.json)
    if !unknown.isEmpty { breach(call, "GitLab ignores \(unknown.joined(separator: ", "))") }
    if !wrong.isEmpty {
      throw Refusal(
        .json(400, ["error": .string(wrong.joined(separator: ", "))]), breach: wrong.joined(separator: ", "))
    }
  }
}
