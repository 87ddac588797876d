import Testing

@testable import Merging

@Suite("added declarations") struct AddedDeclarationsTests {
  private let resolver = AddedDeclarations()

  @Test(
    "keeps both, ours first",
    arguments: [
      Added(path: "a.c", ours: "int f(void) { return 1; }\n", theirs: "int g(void) { return 2; }\n"),
      Added(path: "a.swift", before: "struct A {\n", ours: "  var b = 1\n", theirs: "  var c = 2\n", after: "}\n"),
      Added(path: "A.java", before: "class A {\n", ours: "  int b;\n", theirs: "  int c;\n", after: "}\n"),
      Added(path: "a.py", before: "class A:\n", ours: "    b = 1\n", theirs: "    c = 2\n"),
      Added(path: "a.rs", ours: "fn f() {\n    a();\n}\n", theirs: "fn g() {\n    b();\n}\n"),
      Added(path: "a.go", ours: "var a = 1\n", theirs: "type B struct {\n\tc int\n}\n"),
      Added(path: "a.kt", before: "interface A {\n", ours: "  fun b()\n", theirs: "  fun c(d: Int)\n", after: "}\n"),
      Added(path: "a.rb", ours: "def f\n  1\nend\n", theirs: "def g\n  2\nend\n"),
    ]
  )
  private func both(_ added: Added) {
    #expect(added.resolved(by: resolver) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: resolver) == added.theirs + added.ours)
  }

