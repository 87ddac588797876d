import Base
import Journal
import Testing
import Work

@Suite("A newer head supersedes")
struct SupersessionTests {
  @Test(
    "What follows what",
    arguments: [
      // (from, to, time) of one event, of the other, and whether the first follows the second
      ((1, 2, 20), (0, 1, 10), true), ((0, 1, 10), (1, 2, 20), false),
      // The clock was set back between the two.
      ((1, 2, 10), (0, 1, 20), true), ((0, 1, 20), (1, 2, 10), false),
      // Not next to each other: the time decides.
      ((3, 4, 20), (0, 1, 10), true), ((3, 4, 10), (0, 1, 20), false),
      // Forth and back: the time decides.
      ((1, 2, 20), (2, 1, 10), true), ((1, 2, 10), (2, 1, 20), false),
      // Deleted and made again: "nothing" is no place where two events meet.
      ((1, 0, 20), (0, 1, 10), true), ((0, 2, 20), (1, 0, 10), true), ((0, 1, 10), (2, 0, 20), false),
      // Long ago the branch was where it is now.
      ((1, 2, 10), (0, 1, 10_000_000), false),
    ] as [((Int, Int, Int64), (Int, Int, Int64), Bool)])
  func follows(_ one: (Int, Int, Int64), _ two: (Int, Int, Int64), expected: Bool) throws {
    let first = try push("a", from: one.0, to: one.1, at: one.2)
    let second = try push("b", from: two.0, to: two.1, at: two.2)
    #expect(Supersession.follows(first, second) == expected)
    if first.time != second.time { #expect(Supersession.follows(second, first) == !expected) }
  }

  @Test(
    "Which waiting job an event ends",
    arguments: [
      (try? push("e2", from: 1, to: 2, at: 20), true),
      (try? push("e2", from: 1, to: 0, at: 20), true),
      (try? push("e2", from: 3, to: 1, at: 20), false),
      (try? push("e2", from: 3, to: 2, at: 5), false),
      (try? push("e2", "other", from: 1, to: 2, at: 20), false),
      (try? push("e2", from: 1, to: 2, at: 20, repository: "/other"), false),
    ])
  func ends(_ event: Event?, expected: Bool) async throws {
    let event = try #require(event)
    for kind in StoreKind.allCases {
      let store = try await kind.make().open()
      let old = try await store.acceptReview("e1", to: 1, at: 10)
      let acceptance = try await store.accept(delivery: "d2", events: [event], jobs: [])
      #expect(acceptance.superseded == (expected ? [old.key] : []))
      #expect(try await store.pending(limit: 9).isEmpty == expected)
    }
  }

  @Test("A deletion ends every job of the branch, and of no other", arguments: StoreKind.allCases)
  func deletion(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let made = try push("e1", to: 1, at: 10)
    let gone = try push("e2", from: 1, to: 0, at: 20)
    let jobs = [job(.review, for: made), job(.resolve, for: made), job(.review, for: made, request: "again")]
    _ = try await store.accept(delivery: "d1", events: [made], jobs: jobs)
    let other = try await store.acceptReview("e3", branch: "other", to: 1, at: 10)
    let acceptance = try await store.accept(delivery: "d2", events: [gone], jobs: [])
    #expect(Set(acceptance.superseded) == Set(jobs.map(\.key)))
    #expect(try await store.pending(limit: 9).map(\.job) == [other])
  }

  @Test("A failed check ends no job, and its own is ended by a push", arguments: StoreKind.allCases)
  func failedCheck(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let review = try await store.acceptReview("e1", to: 1, at: 10)
    let failed = Event(
      id: "e2", repository: "/r", actor: "ci", time: Timestamp(milliseconds: 20),
      kind: .failed(CheckFailure(branch: try ref("topic"), head: commit(2), check: "unit")))
    let fix = job(.fix, for: failed)
    let acceptance = try await store.accept(delivery: "d2", events: [failed], jobs: [fix])
    #expect(acceptance.superseded.isEmpty)
    #expect(try await Set(store.pending(limit: 9).map(\.job)) == [review, fix])
    let pushed = try push("e3", from: 2, to: 3, at: 30)
    let moved = try await store.accept(delivery: "d3", events: [pushed], jobs: [])
    #expect(Set(moved.superseded) == [review.key, fix.key])
  }

  @Test("A failed check that comes between does not hide the push before it", arguments: StoreKind.allCases)
  func hiddenPush(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let newer = try push("e2", from: 1, to: 2, at: 20)
    let failed = Event(
      id: "e3", repository: "/r", actor: "ci", time: Timestamp(milliseconds: 30),
      kind: .failed(CheckFailure(branch: try ref("topic"), head: commit(2), check: "unit")))
    _ = try await store.accept(delivery: "d2", events: [newer, failed], jobs: [job(for: newer)])
    let late = try push("e1", from: 0, to: 1, at: 10)
    _ = try await store.accept(delivery: "d1", events: [late], jobs: [job(for: late)])
    #expect(try await store.pending(limit: 9).map(\.job.head) == [commit(2)])
  }

  @Test("Fifteen pushes leave one job, in whatever order they come", arguments: StoreKind.allCases, 0..<5)
  func pushes(_ kind: StoreKind, seed: Int) async throws {
    var generator = SeededGenerator(seed: seed)
    let store = try await kind.make().open()
    for number in Array(1...15).shuffled(using: &generator) {
      let event = try push("e\(number)", from: number - 1, to: number, at: Int64(number))
      _ = try await store.accept(delivery: "d\(number)", events: [event], jobs: [job(for: event)])
    }
    #expect(try await store.pending(limit: 99).map(\.job.head) == [commit(15)])
  }

  @Test("A running job may end, but publishes nothing more", arguments: StoreKind.allCases)
  func running(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    let claimed = try await store.claimed()
    let run = try await store.begun(claimed)
    try await store.acceptReview("e2", to: 2, at: 20)
    await #expect(throws: JournalError.superseded(reason: "branch 'topic' moved on to \(commit(2).short)")) {
      try await store.decide(reviewOutcome, publication: publication(1), of: run, under: claimed.claim)
    }
    let outcome = Outcome.superseded(reason: "moved")
    try await store.decide(outcome, publication: Publication(), of: run, under: claimed.claim)
    try await store.finish(run, Closing(of: outcome), under: claimed.claim)
    #expect(try await store.run(named: run.text).closing?.verdict == .superseded)
    #expect(try await store.claimed().job.head == commit(2))
  }

