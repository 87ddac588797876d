import Base
import Journal
import Testing
import Work

@Suite("Contract of a store: runs")
struct RunContractTests {
  @Test("A run is told by its events, and the outbox tells the same", arguments: StoreKind.allCases)
  func wholeRun(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    let claimed = try await store.claimed()
    #expect(try await store.openRun(for: claimed.claim) == nil)
    let run = try await store.begun(claimed)
    try await store.append(.workspace(["head": commit(1)]), to: run, under: claimed.claim)
    try await store.append(.step("diff", ["files": 3]), to: run, under: claimed.claim)
    #expect(try await store.openRun(for: claimed.claim)?.state == .fresh)
    let decision = Decision(outcome: reviewOutcome, publication: try publication(2))
    try await store.decide(decision.outcome, publication: decision.publication, of: run, under: claimed.claim)
    #expect(try await store.openRun(for: claimed.claim)?.state == .decided(decision))
    #expect(try await store.outbox(of: run).map(\.effect) == decision.publication.effects)

    let first = try await store.markIntended(effect: 0, of: run, under: claimed.claim)
    #expect(try await store.openRun(for: claimed.claim)?.state.next == .repeatEffect(0))
    #expect(try await store.markIntended(effect: 0, of: run, under: claimed.claim) == first)
    try await store.markDone(effect: 0, result: "pushed", of: run, under: claimed.claim)
    try await store.markDone(effect: 0, result: "pushed again", of: run, under: claimed.claim)
    #expect(try await store.markIntended(effect: 0, of: run, under: claimed.claim).state == .done(result: "pushed"))
    #expect(try await store.openRun(for: claimed.claim)?.state.next == .begin(effect: 1))
    _ = try await store.markIntended(effect: 1, of: run, under: claimed.claim)
    try await store.markDone(effect: 1, result: "noted", of: run, under: claimed.claim)
    #expect(try await store.openRun(for: claimed.claim)?.state.next == .finish)
    try await store.finish(run, Closing(of: reviewOutcome), under: claimed.claim)

    let events = try await store.events(of: run)
    #expect(
      events.map(\.kind) == [
        .started, .workspace, .step, .outcome, .effectIntended, .effectDone, .effectIntended, .effectDone, .finished,
      ])
    #expect(try RunState.replay(events) == .finished(Closing(verdict: .clean, summary: "nothing to say")))
    #expect(events[2].payload.text == #"{"detail":{"files":3},"name":"step"}"#.replacing("\"step\"", with: "\"diff\""))
    #expect(try await store.outbox(of: run).map(\.state) == [.done(result: "pushed"), .done(result: "noted")])
    let ledger = try await store.ledger()
    #expect(ledger.entries.map(\.run) == [run])
    let head = try #require(events.last?.hash)
    #expect(try await store.verify(run) == .verified(events: 9, head: head, ledger: ledger.head))
    #expect(try await store.claim(worker: worker, leaseSeconds: 1) == nil)
  }

  @Test("Something takes the place of an effect that was refused, and of all behind it", arguments: StoreKind.allCases)
  func refusedEffect(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    let claimed = try await store.claimed()
    let run = try await store.begun(claimed)
    let decided = try publication(3)
    try await store.decide(reviewOutcome, publication: decided, of: run, under: claimed.claim)
    let note = Effect.note(.discuss, object: commit(6), lines: ["{}"])
    let instead = Decision(outcome: .failed(reason: "y"), publication: Publication(effects: [note]))
    func replace(_ effect: Int, _ claim: Claim) async throws {
      try await store.replace(effect: effect, of: run, refusedBecause: "x", by: instead, under: claim)
    }
    // Only what is under way can have been refused.
    await #expect(throws: JournalError.self) { try await replace(0, claimed.claim) }
    _ = try await store.markIntended(effect: 0, of: run, under: claimed.claim)
    try await store.markDone(effect: 0, result: "pushed", of: run, under: claimed.claim)
    await #expect(throws: JournalError.self) { try await replace(0, claimed.claim) }
    _ = try await store.markIntended(effect: 1, of: run, under: claimed.claim)
    await #expect(throws: JournalError.staleFence) { try await replace(1, Claim(job: claimed.claim.job, fence: 9)) }
    try await replace(1, claimed.claim)
    let whole = Publication(effects: [decided.effects[0], note])
    #expect(try await store.outbox(of: run).map(\.effect) == whole.effects)
    #expect(try await store.outbox(of: run).map(\.state) == [.done(result: "pushed"), .waiting])
    let state = try #require(try await store.openRun(for: claimed.claim)?.state)
    #expect(state.decision == Decision(outcome: instead.outcome, publication: whole))
    #expect(state.next == .begin(effect: 1))
    await #expect(throws: JournalError.self) { try await replace(1, claimed.claim) }
    _ = try await store.markIntended(effect: 1, of: run, under: claimed.claim)
    try await store.markDone(effect: 1, result: "noted", of: run, under: claimed.claim)
    try await store.finish(run, Closing(of: instead.outcome), under: claimed.claim)
    #expect(try await store.auditFaults() == [])
  }

  @Test("It is known until when something may have been sent for an effect", arguments: StoreKind.allCases)
  func quiet(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    let claimed = try await store.claimed()
    let run = try await store.begun(claimed)
    try await store.decide(reviewOutcome, publication: publication(2), of: run, under: claimed.claim)
    func mark(_ window: Duration?, _ claim: Claim, effect: Int = 0) async throws -> OutboxEntry {
      try await store.markIntended(effect: effect, of: run, under: claim, writing: window)
    }
    // The first try has none before it, and one that sends nothing leaves nothing behind.
    #expect(try await mark(nil, claimed.claim).quiet == nil)
    #expect(try await mark(.seconds(3600), claimed.claim).quiet == nil)
    let open = try #require(try await mark(.seconds(1), claimed.claim).quiet)
    #expect(open < .zero && open > .seconds(-3601))
    // A shorter time does not take back a longer one, which may be in use.
    #expect(try #require(try await mark(nil, claimed.claim).quiet) < .seconds(-1800))

    // Whoever gives the job back sends nothing any more.
    try await store.release(claimed.claim, .handedBack)
    let again = try await store.claimed()
    let after = try #require(try await mark(nil, again.claim).quiet)
    #expect(after >= .zero && after < .seconds(1800))
    // Asking is not sending: it is quiet since the same moment.
    #expect(try #require(try await mark(nil, again.claim).quiet) >= after)
    try await store.markDone(effect: 0, result: "done", of: run, under: again.claim)
    #expect(try await mark(.seconds(3600), again.claim).quiet == nil)
    #expect(try await mark(nil, again.claim, effect: 1).quiet == nil)
  }

  @Test("What a worker that died might still send is not taken back", arguments: StoreKind.allCases)
  func quietAfterDeath(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    let dead = try #require(try await store.claim(worker: worker, leaseSeconds: 0))
    let run = try await store.begun(dead)
    try await store.decide(reviewOutcome, publication: publication(1), of: run, under: dead.claim)
    _ = try await store.markIntended(effect: 0, of: run, under: dead.claim, writing: .seconds(3600))
    #expect(try await store.recoverAbandoned(.leaseExpired).requeued.count == 1)
    let again = try await store.claimed()
    let quiet = try await store.markIntended(effect: 0, of: run, under: again.claim).quiet
    #expect(try #require(quiet) < .seconds(-1800))
  }

  @Test("A step out of order is refused and changes nothing", arguments: StoreKind.allCases)
  func outOfOrder(_ kind: StoreKind) async throws {
    func refused(_ body: () async throws -> Void) async {
      await #expect { try await body() } throws: { error in
        if case JournalError.outOfOrder? = error as? JournalError { true } else { false }
      }
    }
    let store = try await kind.make().open()
    try await store.acceptReview("e1", to: 1, at: 10)
    let claimed = try await store.claimed()
    let claim = claimed.claim
    let run = try await store.begun(claimed)
    await refused { try await store.startRun(RunID(random: 1), of: claimed) }
    await refused { try await store.append(.note("x"), to: RunID(random: 1), under: claim) }
    await refused { _ = try await store.markIntended(effect: 0, of: run, under: claim) }
    await refused { try await store.finish(run, Closing(of: reviewOutcome), under: claim) }
    try await store.decide(reviewOutcome, publication: publication(2), of: run, under: claim)
    await refused { try await store.decide(reviewOutcome, publication: publication(1), of: run, under: claim) }
    await refused { try await store.markDone(effect: 0, result: "", of: run, under: claim) }
    await refused { _ = try await store.markIntended(effect: 1, of: run, under: claim) }
    await refused { _ = try await store.markIntended(effect: 2, of: run, under: claim) }
    await refused { _ = try await store.markIntended(effect: -1, of: run, under: claim) }
    await refused { try await store.finish(run, Closing(of: reviewOutcome), under: claim) }
    #expect(try await store.events(of: run).map(\.kind) == [.started, .outcome])
    // A run that failed may leave effects behind.
    try await store.finish(run, Closing(verdict: .failed, summary: "no way"), under: claim)
    #expect(try await store.run(named: run.text).closing?.verdict == .failed)
  }

  @Test("Runs are found by the beginning of their name and listed newest first", arguments: StoreKind.allCases)
  func listing(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    var runs: [RunID] = []
    for (index, number) in [0xabc0_0000_0000_0001 as UInt64, 0xabd0_0000_0000_0002, 0x1230_0000_0000_0003].enumerated()
    {
      try await store.acceptReview("e\(index)", branch: "b\(index % 2)", to: index + 1, at: Int64(index))
      let claimed = try await store.claimed()
      runs.append(try await store.begun(claimed, UInt64(number)))
      if index < 2 {
        try await store.finish(runs[index], Closing(verdict: .failed, summary: "x"), under: claimed.claim)
      }
    }
    #expect(try await store.run(named: "abc").run == runs[0])
    #expect(try await store.run(named: "ABD").run == runs[1])
    #expect(try await store.run(named: runs[2].text).state == .running)
    await #expect(throws: JournalError.ambiguous(prefix: "ab", count: 2)) { _ = try await store.run(named: "ab") }
    for unknown in ["ff", "", "x' OR 1", "%", runs[0].text + "0"] {
      await #expect { _ = try await store.run(named: unknown) } throws: { error in
        if case JournalError.notFound? = error as? JournalError { true } else { false }
      }
    }
    #expect(try await store.runs(RunFilter()).map(\.run) == runs.reversed())
    #expect(try await store.runs(RunFilter(limit: 1)).map(\.run) == [runs[2]])
    #expect(
      try await store.runs(RunFilter(lane: QuotedPath.encode(try ref("b0").bytes))).map(\.run) == [runs[2], runs[0]])
    #expect(try await store.runs(RunFilter(isOpenOnly: true)).map(\.run) == [runs[2]])
    #expect(try await store.runs(RunFilter(repository: "/elsewhere")).isEmpty)
    #expect(try await store.events(of: RunID(random: 7)).isEmpty)
  }

  /// Deaths at random places of many jobs: each effect is begun once and done once, whatever happens in between.
  @Test("Death at any step loses and doubles nothing", arguments: StoreKind.allCases, 0..<8)
  func deaths(_ kind: StoreKind, seed: Int) async throws {
    var generator = SeededGenerator(seed: seed)
    let database = try kind.make()
    var store = try await database.open()
    for number in 0..<4 { try await store.acceptReview("e\(number)", branch: "b\(number)", to: 1, at: Int64(number)) }
    var effects: [String] = []
    var deaths = 0
    while let claimed = try await store.claim(worker: WorkerID("w\(deaths)"), leaseSeconds: 600) {
      var isAlive = true
      // A worker dies at most three times at one job, so that none is given up.
      let mayDie = claimed.attempt < 4
      while isAlive {
        let state = try await store.openRun(for: claimed.claim)
        guard try await advance(store, claimed, state, &effects) else { break }
        isAlive = !mayDie || Int.random(in: 0..<4, using: &generator) > 0
      }
      guard !isAlive else { continue }
      deaths += 1
      store = try await database.open()
      let recovery = try await store.recoverAbandoned(.heldByOthers(than: WorkerID("w\(deaths)")))
      #expect(recovery.givenUp.isEmpty && recovery.superseded.isEmpty)
    }
    #expect(try await store.auditFaults() == [])
    let runs = try await store.runs(RunFilter())
    #expect(runs.count == 4)
    for summary in runs {
      #expect(summary.closing?.verdict == .clean)
      let events = try await store.events(of: summary.run)
      #expect(events.filter { $0.kind == .effectIntended }.count == 3)
      #expect(events.filter { $0.kind == .effectDone }.count == 3)
    }
    #expect(effects.count == 12 && Set(effects).count == 12)
  }

  /// Does the next step of a job; `false` when there is none.
  private func advance(
    _ store: any JournalStore, _ claimed: ClaimedJob, _ open: OpenRun?, _ effects: inout [String]
  ) async throws -> Bool {
    guard let open else {
      _ = try await store.begun(claimed)
      return true
    }
    switch open.state.next {
    case .decide:
      try await store.decide(reviewOutcome, publication: publication(3), of: open.run, under: claimed.claim)
    case .begin(let effect): _ = try await store.markIntended(effect: effect, of: open.run, under: claimed.claim)
    case .repeatEffect(let effect):
      // The world takes an effect once and knows it again, as a ref or a note does.
      let name = "\(open.run) \(effect)"
      if !effects.contains(name) { effects.append(name) }
      try await store.markDone(effect: effect, result: name, of: open.run, under: claimed.claim)
    case .finish:
      try await store.finish(open.run, Closing(of: reviewOutcome), under: claimed.claim)
      return false
    case .none: return false
    }
    return true
  }
}
