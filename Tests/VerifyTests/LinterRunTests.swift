import Base
import TestSupport
import Testing

@testable import Verify

/// Linters in a cell: what they print is theirs alone, and one that fails is told and hinders no other.
@Suite struct LinterRunTests {
  private func run(
    _ linters: [String], setup: [String] = [], seconds: Int = 60, change: (inout StageOrder) -> Void = { _ in }
  ) async throws -> [LinterRun.Result] {
    let host = try await StageHost()
    let commit = try host.commit(.write("a.txt", "a\n"))
    var order = host.order(commit, TestCommands(setup: setup, test: ["exit 1"], seconds: seconds))
    change(&order)
    return try await LinterRun(linters, on: order, cells: host.cells).run()
  }

  private func text(_ result: LinterRun.Result?) -> String {
    switch result {
    case .printed(let output, _, let ending): "\(String(decoding: output, as: UTF8.self))|\(ending ?? "")"
    case .failed(let reason): "failed: \(reason)"
    case nil: "none"
    }
  }

  @Test func theStandardOutputIsTakenAndTheErrorOutputIsNot() async throws {
    let results = try await run(
      ["echo noise >&2; cat a.txt made; pwd", "cat a.txt; echo 'error: odd' >&2; exit 3"],
      setup: ["echo m > made"])
    #expect(results.count == 2)
    #expect(text(results.first) == "a\nm\n/workspace\n|")
    #expect(text(results.last) == "a\n|ended with 3: error: odd")
    guard case .printed(_, let root, _) = results.first else { return }
    #expect(root == Array("/workspace".utf8))
  }

  @Test func eachBeginsAsSetupLeftIt() async throws {
    let results = try await run(["echo x > new; echo y > a.txt; ls", "ls; cat a.txt"])
    // The control: the linter that writes the file has it.
    #expect(text(results.first) == "a.txt\nnew\n|")
    #expect(text(results.last) == "a.txt\na\n|")
  }

  @Test func whatFailsIsToldAndTheNextIsRunAllTheSame() async throws {
    let results = try await run(
      ["no-such-linter", "true", "echo 'fatal: bad rule' >&2; exit 2", "kill -9 $$", "echo good"])
    #expect(text(results[0]).hasPrefix("failed: the program 'no-such-linter' is not there"))
    #expect(text(results[1]) == "failed: it printed nothing")
    #expect(text(results[2]) == "failed: it printed nothing and ended with 2: fatal: bad rule")
    #expect(text(results[3]) == "failed: it printed nothing and was ended by signal 9")
    #expect(text(results[4]) == "good\n|")
  }

  @Test func oneThatHangsIsEndedWithAllThatItStarted() async throws {
    let counts = Array(repeating: "pgrep -c sleep", count: 4)
    let results = try await run(["setsid sleep 1000 & sleep 1000"] + counts, seconds: 5).map { text($0) }
    let late = "failed: it did not end within 5 s"
    #expect(results[0] == late)
    // A count that is itself too late on a busy machine says nothing; at least one must have come.
    let counted = results.dropFirst().filter { $0 != late }
    #expect(!counted.isEmpty && counted.allSatisfy { $0.hasPrefix("0\n|") }, "\(results)")
  }

  @Test func whatPrintsTooMuchIsNotCutAndTakenForWhole() async throws {
    let results = try await run(["head -c \(LinterRun.mostOutput + 1) /dev/zero", "echo small"])
    #expect(text(results[0]) == "failed: it printed more than 64 MiB")
    #expect(text(results[1]) == "small\n|")
  }

  @Test func noneIsRunWhereSetupFails() async throws {
    let failure = await #expect(throws: StageFailure.self) { try await run(["echo x"], setup: ["exit 4"]) }
    #expect(failure?.kind == .setup && failure?.description == "setup: 'exit 4' ended with 4")
  }

  @Test func noneIsBegunWhereTheTimeIsOver() async throws {
    let results = try await run(["echo x"]) { $0.limit = .zero }
    #expect(text(results.first) == "failed: it was not run: the time for all linters was over")
  }
}
