import Base
import Journal
import JournalSQLite
import Models
import Sandbox
import ScriptedModel
import TestSupport
import Testing
import Tools
import Work

@testable import Agent

/// How runs end.
///
/// The endings of the breakers, the budget and the vendors' faults are reached in the tests of those; here are the rest.
@Suite("The ending of a run")
struct EndingTests {
  @Test(
    "is the fault of the cell where that fails, in whatever it does",
    arguments: [SandboxError.Code.ended, .wallMissing, .full, .malformed])
  func sandbox(code: SandboxError.Code) async throws {
    let error = SandboxError(code, operation: "run", detail: "made up")
    for calls in [
      [ToolCall.bash("a", "ls")], [.read("a", "x")], [.read("a", "x"), .read("b", "y"), .read("c", "z")],
    ] {
      let rig = try Rig()
      rig.world.before { (_) async throws(SandboxError) in throw error }
      let outcome = try await rig.perform(AssistantTurn(text: "", calls: calls, stop: .calls))
      #expect(outcome.ending == (code == .wallMissing ? .sandboxMissing : .sandboxFailed))
      #expect(outcome.reason.contains("made up"))
      try rig.expectSound(outcome)
    }
    let rig = try Rig()
    rig.world.beforeChanges { throw error }
    let outcome = try await rig.perform(.calls(.bash("a", "ls")))
    #expect(outcome.ending == (code == .wallMissing ? .sandboxMissing : .sandboxFailed))
    let files = try Rig()
    files.world.beforeChanges { throw FilesError("the disk is full") }
    let second = try await files.perform(.calls(.bash("a", "ls")))
    #expect(second.ending == .sandboxFailed)
    #expect(second.reason == "the disk is full")
  }

  @Test("is told where the journal cannot be written, and leaves the run open in it", arguments: 0...4)
  func journalFails(after count: Int) async throws {
    let rig = try Rig()
    let written = Lock(0)
    rig.journal.before { (_) async throws(JournalError) in
      let isFull = written.withLock { written in
        written += 1
        return written > count
      }
      if isFull { throw .diskFull(at: "/x") }
    }
    let agent = try rig.agent(Puppet([.calls(.bash("a", "echo 1")), .calls(.bash("b", "echo 2"))]))
    let outcome = await agent.perform()
    #expect(outcome.ending == .journalFailed)
    #expect(outcome.reason.contains("disk is full"))
    #expect(try rig.endings.isEmpty)
    #expect(await !agent.isOver)
    // With room again it is taken up and comes to its end, and nothing was carried out of which nobody knew.
    let next = try rig.interrupted(after: rig.journal.events.count)
    let second = try await next.perform()
    #expect(second.ending == .completed)
    #expect(try next.endings.count == 1)
  }

  @Test("is that of the model's name where the vendor does not know it, and others of theirs")
  func vendors() async throws {
    let endings: [(ModelError.Kind, AgentEnding)] = [
      (.quota, .quotaSpent), (.authentication, .unauthorized), (.unknownModel, .unknownModel),
      (.refusedRequest, .requestRejected), (.refusedParameter("x"), .requestRejected),
      (.misconfigured, .modelUnavailable),
      (.cancelled, .cancelled), (.transient, .modelUnavailable), (.unreachable, .modelUnavailable),
      (.malformedHistory, .requestRejected), (.overflow(tokens: nil, limit: nil), .contextFull),
    ]
    for (kind, ending) in endings {
      let rig = try Rig()
      let outcome = try await rig.perform(Puppet { _, _ in .failure(ModelError(kind, message: "made up")) })
      #expect(outcome.ending == ending, "\(kind)")
      #expect(try rig.requests.count <= 8)
      #expect(outcome.reason.contains("made up"), "\(kind)")
      try rig.expectSound(outcome)
    }
  }

