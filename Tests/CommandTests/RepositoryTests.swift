import Base
import TestSupport
import Testing

/// Repositories that are not as one would wish.
@Suite struct RepositoryTests {
  static let readers = [["review"], ["resolve"], ["resolve", "--dry-run"]]

  @Test(arguments: [
    ["review"], ["resolve"], ["init"], ["init", "--remove"], ["hook", "pre-commit"], ["worker"], ["runs"],
    ["log", "x"],
  ])
  func aDirectoryThatIsNoRepository(words: [String]) throws {
    let directory = try TemporaryDirectory()
    expectFailure(try Arborist.run(words, in: directory.path), 2, "cannot open a repository at '.'")
    guard words[0] != "hook" else { return }
    let missing = ["--repo", "no\u{1B}[31m\nwhere"]
    expectFailure(try Arborist.run(words + missing, in: directory.path), 2, "'no\\u{1B}[31m\\nwhere'")
    #expect(try contents(of: directory.path) == ".")
  }

  @Test(arguments: readers)
  func anEmptyRepository(words: [String]) throws {
    let repository = try TestRepository()
    let before = try contents(of: repository.path)
    expectFailure(try Arborist.run(words, in: repository.path), 2, "there is no base")
    expectFailure(try Arborist.run(words + ["--base", "main"], in: repository.path), 2, "")
    #expect(try contents(of: repository.path) == before)
  }

  @Test(arguments: readers)
  func anUnbornBranch(words: [String]) throws {
    let repository = try TestRepository.withConflict()
    try repository.git("checkout", "--quiet", "--orphan", "unborn")
    let before = try contents(of: repository.path)
    let result = try Arborist.run(words, in: repository.path)
    #expect(result.errorText.contains("commit"))
    expectFailure(result, 2, "")
    #expect(try contents(of: repository.path) == before)
    try repository.checkOut("feature")
    #expect(try Arborist.run(words, in: repository.path).errors == [], "the control")
  }

  @Test(arguments: [
    (["review", "--base", "nope"], "'nope'"), (["review", "--head", "nope"], "'nope'"),
    (["review", "--base", "refs/heads/nope"], "nope"), (["review", "--head", "main..feature"], "main..feature"),
    (["review", "--head", "HEAD:a.js"], "HEAD:a.js"),
    (["review", "--head", String(repeating: "0", count: 40)], "0000"),
    (["review", "--base", String(repeating: "e", count: 40)], "eeee"), (["resolve", "--base", "nope"], "'nope'"),
    (["resolve", "--branch", "nope"], "'nope'"), (["resolve", "--branch", "a..b"], "a..b"),
    (["resolve", "--branch", ""], ""), (["review", "--base", ""], ""), (["review", "--head", ""], ""),
    (["resolve", "--branch", "refs/tags/v1"], "refs/tags/v1"), (["resolve", "--push", "nope"], "'nope'"),
    (["review", "--head", "x\u{1B}[31m\n"], "x\\u{1B}[31m\\n"),
    (["resolve", "--branch", "x\u{1B}[31m\n"], "x\\u{1B}[31m"),
  ])
  func aNameThatIsNotThere(words: [String], part: String) throws {
    let repository = try TestRepository.withFinding()
    let before = try contents(of: repository.path)
    expectFailure(try Arborist.run(words, in: repository.path), 2, part)
    #expect(try contents(of: repository.path) == before)
  }

  @Test func aDetachedHead() throws {
    let repository = try TestRepository.withConflict()
    try repository.git("checkout", "--quiet", "--detach")
    let before = try contents(of: repository.path)
    #expect(try Arborist.run("review", in: repository.path).status == 0)
    for words in [["resolve"], ["resolve", "--dry-run"]] {
      expectFailure(try Arborist.run(words, in: repository.path), 2, "HEAD is detached; name the branch with --branch")
    }
    #expect(try contents(of: repository.path) == before)
    #expect(try Arborist.run("resolve", "--branch", "feature", in: repository.path).status == 1, "the control")
    #expect(try repository.references().contains("refs/heads/arborist/resolve/feature-"), "the control")
  }

  @Test(arguments: readers)
  func noCommonAncestor(words: [String]) throws {
    let repository = try TestRepository.withConflict()
    try repository.rootCommit("feature", .write("other", "x\n"))
    try repository.checkOut("feature")
    let before = try contents(of: repository.path)
    let result = try Arborist.run(words, in: repository.path)
    expectFailure(result, 2, "no common ancestor")
    #expect(!result.errorText.contains("shallow"))
    #expect(try contents(of: repository.path) == before)
  }

