import Testing

@testable import Merging

/// Further cases of the rules that judge one resolution, each rule by itself.
@Suite("gate: hunk rules one by one") struct HunkRuleCaseTests {
  /// What a rule says of a result; the mirrored conflict must get the same answer.
  private func reason(
    _ rule: some HunkRule,
    _ path: String,
    _ sides: (String, String, String),
    _ result: String,
    before: String = "",
    introduces: [String] = [],
    isQuoted: Bool = false,
    isNarrowed: Bool = false
  ) -> FileMerge.Rejection.Reason? {
    var fixture = ConflictFixture(path, base: sides.0, ours: sides.1, theirs: sides.2, before: before)
    fixture.conflict.isNarrowed = isNarrowed
    let resolution = Resolution(
      resolver: "r", lines: Array(result.utf8), reason: "test", introduces: introduces.map { Array($0.utf8) },
      isQuoted: isQuoted)
    let mirrored = fixture.swapped
    let reason = rule.objection(to: resolution, for: fixture.conflict, in: fixture.context)?.reason
    #expect(rule.objection(to: resolution, for: mirrored.conflict, in: mirrored.context)?.reason == reason)
    return reason
  }

  // MARK: - Deletions

  @Test(
    "a line that both sides kept must stay, and one that a side deleted must not come back",
    arguments: [
      ("keep\nold\n", "keep\nnew1\n", "keep\nnew2\n", "new1\nnew2\n", "vanishedLine"),
      ("one\none\n", "one\none\na\n", "one\none\nb\n", "one\na\nb\n", "vanishedLine"),
      ("  keep\n", "  keep\na\n", "b\n  keep\n", "b\na\n", "vanishedLine"),
      ("gone\nx\n", "x\na\n", "gone\nx\nb\n", "gone\nx\na\nb\n", "revivedLine"),
      ("gone\n", "", "gone\nb\n", "gone\nb\n", "revivedLine"),
      ("gone\n", "a\n", "b\n", "gone\n", "revivedLine"),
      ("gone\ngone\n", "gone\na\n", "gone\ngone\nb\n", "gone\ngone\na\nb\n", "revivedLine"),
    ]
  )
  func undone(base: String, ours: String, theirs: String, result: String, expected: String) {
    #expect(reason(DeletionRule(), "a.c", (base, ours, theirs), result).map { "\($0)" } == expected)
    // The ancestor of a part is a guess.
    #expect(reason(DeletionRule(), "a.c", (base, ours, theirs), result, isNarrowed: true) == nil)
  }

  @Test(
    "deletions are no loss",
    arguments: [
      ("keep\nold\n", "keep\nnew1\n", "keep\nnew2\n", "keep\nnew1\nnew2\n"),
      ("gone\nx\n", "x\na\n", "gone\nx\nb\n", "x\na\nb\n"),
      ("gone\n", "", "gone\nb\n", "b\n"),
      ("one\ntwo\n", "two\n", "one\n", ""),
      // The other side wrote it once more.
      ("again\n", "a\n", "again\nagain\n", "a\nagain\n"),
      // There is no word in it.
      ("}\n", "a\n", "}\nb\n", "}\na\nb\n"),
      // White space at its ends is not the line.
      ("  keep\n", "keep\na\n", "    keep\nb\n", "keep\na\nb\n"),
      // A side only broke it in two.
      ("call(one, two)\n", "call(one,\n     two)\n", "call(one, two)\nb\n", "call(one, two)\nb\n"),
    ]
  )
  func kept(base: String, ours: String, theirs: String, result: String) {
    #expect(reason(DeletionRule(), "a.c", (base, ours, theirs), result) == nil)
  }

  // MARK: - Words

  @Test(
    "a word that no side has is refused",
    arguments: [
      ("a.swift", "let size = 1\n", "let width = 1\n", "let height = 1\n", "let area = 1\n", "area"),
      ("a.py", "get_name(x)\n", "get_title(x)\n", "set_name(x)\n", "set_title(x)\n", "set_title"),
      ("a.c", "old_len;\n", "new_len;\n", "old_size;\n", "new_size;\n", "new_size"),
      ("a.md", "a text\n", "one text\n", "a word\n", "one sentence\n", "sentence"),
      ("Makefile", "CFLAGS = a\n", "CFLAGS = b\n", "LDFLAGS = a\n", "CXXFLAGS = b\n", "CXXFLAGS"),
    ]
  )
  func unknownWord(path: String, base: String, ours: String, theirs: String, result: String, word: String) {
    let rule = KnownWordRule()
    #expect(reason(rule, path, (base, ours, theirs), result) == .newWord)
    #expect(reason(rule, path, (base, ours, theirs), result, introduces: [word]) == nil)
    #expect(reason(rule, path, (base, ours, theirs), result, introduces: ["other"]) == .newWord)
    #expect(reason(rule, path, (base, ours, theirs), result, isQuoted: true) == nil)
    #expect(reason(rule, path, (base, ours, theirs), result, before: "\(word)\n") == nil)
  }

  @Test(
    "words that are known somewhere are let through",
    arguments: [
      ("a.swift", "let size = 1\n", "var size = 1\n", "let width = 1\n", "var width = 1\n"),
      ("a.c", "f(a);\n", "f(b);\n", "g(a);\n", "g(b);\n"),
      ("a.md", "a text\n", "one text\n", "a word\n", "one word\n"),
      ("a.py", "x = 1\n", "x = 2\n", "x = 3\n", "x = 99\n"),
      ("a.rb", "", "", "", ""),
      ("a.go", "a\n", "b\n", "c\n", "  b\n\tc\n"),
    ]
  )
  func knownWord(path: String, base: String, ours: String, theirs: String, result: String) {
    #expect(reason(KnownWordRule(), path, (base, ours, theirs), result) == nil)
  }

