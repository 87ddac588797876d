import Base
import TestSupport
import Testing

@testable import Verify

/// A tool that writes a lock file: its one file is taken, and nothing where it fails or writes elsewhere.
@Suite struct ToolRunTests {
  private func run(_ command: String, in directory: String = "", seconds: Int = 60) async throws -> ToolRun.Result {
    let host = try await StageHost()
    let commit = try host.commit(
      .write("deps", "a\n"), .write("deps.lock", "old\n"), .write("sub/deps", "b\n"), .write("sub/deps.lock", "old\n"))
    let output = try #require(RepositoryPath(directory.isEmpty ? "deps.lock" : "\(directory)/deps.lock"))
    let order = host.order(commit, TestCommands(test: [], seconds: seconds))
    return try await ToolRun(
      command, in: Array(directory.utf8), writing: output, of: try host.tree(commit), hosts: [], seconds: seconds
    ).run(in: host.repository, at: order.directory, cells: host.cells) { _ in }
  }

  @Test func whatItWroteIsTaken() async throws {
    #expect(try await run("sed s/^/locked-/ deps > deps.lock") == .written(Array("locked-a\n".utf8)))
    #expect(try await run("sed s/^/locked-/ deps > deps.lock", in: "sub") == .written(Array("locked-b\n".utf8)))
    // New files are nobody's result.
    #expect(try await run("mkdir cache; echo x > cache/y; echo z > deps.lock") == .written(Array("z\n".utf8)))
  }

  @Test func nothingElseMayChange() async throws {
    #expect(
      try await run("echo x > deps.lock; echo y > deps")
        == .failed("'echo x > deps.lock; echo y > deps' also changed 'deps'"))
    #expect(try await run("rm deps.lock") == .failed("'rm deps.lock' left no file of that name"))
    #expect(
      try await run("ln -sf /etc/passwd deps.lock") == .failed("'ln -sf /etc/passwd deps.lock' made a link of the file")
    )
  }

  @Test func whyItFailedIsTold() async throws {
    #expect(
      try await run("echo 'error: no such crate' >&2; echo half > deps.lock; exit 101")
        == .failed(
          "'echo 'error: no such crate' >&2; echo half > deps.lock; exit 101' ended with 101: error: no such crate"))
    guard case .failed(let missing) = try await run("no-such-tool lock") else { return #expect(Bool(false)) }
    #expect(missing.hasPrefix("the program 'no-such-tool' is not there"))
    #expect(try await run("sleep 1000", seconds: 1) == .failed("'sleep 1000' did not end within 1 s"))
  }

  @Test func withoutANetworkTheHostsThatAreOpenAreTold() async throws {
    guard case .failed(let reason) = try await run("echo 'could not resolve host: registry.example' >&2; exit 1") else {
      return #expect(Bool(false))
    }
    #expect(reason.contains("registry.example") && reason.hasSuffix("(hosts that 'network' opens to it: none)"))
  }
}
