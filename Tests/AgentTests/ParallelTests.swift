import Agent
import Base
import Journal
import Models
import Sandbox
import Testing
import Tools
import Work

/// Several calls in one answer.
@Suite("Calls of one answer")
struct ParallelTests {
  /// Lets nobody go on before so many are there, and knows how many were in at once.
  private actor Meeting {
    private let size: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isInside = 0
    private(set) var most = 0

    init(_ size: Int) { self.size = size }

    func enter() async {
      isInside += 1
      most = max(most, isInside)
      if waiting.count + 1 >= size {
        for one in waiting { one.resume() }
        waiting = []
      } else {
        await withCheckedContinuation { waiting.append($0) }
      }
      isInside -= 1
    }
  }

  @Test("that read run beside each other, and their results stand in the model's order", arguments: [2, 5, 8])
  func reads(count: Int) async throws {
    let rig = try Rig(files: Dictionary(uniqueKeysWithValues: (0..<count).map { ("f\($0)", "text \($0)") }))
    let meeting = Meeting(count)
    // Were they one after the other, the first would wait for ever.
    rig.world.before { (_) async throws(SandboxError) in await meeting.enter() }
    let calls = (0..<count).map { ToolCall.read("c\($0)", "f\($0)") }
    let outcome = try await rig.perform(AssistantTurn(text: "", calls: calls, stop: .calls))
    #expect(outcome.ending == .completed)
    #expect(await meeting.most == count)
    #expect(try rig.results.map(\.result.text) == (0..<count).map { "text \($0)" })
    #expect(try rig.results.map(\.result.call) == calls.map(\.id))
    try rig.expectSound(outcome)
  }

  @Test("that change something run alone, behind what stands before them and before what stands behind")
  func writesAlone() async throws {
    let rig = try Rig(files: ["a": "1", "b": "2"])
    let meeting = Meeting(1)
    let order = Lock<[String]>([])
    rig.world.before { (operation) async throws(SandboxError) in
      order.withLock { $0.append(operation.isRead ? "r" : "w") }
      await meeting.enter()
    }
    let outcome = try await rig.perform(
      .calls(
        .read("1", "a"), .bash("2", "write a 9"), .read("3", "a"), .write("4", "b", "8"), .bash("5", "echo x"),
        .read("6", "b")))
    #expect(outcome.ending == .completed)
    #expect(order.withLock { $0 } == ["r", "w", "r", "w", "w", "r"])
    #expect(await meeting.most == 1)
    #expect(try rig.results.map(\.result.text) == ["1", "ran write a 9", "9", "Written.", "ran echo x", "8"])
    // An intent stands before each change, and on its own.
    let kinds = rig.journal.events.map(\.kind)
    #expect(kinds.count { $0 == .toolIntended } == 3)
    for (index, kind) in kinds.enumerated() where kind == .toolIntended { #expect(kinds[index + 1] == .toolDone) }
    try rig.expectSound(outcome)
  }

  @Test(
    "with one id are told apart", arguments: ["openai-chat/gpt-4.1", "openai/gpt-5.4", "anthropic/claude-opus-4-8"])
  func duplicateIDs(model: String) async throws {
    let rig = try Rig(model, files: ["a": "1", "b": "2"])
    let dialect = rig.setup.model.dialect
    let echo = Echo(dialect: dialect, model: rig.setup.model.name, pieces: [#"{"type":"text","text":"x"}"#])
    var turn = AssistantTurn.calls(.read("c", "a"), .read("c", "b"), .read("c_", "a"))
    turn.echo = echo
    let puppet = Puppet([turn])
    let outcome = try await rig.perform(puppet)
    #expect(outcome.ending == .completed)
    #expect(try rig.results.map(\.result.text) == ["1", "2", "1"])
    let items = try #require(puppet.requests.withLock { $0.last }).conversation.items.array
    ContextTests.expectPaired(items)
    guard case .assistant(let sent) = items[1] else {
      Issue.record("there is no answer")
      return
    }
    #expect(Set(sent.calls.map(\.id)).count == 3)
    // What names the calls otherwise is not sent back.
    #expect((sent.echo == nil) == (dialect != .chat))
    try rig.expectSound(outcome)
  }

  @Test("that cannot be understood stand between the others, with their own results")
  func mixed() async throws {
    let rig = try Rig(files: ["a": "1"])
    let bad = ToolCall(id: "x", name: "no_such_tool", input: .json("{}"))
    let outcome = try await rig.perform(.calls(.read("1", "a"), bad, .read("2", "none"), .bash("3", "echo x")))
    #expect(outcome.ending == .completed)
    #expect(try rig.results.map(\.result.call) == ["1", "x", "2", "3"])
    #expect(try rig.results.map(\.standing) == [.executed, .malformed, .executed, .executed])
    #expect(try rig.results.map(\.result.isError) == [false, true, true, false])
  }
}
