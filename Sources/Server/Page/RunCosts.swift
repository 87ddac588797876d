internal import Base
internal import Journal
internal import Work

/// What runs cost, with what they gave to models; as far as somebody has looked, only what came since is added up.
actor RunCosts {
  private let journal: any JournalStatistics
  private var known: [RunID: RunCost] = [:]
  /// Of runs that are over, and all of whose tasks are.
  private var totals: [RunID: Int64] = [:]
  private static let most = 5000

  /// No run gives so many tasks to models; what would be beyond is not added up.
  static let mostTasks = 500

  init(journal: any JournalStatistics) {
    self.journal = journal
  }

  /// What each of these cost, in billionths of a US dollar.
  func costs(of runs: [RunSummary]) async throws(JournalError) -> [RunID: Int64] {
    if known.count > Self.most { known = [:] }
    if totals.count > Self.most { totals = [:] }
    var result: [RunID: Int64] = [:]
    for run in runs { result[run.run] = try await total(of: run) }
    return result
  }

  private func total(of run: RunSummary) async throws(JournalError) -> Int64 {
    if let total = totals[run.run] { return total }
    var total = try await cost(of: run)
    var isOver = run.closing != nil
    // A task gives none, and nobody asks a model what a report is about.
    if run.job.parent == nil, run.job.kind != .attend {
      for task in try await journal.tasks(of: run.run, limit: Self.mostTasks) {
        total = total.addingReportingOverflow(try await cost(of: task)).partialValue
        isOver = isOver && task.closing != nil
      }
    }
    if isOver { totals[run.run] = total }
    return total
  }

  private func cost(of run: RunSummary) async throws(JournalError) -> Int64 {
    let before = known[run.run] ?? RunCost(nano: 0, through: 0)
    // What is over costs no more.
    if before.through == .max { return before.nano }
    var cost = try await journal.cost(of: run.run, after: before.through)
    cost.nano = cost.nano.addingReportingOverflow(before.nano).partialValue
    if case .finished = run.state { cost.through = .max }
    // Somebody else may have looked further meanwhile.
    if cost.through >= known[run.run]?.through ?? 0 { known[run.run] = cost }
    return cost.nano
  }
}
