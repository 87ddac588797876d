import Base
import Git
import Resolve
import TestSupport
import Testing
import Work

@Suite("Two commits are merged as a whole or not at all")
struct BranchMergeTests {
  let repository: TestRepository
  let work: PrivateRepository

  init() throws {
    repository = try TestRepository(bare: true)
    work = try PrivateRepository.create(
      at: repository.directory.path + "/work", borrowing: [repository.path + "/objects"])
  }

  typealias Change = TestRepository.Change

  /// A file with a version, and enough around it that git sees a rename.
  private static func file(_ version: String, _ rest: String = "", end: String = "\n") -> String {
    (["version = \"\(version)\""] + (1...12).map { "line_\($0) = \($0)" } + (rest.isEmpty ? [] : [rest]))
      .joined(separator: end) + end
  }

  private func merge(
    base: [Change], ours: [Change], theirs: [Change], time: Int = 1_700_000_000
  ) throws -> (outcome: ResolveOutcome, ours: ObjectID, theirs: ObjectID) {
    let root = try repository.commit("main", parents: [], changes: base)
    let oursID = try repository.commit("topic", parents: [root], changes: ours)
    let theirsID = try repository.commit("main", parents: [root], time: time, changes: theirs)
    return (try run(oursID, theirsID), oursID, theirsID)
  }

  private func run(_ ours: ObjectID, _ theirs: ObjectID) throws -> ResolveOutcome {
    try BranchMerge(
      branch: RefName("refs/heads/topic"), base: "main", ours: ours, theirs: theirs,
      identity: BotIdentity(name: "Bot", email: "bot@example.com")
    ).run(in: work)
  }