  // MARK: - Shallow clones

  /// A clone of a history of six commits, with two more on `feature` and one on `main`.
  private func shallowClone(depth: Int) throws -> TestRepository {
    let origin = try TestRepository(named: "origin")
    for number in 1...6 { try origin.commit("main", time: 1000 + number, .write("text", "\(number)\n")) }
    try origin.commit("feature", parents: [origin.id("main")], time: 1010, .write("b.js", "let b;\n"))
    try origin.commit("feature", time: 1011, .write("text", "ours\n"), .write("b.js", "let b;\ndebugger;\n"))
    try origin.commit("main", time: 1012, .write("text", "theirs\n"))
    let path = origin.directory.path + "/clone"
    try origin.git("clone", "--quiet", "--depth", "\(depth)", "--no-single-branch", "file://\(origin.path)", path)
    let clone = TestRepository(existing: path, bare: false, in: origin.directory)
    try clone.git("checkout", "--quiet", "feature")
    return clone
  }

  @Test(arguments: [3, 4])
  func aShallowCloneWithTheCommonAncestor(depth: Int) throws {
    let clone = try shallowClone(depth: depth)
    try #require(clone.git("rev-parse", "--is-shallow-repository") == "true")
    let before = try contents(of: clone.path)
    let review = try Arborist.run("review", in: clone.path)
    #expect(review.status == 1, "\(review.errorText)")
    #expect(review.text.contains("b.js:2"))
    #expect(review.text.contains("2 changed files"))
    let resolve = try Arborist.run("resolve", "--dry-run", in: clone.path)
    #expect(resolve.status == 1, "\(resolve.errorText)")
    #expect(resolve.text.contains("text"))
    #expect(try contents(of: clone.path) == before)
  }

  @Test func aMergeInAShallowCloneIsWritten() throws {
    let clone = try shallowClone(depth: 3)
    try clone.commit("feature", time: 1013, .write("text", "6\n"), .write("package.json", "1.1.0\n"))
    try clone.checkOut("feature")
    try clone.git("update-ref", "refs/remotes/origin/main", clone.id("feature~1~1~1").hex)
    let resolve = try Arborist.run("resolve", in: clone.path)
    #expect(resolve.status == 0, "\(resolve.errorText)")
    #expect(try clone.git("rev-parse", "--is-shallow-repository") == "true")
  }

  @Test(arguments: readers)
  func aShallowCloneWithoutTheCommonAncestor(words: [String]) throws {
    let clone = try shallowClone(depth: 1)
    let before = try contents(of: clone.path)
    expectFailure(try Arborist.run(words, in: clone.path), 2, "git fetch --unshallow")
    #expect(try contents(of: clone.path) == before)
    try clone.git("fetch", "--quiet", "--unshallow")
    #expect(try Arborist.run(words, in: clone.path).status == 1, "the control")
  }

  // MARK: - Damage

  enum Damage: String, CaseIterable, Sendable { case junk, truncated, emptied, missing, flipped }

  /// Damages the loose object of this name.
  private func damage(_ damage: Damage, _ revision: String, in repository: TestRepository) throws {
    let name = try repository.git("rev-parse", "--verify", revision)
    let path = repository.gitDirectory + "/objects/\(name.prefix(2))/\(name.dropFirst(2))"
    var bytes = try Files.read(path)
    Files.remove(path)
    switch damage {
    case .missing: return
    case .junk: bytes = Array("this is no object\n".utf8)
    case .truncated: bytes = Array(bytes.prefix(bytes.count / 2))
    case .emptied: bytes = []
    case .flipped: bytes[bytes.count / 2] ^= 0xff
    }
    try Files.write(bytes, to: path)
  }

