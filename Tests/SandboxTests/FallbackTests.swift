import Base
import FileSystem
import Glibc
import Sandbox
import TestSupport
import Testing

import class Foundation.Thread

/// Machines that lack a wall, as pretended by one that may have it.
struct FallbackTests {
  @Test(arguments: Wall.allCases) func untrustedWorkNeedsTheWalls(wall: Wall) async throws {
    let host = try await CellHost(pretendedMissing: [wall])
    let entry = try #require(host.spawner.report.entries.first { $0.wall == wall })
    #expect(!entry.holds && !entry.detail.isEmpty)
    guard Wall.needed.contains(wall) else {
      // The others have something that takes their place.
      if host.spawner.report.confinesUntrusted {
        let cell = try await host.makeCell()
        #expect(!cell.walls.contains(wall))
        #expect(try await cell.shell("cat a.txt").output == "first\n")
        await cell.stop()
      }
      return
    }
    do {
      let cell = try await host.makeCell()
      await cell.stop()
      Issue.record("untrusted work was let in")
    } catch {
      #expect((error as? SandboxError)?.code == .wallMissing)
    }
  }

  @Test func withoutNamespacesTheRestHolds() async throws {
    let host = try await CellHost(pretendedMissing: [.userNamespace])
    try Files.write("secret".utf8, to: host.directory.path + "/secret", mode: 0o666)
    chmod(host.directory.path, 0o755)
    let cell = try await host.makeCell { $0.isTrusted = true }
    let secret = host.directory.path + "/secret"
    let script = """
      cat a.txt; echo new > d.txt; rm b/c.txt; cat \(secret) || echo held; echo x > \(secret) || echo held
      python3 -c 'import socket; socket.socket()' || echo held; ls / > /dev/null || echo held; kill -9 $PPID || echo held
      """
    let ended = try await cell.shell(script)
    #expect(ended.output.split(separator: "\n").filter { $0 == "held" }.count == 5, "\(ended.output)")
    #expect(ended.output.hasPrefix("first\n"))
    #expect(try await cell.changes().map(\.path) == ["b/c.txt", "d.txt"].compactMap { RepositoryPath($0) })
    let checkpoint = try await cell.checkpoint()
    _ = try await cell.shell("rm -rf * ; (setsid sleep 1000 &)")
    try await cell.restore(checkpoint)
    #expect(try await cell.read(try inWorkspace("d.txt"), from: 0, limit: 9).bytes == Array("new\n".utf8))
    #expect(try Files.read(host.checkout + "/b/c.txt") == Array("second\n".utf8))
    let root = String(decoding: cell.hostRoot, as: UTF8.self)
    #expect(Files.exists(root + "/workspace/d.txt"))
    await cell.stop()
    #expect(!Files.exists(root))
  }

  @Test func withoutNamespacesAClosedCheckoutIsEnteredAndADeepCopyGoes() async throws {
    let host = try await CellHost(pretendedMissing: [.userNamespace])
    chmod(host.checkout, 0o700)
    let cell = try await host.makeCell { $0.isTrusted = true }
    let root = String(decoding: cell.hostRoot, as: UTF8.self)
    let script = "import os\nfor _ in range(2000): os.mkdir('d'); os.chdir('d')\nos.mkdir('closed', 0)"
    #expect(try await cell.run("python3", "-c", script).ending == .exited(0))
    #expect(Files.exists(root + "/workspace/d"))
    await cell.stop()
    #expect(!Files.exists(root))
  }

  @Test func aMaskedProcIsFoundByTrying() async throws {
    let host = try await CellHost()
    guard geteuid() == 0, host.spawner.report.confinesUntrusted else { return }
    let program = try #require(try File.realPath(Array("/proc/self/exe".utf8)))
    let directory = String(decoding: program[..<(program.lastIndex(of: UInt8(ascii: "/")) ?? 0)], as: UTF8.self)
    let attempt = "exec '\(directory)/sandbox-driver' try"
    let found = try await unshared("mount -t tmpfs none /proc/sys && \(attempt)")
    // Each wall by itself holds.
    #expect(found.hasPrefix("confines: true\n"), "\(found)")
    #expect(found.contains("mount /proc") && found.contains("systempaths") && !found.hasSuffix("made"), "\(found)")
    // The control: the same with nothing covered.
    #expect(try await unshared(attempt) == "confines: true\nmade")
  }

  /// What a script writes in a mount namespace of its own.
  private func unshared(_ script: String) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      // Not on the threads that all tests share.
      Thread.detachNewThread {
        continuation.resume(
          with: Result { try Command.run(["unshare", "-m", "sh", "-c", script], in: "/").text })
      }
    }
  }

  @Test func anOpenedHostNeedsTheNetworkNamespace() async throws {
    let host = try await CellHost(pretendedMissing: [.userNamespace])
    await #expect(throws: SandboxError.self) {
      try await host.makeCell {
        $0.isTrusted = true
        $0.openedHosts = ["registry.example"]
      }
    }
  }
}
