package import Base
package import Work

/// A run in one line.
package struct RunSummary: Sendable, Hashable {
  package var run: RunID
  package var job: Job
  package var state: State
  package var started: Timestamp

  /// How far a run is.
  package enum State: Sendable, Hashable {
    /// A worker has it.
    case running
    /// Its worker is gone, or gave it back; it goes on when its job is taken again.
    case waiting
    /// It is over.
    case finished(Closing, at: Timestamp)
  }

  package init(run: RunID, job: Job, state: State, started: Timestamp) {
    self.run = run
    self.job = job
    self.state = state
    self.started = started
  }

  /// How it ended; `nil` while it has not.
  package var closing: Closing? {
    if case .finished(let closing, _) = state { closing } else { nil }
  }
}

/// Which runs are asked for, newest first.
package struct RunFilter: Sendable, Hashable {
  /// Only this repository's; `nil` for all.
  package var repository: String?
  /// Only those of this branch or pull request, as ``PullRequest/lane`` names it; `nil` for all.
  package var lane: String?
  /// Only those that are not over.
  package var isOpenOnly: Bool
  /// At most so many.
  package var limit: Int

  package init(repository: String? = nil, lane: String? = nil, isOpenOnly: Bool = false, limit: Int = 50) {
    self.repository = repository
    self.lane = lane
    self.isOpenOnly = isOpenOnly
    self.limit = limit
  }
}

/// A run that was begun and not finished, and what it has behind it.
package struct OpenRun: Sendable, Hashable {
  package var run: RunID
  package var events: [RunEvent]
  /// What the events tell.
  package var state: RunState

  package init(run: RunID, events: [RunEvent], state: RunState) {
    self.run = run
    self.events = events
    self.state = state
  }
}

/// An effect of a run as the outbox has it.
package struct OutboxEntry: Sendable, Hashable {
  /// Its place in the publication, counted from zero.
  package var position: Int
  package var effect: Effect
  package var state: State
  /// How long ago the time ended in which a try that is over might begin requests, below zero where it goes on; only
  /// from ``JournalStore/markIntended(effect:of:under:writing:)``, and `nil` where nobody knows.
  package var quiet: Duration?

  /// How far an effect is.
  package enum State: Sendable, Hashable {
    case waiting
    /// Begun for the first time at this moment; it may or may not have happened.
    case intended(since: Timestamp)
    /// Carried out; the text is one line on what it left.
    case done(result: String)
  }

  package init(position: Int, effect: Effect, state: State) {
    self.position = position
    self.effect = effect
    self.state = state
  }
}