  private func content(_ path: String, in commit: ObjectID) throws -> String? {
    guard let entry = try work.entry(at: #require(RepositoryPath(path)), in: commit) else { return nil }
    return String(decoding: try work.content(of: entry.id, limit: 1 << 20), as: UTF8.self)
  }

  // MARK: Merged

  @Test("What git merges and what a resolver settles are in one commit; everything else stays")
  func merged() throws {
    let (outcome, ours, theirs) = try merge(
      base: [.write("a.py", Self.file("1.0")), .write("b", "1\n"), .write("c", "1\n"), .write("run", "x\n")],
      ours: [.write("a.py", Self.file("1.1")), .write("b", "ours\n"), .write("run", "x\n", mode: "100755")],
      theirs: [.write("a.py", Self.file("1.2")), .write("c", "theirs\n"), .write("d", "new\n")], time: 1_700_000_100)
    #expect(outcome.verdict == .resolved)
    let commit = try #require(outcome.commit)
    let made = try work.commit(commit)
    #expect(made.parents == [ours, theirs])
    #expect(made.author == made.committer)
    #expect(made.author == Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100)))
    let files = try ["a.py", "b", "c", "d", "run"].map { try content($0, in: commit) }
    #expect(files == [Self.file("1.2"), "ours\n", "theirs\n", "new\n", "x\n"])
    #expect(try work.entry(at: #require(RepositoryPath("run")), in: commit)?.mode == .executable)
    // No reference moved.
    #expect(try repository.id("topic") == ours && repository.id("main") == theirs)
  }

  @Test("The message names the lines that were left out, and says nothing where none were")
  func messageOfDrops() throws {
    func message(_ path: String, _ base: String, _ ours: String, _ theirs: String) throws -> String {
      let outcome = try merge(base: [.write(path, base)], ours: [.write(path, ours)], theirs: [.write(path, theirs)])
        .outcome
      return String(decoding: try work.commit(#require(outcome.commit)).message, as: UTF8.self)
    }
    let file = Self.file
    let versions = try message("a.py", file("1.0", "", "\n"), file("1.1", "", "\n"), file("1.2", "", "\n"))
    #expect(versions.contains("\n  without 1 line that a side added:\n  - of ours: version = \"1.1\", because "))
    let imports = try message("b.py", "import a\n", "import a\nimport b\n", "import a\nimport c\n")
    #expect(imports.contains("line ") && !imports.contains("without"), "the control")
  }

  @Test("The same merge is the same commit, dated as its newest parent; with another parent it is another")
  func deterministic() throws {
    let (outcome, ours, theirs) = try merge(
      base: [.write("a.py", Self.file("1.0"))], ours: [.write("a.py", Self.file("1.1"))],
      theirs: [.write("a.py", Self.file("1.2"))], time: 1_700_000_100)
    let other = try PrivateRepository.create(
      at: repository.directory.path + "/other", borrowing: [repository.path + "/objects"])
    let again = try BranchMerge(
      branch: RefName("refs/heads/topic"), base: "main", ours: ours, theirs: theirs,
      identity: BotIdentity(name: "Bot", email: "bot@example.com")
    ).run(in: other)
    #expect(outcome.commit != nil && again == outcome)
    #expect(try work.commit(#require(outcome.commit)).committer.time == Timestamp(seconds: 1_700_000_100))
    let later = try repository.commit(
      "topic", parents: [work.commit(ours).parents[0]], time: 1_700_000_200, .write("a.py", Self.file("1.1")))
    let second = try #require(try run(later, theirs).commit)
    #expect(second != outcome.commit)
    #expect(try work.commit(second).committer.time == Timestamp(seconds: 1_700_000_200))
  }

  @Test("Nothing in conflict, and nothing to merge, commits nothing")
  func nothingToDo() throws {
    let (clean, ours, theirs) = try merge(
      base: [.write("a", "1\n"), .write("b", "1\n")], ours: [.write("a", "2\n")], theirs: [.write("b", "2\n")])
    #expect(clean.verdict == .clean && clean.commit == nil && clean.files.isEmpty)
    let ahead = try repository.commit("topic", parents: [ours, theirs], .write("b", "2\n"))
    #expect(try run(ahead, theirs).verdict == .upToDate)
    #expect(try run(ours, ours).verdict == .upToDate)
    #expect(try run(theirs, ahead).verdict == .clean)
  }

  @Test("Two histories without a common ancestor are an error of its own")
  func unrelated() throws {
    let one = try repository.commit("main", parents: [], .write("a", "1\n"))
    let two = try repository.commit("topic", parents: [], .write("a", "2\n"))
    #expect { try run(two, one) } throws: { ($0 as? GitError)?.code == .noCommonAncestor }
  }

  @Test("A file that one side renamed is merged under its new name", arguments: [true, false])
  func renamed(_ oursRenames: Bool) throws {
    let rename: [Change] = [.remove("old.py"), .write("new.py", Self.file("1.1"))]
    let edit: [Change] = [.write("old.py", Self.file("1.2"))]
    let (outcome, _, _) = try merge(
      base: [.write("old.py", Self.file("1.0"))], ours: oursRenames ? rename : edit,
      theirs: oursRenames ? edit : rename)
    let commit = try #require(outcome.commit, "\(outcome)")
    #expect(try content("new.py", in: commit) == Self.file("1.2"))
    #expect(try content("old.py", in: commit) == nil)
    #expect(outcome.files.map(\.path.display) == ["new.py"])
  }

  @Test("Carriage returns stay")
  func carriageReturns() throws {
    let (outcome, _, _) = try merge(
      base: [.write("a.py", Self.file("1.0", end: "\r\n"))], ours: [.write("a.py", Self.file("1.1", end: "\r\n"))],
      theirs: [.write("a.py", Self.file("1.2", end: "\r\n"))])
    #expect(try content("a.py", in: #require(outcome.commit)) == Self.file("1.2", end: "\r\n"))
  }

  @Test("Outside of the resolved place the file is what git would make of it")
  func likeGit() throws {
    let base = Self.file("1.0", "tail = 1")
    let ours = base.replacing("1.0", with: "1.1").replacing("line_6 = 6", with: "line_6 = 66")
    let theirs = base.replacing("1.0", with: "1.2").replacing("tail = 1", with: "tail = 2")
    let (outcome, _, _) = try merge(
      base: [.write("a.py", base)], ours: [.write("a.py", ours)], theirs: [.write("a.py", theirs)])
    let directory = repository.directory.path
    for (name, text) in [("o", ours), ("b", base), ("t", theirs)] {
      try Files.write(text.utf8, to: "\(directory)/\(name)")
    }
    // git's own merge, with their side of the conflicting line, which is the higher version.
    let judge = try Command.run(["git", "merge-file", "-p", "--theirs", "o", "b", "t"], in: directory)
    #expect(try content("a.py", in: #require(outcome.commit)).map { Array($0.utf8) } == judge.output)
  }

  // MARK: Left

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kind: ConflictedFile.Kind
    var reason: String
    var path = "a"
    var base: [Change]
    var ours: [Change]
    var theirs: [Change]
  }

  private static let commits = (1...3).map { Array(String(repeating: "\($0)", count: 40).utf8) }
  private static func module(_ number: Int) -> Change { .bytes(Array("a".utf8), commits[number - 1], mode: "160000") }
  private static func link(_ target: String) -> Change { .write("a", target, mode: "120000") }
  private static let large = String(repeating: "0123456789abcde\n", count: 1 << 18)

  static let cases: [Case] = [
    Case(
      testDescription: "changed here, deleted there", kind: .modifyDelete,
      reason: "the branch changed the file and the base deleted it", base: [.write("a", "1\n")],
      ours: [.write("a", "2\n")], theirs: [.remove("a")]),
    Case(
      testDescription: "deleted here, changed there", kind: .modifyDelete,
      reason: "the branch deleted the file and the base changed it", base: [.write("a", "1\n")],
      ours: [.remove("a")], theirs: [.write("a", "2\n")]),
    Case(
      testDescription: "added twice", kind: .addAdd, reason: "both sides added a file of this name",
      base: [.write("z", "1\n")], ours: [.write("a", "1\n")], theirs: [.write("a", "2\n")]),
    Case(
      testDescription: "renamed twice", kind: .renameRename,
      reason: "the two sides renamed files to different names or to the same one: 'a', 'b', 'old'",
      base: [.write("old", file("1"))], ours: [.remove("old"), .write("a", file("1"))],
      theirs: [.remove("old"), .write("b", file("1"))]),
    Case(
      testDescription: "renamed and deleted", kind: .renameDelete,
      reason: "the branch renamed the file and the base deleted it", base: [.write("old", file("1"))],
      ours: [.remove("old"), .write("a", file("1"))], theirs: [.remove("old")]),
    Case(
      testDescription: "a file against a directory", kind: .directoryFile,
      reason: "one side has a file where the other has a directory", base: [.write("z", "1\n")],
      ours: [.write("a", "1\n")], theirs: [.write("a/b", "1\n")]),
    Case(
      testDescription: "a submodule", kind: .submodule, reason: "the two sides mean different commits of the submodule",
      base: [module(1)], ours: [module(2)], theirs: [module(3)]),
    Case(
      testDescription: "a symbolic link", kind: .mode,
      reason: "both sides changed where the symbolic link points; choose one", base: [link("x")], ours: [link("y")],
      theirs: [link("z")]),
    Case(
      testDescription: "a file that became a link", kind: .mode,
      reason: "both sides changed what kind of file it is, or one its kind and the other its content",
      base: [.write("a", "1\n")], ours: [.write("a", "2\n")], theirs: [link("x")]),
    Case(
      testDescription: "a lock file", kind: .generated,
      reason: "a lock file is never merged as text; make it anew with 'cargo check'; no tool was run, "
        + "which takes a cell", path: "Cargo.lock",
      base: [.write("Cargo.lock", file("1"))], ours: [.write("Cargo.lock", file("2"))],
      theirs: [.write("Cargo.lock", file("3"))]),
    Case(
      testDescription: "a binary file", kind: .binary, reason: "git takes the file for binary; choose a side",
      base: [.write("a", "1\0")], ours: [.write("a", "2\0")], theirs: [.write("a", "3\0")]),
    Case(
      testDescription: "a large file", kind: .tooLarge,
      reason: "a side has more than 4 MiB; merge it with a tool of its own", base: [.write("a", "1\n")],
      ours: [.write("a", large + "2\n")], theirs: [.write("a", "3\n")]),
  ]

  @Test("A conflict that is not one of lines is left whole, with its kind and its reason", arguments: cases)
  func left(_ test: Case) throws {
    // Beside it, a conflict that could be resolved: it must not be committed alone.
    let version = { (text: String) in Change.write("v.py", Self.file(text)) }
    let (outcome, _, _) = try merge(
      base: test.base + [version("1.0")], ours: test.ours + [version("1.1")], theirs: test.theirs + [version("1.2")])
    #expect(outcome.verdict == .conflicts && outcome.commit == nil)
    let file = try #require(outcome.files.first { $0.kind == test.kind }, "\(outcome.files)")
    #expect(file.left.map(\.reason) == [test.reason])
    #expect(file.left.map(\.startLine) == [0] && file.resolved.isEmpty && file.conflicts == 1)
    #expect(file.path.display == test.path || test.kind == .renameRename || test.kind == .directoryFile)
    let control = try #require(outcome.files.first { $0.path.display == "v.py" })
    #expect(control.left.isEmpty && control.resolved.count == 1)
  }

  // MARK: Moved files

  /// What one side put in the place of lines, and what the other edited in them.
  struct Moved: Sendable, CustomTestStringConvertible {
    var resolver: String
    var lines: String
    var rewritten: String
    var edited: String
    var testDescription: String { resolver }
  }

  static let moved = [
    Moved(
      resolver: "edit-in-rewritten", lines: "    first(alpha, beta, gamma, delta)\n    second(alpha, beta, gamma)\n",
      rewritten: "    run_all(everything)\n",
      edited: "    first(alpha, beta, gamma)\n    second(alpha, beta, gamma)\n"),
    Moved(
      resolver: "edit-in-replaced",
      lines: "one = first(alpha, beta)\ntwo = second(gamma)\nthree = third(delta)\n",
      rewritten: "run(everything)\n", edited: "one = first(alpha, beta)\nthree = third(delta, 2)\n"),
    Moved(
      resolver: "edit-in-deleted",
      lines: "first(alpha, beta)\nsecond(gamma, epsilon)\nthird(delta, eta, theta)\nfourth(iota, kappa)\n",
      rewritten: "",
      edited: "first(alpha, beta)\nsecond(gamma, epsilon)\nthird(delta, eta, 2)\nfourth(iota, kappa)\n"),
    Moved(
      resolver: "edit-in-deleted-lines", lines: "def sum(a, b):\n    check(a, b)\n    return a + b\n", rewritten: "",
      edited: "def sum(a, b, c):\n    check(a, c)\n    return a + c\n"),
  ]

  @Test("No edit is left out in a file that one side moved and rewrote", arguments: moved, [false, true])
  func movedAndRewritten(_ test: Moved, _ swapped: Bool) throws {
    func file(_ lines: String) -> String { Self.file("1.0") + lines + Self.file("2.0", "the_end = 1") }
    func merge(to path: String) throws -> ResolveOutcome {
      let rewrite: [Change] = [.remove("a.py"), .write(path, file(test.rewritten))]
      let edit: [Change] = [.write("a.py", file(test.edited))]
      return try self.merge(
        base: [.write("a.py", file(test.lines))], ours: swapped ? edit : rewrite, theirs: swapped ? rewrite : edit
      ).outcome
    }
    // In the file's own place the lines are gone for good.
    let here = try merge(to: "a.py")
    #expect(here.verdict == .resolved && here.files.flatMap(\.resolved).map(\.by).contains(test.resolver), "\(here)")
    let there = try merge(to: "lib/b.py")
    #expect(there.verdict == .conflicts && there.commit == nil)
    let left = there.files.flatMap(\.left)
    #expect(left.map(\.reason).allSatisfy { $0.hasSuffix("an edit in a file that one side moved to another path") })
    #expect(left.count == 1 && there.files.map(\.path.display) == ["lib/b.py"])
  }

  @Test("A small edit that goes with the lines that the other side deleted is told of first", arguments: [false, true])
  func editInDeleted(_ isSwapped: Bool) throws {
    func file(_ alias: String?, end: String = "MIT") -> String {
      let extra = alias.map {
        "    \"extra\": {\n        \"branch-alias\": {\n            \"dev-master\": \"\($0)\"\n        }\n    },\n"
      }
      return "{\n    \"name\": \"a/b\",\n    \"type\": \"library\",\n\(extra ?? "")    \"license\": \"\(end)\"\n}\n"
    }
    func merge(_ edit: String, _ deletion: String) throws -> ResolveOutcome {
      let changes = [edit, deletion].map { [Change.write("composer.json", $0)] }
      return try self.merge(
        base: [.write("composer.json", file("2.0.x-dev"))], ours: changes[isSwapped ? 1 : 0],
        theirs: changes[isSwapped ? 0 : 1]
      ).outcome
    }
    let made = try merge(file("2.x-dev"), file(nil))
    #expect(made.verdict == .resolved && made.files.flatMap(\.resolved).map(\.by) == ["edit-in-deleted"], "\(made)")
    // Whatever the policy says of merges that no test has confirmed.
    #expect(made.reach == .beside)
    let concern = try #require(made.concerns?.first)
    #expect(concern.hasPrefix("composer.json, line 4: an edit of \(isSwapped ? "theirs" : "ours") is left out: "))
    #expect(concern.contains("\"dev-master\": \"2.x-dev\", because ") && made.concerns?.count == 1)
    let message = String(decoding: try work.commit(#require(made.commit)).message, as: UTF8.self)
    #expect(message.contains("- " + concern))
    let report = ResolveReport(made, branch: try RefName("refs/heads/topic"), base: "main").text
    #expect(report.contains("\n\nTo be looked at before it is taken over:\n  \(concern)\n"))
    // The control: the higher of two versions leaves the other out, and nothing is gone.
    let version = try self.merge(
      base: [.write("a.py", Self.file("1.0"))], ours: [.write("a.py", Self.file("1.1"))],
      theirs: [.write("a.py", Self.file("1.2"))]
    ).outcome
    #expect(version.verdict == .resolved && version.concerns == nil && version.reach == nil)
  }

  @Test("What both sides did to a file that one of them moved is kept where that is certain")
  func movedAndMerged() throws {
    let (outcome, _, _) = try merge(
      base: [.write("a.py", Self.file("1.0"))], ours: [.remove("a.py"), .write("lib/b.py", Self.file("1.1"))],
      theirs: [.write("a.py", Self.file("1.2", "last = 1"))])
    #expect(outcome.verdict == .resolved)
    #expect(try content("lib/b.py", in: #require(outcome.commit)) == Self.file("1.2", "last = 1"))
  }

  @Test("A mode that only one side changed is kept with the merged lines")
  func mode() throws {
    let (outcome, _, _) = try merge(
      base: [.write("a.py", Self.file("1.0"))], ours: [.write("a.py", Self.file("1.1"))],
      theirs: [.write("a.py", Self.file("1.2"), mode: "100755")])
    let commit = try #require(outcome.commit)
    #expect(try work.entry(at: #require(RepositoryPath("a.py")), in: commit)?.mode == .executable)
  }

  @Test("A file just under 4 MiB is merged")
  func atTheLimit() throws {
    let rest = String(Self.large.dropLast(32))
    func file(_ version: String) -> String { "version = \"\(version)\"\n" + rest }
    let (outcome, _, _) = try merge(
      base: [.write("a.py", file("1.0"))], ours: [.write("a.py", file("1.1"))], theirs: [.write("a.py", file("1.2"))])
    #expect(outcome.verdict == .resolved)
  }

  @Test("Names that are no text are merged as the bytes they are")
  func hostileNames() throws {
    let name: [UInt8] = [0xff, 0x0a, 0x1b] + Array(".py".utf8)
    func write(_ version: String) -> Change { .bytes(name, Array(Self.file(version).utf8)) }
    let (outcome, _, _) = try merge(base: [write("1.0")], ours: [write("1.1")], theirs: [write("1.2")])
    let commit = try #require(outcome.commit)
    #expect(try work.entry(at: #require(RepositoryPath(name)), in: commit) != nil)
    let message = try work.commit(commit).message
    #expect(message.allSatisfy { $0 == 0x0a || ($0 >= 0x20 && $0 < 0x7f) })
  }
}
