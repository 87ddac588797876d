import Base
import Forges
import Journal
import JournalSQLite
import Pipeline
import Testing
import Work

@Suite("A job that is over when it is given back is told of")
struct EndedJobTests {
  @Test("What fails when it is pointless by now is not tried again, and its end is told", arguments: [true, false])
  func failed(isPointless: Bool) async throws {
    let desk = try Desk()
    let journal = try await desk.withJob()
    var venue = FakeVenue(desk.world)
    venue.decideInstead = { _ in
      if isPointless { try await desk.pushAgain(journal) }
      throw Passing()
    }
    let closing = try await desk.machine(journal, venue).perform(try #require(try await journal.take()))
    // The control: otherwise it waits for another try, and nothing is told.
    #expect(closing?.verdict == (isPointless ? .superseded : nil))
    #expect(desk.world.told.map(\.verdict) == (isPointless ? [.superseded] : []))
    #expect(try await journal.pending(limit: 9).count == (isPointless ? 0 : 1))
  }

  @Test("A worker that is told to end tells the end of what is pointless by now", arguments: [true, false])
  func toldToEnd(isPointless: Bool) async throws {
    let desk = try Desk()
    let journal = try await desk.open()
    let repository = try SmallForge.repository()
    let place = ForgePlace(repository: repository, number: 3)
    func event(_ id: String, _ kind: ForgeHappening.Kind) -> Event {
      Event(
        id: id, repository: repository.name, actor: "", time: desk.clock.clock.now(),
        kind: .forge(ForgeHappening(repository: repository, actor: nil, kind: kind)))
    }
    let opened = event("opened", .change(ChangeNotice(action: .opened, number: 3, head: nil)))
    let review = Job(
      kind: .review,
      pullRequest: PullRequest(
        repository: repository.name, branch: try RefName("refs/heads/topic"), base: try RefName("refs/heads/main"),
        forge: place),
      head: Fixed.commit(1), against: Fixed.commit(9), event: opened.id, time: opened.time)
    _ = try await journal.accept(delivery: "opened", events: [opened], jobs: [review])
    let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
    var venue = FakeVenue(desk.world)
    venue.decideInstead = { _ in
      beginning.yield()
      // Until it is told to end.
      try await Task.sleep(for: .seconds(86_400))
    }
    let worker = ForgeWorker(journal: journal, venue: venue, id: Fixed.worker, forges: [.github], log: { _ in })
    let working = Task { await worker.run() }
    for await _ in begun { break }
    if isPointless {
      let moved = event("moved", .head(number: 3, Fixed.commit(2)))
      _ = try await journal.accept(delivery: "moved", events: [moved], jobs: [])
    }
    working.cancel()
    await working.value
    // The control: otherwise it is given back, and somebody else's.
    #expect(desk.world.told.map(\.verdict) == (isPointless ? [.superseded] : []))
    #expect(try await journal.pending(limit: 9).count == (isPointless ? 0 : 1))
  }
}
