package import Base
package import Journal
package import Work

/// Takes jobs from a shared journal and carries them out, several side by side, until it is told to end.
///
/// Any number of these may share a journal. What one of them holds when it dies is somebody else's once its lease is
/// over; what it holds when it is told to end is given back at once.
///
/// Of several forges, one that is away must not hold up another. Each has somebody who attends to its reports alone, and
/// somebody who takes its work while what was begun on it is given back, or while all hands are full of others' work.
/// Those who work for all look first where less is under way.
package struct ForgeWorker<Place: Venue>: Sendable {
  private let journal: any JournalStore
  private let venue: Place
  private let clock: WallClock
  private let id: WorkerID
  private let forges: [ForgeName]
  private let settings: WorkerSettings
  private let log: @Sendable (String) -> Void
  private let standings = Lock<[ForgeName: Standing]>([:])

  /// How it stands with the work on a forge, as far as this worker knows.
  private struct Standing: Sendable {
    /// How many jobs are under way.
    var running = 0
    /// Whether the last one that came to an end was given back.
    var isTroubled = false
  }

  /// - Parameters:
  ///   - journal: The journal that is shared.
  ///   - venue: Where the work is done.
  ///   - clock: The present moment.
  ///   - id: Names this process.
  ///   - forges: Those that are spoken to.
  ///   - settings: How many jobs at once, and for how long they are held.
  ///   - log: Takes one line on what is going on.
  package init(
    journal: any JournalStore, venue: Place, clock: WallClock = .system, id: WorkerID,
    forges: [ForgeName] = [], settings: WorkerSettings = WorkerSettings(), log: @escaping @Sendable (String) -> Void
  ) {
    self.journal = journal
    self.venue = venue
    self.clock = clock
    self.id = id
    self.forges = forges
    self.settings = settings
    self.log = log
  }

  /// Works until the task is cancelled.
  package func run() async {
    await withTaskGroup { group in
      for slot in 0..<max(1, settings.jobs) {
        group.addTask { await work(as: WorkerID("\(id)/\(slot)")) { shares() } }
      }
      // A report may say that what the others do is to end, so it never waits for them.
      group.addTask { await work(as: WorkerID("\(id)/reports")) { [.reports] } }
      for forge in forges {
        group.addTask { await work(as: WorkerID("\(id)/reports-\(forge.rawValue)")) { [.on(forge, .reports)] } }
      }
      for forge in forges where forges.count > 1 {
        group.addTask {
          await work(as: WorkerID("\(id)/\(forge.rawValue)")) { isLeft(forge) ? [.on(forge, .work)] : [] }
        }
      }
      group.addTask { await recover() }
    }
  }

  /// What work is looked for, the first of them first.
  private func shares() -> [JobShare] {
    // Where there is but one forge, nobody is held up.
    guard forges.count > 1 else { return [.work] }
    let standings = standings.withLock { $0 }
    let well = forges.filter { standings[$0]?.isTroubled != true }
    let ordered = well.sorted { standings[$0]?.running ?? 0 < standings[$1]?.running ?? 0 }
    // Jobs of forges that are configured no more come to their end here.
    return ordered.map { .on($0, .work) } + (well.count == forges.count ? [.work] : [])
  }

  /// Whether those who work for all leave a forge's work alone, or have all hands full of others'.
  private func isLeft(_ forge: ForgeName) -> Bool {
    let standings = standings.withLock { $0 }
    if standings[forge]?.isTroubled == true { return true }
    let running = standings.reduce(0) { $0 + $1.value.running }
    return running >= max(1, settings.jobs) && standings[forge]?.running ?? 0 == 0
  }

  private func work(as worker: WorkerID, _ shares: @Sendable () -> [JobShare]) async {
    // Taken before the first look, so that what comes in between is not missed.
    let bell = await journal.workBell()
    while !Task.isCancelled {
      do {
        if try await step(as: worker, shares()) { continue }
      } catch {
        if Task.isCancelled { return }
        log("worker \(worker): \(error)")
      }
      _ = await bell.wait(upTo: settings.pause)
    }
  }

  /// Takes a job and carries it out; `false` where none can be taken.
  private func step(as worker: WorkerID, _ shares: [JobShare]) async throws -> Bool {
    for share in shares {
      guard let claimed = try await journal.claim(worker: worker, leaseSeconds: settings.leaseSeconds, of: share) else {
        continue
      }
      try await carryOut(claimed)
      return true
    }
    return false
  }

  private func carryOut(_ claimed: ClaimedJob) async throws {
    let forge = claimed.job.pullRequest.forge?.repository.forge
    let isWork = claimed.job.kind != .attend
    if let forge, isWork { standings.withLock { $0[forge, default: Standing()].running += 1 } }
    defer { if let forge, isWork { standings.withLock { $0[forge]?.running -= 1 } } }
    let machine = RunMachine(journal: journal, venue: venue, clock: clock, log: log)
    let ending = await withTaskGroup(of: JobEnding?.self) { group in
      group.addTask { await Self.carry(claimed, machine) }
      group.addTask { await hold(claimed.claim) }
      var ending: JobEnding?
      // Whichever ends first ends the other: the work, or the right to do it.
      for await part in group {
        if let part { ending = ending ?? part }
        group.cancelAll()
      }
      return ending
    }
    if let forge, case .done(let isOver) = ending {
      standings.withLock { $0[forge, default: Standing()].isTroubled = !isOver }
    }
    try await settle(claimed, ending)
  }

  private enum JobEnding: Sendable {
    /// It came to its end, or was given back to be tried again.
    case done(isOver: Bool)
    case failed(any Error)
    case superseded(String)
    case lost
  }

  private static func carry(_ claimed: ClaimedJob, _ machine: RunMachine<Place>) async -> JobEnding {
    do {
      return .done(isOver: try await machine.perform(claimed) != nil)
    } catch {
      return .failed(error)
    }
  }

  /// Renews the lease until the work is over; tells where the job is somebody else's, or pointless.
  private func hold(_ claim: Claim) async -> JobEnding? {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: settings.renewal)
        _ = try await journal.renew(claim, leaseSeconds: settings.leaseSeconds)
      } catch JournalError.staleFence {
        return .lost
      } catch JournalError.superseded(let reason) {
        return .superseded(reason)
      } catch {
        // The database may be away for a moment; the lease says how long that may last.
        continue
      }
    }
    return nil
  }

  private func settle(_ claimed: ClaimedJob, _ ending: JobEnding?) async throws {
    switch ending {
    case .done, .lost: return
    case .superseded(let reason):
      log("\(claimed.job.kind.rawValue) of \(claimed.job.pullRequest.lane): \(reason)")
      try await finishSuperseded(claimed, reason)
    case .failed(let error):
      guard error is CancellationError || Task.isCancelled else { throw error }
      try await handBack(claimed)
    case nil: try await handBack(claimed)
    }
  }

  /// Gives a job back, in a task that nobody has cancelled: the journal does nothing for one that is.
  ///
  /// One that is pointless by now ends, and whoever waits for it is told.
  private func handBack(_ claimed: ClaimedJob) async throws {
    let (journal, venue) = (journal, venue)
    try await Task {
      do {
        try await journal.release(claimed.claim, .handedBack)
      } catch JournalError.superseded(let reason) {
        try await Self.end(claimed, because: reason, journal, venue)
      }
    }.value
  }

  /// Ends a job that is pointless, as ``handBack(_:)`` does: who is told to end in this moment ends it all the same.
  private func finishSuperseded(_ claimed: ClaimedJob, _ reason: String) async throws {
    let (journal, venue) = (journal, venue)
    try await Task {
      do {
        try await Self.end(claimed, because: reason, journal, venue)
      } catch JournalError.staleFence {
        // The work saw it itself and has ended it.
        return
      }
    }.value
  }

  /// Ends a job that is pointless, and tells so before: who dies in between is followed by one who tells it too.
  private static func end(
    _ claimed: ClaimedJob, because reason: String, _ journal: any JournalStore, _ venue: Place
  ) async throws {
    let run: RunID
    if let open = try await journal.openRun(for: claimed.claim) {
      run = open.run
    } else {
      run = RunID(random: .random(in: .min ... .max))
      try await journal.startRun(run, of: claimed)
    }
    let closing = Closing(endedBecause: reason)
    await venue.tell(closing, of: claimed.job, run: run)
    try await journal.finish(run, closing, under: claimed.claim)
  }

  /// Takes back, from time to time, what workers left that are dead.
  private func recover() async {
    while !Task.isCancelled {
      do {
        for job in try await takeBack() {
          log("\(job.kind.rawValue) of \(job.pullRequest.lane) is taken up again")
        }
      } catch {
        log("what dead workers left cannot be taken back: \(error)")
      }
      try? await Task.sleep(for: settings.renewal)
    }
  }

  private func takeBack() async throws -> [Job] {
    let recovery = try await journal.recoverAbandoned(.leaseExpired)
    let nobody = RunID(random: .random(in: .min ... .max))
    let givenUp = Closing(verdict: .failed, summary: "given up: its workers ended without a word")
    for job in recovery.givenUp { await venue.tell(givenUp, of: job, run: nobody) }
    let pointless = Closing(verdict: .superseded, summary: "it was pointless by the time that it was taken up again")
    for job in recovery.superseded { await venue.tell(pointless, of: job, run: nobody) }
    return recovery.requeued
  }
}

/// How a worker works.
package struct WorkerSettings: Sendable, Hashable {
  /// How many jobs at once.
  package var jobs: Int
  /// For how long a job is held without being renewed, in seconds.
  package var leaseSeconds: Int
  /// How long to wait where there is nothing to do.
  package var pause: Duration

  package init(jobs: Int = 2, leaseSeconds: Int = 60, pause: Duration = .seconds(2)) {
    self.jobs = jobs
    self.leaseSeconds = leaseSeconds
    self.pause = pause
  }

  /// How often a lease is renewed, by which a worker also sees that its work is to end: nobody waits long for that.
  var renewal: Duration { .milliseconds(min(3000, max(200, leaseSeconds * 1000 / 3))) }
}
