import Base
import Journal
import Testing
import Work

@Suite("Contract of a store: the queue")
struct QueueContractTests {
  @Test("A worker is given and takes back jobs of its share alone", arguments: StoreKind.allCases)
  func shares(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let repositories = ["/srv/a.git", "/srv/b.git", "github:o/r"]
    for (index, repository) in repositories.enumerated() {
      let event = try push("e\(index)", to: 1, at: Int64(index), repository: repository)
      _ = try await store.accept(delivery: "d\(index)", events: [event], jobs: [job(for: event)])
    }
    func claim(_ share: JobShare, _ worker: WorkerID = worker) async throws -> String? {
      try await store.claim(worker: worker, leaseSeconds: 600, of: share)?.job.pullRequest.repository
    }
    #expect(try await claim(.repository("/srv/b.git")) == "/srv/b.git")
    #expect(try await claim(.repository("/srv/b.git")) == nil)
    #expect(try await claim(.forges, otherWorker) == "github:o/r")
    #expect(try await claim(.forges) == nil)
    // What another kind of worker holds is not taken from it.
    let recovery = try await store.recoverAbandoned(.heldByOthers(than: otherWorker, of: .repository("/srv/b.git")))
    #expect(recovery.requeued.map(\.pullRequest.repository) == ["/srv/b.git"])
    #expect(try await store.recoverAbandoned(.heldByOthers(than: worker, of: .repository("/srv/b.git"))) == Recovery())
    // The controls: all of them.
    #expect(try await claim(.all) == "/srv/a.git")
    #expect(try await store.recoverAbandoned(.heldByOthers(than: WorkerID("third"))).requeued.count == 2)
  }

  @Test("The jobs of one forge can be asked for alone, and work without reports", arguments: StoreKind.allCases)
  func forges(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    for (index, forge) in [ForgeName.gitea, .github].enumerated() {
      let repository = try #require(ForgeRepository(forge: forge, id: 5, path: "o/r"))
      let notice = ChangeNotice(action: .opened, number: 7, head: nil)
      let happening = ForgeHappening(repository: repository, actor: nil, kind: .change(notice))
      let event = Event(
        id: forge.rawValue, repository: repository.name, actor: "", time: Timestamp(milliseconds: Int64(index)),
        kind: .forge(happening))
      let place = ForgePlace(repository: repository, number: 7)
      let base = try ref("main")
      let work = Job(
        kind: .review,
        pullRequest: PullRequest(repository: repository.name, branch: place.headRef, base: base, forge: place),
        head: .zero, against: .zero, event: event.id, time: event.time)
      _ = try await store.accept(
        delivery: event.id, events: [event], jobs: [Job(attendingTo: happening, event: event), work])
    }
    func claim(_ share: JobShare) async throws -> String? {
      guard let claimed = try await store.claim(worker: worker, leaseSeconds: 600, of: share) else { return nil }
      #expect(share.holds(claimed.job))
      return "\(claimed.job.kind.rawValue) \(claimed.job.pullRequest.repository)"
    }
    #expect(try await claim(.on(.gitlab, .forges)) == nil)
    // What is older is another forge's.
    #expect(try await claim(.on(.github, .reports)) == "attend github:o/r")
    #expect(try await claim(.on(.github, .reports)) == nil)
    #expect(try await claim(.on(.github, .work)) == "review github:o/r")
    #expect(try await claim(.on(.github, .forges)) == nil)
    #expect(try await claim(.work) == "review gitea:o/r")
    #expect(try await claim(.work) == nil)
    #expect(try await claim(.reports) == "attend gitea:o/r")
  }

  @Test("A delivery, an event and a job are taken once", arguments: StoreKind.allCases)
  func once(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try push("e1", to: 1, at: 10)
    let review = job(for: event)
    let first = try await store.accept(delivery: "d1", events: [event], jobs: [review])
    #expect(first == Acceptance(isNew: true, queued: [review.key]))
    let again = try await store.accept(delivery: "d1", events: [event], jobs: [review])
    #expect(again == Acceptance(isNew: false))
    // The same event in another delivery, and the same job twice.
    let other = try await store.accept(delivery: "d2", events: [event], jobs: [review, review])
    #expect(other == Acceptance(isNew: true))
    #expect(try await store.pending(limit: 10).map(\.job) == [review])
    // Control: another kind of the same work is another job.
    let resolve = job(.resolve, for: event)
    let more = try await store.accept(delivery: "d3", events: [], jobs: [resolve, resolve])
    #expect(more.queued == [resolve.key])
    #expect(try await store.pending(limit: 10).map(\.job) == [review, resolve])
  }

