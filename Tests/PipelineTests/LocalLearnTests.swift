import Base
import FileSystem
import Learning
import Memory
import Merging
import Pipeline
import TestSupport
import Testing
import Work

@Suite("`arborist learn` remembers what people did with conflicts")
struct LocalLearnTests {
  let directory: TemporaryDirectory
  let repository: TestRepository

  init() throws {
    directory = try TemporaryDirectory()
    repository = try TestRepository(named: "tree", in: directory)
    Files.makeDirectory(directory.path + "/scratch")
  }

  private static let day = 86_400
  private static let start = 1_700_000_000

  private func file(_ middle: String) -> String { "first\nsecond\n\(middle)fifth\nsixth\n" }

  /// Two sides that conflict, and the merge in which somebody settled it.
  @discardableResult
  private func merge(
    settled: String, path: String = "a.c", ours: String = "ours\n", theirs: String = "theirs\n",
    base: String = "base\n", time: Int = start
  ) throws -> ObjectID {
    let before = (try? repository.id("main")).map { [$0] } ?? []
    let root = try repository.commit("main", parents: before, time: time, .write(path, file(base)))
    let one = try repository.commit("main", parents: [root], time: time, .write(path, file(ours)))
    let two = try repository.commit("side", parents: [root], time: time, .write(path, file(theirs)))
    return try repository.commit("main", parents: [one, two], time: time, .write(path, file(settled)))
  }

  private func learn(limit: Int = 1_000, since: Int? = nil) async throws -> HistoryLearner.Summary {
    try await LocalLearn(
      repository: repository.path, base: nil, since: since.map { Timestamp(seconds: Int64($0)) }, limit: limit,
      identity: BotIdentity(name: "Bot", email: "bot@example.com")
    ).run(scratch: directory.path + "/scratch") { _, _ in }.summary
  }

