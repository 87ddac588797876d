internal import Base
internal import Journal
internal import Work

/// What runs cost; of those that are over it is remembered, because adding it up reads all their answers.
actor RunCosts {
  private let journal: any JournalStatistics
  private var known: [RunID: Int64] = [:]
  private static let most = 5000

  init(journal: any JournalStatistics) {
    self.journal = journal
  }

  func costs(of runs: [RunSummary]) async throws(JournalError) -> [RunID: Int64] {
    let open = runs.filter { known[$0.run] == nil }
    let found = open.isEmpty ? [:] : try await journal.costs(of: open.map(\.run))
    if known.count > Self.most { known = [:] }
    var result: [RunID: Int64] = [:]
    for run in runs {
      let cost = known[run.run] ?? found[run.run] ?? 0
      result[run.run] = cost
      if case .finished = run.state { known[run.run] = cost }
    }
    return result
  }
}
