internal import Base
internal import Journal
internal import Work

/// The values of the page with all runs.
struct RunsPageModel {
  var pending: [PendingJob]
  var isMorePending: Int
  var runs: [RunSummary]
  var costs: [RunID: Int64]
  var cursor: RunCursor?
  var hasOlder: Bool
  /// Whether what only looks at reports is among the runs and the jobs.
  var withReports: Bool
  /// So many reports wait to be looked at and are not among the jobs.
  var waitingReports: Int
  var links: ForgeLinks
  var now: Timestamp

  var values: [String: Any] {
    var values: [String: Any] = [
      "withReports": withReports, "title": "Runs · Arborist", "pending": pending.map(pendingValues),
      "hasPending": !pending.isEmpty,
      "pendingCount": pending.count + isMorePending, "isFirst": cursor == nil, "hasRuns": !runs.isEmpty,
      "runs": runs.map { RunRow(summary: $0, cost: costs[$0.run] ?? 0, links: links, now: now).values },
    ]
    if isMorePending > 0 { values["morePending"] = isMorePending }
    if waitingReports > 0 {
      values["waitingReports"] = waitingReports == 1 ? "1 report of a forge" : "\(waitingReports) reports of forges"
    }
    if hasOlder, let last = runs.last { values["older"] = PageCursor.text(of: last) }
    return values
  }

  private func pendingValues(_ job: PendingJob) -> [String: Any] {
    let isLater = job.notBefore > now
    var details: [String] = []
    if !job.job.head.isZero { details.append("at \(job.job.head.hex.prefix(10))") }
    if job.attempts > 1 || (job.worker == nil && job.attempts > 0) { details.append("after \(job.attempts) tries") }
    if job.worker == nil, isLater { details.append("not before \(PageText.moment(job.notBefore))") }
    details.append("since \(PageText.moment(job.job.time))")
    var values: [String: Any] = [
      "state": job.worker == nil ? "waiting" : "running", "tone": job.worker == nil ? "warm" : "busy",
      "kind": job.job.kind.rawValue, "place": RunRow.place(of: job.job), "detail": details.joined(separator: ", "),
    ]
    if let link = links.address(of: job.job) { values["link"] = link }
    return values
  }
}

/// A place in the list of runs, as it stands in an address.
enum PageCursor {
  static func text(of run: RunSummary) -> String { "\(run.started.milliseconds)-\(run.run.text)" }

  static func read(_ text: String) -> RunCursor? {
    let parts = text.split(separator: "-", maxSplits: 1)
    guard parts.count == 2, let started = Int64(parts[0]), let run = RunID(String(parts[1])) else { return nil }
    return RunCursor(started: Timestamp(milliseconds: started), run: run)
  }
}

/// The values of one run's page.
struct RunPageModel {
  var summary: RunSummary
  var cost: Int64
  /// What it gave to models, and what each of that cost.
  var tasks: [RunSummary]
  var taskCosts: [RunID: Int64]
  /// The run that has taken it back, or is about to.
  var undoing: RunSummary?
  var events: [RunEventPart]
  /// The events begin behind this one.
  var after: Int
  var count: Int
  /// The buttons that stand there.
  var orders: [RunOrder]
  var csrf: String?
  var links: ForgeLinks
  var now: Timestamp

  /// So many events stand on a page.
  static let pageSize = 50
  /// An event with more bytes than this is not taken apart for the page.
  static let payloadLimit = 192 << 10

  var values: [String: Any] {
    let id = summary.run.text
    var values = RunRow(summary: summary, cost: cost, links: links, now: now).values
    values["title"] = "\(summary.job.kind.rawValue) \(id.prefix(8)) · Arborist"
    values["count"] = count
    values["firstNumber"] = after + 1
    values["events"] = events.map { EventView($0).values(of: $0, run: id) }
    values["hasButtons"] = !orders.isEmpty
    values["hasTasks"] = !tasks.isEmpty
    values["taskCount"] = tasks.count
    values["tasks"] = tasks.map { task in
      var row = RunRow(summary: task, cost: taskCosts[task.run] ?? 0, links: links, now: now).values
      // Under a name that the run itself has none of: a template looks further out for what is not there.
      row["taskLine"] = row["summary"]
      return row
    }
    if let undoing {
      var undone = RunRow.name(undoing.run)
      undone["words"] = undoing.closing == nil ? "It is being undone by" : "It was undone by"
      values["undone"] = undone
    }
    values["buttons"] = orders.map { order in
      ["order": order.rawValue, "label": Self.label(order), "id": id, "csrf": csrf ?? ""] as [String: Any]
    }
    values.merge(steps) { _, new in new }
    return values
  }

  private static func label(_ order: RunOrder) -> String {
    switch order {
    case .stop: "Stop"
    case .resume: "Resume"
    case .undo: "Undo"
    }
  }

  /// The addresses of the other pages of the timeline.
  private var steps: [String: Any] {
    let size = Self.pageSize
    let last = max(0, (count - 1) / size * size)
    func address(_ after: Int) -> String { "/runs/\(summary.run.text)?after=\(after)#timeline" }
    var result: [String: Any] = [:]
    if after > 0 {
      result["first"] = address(0)
      result["previous"] = address(max(0, after - size))
    }
    if after + size < count {
      result["next"] = address(after + size)
      result["last"] = address(last)
    }
    return result
  }
}
