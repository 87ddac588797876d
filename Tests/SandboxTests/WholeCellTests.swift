import Base
import Glibc
import Sandbox
import TestSupport
import Testing

/// What concerns all of a cell: its processes, what it can write to beside the workspace, and its fellows over one
/// checkout.
struct WholeCellTests {
  @Test(arguments: [[], [Wall.userNamespace]]) func endsWhateverRuns(pretendedMissing: Set<Wall>) async throws {
    let host = try await CellHost(pretendedMissing: pretendedMissing)
    let cell = try await host.makeCell { $0.isTrusted = true }
    #expect(try await cell.endProcesses() == 0)
    // One has left its session, its parent and its output; one ignores what can be ignored; one is stopped.
    let script = """
      import os, signal, time
      for kind in range(3):
          if os.fork() == 0:
              os.setsid()
              if os.fork() != 0: os._exit(0)
              signal.signal(signal.SIGTERM, signal.SIG_IGN)
              if kind == 2: os.kill(os.getpid(), signal.SIGSTOP)
              time.sleep(3600)
          else: os.wait()
      print("began", flush=True)
      """
    let started = try await cell.run("python3", "-c", script)
    #expect(started.output == "began\n" && started.ending == .exited(0))
    let count =
      "for d in /proc/[0-9]*; do tr '\\0' ' ' < $d/cmdline 2>/dev/null | grep -q '^python3 -c' && echo x; done"
    // The control: they live on behind their command. Without namespaces no command can see it.
    if pretendedMissing.isEmpty { #expect(try await cell.shell("\(count) | wc -l").output == "3\n") }
    #expect(try await cell.endProcesses() == 3)
    if pretendedMissing.isEmpty { #expect(try await cell.shell("\(count) | wc -l").output == "0\n") }
    #expect(try await cell.endProcesses() == 0)
    // The cell goes on, and a command that was running says how it ended.
    let running = try await cell.start(CellCommand(["sleep", "3600"].map { Array($0.utf8) }))
    #expect(try await cell.endProcesses() == 1)
    #expect(try await cell.output(of: running, waiting: .seconds(60)).ending == .signalled(SIGKILL))
    await cell.stop()
  }

  @Test func endsWhatIsSharedInMemory() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    #expect(try await cell.shell("ipcmk -M 100 -Q -S 2 > /dev/null; ipcmk -M 200 > /dev/null").ending == .exited(0))
    // The control: it outlives who made it.
    let count = "ipcs | grep -c ^0x"
    #expect(try await cell.shell(count).output == "4\n")
    #expect(try await cell.endProcesses() == 0)
    #expect(try await cell.shell(count).output == "0\n")
    await cell.stop()
  }

  @Test func keepsWhatIsBesideTheWorkspace() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let prepared = """
      set -e; mkdir -p ~/.cache/deep /tmp/kept; echo one > ~/.cache/deep/file; echo two > /tmp/kept/file
      echo three > /dev/shm/file; ln -s deep/file ~/.cache/link; chmod 600 /tmp/kept/file; echo four > new
      """
    #expect(try await cell.shell(prepared).ending == .exited(0))
    let state = """
      for top in ~ /tmp /dev/shm /workspace; do (cd $top; find . -mindepth 1 -printf '%p %y %m %l %T@\\n' | sort
      find . -type f | sort | xargs -r md5sum); done
      """
    let before = try await cell.shell(state).output
    #expect(before.contains("./.cache/link"))
    let part = try await cell.checkpoint()
    let whole = try await cell.checkpoint(whole: true)
    let spoils = """
      rm -rf ~/.cache /tmp/kept; echo other > /dev/shm/file; mkdir ~/bin; echo x > ~/bin/git; echo y > /tmp/left; rm new
      """
    #expect(try await cell.shell(spoils).ending == .exited(0))
    // The control: a checkpoint of the workspace leaves the rest as it is.
    try await cell.restore(part)
    #expect(try await cell.shell("cat new; ls ~ /tmp; cat /dev/shm/file").output.contains("left"))
    try await cell.restore(whole)
    #expect(try await cell.shell(state).output == before)
    try await cell.forget(part)
    try await cell.forget(whole)
    await cell.stop()
  }

  @Test func shareOneCheckout() async throws {
    let host = try await CellHost()
    let first = try await host.makeCell()
    let second = try await host.makeCell()
    // A file of the checkout is changed in both: it is copied from there, which the owner alone can do.
    #expect(try await first.shell("echo one >> a.txt; sleep 100 & cat a.txt").output == "first\none\n")
    #expect(try await second.shell("echo two >> a.txt; cat a.txt; cat /tmp/x").output.hasPrefix("first\ntwo\n"))
    #expect(try await second.shell("kill -9 -1 2>/dev/null; pgrep sleep").output == "")
    // The end of one is not the end of the other.
    await second.stop()
    #expect(try await first.shell("echo more >> b/c.txt; cat b/c.txt; pgrep -c sleep").output == "second\nmore\n1\n")
    let third = try await host.makeCell()
    #expect(try await third.shell("echo three >> b/c.txt; cat a.txt b/c.txt").output == "first\nsecond\nthree\n")
    await first.stop()
    #expect(try await third.shell("echo x >> a.txt; cat a.txt").output == "first\nx\n")
    await third.stop()
    // The control: over another checkout a cell has a user of its own.
    let other = try await CellHost()
    let (mine, theirs) = (try await host.makeCell(), try await other.makeCell())
    let owners = [host.checkout, other.checkout].map { path in
      var status = stat()
      return stat(path, &status) == 0 ? status.st_uid : 0
    }
    if geteuid() == 0 { #expect(owners[0] != owners[1]) }
    await mine.stop()
    await theirs.stop()
  }
}
