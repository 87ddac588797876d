import Base
import Journal
import JournalSQLite
import Testing
import Work

/// Runs that a person asked for.
@Suite("A run by hand")
struct ByHandTests {
  private func task(_ request: String, branch: String = "topic") throws -> Job {
    Job(
      kind: .agent, pullRequest: PullRequest(repository: "/r", branch: try ref(branch), base: try ref("main")),
      head: commit(1), against: .zero, request: request, event: "", time: Timestamp(seconds: 5))
  }

  private let run = RunID(random: 0xa1)

  @Test("is given to nobody else, however dead its process looks", arguments: StoreKind.allCases)
  func isNotQueued(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    _ = try await journal.beginByHand(try task("one"), run: run, worker: worker)
    #expect(try await journal.claim(worker: otherWorker, leaseSeconds: 60) == nil)
    #expect(try await journal.recoverAbandoned(.heldByOthers(than: otherWorker)).requeued.isEmpty)
    #expect(try await journal.recoverAbandoned(.leaseExpired).requeued.isEmpty)
    #expect(try await journal.claim(worker: otherWorker, leaseSeconds: 60) == nil)
    // The control: a job of the queue is given out, beside it and on the same branch.
    try await journal.acceptReview("e", to: 2, at: 10)
    let claimed = try await journal.claim(worker: otherWorker, leaseSeconds: 60)
    #expect(claimed?.job.kind == .review)
    #expect(try await journal.recoverAbandoned(.heldByOthers(than: worker)).requeued.count == 1)
  }

  @Test("ends with the run whose task it is, and with no other", arguments: StoreKind.allCases)
  func tasks(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    try await journal.acceptReview("e", to: 2, at: 10)
    let claimed = try #require(try await journal.claim(worker: worker, leaseSeconds: 60))
    let parent = RunID(random: 0xb1)
    try await journal.startRun(parent, of: claimed)
    var (own, other) = (try task("own"), try task("other"))
    own.event = Job.event(ofTaskOf: parent)
    other.event = Job.event(ofTaskOf: RunID(random: 0xb2))
    let claim = try await journal.beginByHand(own, run: run, worker: worker)
    _ = try await journal.beginByHand(other, run: RunID(random: 0xa2), worker: worker)
    try await journal.finish(parent, Closing(verdict: .superseded, summary: "moved on"), under: claimed.claim)
    #expect(try await journal.run(named: run.text).closing?.verdict == .stopped)
    #expect(try await journal.run(named: RunID(random: 0xa2).text).closing == nil)
    await #expect(throws: JournalError.staleFence) { try await journal.append(.note("x"), to: self.run, under: claim) }
    #expect(try await journal.integrityFaults().isEmpty)
  }

  @Test("runs beside others on the same branch", arguments: StoreKind.allCases)
  func besideOthers(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    for number in 0..<4 {
      _ = try await journal.beginByHand(try task("\(number)"), run: RunID(random: UInt64(number)), worker: worker)
    }
    #expect(try await journal.runs(RunFilter(isOpenOnly: true)).count == 4)
  }

  @Test("is taken up by one, and the other can write no more", arguments: StoreKind.allCases)
  func takenUp(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    let first = try await journal.beginByHand(try task("one"), run: run, worker: worker)
    try await journal.append([.agent(.notice, "a")], to: run, under: first, surviving: .process)
    let second = try await journal.takeUp(run, worker: otherWorker)
    await #expect(throws: JournalError.staleFence) {
      try await journal.append([.agent(.notice, "b")], to: run, under: first, surviving: .process)
    }
    try await journal.append([.agent(.notice, "c")], to: run, under: second, surviving: .machine)
    let kinds = try await journal.events(of: run).map(\.kind)
    #expect(kinds == [.started, .notice, .resumed, .notice])
    guard case .verified(4, _, _) = try await journal.verify(run) else {
      Issue.record("the chain does not hold")
      return
    }
  }

  @Test("is not taken up once it is over, and a worker's run never is", arguments: StoreKind.allCases)
  func notTakenUp(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    let claim = try await journal.beginByHand(try task("one"), run: run, worker: worker)
    let outcome = Outcome.agent(
      AgentOutcome(ending: .completed, reason: "done", text: "done", steps: 1, cost: nil, changed: []))
    try await journal.decide(outcome, publication: Publication(), of: run, under: claim)
    try await journal.finish(run, Closing(of: outcome), under: claim)
    await #expect(throws: JournalError.self) { _ = try await journal.takeUp(run, worker: otherWorker) }
    #expect(try await journal.run(named: run.text).closing?.verdict == .completed)

    try await journal.acceptReview("e", to: 2, at: 10)
    let queued = try await journal.begun(try await journal.claimed())
    await #expect(throws: JournalError.self) { _ = try await journal.takeUp(queued, worker: otherWorker) }
  }

  @Test("takes several events at once, or none", arguments: StoreKind.allCases)
  func allOrNone(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    let claim = try await journal.beginByHand(try task("one"), run: run, worker: worker)
    let notes: [RunNote] = [try .agent(.toolIntended, 1), try .agent(.toolDone, 2), try .agent(.modelRequest, 3)]
    try await journal.append(notes, to: run, under: claim, surviving: .process)
    #expect(try await journal.events(of: run).count == 4)
    await #expect(throws: JournalError.staleFence) {
      try await journal.append(notes, to: run, under: Claim(job: claim.job, fence: 9), surviving: .process)
    }
    #expect(try await journal.events(of: run).count == 4)
  }

  @Test("leaves the journal as durable as it was", arguments: [Durability.process, .machine])
  func durability(durability: Durability) async throws {
    let directory = try TestDirectory()
    let journal = try await SQLiteJournal.open(path: directory.database, access: .readWrite(mode: 0o600))
    let claim = try await journal.beginByHand(try task("one"), run: run, worker: worker)
    try await journal.append([.agent(.notice, "a")], to: run, under: claim, surviving: durability)
    await #expect(throws: JournalError.staleFence) {
      try await journal.append(
        [.agent(.notice, "a")], to: run, under: Claim(job: 99, fence: 1), surviving: durability)
    }
    #expect(try await journal.settings().synchronous == 2)
  }
}
