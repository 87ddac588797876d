import Base
import Journal
import JournalSQLite
import Models
import Sandbox
import TestSupport
import Testing
import Tools
import Work

@testable import Agent

/// What a run is by its events alone.
@Suite("The state of a run")
struct StateTests {
  private func request(_ number: Int) throws -> AgentEvent {
    .requested(
      RequestRecord(
        number: number, purpose: .turn, hash: Digest(ofContent: []), size: 0, tokens: 0, reserved: 5, isStreamed: true))
  }

  private func answer(_ number: Int, _ turn: AssistantTurn) -> AgentEvent {
    .answered(AnswerRecord(number: number, answer: ModelAnswer(turn: turn, usage: nil), cost: 3))
  }

  private func done(_ id: String) -> AgentEvent {
    .done(DoneRecord(result: ToolResult(call: id, name: "bash", text: "x"), standing: .executed))
  }

  private func failure(_ number: Int) -> AgentEvent {
    .failed(FailureRecord(number: number, kind: "cut", message: "", cost: 1, measure: .again(after: 0)))
  }

  /// The states that a run can be in, by name.
  private func states() throws -> [String: AgentState] {
    var states = ["begun": AgentState(try Rig().setup)]
    func step(_ from: String, _ event: AgentEvent, _ to: String) throws {
      var state = try #require(states[from])
      let isTaken = state.take(event)
      #expect(isTaken)
      states[to] = state
    }
    try step("begun", try request(1), "asked")
    try step("asked", failure(1), "failed")
    try step("asked", answer(1, .calls(.bash("a", "ls"), .bash("b", "ls"))), "called")
    try step("called", .intended(IntentRecord(call: "a")), "intended")
    try step("intended", done("a"), "half")
    try step("half", done("b"), "answered")
    try step("answered", .ended(EndRecord(ending: .cancelled, reason: "")), "ended")
    return states
  }

  @Test("takes no event that cannot follow, and each that can")
  func order() throws {
    let compaction = AgentEvent.compacted(CompactionRecord(change: .reset("short")))
    let closing = AgentEvent.notice(NoticeRecord(kind: .closing, text: "x"))
    let resumed = AgentEvent.notice(NoticeRecord(kind: .resumed, text: "x"))
    let ended = AgentEvent.ended(EndRecord(ending: .completed, reason: ""))
    let words = AssistantTurn(text: "hm", stop: .pause)
    let events: [(event: AgentEvent, after: Set<String>)] = [
      (try request(1), ["begun"]), (try request(2), ["failed", "answered"]), (try request(3), []),
      (answer(1, words), ["asked"]), (answer(2, words), []), (failure(1), ["asked"]), (failure(2), []),
      (.intended(IntentRecord(call: "a")), ["called"]),
      (.intended(IntentRecord(call: "b")), ["called", "intended", "half"]),
      (.intended(IntentRecord(call: "c")), []), (done("a"), ["called", "intended"]),
      (done("b"), ["called", "intended", "half"]), (done("c"), []),
      (compaction, ["begun", "failed", "answered"]), (closing, ["begun", "failed", "answered"]),
      (resumed, ["called", "intended", "half"]),
      (ended, ["begun", "asked", "failed", "called", "intended", "half", "answered"]),
      (.resumed, ["begun", "asked", "failed", "called", "intended", "half", "answered", "ended"]),
      (.started(try Rig().setup), ["begun"]),
    ]
    for (name, state) in try states() {
      for (event, after) in events {
        var copy = state
        let isTaken = copy.take(event)
        #expect(isTaken == after.contains(name), "\(event) in the state '\(name)'")
      }
    }
  }

  @Test("is read from a journal that makes sense, and from no other")
  func corrupt() async throws {
    let rig = try Rig()
    try await rig.perform(.calls(.bash("a", "ls")))
    let events = rig.journal.events
    #expect(try AgentState.replay(events)?.end != nil)
    #expect(try AgentState.replay([]) == nil)
    // The ending may follow anything, and what only reads is not announced.
    for index in events.indices.dropFirst().dropLast(2) where events[index].kind != .toolIntended {
      var missing = events
      missing.remove(at: index)
      #expect(throws: JournalError.self, "without event \(index)") { try AgentState.replay(missing) }
      #expect(throws: JournalError.self) { _ = try AgentReplay.requests(of: missing) }
    }
    #expect(throws: JournalError.self) { try AgentState.replay([events[0], events[0]]) }
    var other = events[1]
    other.payload = try CanonicalJSON(["number": "one"])
    #expect(throws: JournalError.self) { try AgentState.replay([events[0], other]) }
  }

