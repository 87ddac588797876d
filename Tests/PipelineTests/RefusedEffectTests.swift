import Base
import Journal
import JournalSQLite
import Pipeline
import Testing
import Work

@Suite("What is refused is told in another way, and that is written down before it is told")
struct RefusedEffectTests {
  private static let reason = "a rule"
  /// What follows the refusal: the same outcome, and two effects.
  private static let instead = Decision(
    outcome: Fixed.outcome,
    publication: Publication(
      effects: [10, 11].map { Effect.note(.discuss, object: Fixed.commit(1), lines: ["again", "\($0)"]) }))

  private static func venue(_ desk: Desk, _ watch: Watch = Watch(), refusing place: Int = 0) -> FakeVenue {
    var venue = FakeVenue(desk.world, watch: watch)
    venue.effects = 3
    venue.carryOutInstead = { $0 == place ? .refused(reason) : nil }
    venue.insteadOf = { effect, words in Fixed.place(of: effect) == place && words == reason ? instead : nil }
    return venue
  }

  /// One process: it opens the file, takes the job over and works on it until it dies or has done it.
  private func live(_ worker: String, _ desk: Desk, _ watch: Watch) async throws -> Closing? {
    let id = WorkerID(worker)
    let store = try await desk.open()
    _ = try await store.recoverAbandoned(.heldByOthers(than: id))
    guard let claimed = try await WatchedJournal(store: store, watch: watch).take(id) else { return nil }
    let journal = WatchedJournal(store: store, watch: watch)
    return try await desk.machine(journal, Self.venue(desk, watch)).perform(claimed)
  }

  @Test("Something takes the place of what was refused and of all behind it", arguments: [0, 1, 2])
  func replaced(_ place: Int) async throws {
    let desk = try Desk()
    let journal = try await desk.withJob()
    let claimed = try #require(try await journal.take())
    let closing = try await desk.machine(journal, Self.venue(desk, refusing: place)).perform(claimed)
    #expect(closing == Closing(verdict: .clean, summary: "Nothing to say."))
    let kept = Array(0..<place)
    #expect(desk.world.effects.map(Fixed.place) == kept + [10, 11])
    #expect(desk.world.calls.map(Fixed.place) == kept + [place, 10, 11])
    let run = try #require(try await journal.runs(RunFilter()).first)
    // What is in the outbox is what is there: nobody takes the refused effect for one that was carried out.
    #expect(try await journal.outbox(of: run.run).map(\.effect) == desk.world.effects)
    let carriedOut: [RunEvent.Kind] = [.effectIntended, .effectDone]
    #expect(
      try await journal.kinds() == [.started, .outcome] + kept.flatMap { _ in carriedOut }
        + [.effectIntended, .effectRefused] + carriedOut + carriedOut + [.finished])
    #expect(try await journal.auditFaults().isEmpty)
    let refused = try await journal.events(of: run.run).first { $0.kind == .effectRefused }
    #expect(refused?.payload.decode(EffectRefused.self)?.reason == Self.reason)
  }

  @Test("What must not leave is told in no other way")
  func withheld() async throws {
    let desk = try Desk()
    let journal = try await desk.withJob()
    var venue = Self.venue(desk)
    venue.carryOutInstead = { $0 == 0 ? .withheld(Self.reason) : nil }
    let claimed = try #require(try await journal.take())
    #expect(
      try await desk.machine(journal, venue).perform(claimed) == Closing(verdict: .failed, summary: Self.reason))
    #expect(desk.world.effects.isEmpty)
  }

  @Test("The run ends as what took the place of the outcome says")
  func anotherOutcome() async throws {
    let desk = try Desk()
    let journal = try await desk.withJob()
    var venue = Self.venue(desk)
    venue.insteadOf = { _, words in Decision(outcome: .failed(reason: words), publication: Publication()) }
    let claimed = try #require(try await journal.take())
    #expect(
      try await desk.machine(journal, venue).perform(claimed) == Closing(verdict: .failed, summary: Self.reason))
    #expect(try await journal.kinds() == [.started, .outcome, .effectIntended, .effectRefused, .finished])
  }

  @Test("Death at any moment around a refusal comes to the same end")
  func dies() async throws {
    let first = try Desk()
    _ = try await first.withJob()
    let whole = Watch()
    #expect(try await live("one", first, whole)?.verdict == .clean)
    #expect(whole.seen.contains(Moment(step: "replace 0", side: .behind)))
    for number in 0..<whole.seen.count {
      let desk = try Desk()
      _ = try await desk.withJob()
      let watch = Watch(deathAt: number)
      await #expect(throws: died) { try await live("one", desk, watch) }
      _ = try await live("two", desk, Watch())
      let moment = whole.seen[number]
      let journal = try await desk.open()
      let run = try #require(try await journal.runs(RunFilter()).first)
      #expect(run.closing == Closing(verdict: .clean, summary: "Nothing to say."), "\(moment)")
      #expect(desk.world.effects.map(Fixed.place) == [10, 11], "\(moment)")
      #expect(try await journal.outbox(of: run.run).map(\.effect) == desk.world.effects, "\(moment)")
      let refusals = try await journal.events(of: run.run).count { $0.kind == .effectRefused }
      #expect(refusals == 1, "\(moment)")
      #expect(try await journal.auditFaults().isEmpty, "\(moment)")
    }
  }
}