  @Test("gives each function the closing line that both share")
  func sharedCloser() {
    let added = Added(
      path: "a.c",
      before: "int z;\n",
      ours: "void f(void)\n{\n  a();\n",
      theirs: "void g(void)\n{\n  b();\n",
      after: "}\n\nint y;\n"
    )
    // The closing line is in neither side of the conflict, and not in the ancestor.
    var fixture = ConflictFixture(added.path, base: "", ours: added.ours, theirs: added.theirs)
    let start = 1
    fixture.conflict.position = .init(
      base: LineSpan(start: start, count: 0),
      ours: LineSpan(start: start, count: 3),
      theirs: LineSpan(start: start, count: 3)
    )
    fixture.context = ResolverContext(
      path: Array(added.path.utf8),
      base: Array("int z;\n\nint y;\n".utf8),
      ours: Array((added.before + added.ours + added.after).utf8),
      theirs: Array((added.before + added.theirs + added.after).utf8)
    )
    #expect(
      fixture.resolved(by: resolver) == "void f(void)\n{\n  a();\n}\nvoid g(void)\n{\n  b();\n"
    )
  }

  @Test("sorts single lines where all around are sorted")
  func sorted() {
    let added = Added(
      path: "a.py",
      before: "import a\nimport b\n",
      ours: "import f\n",
      theirs: "import c\n",
      after: "import x\nimport y\n"
    )
    #expect(added.resolved(by: resolver) == "import c\nimport f\n")
    #expect(added.swapped.resolved(by: resolver) == "import c\nimport f\n")
  }

  @Test(
    "abstains",
    arguments: [
      // The same name.
      Added(path: "a.c", ours: "int f(void) { return 1; }\n", theirs: "int f(int a) { return a; }\n"),
      Added(path: "a.swift", before: "struct A {\n", ours: "  var b = 1\n", theirs: "  let b = 2\n", after: "}\n"),
      // Nearly the same lines.
      Added(path: "a.py", ours: "a = 1\nb = 2\nc = 3\n", theirs: "z = 0\nb = 2\nc = 3\n"),
      // Nothing but comments.
      Added(path: "a.go", ours: "// One.\n", theirs: "// Another.\n"),
      // Not whole.
      Added(path: "a.rs", ours: "fn f() {\n", theirs: "fn g() {\n"),
      Added(path: "a.rb", ours: "def f\n", theirs: "def g\n"),
      // Statements.
      Added(path: "a.js", before: "function f() {\n", ours: "  a();\n", theirs: "  b();\n", after: "}\n"),
      // Branches.
      Added(path: "A.java", before: "  if (a) {\n", ours: "    b();\n", theirs: "    c();\n", after: "  }\n"),
      // Different depths.
      Added(path: "a.c", before: "int z;\n", ours: "int f;\n", theirs: "  int g;\n"),
      // Within a comment.
      Added(path: "a.c", before: "/*\n", ours: "int f;\n", theirs: "int g;\n", after: "*/\n"),
      // No code.
      Added(path: "a.json", ours: "1\n", theirs: "2\n"),
    ]
  )
  private func abstains(_ added: Added) {
    #expect(added.resolved(by: resolver) == nil)
    #expect(added.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the base had something, where one side is empty, and where the conflict was narrowed")
  func notBothAdded() {
    let changed = ConflictFixture("a.c", base: "int a;\n", ours: "int f;\n", theirs: "int g;\n")
    #expect(changed.resolved(by: resolver) == nil)
    let oneSided = ConflictFixture("a.c", base: "", ours: "int f;\n", theirs: "")
    #expect(oneSided.resolved(by: resolver) == nil)
    var narrowed = ConflictFixture("a.c", base: "", ours: "int f;\n", theirs: "int g;\n")
    #expect(narrowed.resolved(by: resolver) == "int f;\nint g;\n")
    narrowed.conflict.isNarrowed = true
    #expect(narrowed.resolved(by: resolver) == nil)
  }

  @Test("abstains where the other file has the declaration elsewhere")
  func elsewhere() {
    var fixture = ConflictFixture("a.c", base: "", ours: "int f;\n", theirs: "int g;\n", after: "int z;\n")
    #expect(fixture.resolved(by: resolver) != nil)
    fixture.context = ResolverContext(
      path: Array("a.c".utf8),
      base: Array("int z;\n".utf8),
      ours: Array("int f;\nint z;\n".utf8),
      theirs: Array("int g;\nint z;\nint f;\n".utf8)
    )
    #expect(fixture.resolved(by: resolver) == nil)
  }

  @Test("abstains where both additions have a name that is new to the file")
  func newNameOfBoth() {
    let both = Added(path: "a.swift", ours: "let first = Journal(a)\n", theirs: "func second(_: Journal) {}\n")
    #expect(both.resolved(by: resolver) == nil)
    #expect(both.swapped.resolved(by: resolver) == nil)
    var known = both
    known.before = "struct Journal {}\n"
    #expect(known.resolved(by: resolver) == both.ours + both.theirs)
    let short = Added(path: "a.swift", ours: "let first = Ink(a)\n", theirs: "func second(_: Ink) {}\n")
    #expect(short.resolved(by: resolver) == short.ours + short.theirs)
  }

  @Test("abstains where an addition repeats a line that the other side changed everywhere")
  func changedLine() {
    func resolved(_ theirLine: String) -> String? {
      let (ours, theirs) = ("func f() {\n  open(path, mode)\n}\n", "func g() {\n  shut()\n}\n")
      var fixture = ConflictFixture("a.swift", base: "", ours: ours, theirs: theirs)
      let old = "func e() {\n  open(path, mode)\n}\n"
      let new = "func e() {\n\(theirLine)\n}\n"
      fixture.context = ResolverContext(
        path: Array("a.swift".utf8), base: Array(old.utf8), ours: Array((ours + old).utf8),
        theirs: Array((theirs + new).utf8)
      )
      let result = fixture.resolved(by: resolver)
      #expect((fixture.swapped.resolved(by: resolver) == nil) == (result == nil))
      return result
    }
    #expect(resolved("  open(path, mode, owner)") == nil)
    #expect(resolved("  open(path, mode)") != nil)
  }

  @Test("leaves includes to the merge of imports, but keeps other imports")
  func includes() {
    let includes = Added(path: "a.c", ours: "#include \"x.h\"\n", theirs: "#include \"y.h\"\n")
    #expect(includes.resolved(by: resolver) == nil)
    let mixed = Added(path: "a.cc", ours: "#include \"x.h\"\nint f;\n", theirs: "int g;\n")
    #expect(mixed.resolved(by: resolver) == nil)
    #expect(mixed.swapped.resolved(by: resolver) == nil)
    let python = Added(path: "a.py", ours: "import a\n", theirs: "import b\n")
    #expect(python.resolved(by: resolver) == "import a\nimport b\n")
  }
}

@Suite("added elements") struct AddedElementsTests {
  private let resolver = AddedElements()

