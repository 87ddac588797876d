import Testing

@testable import Merging

/// Conflicts that the merge of the file's items settles, and those that it leaves.
struct ItemMergeTests {
  /// The merged file if these forms settle it; `nil` where a conflict is left.
  private func merged(
    _ path: String,
    _ base: String,
    _ ours: String,
    _ theirs: String,
    by forms: [ItemMerge.Form]
  ) -> String? {
    let merge = FileMerge(
      base: Array(base.utf8),
      ours: Array(ours.utf8),
      theirs: Array(theirs.utf8),
      path: Array(path.utf8),
      resolvers: forms.map { ItemMerge($0) }
    )
    guard merge.isClean else { return nil }
    return String(decoding: merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil)), as: UTF8.self)
  }

  private func added(_ path: String, _ base: String, _ ours: String, _ theirs: String) -> String? {
    merged(path, base, ours, theirs, by: [.added])
  }

  private func changed(_ path: String, _ base: String, _ ours: String, _ theirs: String) -> String? {
    merged(path, base, ours, theirs, by: [.changed])
  }

  private func `class`(_ members: String) -> String { "class A {\n\(members)}\n" }

  // MARK: - Both added

  @Test func keepsTwoMethods() {
    let base = self.class("  void f() {\n  }\n")
    let ours = self.class("  void f() {\n  }\n\n  void g() {\n    a();\n  }\n")
    let theirs = self.class("  void f() {\n  }\n\n  void h() {\n    b();\n  }\n")
    let both = self.class("  void f() {\n  }\n\n  void g() {\n    a();\n  }\n\n  void h() {\n    b();\n  }\n")
    #expect(added("A.java", base, ours, theirs) == both)
    let swapped = self.class("  void f() {\n  }\n\n  void h() {\n    b();\n  }\n\n  void g() {\n    a();\n  }\n")
    #expect(added("A.java", base, theirs, ours) == swapped)
  }

  @Test func keepsTwoFunctionsOfPythonAndRuby() {
    let python = added(
      "a.py", "def f():\n    pass\n", "def f():\n    pass\n\n\ndef g():\n    a()\n",
      "def f():\n    pass\n\n\ndef h():\n    b()\n"
    )
    #expect(python == "def f():\n    pass\n\n\ndef g():\n    a()\n\n\ndef h():\n    b()\n")
    let ruby = added(
      "a.rb", "class A\n  def f\n  end\nend\n", "class A\n  def f\n  end\n\n  def g\n    a\n  end\nend\n",
      "class A\n  def f\n  end\n\n  def h\n    b\n  end\nend\n"
    )
    #expect(ruby == "class A\n  def f\n  end\n\n  def g\n    a\n  end\n\n  def h\n    b\n  end\nend\n")
  }

  @Test func keepsTwoEntriesAndTheirCommas() {
    let merged = added(
      "a.json", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n",
      "{\n  \"a\": 1,\n  \"b\": 2,\n  \"d\": 4\n}\n"
    )
    #expect(merged == "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4\n}\n")
  }

  @Test func keepsTwoKeysOfTables() {
    #expect(
      added("a.toml", "[x]\na = 1\n", "[x]\na = 1\nb = 2\n", "[x]\na = 1\nc = 3\n") == "[x]\na = 1\nb = 2\nc = 3\n"
    )
    #expect(
      added("a.yml", "x:\n  a: 1\n", "x:\n  a: 1\n  b: 2\n", "x:\n  a: 1\n  c: 3\n") == "x:\n  a: 1\n  b: 2\n  c: 3\n")
  }

  @Test func keepsTwoElementsAndTwoFields() {
    #expect(
      added(
        "a.xml", "<r>\n  <s name=\"a\"/>\n</r>\n", "<r>\n  <s name=\"a\"/>\n  <s name=\"b\"/>\n</r>\n",
        "<r>\n  <s name=\"a\"/>\n  <s name=\"c\"/>\n</r>\n"
      ) == "<r>\n  <s name=\"a\"/>\n  <s name=\"b\"/>\n  <s name=\"c\"/>\n</r>\n"
    )
    #expect(
      added(
        "A.swift", "struct A {\n  var a = 1\n}\n", "struct A {\n  var a = 1\n  var b = 2\n}\n",
        "struct A {\n  var a = 1\n  var c = 3\n}\n") == "struct A {\n  var a = 1\n  var b = 2\n  var c = 3\n}\n"
    )
  }

  @Test func leavesOneNameAddedTwice() {
    let base = self.class("  void f() {\n  }\n")
    let ours = self.class("  void f() {\n  }\n\n  void g() {\n    a();\n  }\n")
    #expect(added("A.java", base, ours, self.class("  void f() {\n  }\n\n  void g() {\n    b();\n  }\n")) == nil)
    #expect(added("A.java", base, ours, self.class("  void f() {\n  }\n\n  void h() {\n    b();\n  }\n")) != nil)
    #expect(added("a.toml", "[x]\na = 1\n", "[x]\na = 1\nb = 2\n", "[x]\na = 1\nb = 3\n") == nil)
  }

  @Test func leavesStatementsAddedToAFunction() {
    let base = self.class("  void f() {\n    a();\n  }\n")
    let ours = self.class("  void f() {\n    a();\n    b();\n  }\n")
    let theirs = self.class("  void f() {\n    a();\n    c();\n  }\n")
    #expect(added("A.java", base, ours, theirs) == nil)
    #expect(added("a.py", "def f():\n    a()\n", "def f():\n    a()\n    b()\n", "def f():\n    a()\n    c()\n") == nil)
  }

  @Test func leavesLocalVariables() {
    let base = self.class("  void f() {\n    a();\n  }\n")
    let ours = self.class("  void f() {\n    int x = 1;\n    a();\n  }\n")
    let theirs = self.class("  void f() {\n    int y = x;\n    a();\n  }\n")
    #expect(added("A.java", base, ours, theirs) == nil)
  }

  @Test func leavesParagraphsAndUnknownFiles() {
    #expect(added("a.md", "# A\n\nx\n", "# A\n\nx\n\ny\n", "# A\n\nx\n\nz\n") == nil)
    #expect(added("a.md", "- x\n", "- x\n- y\n", "- x\n- z\n") == nil)
    #expect(added("a.bin", "x\n", "x\ny = 1\n", "x\nz = 1\n") == nil)
    #expect(added("a.toml", "x = 0\n", "x = 0\ny = 1\n", "x = 0\nz = 1\n") == "x = 0\ny = 1\nz = 1\n")
  }

  @Test func leavesWhatOneSideReplaced() {
    let base = self.class("  int f = 1;\n")
    let theirs = self.class("  int f = 1;\n  int h = 3;\n")
    #expect(added("A.java", base, self.class("  long g = 2;\n"), theirs) == nil)
    let more = self.class("  int f = 1;\n  long g = 2;\n")
    #expect(added("A.java", base, more, theirs) == self.class("  int f = 1;\n  long g = 2;\n  int h = 3;\n"))
  }

  @Test func leavesElementsWithoutAnIdentity() {
    let base = "<r>\n  <p>a</p>\n</r>\n"
    #expect(added("a.xml", base, "<r>\n  <p>a</p>\n  <p>b</p>\n</r>\n", "<r>\n  <p>a</p>\n  <p>c</p>\n</r>\n") == nil)
  }

  @Test func leavesCopiesAndTheSameNewName() {
    func two(_ ours: String, _ theirs: String) -> String? {
      let base = "  void f() {\n  }\n"
      let merge = added("A.java", self.class(base), self.class(base + ours), self.class(base + theirs))
      let swapped = added("A.java", self.class(base), self.class(base + theirs), self.class(base + ours))
      #expect((merge == nil) == (swapped == nil))
      return merge
    }
    let first = "\n  void g() {\n    a(b, c, d);\n    e(b, c, 1);\n  }\n"
    #expect(two(first, "\n  void h() {\n    a(b, c, d);\n    e(b, c, 2);\n  }\n") == nil)
    #expect(two(first, "\n  void h() {\n    x(y, z);\n    w(v, 2);\n  }\n") != nil)
    #expect(two("\n  void g() {\n    new Journal(b);\n  }\n", "\n  void h() {\n    shut(Journal);\n  }\n") == nil)
    #expect(two("\n  void g() {\n    new Journal(b);\n  }\n", "\n  void h() {\n    shut(diary);\n  }\n") != nil)
  }

  // MARK: - Different items changed

  @Test func keepsChangesOfNeighbours() {
    let base = self.class("  int a = 1;\n  int b = 1;\n")
    let ours = self.class("  int a = 2;\n  int b = 1;\n")
    let theirs = self.class("  int a = 1;\n  int b = 2;\n")
    #expect(changed("A.java", base, ours, theirs) == self.class("  int a = 2;\n  int b = 2;\n"))
    #expect(changed("A.java", base, theirs, ours) == self.class("  int a = 2;\n  int b = 2;\n"))
    #expect(changed("A.java", base, ours, base) == ours)
  }

  @Test func keepsChangesOfNeighbouringFunctions() {
    let base = self.class("  void f() { a(); }\n  void g() { a(); }\n")
    let ours = self.class("  void f() { b(); }\n  void g() { a(); }\n")
    let theirs = self.class("  void f() { a(); }\n  void g() { b(); }\n")
    #expect(changed("A.java", base, ours, theirs) == self.class("  void f() { b(); }\n  void g() { b(); }\n"))
  }

  @Test func leavesTwoChangesOfOneItem() {
    let base = self.class("  int a = 1;\n  int b = 1;\n")
    #expect(
      changed("A.java", base, self.class("  int a = 2;\n  int b = 1;\n"), self.class("  int a = 3;\n  int b = 1;\n"))
        == nil)
    #expect(
      changed("A.java", base, self.class("  int a = 2;\n  int b = 3;\n"), self.class("  int a = 3;\n  int b = 1;\n"))
        == nil)
  }

  @Test func leavesValuesOfDataToAPerson() {
    let base = "[x]\na = 1\nb = 1\n"
    #expect(changed("a.toml", base, "[x]\na = 2\nb = 1\n", "[x]\na = 1\nb = 2\n") == nil)
    #expect(merged("a.toml", base, "[x]\na = 2\nb = 1\n", "[x]\na = 1\nb = 2\n", by: [.other]) == "[x]\na = 2\nb = 2\n")
  }

  @Test func leavesAChangeOfWhatTheOtherDeleted() {
    let base = self.class("  int a = 1;\n  int b = 1;\n")
    let all = ItemMerge.Form.allCases
    #expect(
      merged("A.java", base, self.class("  int a = 2;\n  int b = 1;\n"), self.class("  int b = 2;\n"), by: all) == nil)
  }

  // MARK: - Other forms

  @Test func deletesWhatEitherSideDeleted() {
    let base = self.class("  int a = 1;\n  int b = 1;\n  int c = 1;\n")
    let ours = self.class("  int b = 1;\n  int c = 1;\n")
    let theirs = self.class("  int a = 1;\n  int c = 1;\n")
    #expect(merged("A.java", base, ours, theirs, by: [.deleted]) == self.class("  int c = 1;\n"))
    #expect(merged("A.java", base, ours, theirs, by: [.added, .changed]) == nil)
  }

  @Test func keepsStatementsThatAreReplacedSideBySide() {
    let base = self.class("  void f() {\n    a(1);\n    b(1);\n  }\n")
    let ours = self.class("  void f() {\n    x(1);\n    b(1);\n  }\n")
    let theirs = self.class("  void f() {\n    a(1);\n    y(1);\n  }\n")
    let both = self.class("  void f() {\n    x(1);\n    y(1);\n  }\n")
    let merge = merged("A.java", base, ours, theirs, by: [.rewritten])
    #expect(merge == nil || merge == both)
    #expect(
      merged("A.java", base, ours, self.class("  void f() {\n    y(1);\n    b(1);\n  }\n"), by: [.rewritten]) == nil)
  }

  @Test func allowsTheLinesOfOneSide() {
    func allows(_ base: String, _ ours: String, _ theirs: String, _ lines: String, around: String = "") -> Bool {
      let fixture = ConflictFixture("A.java", base: base, ours: ours, theirs: theirs, before: around)
      let result = OneSideItems(fixture.conflict, in: fixture.context).allow(Array(lines.utf8))
      let swapped = fixture.swapped
      #expect(OneSideItems(swapped.conflict, in: swapped.context).allow(Array(lines.utf8)) == result)
      return result
    }
    #expect(allows("", "int first;\n", "", "int first;\n"))
    #expect(allows("int old;\n", "", "int old;\n", ""))
    #expect(allows("x\n", "int first;\n", "\n", " int first;\n"))
    // Lines of both sides, or of none.
    #expect(!allows("", "int first;\n", "int second;\n", "int first;\nint second;\n"))
    #expect(!allows("int old;\n", "int first;\n", "int second;\n", "int old;\n"))
    // What one side deleted, the other one edited.
    #expect(!allows("set(width, 1);\n", "set(width, 2);\n", "", "set(width, 2);\n"))
    #expect(allows("set(width, 1);\n", "done = true;\n", "", "done = true;\n"))
    // Both edited it alike, in the lines around.
    #expect(allows("set(width, 1);\n", "set(width, 9, 9);\n", "", "set(width, 9, 9);\n", around: "set(width, 2);\n"))
    // An added line has a name that the other side took away.
    #expect(!allows("journal();\n", "journal();\nopen(journal);\n", "shut();\n", "shut();\n"))
  }

  @Test func losesNoAddedLine() {
    let conflict = ConflictFixture("A.java", base: "a\n", ours: "a\nb,\n", theirs: "a\nc\n").conflict
    #expect(ItemMerge.keepsAdditions(conflict, Array("a\nb\n c,\n".utf8)))
    #expect(!ItemMerge.keepsAdditions(conflict, Array("a\nb\n".utf8)))
    #expect(!ItemMerge.keepsAdditions(conflict, Array("a\nc\n".utf8)))
  }

  @Test(arguments: ["A.java", "a.py", "a.json", "a.xml", "a.md", "a.rb", "a.toml"])
  func anUnchangedSideGivesTheOther(path: String) {
    var random = SplitMix64(seed: 11)
    let pieces = [
      "{", "}", "(", ")", "\n", "\n", "  ", "a", "b = 1", "f()", ",", "<a>", "</a>", "# x", "- y", "end", "def f:",
    ]
    func text() -> [UInt8] {
      (0..<Int.random(in: 0..<40, using: &random)).flatMap { _ in
        Array(pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8)
      }
    }
    for _ in 0..<200 {
      let (base, side, other) = (text(), text(), text())
      func result(_ b: [UInt8], _ o: [UInt8], _ t: [UInt8]) -> StructuralMerge? {
        ResolverContext(path: Array(path.utf8), base: b, ours: o, theirs: t).structure
      }
      if let merge = result(base, base, side) {
        let inked = merge.entries.flatMap(merge.bytes).filter {
          !isBlankByte($0) && $0 != 0x0A && $0 != UInt8(ascii: ",")
        }
        #expect(inked == side.filter { !isBlankByte($0) && $0 != 0x0A && $0 != UInt8(ascii: ",") })
      }
      _ = result(base, side, other)
    }
  }
}
