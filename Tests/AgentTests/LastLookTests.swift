import Agent
import Base
import Journal
import Models
import Sandbox
import Testing
import Tools
import Work

@Suite("What changes behind the last call")
struct LastLookTests {
  private func changed(lateFile: String?) async throws -> [String] {
    let rig = try Rig()
    let world = rig.world
    let outcome = try await rig.perform(
      Puppet { _, number in
        guard number > 0 else { return .success(Puppet.answer(.calls(.bash("a", "write a.txt one")))) }
        if let lateFile { world.put(lateFile, "late") }
        return .success(Puppet.answer(Puppet.done))
      })
    #expect(outcome.ending == .completed)
    try rig.expectSound(outcome)
    // Whoever reads the journal alone knows the same.
    let state = try #require(try AgentState.replay(rig.journal.events))
    #expect(state.files.entries.keys.sorted() == outcome.changed)
    return outcome.changed.map(\.display)
  }

  @Test("is in the outcome, as a command in the background wrote it")
  func inTheBackground() async throws {
    #expect(try await changed(lateFile: "late.txt") == ["a.txt", "late.txt"])
    #expect(try await changed(lateFile: nil) == ["a.txt"], "the control")
  }

  @Test("is in the outcome where the run was cancelled over it")
  func cancelled() async throws {
    let rig = try Rig()
    let (reached, reach) = AsyncStream<Void>.makeStream()
    rig.world.before { [world = rig.world] (_) async throws(SandboxError) in
      world.put("half.txt", "half")
      reach.yield()
      do {
        try await Task.sleep(for: .seconds(3600))
      } catch {
        throw SandboxError(.ended, operation: "x", detail: "cancelled")
      }
    }
    let agent = try rig.agent(Puppet { _, _ in .success(Puppet.answer(.calls(.bash("a", "ls")))) })
    let work = Task { await agent.perform() }
    for await _ in reached { break }
    work.cancel()
    let outcome = await work.value
    #expect(outcome.ending == .cancelled)
    #expect(outcome.changed.map(\.display) == ["half.txt"])
    #expect(await agent.isOver)
    try rig.expectSound(outcome)
  }

  /// Files that change as a test says, look by look.
  private struct Looks: FilesKeeping {
    let deltas: Lock<[FilesDelta]>

    init(_ deltas: FilesDelta...) { self.deltas = Lock(deltas) }

    func changes(since manifest: FilesManifest) async throws -> FilesDelta? {
      deltas.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
  }

  @Test("is named where it could not be kept and the run was taken up again, until somebody makes it anew")
  func vanished() async throws {
    let path = try #require(RepositoryPath("big"))
    let lost = FilesDelta(changed: [ChangedFile(path: path, state: .lost)], reverted: [], stamp: "1")
    let gone = FilesDelta(changed: [], reverted: [path], stamp: FilesManifest.origin)
    let anew = FilesDelta(changed: [ChangedFile(path: path, state: .link(target: [0x61]))], reverted: [], stamp: "2")
    let rig = try Rig()
    let model = Puppet([.calls(.bash("a", "make big")), Puppet.done])
    _ = await AgentRun(
      Rig.run, under: Claim(job: 1, fence: 1), state: AgentState(rig.setup),
      rig.surroundings(model, files: Looks(lost))
    ).perform()
    let asked = try #require(rig.journal.events.lastIndex { $0.kind == .modelRequest })
    for (looks, isVanished) in [(Looks(gone), true), (Looks(gone, anew), false)] {
      let again = try rig.interrupted(after: asked)
      let state = try #require(try AgentState.replay(again.journal.events))
      let agent = AgentRun(
        Rig.run, under: Claim(job: 1, fence: 1), state: state,
        again.surroundings(Puppet([.calls(.bash("b", "ls")), .calls(.bash("c", "ls -l")), Puppet.done]), files: looks))
      let outcome = await agent.perform()
      #expect(outcome.changed == [path])
      #expect(await agent.state.vanished.contains(path) == isVanished)
    }
  }
}
