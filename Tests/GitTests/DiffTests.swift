import Base
import Git
import TestSupport
import Testing

@Suite("A difference has the files, hunks and lines that git shows")
struct DiffTests {
  /// The difference as `git diff` prints its hunks, so that git can judge it.
  static func rendered(_ diff: Diff) -> [UInt8] {
    var text: [UInt8] = []
    func range(_ start: Int, _ count: Int) -> String { count == 1 ? "\(start)" : "\(start),\(count)" }
    for hunk in diff.files.flatMap(\.hunks) {
      text += Array("@@ -\(range(hunk.oldStart, hunk.oldCount)) +\(range(hunk.newStart, hunk.newCount)) @@".utf8)
      if !hunk.heading.isEmpty { text += [0x20] + hunk.heading }
      text.append(0x0a)
      for line in hunk.lines {
        switch line.kind {
        case .context: text.append(0x20)
        case .added: text.append(0x2b)
        case .deleted: text.append(0x2d)
        }
        text += line.content + [0x0a]
        if line.lacksNewline { text += Array("\\ No newline at end of file\n".utf8) }
      }
    }
    return text
  }

  /// The lines of `git diff` that belong to hunks.
  static func judged(_ output: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var inHunk = false
    for line in output.split(separator: 0x0a, omittingEmptySubsequences: false) {
      if line.starts(with: "diff --git ".utf8) { inHunk = false }
      if line.starts(with: "@@ ".utf8) { inHunk = true }
      if inHunk, !line.isEmpty { result += line + [0x0a] }
    }
    return result
  }

  @Test("Hunks, line numbers and headings are git's", arguments: [0, 3, 10])
  func hunks(_ context: Int) throws {
    let there = try TestRepository(bare: true)
    var lines = ["func first() {"] + (1...40).map { "  line \($0)" } + ["}", "func second() {"]
    lines += (1...40).map { "  other \($0)" } + ["}"]
    let base = try there.commit("main", .write("a", lines.joined(separator: "\n") + "\n"))
    lines[5] = "  changed"
    lines.insert("  new", at: 60)
    lines.remove(at: 75)
    lines[82] = "caf\u{e9}\r"
    let tip = try there.commit("main", .write("a", lines.joined(separator: "\n")), .write("b", "only\n"))
    var options = DiffOptions()
    options.contextLines = context
    let diff = try Repository.openBare(at: there.path).diff(from: base, to: tip, options: options)
    let judge = try there.attempt(["diff", "--unified=\(context)", base.hex, tip.hex])
    #expect(Self.rendered(diff) == Self.judged(judge.output))
    #expect(diff.files.map(\.status) == [.modified, .added])
    for line in diff.files.flatMap(\.hunks).flatMap(\.lines) {
      #expect((line.oldNumber == nil) == (line.kind == .added))
      #expect((line.newNumber == nil) == (line.kind == .deleted))
    }
  }

  @Test("Each line knows its number on both sides")
  func numbers() throws {
    let there = try TestRepository(bare: true)
    let base = try there.commit("main", .write("a", "1\n2\n3\n"))
    let tip = try there.commit("main", .write("a", "1\nx\n3\n"))
    let diff = try Repository.openBare(at: there.path).diff(from: base, to: tip)
    let lines = try #require(diff.files.first?.hunks.first?.lines)
    #expect(lines.map(\.oldNumber) == [1, 2, nil, 3])
    #expect(lines.map(\.newNumber) == [1, nil, 2, 3])
  }

  @Test("Renames, modes, types, links and submodules are told apart")
  func statuses() throws {
    let there = try TestRepository(bare: true)
    let text = (1...30).map { "line \($0)\n" }.joined()
    let base = try there.commit(
      "main",
      changes: [
        .write("old", text), .write("script", "x\n"), .write("kind", "target"), .write("gone", "bye\n"),
        .bytes(Array("module".utf8), Array(String(repeating: "1", count: 40).utf8), mode: "160000"),
      ])
    let tip = try there.commit(
      "main",
      changes: [
        .remove("old"), .write("new", text + "more\n"), .write("script", "x\n", mode: "100755"),
        .write("kind", "target", mode: "120000"), .remove("gone"), .bytes([0x0a, 0xff], [0x31]),
        .bytes(Array("module".utf8), Array(String(repeating: "2", count: 40).utf8), mode: "160000"),
      ])
    let repository = try Repository.openBare(at: there.path)
    let files = try repository.diff(from: base, to: tip).files
    func file(_ path: [UInt8]) throws -> FileChange {
      try #require(files.first { ($0.new ?? $0.old)?.path.bytes == path })
    }
    let renamed = try file(Array("new".utf8))
    if case .renamed(let similarity) = renamed.status { #expect(similarity > 90) } else { Issue.record("no rename") }
    #expect(renamed.old?.path.display == "old")
    #expect(renamed.hunks.first?.lines.filter { $0.kind == .added }.map(\.content) == [Array("more".utf8)])
    #expect(try file(Array("script".utf8)).new?.mode == .executable)
    #expect(try file(Array("script".utf8)).hunks == [])
    #expect(try file(Array("kind".utf8)).status == .typeChanged)
    #expect(try file(Array("gone".utf8)).status == .deleted)
    #expect(try file(Array("gone".utf8)).new == nil)
    #expect(try file([0x0a, 0xff]).status == .added)
    #expect(try file(Array("module".utf8)).new?.mode == .submodule)
    #expect(try file(Array("module".utf8)).hunks == [])
    #expect(files.count == 6)
    var options = DiffOptions()
    options.detectsRenames = false
    #expect(try repository.diff(from: base, to: tip, options: options).files.count == 7)
    #expect(try repository.diff(from: nil, to: base).files.count == 5)
  }

  @Test("Binary is what git takes for binary, and nothing else")
  func binary() throws {
    let there = try TestRepository(bare: true)
    let controls = [UInt8](repeating: 1, count: 50) + [0x0a]
    let base = try there.commit("main", .write("x", "1\n"))
    let tip = try there.commit(
      "main",
      changes: [.bytes(Array("nul".utf8), [0x61, 0, 0x62, 0x0a]), .bytes(Array("controls".utf8), controls)])
    let files = try Repository.openBare(at: there.path).diff(from: base, to: tip).files
    #expect(files.map(\.isBinary) == [false, true])
    #expect(files.map(\.hunks.count) == [1, 0])
    #expect(try there.git("diff", "--numstat", base.hex, tip.hex) == "1\t0\tcontrols\n-\t-\tnul")
  }

  @Test("What is staged is compared, in the index that is named")
  func staged() throws {
    let there = try TestRepository()
    try Files.write("one\n".utf8, to: there.path + "/a")
    try there.git("add", "a")
    let repository = try Repository.discover(at: there.path)
    #expect(try repository.diffStaged(against: nil).files.map(\.status) == [.added])
    try there.git("commit", "--quiet", "--message=x")
    let base = try there.id("HEAD")
    #expect(try repository.diffStaged(against: base).files.isEmpty)
    try Files.write("two\n".utf8, to: there.path + "/a")
    try Files.write("not yet\n".utf8, to: there.path + "/meant")
    try there.git("add", "--intent-to-add", "meant")
    #expect(try repository.diffStaged(against: base).files.isEmpty)
    try there.git("add", "a")
    #expect(try repository.diffStaged(against: base).files.map(\.status) == [.modified])
    let other = there.directory.path + "/other-index"
    try there.git("read-tree", base.hex, adding: ["GIT_INDEX_FILE": other])
    #expect(try repository.diffStaged(against: base, index: other).files.isEmpty)
  }
}