  @Test(
    "keeps both",
    arguments: [
      Added(path: "a.js", before: "const a = [\n", ours: "  b,\n", theirs: "  c,\n", after: "];\n"),
      Added(path: "a.ts", before: "const a = {\n", ours: "  b: 1,\n", theirs: "  c: 2,\n", after: "};\n"),
      Added(path: "a.json", before: "{\n", ours: "  \"b\": 1,\n", theirs: "  \"c\": 2,\n", after: "  \"z\": 0\n}\n"),
      Added(path: "a.go", before: "var a = []B{\n", ours: "\t{1, 2},\n", theirs: "\t{3, 4},\n", after: "}\n"),
      Added(path: "a.py", before: "a = [\n", ours: "    \"b\",\n", theirs: "    \"c\",\n", after: "]\n"),
      Added(path: "A.java", before: "enum A {\n", ours: "  B,\n", theirs: "  C,\n", after: "}\n"),
      Added(path: "a.rs", before: "enum A {\n", ours: "    B(u8),\n", theirs: "    C { d: u8 },\n", after: "}\n"),
    ]
  )
  private func both(_ added: Added) {
    #expect(added.resolved(by: resolver) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: resolver) == added.theirs + added.ours)
  }

  @Test("gives our last element the comma that the others have")
  func comma() {
    let added = Added(path: "a.js", before: "a = [\n  b,\n", ours: "  c\n", theirs: "  d,\n  e\n", after: "]\n")
    #expect(added.resolved(by: resolver) == "  c,\n  d,\n  e\n")
    let calls = Added(path: "a.go", before: "var (\n\ta = f(1)\n", ours: "\tb = 2\n", theirs: "\tc = 3\n", after: ")\n")
    #expect(calls.resolved(by: resolver) == "\tb = 2\n\tc = 3\n")
  }

  @Test(
    "abstains",
    arguments: [
      // The same key.
      Added(path: "a.ts", before: "const a = {\n", ours: "  b: 1,\n", theirs: "  b: 2,\n", after: "};\n"),
      Added(path: "a.json", before: "{\n", ours: "  \"b\": 1,\n", theirs: "  \"b\": 2,\n", after: "  \"z\": 0\n}\n"),
      Added(path: "A.java", before: "enum A {\n", ours: "  B(1),\n  C,\n", theirs: "  C,\n", after: "}\n"),
      // Not in a list.
      Added(path: "a.c", ours: "int f;\n", theirs: "int g;\n"),
      // A language whose literals are not known.
      Added(path: "a.unknown", before: "a = (\n", ours: "  b,\n", theirs: "  c,\n", after: ")\n"),
      // Not whole.
      Added(path: "a.js", before: "a = [\n", ours: "  [b,\n", theirs: "  [c,\n", after: "]\n"),
      // Nothing but comments.
      Added(path: "a.js", before: "a = [\n", ours: "  // b\n", theirs: "  // c\n", after: "]\n"),
    ]
  )
  private func abstains(_ added: Added) {
    #expect(added.resolved(by: resolver) == nil)
    #expect(added.swapped.resolved(by: resolver) == nil)
  }
}

@Suite("added last elements") struct AddedLastElementsTests {
  private let resolver = AddedLastElements()

  private func resolve(_ path: String, base: String, ours: String, theirs: String) -> String? {
    var fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    let head = "a = [\n"
    func file(_ lines: String) -> [UInt8] { Array((head + lines + "]\n").utf8) }
    let comma = base.replacing("\n", with: ",\n")
    fixture.context = ResolverContext(
      path: Array(path.utf8),
      base: file(base),
      ours: file(comma + ours),
      theirs: file(comma + theirs)
    )
    fixture.conflict.position = .init(
      base: LineSpan(start: 1, count: 1),
      ours: LineSpan(start: 2, count: HunkLine.split(Array(ours.utf8)).count),
      theirs: LineSpan(start: 2, count: HunkLine.split(Array(theirs.utf8)).count)
    )
    return fixture.resolved(by: resolver)
  }

  @Test("puts a comma between the elements of the two sides")
  func comma() {
    #expect(resolve("a.js", base: "  z\n", ours: "  b\n", theirs: "  c\n") == "  b,\n  c\n")
    #expect(resolve("a.py", base: "    z\n", ours: "    \"b\"\n", theirs: "    \"c\"\n") == "    \"b\",\n    \"c\"\n")
    #expect(resolve("a.js", base: "  z\n", ours: "  b,\n  d\n", theirs: "  c\n") == "  b,\n  d,\n  c\n")
    #expect(resolve("a.rs", base: "  z\n", ours: "  b(1)\n", theirs: "  c(2)\n") == "  b(1),\n  c(2)\n")
    #expect(resolve("a.ts", base: "  z\n", ours: "  { b }\n", theirs: "  { c }\n") == "  { b },\n  { c }\n")
  }

