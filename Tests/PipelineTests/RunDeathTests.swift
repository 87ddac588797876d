import Base
import Journal
import JournalSQLite
import Pipeline
import Testing
import Work

/// What a program would be that does not read its journal: every worker begins at the beginning.
private struct ForgetfulJournal: JournalStore {
  let store: any JournalStore

  func accept(delivery: String, events: [Event], jobs: [Job]) async throws(JournalError) -> Acceptance {
    try await store.accept(delivery: delivery, events: events, jobs: jobs)
  }
  func claim(
    worker: WorkerID, leaseSeconds: Int, of share: JobShare
  ) async throws(JournalError) -> ClaimedJob? {
    try await store.claim(worker: worker, leaseSeconds: leaseSeconds, of: share)
  }
  func renew(_ claim: Claim, leaseSeconds: Int) async throws(JournalError) -> Timestamp {
    try await store.renew(claim, leaseSeconds: leaseSeconds)
  }
  func release(_ claim: Claim, _ release: Release) async throws(JournalError) {
    try await store.release(claim, release)
  }
  func recoverAbandoned(_ abandonment: Abandonment) async throws(JournalError) -> Recovery {
    try await store.recoverAbandoned(abandonment)
  }
  func event(named id: String) async throws(JournalError) -> Event? { try await store.event(named: id) }

  func forgeRepositories() async throws(JournalError) -> [ForgeRepository] { try await store.forgeRepositories() }

  func pending(limit: Int) async throws(JournalError) -> [PendingJob] { try await store.pending(limit: limit) }
  func startRun(_ run: RunID, of claimed: ClaimedJob) async throws(JournalError) {
    if try await store.openRun(for: claimed.claim) == nil { try await store.startRun(run, of: claimed) }
  }
  func openRun(for claim: Claim) async throws(JournalError) -> OpenRun? { nil }
  func beginByHand(_ job: Job, run: RunID, worker: WorkerID) async throws(JournalError) -> Claim {
    Claim(job: 1, fence: 1)
  }
  func takeUp(_ run: RunID, worker: WorkerID) async throws(JournalError) -> Claim { Claim(job: 1, fence: 2) }
  func append(
    _ notes: [RunNote], to run: RunID, under claim: Claim, surviving: Durability
  ) async throws(JournalError) {}
  func append(_ note: RunNote, to run: RunID, under claim: Claim) async throws(JournalError) {}
  func decide(
    _ outcome: Outcome, publication: Publication, of run: RunID, under claim: Claim
  ) async throws(JournalError) {}
  func markIntended(
    effect: Int, of run: RunID, under claim: Claim, writing window: Duration?
  ) async throws(JournalError) -> OutboxEntry {
    OutboxEntry(
      position: effect, effect: .note(.discuss, object: .zero, lines: []),
      state: .intended(since: Timestamp(milliseconds: 0)))
  }
  func markDone(effect: Int, result: String, of run: RunID, under claim: Claim) async throws(JournalError) {}
  func replace(
    effect: Int, of run: RunID, refusedBecause reason: String, by instead: Decision, under claim: Claim
  ) async throws(JournalError) {}
  func finish(_ run: RunID, _ closing: Closing, under claim: Claim) async throws(JournalError) {}
  func run(named prefix: String) async throws(JournalError) -> RunSummary { try await store.run(named: prefix) }
  func runs(_ filter: RunFilter) async throws(JournalError) -> [RunSummary] { try await store.runs(filter) }
  func events(of run: RunID) async throws(JournalError) -> [RunEvent] { try await store.events(of: run) }
  func outbox(of run: RunID) async throws(JournalError) -> [OutboxEntry] { try await store.outbox(of: run) }
  func record(of run: RunID) async throws(JournalError) -> RunRecord { try await store.record(of: run) }
  func ledger() async throws(JournalError) -> LedgerRecord { try await store.ledger() }
  func integrityFaults() async throws(JournalError) -> [String] { try await store.integrityFaults() }
}

@Suite("A machine that dies at any moment is followed by one that goes on")
struct RunDeathTests {
  let desk: Desk

  init() throws { desk = try Desk() }

  /// The moments of a run with two effects, in order.
  static let moments: [Moment] =
    ["claim", "open", "start", "work", "decide"].flatMap(Self.sides)
    + (0...1).flatMap { place in
      ["intend \(place)", "effect \(place)", "done \(place)"].flatMap(Self.sides)
    } + Self.sides("finish")

  private static func sides(_ step: String) -> [Moment] {
    [Moment(step: step, side: .before), Moment(step: step, side: .behind)]
  }