  private func remembered(
    ours: String = "ours\n", theirs: String = "theirs\n", base: String = "base\n"
  ) throws -> RememberedResolution? {
    let state = try #require(StateDirectory(inGitDirectory: Array(repository.gitDirectory.utf8)))
    return try MemoryFile(in: state).open()?.resolution(
      of: ConflictKey(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8)))
  }

  @Test("what stands in the place of a conflict, in one file that others may not read")
  func learns() async throws {
    let merge = try merge(settled: "both\n")
    let summary = try await learn()
    #expect(summary.merges == 1 && summary.conflicted == 1 && summary.remembered == 1 && summary.usable == 1)
    let found = try #require(try remembered())
    #expect(found.lines == Array("both\n".utf8))
    #expect(found.occurrences.map(\.merge) == [merge.bytes])
    #expect(found.occurrences.map(\.path) == [Array("a.c".utf8)])
    #expect(try remembered(ours: "other\n") == nil)
    let file = repository.gitDirectory + "/arborist/resolutions"
    #expect(try FileStatus(Array(file.utf8))?.mode == 0o600)
    #expect(try Directory.names(Array((repository.gitDirectory + "/arborist").utf8)).count == 2, "nothing else is left")
  }

  @Test("a second run reads only what is new, and changes nothing where nothing is")
  func incremental() async throws {
    try merge(settled: "both\n")
    #expect(try await learn().merges == 1)
    let file = repository.gitDirectory + "/arborist/resolutions"
    let before = try Files.read(file)
    let again = try await learn()
    #expect(again.merges == 0 && again.entries == 1)
    #expect(try Files.read(file) == before)
    try merge(settled: "more\n", path: "b.c", ours: "x\n", theirs: "y\n")
    let third = try await learn()
    #expect(third.merges == 1 && third.entries == 2)
  }

  @Test("--limit takes the newest, --since leaves out the older")
  func bounds() async throws {
    try merge(settled: "1\n")
    try merge(settled: "2\n", path: "b.c", ours: "x\n", theirs: "y\n", time: Self.start + 100 * Self.day)
    #expect(try await learn(since: Self.start + 200 * Self.day).merges == 0)
    let summary = try await learn(limit: 1)
    #expect(summary.merges == 1)
    #expect(try remembered() == nil)
    #expect(try remembered(ours: "x\n", theirs: "y\n") != nil)
    #expect(try await learn().merges == 1, "the rest")
  }

  @Test("nothing where markers were left in, or a tool writes the file")
  func notLearned() async throws {
    try merge(settled: "<<<<<<< a\nours\n=======\ntheirs\n>>>>>>> b\n")
    try merge(settled: "x\n", path: "yarn.lock")
    let summary = try await learn()
    #expect(summary.merges == 2 && summary.entries == 0)
    try merge(settled: "x\n", path: "yarn.c")
    #expect(try await learn().entries == 1, "the control")
  }

  @Test("two merges that settle a conflict differently leave it in dispute")
  func disputed() async throws {
    try merge(settled: "both\n")
    try merge(settled: "neither\n", path: "b.c")
    let summary = try await learn()
    #expect(summary.contradicted == 1 && summary.usable == 0)
    #expect(try remembered()?.state == .disputed)
  }

  @Test("it is taken back where the lines are changed soon after, also by what comes after it was learned")
  func changedSoon() async throws {
    try merge(settled: "both\n")
    #expect(try await learn().usable == 1)
    try repository.commit("main", time: Self.start + Self.day, .write("a.c", file("mended\n")))
    let summary = try await learn()
    #expect(summary.revoked == 1 && summary.usable == 0)
    #expect(try remembered()?.state == .revoked)
  }

  @Test("it stays where other lines are changed, or these much later, or after three other changes")
  func changedLater() async throws {
    try merge(settled: "both\n")
    try repository.commit("main", time: Self.start + Self.day, .write("a.c", "new\n" + file("both\n")))
    try repository.commit("main", time: Self.start + 60 * Self.day, .write("a.c", file("other\n")))
    try merge(settled: "b\n", path: "b.c", ours: "x\n", theirs: "y\n", time: Self.start + 61 * Self.day)
    for number in 1...3 {
      try repository.commit(
        "main", time: Self.start + 61 * Self.day + number, .write("b.c", file("b\n") + "\(number)\n"))
    }
    try repository.commit("main", time: Self.start + 61 * Self.day + 9, .write("b.c", file("other\n")))
    #expect(try await learn().usable == 2)
  }

  @Test("it is taken back where the merge is reverted")
  func reverted() async throws {
    let merge = try merge(settled: "both\n")
    try repository.commit(
      "main", message: "Revert \"Merge\"\n\nThis reverts commit \(merge.hex), reversing\nchanges made to x.\n",
      time: Self.start + 90 * Self.day, .write("c", "1\n"))
    #expect(try await learn().usable == 0)
    #expect(try remembered()?.state == .revoked)
  }

  @Test("leaving every line out is taken back where a side's lines stand there again")
  func emptyResolution() async throws {
    try merge(settled: "")
    #expect(try await learn().usable == 1)
    try repository.commit("main", time: Self.start + Self.day, .write("a.c", file("theirs\n")))
    #expect(try await learn().usable == 0)
  }

  @Test("what was learned from a merge that is in the history no longer is forgotten")
  func rewritten() async throws {
    try merge(settled: "both\n")
    #expect(try await learn().entries == 1)
    let root = try repository.rootCommit("main", .write("a.c", "anew\n"))
    #expect(try await learn().entries == 0)
    #expect(try repository.id("main") == root)
  }

  @Test("only the base is read: a branch teaches nothing")
  func onlyTheBase() async throws {
    let merge = try merge(settled: "both\n")
    try repository.git("update-ref", "refs/heads/topic", merge.hex)
    try repository.git("update-ref", "refs/heads/main", merge.hex + "^1")
    #expect(try await learn().merges == 0)
    try repository.git("update-ref", "refs/heads/main", merge.hex)
    #expect(try await learn().merges == 1, "the control")
  }

  @Test("a damaged file is not overwritten, and one that another learns into is left alone")
  func inTheWay() async throws {
    try merge(settled: "both\n")
    let file = repository.gitDirectory + "/arborist/resolutions"
    Files.makeDirectory(repository.gitDirectory + "/arborist")
    try Files.write("nonsense".utf8, to: file)
    await #expect(throws: MemoryFile.Failure.self) { try await learn() }
    #expect(try Files.read(file) == Array("nonsense".utf8))
    Files.remove(file)
    let lock = try FileDescriptor(opening: Array((file + ".lock").utf8), .readWriteOrCreate(mode: 0o600))
    #expect(try lock.tryLock())
    await #expect(throws: MemoryFile.Failure.self) { try await learn() }
    lock.unlock()
    #expect(try await learn().entries == 1, "the control")
  }
}
