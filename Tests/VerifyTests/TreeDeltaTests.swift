import Base
import TestSupport
import Testing

@testable import Verify

/// A workspace that is made into that of another tree is what a checkout of that tree is.
@Suite struct TreeDeltaTests {
  /// Every name with its kind, content and mode; the checkout's own directories as well.
  private static let list = """
    import os, stat
    for directory, names, files in os.walk("."):
        for name in sorted(names + files):
            path = os.path.join(directory, name); status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode): print(path, "->", os.readlink(path))
            elif stat.S_ISDIR(status.st_mode): print(path + "/")
            else: print(path, oct(status.st_mode & 0o100), open(path, "rb").read())
    """

  private static func command() -> String { "python3 -c '\(list)' | sort" }

  @Test func everyKindOfDifference() async throws {
    let host = try await StageHost()
    let commit = try host.commit(
      .write("keep", "1"), .write("change", "1"), .write("gone/deep/file", "1"), .write("mode", "1"),
      .write("link", "keep", mode: "120000"), .write("link2", "keep", mode: "120000"), .write("plain", "1"),
      .write("dir/a", "1"), .write("dir/b/c", "1"), .write("file", "1"), .write("part/one", "1"),
      .write("part/two", "1"), .bytes(Array("sub".utf8), Array(repeating: 0x31, count: 40), mode: "160000"))
    let other = try host.commit(
      .write("change", "22"), .remove("gone"), .write("mode", "1", mode: "100755"),
      .write("link", "change", mode: "120000"), .write("link2", "now a file"),
      .write("plain", "keep", mode: "120000"), .remove("dir"), .write("dir", "now a file"),
      .remove("file"), .write("file/is/a", "directory"), .remove("part/one"),
      .bytes(Array("sub".utf8), Array(repeating: 0x32, count: 40), mode: "160000"),
      .write("new/with space/\u{e9}", "1", mode: "100755"), .write("links/a/b", "../../keep", mode: "120000"),
      .bytes([0x66, 0xff, 0x0a], [1, 2, 0]))
    try await agree(host, [commit, other])
  }

  @Test(arguments: [UInt64(1), 2, 3]) func randomTrees(seed: UInt64) async throws {
    let host = try await StageHost()
    var random = Mix(state: seed)
    var commits: [ObjectID] = []
    for _ in 0..<4 {
      // From nothing each time, so that files meet directories as they like.
      var files: [String: TestRepository.Change] = [:]
      for _ in 0..<random.next(30) + 2 {
        let path = (0...random.next(3)).map { _ in ["k", "l", "m"][random.next(3)] }.joined(separator: "/")
        guard !files.keys.contains(where: { $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") }) else { continue }
        let mode = ["100644", "100755", "120000"][random.next(3)]
        files[path] = .write(path, "\(random.next(4))", mode: mode)
      }
      commits.append(try host.source.commit("tree\(commits.count)", parents: [], changes: Array(files.values)))
    }
    try await agree(host, commits)
  }

  /// One stage goes through all trees, and is held against a stage made for each.
  private func agree(_ host: StageHost, _ commits: [ObjectID]) async throws {
    var expected: [String] = []
    for commit in commits {
      let fresh = host.stage(commit, Self.command())
      expected.append(try await fresh.run(try host.tree(commit)).text)
      await fresh.close()
    }
    // The control: they differ, and there is something to be seen.
    #expect(Set(expected).count == commits.count && expected.allSatisfy { !$0.isEmpty })
    let stage = host.stage(commits[0], Self.command())
    for (commit, text) in zip(commits + commits.reversed(), expected + expected.reversed()) {
      #expect(try await stage.run(try host.tree(commit)).text == text)
    }
    await stage.close()
  }

  @Test func whatSetupMadeGivesWay() async throws {
    let host = try await StageHost()
    // A command that fetches runs once; what it made is in the way of the other tree.
    let script = "#!/bin/sh\nmkdir -p made/deep; touch made/deep/x plain kept/ignored\n"
    let commit = try host.commit(.write("pip", script, mode: "100755"), .write("kept/file", "1"))
    let other = try host.commit(
      .write("made", "file"), .write("plain/inner", "1"), .remove("kept/file"))
    let stage = host.stage(commit, setup: ["./pip install x"], Self.command())
    let before = try await stage.run(try host.tree(commit)).text
    #expect(before.contains("./made/deep/x") && before.contains("./plain 0o0 b''"), "\(before)")
    let after = try await stage.run(try host.tree(other)).text
    #expect(after.contains("./made 0o0 b'file'") && after.contains("./plain/inner 0o0 b'1'"), "\(after)")
    #expect(after.contains("./kept/ignored") && !after.contains("./kept/file"), "\(after)")
    await stage.close()
  }
}

struct Mix {
  var state: UInt64

  mutating func next(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }
}
