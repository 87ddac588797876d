import Base
import TestSupport
import Testing
import Work

@testable import Git

@Suite("A commit lands in another repository whole, once, and only where it may")
struct LandingTests {
  let directory: TemporaryDirectory
  let destination: TestRepository
  let base: ObjectID
  let work: PrivateRepository
  let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))

  init() throws {
    directory = try TemporaryDirectory()
    destination = try TestRepository(bare: true, named: "there.git", in: directory)
    base = try destination.commit("main", changes: [.write("a/b/file", "one\n"), .write("other", "x\n")])
    try destination.git("branch", "feature", base.hex)
    work = try PrivateRepository.create(
      at: directory.path + "/private", borrowing: [destination.path + "/objects"])
  }

  private func branch(_ name: String) throws -> FeatureBranch {
    let rules = BranchRules(base: try RefName("refs/heads/main"), defaultBranch: nil, head: nil)
    return try FeatureBranch(Array("refs/heads/\(name)".utf8), under: rules)
  }

  private func makeCommit(_ content: String, parents: [ObjectID]) throws -> ObjectID {
    let blob = try work.writeBlob(Array(content.utf8))
    let path = try #require(RepositoryPath("a/b/file"))
    let tree = try work.writeTree(from: parents.first, [.put(path, mode: .regular, blob: blob)])
    return try work.writeCommit(
      tree: tree, parents: parents, author: signature, committer: signature, message: Array("A merge\n".utf8))
  }

  @Test("The branch moves, everything it needs is there, and git finds the repository whole")
  func lands() throws {
    let first = try makeCommit("two\n", parents: [base])
    let second = try makeCommit("three\n", parents: [first, base])
    #expect(try work.land(second, onto: branch("feature"), expecting: base, at: destination.path) == .landed)
    #expect(try destination.id("feature") == second)
    #expect(try destination.git("show", "feature:a/b/file") == "three")
    #expect(try destination.git("show", "feature~1:a/b/file") == "two")
    #expect(try destination.git("fsck", "--strict", "--no-dangling") == "")
    #expect(try destination.id("main") == base)
  }

  @Test("Landing the same twice changes nothing the second time")
  func landsOnce() throws {
    let commit = try makeCommit("two\n", parents: [base])
    #expect(try work.land(commit, onto: branch("feature"), expecting: base, at: destination.path) == .landed)
    #expect(try work.land(commit, onto: branch("feature"), expecting: base, at: destination.path) == .alreadyThere)
  }

  @Test("A new branch is made where none is expected, and not where one is there")
  func creates() throws {
    let commit = try makeCommit("two\n", parents: [base])
    #expect(try work.land(commit, onto: branch("arborist/x/y"), expecting: .zero, at: destination.path) == .landed)
    #expect(try destination.id("arborist/x/y") == commit)
    #expect(
      try work.land(commit, onto: branch("feature"), expecting: .zero, at: destination.path) == .raced(actual: base))
    #expect(try destination.id("feature") == base)
  }

  @Test("A person's push in between wins", arguments: [false, true])
  func raced(_ packed: Bool) throws {
    let commit = try makeCommit("two\n", parents: [base])
    let person = try destination.commit("feature", .write("person", "1\n"))
    if packed { try destination.git("pack-refs", "--all") }
    #expect(
      try work.land(commit, onto: branch("feature"), expecting: base, at: destination.path) == .raced(actual: person))
    #expect(try destination.id("feature") == person)
  }

  @Test("A branch that is gone is not made again")
  func deleted() throws {
    let commit = try makeCommit("two\n", parents: [base])
    try destination.git("update-ref", "-d", "refs/heads/feature")
    #expect(
      try work.land(commit, onto: branch("feature"), expecting: base, at: destination.path) == .raced(actual: .zero))
    #expect(try destination.attempt(["rev-parse", "--verify", "--quiet", "refs/heads/feature"]).status != 0)
  }

  private func refusal(_ body: () throws -> LandingOutcome) -> LandingError.Reason? {
    do {
      _ = try body()
      return nil
    } catch let error as LandingError {
      return error.reason
    } catch {
      return nil
    }
  }

  @Test("A commit that does not hold the old one is refused")
  func notFastForward() throws {
    let commit = try makeCommit("two\n", parents: [])
    let reason = refusal { try work.land(commit, onto: try branch("feature"), expecting: base, at: destination.path) }
    #expect(reason == .notFastForward)
    #expect(try destination.id("feature") == base)
  }

  @Test("A symbolic reference is refused, and what it names stays")
  func symbolic() throws {
    try destination.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    let commit = try makeCommit("two\n", parents: [base])
    let reason = refusal { try work.land(commit, onto: try branch("alias"), expecting: base, at: destination.path) }
    #expect(reason == .symbolic)
    #expect(try destination.id("main") == base)
  }

  @Test("A branch that HEAD names is refused")
  func head() throws {
    try destination.git("symbolic-ref", "HEAD", "refs/heads/feature")
    let commit = try makeCommit("two\n", parents: [base])
    let reason = refusal { try work.land(commit, onto: try branch("feature"), expecting: base, at: destination.path) }
    #expect(reason == .checkedOut(destination.path))
  }

  @Test("A branch that HEAD names as a symbolic link is refused, and is what HEAD stands for")
  func linkedHead() throws {
    Files.remove(destination.path + "/HEAD")
    try Command.run(["ln", "-s", "refs/heads/feature", "HEAD"], in: destination.path)
    #expect(try destination.git("symbolic-ref", "HEAD") == "refs/heads/feature", "git takes it so too")
    let commit = try makeCommit("two\n", parents: [base])
    let reason = refusal { try work.land(commit, onto: try branch("feature"), expecting: base, at: destination.path) }
    #expect(reason == .checkedOut(destination.path))
    let repository = try Repository.openBare(at: destination.path)
    let feature = try RefName("refs/heads/feature")
    #expect(try repository.head() == .branch(feature, base) && repository.placeOfWork(on: feature) != nil)
    // The control: the link goes elsewhere.
    Files.remove(destination.path + "/HEAD")
    try Command.run(["ln", "-s", "refs/heads/main", "HEAD"], in: destination.path)
    #expect(try work.land(commit, onto: branch("feature"), expecting: base, at: destination.path) == .landed)
  }

  @Test("A branch that is checked out in a work tree is refused; another one is not")
  func checkedOut() throws {
    try destination.git("worktree", "add", "--quiet", directory.path + "/tree", "feature")
    try destination.git("branch", "free", base.hex)
    let commit = try makeCommit("two\n", parents: [base])
    let reason = refusal { try work.land(commit, onto: try branch("feature"), expecting: base, at: destination.path) }
    #expect(reason == .checkedOut(destination.path + "/worktrees/tree"))
    #expect(try work.land(commit, onto: branch("free"), expecting: base, at: destination.path) == .landed)
    // The same repository, named by its work tree.
    let next = try makeCommit("three\n", parents: [commit])
    #expect(try work.land(next, onto: branch("free"), expecting: commit, at: directory.path + "/tree") == .landed)
    #expect(try destination.id("free") == next)
  }

  @Test("A name that another one is in the way of is refused", arguments: ["feature/sub", "dir"], [false, true])
  func blocked(_ name: String, packed: Bool) throws {
    try destination.git("branch", "dir/sub", base.hex)
    if packed { try destination.git("pack-refs", "--all") }
    let commit = try makeCommit("two\n", parents: [base])
    let reason = refusal { try work.land(commit, onto: try branch(name), expecting: .zero, at: destination.path) }
    let other = name == "dir" ? "refs/heads/dir/sub" : "refs/heads/feature"
    #expect(reason == .blocked(by: try RefName(other)))
  }

  @Test("A lock that is held is reported as such, and the next try succeeds")
  func locked() throws {
    let lock = destination.path + "/refs/heads/feature.lock"
    try Files.write([], to: lock)
    let commit = try makeCommit("two\n", parents: [base])
    let reason = refusal { try work.land(commit, onto: try branch("feature"), expecting: base, at: destination.path) }
    #expect(reason == .locked(lock))
    let path = try #require(reason.map { LandingError(ref: try branch("feature").ref, reason: $0) }?.description)
    #expect(path.hasSuffix("try again, and if no git runs there, remove '\(lock)'"))
    #expect(Files.exists(lock))
    Files.remove(lock)
    #expect(try work.land(commit, onto: branch("feature"), expecting: base, at: destination.path) == .landed)
  }

  @Test("Of many writers at once exactly one wins, and git's own writer is one of them")
  func race() async throws {
    let contenders = 8
    let paths = (0..<contenders).map { "\(directory.path)/private-\($0)" }
    let there = destination.path
    let (base, signature, branch) = (base, signature, try branch("feature"))
    var commits: [ObjectID] = []
    for (number, path) in paths.enumerated() {
      let work = try PrivateRepository.create(at: path, borrowing: [there + "/objects"])
      commits.append(
        try work.writeCommit(
          tree: work.tree(of: base), parents: [base], author: signature, committer: signature,
          message: Array("\(number)".utf8)))
    }
    let outcomes = try await withThrowingTaskGroup(of: (Int, LandingOutcome).self) { group in
      for (number, path) in paths.enumerated() {
        let commit = commits[number]
        group.addTask {
          let actor = try await RepositoryActor.open { () throws(GitError) in try PrivateRepository.reopen(at: path) }
          while true {
            do {
              let outcome = try await actor.perform { work throws(LandingError) in
                try work.land(commit, onto: branch, expecting: base, at: there)
              }
              return (number, outcome)
            } catch let error as LandingError {
              guard case .locked = error.reason else { throw error }
              await Task.yield()
            }
          }
        }
      }
      var outcomes: [(Int, LandingOutcome)] = []
      for try await outcome in group { outcomes.append(outcome) }
      return outcomes
    }
    let winners = outcomes.filter { $0.1 == .landed }.map(\.0)
    #expect(winners.count == 1)
    let tip = try destination.id("feature")
    #expect(winners.first.map { commits[$0] } == tip)
    for (number, outcome) in outcomes where number != winners.first { #expect(outcome == .raced(actual: tip)) }
    // git's own compare-and-swap on the value that everybody started from fails as well, and on the new one succeeds.
    #expect(try destination.attempt(["update-ref", "refs/heads/feature", base.hex, base.hex]).status != 0)
    try destination.git("update-ref", "refs/heads/feature", base.hex, tip.hex)
  }

  @Test("A shared repository stays usable for its group", arguments: ["group", "0640", "world"])
  func shared(_ setting: String) throws {
    try destination.git("config", "core.sharedRepository", setting)
    let commit = try makeCommit("two\n", parents: [base])
    #expect(try work.land(commit, onto: branch("new/branch"), expecting: .zero, at: destination.path) == .landed)
    func mode(_ path: String) throws -> String {
      try Command.run(["stat", "-c", "%a", destination.path + "/" + path], in: "/").text
    }
    let expected = ["group": ("664", "2775"), "0640": ("640", "2750"), "world": ("664", "2775")][setting]
    #expect(try mode("refs/heads/new/branch") == expected?.0)
    #expect(try mode("refs/heads/new") == expected?.1)
    #expect(try mode("objects/\(commit.hex.prefix(2))") == expected?.1)
  }

  @Test(
    "What a tightly masked worker leaves can be read by whoever could read the repository",
    arguments: [("755", "644", "755"), ("700", "600", "700"), ("775", "664", "775"), ("757", "644", "755")])
  func readable(_ objects: String, _ fileMode: String, _ directoryMode: String) throws {
    _ = try Command.run(["chmod", objects, destination.path + "/objects"], in: "/")
    let (file, directory) = (destination.path + "/some-file", destination.path + "/some-directory")
    _ = try Command.run(["install", "-m", "600", "/dev/null", file], in: "/")
    _ = try Command.run(["install", "-d", "-m", "700", directory], in: "/")
    let permissions = SharedPermissions("", like: destination.path + "/objects")
    permissions.apply(to: file)
    permissions.apply(to: directory)
    #expect(try Command.run(["stat", "-c", "%a", file, directory], in: "/").text == "\(fileMode)\n\(directoryMode)")
  }

  @Test("The destination's configuration does not move us elsewhere")
  func hostileConfiguration() throws {
    try destination.git("config", "core.worktree", "/tmp")
    try destination.git("config", "core.hooksPath", directory.path + "/hooks")
    try destination.git("config", "core.fsmonitor", "touch \(directory.path)/marker")
    let commit = try makeCommit("two\n", parents: [base])
    #expect(try work.land(commit, onto: branch("feature"), expecting: base, at: destination.path) == .landed)
    #expect(!Files.exists(directory.path + "/marker"))
  }

  @Test("Notes land in their own reference and git reads them")
  func notes() throws {
    let first = try #require(try work.append(["{\"v\":0}"], toNoteOf: base, in: nil, by: signature))
    #expect(try work.land(first, onto: .discuss, expecting: .zero, at: destination.path) == .landed)
    #expect(try destination.git("notes", "--ref=devtools/discuss", "show", base.hex) == "{\"v\":0}")
    let second = try #require(
      try work.append(["{\"v\":0}", "{\"v\":0,\"x\":1}"], toNoteOf: base, in: first, by: signature))
    #expect(try work.land(second, onto: .discuss, expecting: first, at: destination.path) == .landed)
    #expect(try destination.git("notes", "--ref=devtools/discuss", "show", base.hex) == "{\"v\":0}\n{\"v\":0,\"x\":1}")
    #expect(try work.append(["{\"v\":0}"], toNoteOf: base, in: second, by: signature) == second)
    #expect(try work.land(first, onto: .reviews, expecting: second, at: destination.path) == .raced(actual: .zero))
  }
}