  @Test("tells a call that was cut off by a death as unknown, and makes only reads again")
  func unknown() async throws {
    let rig = try Rig(files: ["a": "text"])
    // The process dies in the middle of the read, before what came of the command was written.
    let journal = rig.journal
    rig.world.before { (operation) async throws(SandboxError) in
      guard operation.isRead else { return }
      journal.before { (_) async throws(JournalError) in throw .staleFence }
      throw SandboxError(.ended, operation: "x", detail: "died")
    }
    let outcome = try await rig.perform(.calls(.bash("b", "make install"), .read("r", "a")))
    #expect(outcome.ending == .journalFailed)
    #expect(try rig.endings.isEmpty)
    #expect(rig.world.commands == ["make install"])
    let next = try rig.interrupted(after: journal.events.count)
    next.world.put("a", "text")
    let second = try await next.perform()
    #expect(second.ending == .completed)
    #expect(next.world.commands.isEmpty)
    #expect(next.world.performed.count == 1)
    let results = try next.results
    #expect(results.map(\.standing) == [.unknown, .executed])
    #expect(results[0].result.isError)
    #expect(results[0].result.text.contains("taken up again"))
    #expect(results[0].result.text.contains("State unknown"))
    #expect(results[1].result.text == "text")
    try next.expectSound(second)
  }

  @Test("says once that the run was taken up again, with the first result behind it", arguments: [true, false])
  func saysResumed(wasInterrupted: Bool) async throws {
    let rig = try Rig()
    let turns: [AssistantTurn] = [
      .calls(.bash("a", "echo 1")), .calls(.bash("b", "echo 2"), .bash("c", "echo 3")), .calls(.bash("d", "echo 4")),
    ]
    let outcome = try await rig.perform(Puppet(turns))
    #expect(outcome.ending == .completed)
    #expect(try rig.results.allSatisfy { !$0.result.text.contains("taken up again") })
    guard wasInterrupted else { return }
    // Behind the first call's result.
    let index = try #require(rig.journal.events.firstIndex { $0.kind == .toolDone })
    let next = try rig.interrupted(after: index + 1)
    try await next.perform(Puppet(Array(turns.dropFirst())))
    #expect(
      try next.results.map { $0.result.text.contains("taken up again") } == [false, true, false, false])
    // Before the first answer nothing can be lost, and nothing is said.
    let early = try rig.interrupted(after: 2)
    try await early.perform(Puppet(turns))
    #expect(try early.results.allSatisfy { !$0.result.text.contains("taken up again") })
  }

  @Test("that has ended and was not closed ends no second time")
  func resumedBehindTheEnd() async throws {
    let rig = try Rig()
    let first = try await rig.perform(.calls(.bash("a", "ls")))
    let next = try rig.interrupted(after: rig.journal.events.count)
    let count = next.journal.events.count
    let second = try await next.perform(Puppet { _, _ in .failure(ModelError(.quota, message: "nobody asks")) })
    #expect(second == first)
    #expect(next.journal.events.count == count)
  }

  @Test("in a journal on the disk is the same, however often it is killed")
  func onDisk() async throws {
    let directory = try TemporaryDirectory()
    let rig = try Rig { $0.price = Rig.price }
    let turns: [AssistantTurn] = [
      .calls(.bash("a", "write f 1"), .read("b", "f")), .calls(.bash("c", "echo 2")), .calls(.write("d", "g", "3")),
    ]
    let model = Puppet { request, _ in
      let answers = request.conversation.items.count { if case .assistant = $0 { true } else { false } }
      return .success(
        Puppet.answer(answers < turns.count ? turns[answers] : Puppet.done, TokenUsage(input: 2000, output: 100)))
    }
    let journal = try await SQLiteJournal.open(
      path: directory.path + "/journal.sqlite", access: .readWrite(mode: 0o600), clock: rig.clock.wall)
    let main = try RefName("refs/heads/main")
    let job = Job(
      kind: .agent, pullRequest: PullRequest(repository: "/r", branch: main, base: main), head: .zero, against: .zero,
      request: "x", event: "", time: rig.clock.wall.now())
    var claim = try await journal.beginByHand(job, run: Rig.run, worker: WorkerID("a"))
    try await journal.append([.agent(.agentStarted, rig.setup)], to: Rig.run, under: claim, surviving: .process)
    var outcome: AgentOutcome?
    var deaths = 0
    // Each process may write once, and dies over the second time.
    while outcome == nil {
      let state = try #require(try AgentState.replay(try await journal.events(of: Rig.run)))
      let dying = MemoryJournal()
      let written = Lock(0)
      let fence = claim
      dying.before { (notes) async throws(JournalError) in
        let isDead = written.withLock { written in
          written += 1
          return written > 2
        }
        if isDead { throw .staleFence }
        try await journal.append(notes, to: Rig.run, under: fence, surviving: .process)
      }
      var surroundings = rig.surroundings(model)
      surroundings.journal = dying
      surroundings.tools = World(restoring: state.files, kept: rig.kept)
      let one = await AgentRun(Rig.run, under: claim, state: state, surroundings).perform()
      if one.ending == .journalFailed {
        deaths += 1
        claim = try await journal.takeUp(Rig.run, worker: WorkerID("b\(deaths)"))
      } else {
        outcome = one
      }
    }
    #expect(deaths >= 3)
    #expect(outcome?.ending == .completed)
    let events = try await journal.events(of: Rig.run)
    #expect(events.count { $0.kind == .agentEnded } == 1)
    #expect(try #require(try AgentReplay.requests(of: events)).allSatisfy { $0.isEqual })
  }
}
