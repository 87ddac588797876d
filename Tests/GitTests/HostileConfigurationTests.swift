import Base
import Git
import TestSupport
import Testing

@Suite("A stranger's configuration is not obeyed")
struct HostileConfigurationTests {
  @Test("core.worktree leads git elsewhere, and a repository opened bare nowhere")
  func worktree() throws {
    let there = try TestRepository()
    let elsewhere = there.directory.path + "/elsewhere"
    Files.makeDirectory(elsewhere)
    try there.git("config", "core.worktree", elsewhere)
    // The control: opened as a person would, the setting is obeyed.
    #expect(try Repository.discover(at: there.path).workTree == elsewhere)
    let repository = try Repository.openBare(at: there.gitDirectory)
    #expect(repository.workTree == nil)
    #expect(repository.gitDirectory == there.gitDirectory)
  }

  @Test("url.insteadOf of a borrowed repository does not change where a private one fetches")
  func insteadOf() throws {
    let directory = try TemporaryDirectory()
    let right = try TestRepository(bare: true, named: "right.git", in: directory)
    let wrong = try TestRepository(bare: true, named: "wrong.git", in: directory)
    let tip = try right.commit("main", .write("a", "right\n"))
    let other = try wrong.commit("main", .write("a", "wrong\n"))
    let foreign = try TestRepository(bare: true, named: "foreign.git", in: directory)
    try foreign.git("config", "url.\(wrong.path).insteadOf", right.path)
    // The control: git obeys it.
    #expect(try foreign.git("ls-remote", right.path, "refs/heads/main").hasPrefix(other.hex))
    let work = try PrivateRepository.create(at: directory.path + "/work", borrowing: [foreign.path + "/objects"])
    let main = try RefName("refs/heads/main")
    #expect(try work.listReferences(at: RemoteAddress(right.path)).references[main] == tip)
    try work.fetch([.reference(main, into: main)], from: RemoteAddress(right.path))
    #expect(try work.reference(main)?.target == .direct(tip))
    // The same payload in the private repository itself shows that libgit2 would obey it there.
    try Command.run(
      ["git", "config", "--file", work.commonDirectory + "/config", "url.\(wrong.path).insteadOf", right.path], in: "/")
    let again = try PrivateRepository.reopen(at: work.commonDirectory)
    let elsewhere = try RefName("refs/heads/elsewhere")
    try again.fetch([.reference(main, into: elsewhere)], from: RemoteAddress(right.path))
    #expect(try again.reference(elsewhere)?.target == .direct(other))
  }

  @Test("An attribute in the change cannot hide its lines")
  func attributes() throws {
    let there = try TestRepository()
    let base = try there.commit("main", .write("a.txt", "one\n"))
    let tip = try there.commit("main", changes: [.write(".gitattributes", "* -diff\n"), .write("a.txt", "two\n")])
    try there.git("reset", "--quiet", "--hard")
    // The control: git shows no lines.
    #expect(try there.git("diff", base.hex, tip.hex, "--", "a.txt").contains("Binary files"))
    let changes = try Repository.discover(at: there.path).diff(from: base, to: tip).files
    let change = try #require(changes.first { $0.new?.path.display == "a.txt" })
    #expect(change.hunks.first?.lines.map(\.content) == [Array("one".utf8), Array("two".utf8)])
    #expect(!change.isBinary)
  }
}
