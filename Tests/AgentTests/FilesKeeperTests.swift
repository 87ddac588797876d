import Base
import FileSystem
import Journal
import Sandbox
import TestSupport
import Testing
import Work

@testable import Agent

/// What is kept of a cell's files, in real cells.
@Suite("The files of a run")
struct FilesKeeperTests {
  /// A spawner, a checkout for its cells, and where files are kept.
  private final class Host: Sendable {
    let spawner: Spawner
    let directory: TemporaryDirectory

    init() async throws {
      directory = try TemporaryDirectory()
      for (name, content) in ["a": "first\n", "b/c": "second\n", "d/e/f": "third\n", "d/e/g": "fourth\n"] {
        try Files.write(Array(content.utf8), to: directory.path + "/checkout/" + name)
      }
      spawner = try await Spawner(Spawner.Options())
    }

    func cell() async throws -> ConfinedCell {
      try await spawner.makeCell(CellPolicy(checkout: Array("\(directory.path)/checkout".utf8)))
    }

    func keeper(_ cell: any Cell) throws -> FilesKeeper {
      try FilesKeeper(cell, directory: directory.path + "/kept")
    }
  }

  private func shell(_ script: String, in cell: any Cell) async throws -> String {
    let process = try await cell.start(CellCommand(["bash", "-c", script].map { Array($0.utf8) }))
    var text: [UInt8] = []
    while true {
      let output = try await cell.output(of: process, waiting: .seconds(60))
      text += output.bytes
      if let ending = output.ending {
        #expect(ending == .exited(0), "\(script): \(String(decoding: text, as: UTF8.self))")
        return String(decoding: text, as: UTF8.self)
      }
    }
  }

