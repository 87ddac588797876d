internal import Base
internal import Journal
internal import Work

/// Counts what went out before for the same failure.
struct EarlierPushes {
  let journal: any JournalStore

  /// Counts the runs whose commits went out for a failure, or may have.
  ///
  /// - Parameters:
  ///   - signature: The failure.
  ///   - repository: The repository that the work was done in.
  ///   - lane: The branch or the pull request, as ``PullRequest/lane`` names it.
  ///   - destination: The repository that is written to, where that is another one: whoever writes there is counted.
  ///   - run: A run that does not count, because it asks.
  /// - Returns: How many they are.
  /// - Throws: ``JournalError``.
  func count(
    of signature: String, repository: String, lane: String, destination: String? = nil, except run: RunID? = nil
  ) async throws(JournalError) -> Int {
    guard !signature.isEmpty else { return 0 }
    var count = 0
    for other in try await journal.runs(RunFilter(lane: lane, limit: .max)) where other.run != run {
      guard other.job.kind == .fix || other.job.kind == .resolve else { continue }
      let events = try await journal.events(of: other.run)
      let place = HandRequest(in: events)?.destination
      guard place ?? other.job.pullRequest.repository == (place == nil ? repository : destination ?? repository),
        let decision = events.last(where: { $0.kind == .outcome })?.payload.decode(Decision.self),
        decision.outcome.failureSignature == signature
      else { continue }
      let wentOut = try await journal.outbox(of: other.run).contains { entry in
        guard case .push = entry.effect else { return false }
        return switch entry.state {
        case .done: true
        // Its process may have died behind the push.
        case .intended: other.closing == nil
        case .waiting: false
        }
      }
      if wentOut { count += 1 }
    }
    return count
  }
}

extension Outcome {
  /// What stands for the failure that a commit is to mend; `nil` where there is none.
  var failureSignature: String? {
    switch self {
    case .fix(let fix): fix.commit == nil ? nil : fix.signature
    case .resolve(let resolve): resolve.commit == nil ? nil : resolve.repair?.signature
    default: nil
    }
  }
}