  @Test("is learned from, where a parameter is refused that can be left out")
  func switchesOff() async throws {
    let rig = try Rig()
    let error = ModelError(.refusedParameter("parallel_tool_calls"), message: "unknown parameter")
    let outcome = try await rig.perform(
      Puppet { _, number in number == 0 ? .failure(error) : .success(Puppet.answer(Puppet.done)) })
    #expect(outcome.ending == .completed)
    #expect(Set(try rig.requests.map(\.hash)).count == 2)
    try rig.expectSound(outcome)
  }

  @Test(
    "comes at once where it is cancelled, wherever it is", arguments: ["model", "tool", "reads", "wait", "deaf tool"])
  func cancelled(place: String) async throws {
    var rig = try Rig()
    let (reached, reach) = AsyncStream<Void>.makeStream()
    let forever: @Sendable () async throws -> Void = {
      reach.yield()
      try await Task.sleep(for: .seconds(3600))
    }
    if place == "wait" { rig.sleep = { _ in try await forever() } }
    rig.world.before { (_) async throws(SandboxError) in
      if place == "deaf tool" {
        reach.yield()
        await withCheckedContinuation { (never: CheckedContinuation<Void, Never>) in Forgotten.keep(never) }
      }
      guard ["tool", "reads"].contains(place) else { return }
      do { try await forever() } catch { throw SandboxError(.ended, operation: "x", detail: "cancelled") }
    }
    let model = Puppet { _, number in
      switch place {
      case "model":
        try? await forever()
        return .failure(ModelError(.cancelled, message: "cancelled"))
      case "wait": return .failure(ModelError(.transient, message: "later"))
      case "reads": return .success(Puppet.answer(.calls(.read("a", "x"), .read("b", "y"))))
      default: return .success(Puppet.answer(.calls(.bash("a", "ls"))))
      }
    }
    let agent = try rig.agent(model)
    let work = Task { await agent.perform() }
    for await _ in reached { break }
    work.cancel()
    let outcome = await work.value
    #expect(outcome.ending == .cancelled, "\(outcome.reason)")
    try rig.expectSound(outcome)
  }

  @Test("is written to a journal on the disk although the run was cancelled before it began")
  func cancelledOnDisk() async throws {
    let directory = try TemporaryDirectory()
    let rig = try Rig()
    let journal = try await SQLiteJournal.open(
      path: directory.path + "/journal.sqlite", access: .readWrite(mode: 0o600), clock: rig.clock.wall)
    let main = try RefName("refs/heads/main")
    let job = Job(
      kind: .agent, pullRequest: PullRequest(repository: "/r", branch: main, base: main), head: .zero, against: .zero,
      request: "x", event: "", time: rig.clock.wall.now())
    let claim = try await journal.beginByHand(job, run: Rig.run, worker: WorkerID("a"))
    try await journal.append([.agent(.agentStarted, rig.setup)], to: Rig.run, under: claim, surviving: .process)
    var surroundings = rig.surroundings(Puppet([]))
    surroundings.journal = journal
    let agent = AgentRun(Rig.run, under: claim, state: AgentState(rig.setup), surroundings)
    let (gate, open) = AsyncStream<Void>.makeStream()
    let work = Task {
      for await _ in gate { break }
      return await agent.perform()
    }
    work.cancel()
    open.yield()
    let outcome = await work.value
    #expect(outcome.ending == .cancelled)
    #expect(try await journal.events(of: Rig.run).last?.kind == .agentEnded)
  }

  @Test("tells what was said, done, spent and changed")
  func outcome() async throws {
    let rig = try Rig(files: ["a": "1"]) { $0.price = Rig.price }
    let outcome = try await rig.perform(
      Puppet { _, number in
        .success(
          Puppet.answer(
            number == 0 ? .calls(.write("w", "b", "2"), text: "I write.") : Puppet.done,
            TokenUsage(input: 1000, output: 10)))
      })
    #expect(outcome.ending == .completed)
    #expect(outcome.text == "All done.")
    #expect(outcome.steps == 2)
    // Two answers of a thousand tokens of input and ten of output.
    #expect(outcome.cost == Int64(2_100_000))
    #expect(outcome.changed.map(\.display) == ["a", "b"])
  }
}
