internal import Base
package import Work

/// A delivery that is to be taken in, made ready to be stored.
package struct AcceptRequest: Sendable {
  /// A value and what is stored of it.
  package struct Written<Value: Sendable & Encodable>: Sendable {
    package let value: Value
    package let json: CanonicalJSON

    init(_ value: Value) throws(JournalError) {
      self.value = value
      json = try CanonicalJSON(value)
    }
  }

  package let delivery: String
  package let events: [Written<Event>]
  package let jobs: [Written<Job>]

  /// - Throws: ``JournalError/unstorable(_:)``.
  package init(delivery: String, events: [Event], jobs: [Job]) throws(JournalError) {
    self.delivery = delivery
    var written: (events: [Written<Event>], jobs: [Written<Job>]) = ([], [])
    for event in events { written.events.append(try Written(event)) }
    for job in jobs { written.jobs.append(try Written(job)) }
    (self.events, self.jobs) = written
  }

  /// What taking it in looks at.
  var lanes: [Lane] {
    events.filter { !$0.value.lane.isEmpty }.map { Lane(repository: $0.value.repository, name: $0.value.lane) }
      + jobs.map { Lane(repository: $0.value.pullRequest.repository, name: $0.value.lane) }
  }
}

/// Takes deliveries in together: those that come while a transaction is being written to the disk share the next one.
///
/// Writing to the disk takes the same time for one delivery as for many, so many callers at once pay for it once. Nobody
/// waits for others to come: a delivery that comes alone is taken in at once. Each is answered when it is on the disk.
package final class AcceptBatches: Sendable {
  private struct Waiting {
    var request: AcceptRequest
    var continuation: CheckedContinuation<Result<Acceptance, JournalError>, Never>
  }

  private struct State {
    var waiting: [Waiting] = []
    var running = 0
  }

  private let state = Lock(State())
  private let width: Int
  private let perform: @Sendable ([AcceptRequest]) async throws(JournalError) -> [Acceptance]

  /// The most deliveries in one transaction: others who write want their turn too.
  private static let limit = 128

  /// - Parameters:
  ///   - width: How many transactions there are at once.
  ///   - perform: One transaction with all of these.
  package init(
    width: Int, perform: @escaping @Sendable ([AcceptRequest]) async throws(JournalError) -> [Acceptance]
  ) {
    self.width = width
    self.perform = perform
  }

  /// How many wait for the next transaction.
  package var waiting: Int { state.withLock { $0.waiting.count } }

  /// Takes a delivery in.
  ///
  /// Once it has its turn, cancelling the task that asked changes nothing any more.
  package func accept(_ request: AcceptRequest) async throws(JournalError) -> Acceptance {
    if Task.isCancelled { throw .cancelled }
    let result = await withCheckedContinuation { continuation in
      let begins = state.withLock { state in
        state.waiting.append(Waiting(request: request, continuation: continuation))
        guard state.running < width else { return false }
        state.running += 1
        return true
      }
      if begins { Task { await drain() } }
    }
    return try result.get()
  }

  private func drain() async {
    while let batch = next() {
      let results = await results(of: batch.map(\.request))
      for (waiting, result) in zip(batch, results) { waiting.continuation.resume(returning: result) }
    }
  }

  private func next() -> [Waiting]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.running -= 1
        return nil
      }
      let batch = Array(state.waiting.prefix(Self.limit))
      state.waiting.removeFirst(batch.count)
      return batch
    }
  }

  /// What becomes of each: one that cannot be taken in does not take the others with it.
  private func results(of requests: [AcceptRequest]) async -> [Result<Acceptance, JournalError>] {
    do throws(JournalError) {
      return try await perform(requests).map { .success($0) }
    } catch {
      guard requests.count > 1, error.concernsOneValue else { return requests.map { _ in .failure(error) } }
    }
    var results: [Result<Acceptance, JournalError>] = []
    for request in requests { results += await self.results(of: [request]) }
    return results
  }
}

extension JournalError {
  /// Whether the cause lies in what was to be stored or in what is stored beside it, and not in the database as a whole.
  fileprivate var concernsOneValue: Bool {
    switch self {
    case .corrupt, .notFound, .ambiguous, .staleFence, .superseded, .outOfOrder, .unstorable: true
    case .readOnly, .diskFull, .busy, .tooNew, .empty, .cancelled, .unavailable: false
    }
  }
}

extension JournalTransaction {
  /// Takes deliveries in, in their order.
  package func accept(_ requests: [AcceptRequest]) throws -> [Acceptance] {
    if requests.count > 1 {
      // All at once, so that no two who take in many wait for each other.
      try lock(requests.flatMap(\.lanes))
    }
    return try requests.map { try accept($0) }
  }
}
