import Base
import FileSystem
import Spool
import TestSupport
import Testing
import Work

/// People of one group who push to one repository, each under a user id of their own.
@Suite struct SharedStateTests {
  /// Runs a command as another user of the group 54321.
  private static func asUser(_ user: Int) -> [String] {
    ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--groups=54321", "--"]
  }

  /// Whether this process may become somebody else who can run the program.
  private static let isPossible: Bool = {
    guard let program = try? hookProgram() else { return false }
    return (try? Command.run(asUser(54001) + [program, "--help"], in: "/"))?.status == 0
  }()

  private func sharedState() throws -> TestState {
    let test = try TestState()
    _ = try Command.run(["chmod", "755", test.home.path], in: "/")
    _ = try Command.run(["chgrp", "-R", "54321", test.path], in: "/")
    _ = try Command.run(["chmod", "-R", "2770", test.path], in: "/")
    return test
  }

  private func push(_ test: TestState, as user: Int) throws -> CommandResult {
    try Command.run(
      Self.asUser(user) + [hookProgram(), "post-receive", "--state", test.path, "--arborist", "/bin/true"],
      in: test.home.path, input: Array(hookLine().utf8))
  }

  @Test(.enabled(if: isPossible, "needs the right to become another user"))
  func everyoneInTheGroupCanRecordLockAndRead() throws {
    let test = try sharedState()
    for user in [54001, 54002] {
      let result = try push(test, as: user)
      #expect(result.status == 0)
      #expect(String(decoding: result.errors, as: UTF8.self) == "arborist: 1 reference update recorded\n")
    }
    let names = try SpoolReader(test.state).names()
    #expect(names.count == 2)
    for path in names.map({ test.state.spoolNew + Array("/".utf8) + $0 }) + [
      test.state.workerLock, test.state.workerLog,
    ] {
      let status = try #require(try FileStatus(path))
      #expect(status.mode == 0o660)
      #expect(status.group == 54321)
    }
  }

  @Test(.enabled(if: isPossible, "needs the right to become another user"))
  func someoneElseIsToldAndNothingIsRecorded() throws {
    let test = try sharedState()
    _ = try Command.run(["chmod", "-R", "g-w", test.path], in: "/")
    let result = try push(test, as: 54001)
    #expect(result.status == 4)
    #expect(String(decoding: result.errors, as: UTF8.self).contains("Permission denied"))
    #expect(try SpoolReader(test.state).names() == [])
  }
}
