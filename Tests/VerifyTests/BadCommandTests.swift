import Base
import Glibc
import Sandbox
import TestResults
import TestSupport
import Testing

@testable import Verify

/// Test commands that do what they should not; beside each one that does not.
@Suite struct BadCommandTests {
  @Test func aCommandThatHangsIsEndedWithAllItStarted() async throws {
    let host = try await StageHost()
    let test = """
      import os, subprocess, sys, time, unittest
      class Waits(unittest.TestCase):
          def test_a_quick(self): pass
          def test_hangs(self):
              if os.path.exists("hang"):
                  if os.fork() == 0:
                      os.setsid()
                      if os.fork() != 0: os._exit(0)
                      time.sleep(1000)
                  time.sleep(1000)
      """
    let good = try host.commit(.write("test_waits.py", test))
    let bad = try host.commit(.write("hang", ""))
    let stage = host.stage(good, "python3 -m unittest -v", "pgrep -c python3; true", seconds: 10)
    let execution = try await stage.run(try host.tree(bad))
    #expect(execution.commands.map(\.ending) == [.timedOut, .exited(0)], "\(execution.text)")
    #expect(execution.standing.red.map(\.description) == ["test_waits > Waits > test_hangs"])
    #expect(execution.standing.green.map(\.name) == ["test_a_quick"])
    #expect(execution.hindrances == [.time])
    #expect(
      execution.notes.contains { $0.hasPrefix("'python3 -m unittest -v' was ended after ") }, "\(execution.notes)")
    #expect(String(decoding: execution.commands[1].log, as: UTF8.self) == "0\n")
    // The control.
    let quick = try await stage.run(try host.tree(good))
    #expect(quick.standing.isGreen && quick.hindrances == [] && quick.standing.green.count == 2, "\(quick.text)")
    await stage.close()
  }

  @Test func aDaemonThatKeepsTheOutputOpenIsNotWaitedFor() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1"))
    let stage = host.stage(commit, "setsid sleep 1000 & echo done", seconds: 600)
    let execution = try await stage.run(try host.tree(commit))
    #expect(execution.text == "done\n" && execution.commands[0].ending == .exited(0))
    #expect(execution.commands[0].elapsed < .seconds(60))
    await stage.close()
  }

  @Test func theTimeForAllCommandsIsOver() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1"))
    let stage = host.stage(commit, "sleep 1000", "echo never") { $0.limit = .seconds(5) }
    let execution = try await stage.run(try host.tree(commit))
    #expect(execution.commands.map(\.ending) == [.timedOut, .timedOut])
    #expect(execution.standing.red == [.command(0), .command(1)])
    #expect(execution.notes.contains { $0.contains("'echo never' was not run") })
    await stage.close()
    let none = host.stage(commit, "true") { $0.limit = .zero }
    #expect(await stageFailure { _ = try await none.run(try host.tree(commit)) }?.kind == .timeSpent)
    await none.close()
    let ample = host.stage(commit, "true", "echo now") { $0.limit = .seconds(600) }
    #expect(try await ample.run(try host.tree(commit)).standing.isGreen)
    await ample.close()
  }

  @Test func ofVeryMuchTheBeginningAndTheEndAreKept() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1"))
    let stage = host.stage(
      commit, "echo first; yes 'a line of output that says nothing' | head -c 1000000000; echo; echo last",
      "echo little"
    ) { $0.outputLimit = 1 << 20 }
    let execution = try await stage.run(try host.tree(commit))
    let command = execution.commands[0]
    #expect(command.ending == .exited(0) && command.log.count <= 1 << 20 && command.log.count > 1_000_000)
    #expect(command.log.starts(with: "first\n".utf8) && command.log.suffix(5).elementsEqual("last\n".utf8))
    #expect(command.log.count + command.dropped == 1_000_000_012)
    let gap = try #require(command.droppedAt)
    #expect(command.log[gap - 1] == UInt8(ascii: "\n") && command.log[gap...].starts(with: "a line of".utf8))
    #expect(execution.hindrances == [.output])
    #expect(execution.notes.contains { $0.contains("printed 1000000012 bytes") }, "\(execution.notes)")
    #expect(execution.commands[1].dropped == 0 && execution.commands[1].droppedAt == nil)
    await stage.close()
  }

  @Test(
    arguments: [
      ("echo x > /usr/x", Hindrance.readOnly, "can be written to"), ("cp a /etc/", .readOnly, "can be written to"),
      (
        "python3 -c 'import socket; socket.create_connection((\"example.com\", 80))'", .network, "has no network"
      ),
      ("cat a > /dev/full", .disk, "is limited"),
      ("(ulimit -v 500000; python3 -c 'bytearray(1 << 30)')", .memory, "memory of a cell is limited"),
      ("python3 -c 'import os; os.kill(os.getpid(), 9)'", .memory, "memory of a cell is full"),
      ("mount -t tmpfs x /tmp", .privilege, "ordinary user"),
      ("python3 -c 'import os; os.chroot(\"/\")'", .privilege, "ordinary user"),
      ("[ $(id -u) = 0 ] || { echo this must be run as root; false; }", .privilege, "ordinary user"),
    ])
  func whatACellHinders(command: String, hindrance: Hindrance, words: String) async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1\n"))
    let stage = host.stage(commit, command)
    let execution = try await stage.run(try host.tree(commit))
    #expect(execution.hindrances == [hindrance], "\(execution.text) \(execution.notes)")
    #expect(execution.notes.contains { $0.contains(words) }, "\(execution.notes)")
    #expect(execution.standing.red == [.command(0)])
    await stage.close()
  }

  @Test func aCellHindersNothingElse() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1\n"))
    // Writing where it is allowed, a server of one's own, much memory, and a log that speaks of errors but succeeds.
    let script = """
      import socket
      server = socket.create_server(("127.0.0.1", 0)); client = socket.create_connection(server.getsockname())
      open("/tmp/x", "w").write("x" * 1000000); bytearray(200 << 20)
      print("expected: No space left on device, Permission denied")
      """
    let stage = host.stage(commit, "python3 -c '\(script)'; echo x > new; echo x > ~/new", "false")
    let execution = try await stage.run(try host.tree(commit))
    #expect(execution.hindrances == [] && execution.notes == [], "\(execution.notes) \(execution.text)")
    #expect(execution.standing.red == [.command(1)])
    await stage.close()
  }

  @Test func aMissingProgramIsNoFailureOfTests() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("test.sh", "#!/bin/sh\necho ok\n", mode: "100755"))
    let without = try host.commit(.remove("test.sh"))
    let broken = try host.commit(.write("test.sh", "#!/bin/sh\nexit 127\n", mode: "100755"))
    let closed = try host.commit(.write("test.sh", "#!/bin/sh\necho ok\n"))
    for (line, words) in [
      ("no-such-runner --all", "the program 'no-such-runner' is not there: install it"),
      ("no-such-setup; no-such-runner -x && echo", "the program 'no-such-runner'"),
      ("jest", "let setup run 'npm ci', and name 'npx jest'"),
      ("node_modules/.bin/jest", "'node_modules/.bin/jest' is not there: it is not in the tree, and setup"),
      ("./test.sh", "'./test.sh' is not there"),
    ] {
      let stage = host.stage(without, line)
      let failure = await stageFailure { _ = try await stage.run(try host.tree(without)) }
      #expect(failure?.kind == .programMissing, "\(line)")
      #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
      await stage.close()
    }
    // The controls: it is there; a tree that ends so by itself, or has taken the right from its script, is red.
    let stage = host.stage(commit, "./test.sh")
    #expect(try await stage.run(try host.tree(commit)).standing.isGreen)
    #expect(try await stage.run(try host.tree(broken)).standing.red == [.command(0)])
    #expect(try await stage.run(try host.tree(closed)).standing.red == [.command(0)])
    await stage.close()
  }

  @Test func daysAreToldApart() {
    #expect(CalendarDay(at: 1_700_006_399) != CalendarDay(at: 1_700_006_400))
    #expect(CalendarDay(at: 1_700_006_400) == CalendarDay(at: 1_700_006_401))
  }
}

