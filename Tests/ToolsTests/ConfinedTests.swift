import Sandbox
import TestSupport
import Testing

@testable import Tools

/// What a real cell does otherwise than one that is only a directory.
struct ConfinedTests {
  /// Runs the body on a toolbox in a confined cell and cleans up.
  private func with(
    _ profile: ToolProfile, _ limits: CellPolicy.Limits = .init(), _ body: (Bench) async throws -> Void
  ) async throws {
    let directory = try TemporaryDirectory()
    try Files.write("first\n".utf8, to: directory.path + "/checkout/a.txt")
    var policy = CellPolicy(checkout: Array("\(directory.path)/checkout".utf8))
    policy.limits = limits
    let cell = try await Spawner().makeCell(policy)
    do {
      try await body(Bench(profile, cell: cell))
    } catch {
      await cell.stop()
      throw error
    }
    await cell.stop()
  }

  @Test("a command of the shell that stays that fills the disk is told so, and so is each until there is room")
  func fullDisk() async throws {
    try await with(.anthropic, .init(workspaceBytes: 16 << 20)) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      // The control: nothing is said of the disk before.
      #expect(try await run("true") == "[no output]")
      let filled = try await run("dd if=/dev/zero of=/tmp/big bs=1M count=100; echo status $?")
      #expect(filled.contains("[The disk of the cell is full: what the command wrote may be lost"))
      #expect(try await run("echo lost").contains("[The disk of the cell is full"))
      #expect(try await run("rm /tmp/big") == "[no output]")
      #expect(try await run("echo there") == "there")
    }
  }
}
