import Base
import Sandbox
import TestSupport
import Testing

/// Trees that are made to end or to stall whoever looks at them.
struct HostileTreeTests {
  private func told(_ cell: ConfinedCell) async throws -> [String] {
    try await cell.changes().map { change in
      switch change.kind {
      case .written: "\(change.path)"
      case .linked: "\(change.path) link"
      case .removed: "\(change.path) gone"
      case .unlisted: "\(change.path) unlisted"
      }
    }
  }

  /// Makes a directory in a directory, some thousand times, with a file on the way and one at the bottom.
  private static let deep = """
    import os
    os.chdir("/workspace"); os.mkdir("deep"); os.chdir("deep"); open("near", "w").write("x")
    for _ in range(3000): os.mkdir("d"); os.chdir("d")
    open("bottom", "w").write("x")
    """

  @Test(arguments: [[], [Wall.overlay]]) func deepOnesAreNamedOnce(pretendedMissing: Set<Wall>) async throws {
    let host = try await CellHost(pretendedMissing: pretendedMissing)
    let cell = try await host.makeCell()
    _ = try await cell.shell("echo x >a.txt; echo y >z; mkdir short; echo s >short/s")
    // The control: without it everything is told.
    #expect(try await told(cell) == ["a.txt", "short/s", "z"])
    let kept = try await cell.checkpoint()
    #expect(try await cell.run("python3", "-c", Self.deep).ending == .exited(0))
    let now = try await told(cell)
    #expect(now.filter { !$0.hasSuffix("unlisted") } == ["a.txt", "deep/near", "short/s", "z"])
    #expect(now.count == 5)
    // The same again, and nothing new.
    let look = try await cell.changes(since: nil).look
    let again = try await cell.changes(since: look)
    #expect(!again.isWhole && again.changes.isEmpty && again.reverted.isEmpty)
    // It can be kept as far as it goes, and is gone after going back to what was before.
    try await cell.forget(try await cell.checkpoint())
    try await cell.restore(kept)
    #expect(try await told(cell) == ["a.txt", "short/s", "z"])
    #expect(try await cell.shell("test -e deep").ending == .exited(1))
    await cell.stop()
  }

  @Test(arguments: [[], [Wall.overlay]]) func whatGitRefusesIsNamedOnce(pretendedMissing: Set<Wall>) async throws {
    let host = try await CellHost(pretendedMissing: pretendedMissing)
    let cell = try await host.makeCell()
    _ = try await cell.shell(
      """
      mkdir -p .git sub/.git/objects other; for i in 1 2 3; do echo $i >sub/.git/objects/$i; done
      echo x >.git/mine; echo x >other/.GIT; echo x >.Git; echo x >sub/file
      """)
    // The repository at the top is not told of.
    let all = [".Git unlisted", "other/.GIT unlisted", "sub/.git unlisted", "sub/file"]
    #expect(try await told(cell) == all)
    let look = try await cell.changes(since: nil).look
    _ = try await cell.shell("echo y >sub/.git/more")
    let again = try await cell.changes(since: look)
    #expect(!again.isWhole && again.changes.isEmpty && again.reverted.isEmpty)
    _ = try await cell.shell("rm -rf sub/.git other")
    let next = try await cell.changes(since: again.look)
    #expect(next.reverted.map(\.display).sorted() == ["other/.GIT", "sub/.git"])
    #expect(try await told(cell) == [".Git unlisted", "sub/file"])
    await cell.stop()
  }

