package import Base
package import Journal
internal import Spool
package import Work
internal import Workspace

/// Empties the spool and the job queue of one bare repository.
package struct Worker: Sendable {
  private let state: StateDirectory
  private let journal: any JournalStore
  private let share: JobShare
  private let intake: Intake
  private let venue: BareVenue
  private let clock: WallClock
  private let id: WorkerID
  private let log: @Sendable (String) -> Void

  /// How long one claim is good.
  ///
  /// A bare repository has one worker, and the next one takes back what a dead one held. Nobody renews it, so it is
  /// longer than any run.
  private static let leaseSeconds = 7 * 86_400
  /// A job that is to be tried again no later than this is waited for; a later one is left to the next worker.
  private static let longestWait: Int64 = 60_000

  /// - Parameters:
  ///   - state: The repository's state directory; its lock is held by whoever calls.
  ///   - journal: The journal in it, or a database that others use too.
  ///   - share: The repository's jobs among those in the journal.
  ///   - intake: Plans what a delivery leads to.
  ///   - venue: Where the work is done.
  ///   - clock: The present moment.
  ///   - id: Names this worker.
  ///   - log: Takes one line on what is going on.
  package init(
    state: StateDirectory, journal: any JournalStore, share: JobShare = .all, intake: Intake,
    venue: BareVenue, clock: WallClock = .system,
    id: WorkerID, log: @escaping @Sendable (String) -> Void
  ) {
    self.state = state
    self.journal = journal
    self.share = share
    self.intake = intake
    self.venue = venue
    self.clock = clock
    self.id = id
    self.log = log
  }

  /// Works until the spool is empty and no job is left that can be done now.
  ///
  /// - Returns: The names of the files that had to be left in the spool.
  /// - Throws: ``JournalError`` or ``FileError`` where the state cannot be read or written.
  package func drain() async throws -> Set<[UInt8]> {
    try RunWorkspace.sweep(String(decoding: state.work, as: UTF8.self))
    let spool = SpoolReader(state)
    try spool.sweep(now: clock.now())
    let recovery = try await journal.recoverAbandoned(.heldByOthers(than: id, of: share))
    for job in recovery.requeued {
      log("\(job.kind.rawValue) of \(job.pullRequest.branch.shortDisplay) is taken up again")
    }
    let machine = RunMachine(journal: journal, venue: venue, clock: clock, log: log)
    while true {
      let left = try await takeIn(spool)
      if let claimed = try await journal.claim(worker: id, leaseSeconds: Self.leaseSeconds, of: share) {
        try await machine.perform(claimed)
      } else if try await !waitForRetry() {
        return left
      }
    }
  }

  /// Moves every delivery from the spool to the journal.
  private func takeIn(_ spool: SpoolReader) async throws -> Set<[UInt8]> {
    var left: Set<[UInt8]> = []
    for name in try spool.names() {
      do {
        switch try spool.read(name) {
        case .gone: break
        case .setAside(let line): log(line)
        case .delivery(let delivery): try await accept(delivery, name, spool)
        }
      } catch let error as JournalError {
        throw error
      } catch {
        log("a delivery stays in the spool: \(error)")
        left.insert(name)
      }
    }
    return left
  }

  private func accept(_ delivery: Delivery, _ name: [UInt8], _ spool: SpoolReader) async throws {
    let text = DisplayText.escaping(name)
    let plan = try await intake.plan(delivery, named: text)
    for reason in plan.ignored { log("ignored: \(reason)") }
    let acceptance = try await journal.accept(delivery: text, events: plan.events, jobs: plan.jobs)
    if acceptance.isNew { log("delivery \(text): \(acceptance.queued.count) jobs") }
    let taken = Set(acceptance.queued + acceptance.superseded)
    for job in plan.jobs where acceptance.isNew && !taken.contains(job.key) {
      log(
        "\(job.kind.rawValue) of \(job.pullRequest.branch.shortDisplay) at \(job.head.short) is known: a head is worked on once"
      )
    }
    try spool.remove(name)
  }

  /// Waits for the next job that failed a moment ago; `false` where there is none.
  private func waitForRetry() async throws -> Bool {
    let waiting = try await journal.pending(limit: 100).filter { $0.worker == nil && share.holds($0.job) }
    guard let next = waiting.map(\.notBefore).min() else { return false }
    let delay = next.milliseconds - clock.now().milliseconds
    // One that could have been taken a second ago and was not is somebody else's.
    guard delay <= Self.longestWait, delay > -1000 else { return false }
    // In small steps, so that what is pushed meanwhile does not wait with it.
    try await Task.sleep(for: .milliseconds(min(max(delay, 10), 500)))
    return true
  }
}