  /// Everything in the workspace: names, modes, targets and contents.
  ///
  /// Empty directories count for nothing.
  private static let listing = #"""
    cd /workspace && find . \( -type f -o -type l \) -print0 | sort -z | while IFS= read -r -d '' f; do
      if [ -L "$f" ]; then echo "$f -> $(readlink "$f")"; else echo "$f $(stat -c %A "$f") $(md5sum <"$f")"; fi; done
    """#

  static let scripts = [
    "true",
    "echo new >x; mkdir -p deep/er; printf 'no end' >deep/er/y; echo more >>a",
    "chmod +x a; echo '#!/bin/sh' >run; chmod 755 run",
    "rm a; rm -r d",
    "rm -r d; echo file >d",
    "rm a; mkdir a; echo inside >a/b",
    "ln -s a link; mkdir l; ln -s ../b/c l/inner; ln -s /nowhere dangling",
    "rm -r d; ln -s b d",
    "rm a; ln -s b/c a",
    "rm -r b; mkdir b; ln -s ../a b/c",
    "mv b/c 'b/with space and ü'; printf 'x\\0y' >binary; : >empty",
    "rm -r d/e; echo x >d/e",
    "rm b/c; rmdir b; mkdir -p b/c/d; echo x >b/c/d/e",
  ]

  @Test("are kept and come back in another cell as they were", arguments: scripts)
  func keepsAndRestores(script: String) async throws {
    let host = try await Host()
    let first = try await host.cell()
    let keeper = try host.keeper(first)
    var manifest = FilesManifest()
    _ = try await shell(script, in: first)
    if let delta = try await keeper.changes(since: manifest) { manifest.take(delta) }
    #expect((manifest.stamp == FilesManifest.origin) == (script == "true"))
    #expect(try await keeper.changes(since: manifest) == nil)
    let before = try await shell(Self.listing, in: first)
    await first.stop()

    let second = try await host.cell()
    let other = try host.keeper(second)
    try await other.restore(manifest)
    #expect(try await shell(Self.listing, in: second) == before)
    // The same state has the same stamp, whoever made it.
    #expect(try await other.changes(since: manifest) == nil)
    _ = try await shell("echo more >once-more", in: second)
    let changed = try #require(try await other.changes(since: manifest))
    #expect(changed.changed.map(\.path.display) == ["once-more"])
    manifest.take(changed)
    _ = try await shell("rm once-more", in: second)
    let back = try #require(try await other.changes(since: manifest))
    #expect(back.reverted.map(\.display) == ["once-more"])
    let old = manifest.stamp
    manifest.take(back)
    #expect(manifest.stamp != old)
    await second.stop()
  }

  @Test("have equal stamps where they are equal, and others where they are not")
  func stamps() async throws {
    let host = try await Host()
    let cell = try await host.cell()
    let keeper = try host.keeper(cell)
    var manifest = FilesManifest()
    var stamps: [String] = []
    for script in [
      "echo 1 >x", "echo 2 >x", "echo 1 >x", "chmod +x x", "chmod -x x", "ln -sf a x", "ln -sf b x", "rm x; rm a",
      "echo 1 >x; echo first >a",
    ] {
      _ = try await shell(script, in: cell)
      if let delta = try await keeper.changes(since: manifest) { manifest.take(delta) }
      stamps.append(manifest.stamp)
    }
    // In the end `a` is again as in the checkout.
    #expect([2, 4, 8].allSatisfy { stamps[$0] == stamps[0] })
    #expect(Set(stamps).count == stamps.count - 3)
    await cell.stop()
  }

  @Test("that cannot be read or are too large are lost and are told as such, and end nothing")
  func lost() async throws {
    let host = try await Host()
    let cell = try await host.cell()
    let keeper = try host.keeper(cell)
    var manifest = FilesManifest()
    _ = try await shell("head -c 17000000 /dev/zero >big; echo x >small", in: cell)
    manifest.take(try #require(try await keeper.changes(since: manifest)))
    #expect(manifest.lost.map(\.display) == ["big"])
    let stamp = manifest.stamp
    #expect(try await keeper.changes(since: manifest) == nil)
    // Written again it is another state, although nobody can say which.
    _ = try await shell("head -c 17000000 /dev/urandom >big", in: cell)
    manifest.take(try #require(try await keeper.changes(since: manifest)))
    #expect(manifest.stamp != stamp)
    await cell.stop()
    let second = try await host.cell()
    let other = try host.keeper(second)
    try await other.restore(manifest)
    #expect(try await shell("ls", in: second).contains("small"))
    manifest.take(try #require(try await other.changes(since: manifest)))
    #expect(manifest.lost.isEmpty)
    await second.stop()
  }

  @Test(
    "that went away between two looks, or that nobody may read, end nothing",
    arguments: [SandboxError.Code.notFound, .permission])
  func vanished(code: SandboxError.Code) async throws {
    let host = try await Host()
    let cell = try await host.cell()
    _ = try await shell("echo x >x; echo y >y", in: cell)
    let path = try #require(CellPath.workspace.appending(Array("x".utf8)))
    let keeper = try host.keeper(FailingCell(cell: cell, path: path, code: code))
    var manifest = FilesManifest()
    manifest.take(try #require(try await keeper.changes(since: manifest)))
    #expect(manifest.lost.map(\.display) == ["x"])
    #expect(manifest.entries.count == 2)
    // The control: what is the cell's own fault is told.
    let broken = try host.keeper(FailingCell(cell: cell, path: path, code: .ended))
    await #expect(throws: SandboxError.self) { _ = try await broken.changes(since: FilesManifest()) }
    await cell.stop()
  }

  @Test("that lie too deep are named once, and the others are kept")
  func deep() async throws {
    let host = try await Host()
    let cell = try await host.cell()
    let keeper = try host.keeper(cell)
    var manifest = FilesManifest()
    let script = """
      import os
      os.mkdir("deep"); os.chdir("deep"); open("near", "w").write("x")
      for _ in range(2000): os.mkdir("d"); os.chdir("d")
      open("bottom", "w").write("x")
      """
    _ = try await shell("echo x >a; python3 -c '\(script)'", in: cell)
    manifest.take(try #require(try await keeper.changes(since: manifest)))
    #expect(Set(manifest.entries.keys.map(\.display)).isSuperset(of: ["a", "deep/near"]))
    #expect(manifest.entries.count == 3 && manifest.lost.count == 1)
    #expect(try await keeper.changes(since: manifest) == nil)
    await cell.stop()
    let second = try await host.cell()
    let other = try host.keeper(second)
    try await other.restore(manifest)
    #expect(try await shell("cat a deep/near", in: second) == "x\nx")
    // The control: what is not there in the new cell is not lost any more.
    manifest.take(try #require(try await other.changes(since: manifest)))
    #expect(manifest.lost.isEmpty && manifest.entries.count == 2)
    await second.stop()
  }

  @Test("count against the limit of a run that is taken up again", arguments: [true, false])
  func limitAfterResume(isResumed: Bool) async throws {
    let host = try await Host()
    let cell = try await host.cell()
    var manifest = FilesManifest()
    _ = try await shell("printf 0123456789 >one", in: cell)
    let first = try FilesKeeper(cell, directory: host.directory.path + "/kept", totalLimit: 15)
    manifest.take(try #require(try await first.changes(since: manifest)))
    #expect(manifest.lost.isEmpty)
    _ = try await shell("rm one; printf 9876543210 >two", in: cell)
    let next = try FilesKeeper(
      cell, directory: host.directory.path + (isResumed ? "/kept" : "/elsewhere"), totalLimit: 15)
    manifest.take(try #require(try await next.changes(since: manifest)))
    #expect(manifest.lost.map(\.display) == (isResumed ? ["two"] : []))
    await cell.stop()
  }

  @Test("are looked at anew where somebody else has looked, or the caller has not taken what it was told")
  func disagreement() async throws {
    let host = try await Host()
    let cell = try await host.cell()
    let keeper = try host.keeper(cell)
    var manifest = FilesManifest()
    _ = try await shell("echo 1 >x; rm a", in: cell)
    let untaken = try #require(try await keeper.changes(since: manifest))
    #expect(try await keeper.changes(since: manifest) == untaken)
    manifest.take(untaken)
    _ = try await shell("echo 2 >y", in: cell)
    _ = try await cell.changes()
    manifest.take(try #require(try await keeper.changes(since: manifest)))
    #expect(Set(manifest.entries.keys.map(\.display)) == ["a", "x", "y"])
    _ = try await shell("rm x y; echo first >a", in: cell)
    _ = try await cell.changes()
    manifest.take(try #require(try await keeper.changes(since: manifest)))
    #expect(manifest.entries.isEmpty && manifest.stamp == FilesManifest.origin)
    await cell.stop()
  }

  @Test("are refused where what was kept is damaged")
  func damaged() async throws {
    let host = try await Host()
    let cell = try await host.cell()
    let keeper = try host.keeper(cell)
    var manifest = FilesManifest()
    _ = try await shell("echo x >x", in: cell)
    manifest.take(try #require(try await keeper.changes(since: manifest)))
    guard case .file(let digest, _)? = manifest.entries.values.first else {
      Issue.record("nothing was kept")
      return
    }
    #expect(try keeper.contents.content(of: digest) == Array("x\n".utf8))
    try Files.write(Array("y\n".utf8), to: "\(host.directory.path)/kept/\(digest.hex)")
    await #expect(throws: FilesError.self) { try await keeper.restore(manifest) }
    await cell.stop()
  }
}

/// A cell in which one file cannot be read.
private struct FailingCell: Cell {
  let cell: any Cell
  let path: CellPath
  let code: SandboxError.Code

  func read(_ path: CellPath, from offset: Int, limit: Int) async throws(SandboxError) -> CellFile {
    if path == self.path { throw SandboxError(code, operation: "read", detail: "made up") }
    return try await cell.read(path, from: offset, limit: limit)
  }
  func start(_ command: CellCommand) async throws(SandboxError) -> CellProcessID { try await cell.start(command) }
  func write(_ bytes: [UInt8], to process: CellProcessID, endsInput: Bool) async throws(SandboxError) {
    try await cell.write(bytes, to: process, endsInput: endsInput)
  }
  func output(of process: CellProcessID, waiting: Duration) async throws(SandboxError) -> CellOutput {
    try await cell.output(of: process, waiting: waiting)
  }
  func terminate(_ process: CellProcessID) async throws(SandboxError) { try await cell.terminate(process) }
  func write(_ bytes: [UInt8], to path: CellPath, isExecutable: Bool?) async throws(SandboxError) {
    try await cell.write(bytes, to: path, isExecutable: isExecutable)
  }
  func remove(_ path: CellPath) async throws(SandboxError) { try await cell.remove(path) }
  func list(_ path: CellPath, limit: Int) async throws(SandboxError) -> [CellEntry] {
    try await cell.list(path, limit: limit)
  }
  func changes() async throws(SandboxError) -> [CellChange] { try await cell.changes() }
  func checkpoint(whole: Bool) async throws(SandboxError) -> CellCheckpoint {
    try await cell.checkpoint(whole: whole)
  }
  func endProcesses() async throws(SandboxError) -> Int { try await cell.endProcesses() }
  func restore(_ checkpoint: CellCheckpoint) async throws(SandboxError) { try await cell.restore(checkpoint) }
  func forget(_ checkpoint: CellCheckpoint) async throws(SandboxError) { try await cell.forget(checkpoint) }
  func stop() async { await cell.stop() }
}
