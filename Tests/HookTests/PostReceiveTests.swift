import Base
import FileSystem
import Glibc
import Installation
import Spool
import TestSupport
import Testing
import Work

@Suite struct PostReceiveTests {
  private func deliveries(_ state: StateDirectory) throws -> [Delivery] {
    let reader = SpoolReader(state)
    return try reader.names().compactMap {
      if case .delivery(let delivery) = try reader.read($0) { delivery } else { nil }
    }
  }

  @Test func aPushIsRecorded() throws {
    let test = try TestState()
    let input = hookLine(1, "refs/heads/é\u{81}") + hookLine(2, "refs/tags/v1")
    let result = try test.postReceive(input, ["--service"], adding: ["REMOTE_USER": "ada l"])
    #expect(result.status == 0)
    #expect(String(decoding: result.errors, as: UTF8.self) == "arborist: 2 reference updates recorded\n")
    let delivery = try #require(deliveries(test.state).first)
    #expect(delivery.repository == Array(test.home.path.utf8))
    #expect(delivery.actor == Array("ada l".utf8))
    #expect(delivery.updates.map(\.hookLine).map { String(decoding: $0, as: UTF8.self) + "\n" }.joined() == input)
    #expect(try Directory.names(test.state.spoolTemporary) == [])
  }

  @Test(arguments: [
    ([:], nil), (["GL_USERNAME": "gl"], "gl"), (["REMOTE_USER": "", "GITEA_PUSHER_NAME": "tea"], "tea"),
  ])
  func theActorIsWhoTheTransportNames(environment: [String: String], expected: String?) throws {
    let test = try TestState()
    _ = try test.postReceive(hookLine(), ["--service"], adding: environment)
    let user = try Command.run(["id", "-un"], in: "/").text
    #expect(try deliveries(test.state).map(\.actor) == [Array((expected ?? user).utf8)])
  }

  @Test func nothingOnStandardInputIsNothing() throws {
    let test = try TestState()
    let result = try test.postReceive("")
    #expect(result.status == 0)
    #expect(result.errors == [])
    #expect(try SpoolReader(test.state).names() == [])
    #expect(try test.postReceive(hookLine()).errors != [], "the control")
  }

  @Test func aPushOfVeryManyReferencesIsOneDelivery() throws {
    let test = try TestState()
    let input = (1...20_000).map { hookLine($0, "refs/heads/branch-\($0)") }.joined()
    let result = try test.postReceive(input, ["--service"])
    #expect(String(decoding: result.errors, as: UTF8.self) == "arborist: 20000 reference updates recorded\n")
    #expect(try deliveries(test.state).map(\.updates.count) == [20_000])
  }

  @Test(arguments: ["nonsense\n", "1 2 refs/heads/x\n", String(repeating: "x", count: 200_000)])
  func inputThatGitNeverGivesIsNotRecordedInPart(input: String) throws {
    let test = try TestState()
    let result = try test.postReceive(hookLine() + input)
    #expect(result.status == 4)
    expectOneLine(result, "the push is stored, but its review could not be recorded")
    #expect(try SpoolReader(test.state).names() == [])
    #expect(try Directory.names(test.state.spoolTemporary) == [])
  }

  @Test(arguments: [[], ["--state"], ["--state", "relative"], ["--state", "/x", "--what"], ["--arborist", "x"]])
  func wordsThatAreNotUnderstood(words: [String]) throws {
    let result = try Command.run([hookProgram(), "post-receive"] + words, in: "/", input: Array(hookLine().utf8))
    #expect(result.status == 2)
    expectOneLine(result, "usage: arborist-hook post-receive")
  }

  @Test(arguments: [[], ["what"]])
  func commandsThatAreNotThere(words: [String]) throws {
    let result = try Command.run([hookProgram()] + words, in: "/")
    #expect(result.status == 2)
    expectOneLine(result, "usage:")
  }

  @Test func aSpoolThatIsNotThere() throws {
    let test = try TestState()
    _ = try Command.run(["rm", "-r", test.path + "/spool"], in: "/")
    let result = try test.postReceive(hookLine())
    #expect(result.status == 4)
    expectOneLine(result, "could not be recorded: cannot open '\(test.path)/spool/tmp/")
    expectOneLine(result, "No such file or directory")
  }

  @Test(.enabled(if: TinyDisk.isPossible, "needs the right to mount a file system"))
  func aFullDiskAndAReadOnlyOne() throws {
    let home = try TemporaryDirectory()
    let disk = try TinyDisk(at: home.path + "/disk")
    let test = try TestState(in: home, at: disk.path + "/state")
    #expect(try test.postReceive(hookLine(), ["--service"]).status == 0, "the control")
    try disk.fill()
    let full = try test.postReceive(hookLine(), ["--service"])
    #expect(full.status == 4)
    expectOneLine(full, "No space left on device")
    #expect(try SpoolReader(test.state).names().count == 1)
    #expect(try Directory.names(test.state.spoolTemporary) == [])
    try disk.makeReadOnly()
    let readOnly = try test.postReceive(hookLine(), ["--service"])
    #expect(readOnly.status == 4)
    expectOneLine(readOnly, "Read-only file system")
  }

  @Test func aWorkerIsStartedUnlessOneRunsOrAServiceDoesIt() throws {
    let test = try TestState()
    let missing = "no worker could be started: cannot start '/nonexistent/arborist'"
    let alone = try test.postReceive(hookLine())
    #expect(alone.status == 0)
    #expect(String(decoding: alone.errors, as: UTF8.self).contains(missing))
    let service = try test.postReceive(hookLine(), ["--service"])
    #expect(!String(decoding: service.errors, as: UTF8.self).contains(missing))
    let lock = try WorkerLock.acquire(test.state)
    let beside = try test.postReceive(hookLine())
    #expect(!String(decoding: beside.errors, as: UTF8.self).contains(missing))
    lock?.release()
    #expect(try SpoolReader(test.state).names().count == 3)
  }

  private func expectOneLine(
    _ result: CommandResult, _ part: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let text = String(decoding: result.errors, as: UTF8.self)
    #expect(text.contains(part), sourceLocation: sourceLocation)
    #expect(text.hasSuffix("\n") && text.dropLast().contains("\n") == false, sourceLocation: sourceLocation)
  }
}
