import Base
import Forges
import Journal
import JournalSQLite
import Pipeline
import Synchronization
import TestSupport
import Testing
import Work

@Suite("The sweep for lost deliveries")
struct ReconcilerTests {
  private let desk: Desk
  private let forge = SmallForge()
  private let interval = Duration.seconds(300)
  private let lines = Lines()

  /// What was logged.
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  init() throws { desk = try Desk() }

  /// A sweeper on a journal of its own; the repository is known by a delivery.
  private func reconciler(
    tips: @escaping @Sendable () async throws -> Void = {}, commands: @escaping @Sendable () -> Void = {}
  ) async throws -> Reconciler {
    let journal = try await desk.open()
    let change = ChangeNotice(action: .opened, number: 1, head: nil)
    let happening = ForgeHappening(repository: try SmallForge.repository(), actor: nil, kind: .change(change))
    let event = Event(
      id: "known", repository: happening.repository.name, actor: "", time: desk.clock.clock.now(),
      kind: .forge(happening))
    _ = try await journal.accept(delivery: "known", events: [event], jobs: [])
    return Reconciler(
      journal: journal, forges: [.github: forge], interval: interval, clock: desk.clock.clock,
      tips: { _, names in
        try await tips()
        return Dictionary(uniqueKeysWithValues: names.map { ($0, Fixed.commit(9)) })
      },
      commands: { text in
        commands()
        return CommandParser.words(in: text)
      }, log: { [lines] line in lines.all.withLock { $0.append(line) } })
  }

  @Test("One pull request that cannot be read ends nobody else's, and the sweep says that it was partial")
  func partial() async throws {
    for number in 3...5 { try forge.open(number) }
    forge.comment(5, "/arborist help", id: 50, at: desk.clock.clock.now())
    forge.state.withLock { $0.failures[3] = ForgeError(.malformed, "no JSON") }
    let reconciler = try await reconciler()
    // Three pull requests, the command in one of them, and where the base is.
    #expect(try await reconciler.sweep() == Sweep(found: 5, unread: 1))
    #expect(forge.state.withLock { $0.reads } == [3, 4, 5])
    #expect(lines.all.withLock { $0 } == ["#3 of github:ada/app cannot be read: no JSON"])
    // The control: it can be read again.
    forge.state.withLock { $0.failures = [:] }
    desk.clock.advance(milliseconds: 300_000)
    #expect(try await reconciler.sweep() == Sweep())
  }

  @Test("Where branches are is another part that may be missing")
  func partialTips() async throws {
    try forge.open(3)
    let sweep = try await reconciler(tips: { throw ForgeError(.unavailable, "no mirror") }).sweep()
    #expect(sweep == Sweep(found: 1, unread: 1) && sweep.isPartial)
  }

  @Test(
    "What fails for all is not asked once more for each",
    arguments: [(ForgeError.Code.limited, [3]), (.unauthenticated, [3]), (.unavailable, [3, 4])])
  func forAll(code: ForgeError.Code, reads: [Int]) async throws {
    for number in 3...4 { try forge.open(number) }
    forge.state.withLock { $0.failures[3] = ForgeError(code, "no") }
    #expect(try await reconciler().sweep().isPartial)
    #expect(forge.state.withLock { $0.reads } == reads)
  }

  @Test("Several workers ask a forge no more than one does")
  func turns() async throws {
    try forge.open(3)
    let workers = [try await reconciler(), try await reconciler(), try await reconciler()]
    #expect(try await workers[0].sweep() == Sweep(found: 2))
    for _ in 0..<2 {
      for worker in workers { #expect(try await worker.sweep() == Sweep(next: interval)) }
    }
    #expect(forge.state.withLock { $0.lists } == 1)
    // An interval later it is anybody's turn.
    desk.clock.advance(milliseconds: 299_999)
    #expect(try await workers[1].sweep() == Sweep(next: .milliseconds(1)))
    desk.clock.advance(milliseconds: 1)
    try forge.open(4)
    #expect(try await workers[1].sweep() == Sweep(found: 1))
    #expect(try await workers[0].sweep() == Sweep(next: interval))
    #expect(forge.state.withLock { $0.lists } == 2)
  }

  @Test("Of many that come at once one sweeps")
  func atOnce() async throws {
    try forge.open(3)
    let workers = [try await reconciler(), try await reconciler()]
    let found = try await withThrowingTaskGroup(of: Int.self, returning: Int.self) { group in
      for index in 0..<8 { group.addTask { try await workers[index % 2].sweep().found } }
      return try await group.reduce(0, +)
    }
    #expect(found == 2 && forge.state.withLock { $0.lists } == 1)
  }

  @Test("A worker that dies in its turn holds the sweep up for an interval, and no longer")
  func dead() async throws {
    try forge.open(3)
    let thing = "sweep \(try SmallForge.repository().name)"
    #expect(try await desk.open().takeTurn(at: thing, by: "dead", for: interval) == nil)
    let reconciler = try await reconciler()
    #expect(try await reconciler.sweep() == Sweep(next: interval))
    desk.clock.advance(milliseconds: 300_000)
    #expect(try await reconciler.sweep() == Sweep(found: 2))
  }

  @Test("After nobody took deliveries in, nobody's turn counts")
  func absence() async throws {
    try forge.open(3)
    let workers = [try await reconciler(), try await reconciler()]
    #expect(try await workers[0].sweep() == Sweep(found: 2))
    try forge.open(4)
    #expect(try await workers[1].sweep() == Sweep(next: interval))
    #expect(try await workers[1].sweep(afterAbsence: true) == Sweep(found: 1))
    #expect(try await workers[0].sweep() == Sweep(next: interval))
  }

  @Test("A sweep that takes longer than an interval keeps its turn")
  func slow() async throws {
    for number in 3...5 {
      try forge.open(number)
      forge.comment(number, "Looks good.", id: Int64(number), at: desk.clock.clock.now())
    }
    let other = try await reconciler()
    let slow = try await reconciler(
      tips: {
        let sweep = try await other.sweep()
        #expect(sweep == Sweep(next: .seconds(100)))
      },
      commands: { [desk] in desk.clock.advance(milliseconds: 200_000) })
    #expect(try await slow.sweep() == Sweep(found: 4))
    #expect(forge.state.withLock { $0.lists } == 1)
  }

  @Test("A worker that is told to end leaves its turn to another one")
  func told() async throws {
    try forge.open(3)
    let other = try await reconciler()
    let ending = try await reconciler(tips: {
      withUnsafeCurrentTask { $0?.cancel() }
      throw CancellationError()
    })
    _ = await Task { try? await ending.sweep() }.value
    // What was found is found; nothing but the base is left.
    #expect(try await other.sweep() == Sweep(found: 1))
    #expect(forge.state.withLock { $0.lists } == 2)
  }
}