  @Test("The same delivery from many sides at once is taken once", arguments: StoreKind.allCases)
  func onceTogether(_ kind: StoreKind) async throws {
    let database = try kind.make()
    let stores = [try await database.open(), try await database.open()]
    let event = try push("e1", to: 1, at: 10)
    let accepted = try await withThrowingTaskGroup(of: Acceptance.self) { group in
      for index in 0..<16 {
        let store = stores[index % 2]
        group.addTask { try await store.accept(delivery: "d1", events: [event], jobs: [job(for: event)]) }
      }
      return try await group.reduce(into: [Acceptance]()) { $0.append($1) }
    }
    #expect(accepted.filter(\.isNew).count == 1)
    #expect(accepted.flatMap(\.queued).count == 1)
    #expect(try await stores[0].pending(limit: 10).count == 1)
  }

  @Test("Jobs are given out by the time of their event, one at a time for a branch", arguments: StoreKind.allCases)
  func order(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let late = try push("late", "a", to: 1, at: 30)
    let early = try push("early", "b", to: 2, at: 20)
    _ = try await store.accept(delivery: "d1", events: [late], jobs: [job(for: late)])
    _ = try await store.accept(
      delivery: "d2", events: [early], jobs: [job(.review, for: early), job(.resolve, for: early)])

    let first = try await store.claimed()
    #expect(first.job == job(.review, for: early))
    // The second job of the branch waits for the first, so the other branch comes next.
    let second = try await store.claimed(by: otherWorker)
    #expect(second.job == job(for: late))
    #expect(try await store.claim(worker: otherWorker, leaseSeconds: 600) == nil)
    try await store.carryOut(first)
    let third = try await store.claimed()
    #expect(third.job == job(.resolve, for: early))
    #expect([first.attempt, second.attempt, third.attempt] == [1, 1, 1])
  }