  @Test func deepOneOfACommandThatGoesOnAndOn() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    // The shell takes the longer for each the deeper it is, so it is ended here.
    let script = "while ((++n < 530)) && mkdir d && cd d; do :; done 2>/dev/null; echo x >/workspace/a.txt"
    #expect(try await cell.shell(script).ending == .exited(0))
    let now = try await told(cell)
    #expect(now.filter { !$0.hasSuffix("unlisted") } == ["a.txt"] && now.count == 2)
    await cell.stop()
  }

  @Test func longPathsAreNamedOnce() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    _ = try await cell.run(
      "python3", "-c",
      """
      import os
      os.chdir("/workspace"); open("short", "w").write("x")
      for _ in range(20): os.mkdir("n" * 250); os.chdir("n" * 250); open("file", "w").write("x")
      """)
    let now = try await cell.changes()
    // Sixteen names of 250 bytes and what is between them are below 4,096.
    #expect(now.filter { $0.kind == .unlisted }.count == 1)
    #expect(now.count == 18, "\(now.map(\.path.bytes.count))")
    await cell.stop()
  }

  @Test func veryManyLeaveRoomForOthers() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    _ = try await cell.shell("mkdir known; echo x >known/one")
    #expect(try await told(cell) == ["known/one"])
    _ = try await cell.run(
      "python3", "-c",
      """
      import os
      for place in ["/workspace/first", "/workspace/zzz"]:
        os.mkdir(place)
        for number in range(30000): open(f"{place}/{number}", "w").close()
      os.mkdir("/workspace/mine"); open("/workspace/mine/new", "w").write("x"); open("/workspace/a.txt", "w").write("y")
      """)
    let now = try await told(cell)
    #expect(now.filter { $0.hasSuffix("unlisted") } == ["first unlisted", "zzz unlisted"])
    #expect(now.contains("known/one") && now.contains("mine/new") && now.contains("a.txt"))
    #expect(now.count <= 20_010)
    let look = try await cell.changes(since: nil).look
    _ = try await cell.shell("echo y >known/one; rm -rf first")
    let next = try await cell.changes(since: look)
    #expect(next.changes.contains { $0.path.display == "known/one" })
    #expect(next.reverted.contains { $0.display == "first" })
    await cell.stop()
  }

  @Test func oddEntriesEndNothing() async throws {
    let host = try await CellHost()
    try Files.write("t".utf8, to: host.checkout + "/closed/tracked")
    let cell = try await host.makeCell()
    let made = try await cell.run(
      "python3", "-c",
      #"""
      import os
      os.chdir("/workspace")
      for name in [b"with\nnewline", b"\xff\xfe", b"tab\t\"quote\"", b"-rf", b" "]: open(name, "w").write("x")
      os.mkfifo("pipe"); os.remove("a.txt"); os.mkfifo("a.txt")
      os.symlink("loop", "loop"); os.symlink("..", "up"); os.mkdir("round"); os.symlink("../round", "round/round")
      with open("sparse", "w") as file: file.truncate(1 << 29)
      os.link("sparse", "second")
      open("secret", "w").write("x"); os.chmod("secret", 0)
      os.mkdir("locked"); open("locked/in", "w").write("x"); os.chmod("locked", 0)
      open("closed/more", "w").write("x"); os.chmod("closed", 0o100)
      """#)
    #expect(made.ending == .exited(0), "\(made.output)")
    let now = try await told(cell)
    #expect(
      Set(now) == [
        #"with\nnewline"#, #"\xff\xfe"#, #"tab\t"quote""#, "-rf", " ", "a.txt gone", "loop link", "up link",
        "round/round link", "sparse", "second", "secret", "locked/in", "closed/more",
      ])
    // A hole takes no room where it is kept.
    for _ in 0..<4 { _ = try await cell.checkpoint() }
    await cell.stop()
  }

  @Test func filesThatChangeMeanwhileEndNothing() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell()
    let busy = try await cell.start(
      CellCommand(
        [
          "bash", "-c",
          """
          while :; do mkdir -p t/u; echo $RANDOM >t/u/f; ln -sfn t l; rm -rf t; echo x >t; chmod 0 t; rm -f t l; done
          """,
        ].map { Array($0.utf8) }))
    var look: CellLook?
    for _ in 0..<300 { look = try await cell.changes(since: look).look }
    try await cell.terminate(busy)
    _ = try await cell.shell("rm -rf t l; echo x >done")
    #expect(try await told(cell) == ["done"])
    await cell.stop()
  }

  @Test(arguments: [UInt64(1), 2, 3, 4]) func differencesAddUp(seed: UInt64) async throws {
    let host = try await CellHost(pretendedMissing: seed % 2 == 1 ? [.overlay] : [])
    var random = SplitMix(state: seed)
    for number in 0..<30 { try Files.write("\(number)".utf8, to: host.checkout + "/" + random.path()) }
    let cell = try await host.makeCell()
    var known: [RepositoryPath: CellChange.Kind] = [:]
    var look: CellLook?
    for round in 0..<30 {
      _ = try await cell.shell((0..<4).map { _ in random.operation() }.joined(separator: "\n"))
      let next = try await cell.changes(since: look)
      #expect(next.isWhole == (look == nil))
      for path in next.reverted { #expect(known.removeValue(forKey: path) != nil, "round \(round)") }
      for change in next.changes { known[change.path] = change.kind }
      look = next.look
      if round % 5 == 4 {
        // Somebody else's look makes the next one whole.
        let whole = try await cell.changes()
        #expect(Dictionary(uniqueKeysWithValues: whole.map { ($0.path, $0.kind) }) == known, "round \(round)")
        look = try await cell.changes(since: nil).look
      }
    }
    await cell.stop()
  }
}
