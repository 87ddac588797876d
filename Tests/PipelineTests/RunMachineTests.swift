import Base
import Journal
import JournalSQLite
import Pipeline
import Testing
import Work

@Suite("A run goes one way, and its journal says how far it is")
struct RunMachineTests {
  let desk: Desk

  init() throws { desk = try Desk() }

  /// Runs the only job once.
  private func perform(_ venue: FakeVenue, journal: SQLiteJournal) async throws -> Closing? {
    let claimed = try #require(try await journal.take())
    return try await desk.machine(journal, venue).perform(claimed)
  }

  @Test("The work is done, each effect is carried out, and the run ends as the outcome says", arguments: [0, 1, 3])
  func wholeWay(_ effects: Int) async throws {
    let journal = try await desk.withJob()
    var venue = FakeVenue(desk.world)
    venue.effects = effects
    #expect(try await perform(venue, journal: journal) == Closing(verdict: .clean, summary: "Nothing to say."))
    #expect(desk.world.effects.map(Fixed.place) == Array(0..<effects))
    #expect(desk.world.calls == desk.world.effects)
    #expect(desk.world.cleanUps == 1)
    let steps = Array(repeating: [RunEvent.Kind.effectIntended, .effectDone], count: effects).joined()
    #expect(try await journal.kinds() == [.started, .outcome] + steps + [.finished])
    #expect(try await journal.pending(limit: 9).isEmpty)
    let run = try #require(try await journal.runs(RunFilter()).first)
    #expect(
      try await journal.outbox(of: run.run).map(\.state) == (0..<effects).map { .done(result: "effect \($0)") })
  }

  @Test("Work that is pointless or cannot succeed ends the run, and nothing is written")
  func endsFromWork() async throws {
    let ends: [(any Error & Sendable, Closing)] = [
      (JobSuperseded("topic is gone"), Closing(verdict: .superseded, summary: "topic is gone")),
      (JobFailure("no base"), Closing(verdict: .failed, summary: "no base")),
    ]
    for (error, closing) in ends {
      let desk = try Desk()
      let journal = try await desk.withJob()
      var venue = FakeVenue(desk.world)
      venue.decideInstead = { _ in throw error }
      let claimed = try #require(try await journal.take())
      #expect(try await desk.machine(journal, venue).perform(claimed) == closing)
      #expect(desk.world.calls.isEmpty && desk.world.cleanUps == 1)
      #expect(try await journal.pending(limit: 9).isEmpty)
      #expect(try await journal.kinds() == [.started, .finished])
    }
  }

  @Test("What fails for once is tried again later and later, and not for ever", arguments: [1, 4, 5, 99])
  func triesAgain(_ failures: Int) async throws {
    let journal = try await desk.withJob()
    var venue = FakeVenue(desk.world)
    venue.decideInstead = { if $0 <= failures { throw Passing() } }
    var waits: [Int64] = []
    var closing: Closing?
    for _ in 0..<10 {
      guard let claimed = try await journal.take() else { break }
      closing = try await desk.machine(journal, venue).perform(claimed)
      guard closing == nil else { break }
      let next = try #require(try await journal.pending(limit: 9).first)
      #expect(next.worker == nil)
      waits.append(next.notBefore.milliseconds - desk.clock.clock.now().milliseconds)
      #expect(try await journal.take() == nil)
      desk.clock.advance(milliseconds: waits.last ?? 0)
    }
    let tries = min(failures, Attempts.limit - 1)
    #expect(waits == (0..<tries).map { Int64(2000) << Int64($0) })
    #expect(desk.world.cleanUps == tries + 1)
    #expect(try await journal.pending(limit: 9).isEmpty)
    if failures < Attempts.limit {
      #expect(closing?.verdict == .clean)
      #expect(desk.world.effects.map(Fixed.turn) == [failures + 1, failures + 1])
    } else {
      #expect(closing == Closing(verdict: .failed, summary: "given up after 5 tries: the disk was busy"))
      #expect(desk.world.effects.isEmpty)
    }
    // However often it was tried, it was one run.
    #expect(try await journal.runs(RunFilter()).count == 1)
  }

  @Test("An effect that fails for once is tried again without the work being done again", arguments: [0, 1])
  func triesEffectAgain(_ failing: Int) async throws {
    let journal = try await desk.withJob()
    let world = desk.world
    var venue = FakeVenue(world)
    venue.carryOutInstead = { place in
      if place == failing, world.calls.count(where: { Fixed.place(of: $0) == place }) == 1 { throw Passing() }
      return nil
    }
    #expect(try await perform(venue, journal: journal) == nil)
    desk.clock.advance(milliseconds: 2000)
    #expect(try await perform(venue, journal: journal)?.verdict == .clean)
    #expect(world.decisions == 1)
    #expect(world.effects.map(Fixed.place) == [0, 1])
    #expect(world.calls.map(Fixed.place) == (failing == 0 ? [0, 0, 1] : [0, 1, 1]))
  }

  @Test("A second try is told when the first one can have sent something last, and then begins anew")
  func tellsOfTheLastRequest() async throws {
    let journal = try await desk.withJob()
    let world = desk.world
    var venue = FakeVenue(world)
    venue.effects = 1
    venue.window = .seconds(30)
    // The first try fails; the second one's first turn is waiting alone, and its second one is too short.
    venue.carryOutInstead = { _ in
      switch world.calls.count {
      case 1: throw Passing()
      case 2, 3: .unfinished
      default: nil
      }
    }
    let start = desk.clock.clock.now()
    #expect(try await perform(venue, journal: journal) == nil)
    desk.clock.advance(milliseconds: 5000)
    let later = desk.clock.clock.now()
    #expect(try await perform(venue, journal: journal)?.verdict == .clean)
    let attempts = world.attempts
    #expect(attempts.map(\.isRepeated) == [false, true, false, false])
    #expect(attempts.map(\.intended) == [start, start, start, start])
    // It gave the job back, and sent nothing from then on: not until the end of its time.
    #expect(attempts.first?.latest == nil && attempts.dropFirst().first?.latest == start)
    #expect(
      attempts.map(\.writesUntil) == [
        start.adding(.seconds(30)), Timestamp(milliseconds: 0), later.adding(.seconds(30)),
        later.adding(.seconds(60)),
      ])
    #expect(world.effects.count == 1)
    let steps: [RunEvent.Kind] = [.started, .outcome, .effectIntended, .resumed, .effectDone, .finished]
    #expect(try await journal.kinds() == steps)
  }

  @Test("A journal that is slow moves neither moment to the wrong side")
  func tellsOfTheLastRequestLate() async throws {
    let journal = try await desk.withJob()
    let (world, clock) = (desk.world, desk.clock)
    var venue = FakeVenue(world)
    (venue.effects, venue.window) = (1, .seconds(30))
    venue.carryOutInstead = { _ in
      if world.calls.count == 1 { throw Passing() }
      return nil
    }
    let start = clock.clock.now()
    #expect(try await perform(venue, journal: journal) == nil)
    clock.advance(milliseconds: 5000)
    let later = clock.clock.now()
    // Three seconds until the database looks at its clock, and four until its answer is here.
    let slow = WatchedJournal(
      store: journal,
      watch: Watch { moment in
        if moment == Moment(step: "intend 0", side: .before) { clock.advance(milliseconds: 3000) }
        if moment == Moment(step: "intend 0", side: .behind) { clock.advance(milliseconds: 4000) }
      })
    let claimed = try #require(try await journal.take())
    #expect(try await desk.machine(slow, venue).perform(claimed)?.verdict == .clean)
    let attempt = try #require(world.attempts.last)
    #expect(clock.clock.now() == later.adding(.seconds(7)))
    // The first one sent its last request when it gave the job back: that is not to be told as if it were earlier.
    #expect(attempt.isRepeated && attempt.latest == start.adding(.seconds(4)))
  }

  @Test("The time for requests counts from before the journal was asked")
  func windowsStayShort() async throws {
    let journal = try await desk.withJob()
    let clock = desk.clock
    var venue = FakeVenue(desk.world)
    (venue.effects, venue.window) = (1, .seconds(30))
    let start = clock.clock.now()
    let slow = WatchedJournal(
      store: journal,
      watch: Watch { moment in
        if moment.step == "intend 0" { clock.advance(milliseconds: 2000) }
      })
    let claimed = try #require(try await journal.take())
    #expect(try await desk.machine(slow, venue).perform(claimed)?.verdict == .clean)
    #expect(desk.world.attempts.map(\.writesUntil) == [start.adding(.seconds(30))])
  }

  @Test("Where the first one died, it may have sent something until its time was over")
  func tellsOfTheDead() async throws {
    let journal = try await desk.withJob()
    let start = desk.clock.clock.now()
    // It dies when the effect is carried out: nobody gives the job back.
    let watch = Watch { moment in
      if moment == Moment(step: "effect 0", side: .before) { throw Passing() }
    }
    var dying = FakeVenue(desk.world, watch: watch)
    (dying.effects, dying.window) = (1, .seconds(30))
    let claimed = try #require(try await journal.claim(worker: Fixed.worker, leaseSeconds: 10))
    await #expect(throws: JournalError.self) { try await desk.machine(journal, dying).perform(claimed) }
    desk.clock.advance(milliseconds: 11_000)
    #expect(try await journal.recoverAbandoned(.leaseExpired).requeued.count == 1)
    var venue = FakeVenue(desk.world)
    (venue.effects, venue.window) = (1, .seconds(30))
    #expect(try await perform(venue, journal: journal)?.verdict == .clean)
    let first = try #require(desk.world.attempts.first)
    #expect(first.isRepeated && first.latest == start.adding(.seconds(30)))
  }

  @Test("Who is overtaken or refused stops there", arguments: [0, 1], [false, true])
  func stops(_ place: Int, _ isRefused: Bool) async throws {
    let journal = try await desk.withJob()
    var venue = FakeVenue(desk.world)
    venue.effects = 3
    venue.carryOutInstead = { $0 < place ? nil : isRefused ? .refused("a rule") : .overtaken("a person") }
    let closing =
      isRefused ? Closing(verdict: .failed, summary: "a rule") : Closing(verdict: .superseded, summary: "a person")
    #expect(try await perform(venue, journal: journal) == closing)
    #expect(desk.world.calls.map(Fixed.place) == Array(0...place))
    #expect(desk.world.effects.map(Fixed.place) == Array(0..<place))
    #expect(desk.world.cleanUps == 1)
    #expect(try await journal.pending(limit: 9).isEmpty)
    #expect(try await journal.runs(RunFilter()).first?.closing == closing)
  }

  @Test(
    "A newer push ends the run while nothing is published, and not later",
    arguments: [
      (Moment(step: "work", side: .behind), true), (Moment(step: "decide", side: .behind), true),
      (Moment(step: "intend 0", side: .behind), false), (Moment(step: "effect 0", side: .behind), false),
      (Moment(step: "done 1", side: .behind), false),
    ])
  func newerPush(_ moment: Moment, _ isSuperseded: Bool) async throws {
    let journal = try await desk.withJob()
    // The other process: it writes to the same file while this one waits.
    let (desk, other) = (desk, try await desk.open())
    let watch = Watch { seen in
      if seen == moment { try await desk.pushAgain(other) }
    }
    let claimed = try #require(try await journal.take())
    let machine = desk.machine(WatchedJournal(store: journal, watch: watch), FakeVenue(desk.world, watch: watch))
    let closing = try await machine.perform(claimed)
    #expect(watch.seen.contains(moment))
    #expect(closing?.verdict == (isSuperseded ? .superseded : .clean))
    #expect(desk.world.effects.count == (isSuperseded ? 0 : 2))
    #expect(try await journal.pending(limit: 9).isEmpty)
  }

  @Test("Who has lost the job to another worker writes nothing more")
  func staleFence() async throws {
    let journal = try await desk.withJob()
    let other = try await desk.open()
    let watch = Watch { seen in
      guard seen == Moment(step: "intend 0", side: .before) else { return }
      _ = try await other.recoverAbandoned(.heldByOthers(than: Fixed.other))
      _ = try await other.take(Fixed.other)
    }
    let claimed = try #require(try await journal.take())
    let machine = desk.machine(WatchedJournal(store: journal, watch: watch), FakeVenue(desk.world, watch: watch))
    #expect(try await machine.perform(claimed) == nil)
    #expect(desk.world.calls.isEmpty && desk.world.cleanUps == 1)
    #expect(try await journal.pending(limit: 9).map(\.worker) == [Fixed.other])
  }

  @Test(
    "A worker that lost its job while its work failed is not taken for a broken journal",
    arguments: [JobFailure("x") as any Error & Sendable, JobSuperseded("x"), Passing()])
  func staleFenceAfterFailure(_ error: any Error & Sendable) async throws {
    let journal = try await desk.withJob()
    let other = try await desk.open()
    var venue = FakeVenue(desk.world)
    venue.decideInstead = { _ in
      _ = try await other.recoverAbandoned(.heldByOthers(than: Fixed.other))
      _ = try await other.take(Fixed.other)
      throw error
    }
    let claimed = try #require(try await journal.take())
    #expect(try await desk.machine(journal, venue).perform(claimed) == nil)
    #expect(desk.world.cleanUps == 1)
    #expect(try await journal.pending(limit: 9).map(\.worker) == [Fixed.other])
  }
}
