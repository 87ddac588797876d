import Base
import Git
import TestSupport
import Testing

@Suite("Two commits merge as git merges them, and what is left is named")
struct MergeTests {
  let there: TestRepository
  let work: PrivateRepository
  let base: ObjectID
  static let text = (1...20).map { "line \($0)\n" }.joined()
  let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))

  init() throws {
    there = try TestRepository(bare: true)
    base = try there.commit("main", .write("a", Self.text), .write("dir/b", "b\n"))
    work = try PrivateRepository.create(
      at: there.directory.path + "/work", borrowing: [there.path + "/objects"])
  }

  private func changed(_ line: Int, _ new: String) -> String {
    Self.text.replacing("line \(line)\n", with: "\(new)\n")
  }

  @Test("Changes in different places merge to git's tree, and the borrowed repository stays as it was")
  func clean() throws {
    let ours = try there.commit("ours", parents: [base], .write("a", changed(1, "ours")))
    let theirs = try there.commit("theirs", parents: [base], .write("a", changed(20, "theirs")), .remove("dir/b"))
    let before = try Command.run(["find", there.path], in: "/").lines.sorted()
    let merged = try work.merge(ours: ours, theirs: theirs)
    let tree = try merged.writeTree()
    #expect(try Command.run(["find", there.path], in: "/").lines.sorted() == before)
    #expect(merged.isClean)
    #expect(merged.conflicts.isEmpty)
    #expect(try tree.hex == there.git("merge-tree", "--write-tree", ours.hex, theirs.hex))
    let commit = try work.writeCommit(
      tree: tree, parents: [ours, theirs], author: signature, committer: signature, message: Array("Merge\n".utf8))
    #expect(try work.commit(commit).parents == [ours, theirs])
    #expect(try work.commit(commit).author == signature)
    let again = try work.writeCommit(
      tree: tree, parents: [ours, theirs], author: signature, committer: signature, message: Array("Merge\n".utf8))
    #expect(again == commit)
  }

  @Test("A content conflict is settled with a blob, and only then there is a tree")
  func content() throws {
    let ours = try there.commit("ours", parents: [base], .write("a", changed(5, "ours")))
    let theirs = try there.commit("theirs", parents: [base], .write("a", changed(5, "theirs")))
    let merged = try work.merge(ours: ours, theirs: theirs)
    let conflict = try #require(merged.conflicts.first)
    #expect(merged.conflicts.count == 1)
    #expect(conflict.kind == .content)
    #expect(conflict.path.display == "a")
    #expect(try conflict.ancestor?.blob == there.id("\(base.hex):a"))
    #expect(try conflict.ours?.blob == there.id("ours:a"))
    #expect(try conflict.theirs?.blob == there.id("theirs:a"))
    #expect(!merged.isClean)
    #expect(throws: GitError.self) { try merged.writeTree() }
    let blob = try work.writeBlob(Array("settled\n".utf8))
    try merged.settle(conflict, blob: blob)
    #expect(merged.isClean)
    let tree = try merged.writeTree()
    let path = try #require(RepositoryPath("a"))
    #expect(try work.entry(at: path, in: tree) == TreeEntry(path: path, mode: .regular, id: blob))
  }

  @Test("A conflict in a file that one side renamed is one conflict, at the new name")
  func renamedContent() throws {
    let ours = try there.commit("ours", parents: [base], .remove("a"), .write("new", changed(5, "ours")))
    let theirs = try there.commit("theirs", parents: [base], .write("a", changed(5, "theirs")))
    let merged = try work.merge(ours: ours, theirs: theirs)
    let conflict = try #require(merged.conflicts.first)
    #expect(merged.conflicts.count == 1)
    #expect(conflict.kind == .content)
    #expect(conflict.path.display == "new")
    #expect(conflict.paths.map(\.display) == ["a", "new"])
    let judge = try there.attempt(
      ["merge-tree", "--write-tree", "--name-only", "--no-messages", ours.hex, theirs.hex])
    #expect(judge.lines.dropFirst() == ["new"])
    let blob = try work.writeBlob(Array("settled\n".utf8))
    try merged.settle(conflict, blob: blob)
    let files = try work.entries(of: merged.writeTree()).map(\.path.display)
    #expect(files == ["dir", "new"])
  }

  private typealias Change = TestRepository.Change

  private func kinds(_ ours: [Change], _ theirs: [Change]) throws -> [TreeConflict.Kind] {
    let ours = try there.commit("ours", parents: [base], changes: ours)
    let theirs = try there.commit("theirs", parents: [base], changes: theirs)
    return try work.merge(ours: ours, theirs: theirs).conflicts.map(\.kind)
  }

  @Test("Each kind of conflict is told apart")
  func kinds() throws {
    let edited: [Change] = [.write("a", changed(5, "x"))]
    #expect(try kinds([.remove("a")], edited) == [.modifyDelete])
    #expect(try kinds(edited, [.remove("a")]) == [.modifyDelete])
    #expect(try kinds([.write("n", "one\n")], [.write("n", "two\n")]) == [.addAdd])
    #expect(
      try kinds([.remove("a"), .write("x", Self.text)], [.remove("a"), .write("y", Self.text)]) == [.renameRename])
    #expect(try kinds([.remove("a"), .write("x", changed(5, "o"))], [.remove("a")]) == [.renameDelete])
    #expect(try kinds([.write("a", "target", mode: "120000")], edited) == [.mode])
    #expect(try kinds([.write("dir", "file\n")], []) == [])
    #expect(try kinds([.remove("dir"), .write("dir", "file\n")], [.write("dir/b", "c\n")]).contains(.directoryFile))
    let module = { (digit: String) in
      [Change.bytes(Array("m".utf8), Array(String(repeating: digit, count: 40).utf8), mode: "160000")]
    }
    #expect(try kinds(module("1"), module("2")) == [.submodule])
  }

  @Test("Commits without a common ancestor merge only where that is allowed")
  func unrelated() throws {
    let alone = try there.rootCommit("alone", .write("z", "1\n"))
    #expect {
      try work.merge(ours: base, theirs: alone)
    } throws: { error in
      (error as? GitError)?.code == .noCommonAncestor
    }
    var options = MergeOptions()
    options.allowsUnrelatedHistories = true
    let tree = try work.merge(ours: base, theirs: alone, options: options).writeTree()
    let judge = try there.git("merge-tree", "--write-tree", "--allow-unrelated-histories", base.hex, alone.hex)
    #expect(tree.hex == judge)
  }

  @Test("Where there are several best ancestors the result is git's")
  func crissCross() throws {
    let left = try there.commit("left", parents: [base], .write("a", changed(2, "left")))
    let right = try there.commit("right", parents: [base], .write("a", changed(12, "right")))
    let both = changed(2, "left").replacing("line 12\n", with: "right\n")
    let first = try there.commit("first", parents: [left, right], .write("a", both + "first\n"))
    let second = try there.commit("second", parents: [right, left], .write("a", "second\n" + both))
    #expect(try work.mergeBases(first, second).count == 2)
    let tree = try work.merge(ours: first, theirs: second).writeTree()
    #expect(try tree.hex == there.git("merge-tree", "--write-tree", first.hex, second.hex))
  }

  @Test("A path that git refuses is not put into a tree", arguments: [".git/config", "a/.GIT/x", "git~1", ".git"])
  func forbidden(_ name: String) throws {
    let blob = try work.writeBlob([])
    let path = try #require(RepositoryPath(name))
    #expect(throws: GitError.self) { try work.writeTree(from: nil, [.put(path, mode: .regular, blob: blob)]) }
    let fine = try #require(RepositoryPath(".gitignore"))
    _ = try work.writeTree(from: nil, [.put(fine, mode: .regular, blob: blob)])
  }

  @Test("A message or a name with a NUL is refused")
  func nul() throws {
    #expect(throws: GitError.self) {
      try work.writeCommit(
        tree: base, parents: [], author: signature, committer: signature, message: [0x61, 0])
    }
    let broken = Signature(name: [0x61, 0], email: [0x62], time: Timestamp(seconds: 0))
    #expect(throws: GitError.self) {
      try work.writeCommit(tree: base, parents: [], author: broken, committer: signature, message: [0x61])
    }
  }

  @Test("Notes that git has spread over directories are read and gone on with")
  func fannedOutNotes() throws {
    let objects = try (0..<600).map { number in
      let hex = String(number, radix: 16)
      return try #require(ObjectID(hex: String(repeating: "0", count: 3 - hex.count) + hex + base.hex.dropFirst(3)))
    }
    // git makes this shape itself once there are many notes: two digits are the directory, the rest is the name.
    let changes = objects.enumerated().map { number, object in
      Change.write("\(object.hex.prefix(2))/\(object.hex.dropFirst(2))", "note \(number)\n")
    }
    let notes = try there.commit("notes", parents: [], changes: changes)
    #expect(try there.git("ls-tree", "--name-only", notes.hex).hasPrefix("00\n01\n"))
    #expect(try work.note(of: objects[300], in: notes) == Array("note 300\n".utf8))
    #expect(try work.note(of: base, in: notes) == nil)
    let more = try #require(try work.append(["more"], toNoteOf: objects[300], in: notes, by: signature))
    let new = try #require(try work.append(["new"], toNoteOf: base, in: more, by: signature))
    let ref = try RefName("refs/notes/devtools/discuss")
    try work.setReference(ref, to: new)
    let judge = TestRepository(existing: work.commonDirectory, bare: true, in: there.directory)
    #expect(try judge.git("notes", "--ref=devtools/discuss", "show", objects[300].hex) == "note 300\nmore")
    #expect(try judge.git("notes", "--ref=devtools/discuss", "show", base.hex) == "new")
    #expect(try judge.git("notes", "--ref=devtools/discuss", "list").split(separator: "\n").count == 601)
  }
}
