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
}
