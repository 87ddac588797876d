internal import JSON

/// Check runs and commit statuses.
extension World {
  private static let conclusions: Set<String> = [
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required",
  ]

  private func check(_ parameters: Parameters) throws -> CheckRun {
    let repository = try repository(parameters)
    guard let check = parameters["check_run_id"].flatMap({ Int($0) }).flatMap({ checks[$0] }),
      check.repository == repository.id
    else { throw Refusal(404, "Not Found") }
    return check
  }

  mutating func createCheck(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard case .installation(_, _, _, let bot) = caller, let app = accounts[bot]?.app else {
      throw Refusal(403, "You must authenticate via a GitHub App.")
    }
    let name = try Self.text(call.json, "name", of: "CheckRun", longest: 255)
    let sha = call.json["head_sha"]?.string ?? ""
    guard sha.count == 40, commit(sha, in: repository) == sha else {
      throw Refusal(422, "No commit found for SHA: \(sha)")
    }
    var check = CheckRun(
      id: nextID(), repository: repository.id, name: name, head: sha, app: app, externalID: "", status: "queued",
      started: now)
    try take(call.json, into: &check)
    checks[check.id] = check
    wrote("check")
    return .json(201, checkJSON(check))
  }

  mutating func editCheck(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    var check = try check(parameters)
    guard accounts[caller.account]?.app == check.app else {
      throw Refusal(
        403,
        "Invalid app_id `\(accounts[caller.account]?.app ?? 0)` - check run can only be modified by the GitHub App that created it."
      )
    }
    if let name = call.json["name"]?.string { check.name = name }
    try take(call.json, into: &check)
    checks[check.id] = check
    wrote("check edit")
    return .json(200, checkJSON(check))
  }

  /// Takes the fields over, within GitHub's limits; annotations are added to those that are there.
  private func take(_ json: JSONValue, into check: inout CheckRun) throws {
    func refuse(_ message: String, _ field: String) -> Refusal {
      Self.invalid(message, resource: "CheckRun", field: field, code: "invalid")
    }
    if let id = json["external_id"]?.string { check.externalID = id }
    if let status = json["status"]?.string {
      guard ["queued", "in_progress", "completed"].contains(status) else {
        throw refuse("status is not a status", "status")
      }
      check.status = status
    }
    if let conclusion = json["conclusion"]?.string {
      guard Self.conclusions.contains(conclusion) else { throw refuse("conclusion is not a conclusion", "conclusion") }
      check.conclusion = conclusion
      check.status = "completed"
    } else if check.status == "completed", check.conclusion == nil {
      throw refuse("conclusion is missing for a completed check", "conclusion")
    } else if let status = json["status"]?.string, status != "completed" {
      check.conclusion = nil
    }
    check.completed = check.status == "completed" ? now : nil
    if json["actions"]?.array.map({ $0.count > 3 }) == true { throw refuse("Only 3 actions are allowed", "actions") }
    for action in json["actions"]?.array ?? [] {
      for (name, longest) in [("label", 20), ("description", 40), ("identifier", 20)]
      where (action[name]?.string ?? "").count > longest {
        throw refuse("\(name) is too long (maximum is \(longest) characters)", "actions")
      }
    }
    guard let output = json["output"] else { return }
    guard let title = output["title"]?.string ?? check.title, let summary = output["summary"]?.string, !title.isEmpty
    else {
      throw refuse("output needs a title and a summary", "output")
    }
    for (name, text) in [("summary", summary), ("text", output["text"]?.string ?? "")] where text.utf8.count > 65_535 {
      throw refuse("\(name) exceeds a maximum bytesize of 65535", "output")
    }
    (check.title, check.summary) = (title, summary)
    if let text = output["text"]?.string { check.text = text }
    check.annotations += try annotations(output)
  }

  private func annotations(_ output: JSONValue) throws -> [Annotation] {
    let all = output["annotations"]?.array ?? []
    if all.count > 50 {
      throw Refusal(422, "Invalid request.\n\nNo more than 50 items are allowed; \(all.count) were supplied.")
    }
    return try all.map { entry in
      guard let path = entry["path"]?.string, let start = entry["start_line"]?.integer,
        let end = entry["end_line"]?.integer, let level = entry["annotation_level"]?.string,
        let message = entry["message"]?.string, ["notice", "warning", "failure"].contains(level), start >= 1,
        end >= start
      else {
        throw Self.invalid("an annotation is not complete", resource: "CheckRun", field: "annotations", code: "invalid")
      }
      if message.utf8.count > 65_536 {
        throw Self.invalid("message is too long", resource: "CheckRun", field: "annotations", code: "invalid")
      }
      if start != end, entry["start_column"] != nil || entry["end_column"] != nil {
        throw Self.invalid("columns are for single lines", resource: "CheckRun", field: "annotations", code: "invalid")
      }
      return Annotation(
        path: path, startLine: start, endLine: end, level: level, message: message, title: entry["title"]?.string)
    }
  }

