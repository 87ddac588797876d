import Base
import Git
import Resolve
import TestSupport
import Testing
import Work

/// A merge of two commits on one root.
struct TwoSides {
  typealias Change = TestRepository.Change
  let repository: TestRepository
  let work: PrivateRepository

  init() throws {
    repository = try TestRepository(bare: true)
    work = try PrivateRepository.create(
      at: repository.directory.path + "/work", borrowing: [repository.path + "/objects"])
  }

  func merge(base: [Change], ours: [Change], theirs: [Change]) throws -> ResolveOutcome {
    let root = try repository.commit("main", parents: [], changes: base)
    let oursID = try repository.commit("topic", parents: [root], changes: ours)
    let theirsID = try repository.commit("main", parents: [root], changes: theirs)
    return try BranchMerge(
      branch: RefName("refs/heads/topic"), base: "main", ours: oursID, theirs: theirsID,
      identity: BotIdentity(name: "Bot", email: "bot@example.com")
    ).run(in: work)
  }
}

@Suite("A file that one side deleted and the other changed")
struct DeletedFilesTests {
  let sides: TwoSides

  init() throws { sides = try TwoSides() }

  private static let old = "class Parser:\n    def read(self):\n        return 1\n"
  private static let new = "class Parser:\n    def read(self):\n        return 2\n"

  private func proposal(
    _ path: String = "src/parser.py", old: String = old, new: String = new, beside: [TestRepository.Change],
    oursDeletes: Bool = false
  ) throws -> DeletionProposal {
    let edit: [TestRepository.Change] = [.write(path, new)]
    let delete: [TestRepository.Change] = [.remove(path)]
    let outcome = try sides.merge(
      base: [.write(path, old)] + beside, ours: oursDeletes ? delete : edit, theirs: oursDeletes ? edit : delete)
    #expect(outcome.verdict == .conflicts && outcome.commit == nil, "it is never deleted unasked")
    #expect(outcome.files.map(\.kind) == [.modifyDelete])
    return try #require(outcome.files.first?.left.first?.proposal)
  }

  @Test("the deletion is proposed with the change that is lost", arguments: [true, false])
  func proposed(_ oursDeletes: Bool) throws {
    let proposal = try proposal(beside: [.write("main.py", "print(1)\n")], oursDeletes: oursDeletes)
    #expect(proposal.action == .delete && proposal.references.isEmpty && proposal.cosmetic == nil)
    #expect(proposal.lost == ["@@ 3", "-        return 1", "+        return 2"])
  }

  @Test(
    "it is kept open where something refers to it",
    arguments: [
      ("main.py", "x = 1\nfrom src.parser import read\n", 2), ("main.py", "from src import parser\n", 1),
      ("main.py", "    import src.parser as p\n", 1), ("main.py", "x = Parser()\n", 1),
      ("setup.cfg", "files = src/parser.py\n", 1), ("src/__init__.py", "from .parser import *\n", 1),
      ("tool.c", "#include \"parser.py\"\n", 1), ("web/a.js", "const p = require('../src/parser.py')\n", 1),
    ])
  func kept(_ path: String, _ content: String, _ line: Int) throws {
    let proposal = try proposal(beside: [.write(path, content)])
    #expect(proposal.action == .keep)
    #expect(proposal.references.map { "\($0.path.display):\($0.line)" } == ["\(path):\(line)"])
    #expect(proposal.reason.contains("\(path):\(line) still refers to it"))
    #expect(!proposal.lost.isEmpty)
  }

  @Test(
    "nothing else keeps it open",
    arguments: [
      ("main.py", "parsers = 1\n"), ("main.py", "import argparser\n"), ("main.py", "the_parser = 1\n"),
      ("CHANGELOG.md", "src/parser.py is gone, and so is Parser\n"), ("main.py", "x = ParserError()\n"),
      ("other.py", "class Parser:\n    pass\n"), ("main.py", "parser = argparse.make()\n"),
    ])
  func free(_ path: String, _ content: String) throws {
    #expect(try proposal(beside: [.write(path, content)]).action == .delete)
  }

  @Test("a change of looks alone is called one")
  func cosmetic() throws {
    let comment = try proposal(new: "# read\n" + Self.old, beside: [])
    #expect(comment.cosmetic == "comments" && comment.action == .delete)
    #expect(comment.reason.contains("comments alone"))
    let space = try proposal("a.c", old: "int a;\n", new: "int  a;\n", beside: [])
    #expect(space.cosmetic == "white space")
    #expect(try proposal(beside: []).cosmetic == nil, "the control")
  }

  @Test("a long change is listed in part, and its length is told")
  func long() throws {
    let new = (0..<500).map { "line \($0)\n" }.joined()
    let proposal = try proposal("a.txt", old: "one\n", new: new, beside: [])
    #expect(proposal.lost.count == 200 && proposal.lostMore == 302)
  }

  @Test("what refers to it counts as the merge leaves it")
  func mergedTree() throws {
    let user = "import src.parser\n"
    let outcome = try sides.merge(
      base: [.write("src/parser.py", Self.old), .write("main.py", user)], ours: [.write("src/parser.py", Self.new)],
      theirs: [.remove("src/parser.py"), .write("main.py", "pass\n")])
    #expect(outcome.files.first?.left.first?.proposal?.action == .delete)
  }

  @Test("two deleted files that refer to each other keep neither")
  func together() throws {
    let other = "import src.parser\n"
    let outcome = try sides.merge(
      base: [.write("src/parser.py", Self.old), .write("src/reader.py", other)],
      ours: [.write("src/parser.py", Self.new), .write("src/reader.py", other + "x = 1\n")],
      theirs: [.remove("src/parser.py"), .remove("src/reader.py")])
    #expect(outcome.files.compactMap { $0.left.first?.proposal?.action } == [.delete, .delete])
  }

  @Test("the report shows it")
  func report() throws {
    let outcome = try sides.merge(
      base: [.write("src/parser.py", Self.old), .write("main.py", "import src.parser\n")],
      ours: [.write("src/parser.py", Self.new)], theirs: [.remove("src/parser.py")])
    let text = ResolveReport(outcome, branch: try RefName("refs/heads/topic"), base: "main").text
    #expect(text.contains("proposed kept open, because main.py:1 still refers to it"))
    #expect(text.contains("| +        return 2"))
    let document = try ResolveDocument(outcome, branch: RefName("refs/heads/topic"), base: "main", pushed: nil)
      .encoded()
    #expect(String(decoding: document, as: UTF8.self).contains("\"action\":\"keep\""))
  }
}
