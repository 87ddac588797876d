import Base
import Journal
import JournalSQLite
import Pipeline
import Synchronization
import TestSupport
import Work

/// The world that effects change: what one process did in it, the next one finds.
final class World: Sendable {
  private struct State {
    var attempts: [EffectAttempt] = []
    var decisions = 0
    var calls: [Effect] = []
    var effects: [Effect] = []
    var cleanUps = 0
    var told: [Closing] = []
  }

  private let state = Mutex(State())

  /// How often the work was done.
  var decisions: Int { state.withLock { $0.decisions } }
  /// Every call to carry an effect out, in order.
  var calls: [Effect] { state.withLock { $0.calls } }
  /// What is there: each effect once, as a reference that moves only from where it is expected.
  var effects: [Effect] { state.withLock { $0.effects } }
  var cleanUps: Int { state.withLock { $0.cleanUps } }
  /// What every call was told about which try it is.
  var attempts: [EffectAttempt] { state.withLock { $0.attempts } }

  func decide() -> Int {
    state.withLock { state in
      state.decisions += 1
      return state.decisions
    }
  }

  func call(_ effect: Effect, _ attempt: EffectAttempt) {
    state.withLock { state in
      state.calls.append(effect)
      state.attempts.append(attempt)
    }
  }

  func apply(_ effect: Effect) {
    state.withLock { state in
      if !state.effects.contains(effect) { state.effects.append(effect) }
    }
  }

  /// How runs ended of which not everything was published, as it was told.
  var told: [Closing] { state.withLock { $0.told } }

  func tell(_ closing: Closing) { state.withLock { $0.told.append(closing) } }

  func cleanUp() { state.withLock { $0.cleanUps += 1 } }
}

/// An error that may not come again.
struct Passing: Error, CustomStringConvertible {
  var description: String { "the disk was busy" }
}

/// A venue that does what a test says.
struct FakeVenue: Venue {
  let world: World
  let watch: Watch
  var effects = 2
  /// What deciding does instead, given which time it is.
  var decideInstead: @Sendable (Int) async throws -> Void = { _ in }
  /// What carrying out does instead, given the effect's place; `nil` to carry it out.
  var carryOutInstead: @Sendable (Int) throws -> EffectResult? = { _ in nil }
  /// What takes the place of an effect that was refused, with the reason; `nil` for nothing.
  var insteadOf: @Sendable (Effect, String) -> Decision? = { _, _ in nil }
  /// For how long requests may be begun, as on a forge; twice as long each further time.
  var window: Duration?

  init(_ world: World, watch: Watch = Watch()) {
    self.world = world
    self.watch = watch
  }

  func decide(_ job: Job, run: RunID, steps: any StepKeeping) async throws -> Decision {
    try await watch.pass("work", .before)
    let turn = world.decide()
    try await decideInstead(turn)
    try await watch.pass("work", .behind)
    // Doing the work again gives another publication, so that a mixture of two is seen.
    let publication = (0..<effects).map { Effect.note(.discuss, object: job.head, lines: ["\(turn)", "\($0)"]) }
    return Decision(outcome: Fixed.outcome, publication: Publication(effects: publication))
  }

  func carryOut(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult {
    let place = Fixed.place(of: effect)
    try await watch.pass("effect \(place)", .before)
    world.call(effect, attempt)
    if let instead = try carryOutInstead(place) { return instead }
    world.apply(effect)
    try await watch.pass("effect \(place)", .behind)
    return .done("effect \(place)")
  }

  func instead(
    of effect: Effect, refusedBecause reason: String, _ decision: Decision, for job: Job, run: RunID,
    steps: any StepKeeping
  ) async throws -> Decision? {
    try await watch.pass("instead", .before)
    return insteadOf(effect, reason)
  }

  func writeWindow(for effect: Effect, of job: Job, turn: Int) async -> Duration? { window.map { $0 * (1 << turn) } }

  func tell(_ closing: Closing, of job: Job, run: RunID) async { world.tell(closing) }

  func cleanUp(_ run: RunID) async { world.cleanUp() }
}

/// Values that every test of the machine uses.
enum Fixed {
  static let outcome = Outcome.review(ReviewOutcome(findings: [], unread: [], overall: "Nothing to say."))
  static let worker = WorkerID("one")
  static let other = WorkerID("two")

  /// The place of an effect in its publication.
  static func place(of effect: Effect) -> Int {
    if case .note(_, _, let lines) = effect { Int(lines.last ?? "") ?? -1 } else { -1 }
  }

  /// Which time the work was done whose effect this is.
  static func turn(of effect: Effect) -> Int {
    if case .note(_, _, let lines) = effect { Int(lines.first ?? "") ?? -1 } else { -1 }
  }

  static func commit(_ number: UInt8) -> ObjectID { ObjectID(bytes: Array(repeating: number, count: 20)) ?? .zero }

  static func push(_ id: String, from old: UInt8, to new: UInt8, at time: Int64) throws -> Event {
    Event(
      id: id, repository: "/r", actor: "ada", time: Timestamp(milliseconds: time),
      kind: .push(RefUpdate(ref: try RefName("refs/heads/topic"), old: commit(old), new: commit(new))))
  }

  static func job(of event: Event) throws -> Job {
    guard case .push(let update) = event.kind else { throw Passing() }
    let request = PullRequest(repository: "/r", branch: update.ref, base: try RefName("refs/heads/main"))
    return Job(
      kind: .review, pullRequest: request, head: update.new, against: commit(9), event: event.id, time: event.time)
  }
}

/// A clock that stands still until a test moves it.
final class SettableClock: Sendable {
  private let time = Mutex(Timestamp(milliseconds: 1_700_000_000_000))

  var clock: WallClock { WallClock { self.time.withLock { $0 } } }

  func advance(milliseconds: Int64) { time.withLock { $0.milliseconds += milliseconds } }
}

/// A journal in a file, and what happens around it.
final class Desk: Sendable {
  let directory: TemporaryDirectory
  let clock = SettableClock()
  let world = World()

  init() throws { directory = try TemporaryDirectory() }

  /// Opens the journal, as a new process would.
  func open() async throws -> SQLiteJournal {
    try await SQLiteJournal.open(
      path: directory.path + "/journal.sqlite", access: .readWrite(mode: 0o600), clock: clock.clock)
  }

  /// A journal in which one push has started one job.
  func withJob() async throws -> SQLiteJournal {
    let journal = try await open()
    let event = try Fixed.push("e1", from: 0, to: 1, at: 1000)
    _ = try await journal.accept(delivery: "d1", events: [event], jobs: [try Fixed.job(of: event)])
    return journal
  }

  /// A second push to the same branch, which makes the first one's job pointless.
  func pushAgain(_ journal: any JournalStore) async throws {
    let event = try Fixed.push("e2", from: 1, to: 2, at: 2000)
    _ = try await journal.accept(delivery: "d2", events: [event], jobs: [])
  }

  func machine(_ journal: any JournalStore, _ venue: FakeVenue) -> RunMachine<FakeVenue> {
    RunMachine(journal: journal, venue: venue, clock: clock.clock, log: { _ in })
  }
}

extension JournalStore {
  /// The job that waits longest.
  func take(_ worker: WorkerID = Fixed.worker) async throws -> ClaimedJob? {
    try await claim(worker: worker, leaseSeconds: 3600)
  }

  /// The kinds of all events of the only run.
  func kinds() async throws -> [RunEvent.Kind] {
    let runs = try await runs(RunFilter())
    guard let run = runs.first, runs.count == 1 else { return [] }
    return try await events(of: run.run).map(\.kind)
  }
}
