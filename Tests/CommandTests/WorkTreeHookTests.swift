import Base
import TestSupport
import Testing

/// The hooks of a work tree and the merge driver, through real git.
@Suite struct WorkTreeHookTests {
  /// Something that has the form of a token and was never one.
  private static let secret = "token = \"ghp_" + "x7Kq9Zr2Lm4Tn8Vb3Wc6Yd1Fg5Hj0Ps2Ra4Q\"\n"

  private func installed() throws -> TestRepository {
    let repository = try TestRepository()
    try repository.commit("main", .write("a.py", "a = 1\n"), .write("b.py", "b = 1\n"))
    try repository.checkOut("main")
    #expect(try Arborist.run("init", in: repository.path).status == 0)
    return repository
  }

  @Test func aSecretIsKeptFromACommit() throws {
    let repository = try installed()
    let main = try repository.id("main")
    try Files.write(Self.secret.utf8, to: repository.path + "/a.py")
    try repository.git("add", "a.py")
    let refused = try repository.attempt(["commit", "-m", "x"])
    #expect(refused.status != 0)
    #expect(refused.errorText.contains("--no-verify"))
    #expect(try repository.id("main") == main)
    #expect(try repository.git("diff", "--cached", "--name-only") == "a.py", "it is still staged")
    try repository.git("commit", "--quiet", "--no-verify", "-m", "x")
    #expect(try repository.id("main^") == main)
    try Files.write("b = 2\n".utf8, to: repository.path + "/b.py")
    #expect(try repository.attempt(["commit", "-am", "clean"]).status == 0, "the control")
  }

  @Test func aBrokenConfigurationKeepsNobodyFromCommitting() throws {
    let repository = try installed()
    try repository.commit("main", .write(".arborist.yml", "protcet: [x]\n"))
    try repository.git("reset", "--quiet", "--hard")
    try Files.write("protect: [x]\n".utf8, to: repository.path + "/.arborist.yml")
    let mend = try repository.attempt(["commit", "-am", "mend"])
    #expect(mend.status == 0)
    #expect(mend.errorText.contains("protcet"))
    try Files.write(Self.secret.utf8, to: repository.path + "/a.py")
    #expect(try repository.attempt(["commit", "-am", "x"]).status != 0, "the control")
  }

  @Test func aPartialCommitIsReviewedAsItWillBe() throws {
    let repository = try installed()
    try Files.write(Self.secret.utf8, to: repository.path + "/a.py")
    try Files.write("b = 2\n".utf8, to: repository.path + "/b.py")
    try repository.git("add", "a.py")
    #expect(try repository.attempt(["commit", "-m", "b alone", "b.py"]).status == 0)
    #expect(try repository.attempt(["commit", "-m", "a alone", "a.py"]).status != 0)
    try repository.git("reset", "--quiet")
    #expect(try repository.attempt(["commit", "-m", "all", "-a"]).status != 0)
  }

  @Test func theFirstCommitIsReviewedToo() throws {
    let repository = try TestRepository()
    #expect(try Arborist.run("init", in: repository.path).status == 0)
    try Files.write(Self.secret.utf8, to: repository.path + "/a.py")
    try repository.git("add", "a.py")
    #expect(try repository.attempt(["commit", "-m", "x"]).status != 0)
    try Files.write("a = 1\n".utf8, to: repository.path + "/a.py")
    try repository.git("add", "a.py")
    #expect(try repository.attempt(["commit", "-m", "x"]).status == 0)
  }

  @Test func whatLeavesIsReviewed() throws {
    let repository = try installed()
    let bare = try TestRepository(bare: true, named: "bare.git", in: repository.directory)
    #expect(try repository.attempt(["push", bare.path, "main"]).status == 0)
    try repository.commit("feature", parents: [repository.id("main")], .write("a.py", Self.secret))
    let refused = try repository.attempt(["push", bare.path, "feature"])
    #expect(refused.status != 0)
    #expect(try bare.attempt(["rev-parse", "--verify", "feature"]).status != 0)
    #expect(try repository.attempt(["push", "--no-verify", bare.path, "feature"]).status == 0)
    #expect(try repository.attempt(["push", bare.path, ":feature"]).status == 0, "a deletion has nothing to review")
  }

  @Test(arguments: ["pre-commit", "pre-push", "pre-receive"])
  func aHookWithNothingOnStandardInput(hook: String) throws {
    let repository = try TestRepository.withFinding()
    let result = try Arborist.run("hook", hook, in: repository.path)
    #expect(result.status == 0)
    #expect(result.errors == [] && result.output == [])
  }

  @Test(arguments: ["nonsense\n", "a b c\n", "\n\n", "refs/heads/x 1 refs/heads/y 2\n"])
  func prePushWithWordsThatGitNeverSays(input: String) throws {
    let repository = try TestRepository.withFinding()
    let result = try Arborist.run(["hook", "pre-push"], in: repository.path, input: Array(input.utf8))
    if input == "\n\n" { return #expect(result.status == 0) }
    expectFailure(result, 2, "is not what git tells a pre-push hook")
  }

  @Test func theMergeDriverSettlesAVersion() throws {
    let repository = try TestRepository.withConflict()
    #expect(try repository.attempt(["merge", "--no-edit", "main"]).status == 1, "the control: git alone conflicts")
    try repository.git("merge", "--abort")
    #expect(try Arborist.run("init", in: repository.path).status == 0)
    #expect(try repository.attempt(["merge", "--no-edit", "main"]).status == 0)
    #expect(try repository.git("show", "HEAD:package.json").contains("1.2.0"))
  }

  @Test func installingTwiceChangesNothingAndRemovingPutsBack() throws {
    let repository = try TestRepository.withFinding()
    try Files.write("#!/bin/sh\necho kept >&2\n".utf8, to: repository.path + "/.git/hooks/pre-commit", mode: 0o755)
    let before = try contents(of: repository.path)
    #expect(try Arborist.run("init", in: repository.path).status == 0)
    let once = try contents(of: repository.path)
    #expect(once != before)
    let again = try Arborist.run("init", in: repository.path)
    #expect(again.status == 0)
    #expect(again.text.hasPrefix("All is in place"))
    #expect(try contents(of: repository.path) == once)
    #expect(try repository.attempt(["commit", "--allow-empty", "-m", "x"]).errorText.contains("kept"))
    try repository.git("update-ref", "refs/heads/feature", repository.id("feature^").hex)
    #expect(try Arborist.run("init", "--remove", in: repository.path).status == 0)
    let nothing = try Arborist.run("init", "--remove", in: repository.path)
    #expect(nothing.status == 0)
    #expect(nothing.text.hasPrefix("Nothing of Arborist"))
    let hooks = repository.path + "/.git/hooks"
    #expect(String(decoding: try Files.read(hooks + "/pre-commit"), as: UTF8.self) == "#!/bin/sh\necho kept >&2\n")
    #expect(!Files.exists(hooks + "/pre-push") && !Files.exists(repository.path + "/.git/arborist"))
    #expect(try !String(decoding: Files.read(repository.path + "/.git/config"), as: UTF8.self).contains("arborist"))
  }
}
