internal import Base
internal import Journal
internal import Settings
internal import Work

/// What is said of a run in a list and at the head of its own page.
struct RunRow {
  let summary: RunSummary
  let cost: Int64
  let links: ForgeLinks
  let now: Timestamp

  var values: [String: Any] {
    var values: [String: Any] = [
      "id": summary.run.text, "shortID": String(summary.run.text.prefix(8)), "kind": summary.job.kind.rawValue,
      "state": state.word, "tone": state.tone, "place": Self.place(of: summary.job),
      "head": summary.job.head.isZero ? "" : String(summary.job.head.hex.prefix(10)),
      "branch": summary.job.pullRequest.branch.shortDisplay, "cost": PageText.money(cost), "duration": duration,
      "started": summary.started.iso8601, "startedShort": PageText.moment(summary.started),
    ]
    if let link = links.address(of: summary.job) { values["link"] = link }
    if let parent = summary.job.parent { values["parent"] = Self.name(parent) }
    if let undone = summary.job.undoes { values["undoes"] = Self.name(undone) }
    if let line = summary.closing?.summary, !line.isEmpty { values["summary"] = PageText.line(line, limit: 600) }
    return values
  }

  /// How another run is named where a page links to it.
  static func name(_ run: RunID) -> [String: Any] {
    ["otherID": run.text, "otherShort": String(run.text.prefix(8))]
  }

  private var state: (word: String, tone: String) {
    switch summary.state {
    case .running: ("running", "busy")
    case .waiting: ("waiting", "warm")
    case .finished(let closing, _): (Self.word(closing.verdict), Self.tone(closing.verdict))
    }
  }

  private var duration: String {
    switch summary.state {
    case .finished(_, let end): return PageText.span(end.milliseconds - summary.started.milliseconds)
    case .running, .waiting:
      // To the minute, so that the page does not change with every look.
      let minutes = max(0, now.milliseconds - summary.started.milliseconds) / 60_000
      return minutes == 0 ? "under 1 min" : PageText.span(minutes * 60_000)
    }
  }

  /// The repository with the number or the branch.
  static func place(of job: Job) -> String {
    let request = job.pullRequest
    guard let forge = request.forge else {
      let name = request.repository.split(separator: "/").last.map(String.init) ?? request.repository
      return "\(DisplayText.line(name.utf8)) \(request.branch.shortDisplay)"
    }
    return forge.number > 0 ? "\(forge.repository.path) #\(forge.number)" : forge.repository.path
  }

  static func word(_ verdict: Closing.Verdict) -> String {
    String(verdict.rawValue.map { $0 == "_" ? " " : $0 })
  }

  static func tone(_ verdict: Closing.Verdict) -> String {
    switch verdict {
    case .clean, .mergeable, .upToDate, .resolved, .fixed, .undone, .completed, .answered, .nothingToFix: "good"
    case .findings, .conflicts, .fixedWithTestChange, .notFixed, .flaky, .stopped: "warm"
    case .broken, .semanticConflict, .regressed, .tampered, .infrastructure, .failed: "bad"
    case .attended, .superseded: ""
    }
  }
}

/// Where people see pull requests.
struct ForgeLinks {
  let forges: [ForgeName: ForgeSettings]

  /// The page of the job's pull request; `nil` where it has none.
  func address(of job: Job) -> String? {
    guard let place = job.pullRequest.forge, let settings = forges[place.repository.forge] else { return nil }
    let path = place.repository.path
    let site = Self.site(settings.url, of: place.repository.forge)
    guard place.number > 0 else { return "\(site)/\(path)" }
    switch place.repository.forge {
    case .github: return "\(site)/\(path)/pull/\(place.number)"
    case .gitlab: return "\(site)/\(path)/-/merge_requests/\(place.number)"
    case .gitea: return "\(site)/\(path)/pulls/\(place.number)"
    }
  }

  /// The address that people use, from that of the API.
  static func site(_ url: String, of forge: ForgeName) -> String {
    if url == "https://api.github.com" { return "https://github.com" }
    for end in ["/api/v3", "/api/v4", "/api/v1"] where url.hasSuffix(end) { return String(url.dropLast(end.count)) }
    return url
  }
}