  @Test("Two stores on one database give each job out once", arguments: StoreKind.allCases)
  func concurrentClaims(_ kind: StoreKind) async throws {
    let database = try kind.make()
    let stores = [try await database.open(), try await database.open()]
    let count = 60
    for number in 0..<count { try await stores[0].acceptReview("e\(number)", branch: "b\(number)", to: 1, at: 1) }
    let claimed = try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
      for index in 0..<4 {
        let store = stores[index % 2]
        group.addTask {
          var mine: [ClaimedJob] = []
          while let next = try await store.claim(worker: WorkerID("w\(index)"), leaseSeconds: 600) {
            mine.append(next)
            if mine.count % 2 == 0 { try await store.carryOut(next) }
          }
          return mine
        }
      }
      return try await group.reduce(into: [ClaimedJob]()) { $0 += $1 }
    }
    #expect(claimed.count == count)
    #expect(Set(claimed.map(\.job.key)).count == count)
    #expect(try await stores[1].auditFaults() == [])
  }

  @Test("What a dead worker had waits again and its claim is good no more", arguments: StoreKind.allCases)
  func recovery(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let wanted = try await store.acceptReview("e1", to: 1, at: 10)
    let dead = try await store.claimed(by: otherWorker)
    let run = try await store.begun(dead)
    // Control: a worker's own jobs are not abandoned.
    #expect(try await store.recoverAbandoned(.heldByOthers(than: otherWorker)) == Recovery())
    #expect(try await store.recoverAbandoned(.heldByOthers(than: worker)) == Recovery(requeued: [wanted]))
    let mine = try await store.claimed()
    #expect(mine.job == wanted)
    #expect(mine.attempt == 2)
    #expect(mine.claim.fence > dead.claim.fence)

    let note = try RunNote.note("hello")
    await #expect(throws: JournalError.staleFence) { try await store.append(note, to: run, under: dead.claim) }
    await #expect(throws: JournalError.staleFence) { try await store.startRun(RunID(random: 9), of: dead) }
    await #expect(throws: JournalError.staleFence) { _ = try await store.openRun(for: dead.claim) }
    await #expect(throws: JournalError.staleFence) { _ = try await store.renew(dead.claim, leaseSeconds: 1) }
    await #expect(throws: JournalError.staleFence) { try await store.release(dead.claim, .handedBack) }
    await #expect(throws: JournalError.staleFence) {
      try await store.decide(reviewOutcome, publication: publication(1), of: run, under: dead.claim)
    }
    await #expect(throws: JournalError.staleFence) {
      _ = try await store.markIntended(effect: 0, of: run, under: dead.claim)
    }
    await #expect(throws: JournalError.staleFence) {
      try await store.markDone(effect: 0, result: "", of: run, under: dead.claim)
    }
    await #expect(throws: JournalError.staleFence) {
      try await store.finish(run, Closing(of: reviewOutcome), under: dead.claim)
    }
    #expect(try await store.events(of: run).map(\.kind) == [.started])
    // Control: with the new claim each of them is done.
    try await store.append(note, to: run, under: mine.claim)
    try await store.decide(reviewOutcome, publication: publication(1), of: run, under: mine.claim)
    _ = try await store.markIntended(effect: 0, of: run, under: mine.claim)
    try await store.markDone(effect: 0, result: "", of: run, under: mine.claim)
    try await store.finish(run, Closing(of: reviewOutcome), under: mine.claim)
    await #expect(throws: JournalError.staleFence) { try await store.append(note, to: run, under: mine.claim) }
  }

  @Test(
    "A job that failed waits again where it is wanted again, and one that did not does not",
    arguments: StoreKind.allCases)
  func failedAgain(_ kind: StoreKind) async throws {
    for (verdict, again) in [(Closing.Verdict.failed, true), (.clean, false)] {
      let store = try await kind.make().open()
      let job = try await store.acceptReview("e1", to: 1, at: 10)
      let claimed = try await store.claimed()
      let run = try await store.begun(claimed)
      if verdict == .clean {
        try await store.decide(reviewOutcome, publication: publication(0), of: run, under: claimed.claim)
      }
      try await store.finish(run, Closing(verdict: verdict, summary: "x"), under: claimed.claim)
      #expect(try await store.claim(worker: worker, leaseSeconds: 1) == nil)
      try await store.acceptReview("e2", to: 1, at: 20)
      let next = try await store.claim(worker: worker, leaseSeconds: 1)
      #expect(next.map(\.job.key) == (again ? job.key : nil))
      #expect(try await store.auditFaults() == [])
    }
  }

  @Test("A lease that ran out is recovered, a renewed one is not", arguments: StoreKind.allCases)
  func leases(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let first = try await store.acceptReview("e1", branch: "a", to: 1, at: 10)
    try await store.acceptReview("e2", branch: "b", to: 1, at: 20)
    _ = try #require(try await store.claim(worker: worker, leaseSeconds: 0))
    let renewed = try #require(try await store.claim(worker: worker, leaseSeconds: 0))
    let expires = try await store.renew(renewed.claim, leaseSeconds: 600)
    #expect(expires > renewed.leaseExpires)
    #expect(try await store.recoverAbandoned(.leaseExpired) == Recovery(requeued: [first]))
  }

  @Test("Nothing is tried for ever", arguments: StoreKind.allCases, [true, false])
  func attempts(_ kind: StoreKind, withRun: Bool) async throws {
    let store = try await kind.make().open()
    let doomed = try await store.acceptReview("e1", to: 1, at: 10)
    for attempt in 1...Attempts.deathLimit {
      let claimed = try await store.claimed(by: otherWorker)
      #expect(claimed.attempt == attempt)
      if withRun, attempt == 1 { _ = try await store.begun(claimed) }
      let recovery = try await store.recoverAbandoned(.heldByOthers(than: worker))
      let isLast = attempt == Attempts.deathLimit
      #expect(recovery == (isLast ? Recovery(givenUp: [doomed]) : Recovery(requeued: [doomed])))
    }
    #expect(try await store.claim(worker: worker, leaseSeconds: 1) == nil)
    let runs = try await store.runs(RunFilter())
    #expect(runs.map(\.job) == [doomed])
    #expect(runs.first?.closing?.verdict == .failed)
    #expect(runs.first?.closing?.summary.contains("\(Attempts.deathLimit) tries") == true)
    #expect(try await store.auditFaults() == [])
  }

  @Test("A job that takes its worker with it lets the others go first", arguments: StoreKind.allCases)
  func behindOthers(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let deadly = try await store.acceptReview("e1", branch: "a", to: 1, at: 10)
    let other = try await store.acceptReview("e2", branch: "b", to: 1, at: 20)
    #expect(try await store.claimed(by: otherWorker).job == deadly, "the control: it came first")
    #expect(try await store.recoverAbandoned(.heldByOthers(than: worker)) == Recovery(requeued: [deadly]))
    #expect(try await store.claimed().job == other)
    #expect(try await store.claimed().job == deadly)
  }

  @Test("A job handed back loses no try, a failed one does and waits", arguments: StoreKind.allCases)
  func release(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    for _ in 1...(2 * Attempts.limit) { try await store.release(store.claimed().claim, .handedBack) }
    let claimed = try await store.claimed()
    #expect(claimed.attempt == 1)
    let run = try await store.begun(claimed)
    let later = Timestamp(milliseconds: 1 << 50)
    try await store.release(claimed.claim, .failed(reason: "no network", notBefore: later))
    #expect(try await store.claim(worker: worker, leaseSeconds: 1) == nil)
    let pending = try await store.pending(limit: 9)
    #expect(pending.map(\.notBefore) == [later])
    #expect(pending.map(\.attempts) == [1])
    #expect(try await store.run(named: run.text).state == .waiting)
  }

  @Test("A failure that repeats ends the job with its reason", arguments: StoreKind.allCases)
  func failures(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    for _ in 1...Attempts.limit {
      let claimed = try await store.claimed()
      try await store.release(
        claimed.claim, .failed(reason: "no network", notBefore: Timestamp(milliseconds: 0)))
    }
    #expect(try await store.claim(worker: worker, leaseSeconds: 1) == nil)
    #expect(try await store.runs(RunFilter()).first?.closing?.summary.contains("no network") == true)
  }
}
