import Base
import Glibc
import Sandbox
import TestSupport
import Testing

/// Attempts to get out of a cell, and the same ones without it.
struct EscapeTests {
  @Test func nothingCrosses() async throws {
    let host = try await CellHost()
    guard host.spawner.report.confinesUntrusted else {
      print("Escape attempts are skipped: \(host.spawner.report.missing?.detail ?? "")")
      return
    }
    let canaries = try await Canaries(in: host.directory)
    defer { canaries.end() }
    let script = String(decoding: try Files.read(canaries.script), as: UTF8.self)
    let names = try await names(script)
    #expect(names.count >= 80)
    var limits = CellPolicy.Limits()
    (limits.workspaceBytes, limits.workspaceFiles, limits.memoryBytes) = (64 << 20, 4000, 256 << 20)
    (limits.processes, limits.openFiles, limits.fileBytes, limits.cpuSeconds) = (100, 256, 128 << 20, 2)
    let cell = try await host.makeCell { $0.limits = limits }

    var crossed: [String] = []
    var crossedWithout = 0
    for name in names {
      let inside = try await cell.run(
        "/usr/bin/python3", "-c", script, name, environment: canaries.environment(here: "/tmp"))
      if inside.output.contains("CROSSED") { crossed.append(name) }
      // It was tried: the script came to its end, or a limit ended it.
      let byLimit: [CellEnding] = [.signalled(SIGKILL), .signalled(SIGSYS), .signalled(SIGXCPU)]
      let isTried = inside.output.hasSuffix("held\n") || inside.ending.map(byLimit.contains) ?? false
      #expect(isTried || inside.output.contains("CROSSED"), "\(name): \(inside)")
      let outside = try await canaries.runWithoutCell(name)
      if outside.contains("CROSSED") { crossedWithout += 1 }
    }
    #expect(crossed == [])
    #expect(crossedWithout >= 30, "the attempts do not bite")
    print("\(names.count) escape attempts: \(crossed.count) cross with the cell, \(crossedWithout) without it.")
    // Everything that they did has left the cell as it was.
    #expect(try await cell.shell("echo well").output == "well\n")
    #expect(try Files.read(canaries.directory + "/secret").count > 0)
    await cell.stop()
  }

  private func names(_ script: String) async throws -> [String] {
    let listed = try Command.run(["/usr/bin/python3", "-c", script, "--list"], in: "/")
    return listed.lines
  }
}
