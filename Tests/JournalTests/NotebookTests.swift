import Base
import Journal
import JournalSQLite
import Testing
import Work

@Suite("The steps of a run")
struct NotebookTests {
  private let run = RunID(random: 0xb2)

  private func begun(_ kind: StoreKind) async throws -> (journal: any JournalStore, claim: Claim) {
    let journal = try await kind.make().open()
    let job = Job(
      kind: .fix, pullRequest: PullRequest(repository: "/r", branch: try ref("topic"), base: try ref("main")),
      head: commit(1), against: commit(2), request: "one", event: "", time: Timestamp(seconds: 5))
    return (journal, try await journal.beginByHand(job, run: run, worker: worker))
  }

  @Test("are there for whoever takes the run up, and each is kept once", arguments: StoreKind.allCases)
  func kept(kind: StoreKind) async throws {
    let (journal, claim) = try await begun(kind)
    let first = RunNotebook(of: run, under: claim, in: journal)
    #expect(try await first.recall("a", as: [String].self) == nil)
    try await first.record("a", ["one"])
    try await first.record("b c", 7)
    // A step that is there stays as it is.
    try await first.record("a", ["two"])
    #expect(try await first.recall("a", as: [String].self) == ["one"])
    let again = try await journal.takeUp(run, worker: otherWorker)
    let second = RunNotebook(of: run, under: again, in: journal)
    #expect(try await second.recall("a", as: [String].self) == ["one"])
    #expect(try await second.recall("b c", as: Int.self) == 7)
    #expect(try await second.names().sorted() == ["a", "b c"])
    #expect(
      try await second.once("a") {
        Issue.record("it is done already")
        return []
      } == ["one"])
    #expect(try await second.once("d") { "new" } == "new")
    let events = try await journal.events(of: run)
    #expect(events.count { $0.kind == .step } == 3)
    guard case .verified = try await journal.verify(run) else {
      Issue.record("the chain does not hold")
      return
    }
  }

  @Test("are not kept for who has lost the run, and are not read as what they are not", arguments: StoreKind.allCases)
  func refused(kind: StoreKind) async throws {
    let (journal, claim) = try await begun(kind)
    let first = RunNotebook(of: run, under: claim, in: journal)
    try await first.record("a", 1)
    let again = try await journal.takeUp(run, worker: otherWorker)
    await #expect(throws: JournalError.staleFence) { try await first.record("b", 2) }
    // What was not kept is not there for the one that tried either.
    #expect(try await first.recall("b", as: Int.self) == nil)
    let second = RunNotebook(of: run, under: again, in: journal)
    #expect(try await second.recall("b", as: Int.self) == nil)
    await #expect(throws: (any Error).self) { _ = try await second.recall("a", as: [String].self) }
    try await second.record("b", 3)
    #expect(try await second.recall("b", as: Int.self) == 3)
  }

  @Test("are one each, however many come at once", arguments: StoreKind.allCases)
  func atOnce(kind: StoreKind) async throws {
    let (journal, claim) = try await begun(kind)
    let notebook = RunNotebook(of: run, under: claim, in: journal)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 { group.addTask { try await notebook.record("same", number) } }
      try await group.waitForAll()
    }
    let steps = try await journal.events(of: run).filter { $0.kind == .step }
    #expect(steps.count == 1)
  }
}
