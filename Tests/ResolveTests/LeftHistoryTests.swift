import Base
import Git
import Resolve
import TestSupport
import Testing
import Work

@Suite("The commits behind what is left of a merge")
struct LeftHistoryTests {
  let repository: TestRepository
  let work: PrivateRepository

  init() throws {
    repository = try TestRepository(bare: true)
    work = try PrivateRepository.create(
      at: repository.directory.path + "/work", borrowing: [repository.path + "/objects"])
  }

  private static func source(_ name: String, _ other: String = "other") -> String {
    (["def \(name)(path):", "    return path", ""] + (1...20).map { "line_\($0) = \($0)" } + ["\(other) = 1", ""])
      .joined(separator: "\n")
  }

  private func merged(_ ours: ObjectID, _ theirs: ObjectID) throws -> ResolveOutcome {
    try BranchMerge(
      branch: RefName("refs/heads/topic"), base: "main", ours: ours, theirs: theirs,
      identity: BotIdentity(name: "Bot", email: "bot@example.com")
    ).run(in: work).namingCommits(of: ours, and: theirs, in: work)
  }

  @Test("Each side names the commit that changed these lines, and none that changed others")
  func lines() throws {
    let root = try repository.commit("main", parents: [], .write("a.py", Self.source("load")))
    let first = try repository.commit(
      "topic", parents: [root], message: "Open what is loaded\n\nWhy.", .write("a.py", Self.source("open_file")))
    let ours = try repository.commit(
      "topic", parents: [first], message: "Name the other", .write("a.py", Self.source("open_file", "named")))
    let theirs = try repository.commit(
      "main", parents: [root], message: "Read what is loaded", .write("a.py", "# A file.\n" + Self.source("read_file")))
    let outcome = try merged(ours, theirs)
    #expect(outcome.verdict == .conflicts)
    let hunk = try #require(outcome.files.first?.left.first)
    #expect(hunk.commits?.ours == [CommitNote(id: first, subject: "Open what is loaded")])
    #expect(hunk.commits?.theirs == [CommitNote(id: theirs, subject: "Read what is loaded")])
  }

  @Test("Of a file that one side deleted there are the commits that touched it; a merge without conflicts has none")
  func files() throws {
    let root = try repository.commit("main", parents: [], .write("a.py", Self.source("load")), .write("b", "1\n"))
    let ours = try repository.commit(
      "topic", parents: [root], message: "Change it", .write("a.py", Self.source("open_file")))
    let theirs = try repository.commit("main", parents: [root], message: "Take it out", .remove("a.py"))
    let hunk = try #require(try merged(ours, theirs).files.first?.left.first)
    #expect(hunk.commits?.ours.map(\.subject) == ["Change it"])
    #expect(hunk.commits?.theirs.map(\.subject) == ["Take it out"])
    let other = try repository.commit("other", parents: [root], .write("b", "2\n"))
    #expect(try merged(ours, other).verdict == .clean)
  }
}
