import Base
import Git
import TestSupport
import Testing

@Suite("What is in a repository is read as git reads it")
struct ReadingTests {
  private func code(_ body: () throws -> Void) -> GitError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? GitError)?.code
    }
  }

  @Test("A repository is found from inside its work tree")
  func discovers() throws {
    let there = try TestRepository()
    try there.commit("main", changes: [.write("sub/file", "1\n")])
    Files.makeDirectory(there.path + "/sub")
    let repository = try Repository.discover(at: there.path + "/sub")
    #expect(repository.workTree == there.path)
    #expect(repository.gitDirectory == there.path + "/.git")
    #expect(repository.objectsDirectory == there.path + "/.git/objects")
    #expect(!repository.isBare)
    #expect(try Repository.openBare(at: there.gitDirectory).isBare)
    #expect(code { _ = try Repository.openBare(at: there.path + "/sub") } == .notFound)
    #expect(code { _ = try Repository.discover(at: "/nonexistent") } == .notFound)
  }

  @Test("HEAD is a branch, unborn or detached")
  func head() throws {
    let there = try TestRepository(bare: true)
    let repository = try Repository.openBare(at: there.path)
    #expect(try repository.head() == .unborn(RefName("refs/heads/main")))
    #expect(try repository.isEmpty())
    #expect(code { _ = try repository.resolve("main") } == .notFound)
    #expect(code { _ = try repository.resolve("HEAD") } != nil)
    let tip = try there.commit("main", .write("a", "1\n"))
    #expect(try repository.head() == .branch(RefName("refs/heads/main"), tip))
    #expect(try !repository.isEmpty())
    try there.git("update-ref", "--no-deref", "HEAD", tip.hex)
    #expect(try repository.head() == .detached(tip))
  }

  @Test("Revisions name what git says they name")
  func resolves() throws {
    let there = try TestRepository(bare: true)
    let root = try there.commit("main", .write("a", "1\n"))
    let tip = try there.commit("main", .write("a", "2\n"))
    try there.git("tag", "--annotate", "--message=x", "v1", root.hex)
    try there.git("update-ref", "refs/remotes/origin/topic", tip.hex)
    let repository = try Repository.openBare(at: there.path)
    for revision in ["main", "refs/heads/main", "HEAD~1", "v1", "origin/topic", tip.hex, tip.short, "main^"] {
      #expect(try repository.resolve(revision) == there.id(revision + "^{commit}"), "\(revision)")
    }
    for revision in ["nothing", "main~5", String(repeating: "1", count: 40), "refs/heads/", "", "main..v1"] {
      #expect(code { _ = try repository.resolve(revision) } != nil, "\(revision)")
    }
    #expect(code { _ = try repository.resolve("main:a") } == .wrongType)
    #expect(code { _ = try repository.resolve("nothing") } == .notFound)
  }

  @Test("References are listed with what they point to")
  func references() throws {
    let there = try TestRepository(bare: true)
    let tip = try there.commit("main", .write("a", "1\n"))
    try there.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    try there.git("branch", "packed", tip.hex)
    try there.git("pack-refs", "--all")
    let repository = try Repository.openBare(at: there.path)
    let found = try repository.references().sorted { $0.name < $1.name }
    #expect(
      found == [
        Reference(name: try RefName("refs/heads/alias"), target: .symbolic(try RefName("refs/heads/main"))),
        Reference(name: try RefName("refs/heads/main"), target: .direct(tip)),
        Reference(name: try RefName("refs/heads/packed"), target: .direct(tip)),
      ])
    #expect(try repository.reference(RefName("refs/heads/none")) == nil)
    #expect(try repository.reference(RefName("refs/heads/packed"))?.target == .direct(tip))
  }

  @Test("A commit's fields and bytes are those that git stored")
  func commit() throws {
    let there = try TestRepository(bare: true)
    let root = try there.commit("main", .write("a", "1\n"))
    let message = "First line\ngoes on\n\nBody\n"
    let tip = try there.commit("main", message: message, time: 1_700_000_123, .write("a", "2\n"))
    let commit = try Repository.openBare(at: there.path).commit(tip)
    #expect(commit.parents == [root])
    #expect(commit.tree == (try there.id("main^{tree}")))
    #expect(commit.author == Signature(name: "Ada", email: "ada@example.com", time: Timestamp(seconds: 1_700_000_123)))
    #expect(commit.message == Array(message.utf8))
    #expect(commit.summary == Array("First line goes on".utf8))
  }

  @Test("Trees are walked with every path as its bytes")
  func tree() throws {
    let there = try TestRepository(bare: true)
    let strange: [UInt8] = [0x64, 0x2f, 0x0a, 0xff]
    let submodule = Array(String(repeating: "1", count: 40).utf8)
    let tip = try there.commit(
      "main",
      changes: [
        .write("a", "1\n", mode: "100755"), .bytes(strange, [1]), .write("link", "a", mode: "120000"),
        .bytes(Array("module".utf8), submodule, mode: "160000"),
      ])
    let repository = try Repository.openBare(at: there.path)
    var found: [[UInt8]: FileMode] = [:]
    try repository.walk(tip) { entry in
      found[entry.path.bytes] = entry.mode
      return true
    }
    #expect(
      found == [
        Array("a".utf8): .executable, Array("d".utf8): .directory, strange: .regular,
        Array("link".utf8): .symbolicLink, Array("module".utf8): .submodule,
      ])
    let path = try #require(RepositoryPath(strange))
    #expect(try repository.entry(at: path, in: tip)?.mode == .regular)
    #expect(try repository.entry(at: #require(RepositoryPath("d/none")), in: tip) == nil)
    #expect(try repository.entry(at: #require(RepositoryPath("a/none")), in: tip) == nil)
  }

  @Test("A large file is measured and refused without being read")
  func largeFile() throws {
    let there = try TestRepository(bare: true)
    let size = 200 << 20
    let file = there.directory.path + "/zeros"
    try Files.write([], to: file)
    #expect(try Command.run(["truncate", "--size=\(size)", file], in: "/").status == 0)
    let blob = try #require(ObjectID(hex: try there.git("hash-object", "-w", file)))
    let repository = try Repository.openBare(at: there.path)
    let header = try repository.header(of: blob)
    #expect(header.type == .blob)
    #expect(header.size == size)
    #expect(code { _ = try repository.content(of: blob, limit: 1 << 20) } == .tooLarge)
    // In a commit it is there, and has no lines.
    let base = try there.commit("main", .write("a", "1\n"))
    let work = try PrivateRepository.create(
      at: there.directory.path + "/work", borrowing: [there.path + "/objects"])
    let path = try #require(RepositoryPath("big"))
    let tree = try work.writeTree(from: base, [.put(path, mode: .regular, blob: blob)])
    let change = try #require(try work.diff(from: base, to: tree).files.first)
    #expect(change.isTooLarge)
    #expect(change.hunks.isEmpty)
    #expect(change.new?.size == size)
  }

  @Test("History is told as git tells it")
  func history() throws {
    let there = try TestRepository(bare: true)
    let root = try there.commit("main", .write("a", "1\n"))
    let left = try there.commit("left", parents: [root], .write("b", "1\n"))
    let right = try there.commit("right", parents: [root], .write("c", "1\n"))
    let merge = try there.commit("merge", parents: [left, right], .write("c", "1\n"))
    let alone = try there.rootCommit("alone", .write("z", "1\n"))
    let repository = try Repository.openBare(at: there.path)
    #expect(try repository.mergeBase(left, right) == root)
    #expect(try repository.mergeBases(left, alone) == [])
    #expect(try repository.mergeBases(merge, left) == [left])
    #expect(try repository.mergeBases(root, merge) == [root])
    #expect(try repository.mergeBases(left, left) == [left])
    #expect(try repository.isAncestor(root, of: merge))
    #expect(try repository.isAncestor(root, of: root))
    #expect(try !repository.isAncestor(left, of: right))
    #expect(try repository.divergence(of: merge, from: left) == Divergence(ahead: 2, behind: 0))
    #expect(try repository.divergence(of: left, from: right) == Divergence(ahead: 1, behind: 1))
    #expect(try Set(repository.commits(of: merge, notIn: [left])) == [merge, right])
    #expect(try repository.commits(of: merge, oldestFirst: true).first == root)
    #expect(try repository.commits(of: merge).first == merge)
    #expect(try repository.commits(of: merge, limit: 1) == [merge])
  }

  @Test("Beyond the end of a shallow clone an error says what is missing")
  func shallow() throws {
    let there = try TestRepository(bare: true)
    for number in 0..<4 { try there.commit("main", .write("a", "\(number)\n")) }
    let clone = there.directory.path + "/clone"
    try there.git("clone", "--quiet", "--bare", "--depth=2", "file://\(there.path)", clone)
    let repository = try Repository.openBare(at: clone)
    #expect(repository.isShallow)
    let tip = try repository.resolve("main")
    #expect(try repository.commit(tip).parents.count == 1)
    #expect(code { _ = try repository.commits(of: tip) } == .missingObject)
    #expect(try !Repository.openBare(at: there.path).isShallow)
  }

  @Test("A corrupt object is an error, and the others are still read")
  func corrupt() throws {
    let there = try TestRepository(bare: true)
    let tip = try there.commit("main", changes: [.write("a", "1\n"), .write("b", "2\n")])
    let blob = try there.id("main:a")
    let path = there.path + "/objects/" + blob.hex.prefix(2) + "/" + blob.hex.dropFirst(2)
    Files.remove(path)
    let other = try there.id("main:b")
    let content = try Files.read(there.path + "/objects/" + other.hex.prefix(2) + "/" + other.hex.dropFirst(2))
    try Files.write(content, to: path)
    let repository = try Repository.openBare(at: there.path)
    #expect(code { _ = try repository.content(of: blob, limit: 100) } == .corrupt)
    #expect(try repository.content(of: other, limit: 100) == Array("2\n".utf8))
    try Files.write([1, 2, 3], to: path)
    #expect(code { _ = try repository.content(of: blob, limit: 100) } == .corrupt)
    #expect(try repository.commit(tip).id == tip)
  }

  @Test("Lines are put down to the commits that git puts them down to")
  func blame() throws {
    let there = try TestRepository(bare: true)
    let first = try there.commit("main", .write("a", "one\ntwo\nthree\n"))
    let second = try there.commit("main", .write("a", "one\nnew\ntwo\nthree\n"))
    let repository = try Repository.openBare(at: there.path)
    let path = try #require(RepositoryPath("a"))
    let lines = try repository.blame(path, at: second)
    #expect(lines.map(\.commit) == [first, second, first, first])
    #expect(lines.map(\.originalLine) == [1, 2, 2, 3])
    #expect(try repository.blame(path, at: second, lines: 2...3).map(\.commit) == [second, first])
    #expect(code { _ = try repository.blame(try #require(RepositoryPath("none")), at: second) } == .notFound)
  }

  @Test("Only the repository's own configuration is read")
  func configuration() throws {
    let there = try TestRepository(bare: true)
    try there.git("config", "receive.denyDeletes", "yes")
    try there.git("config", "core.sharedRepository", "group")
    try there.git("config", "x.odd", "maybe")
    let repository = try Repository.openBare(at: there.path)
    #expect(try repository.configurationFlag("receive.denydeletes") == true)
    #expect(try repository.configurationFlag("receive.denynonfastforwards") == nil)
    #expect(try repository.configuration("core.sharedrepository") == "group")
    #expect(try repository.configuration("user.name") == nil)
    #expect(code { _ = try repository.configurationFlag("x.odd") } == .invalid)
  }
}