  /// A repository whose objects are all loose, with a conflict in a file that only `feature` has the tip of.
  private func loose() throws -> TestRepository {
    let packed = try TestRepository.withConflict(isHard: true)
    let pack = try Command.run(
      ["sh", "-c", "mv .git/objects/pack/*.pack . && git unpack-objects -q < *.pack"], in: packed.path)
    if pack.status != 0 { try #require(packed.git("count-objects").hasPrefix("0 ") == false) }
    return packed
  }

  @Test(arguments: Damage.allCases, ["feature", "feature^{tree}", "feature:text", "main", "main^{tree}"])
  func aDamagedLooseObject(kind: Damage, revision: String) throws {
    let repository = try loose()
    #expect(try Arborist.run("resolve", in: repository.path).status == 1, "the control")
    try damage(kind, revision, in: repository)
    let before = try contents(of: repository.path)
    for words in Self.readers {
      let result = try Arborist.run(words, in: repository.path)
      // A review of 'feature' need not read everything of 'main'.
      if words == ["review"], revision.hasPrefix("main"), result.status == 0 { continue }
      expectFailure(result, 4, "cannot ")
    }
    #expect(try contents(of: repository.path) == before)
    #expect(try Arborist.run("init", in: repository.path).status == 0, "what needs no object works")
  }

  @Test func aDamagedPack() throws {
    let repository = try TestRepository.withConflict(isHard: true)
    try repository.git("repack", "-a", "-d", "-q")
    #expect(try Arborist.run("resolve", in: repository.path).status == 1, "the control")
    let pack = try #require(
      try Command.run(["sh", "-c", "ls .git/objects/pack/*.pack"], in: repository.path).lines.first)
    var bytes = try Files.read(repository.path + "/" + pack)
    for index in 14..<(bytes.count - 20) { bytes[index] ^= 0x55 }
    Files.remove(repository.path + "/" + pack)
    try Files.write(bytes, to: repository.path + "/" + pack)
    let before = try contents(of: repository.path)
    for words in Self.readers { expectFailure(try Arborist.run(words, in: repository.path), 4, "cannot ") }
    #expect(try contents(of: repository.path) == before)
  }

  @Test func damageIsNotTakenForAConflictByTheHooks() throws {
    let repository = try loose()
    try damage(.junk, "feature^{tree}", in: repository)
    expectFailure(try Arborist.run("hook", "pre-commit", in: repository.path), 4, "cannot ")
  }

  // MARK: - Unusual places

  @Test(arguments: ["a b", "it's \"quoted\"", "two\nlines", "é$x`y`", "esc\u{1B}[31m"])
  func aRepositoryAnywhere(name: String) throws {
    let repository = try TestRepository.withFinding(named: name)
    for place in [["--repo", repository.path], ["--repo", repository.path + "/.git"]] {
      let result = try Arborist.run(["review"] + place, in: "/")
      #expect(result.status == 1, "\(result.errorText)")
      #expect(!result.output.contains(0x1b))
    }
    let resolve = try Arborist.run(["resolve", "--dry-run", "--repo", repository.path])
    #expect(!resolve.output.contains(0x1b) && !resolve.errors.contains(0x1b))
    // Objects cannot be borrowed from a path with a line end in it.
    if name.contains("\n") { return expectFailure(resolve, 2, "is not an absolute path that git can note down") }
    #expect(resolve.status == 0, "\(resolve.errorText)")
  }

  @Test func aLinkedWorkTree() throws {
    let repository = try TestRepository.withFinding()
    let linked = repository.directory.path + "/linked"
    try repository.git("checkout", "--quiet", "main")
    try repository.git("worktree", "add", "--quiet", linked, "feature")
    #expect(try Arborist.run("review", in: linked).status == 1)
    #expect(try Arborist.run("review", in: repository.path).text.contains("The change is empty."))
    #expect(try Arborist.run("resolve", "--dry-run", in: linked).status == 0)
    Files.makeDirectory(linked + "/deep/er")
    #expect(try Arborist.run("review", in: linked + "/deep/er").status == 1)
  }

  @Test(arguments: readers)
  func aRepositoryOfSHA256(words: [String]) throws {
    let directory = try TemporaryDirectory()
    try Command.run(["git", "init", "-q", "-b", "main", "--object-format=sha256", "repo"], in: directory.path)
    let repository = TestRepository(existing: directory.path + "/repo", bare: false, in: directory)
    try repository.git("commit", "--quiet", "--allow-empty", "-m", "x")
    let before = try contents(of: repository.path)
    expectFailure(try Arborist.run(words, in: repository.path), 4, "")
    #expect(try contents(of: repository.path) == before)
  }

  @Test(.enabled(if: Nobody.isPossible, "needs the right to become another user"))
  func aRepositoryOfAnotherUser() throws {
    let repository = try TestRepository.withFinding()
    try Command.run(["chmod", "-R", "a+rX", repository.directory.path], in: "/")
    let before = try contents(of: repository.path)
    #expect(try Nobody.run(["review"], in: repository.path).status == 1)
    expectFailure(try Nobody.run(["resolve", "--branch", "main"], in: repository.path), 3, "main")
    #expect(try Nobody.run(["init"], in: repository.path).status == 4)
    #expect(try contents(of: repository.path) == before)
    try Command.run(["chown", "-R", "65534:65534", repository.path], in: "/")
    #expect(try Nobody.run(["init"], in: repository.path).status == 0, "the control")
  }
}