  /// One process: it opens the file, takes the job over and works on it until it dies or has done it.
  ///
  /// - Returns: How the run ended; `nil` where there was no job.
  private func live(_ worker: String, _ watch: Watch) async throws -> Closing? {
    let id = WorkerID(worker)
    let store = try await desk.open()
    _ = try await store.recoverAbandoned(.heldByOthers(than: id))
    let journal = WatchedJournal(store: store, watch: watch)
    guard let claimed = try await journal.take(id) else { return nil }
    return try await desk.machine(journal, FakeVenue(desk.world, watch: watch)).perform(claimed)
  }

  @Test("The moments are all there are")
  func control() async throws {
    _ = try await desk.withJob()
    let watch = Watch()
    #expect(try await live("one", watch)?.verdict == .clean)
    #expect(watch.seen == Self.moments)
    #expect(desk.world.decisions == 1 && desk.world.calls == desk.world.effects)
  }

  @Test("Death at any moment loses nothing and does nothing twice", arguments: 0..<moments.count)
  func dies(at number: Int) async throws {
    _ = try await desk.withJob()
    let watch = Watch(deathAt: number)
    await #expect(throws: died) { try await live("one", watch) }
    #expect(watch.isDead && watch.seen.last == Self.moments[number])
    let closing = try await live("two", Watch())
    let journal = try await desk.open()
    let wasFinished = Self.moments[number] == Moment(step: "finish", side: .behind)
    #expect(closing == (wasFinished ? nil : Closing(verdict: .clean, summary: "Nothing to say.")))
    // In the world each effect is there once, and all are those of one decision: the one that is in the journal.
    #expect(desk.world.effects.map(Fixed.place) == [0, 1])
    let run = try #require(try await journal.runs(RunFilter()).first)
    #expect(try await journal.runs(RunFilter()).count == 1)
    #expect(run.closing == Closing(verdict: .clean, summary: "Nothing to say."))
    let outbox = try await journal.outbox(of: run.run)
    #expect(outbox.map(\.effect) == desk.world.effects)
    #expect(outbox.map(\.state) == [.done(result: "effect 0"), .done(result: "effect 1")])
    // Only where nobody can know whether it happened is an effect carried out again.
    let unknown =
      [Moment(step: "effect 0", side: .behind), Moment(step: "done 0", side: .before)]
      + [Moment(step: "effect 1", side: .behind), Moment(step: "done 1", side: .before)]
    #expect(desk.world.calls.count == (unknown.contains(Self.moments[number]) ? 3 : 2))
    #expect(try await journal.pending(limit: 9).isEmpty)
    #expect(try await live("three", Watch()) == nil)
  }

  @Test("Death after death comes to the same end")
  func diesAgainAndAgain() async throws {
    _ = try await desk.withJob()
    var lives = 0
    for number in [5, 8, 7, 9] {
      lives += 1
      await #expect(throws: died) { try await live("worker \(lives)", Watch(deathAt: number)) }
    }
    #expect(try await live("last", Watch())?.verdict == .clean)
    #expect(desk.world.effects.map(Fixed.place) == [0, 1])
    #expect(Set(desk.world.effects.map(Fixed.turn)).count == 1)
  }

  @Test("A job whose workers all die is given up, and that is written down")
  func givenUp() async throws {
    let journal = try await desk.withJob()
    for life in 1...Attempts.deathLimit {
      await #expect(throws: died) { try await live("worker \(life)", Watch(deathAt: 6)) }
    }
    #expect(try await live("last", Watch()) == nil)
    let closing = try #require(try await journal.runs(RunFilter()).first?.closing)
    let summary = "given up after \(Attempts.deathLimit) tries: its worker ended without a word"
    #expect(closing == Closing(verdict: .failed, summary: summary))
    #expect(desk.world.effects.isEmpty)
  }

  @Test("A machine that did not read its journal would do everything twice")
  func forgetful() async throws {
    _ = try await desk.withJob()
    for worker in ["one", "two"] {
      let store = try await desk.open()
      _ = try await store.recoverAbandoned(.heldByOthers(than: WorkerID(worker)))
      let claimed = try #require(try await store.take(WorkerID(worker)))
      _ = try await RunMachine(
        journal: ForgetfulJournal(store: store), venue: FakeVenue(desk.world), clock: desk.clock.clock, log: { _ in }
      ).perform(claimed)
    }
    #expect(desk.world.effects.map(Fixed.place) == [0, 1, 0, 1])
  }
}
