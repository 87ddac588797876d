import Agent
import Base
import Models
import Testing
import Tools
import Work

/// What ends a run that goes on and on.
@Suite("A breaker")
struct BreakerTests {
  /// Answers that make the same calls again and again.
  private func endless(_ calls: @escaping @Sendable (Int) -> [ToolCall]) -> Puppet {
    Puppet { _, number in .success(Puppet.answer(AssistantTurn(text: "", calls: calls(number), stop: .calls))) }
  }

  // MARK: The same again

  @Test("tells at the third time, refuses at the fifth, and ends at the eighth")
  func repeats() async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(endless { [.bash("c\($0)", "ls")] })
    #expect(outcome.ending == .repeating)
    try rig.expectSound(outcome)
    #expect(rig.world.commands == ["ls", "ls", "ls", "ls"])
    let texts = try rig.results.map(\.result.text)
    #expect(texts.count == 7)
    #expect(texts.map { $0.contains("call number 3") } == [false, false, true, false, false, false, false])
    #expect(
      try rig.results.map(\.standing) == Array(repeating: .executed, count: 4) + Array(repeating: .refused, count: 3))
    #expect(texts[4].contains("Not carried out"))
  }

  @Test("is not led astray by other calls in between, nor by another spelling")
  func otherCallsBetween() async throws {
    let rig = try Rig(files: ["a": "1"])
    let outcome = try await rig.perform(
      endless { number in
        number.isMultiple(of: 2)
          ? [.bash("c\(number)", "ls")]
          : [ToolCall(id: "o\(number)", name: "bash", input: .json(#"{ "command" : "echo \#(number)" }"#))]
      })
    #expect(outcome.ending == .repeating)
    #expect(rig.world.commands.count { $0 == "ls" } == 4)
    // The control: the others differ and are carried out each time.
    #expect(rig.world.commands.count { $0 != "ls" } == 7)
  }

  @Test("begins anew when a file has changed", arguments: [true, false])
  func changedFile(changes: Bool) async throws {
    let rig = try Rig { $0.budget.steps = 24 }
    let outcome = try await rig.perform(
      endless { number in
        number.isMultiple(of: 2)
          ? [.bash("c\(number)", "ls")] : [.bash("w\(number)", "write f \(changes ? number : 0)")]
      })
    #expect(outcome.ending == (changes ? .stepsSpent : .repeating))
    #expect(rig.world.commands.count { $0 == "ls" } == (changes ? 12 : 5))
  }

  @Test("begins anew when the result has changed", arguments: [true, false])
  func changedResult(changes: Bool) async throws {
    let rig = try Rig(files: ["log": "0"]) { $0.budget.steps = 20 }
    let world = rig.world
    let count = Lock(0)
    // Somebody writes to a file that nobody watches; a look at it gives something else each time.
    world.before { operation in
      guard changes, operation.isRead else { return }
      let number = count.withLock { count in
        count += 1
        return count
      }
      world.put("log", "\(number)")
    }
    let outcome = try await rig.perform(endless { [.read("c\($0)", "log")] })
    #expect(outcome.ending == (changes ? .stepsSpent : .repeating))
  }

  @Test("counts what stands twice in one answer")
  func inOneAnswer() async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(
      endless { number in (0..<4).map { .bash("c\(number)-\($0)", "ls") } })
    #expect(outcome.ending == .repeating)
    #expect(rig.world.commands.count == 4)
    #expect(outcome.steps == 2)
    try rig.expectSound(outcome)
  }

  // MARK: Calls that nobody understands

  @Test("ends the run at the third answer whose calls cannot be understood")
  func malformed() async throws {
    for call in [
      ToolCall(id: "c", name: "no_such_tool", input: .json("{}")),
      ToolCall(id: "c", name: "bash", input: .json(#"{"comm"#)),
      ToolCall(id: "c", name: "bash", input: .json(#"{"nothing":1}"#)),
    ] {
      let rig = try Rig()
      let outcome = try await rig.perform(endless { _ in [call] })
      #expect(outcome.ending == .malformedCalls)
      #expect(outcome.steps == 3)
      #expect(try rig.results.map(\.standing) == [.malformed, .malformed, .malformed])
      #expect(rig.world.performed.isEmpty)
      try rig.expectSound(outcome)
    }
  }

  @Test("does not count answers that have one good call, and begins anew behind one")
  func malformedControl() async throws {
    let bad = ToolCall(id: "bad", name: "no_such_tool", input: .json("{}"))
    let mixed = try Rig { $0.budget.steps = 8 }
    let first = try await mixed.perform(endless { [bad, .bash("g", "echo \($0)")] })
    #expect(first.ending == .stepsSpent)
    #expect(mixed.world.commands.count == 8)
    let alternating = try Rig { $0.budget.steps = 8 }
    let second = try await alternating.perform(endless { [$0 % 3 == 2 ? .bash("g", "echo \($0)") : bad] })
    #expect(second.ending == .stepsSpent)
  }

  // MARK: Nothing said

  @Test("ends the run at the third empty answer, after asking for words twice", arguments: [StopReason.end, .calls])
  func empty(stop: StopReason) async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(Puppet { _, _ in .success(Puppet.answer(AssistantTurn(text: "", stop: stop))) })
    #expect(outcome.ending == .emptyAnswers)
    #expect(try rig.requests.count == 3)
    #expect(try rig.notices.map(\.kind) == [.emptyAnswer, .emptyAnswer])
    try rig.expectSound(outcome)
    // The control: two, and then words.
    let other = try Rig()
    let nothing = AssistantTurn(text: "", stop: stop)
    #expect(try await other.perform(nothing, nothing).ending == .completed)
    #expect(try other.notices.count == 2)
  }

  @Test("does not take an empty answer behind a pause for the end")
  func emptyBehindPause() async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(
      AssistantTurn(text: "I begin", stop: .pause), AssistantTurn(text: "", stop: .end), .calls(.bash("c", "ls")))
    #expect(outcome.ending == .completed)
    #expect(outcome.steps == 4)
    #expect(rig.world.commands == ["ls"])
    #expect(try rig.notices.map(\.kind) == [.paused, .emptyAnswer])
  }

  @Test("ends the run at the fourth answer that is cut short", arguments: ["", "and then"])
  func cutShort(text: String) async throws {
    let rig = try Rig()
    let cut = AssistantTurn(text: text, stop: .length)
    let outcome = try await rig.perform(Puppet { _, _ in .success(Puppet.answer(cut)) })
    #expect(outcome.ending == .emptyAnswers)
    #expect(try rig.requests.count == 4)
    #expect(try rig.notices.map(\.kind) == [.cutShort, .cutShort, .cutShort])
    try rig.expectSound(outcome)
    let other = try Rig()
    #expect(try await other.perform(cut, cut, cut, .calls(.bash("c", "ls")), cut).ending == .completed)
  }

  @Test("does not carry out a call that was cut off", arguments: [StopReason.length, .contextFull, .calls])
  func cutCall(stop: StopReason) async throws {
    let rig = try Rig()
    var cut = ToolCall.bash("b", "rm -r build")
    cut.isTruncated = stop == .calls
    let turn = AssistantTurn(text: "", calls: [.bash("a", "ls"), cut], stop: stop)
    let outcome = try await rig.perform(turn)
    #expect(outcome.ending == .completed)
    #expect(rig.world.commands == ["ls"])
    #expect(try rig.results.map(\.standing) == [.executed, .cut])
    // The control: whole, it is carried out.
    let other = try Rig()
    try await other.perform(.calls(.bash("a", "ls"), .bash("b", "rm -r build")))
    #expect(other.world.commands == ["ls", "rm -r build"])
  }

  @Test("ends the run where the vendor pauses for the sixth time in a row")
  func pauses() async throws {
    let pause = AssistantTurn(text: "thinking", stop: .pause)
    let rig = try Rig()
    let outcome = try await rig.perform(Puppet { _, _ in .success(Puppet.answer(pause)) })
    #expect(outcome.ending == .modelUnavailable)
    #expect(try rig.requests.count == 6)
    let other = try Rig()
    #expect(try await other.perform(pause, pause, pause, pause, pause).ending == .completed)
  }

  @Test("ends the run where the window is full again and again", arguments: ["", "and then"])
  func full(text: String) async throws {
    let full = AssistantTurn(text: text, stop: .contextFull)
    let rig = try Rig()
    let outcome = try await rig.perform(Puppet { _, _ in .success(Puppet.answer(full)) })
    #expect(outcome.ending == .contextFull)
    #expect(try rig.requests.count == 3)
    try rig.expectSound(outcome)
    // The control: once it is merely made shorter, and no request is sent twice.
    let other = try Rig()
    let second = try await other.perform(
      .calls(.bash("a", "ls")), .calls(.bash("b", "pwd")), full, .calls(.bash("c", "id")))
    #expect(second.ending == .completed)
    #expect(try other.compactions.count == 1)
    #expect(Set(try other.requests.map(\.hash)).count == 5)
  }

  @Test("carries out nothing that was refused")
  func refusal() async throws {
    let rig = try Rig()
    let outcome = try await rig.perform(AssistantTurn(text: "No.", calls: [.bash("c", "ls")], stop: .refusal))
    #expect(outcome.ending == .refused)
    #expect(outcome.text == "No.")
    #expect(rig.world.commands.isEmpty)
    try rig.expectSound(outcome)
  }

  // MARK: No progress

  @Test("tells a model that has a plan and does not come further, and ends the run", arguments: [true, false])
  func noProgress(hasPlan: Bool) async throws {
    let rig = try Rig { $0.budget.steps = 60 }
    let outcome = try await rig.perform(
      endless { number in
        number == 0 && hasPlan
          ? [.plan("p", [("one", "in_progress"), ("two", "pending")])] : [.bash("c\(number)", "echo \(number)")]
      })
    #expect(outcome.ending == (hasPlan ? .noProgress : .stepsSpent))
    #expect(try rig.notices.count { $0.kind == .noProgress } == (hasPlan ? 1 : 0))
    try rig.expectSound(outcome)
  }

  @Test("sees progress in a step that is done and in files as they never were, and tells again when it stops")
  func progress() async throws {
    for way in ["plan", "files"] {
      let rig = try Rig { $0.budget.steps = 90 }
      let outcome = try await rig.perform(
        endless { number in
          if number == 0 { return [.plan("p", [("one", "in_progress"), ("two", "pending")])] }
          if number.isMultiple(of: 25) {
            return way == "plan"
              ? [.plan("p\(number)", [("one \(number)", "in_progress"), ("two", "pending")])]
              : [.bash("w\(number)", "write f \(number)")]
          }
          return [.bash("c\(number)", "echo \(number)")]
        })
      #expect(outcome.ending == .stepsSpent)
      // Every time that twenty answers brought nothing.
      #expect(try rig.notices.count { $0.kind == .noProgress } == 3)
    }
  }

  @Test("lets a model work whose plan is done")
  func planDone() async throws {
    let rig = try Rig { $0.budget.steps = 60 }
    let outcome = try await rig.perform(
      endless { $0 == 0 ? [.plan("p", [("one", "completed")])] : [.bash("c\($0)", "echo \($0)")] })
    #expect(outcome.ending == .stepsSpent)
  }
}
