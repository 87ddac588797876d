internal import Base
internal import Journal
internal import Work

/// What runs cost, as far as somebody has looked: only what came since is added up.
actor RunCosts {
  private let journal: any JournalStatistics
  private var known: [RunID: RunCost] = [:]
  private static let most = 5000

  init(journal: any JournalStatistics) {
    self.journal = journal
  }

  func costs(of runs: [RunSummary]) async throws(JournalError) -> [RunID: Int64] {
    if known.count > Self.most { known = [:] }
    var result: [RunID: Int64] = [:]
    for run in runs { result[run.run] = try await cost(of: run) }
    return result
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
