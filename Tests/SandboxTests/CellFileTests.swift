import Base
import Glibc
import Sandbox
import TestSupport
import Testing

/// Files of a cell, read and written from outside.
struct CellFileTests {
  @Test func readsParts() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try await cell.write(content, to: try inWorkspace("large"), isExecutable: true)
    let whole = try await cell.read(try inWorkspace("large"), from: 0, limit: .max)
    #expect(whole.bytes == content && whole.size == content.count && whole.isExecutable)
    let part = try await cell.read(try inWorkspace("large"), from: 2_000_000, limit: 10)
    #expect(part.bytes == Array(content[2_000_000..<2_000_010]) && part.size == content.count)
    #expect(try await cell.read(try inWorkspace("large"), from: 9_000_000, limit: 10).bytes == [])
    await cell.stop()
  }

  @Test func writesInOneStepAndKeepsTheMode() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    _ = try await cell.shell("chmod 751 a.txt; ln -s a.txt link; ln -s /workspace/new/deep dangling")
    try await cell.write(Array("changed".utf8), to: try inWorkspace("a.txt"), isExecutable: nil)
    #expect(try await cell.shell("stat -c %a a.txt; cat a.txt").output == "751\nchanged")
    try await cell.write(Array("through".utf8), to: try inWorkspace("link"), isExecutable: nil)
    #expect(try await cell.shell("cat a.txt; readlink link").output == "througha.txt\n")
    try await cell.write(Array("x".utf8), to: try inWorkspace("new/deep/file"), isExecutable: nil)
    #expect(try await cell.shell("stat -c %a new/deep/file").output == "644\n")
    try await cell.write(Array("x".utf8), to: try inWorkspace("a.txt"), isExecutable: false)
    #expect(try await cell.shell("stat -c %a a.txt; ls -A new/deep").output == "640\nfile\n")
    // A whole file is seen or none: readers that began before keep the old one.
    let held = "exec 3<b/c.txt; echo open; read line; cat <&3"
    let command = CellCommand(["bash", "-c", held].map { Array($0.utf8) }, input: .open)
    let process = try await cell.start(command)
    while try await cell.output(of: process, waiting: .milliseconds(5)).bytes.isEmpty {}
    try await cell.write(Array("third\n".utf8), to: try inWorkspace("b/c.txt"), isExecutable: nil)
    try await cell.write(Array("\n".utf8), to: process, endsInput: true)
    #expect(try await cell.output(of: process, waiting: .seconds(600)).bytes == Array("second\n".utf8))
    await cell.stop()
  }

  @Test func listsAndRemoves() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    _ = try await cell.shell("ln -s a.txt link; mkfifo pipe; printf '' > $'caf\\xe9'")
    let entries = try await cell.list(.workspace, limit: 100)
    #expect(
      entries.map(\.name) == ["a.txt", "b"].map { Array($0.utf8) } + [[0x63, 0x61, 0x66, 0xe9]]
        + ["link", "pipe"].map { Array($0.utf8) })
    #expect(entries.map(\.kind) == [.file, .directory, .file, .link, .other])
    #expect(entries[0].size == 6)
    #expect(try await cell.list(.workspace, limit: 1).map(\.name) == [Array("a.txt".utf8)])
    try await cell.remove(try inWorkspace("link"))
    try await cell.remove(try inWorkspace("b/c.txt"))
    #expect(try await cell.shell("ls; ls b").output == "a.txt\nb\ncaf?\npipe\n".replacing("?", with: "\u{fffd}"))
    await cell.stop()
  }

  @Test func tellsWhatIsWrong() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    _ = try await cell.shell("mkfifo pipe; ln -s loop loop; touch locked; chmod 0 locked")
    func code(_ action: () async throws -> Void) async -> SandboxError.Code? {
      do { try await action() } catch let error as SandboxError { return error.code } catch {}
      return nil
    }
    let path = try inWorkspace("none")
    #expect(await code { _ = try await cell.read(path, from: 0, limit: 1) } == .notFound)
    #expect(await code { _ = try await cell.read(try inWorkspace("b"), from: 0, limit: 1) } == .notAFile)
    #expect(await code { _ = try await cell.read(try inWorkspace("pipe"), from: 0, limit: 1) } == .notAFile)
    #expect(await code { _ = try await cell.read(try inWorkspace("loop"), from: 0, limit: 1) } == .refused)
    #expect(await code { _ = try await cell.read(try inWorkspace("locked"), from: 0, limit: 1) } == .permission)
    #expect(await code { _ = try await cell.list(try inWorkspace("a.txt"), limit: 1) } == .notADirectory)
    #expect(await code { try await cell.remove(try inWorkspace("b")) } == .notAFile)
    #expect(await code { try await cell.remove(path) } == .notFound)
    #expect(await code { try await cell.write([1], to: try inWorkspace("b"), isExecutable: nil) } == .notAFile)
    let usr = try #require(CellPath(Array("/usr/x".utf8)))
    #expect(await code { try await cell.write([1], to: usr, isExecutable: nil) } == .permission)
    let zeros = [UInt8](repeating: 0, count: 65 << 20)
    #expect(await code { try await cell.write(zeros, to: path, isExecutable: nil) } == .full)
    #expect(await code { _ = try await cell.output(of: CellProcessID(number: 99), waiting: .zero) } == .notFound)
    await cell.stop()
    #expect(await code { _ = try await cell.read(path, from: 0, limit: 1) } == .ended)
  }

  @Test func isNotLedOutOfTheCell() async throws {
    let host = try await CellHost()
    try Files.write("host".utf8, to: host.directory.path + "/secret")
    let cell = try await host.makeCell()
    _ = try await cell.shell(
      """
      ln -s \(host.directory.path) out; ln -s ../../../../../..\(host.directory.path)/secret up
      ln -s /proc/1/root root; ln -s /proc/self/environ environ; ln -s /proc/self/mem mem; ln -s /dev/zero zero
      """)
    for name in ["out/secret", "up", "root\(host.directory.path)/secret", "environ", "mem", "zero"] {
      await #expect(throws: SandboxError.self, "\(name)") {
        try await cell.read(try inWorkspace(name), from: 0, limit: 100)
      }
    }
    for name in ["root/tmp/x", "environ", "mem", "zero"] {
      await #expect(throws: SandboxError.self, "\(name)") {
        try await cell.write([1], to: try inWorkspace(name), isExecutable: nil)
      }
    }
    #expect(CellPath("/workspace/../etc".utf8) == nil)
    #expect(try Files.read(host.directory.path + "/secret") == Array("host".utf8))
    // The control: within the cell a link leads where it says.
    _ = try await cell.shell("ln -s /tmp/inside in; echo in > /tmp/inside")
    #expect(try await cell.read(try inWorkspace("in"), from: 0, limit: 100).bytes == Array("in\n".utf8))
    await cell.stop()
  }
}
