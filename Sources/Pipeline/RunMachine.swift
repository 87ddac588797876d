package import Base
package import Journal
package import Work

/// Takes a claimed job from wherever its journal says it is to its end.
///
/// The journal is the state: every step is durable before the next one starts, so a machine that dies anywhere is
/// followed by another that goes on at the same step.
package struct RunMachine<Place: Venue>: Sendable {
  private let journal: any JournalStore
  private let venue: Place
  private let clock: WallClock
  private let isQueued: Bool
  private let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - journal: Where the run's state is.
  ///   - venue: Where the work is done.
  ///   - clock: The present moment, for the next try of what failed.
  ///   - isQueued: Whether what failed is given back to a queue; what a person asked for stays open and the error is
  ///     theirs.
  ///   - log: Takes one line on what is going on.
  package init(
    journal: any JournalStore, venue: Place, clock: WallClock, isQueued: Bool = true,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.journal = journal
    self.venue = venue
    self.clock = clock
    self.isQueued = isQueued
    self.log = log
  }

  /// Carries the job to its end, or gives it back to be tried again later.
  ///
  /// - Returns: How the run ended; `nil` where the job was given back, or was taken by another worker.
  /// - Throws: ``JournalError`` where the journal cannot be written; the job is then where it was.
  @discardableResult
  package func perform(_ claimed: ClaimedJob) async throws -> Closing? {
    let (run, state) = try await open(claimed)
    return try await perform(claimed, run, from: state)
  }

  /// Carries a run that is open to its end, or gives its job back to be tried again later.
  ///
  /// - Parameters:
  ///   - claimed: The job.
  ///   - run: Its run.
  ///   - state: How far it is.
  /// - Returns: How the run ended; `nil` as for ``perform(_:)``.
  /// - Throws: ``JournalError``, and where nobody else is to try it again, what went wrong; the run then stays open.
  @discardableResult
  package func perform(_ claimed: ClaimedJob, _ run: RunID, from state: RunState) async throws -> Closing? {
    log("run \(run): \(claimed.job.kind.rawValue) of \(claimed.job.pullRequest.branch.shortDisplay)")
    let closing: Closing?
    do {
      closing = try await carry(claimed, run, from: state)
    } catch {
      await venue.cleanUp(run)
      // Another worker has the job; it is that one's to end.
      if case .staleFence = error as? JournalError { return nil }
      throw error
    }
    await venue.cleanUp(run)
    if let closing { log("run \(run): \(closing.verdict.rawValue): \(closing.summary)") }
    return closing
  }

  private func carry(
    _ claimed: ClaimedJob, _ run: RunID, from state: RunState
  ) async throws -> Closing? {
    do {
      return try await advance(claimed, run, from: state)
    } catch let error as JournalError {
      guard case .superseded(let reason) = error else { throw error }
      return try await close(run, Closing(endedBecause: reason), claimed)
    } catch {
      return try await settle(error, of: claimed, run)
    }
  }

  private func open(_ claimed: ClaimedJob) async throws(JournalError) -> (RunID, RunState) {
    if let open = try await journal.openRun(for: claimed.claim) {
      try await journal.append(
        .resumed(attempt: claimed.attempt, by: claimed.worker), to: open.run, under: claimed.claim)
      return (open.run, open.state)
    }
    let run = RunID(random: .random(in: .min ... .max))
    try await journal.startRun(run, of: claimed)
    return (run, .fresh)
  }

  /// One step after the other, each decided by what the journal holds.
  private func advance(_ claimed: ClaimedJob, _ run: RunID, from start: RunState) async throws -> Closing? {
    var state = start
    let notebook = RunNotebook(of: run, under: claimed.claim, in: journal)
    while true {
      switch state.next {
      case .decide:
        let decision = try await venue.decide(claimed.job, run: run, steps: notebook)
        try await journal.decide(decision.outcome, publication: decision.publication, of: run, under: claimed.claim)
        state = .decided(decision)
      case .begin(let effect), .repeatEffect(let effect):
        guard let decision = state.decision else { return nil }
        let isRepeated = state.next == .repeatEffect(effect)
        var (now, done) = (decision, effect)
        switch try await publish(effect, isRepeated, of: decision, claimed, run, notebook) {
        case .done: done += 1
        case .replaced(let instead): now = decision.replacing(from: effect, by: instead)
        case .ended(let closing): return closing
        }
        let results = Array(repeating: "", count: done)
        state = .publishing(now, RunState.EffectProgress(results: results, isNextBegun: false))
      case .finish:
        guard let decision = state.decision else { return nil }
        return try await finish(run, Closing(of: decision.outcome), claimed)
      case .none:
        return nil
      }
    }
  }

  /// What became of an effect.
  private enum Published {
    case done
    /// It was refused, and this takes its place and that of all behind it.
    case replaced(Decision)
    /// It could not be carried out, and the run is over.
    case ended(Closing)
  }

  /// Carries out one effect.
  private func publish(
    _ effect: Int, _ isRepeated: Bool, of decision: Decision, _ claimed: ClaimedJob, _ run: RunID,
    _ notebook: RunNotebook
  ) async throws -> Published {
    let what = decision.publication.effects[effect]
    var turn = 0
    // A try that follows another one begins no request before the journal has said how long that one is quiet.
    var isWaiting = isRepeated
    while true {
      let window = await venue.writeWindow(for: what, of: claimed.job, turn: turn)
      let begun = clock.now()
      let entry = try await journal.markIntended(
        effect: effect, of: run, under: claimed.claim, writing: isWaiting ? nil : window)
      if case .done = entry.state { return .done }
      // The database counted `quiet` at a moment of the call, which may have taken long: what is too late is safe.
      let told = clock.now()
      var attempt = EffectAttempt(intended: begun, isRepeated: isWaiting)
      if case .intended(let since) = entry.state { attempt.intended = since }
      attempt.latest = entry.quiet.map { told.adding(.zero - $0) }
      attempt.writesUntil = window.map { isWaiting ? Timestamp(milliseconds: 0) : begun.adding($0) }
      switch try await venue.carryOut(what, attempt, of: claimed.job, run: run, steps: notebook) {
      case .done(let result):
        try await journal.markDone(effect: effect, result: result, of: run, under: claimed.claim)
        return .done
      case .overtaken(let reason):
        return .ended(try await close(run, Closing(verdict: .superseded, summary: reason), claimed))
      case .withheld(let reason):
        return .ended(try await close(run, Closing(verdict: .failed, summary: reason), claimed))
      case .refused(let reason):
        let instead = try await venue.instead(
          of: what, refusedBecause: reason, decision, for: claimed.job, run: run, steps: notebook)
        guard let instead else {
          return .ended(try await close(run, Closing(verdict: .failed, summary: reason), claimed))
        }
        log("run \(run): \(reason); what was made is told in another way")
        try await journal.replace(
          effect: effect, of: run, refusedBecause: reason, by: instead, under: claimed.claim)
        return .replaced(instead)
      case .unfinished:
        if !isWaiting { turn += 1 }
        isWaiting = false
      }
    }
  }

  /// Ends a run of which not everything was published; tells these words in place of the closing's summary.
  private func close(
    _ run: RunID, _ closing: Closing, _ claimed: ClaimedJob, telling words: String? = nil
  ) async throws(JournalError) -> Closing {
    await venue.tell(
      Closing(verdict: closing.verdict, summary: words ?? closing.summary), of: claimed.job, run: run)
    return try await finish(run, closing, claimed)
  }

  private func finish(
    _ run: RunID, _ closing: Closing, _ claimed: ClaimedJob
  ) async throws(JournalError) -> Closing {
    try await journal.finish(run, closing, under: claimed.claim)
    return closing
  }

  /// Ends a run that failed, or gives its job back where another try may succeed.
  private func settle(
    _ error: any Error, of claimed: ClaimedJob, _ run: RunID
  ) async throws -> Closing? {
    switch error {
    case let superseded as JobSuperseded:
      return try await close(run, Closing(verdict: .superseded, summary: superseded.description), claimed)
    case let failure as JobFailure:
      let closing = Closing(verdict: .failed, summary: failure.description)
      return try await close(run, closing, claimed, telling: failure.publicWords)
    default:
      // Who is told to end gives the job back; nothing has failed.
      guard isQueued, !Task.isCancelled else { throw error }
      let reason = "\(error)"
      if let passing = error as? any PassingError, passing.passes,
        let next = Postponement.next(for: claimed.job, passing, clock.now())
      {
        log("run \(run): \(reason); it goes on later")
        return try await release(claimed, run, .postponed(notBefore: next))
      }
      guard Attempts.mayRetry(after: claimed.attempt) else {
        let told = Attempts.givingUp(after: claimed.attempt, because: PublicWords.of(error)).summary
        return try await close(
          run, Attempts.givingUp(after: claimed.attempt, because: reason), claimed, telling: told)
      }
      let delay = Int64(1000) << Int64(claimed.attempt)
      let next = Timestamp(milliseconds: clock.now().milliseconds + delay)
      log("run \(run): \(reason); it is tried again")
      return try await release(claimed, run, .failed(reason: reason, notBefore: next))
    }
  }

  /// Gives a job back; one that is pointless by now ends, and whoever waits for it is told.
  private func release(
    _ claimed: ClaimedJob, _ run: RunID, _ release: Release
  ) async throws(JournalError) -> Closing? {
    do {
      try await journal.release(claimed.claim, release)
      return nil
    } catch {
      guard case .superseded(let reason) = error else { throw error }
      return try await close(run, Closing(endedBecause: reason), claimed)
    }
  }
}

/// When a job goes on that waits for something outside.
enum Postponement {
  /// How old a job may grow while it waits, in milliseconds: three days.
  static let longest: Int64 = 3 * 24 * 3_600_000

  /// The moment of the next try: sooner where the job is young, after five minutes at most, or as the outside asks for.
  ///
  /// - Returns: The moment; `nil` where the job has waited for too long.
  static func next(for job: Job, _ error: any PassingError, _ now: Timestamp) -> Timestamp? {
    let age = max(0, now.milliseconds - job.time.milliseconds)
    guard age < longest else { return nil }
    let usual = min(max(age / 4, 2_000), 300_000)
    let asked = Int64(error.wait ?? 0).multipliedReportingOverflow(by: 1_000)
    let wait = asked.overflow ? usual : max(usual, min(asked.partialValue, 3_600_000))
    return Timestamp(milliseconds: now.milliseconds + wait)
  }
}