  @Test("A decided run that began no effect begins none", arguments: StoreKind.allCases, [false, true])
  func decided(_ kind: StoreKind, isPublishing: Bool) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    let claimed = try await store.claimed()
    let run = try await store.begun(claimed)
    try await store.decide(reviewOutcome, publication: publication(2), of: run, under: claimed.claim)
    if isPublishing { _ = try await store.markIntended(effect: 0, of: run, under: claimed.claim) }
    try await store.acceptReview("e2", to: 2, at: 20)
    if isPublishing {
      // Control: what has begun is brought to its end.
      try await store.markDone(effect: 0, result: "", of: run, under: claimed.claim)
      _ = try await store.markIntended(effect: 1, of: run, under: claimed.claim)
    } else {
      await #expect { _ = try await store.markIntended(effect: 0, of: run, under: claimed.claim) } throws: { error in
        if case JournalError.superseded? = error as? JournalError { true } else { false }
      }
      #expect(try await store.outbox(of: run).map(\.state) == [.waiting, .waiting])
      try await store.finish(run, Closing(verdict: .superseded, summary: "moved"), under: claimed.claim)
    }
  }

  @Test("A superseded run of a dead worker is closed, not repeated", arguments: StoreKind.allCases)
  func dead(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let old = try await store.acceptReview("e1", to: 1, at: 10)
    let run = try await store.begun(store.claimed())
    try await store.acceptReview("e2", to: 2, at: 20)
    #expect(try await store.recoverAbandoned(.heldByOthers(than: otherWorker)) == Recovery(superseded: [old]))
    #expect(try await store.run(named: run.text).closing?.verdict == .superseded)
    #expect(try await store.verify(run) != .broken(reason: ""))
    #expect(try await store.auditFaults() == [])
  }

  @Test("A head that comes back is wanted again", arguments: StoreKind.allCases, [false, true])
  func comesBack(_ kind: StoreKind, isRunning: Bool) async throws {
    let store = try await kind.make().open()
    let first = try push("e1", from: 0, to: 1, at: 10)
    let second = try push("e2", from: 1, to: 2, at: 20)
    let third = try push("e3", from: 2, to: 1, at: 30)
    _ = try await store.accept(delivery: "d1", events: [first], jobs: [job(for: first)])
    let claimed = isRunning ? try await store.claimed() : nil
    _ = try await store.accept(delivery: "d2", events: [second], jobs: [job(for: second)])
    let back = try await store.accept(delivery: "d3", events: [third], jobs: [job(for: third)])
    #expect(back.queued == [job(for: first).key])
    #expect(back.superseded == [job(for: second).key])
    if let claimed {
      // The worker had seen before that its job was pointless.
      let run = try await store.begun(claimed)
      try await store.finish(run, Closing(verdict: .superseded, summary: "moved"), under: claimed.claim)
    }
    #expect(try await store.claimed().job.head == commit(1))
    #expect(try await store.claim(worker: worker, leaseSeconds: 1) == nil)
  }
}
