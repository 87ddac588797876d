import Base
import Journal
import Testing
import Work

@Suite("Contract of a store: many workers")
struct WaitingTests {
  /// Long enough for the slowest machine: it is only waited for where something is broken.
  private let long = Duration.seconds(300)

  @Test("Who waits is woken by another's delivery, and by nothing else", arguments: StoreKind.allCases)
  func woken(_ kind: StoreKind) async throws {
    let database = try kind.make()
    let (waiter, other) = (try await database.open(), try await database.open())
    let bell = await waiter.workBell()
    // It may ring once because it has just begun to listen.
    _ = await bell.wait(upTo: .milliseconds(700))
    #expect(await bell.wait(upTo: .milliseconds(700)) == false, "the control: nobody announced anything")
    try await other.acceptReview("e1", to: 1, at: 1)
    #expect(await bell.wait(upTo: long))
    // What comes between two waits is not missed.
    let claimed = try await waiter.claimed()
    try await other.acceptReview("e2", branch: "b", to: 1, at: 1)
    #expect(await bell.wait(upTo: long))
    // A lane that becomes free.
    try await other.carryOut(claimed)
    #expect(await bell.wait(upTo: long))
  }

  @Test("A bell that its own process rings wakes everybody who waits, once")
  func bell() async {
    let bell = WorkBell()
    async let first = bell.wait(upTo: long)
    async let second = bell.wait(upTo: long)
    while bell.waiting < 2 { try? await Task.sleep(for: .milliseconds(2)) }
    bell.ring()
    #expect(await first)
    #expect(await second)
    #expect(await bell.wait(upTo: .milliseconds(1)) == false)
    bell.ring()
    #expect(await bell.wait(upTo: .zero))
    let cancelled = Task { await bell.wait(upTo: long) }
    cancelled.cancel()
    #expect(await cancelled.value == false)
  }

  @Test("Of many who claim at once nobody gets a job twice, and no lane has two", arguments: StoreKind.allCases)
  func lanes(_ kind: StoreKind) async throws {
    let database = try kind.make()
    let stores = [try await database.open(), try await database.open(), try await database.open()]
    for number in 0..<48 {
      let event = try push("e\(number)", "b\(number % 4)", to: 1, at: 1)
      let request = job(for: event, request: "\(number)")
      _ = try await stores[0].accept(delivery: "d\(number)", events: [], jobs: [request])
    }
    let busy = Lock<Set<String>>([])
    let claimed = try await withThrowingTaskGroup(of: [Claim].self) { group in
      for index in 0..<6 {
        let store = stores[index % 3]
        group.addTask {
          var mine: [Claim] = []
          while try await !store.pending(limit: 1).isEmpty {
            guard let next = try await store.claim(worker: WorkerID("w\(index)"), leaseSeconds: 600) else { continue }
            mine.append(next.claim)
            let lane = next.job.pullRequest.lane
            #expect(busy.withLock { $0.insert(lane).inserted })
            let run = try await store.begun(next)
            busy.withLock { _ = $0.remove(lane) }
            try await store.finish(run, Closing(verdict: .failed, summary: "x"), under: next.claim)
          }
          return mine
        }
      }
      return try await group.reduce(into: [Claim]()) { $0 += $1 }
    }
    #expect(claimed.count == 48 && Set(claimed.map(\.job)).count == 48)
    #expect(try await stores[0].auditFaults() == [])
  }

  @Test("Who has lost a lease can write no more, and whoever has it now can", arguments: StoreKind.allCases)
  func fenced(_ kind: StoreKind) async throws {
    let database = try kind.make()
    let (slow, quick) = (try await database.open(), try await database.open())
    let wanted = try await slow.acceptReview("e1", to: 1, at: 1)
    let lost = try #require(try await slow.claim(worker: worker, leaseSeconds: 0))
    let run = try await slow.begun(lost)
    #expect(try await quick.claim(worker: otherWorker, leaseSeconds: 60) == nil)
    #expect(try await quick.recoverAbandoned(.leaseExpired).requeued == [wanted])
    await #expect(throws: JournalError.staleFence) { try await slow.append(.note("x"), to: run, under: lost.claim) }
    let held = try #require(try await quick.claim(worker: otherWorker, leaseSeconds: 600))
    await #expect(throws: JournalError.staleFence) { try await slow.append(.note("x"), to: run, under: lost.claim) }
    await #expect(throws: JournalError.staleFence) { _ = try await slow.renew(lost.claim, leaseSeconds: 60) }
    try await quick.append(.note("y"), to: run, under: held.claim)
    // Control: a lease that has not run out is left alone.
    #expect(try await slow.recoverAbandoned(.leaseExpired) == Recovery())
    #expect(try await slow.events(of: run).map(\.kind) == [.started, .note])
  }

  @Test("One delivery that cannot be taken in does not take the others with it", arguments: StoreKind.allCases)
  func badOne(_ kind: StoreKind) async throws {
    let database = try kind.make()
    let store = try await database.open()
    try await store.acceptReview("bad", branch: "bad", to: 1, at: 1)
    try await database.tamper(["UPDATE jobs SET body = 'nonsense'"])
    let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<20 {
        group.addTask {
          do {
            // What the damaged job would be superseded by.
            let branch = number == 7 ? "bad" : "b\(number)"
            try await store.acceptReview("e\(number)", branch: branch, to: 2, at: 2)
            return true
          } catch JournalError.corrupt {
            #expect(number == 7)
            return false
          }
        }
      }
      return try await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 }.count == 19)
  }

  @Test("Deliveries that come while one is being stored share the next transaction")
  func batches() async throws {
    let sizes = Lock<[Int]>([])
    let gate = Lock<[CheckedContinuation<Void, Never>]>([])
    let batches = AcceptBatches(width: 1) { requests async throws(JournalError) in
      let count = sizes.withLock { sizes in
        sizes.append(requests.count)
        return sizes.count
      }
      if count == 1 { await withCheckedContinuation { waiter in gate.withLock { $0.append(waiter) } } }
      if requests.contains(where: { $0.delivery == "3" }) { throw .unstorable("the third") }
      return requests.map { _ in Acceptance(isNew: true) }
    }
    @Sendable func ask(_ number: Int) async {
      do throws(JournalError) {
        let request = try AcceptRequest(delivery: "\(number)", events: [], jobs: [])
        #expect(try await batches.accept(request).isNew)
        #expect(number != 3)
      } catch {
        #expect(number == 3 && error == .unstorable("the third"))
      }
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await ask(0) }
      while gate.withLock({ $0.isEmpty }) { try? await Task.sleep(for: .milliseconds(2)) }
      for number in 1..<10 { group.addTask { await ask(number) } }
      while batches.waiting < 9 { try? await Task.sleep(for: .milliseconds(2)) }
      for waiter in gate.withLock({ $0 }) { waiter.resume() }
    }
    // Alone; the nine others together; each of those again, because the third is among them.
    #expect(sizes.withLock { $0 } == [1, 9] + Array(repeating: 1, count: 9))
  }
}