  // MARK: - Balance

  @Test(
    "a result that opens or closes what no side does is refused",
    arguments: [
      ("a.c", "x;\n", "f(1);\n", "f(2);\n", "f(1;\n"), ("a.java", "x;\n", "y;\n", "z;\n", "y; }\n"),
      ("a.js", "f([1])\n", "f([2])\n", "f([3])\n", "f([2]\n"),
      ("a.swift", "x\n", "if a {\n  b\n}\n", "c\n", "if a {\n  b\nc\n"),
      ("a.c", "x;\n", "y; // (\n", "z;\n", "y; (\n"), ("a.go", "x\n", "y\n", "z\n", "/* y\nz\n"),
    ]
  )
  func unbalanced(path: String, base: String, ours: String, theirs: String, result: String) {
    #expect(reason(HunkBalanceRule(), path, (base, ours, theirs), result) == .unbalanced)
  }

  @Test(
    "a result that is as deep as the sides, or sides that differ, or brackets that are only text are let through",
    arguments: [
      ("a.c", "x;\n", "f(1);\n", "f(2);\n", "f(1);\nf(2);\n"), ("a.c", "x;\n", "y;\n", "z;\n", "y; // (\n"),
      ("a.js", "x\n", "f('[')\n", "f(']')\n", "f('[')\nf(']')\n"),
      ("a.swift", "x {\n", "y {\n", "z {\n", "y z {\n"), ("a.java", "x;\n", "if (y) {\n", "z;\n", "if (y) {\n"),
      ("a.md", "x\n", "(y\n", "z\n", "(y\n(z\n"), ("a.c", "x;\n", "f(\n  1);\n", "g;\n", "f(\n  1);\ng;\n"),
    ]
  )
  func balanced(path: String, base: String, ours: String, theirs: String, result: String) {
    #expect(reason(HunkBalanceRule(), path, (base, ours, theirs), result) == nil)
  }

  // MARK: - Documents

  private func fault(
    _ path: String, _ check: any DocumentCheck, _ ours: String, _ theirs: String, _ merged: String
  ) -> FileMerge.Rejection.Reason? {
    func source(_ text: String) -> SourceText {
      SourceText(Array(text.utf8), language: .ofFile(at: Array(path.utf8)))
    }
    let reason = DocumentRule(check, ours: source(ours), theirs: source(theirs))?.fault(in: source(merged))?.reason
    #expect(
      DocumentRule(check, ours: source(theirs), theirs: source(ours))?.fault(in: source(merged))?.reason == reason)
    return reason
  }

  @Test("a document that no longer is one is refused, of each format")
  func invalidDocuments() {
    #expect(fault("a.json", JSONCheck(), "{\"a\": 1}", "{}", "{\"a\": 1") == .invalidDocument)
    #expect(fault("a.json", JSONCheck(), "[1]", "[2]", "[1 2]") == .invalidDocument)
    #expect(fault("a.json", JSONCheck(), "[1]", "[2]", "[1, /* 2 */ 2]") == .invalidDocument)
    #expect(fault("a.json", JSONCheck(), "{\"a\": 1}", "{\"a\": 2}", "{\"a\": 1, \"a\": 2}") == .duplicate)
    #expect(fault("a.toml", TOMLCheck(), "a = 1\n", "a = 2\n", "a = \n") == .invalidDocument)
    #expect(fault("a.toml", TOMLCheck(), "a = 1\n", "a = 2\n", "a = 1\na = 2\n") == .duplicate)
    #expect(fault("a.xml", XMLCheck(), "<a/>", "<b/>", "<a/><b/>") == .invalidDocument)
    #expect(fault("a.xml", XMLCheck(), "<a><b/></a>", "<a/>", "<a><b></a>") == .invalidDocument)
    #expect(fault("a.yml", YAMLCheck(), "a: 1\n", "a: 2\n", "a: [1\n") == .invalidDocument)
    #expect(fault("a.yml", YAMLCheck(), "a: 1\n", "b: 2\n", "b: 2\na: 1\na: 1\n") == .duplicate)
  }

  @Test("a document that still is one, or never was, is let through, of each format")
  func validDocuments() {
    #expect(fault("a.json", JSONCheck(), "{\"a\": 1}", "{\"b\": 2}", "{\"a\": 1, \"b\": 2}") == nil)
    #expect(fault("a.json", JSONCheck(), "{\"a\": 1", "{}", "{\"a\": 1") == nil)
    #expect(fault("a.json", JSONCheck(), "[1, /* 2 */ 2]", "[]", "[/* 2 */]") == nil)
    #expect(fault("a.json", JSONCheck(), "[{\"a\": 1}]", "[]", "[{\"a\": 1}, {\"a\": 1}]") == nil)
    #expect(fault("a.toml", TOMLCheck(), "[a]\nx = 1\n", "[b]\nx = 1\n", "[a]\nx = 1\n[b]\nx = 1\n") == nil)
    #expect(fault("a.toml", TOMLCheck(), "a\n", "a = 1\n", "a\n") == nil)
    #expect(fault("a.xml", XMLCheck(), "<a/>", "<a><b/></a>", "<a><b></b></a>") == nil)
    #expect(fault("a.xml", XMLCheck(), "<a>", "<a/>", "<a>") == nil)
    #expect(fault("a.yml", YAMLCheck(), "a: 1\n", "b: 2\n", "a: 1\nb: 2\n") == nil)
    #expect(fault("a.yml", YAMLCheck(), "a: {{ x }}\n", "b: 2\n", "a: [\n") == nil)
  }
}