  @Test("the sides may be swapped: what stands first has the comma")
  func swapped() {
    #expect(resolve("a.js", base: "  z\n", ours: "  c\n", theirs: "  b\n") == "  c,\n  b\n")
    #expect(resolve("a.js", base: "  z\n", ours: "  c\n", theirs: "  b,\n  d\n") == "  c,\n  b,\n  d\n")
    #expect(resolve("a.ts", base: "  z\n", ours: "  'c'\n", theirs: "  'b'\n") == "  'c',\n  'b'\n")
  }

  @Test("abstains where the last element had a comma, elements are the same, or lines are not whole")
  func abstains() {
    #expect(resolve("a.js", base: "  z,\n", ours: "  b\n", theirs: "  c\n") == nil)
    #expect(resolve("a.js", base: "  z\n", ours: "  b: 1\n", theirs: "  b: 2\n") == nil)
    #expect(resolve("a.js", base: "  z\n", ours: "  [b\n", theirs: "  [c\n") == nil)
    #expect(resolve("a.js", base: "  z\n", ours: "  // b\n", theirs: "  // c\n") == nil)
    #expect(resolve("a.js", base: "  z\n", ours: "  b\n", theirs: "c\n") == nil)
    #expect(resolve("a.js", base: "  z\n", ours: "  'b': 1\n", theirs: "  'b': 2\n") == nil)
    #expect(resolve("a.js", base: "  z\n", ours: "  c]\n", theirs: "  b]\n") == nil)
    #expect(resolve("a.md", base: "  z\n", ours: "  c\n", theirs: "  b\n") == nil)
  }
}

@Suite("added statements") struct AddedStatementsTests {
  private let resolver = AddedStatements()

  @Test(
    "keeps both",
    arguments: [
      Added(path: "a.js", before: "function f() {\n", ours: "  a();\n", theirs: "  b();\n", after: "}\n"),
      Added(path: "a.c", before: "void f(void)\n{\n", ours: "  a(1);\n", theirs: "  b(2);\n", after: "}\n"),
      Added(path: "a.py", before: "def f():\n", ours: "    a = 1\n", theirs: "    b = 2\n"),
      Added(path: "a.swift", before: "func f() {\n", ours: "  let a = 1\n", theirs: "  let b = 2\n", after: "}\n"),
      Added(path: "a.go", before: "func f() {\n", ours: "\ta := 1\n", theirs: "\tb := 2\n", after: "}\n"),
      Added(path: "a.rs", before: "fn f() {\n", ours: "    a(1);\n", theirs: "    b(2);\n", after: "}\n"),
    ]
  )
  private func both(_ added: Added) {
    #expect(added.resolved(by: resolver) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: resolver) == added.theirs + added.ours)
  }

  @Test(
    "abstains",
    arguments: [
      // The same variable.
      Added(path: "a.c", before: "void f(void)\n{\n", ours: "  a = 1;\n", theirs: "  a = 2;\n", after: "}\n"),
      // Blocks.
      Added(
        path: "a.js",
        before: "function f() {\n",
        ours: "  if (a) {\n    b();\n  }\n",
        theirs: "  c();\n",
        after: "}\n"
      ),
      // The function is left.
      Added(path: "a.js", before: "function f() {\n", ours: "  return a;\n", theirs: "  b();\n", after: "}\n"),
      Added(path: "a.py", before: "def f():\n", ours: "    raise A()\n", theirs: "    b()\n"),
      // No function.
      Added(path: "a.c", ours: "int f;\n", theirs: "int g;\n"),
      Added(path: "a.js", before: "  if (a) {\n", ours: "    b();\n", theirs: "    c();\n", after: "  }\n"),
    ]
  )
  private func abstains(_ added: Added) {
    #expect(added.resolved(by: resolver) == nil)
    #expect(added.swapped.resolved(by: resolver) == nil)
  }
}

@Suite("added entries") struct AddedEntriesTests {
  private let resolver = AddedEntries()

