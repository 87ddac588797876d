import Base
import Glibc
import Sandbox
import TestSupport
import Testing

/// What a cell sees of the host beside its workspace.
struct ReadOnlyTests {
  /// A directory below one that only its owner may enter.
  private func hidden(_ host: CellHost) throws -> String {
    let home = host.directory.path + "/home"
    try Files.write("shown\n".utf8, to: home + "/objects/info/file")
    try Files.write("not shown\n".utf8, to: home + "/secret")
    chmod(home, 0o700)
    return home + "/objects"
  }

  private func target(_ path: String) throws -> CellPath { try #require(CellPath(path.utf8)) }

  @Test func liesWhereTheCellCouldNotGo() async throws {
    let host = try await CellHost()
    let objects = try hidden(host)
    #expect(try await host.spawner.readAccess(to: Array(objects.utf8)) == .readable)
    let path = CellPolicy.ReadOnlyPath(source: Array(objects.utf8), target: try target("/objects"))
    let cell = try await host.makeCell { $0.readOnly = [path] }
    #expect(try await cell.shell("cat /objects/info/file").output == "shown\n")
    // What is made on the host later is seen.
    try Files.write("later\n".utf8, to: objects + "/later")
    #expect(try await cell.shell("cat /objects/later").output == "later\n")
    await cell.stop()
  }

  @Test func cannotBeWrittenToOrLeft() async throws {
    let host = try await CellHost()
    let objects = try hidden(host)
    for name in ["", "/info", "/info/file"] { chmod(objects + name, name.hasSuffix("file") ? 0o666 : 0o777) }
    let path = CellPolicy.ReadOnlyPath(source: Array(objects.utf8), target: try target("/objects"))
    let cell = try await host.makeCell { $0.readOnly = [path] }
    let attempts = [
      "echo x > /objects/new", "echo x >> /objects/info/file", "rm /objects/info/file", "mv /objects/info /objects/x",
      "chmod 600 /objects/info/file", "touch /objects/info/file", "ln /objects/info/file /workspace/linked",
      "mount -o remount,rw /objects", "umount -l /objects", "mknod /objects/device c 1 3",
      "cat /objects/../secret", "cd /objects; cat ../secret", "cd -P /objects/info; cd -P ../..; cat secret",
      "cat \(host.directory.path)/home/secret",
      "python3 -c 'import os; os.fchdir(os.open(\"/objects\", 0)); os.chdir(\"..\"); open(\"secret\").read()'",
      "cat /proc/*/fd/*/../secret", "ls /proc/1/fd", "ls /proc/1/cwd/", "ls /proc/1/root/",
      "for fd in /proc/self/fd/*; do cat $fd/../secret && exit 0; done; exit 1",
    ]
    for attempt in attempts {
      let ended = try await cell.shell(attempt + " 2>&1")
      #expect(ended.ending != .exited(0) && !ended.output.contains("not shown"), "\(attempt): \(ended.output)")
    }
    #expect(try Files.read(objects + "/info/file") == Array("shown\n".utf8))
    #expect(!Files.exists(objects + "/new"))
    // The control: reading works, and so does writing elsewhere.
    #expect(try await cell.shell("cat /objects/info/file; echo x > /tmp/new").ending == .exited(0))
    await cell.stop()
  }

  @Test func saysWhatCannotBeRead() async throws {
    let host = try await CellHost()
    let objects = try hidden(host)
    let source = Array(objects.utf8)
    guard host.spawner.report.holding.contains(.ownUser) else { return }
    func reason() async throws -> String? {
      guard case .unreadable(let reason) = try await host.spawner.readAccess(to: source) else { return nil }
      return reason
    }
    #expect(try await reason() == nil)
    chmod(objects + "/info/file", 0o600)
    #expect(try await reason()?.contains("objects/info/file'") == true)
    chmod(objects + "/info/file", 0o444)
    // A partial clone's marks are open to their owner alone, and git never reads what is in them.
    for name in ["pack-1.promisor", "pack-1.keep", "tmp_pack_1"] {
      try Files.write([UInt8](), to: objects + "/info/" + name)
      chmod(objects + "/info/" + name, 0o600)
    }
    #expect(try await reason() == nil)
    try Files.write([UInt8](), to: objects + "/info/pack-1.pack")
    chmod(objects + "/info/pack-1.pack", 0o600)
    #expect(try await reason()?.contains("pack-1.pack'") == true, "the control")
    chmod(objects + "/info/pack-1.pack", 0o444)
    chmod(objects + "/info", 0o744)
    #expect(try await reason()?.contains("objects/info'") == true)
    chmod(objects + "/info", 0o755)
    #expect(try await reason() == nil)
    chmod(objects, 0o700)
    #expect(try await reason() != nil)
    // And who asks for it all the same hears of it.
    let path = CellPolicy.ReadOnlyPath(source: source, target: try target("/objects"))
    do {
      let cell = try await host.makeCell { $0.readOnly = [path] }
      await cell.stop()
      Issue.record("a directory of another user was shown")
    } catch {
      #expect((error as? SandboxError)?.code == .cannotStart, "\(error)")
    }
    guard case .unreadable = try await host.spawner.readAccess(to: source + Array("/none".utf8)) else {
      Issue.record("what is not there can be read")
      return
    }
  }

  @Test func aFileIsCoveredByAnEmptyOne() async throws {
    let host = try await CellHost()
    let objects = try hidden(host)
    symlink("/workspace", objects + "/link")
    let shown = CellPolicy.ReadOnlyPath(source: Array(objects.utf8), target: try target("/objects"))
    let empty = CellPolicy.ReadOnlyPath.emptyFile(at: try target("/objects/info/file"))
    let cell = try await host.makeCell { $0.readOnly = [shown, empty] }
    #expect(try await cell.shell("wc -c < /objects/info/file; cat /objects/info/file").output == "0\n")
    #expect(try await cell.shell("echo x > /objects/info/file").ending != .exited(0))
    #expect(try Files.read(objects + "/info/file") == Array("shown\n".utf8))
    await cell.stop()
    // Never through a link.
    let through = CellPolicy.ReadOnlyPath.emptyFile(at: try target("/objects/link/a.txt"))
    await #expect(throws: SandboxError.self) {
      try await host.makeCell { $0.readOnly = [shown, through] }
    }
  }

  @Test func manyAtOnce() async throws {
    let host = try await CellHost()
    let objects = try hidden(host)
    let paths = try (0..<64).map { number in
      CellPolicy.ReadOnlyPath(source: Array(objects.utf8), target: try target("/shown/\(number)"))
    }
    let cell = try await host.makeCell { $0.readOnly = paths }
    #expect(try await cell.shell("cat /shown/*/info/file | sort | uniq -c").output == "     64 shown\n")
    await cell.stop()
    await #expect(throws: SandboxError.self) {
      try await host.makeCell { $0.readOnly = paths + paths.prefix(1) }
    }
  }
}
