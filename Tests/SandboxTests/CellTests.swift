import Base
import Glibc
import Sandbox
import TestSupport
import Testing

/// A cell as whoever uses it sees it.
struct CellTests {
  @Test func runsACommandOverTheCheckout() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let ended = try await cell.shell("cat a.txt b/c.txt; echo new > d.txt; id -u; pwd; exit 3")
    #expect(ended.output == "first\nsecond\n1000\n/workspace\n")
    #expect(ended.ending == .exited(3))
    let written = try await cell.read(try inWorkspace("d.txt"), from: 0, limit: 100)
    #expect(written.bytes == Array("new\n".utf8))
    #expect(!Files.exists(host.checkout + "/d.txt"))
    await cell.stop()
    await #expect(throws: SandboxError.self) { try await cell.shell("true") }
  }

  @Test func givesInputAndClosesIt() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    #expect(try await cell.run("cat", input: .bytes(Array("given".utf8))).output == "given")
    #expect(try await cell.run("cat").output == "")
    let large = [UInt8](repeating: 7, count: 3 << 20)
    #expect(try await cell.run("wc", "-c", input: .bytes(large)).output == "3145728\n")
    let process = try await cell.start(CellCommand([Array("cat".utf8)], input: .open))
    try await cell.write(Array("one ".utf8), to: process, endsInput: false)
    try await cell.write(Array("two".utf8), to: process, endsInput: true)
    let output = try await cell.output(of: process, waiting: .seconds(600))
    #expect(output.bytes == Array("one two".utf8) && output.ending == .exited(0))
    await cell.stop()
  }

  @Test func hasATerminal() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let script = "tty; test -t 0 && echo input; stty size; read line; echo \"<$line>\""
    let command = CellCommand(["bash", "-c", script].map { Array($0.utf8) }, input: .open, hasTerminal: true)
    let process = try await cell.start(command)
    // Typed after the first words have come, because a terminal shows what is typed.
    var shown: [UInt8] = []
    while !shown.contains("80\r\n".utf8) {
      shown += try await cell.output(of: process, waiting: .milliseconds(10)).bytes
    }
    try await cell.write(Array("typed\n".utf8), to: process, endsInput: false)
    let output = try await cell.output(of: process, waiting: .seconds(600))
    let text = String(decoding: (shown + output.bytes).filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    #expect(text.contains("/dev/pts/"), "\(text)")
    #expect(text.contains("input\n24 80\n"), "\(text)")
    #expect(text.hasSuffix("<typed>\n"), "\(text)")
    #expect(output.ending == .exited(0))
    // A terminal gives a few KiB with each read; what was written before the end comes whole.
    for _ in 0..<20 {
      let much = try await cell.run("seq", "1", "12000", terminal: true)
      #expect(much.output.split(separator: "\r\n").count == 12000 && much.ending == .exited(0))
    }
    await cell.stop()
  }

  @Test func endsWithItsTimeout() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    var timeout = Duration.milliseconds(200)
    var ended: Ended
    repeat {
      ended = try await cell.run("sh", "-c", "echo begun; sleep 10000 & sleep 10000", timeout: timeout)
      #expect(ended.ending == .timedOut)
      // A busy machine may need longer to come to the first word.
      timeout = timeout * 2
    } while ended.output.isEmpty && timeout < .seconds(1000)
    #expect(ended.output == "begun\n")
    await cell.stop()
  }

  @Test func doesNotWaitForWhatHoldsThePipe() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let ended = try await cell.shell("sleep 1000 & echo done")
    #expect(ended.output == "done\n" && ended.ending == .exited(0))
    // What was left behind goes on, as one who started a server wants.
    #expect(try await cell.shell("pgrep -x sleep | wc -l").output == "1\n")
    await cell.stop()
  }

  @Test func terminatesATree() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    // One child ignores the polite signal, one has left its parent, one has left the session while its parent lives.
    let script = """
      (trap '' TERM; exec -a stubborn sleep 1000) & (exec -a orphan sleep 1001 &) ; setsid sleep 1002 & echo up; wait
      """
    let command = CellCommand(["bash", "-c", script].map { Array($0.utf8) })
    let process = try await cell.start(command)
    while try await cell.shell("pgrep -c sleep").output != "3\n" {}
    try await cell.terminate(process)
    #expect(try await cell.shell("pgrep -c sleep").output == "0\n")
    #expect(try await cell.output(of: process, waiting: .zero).ending == .signalled(SIGTERM))
    await cell.stop()
  }

  @Test func keepsBothEndsOfMuchOutput() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let command = CellCommand(
      ["bash", "-c", "seq -w 1 9999999"].map { Array($0.utf8) }, timeout: .seconds(3000), outputLimit: 10_000)
    let output = try await cell.output(of: try await cell.start(command), waiting: .seconds(3000))
    #expect(output.bytes.count == 10_000 && output.dropped == 9_999_999 * 8 - 10_000)
    #expect(output.droppedAt == 6000)
    #expect(output.bytes.prefix(16) == Array("0000001\n0000002\n".utf8)[...])
    #expect(output.bytes.suffix(16) == Array("9999998\n9999999\n".utf8)[...])
    await cell.stop()
  }

  @Test func printingWithoutEndTakesNoMemory() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let script = "head -c 10G /dev/zero; exit 4"
    let command = CellCommand(
      ["bash", "-c", script].map { Array($0.utf8) }, timeout: .seconds(3000), outputLimit: 1 << 20)
    let process = try await cell.start(command)
    let before = residentBytes()
    var total = 0
    var ending: CellEnding?
    while ending == nil {
      let output = try await cell.output(of: process, waiting: .seconds(3000))
      #expect(output.bytes.count <= 1 << 20)
      total += output.bytes.count + output.dropped
      ending = output.ending
    }
    #expect(total == 10 << 30 && ending == .exited(4))
    #expect(residentBytes() - before < 1 << 30)
    await cell.stop()
  }

  @Test func saysWhatCannotBeStarted() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let missing = try await cell.run("no-such-program")
    #expect(missing.ending == .exited(127) && missing.output.contains("no-such-program"))
    let forbidden = try await cell.run("/etc/passwd")
    #expect(forbidden.ending == .exited(126))
    await cell.stop()
  }

  @Test func takesItsEnvironmentFromTheList() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell { $0.environment = ["FROM_POLICY": "1", "PATH": "/usr/bin"] }
    let ended = try await cell.run("env", environment: ["FROM_COMMAND": "two words"])
    let lines = Set(ended.output.split(separator: "\n").map(String.init))
    #expect(lines.isSuperset(of: ["FROM_POLICY=1", "PATH=/usr/bin", "FROM_COMMAND=two words", "HOME=/home/run"]))
    #expect(lines.isSuperset(of: ["GIT_TERMINAL_PROMPT=0", "CI=1", "TERM=dumb", "LANG=C.UTF-8", "PAGER=cat"]))
    #expect(!lines.contains { $0.hasPrefix("HTTPS_PROXY") })
    await cell.stop()
  }

  @Test func answersManyAtOnce() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask { try await cell.run("echo", "\(number)").output == "\(number)\n" }
      }
      for try await isRight in group { #expect(isRight) }
    }
    await cell.stop()
  }

  @Test func givesTheProxyItsListener() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell { $0.openedHosts = ["registry.example"] }
    let listener = try #require(cell.takeProxyListener())
    defer { close(listener) }
    #expect(cell.takeProxyListener() == nil)
    let script = "import socket,os; s=socket.create_connection(('127.0.0.1',3128)); print(os.environ['HTTPS_PROXY'])"
    #expect(try await cell.run("python3", "-c", script).output == "http://127.0.0.1:3128\n")
    let accepted = accept(listener, nil, nil)
    #expect(accepted >= 0)
    close(accepted)
    await cell.stop()
    let closed = try await host.makeCell()
    #expect(closed.takeProxyListener() == nil)
    await closed.stop()
  }

  @Test func hearsOfTheEndOfItsSpawner() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let process = try await cell.start(CellCommand(["sleep", "1000"].map { Array($0.utf8) }))
    kill(host.spawner.processID, SIGKILL)
    await #expect(throws: SandboxError.self) { try await cell.output(of: process, waiting: .seconds(100)) }
    await cell.stop()
  }
}

/// The resident size of this process.
private func residentBytes() -> Int {
  let text = (try? Files.read("/proc/self/statm")) ?? []
  let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
  return (Int(fields.dropFirst().first ?? "") ?? 0) * 4096
}