  @Test(
    "keeps both",
    arguments: [
      Added(path: ".gitignore", before: "*.o\n", ours: "/build\n", theirs: "/dist\n"),
      Added(path: "Makefile", ours: "all:\n\techo a\n", theirs: "clean:\n\trm b\n"),
      Added(path: "a.toml", before: "[dependencies]\n", ours: "a = \"1\"\n", theirs: "b = \"2\"\n"),
      Added(path: "a.yml", before: "jobs:\n", ours: "  a:\n    b: 1\n", theirs: "  c:\n    d: 2\n"),
      Added(path: "a.properties", ours: "a = 1\n", theirs: "b = 2\n"),
      Added(path: "Makefile", ours: "ifdef A\nB = 1\nendif\n", theirs: "ifdef C\nD = 1\nendif\n"),
    ]
  )
  private func both(_ added: Added) {
    #expect(added.resolved(by: resolver) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: resolver) == added.theirs + added.ours)
  }

  @Test(
    "abstains",
    arguments: [
      // The same key.
      Added(path: "a.toml", before: "[dependencies]\n", ours: "a = \"1\"\n", theirs: "a = \"2\"\n"),
      Added(path: "a.yml", before: "env:\n", ours: "  a: 1\n", theirs: "  a: 2\n"),
      // A text within YAML.
      Added(path: "a.yml", before: "run: |\n", ours: "  sh a\n", theirs: "  sh b\n"),
      // Not whole.
      Added(path: "Makefile", ours: "ifdef A\nB = 1\n", theirs: "ifdef C\nD = 1\n"),
      // Nothing but comments.
      Added(path: "a.yml", ours: "# a\n", theirs: "# b\n"),
      // Code.
      Added(path: "a.c", ours: "int f;\n", theirs: "int g;\n"),
    ]
  )
  private func abstains(_ added: Added) {
    #expect(added.resolved(by: resolver) == nil)
    #expect(added.swapped.resolved(by: resolver) == nil)
  }
}

@Suite("added text") struct AddedTextTests {
  private let resolver = AddedText()

  @Test(
    "keeps both",
    arguments: [
      Added(path: "a.md", before: "- z\n", ours: "- a\n", theirs: "- b\n"),
      Added(path: "a.md", before: "| - | - |\n", ours: "| a | 1 |\n", theirs: "| b | 1 |\n"),
      Added(path: "a.md", before: "- z\n", ours: "- a\n  more\n", theirs: "- b\n  else\n"),
      Added(path: "a.xml", before: "<z>\n", ours: "  <a>1</a>\n", theirs: "  <b>2</b>\n", after: "</z>\n"),
      Added(
        path: "a.xml",
        before: "<z>\n  <a>0</a>\n",
        ours: "  <a>1</a>\n",
        theirs: "  <a>2</a>\n",
        after: "</z>\n"
      ),
    ]
  )
  private func both(_ added: Added) {
    #expect(added.resolved(by: resolver) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: resolver) == added.theirs + added.ours)
  }

  @Test(
    "abstains",
    arguments: [
      // Two values of one element.
      Added(path: "a.xml", before: "<z>\n", ours: "  <a>1</a>\n", theirs: "  <a>2</a>\n", after: "</z>\n"),
      // An element that is not whole.
      Added(path: "a.xml", before: "<z>\n", ours: "  <a>\n", theirs: "  <b>\n", after: "</z>\n"),
      // Two rows for one thing.
      Added(path: "a.md", before: "| - | - |\n", ours: "| a | 1 |\n", theirs: "| a | 2 |\n"),
      // Two translations of one message.
      Added(path: "a.po", before: "msgstr \"\"\n", ours: "\"a\"\n", theirs: "\"b\"\n"),
      // Style within HTML.
      Added(path: "a.html", before: "<style>\n", ours: "  a: b\n", theirs: "  c: d\n", after: "</style>\n"),
      // Releases.
      Added(path: "a.md", ours: "## 1.2\n\n- a\n", theirs: "## 1.3\n\n- b\n"),
    ]
  )
  private func abstains(_ added: Added) {
    #expect(added.resolved(by: resolver) == nil)
    #expect(added.swapped.resolved(by: resolver) == nil)
  }
}

@Suite("added releases") struct AddedReleasesTests {
  private let resolver = AddedReleases()

