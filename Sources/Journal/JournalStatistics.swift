package import Base
package import Work

/// What is asked of a journal by those who watch it; nothing here changes it.
package protocol JournalStatistics: Sendable {
  /// How many jobs of each kind wait and run.
  func queueFigures() async throws(JournalError) -> [QueueFigure]

  /// How many runs are over: the position of the ledger's newest entry.
  func finishedCount() async throws(JournalError) -> Int

  /// What the runs came to that were entered in the ledger behind this position, in its order; at most `limit`.
  func finishedRuns(after position: Int, limit: Int) async throws(JournalError) -> [FinishedRunFigures]

  /// What requests to forges came to since the journal is there, those of all workers together.
  func forgeFigures() async throws(JournalError) -> [ForgeFigure]

  /// Runs, newest first, behind this place in that order; at most `limit`. Those that only looked at what a forge
  /// reported (``JobKind/attend``) are among them where they are asked for.
  func runs(
    before cursor: RunCursor?, limit: Int, withReports: Bool
  ) async throws(JournalError) -> [RunSummary]

  /// The jobs that wait or run and are more than a look at what a forge reported, in the order in which they are taken.
  func pendingWork(limit: Int) async throws(JournalError) -> [PendingJob]

  /// What this run gave to models, in the order in which it began; at most `limit`.
  func tasks(of run: RunID, limit: Int) async throws(JournalError) -> [RunSummary]

  /// What models cost in a run behind this event.
  func cost(of run: RunID, after sequence: Int) async throws(JournalError) -> RunCost

  /// How many events a run has; zero where there is no such run.
  func eventCount(of run: RunID) async throws(JournalError) -> Int

  /// Events of a run behind this one, in their order; at most `limit`, each with at most `payload` bytes of what it
  /// holds.
  func eventParts(of run: RunID, after sequence: Int, limit: Int, payload: Int) async throws(JournalError)
    -> [RunEventPart]

  /// All that one event of a run holds; `nil` where there is no such event.
  func payload(of run: RunID, sequence: Int) async throws(JournalError) -> CanonicalJSON?

  /// Writes something that changes nothing, as durably as all else.
  ///
  /// - Throws: why nothing could be written now.
  func checkWritable() async throws(JournalError)
}

/// How many jobs of one kind are in one state.
package struct QueueFigure: Sendable, Hashable {
  package var kind: JobKind
  package var isRunning: Bool
  package var count: Int
  /// When the event of the oldest of them happened.
  package var oldest: Timestamp

  package init(kind: JobKind, isRunning: Bool, count: Int, oldest: Timestamp) {
    self.kind = kind
    self.isRunning = isRunning
    self.count = count
    self.oldest = oldest
  }
}

/// What a run that is over came to.
package struct FinishedRunFigures: Sendable, Hashable {
  /// Its place in the ledger.
  package var position: Int
  package var kind: JobKind
  /// The kind of the work that models were asked for: of a task, that of the run that gave it.
  package var asker: JobKind
  package var verdict: Closing.Verdict
  package var started: Timestamp
  package var finished: Timestamp
  /// What models cost in it, in billionths of a US dollar.
  package var cost: Int64
  /// How long each answer of a model took, in milliseconds; failed requests are among them.
  package var modelMilliseconds: [Int64]
  package var effects: [EffectFigure]

  package init(
    position: Int, kind: JobKind, asker: JobKind, verdict: Closing.Verdict, started: Timestamp, finished: Timestamp,
    cost: Int64,
    modelMilliseconds: [Int64], effects: [EffectFigure]
  ) {
    self.position = position
    self.kind = kind
    self.asker = asker
    self.verdict = verdict
    self.started = started
    self.finished = finished
    self.cost = cost
    self.modelMilliseconds = modelMilliseconds
    self.effects = effects
  }
}

/// One effect that was carried out.
package struct EffectFigure: Sendable, Hashable {
  /// `push`, `note`, or what is written to a forge: `comments`, `summary`, `answer`, `settle`, `check`.
  package var name: String
  /// From its first intent until it was done.
  package var milliseconds: Int64

  package init(name: String, milliseconds: Int64) {
    self.name = name
    self.milliseconds = milliseconds
  }
}

/// What models cost in a part of a run.
package struct RunCost: Sendable, Hashable {
  /// Billionths of a US dollar.
  package var nano: Int64
  /// The last event that is in it.
  package var through: Int

  package init(nano: Int64, through: Int) {
    self.nano = nano
    self.through = through
  }
}

/// A place in the order of runs, newest first.
package struct RunCursor: Sendable, Hashable {
  package var started: Timestamp
  package var run: RunID

  package init(started: Timestamp, run: RunID) {
    self.started = started
    self.run = run
  }
}

/// An event of a run, perhaps without all that it holds.
package struct RunEventPart: Sendable, Hashable {
  package var sequence: Int
  package var time: Timestamp
  package var kind: RunEvent.Kind
  /// The beginning of the JSON; all of it where it is no shorter than ``size``.
  package var payload: [UInt8]
  /// The bytes of the whole JSON.
  package var size: Int

  package init(sequence: Int, time: Timestamp, kind: RunEvent.Kind, payload: [UInt8], size: Int) {
    self.sequence = sequence
    self.time = time
    self.kind = kind
    self.payload = payload
    self.size = size
  }

  package var isWhole: Bool { payload.count >= size }
}

extension Effect {
  /// What it is counted as; see ``EffectFigure/name``.
  package var figureName: String {
    switch self {
    case .push: "push"
    case .note: "note"
    case .forge(.comments): "comments"
    case .forge(.summary): "summary"
    case .forge(.answer): "answer"
    case .forge(.settle): "settle"
    case .forge(.check): "check"
    }
  }
}
