package import Base
internal import TestResults
package import Work

/// What came of replaying a history's fixes: the document `arborist.eval-fixes/1`.
package struct FixEvaluationReport: Sendable, Encodable {
  package var branch: String
  package var head: ObjectID
  package var models: [String]
  /// How many commits that change tests and code were tried.
  package var scanned = 0
  package var tasks: [Task] = []

  init(branch: String, head: ObjectID, models: [String]) {
    self.branch = branch
    self.head = head
    self.models = models
  }

  /// One commit.
  package struct Task: Sendable, Encodable {
    package var commit: ObjectID
    package var subject: String
    /// Whether its tests are red before it and green with it.
    package var isTask = false
    /// Why it is a task or is none.
    package var reason = ""
    /// How many things are red before it and green with it.
    package var red = 0
    package var executed = 0
    /// How far the results can be believed.
    package var trust = ""
    /// How long its tests took, in a workspace that was ready but for its files.
    package var milliseconds: Int64 = 0
    /// What the search made of the fault planted back: `found`, `hunks` without the commit, `wrong` or `none`.
    package var culprit: String?
    package var culpritReason: String?
    package var culpritRuns: Int?
    /// What the repair came to; `nil` without a model.
    package var verdict: FixOutcome.Verdict?
    /// In US dollars; `nil` where the price is not known.
    package var cost: Double?
    package var answers: Int?
    package var secondsToGreen: Double?

    init(commit: ObjectID, subject: String) {
      self.commit = commit
      self.subject = subject
    }

    /// In one line.
    var line: String {
      var parts = [reason]
      if isTask { parts.append("\(executed) tests in \(milliseconds) ms") }
      if let culprit { parts.append("culprit \(culprit) in \(culpritRuns ?? 0) test runs") }
      if let verdict { parts.append(verdict.rawValue) }
      return parts.joined(separator: "; ")
    }
  }

  /// The value in the middle of sorted ones, and between two the lower; zero where there is none.
  static func median<Value: BinaryInteger>(_ sorted: [Value]) -> Value {
    sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
  }

  /// The result for a person, with a line end at its end.
  package var text: String {
    let real = tasks.filter(\.isTask)
    var lines = [
      "\(real.count) tasks in \(tasks.count) commits that change tests and code, on \(branch) at \(head.short)", "",
    ]
    for task in tasks { lines.append("  \(task.commit.short)  \(task.line)  \(task.subject)") }
    lines.append("")
    guard !real.isEmpty else { return (lines + ["No commit was seen to fix a test."]).joined(separator: "\n") + "\n" }
    let times = real.map(\.milliseconds).sorted()
    lines.append("witness: tests take \(Self.median(times)) ms at the median, \(times[times.count - 1]) at most")
    let found = real.count { $0.culprit == "found" }
    let runs = real.compactMap(\.culpritRuns).sorted()
    lines.append(
      "culprit: \(found) of \(real.count) found with their commit, \(real.count { $0.culprit == "hunks" }) without it, "
        + "\(real.count { $0.culprit == "wrong" }) wrong"
        + (runs.isEmpty ? "" : "; \(Self.median(runs)) test runs at the median, \(runs[runs.count - 1]) at most"))
    if models.isEmpty {
      lines.append("repair: not measured, no model was asked")
    } else {
      let fixed = real.count { $0.verdict == .fixed }
      let cost = real.compactMap(\.cost).reduce(0, +)
      let seconds = real.compactMap(\.secondsToGreen).sorted()
      lines.append(
        "repair by \(models.joined(separator: ", ")): \(fixed) of \(real.count) fixed"
          + (seconds.isEmpty ? "" : ", \(Self.median(seconds.map { Int($0) })) s to green at the median")
          + ", cost $\(Self.cents(cost))")
      for verdict in FixOutcome.Verdict.allCases where verdict != .fixed {
        let count = real.count { $0.verdict == verdict }
        if count > 0 { lines.append("  \(verdict.rawValue): \(count)") }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cents(_ amount: Double) -> String {
    let cents = Int((amount * 100).rounded())
    return "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
  }
}

extension TestTrust {
  /// What a person calls it.
  var name: String {
    switch self {
    case .status: "status"
    case .text: "text"
    case .stream: "stream"
    case .file: "file"
    }
  }
}
