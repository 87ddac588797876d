internal import Base
internal import HTTP
internal import JSON
internal import Work

/// Checks of an App, and plain statuses of an account, on GitHub.
extension GitHubForge {
  /// The most annotations of one request; what comes with a later one is put behind them.
  static let annotationsPerRequest = 50

  func report(_ check: CheckReport, on place: ForgePlace) async throws(ForgeError) -> String {
    guard app == nil else { return try await reportRun(check, on: place) }
    return try await reportStatus(
      check, as: Self.status(check.state), newest: [("per_page", "100")], member: "state", on: place)
  }

  // MARK: Check runs

  /// GitHub takes 65,535 characters.
  private static let longestSummary = 65_000

  private func reportRun(_ check: CheckReport, on place: ForgePlace) async throws(ForgeError) -> String {
    var check = check
    check.summary = ForgeText.cut(check.summary, most: Self.longestSummary)
    // The base has no place in a check, which is made for the head alone.
    let annotations = check.annotations
      .filter { $0.anchor.side == .head && DisplayText.isUTF8($0.anchor.path.bytes) }.map {
        Self.annotation($0, check.state)
      }
    let found = try await run(of: check, on: place)
    var sent = 0
    var run: Int64
    if let found, found.isSame(as: check) {
      guard found.annotations < annotations.count else { return "the check is there already" }
      run = found.id
      sent = found.annotations
    } else {
      let first = Array(annotations.prefix(Self.annotationsPerRequest))
      sent = first.count
      let body = Self.body(of: check, annotations: first)
      // What was said on lines cannot be taken back: where there is such, or all is said, another run takes its place.
      if let found, !found.isCompleted || check.state != .pending && found.annotations == 0 {
        run = found.id
        try await patch(run, body, on: place)
      } else {
        var body = body
        body["name"] = .string(check.name)
        body["head_sha"] = .string(check.head.hex)
        body["external_id"] = .string(Self.externalID(check))
        let made = try await transport.send(
          .write(.post, "\(base(place))/check-runs", .object(body), scope: scope(place)))
        run = try made.record().requiredNumber("id")
      }
    }
    while sent < annotations.count {
      let more = Array(annotations[sent...].prefix(Self.annotationsPerRequest))
      try await patch(run, Self.body(of: check, annotations: more), on: place)
      sent += more.count
    }
    return "the check says \(check.state.rawValue)"
  }

  private func patch(_ run: Int64, _ body: [String: JSONValue], on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(
      .write(.patch, "\(base(place))/check-runs/\(run)", .object(body), scope: scope(place)))
  }

  /// A check run as it stands.
  private struct StandingRun {
    var id: Int64
    var isCompleted: Bool
    var conclusion: String?
    var title: String
    var summary: String
    var annotations: Int

    func isSame(as check: CheckReport) -> Bool {
      let isPending = check.state == .pending
      return isCompleted == !isPending && (isPending || conclusion == check.state.rawValue)
        && HiddenMarker.isSame(title, check.title) && HiddenMarker.isSame(summary, check.summary)
    }
  }

  static func externalID(_ check: CheckReport) -> String { "arborist:\(check.name)" }

  /// The latest run of ours with this name at this commit.
  private func run(of check: CheckReport, on place: ForgePlace) async throws(ForgeError) -> StandingRun? {
    let call = ForgeCall.get(
      "\(base(place))/commits/\(check.head.hex)/check-runs",
      [("check_name", check.name), ("filter", "latest"), ("per_page", "100")], scope: scope(place))
    // A workflow of the branch can make checks too, and give them any name; only our own App's are ours.
    let runs = try await transport.send(call).record().records("check_runs")
      .filter { $0.text("external_id") == Self.externalID(check) && app?.made($0) != false }
    var latest: StandingRun?
    for record in runs {
      let id = try record.requiredNumber("id")
      guard latest.map({ $0.id < id }) ?? true else { continue }
      let output = record.record("output")
      latest = StandingRun(
        id: id, isCompleted: record.text("status") == "completed", conclusion: record.text("conclusion"),
        title: output?.text("title") ?? "", summary: output?.text("summary") ?? "",
        annotations: Int(output?.number("annotations_count") ?? 0))
    }
    return latest
  }

  private static func body(of check: CheckReport, annotations: [JSONValue]) -> [String: JSONValue] {
    var output: [String: JSONValue] = ["title": .string(check.title), "summary": .string(check.summary)]
    if !annotations.isEmpty { output["annotations"] = .array(annotations) }
    var body: [String: JSONValue] = ["output": .object(output)]
    if check.state == .pending {
      body["status"] = "in_progress"
    } else {
      body["status"] = "completed"
      body["conclusion"] = .string(check.state.rawValue)
    }
    return body
  }

  private static func annotation(_ comment: LineComment, _ state: CheckReport.State) -> JSONValue {
    .object([
      "path": .string(String(decoding: comment.anchor.path.bytes, as: UTF8.self)),
      "start_line": .number(Double(comment.anchor.startLine)), "end_line": .number(Double(comment.anchor.endLine)),
      "annotation_level": state == .failure ? "warning" : "notice", "message": .string(comment.body),
    ])
  }

  // MARK: Statuses

  /// GitHub has no status that is an end and yet neither green nor red.
  ///
  /// `pending` would say for ever that somebody is at work. `error` is an end, is never green, and is no `failure`, which
  /// is what a check says that has judged.
  private static func status(_ state: CheckReport.State) -> String {
    switch state {
    case .pending: "pending"
    case .success: "success"
    case .failure: "failure"
    case .neutral: "error"
    }
  }
}
