import TestSupport
import Testing

/// Commands that do what they should not: each ends by itself, with its outcome and a line that names the cause.
@Suite("A repair with a test command that misbehaves")
struct FixBadCommandTests {
  /// A branch whose script does something, where that of the base does nothing; `more.py` is the branch's too.
  private static func setting(_ script: String, base: [TestRepository.Change] = []) throws -> FixSetting {
    try FixSetting(
      base: [.write("check.sh", "true\n")] + base,
      branch: [.write("check.sh", "\(script)\n"), .write("more.py", "more = 1\n")])
  }

  /// What the branch gets a few seconds for.
  private static let short = TestRepository.Change.write(".arborist.yml", "budget: { minutes: 0.05 }\n")

  private static func fix(_ setting: FixSetting) async throws -> FixAnswer {
    try await setting.fix(command: "sh check.sh", isModelAsked: false)
  }

  @Test(
    "names what it ran into",
    arguments: [
      // Much is started and goes on in the background: it is ended, and counts for nothing.
      ("for i in $(seq 300); do setsid sleep 600 & done; exit 1", "the exit status alone counts"),
      ("for i in $(seq 600); do sleep 600 & done", "a cell is limited to 512 processes and threads; the log says: "),
      ("echo x > /usr/x", "only the workspace, /tmp and the home can be written to; the log says: "),
      (
        "python3 -c 'import socket; socket.create_connection((\"192.0.2.1\", 80), 5)'",
        "a cell has no network while tests run: let 'setup' fetch what they need, from hosts that 'network' names; "
      ),
      ("echo x >> more.py; exit 1", "the commands change tracked files: 'more.py'"),
      ("chown 0:0 more.py", "commands run as an ordinary user, not as root; the log says: "),
      ("test $(id -u) = 0", "in a cell a command runs as an ordinary user, without network and with an environment"),
      ("kill -SEGV $$", "ended with status 139, as a shell says of signal 11 (SIGSEGV)"),
      ("kill -KILL $$", "as the system does where the memory of a cell is full"),
    ])
  func misbehaves(script: String, line: String) async throws {
    let setting = try Self.setting(script)
    let answer = try await Self.fix(setting)
    #expect(answer.status == 1 && answer.outcome == "not_fixed", "\(answer)")
    let said = answer.list("notes") + answer.list("red")
    #expect(said.count { $0.contains(line) } == 1, "\(answer)")
    #expect(answer["pushed"] == setting.side && setting.id("feature") == setting.head)
    #expect(try setting.show("check.sh", of: setting.side) == "true\n")
    try setting.expectSound()
  }

  @Test("keeps little of very much that is printed, in memory and on disk")
  func printsVeryMuch() async throws {
    let setting = try Self.setting("head -c 1G /dev/zero | tr '\\0' x")
    let words = ["fix", "--branch", "feature", "--no-model", "--format", "json", "--test", "sh check.sh"]
    // The most memory that the program and what it waits for took at once, in KiB.
    let measured = """
      import resource, subprocess, sys
      status = subprocess.call(sys.argv[1:])
      print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
      sys.exit(status)
      """
    let (environment, path) = (setting.environment, setting.repository.path)
    let result = try await offPool {
      try Command.run(
        ["timeout", "-k", "5", "120", "python3", "-c", measured, Arborist.program()] + words, in: path,
        adding: environment)
    }
    let answer = try FixAnswer(result)
    #expect(answer.status == 0 && answer.outcome == "nothing_to_fix", "\(answer)")
    #expect(
      answer.list("notes") == [
        "'sh check.sh' printed 1073741824 bytes; of these the beginning and the end are kept, 16777216 bytes"
      ])
    let peak = answer.errors.split(separator: "\n").last?.split(separator: " ").last.flatMap { Int($0) }
    #expect(try #require(peak) < 400 << 10)
    let kept = setting.home.path + "/.local/state/arborist/runs/\(answer.run)/logs/head-1.log"
    #expect(try Files.read(kept).count < 17 << 20)
  }

  @Test("says nothing of the kind where it behaves")
  func behaves() async throws {
    let setting = try Self.setting(
      "(sleep 600 &); echo x > new; echo x > ~/new; echo 'Network is unreachable, says a test that passes'")
    let answer = try await Self.fix(setting)
    #expect(answer.status == 0 && answer.outcome == "nothing_to_fix" && answer.list("notes").isEmpty, "\(answer)")
  }

  @Test(
    "ends where its time is over, with what is known by then",
    arguments: [
      ("sleep 1000", "not tried again: where it only takes longer, give the run more with --minutes"),
      ("bomb() { bomb | bomb; }; bomb; sleep 1000", "a command did not come to an end in its 3 s"),
    ])
  func hangs(script: String, line: String) async throws {
    let setting = try Self.setting(script, base: [Self.short])
    let answer = try await Self.fix(setting)
    #expect(answer.status == 1 && answer.outcome == "not_fixed", "\(answer)")
    #expect(answer.list("red").count == 1 && answer.list("notes").first?.contains(line) == true, "\(answer)")
    let base = answer.list("notes").filter { $0.hasPrefix("the tests could not be run at main: the time was over") }
    #expect(base.count == 1, "\(answer)")
    #expect(answer["commit"] == "" && setting.id(setting.side) == nil)
    try setting.expectSound()
  }

  @Test("is not there: that is no matter of the branch", arguments: ["no-such-runner --all", "./no-such-script"])
  func missing(command: String) async throws {
    let setting = try FixSetting()
    let answer = try await setting.fix(command: command, isModelAsked: false)
    #expect(answer.status == 4 && answer.outcome == "infrastructure", "\(answer)")
    let name = command.prefix { $0 != " " }
    #expect(answer["reason"].contains("'\(name)' is not there"), "\(answer)")
    #expect(answer["commit"] == "")
    try setting.expectSound()
  }

  @Test("names what depends on the time, and repairs none of it")
  func time() async throws {
    // Each run fails one of very many tests, by the clock.
    let script = """
      import time
      tick = time.time_ns() // 1000 % 2000
      print("TAP version 13\\n1..2000")
      for number in range(2000): print("not ok" if number == tick else "ok", number + 1, "- at", number)
      raise SystemExit(1)
      """
    let setting = try FixSetting(branch: [.write("clock.py", script + "\n"), .write("more.py", "more = 1\n")])
    let answer = try await setting.fix(command: "python3 clock.py", isModelAsked: false)
    #expect(answer.status == 1 && answer.outcome == "flaky", "\(answer)")
    #expect(answer["reason"].contains("does not fail each time: 'at ") && answer.list("flaky").count > 1, "\(answer)")
    #expect(answer["commit"] == "" && answer.list("red").isEmpty)
    try setting.expectSound()
  }

  @Test("is told what it lost where the branch deletes the tests, and what it never had where nothing differs")
  func nothingLeft() async throws {
    let deleted = try FixSetting(branch: [.remove("test_calc.py"), .write("calc.py", FixSetting.bad)])
    let gone = try await deleted.fix(command: "python3 -B -m unittest discover -v", isModelAsked: false)
    #expect(gone.outcome != "fixed" && gone.status == (gone.outcome == "nothing_to_fix" ? 0 : 1), "\(gone)")
    #expect(gone.list("notes").contains { $0.hasPrefix("the branch deletes tests: 'test_calc.py'") }, "\(gone)")
    let empty = try FixSetting(branch: [])
    let same = try await empty.fix(isModelAsked: false)
    #expect(same.status == 0 && same.outcome == "nothing_to_fix", "\(same)")
    #expect(same.list("notes") == ["the branch changes nothing against main"], "\(same)")
  }
}