/// What asks for more processes than a cell has.
@Suite(.enabled("needs control groups, which count it") { await ControlGroups.areHere })
struct ProcessLimitTests {
  private static let reached = "reached the limit of 512 processes"

  /// A script of Python that forks as often as it is told, and says nothing where it cannot.
  private static func forks(_ times: String) -> String {
    """
    import os, time
    for _ in \(times):
        try:
            if os.fork() == 0: time.sleep(600)
        except OSError: pass
    """
  }

  @Test func whatIsRefusedProcessesIsToldSoWhateverItPrints() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("many.py", Self.forks("range(600)")), .write("few.py", Self.forks("range(20)")))
    let many = host.stage(commit, "python3 many.py", seconds: 60)
    let execution = try await many.run(try host.tree(commit))
    #expect(execution.commands[0].ending == .exited(0) && execution.hindrances == [.processes], "\(execution.notes)")
    #expect(execution.notes.count { $0.contains("'python3 many.py' \(Self.reached), and was refused ") } == 1)
    // What is refused counts for the command that asks.
    await many.close()
    let both = host.stage(commit, "python3 many.py", "pkill -KILL -f many.py; true", "python3 few.py; exit 1")
    let last = try await both.run(try host.tree(commit))
    #expect(last.notes.count { $0.contains(Self.reached) } == 1, "\(last.notes)")
    await both.close()
    // The control.
    let few = host.stage(commit, "python3 few.py", seconds: 60)
    let quiet = try await few.run(try host.tree(commit))
    #expect(quiet.hindrances == [] && quiet.notes == [], "\(quiet.notes)")
    await few.close()
  }

  @Test func whatDoesNothingButForkIsEndedBeforeItsTime() async throws {
    let host = try await StageHost()
    let bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"
    let commit = try host.commit(.write("bomb.py", bomb), .write("many.py", Self.forks("range(600)")))
    let stage = host.stage(commit, "python3 bomb.py", "pgrep -c python3; true", seconds: 600) { $0.refusalLimit = 500 }
    let execution = try await stage.run(try host.tree(commit))
    #expect(execution.commands[0].ending == .signalled(15) && execution.commands[0].elapsed < .seconds(300))
    #expect(execution.standing.red == [.command(0)] && execution.hindrances == [.processes])
    #expect(
      execution.notes.count { $0.hasPrefix("'python3 bomb.py' \(Self.reached) again and again, and was ended") } == 1,
      "\(execution.notes)")
    #expect(String(decoding: execution.commands[1].log, as: UTF8.self) == "0\n")
    await stage.close()
    // The control: some are refused and it comes to its end.
    let ample = host.stage(commit, "python3 many.py", seconds: 600) { $0.refusalLimit = 500 }
    #expect(try await ample.run(try host.tree(commit)).commands[0].ending == .exited(0))
    await ample.close()
  }
}

private enum ControlGroups {
  static var areHere: Bool {
    get async { (try? await Spawner())?.report.holding.contains(.controlGroup) ?? false }
  }
}