  @Test(
    "keeps both, the higher release first, on whatever side it is",
    arguments: [
      Added(path: "CHANGES.md", ours: "## 1.3\n\n- a\n\n", theirs: "## 1.2.1\n\n- b\n\n", after: "## 1.2\n"),
      Added(path: "CHANGES.md", ours: "## Unreleased\n\n- a\n\n", theirs: "## 1.2.1\n\n- b\n\n", after: "## 1.2\n"),
      Added(path: "NEWS.rst", ours: "1.3\n===\n\n* a\n\n", theirs: "1.2.1\n=====\n\n* b\n\n"),
      Added(path: "HISTORY.md", ours: "# v2\n- a\n", theirs: "# v1.9\n- b\n"),
      Added(path: "log.md", ours: "### 2026-01-02\n- a\n", theirs: "### 2026-01-01\n- b\n"),
      Added(
        path: "RELEASES.md", ours: "Version 1.3\n===========\n\n- a\n\n",
        theirs: "Version 1.2.1\n=============\n\n- b\n\n"),
    ]
  )
  private func both(_ added: Added) {
    #expect(added.resolved(by: resolver) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: resolver) == added.ours + added.theirs)
  }

  @Test("parts releases by as many blank lines as the next one is parted by")
  func blankLines() {
    let tight = Added(path: "CHANGES.md", ours: "## 1.3\n\n- a\n", theirs: "## 1.2.1\n\n- b\n", after: "\n## 1.2\n")
    #expect(tight.resolved(by: resolver) == "## 1.3\n\n- a\n\n## 1.2.1\n\n- b\n")
    #expect(tight.swapped.resolved(by: resolver) == "## 1.3\n\n- a\n\n## 1.2.1\n\n- b\n")
    let wide = Added(
      path: "NEWS.rst", ours: "Next\n====\n\n* a\n", theirs: "1.3\n===\n\n* b\n", after: "\n\n1.2\n===\n")
    #expect(wide.resolved(by: resolver) == "Next\n====\n\n* a\n\n\n1.3\n===\n\n* b\n")
    #expect(wide.swapped.resolved(by: resolver) == wide.resolved(by: resolver))
  }

  @Test("puts entries of the release above before releases")
  func entriesFirst() {
    let added = Added(
      path: "CHANGES.md", before: "## Next\n\n", ours: "## 1.3\n\n- a\n", theirs: "- b\n", after: "\n## 1.2\n")
    #expect(added.resolved(by: resolver) == "- b\n\n## 1.3\n\n- a\n")
    #expect(added.swapped.resolved(by: resolver) == "- b\n\n## 1.3\n\n- a\n")
  }

  @Test(
    "abstains where the order of the releases cannot be told",
    arguments: [
      // Two releases to come.
      Added(path: "CHANGES.md", ours: "## Unreleased\n\n- a\n", theirs: "## Next\n\n- b\n"),
      // One between the other's.
      Added(path: "CHANGES.md", ours: "## 1.5\n\n- a\n\n## 1.3\n\n- c\n", theirs: "## 1.4\n\n- b\n"),
      // A date against a version.
      Added(path: "CHANGES.md", ours: "## 1.5\n\n- a\n", theirs: "## 2026-01-02\n\n- b\n"),
      // Entries and releases on one side, releases on the other.
      Added(path: "CHANGES.md", before: "## Next\n", ours: "- a\n\n## 1.5\n\n- c\n", theirs: "## 1.4\n\n- b\n"),
    ]
  )
  private func unclearOrder(_ added: Added) {
    #expect(added.resolved(by: resolver) == nil)
    #expect(added.swapped.resolved(by: resolver) == nil)
  }

  @Test(
    "abstains",
    arguments: [
      // The same release.
      Added(path: "CHANGES.md", ours: "## 1.3\n\n- a\n", theirs: "## 1.3\n\n- b\n"),
      Added(path: "NEWS.rst", ours: "1.3\n===\n\n* a\n", theirs: "1.3\n===\n\n* b\n"),
      // The same release with another date.
      Added(path: "CHANGES.md", ours: "## 1.3 (May 2)\n\n- a\n", theirs: "## 1.3 (May 1)\n\n- b\n"),
      // Entries alone.
      Added(path: "CHANGES.md", before: "## 1.3\n", ours: "- a\n", theirs: "- b\n"),
      // A log that packagers renumber.
      Added(path: "debian/changelog", ours: "a (1.3) b; urgency=low\n", theirs: "a (1.2) b; urgency=low\n"),
      // Code.
      Added(path: "a.c", ours: "int f;\n", theirs: "int g;\n"),
    ]
  )
  private func abstains(_ added: Added) {
    #expect(added.resolved(by: resolver) == nil)
    #expect(added.swapped.resolved(by: resolver) == nil)
  }
}