  func getCheck(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, checkJSON(try check(parameters)))
  }

  func listAnnotations(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let all: [JSONValue] = try check(parameters).annotations.map {
      [
        "path": .string($0.path), "start_line": .number($0.startLine), "end_line": .number($0.endLine),
        "annotation_level": .string($0.level), "message": .string($0.message), "title": .maybe($0.title),
        "start_column": .null, "end_column": .null, "raw_details": .null,
      ]
    }
    return page(all, call, in: try repository(parameters))
  }

  func listChecks(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let sha = commit(parameters["ref"] ?? "", in: repository) else {
      throw Refusal(422, "No commit found for SHA: \(parameters["ref"] ?? "")")
    }
    var found = checks.values.filter { $0.repository == repository.id && $0.head == sha }.sorted { $0.id > $1.id }
    if let name = call.query["check_name"] { found = found.filter { $0.name == name } }
    if let status = call.query["status"] { found = found.filter { $0.status == status } }
    if let app = call.query["app_id"].flatMap({ Int($0) }) { found = found.filter { $0.app == app } }
    if call.query["filter"] != "all" {
      var seen: Set<String> = []
      found = found.filter { seen.insert("\($0.app) \($0.name)").inserted }
    }
    return page(found.map(checkJSON), call, in: repository, key: "check_runs")
  }

  // MARK: Statuses

  mutating func createStatus(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let sha = parameters["sha"] ?? ""
    guard commit(sha, in: repository) == sha else { throw Refusal(422, "No commit found for SHA: \(sha)") }
    let state = call.json["state"]?.string ?? ""
    guard ["error", "failure", "pending", "success"].contains(state) else {
      throw Self.invalid("state is not included in the list", resource: "Status", field: "state")
    }
    let description = call.json["description"]?.string ?? ""
    if description.unicodeScalars.count > 140 {
      throw Self.invalid(
        "description is too long (maximum is 140 characters)", resource: "Status", field: "description")
    }
    let context = call.json["context"]?.string ?? "default"
    if statuses.count(where: { $0.sha == sha && $0.context == context && $0.repository == repository.id }) >= 1000 {
      throw Self.invalid(
        "This SHA and context has reached the maximum number of statuses.", resource: "Status", field: "base")
    }
    let status = addStatus(
      state, context, description, call.json["target_url"]?.string ?? "", sha, in: repository, by: caller.account)
    return .json(201, statusJSON(status))
  }

  mutating func addStatus(
    _ state: String, _ context: String, _ description: String, _ target: String, _ sha: String,
    in repository: Repository, by author: Int, ref: String? = nil
  ) -> CommitStatus {
    let status = CommitStatus(
      id: nextID(), repository: repository.id, sha: sha, context: context, state: state, description: description,
      target: target, author: author, created: now, ref: ref)
    statuses.append(status)
    wrote("status")
    happened(.status(status), by: author)
    return status
  }

  /// The statuses of a commit, the newest first.
  func statuses(of sha: String, in repository: Repository) -> [CommitStatus] {
    statuses.filter { $0.sha == sha && $0.repository == repository.id }.reversed()
  }

  func listStatuses(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let sha = commit(parameters["ref"] ?? parameters["sha"] ?? "", in: repository) else {
      throw Refusal(404, "Not Found")
    }
    return page(statuses(of: sha, in: repository).map(statusJSON), call, in: repository)
  }

  func combinedStatus(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    guard let sha = commit(parameters["ref"] ?? "", in: repository) else { throw Refusal(404, "Not Found") }
    var seen: Set<String> = []
    let newest = statuses(of: sha, in: repository).filter { seen.insert($0.context).inserted }
    let states = Set(newest.map(\.state))
    let state =
      states.contains("failure") || states.contains("error")
      ? "failure" : states.contains("pending") || newest.isEmpty ? "pending" : "success"
    return .json(
      200,
      [
        "state": .string(state), "sha": .string(sha), "total_count": .number(newest.count),
        "statuses": .array(newest.map(statusJSON)), "repository": repositoryJSON(repository),
      ])
  }
}
