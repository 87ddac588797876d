package import Base

/// A place in the order in which events are looked at for what they hold.
package struct RetentionPlace: Sendable, Hashable {
  /// When the event happened.
  package var time: Timestamp
  /// The event's name.
  package var event: String

  package init(time: Timestamp, event: String) {
    self.time = time
    self.event = event
  }
}

/// What one step of taking out came to.
package struct RetentionStep: Sendable, Hashable {
  /// So many events hold nothing any more.
  package var removed: Int
  /// Where the next step begins; `nil` where all that is old enough was looked at.
  package var next: RetentionPlace?

  package init(removed: Int, next: RetentionPlace? = nil) {
    self.removed = removed
    self.next = next
  }
}

/// Takes out what deliveries of forges held, once they are old and nobody needs it.
///
/// What is needed is a rule of the journal's (``JournalStore/removeContent(ofDeliveriesOlderThan:after:limit:)``). It
/// goes in small transactions with a pause in between, so that whoever takes deliveries in hardly waits; of all
/// processes that share the database one does it at a time.
package struct Retention: Sendable {
  private let journal: any JournalStore
  private let age: Duration
  private let writer: String
  private let limit: Int
  private let pause: @Sendable () async -> Void

  /// The turn that whoever takes out has.
  package static let turn = "retention"
  /// After so long somebody else may go on for one that died over it.
  private static let turnTime = Duration.seconds(60)

  /// - Parameters:
  ///   - journal: Where it is taken out.
  ///   - age: How long ago a delivery came, by the database's clock, when it is old.
  ///   - writer: Who does it; a name that no other process has.
  ///   - limit: How many events are looked at in one transaction.
  ///   - pause: What is done between two transactions.
  package init(
    journal: any JournalStore, age: Duration, writer: String, limit: Int = 300,
    pause: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .milliseconds(20)) }
  ) {
    self.journal = journal
    self.age = age
    self.writer = writer
    self.limit = limit
    self.pause = pause
  }

  /// Looks once at all that is old.
  ///
  /// - Returns: How many events hold nothing any more; `nil` where another process is at it.
  /// - Throws: ``JournalError``. What was taken out until then stays so.
  package func pass() async throws(JournalError) -> Int? {
    var removed = 0
    var place: RetentionPlace?
    while !Task.isCancelled {
      // The turn lasts for a step: one that was stopped for long goes on for as long as nobody else has begun.
      if try await journal.takeTurn(at: Self.turn, by: writer, for: Self.turnTime) != nil {
        return place == nil ? nil : removed
      }
      let step = try await journal.removeContent(ofDeliveriesOlderThan: age, after: place, limit: limit)
      removed += step.removed
      place = step.next
      if place == nil { break }
      await pause()
    }
    try await journal.leaveTurn(at: Self.turn, by: writer)
    return removed
  }
}

extension Closing.Verdict {
  /// Whether a person may have work that ended so done once more.
  package var mayBeResumed: Bool {
    switch self {
    case .failed, .infrastructure, .stopped: true
    default: false
    }
  }

  /// Whether work that ended so may have pushed what a person may take back.
  package var mayBeUndone: Bool {
    switch self {
    case .fixed, .fixedWithTestChange, .resolved: true
    default: false
    }
  }
}
