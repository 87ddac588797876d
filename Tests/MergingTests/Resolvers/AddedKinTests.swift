import Testing

@testable import Merging

/// Nine lines with a name and a comma each.
private let nineNames = (1...9).map { "  n\($0),\n" }.joined()

@Suite("additions and their neighbours") struct AddedKinTests {
  @Test(
    "keeps both elements where neighbours have their form",
    arguments: [
      Added(
        path: "meson.build", before: "a = [\n  'a.c',\n  'b.c',\n", ours: "  'x.c',\n", theirs: "  'y.c',\n",
        after: "]\n"),
      Added(
        path: "meson.build", before: "a = [\n  'z.c',\n", ours: "  'x.c',\n", theirs: "  'y.c',\n",
        after: "  'c.c',\n]\n"),
      Added(path: "a.ts", before: "register(\n\(nineNames)", ours: "  x,\n", theirs: "  a.y,\n", after: ");\n"),
      Added(path: "a.py", before: "register(\n\(nineNames)", ours: "  x,\n", theirs: "  y,\n  z,\n", after: ")\n"),
      Added(
        path: "a.h", before: "#define A { \\\n\t.a = 1, \\\n", ours: "\t.b = 2, \\\n", theirs: "\t.c = C, \\\n",
        after: "}\n"),
      Added(
        path: "a.h", before: "#define EACH(F) \\\n\tF(A, 1) \\\n", ours: "\tF(B, 2) \\\n", theirs: "\tF(C, 3) \\\n",
        after: "\tF(Z, 9)\n"),
    ]
  )
  private func elements(_ added: Added) {
    #expect(added.resolved(by: AddedElements()) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: AddedElements()) == added.theirs + added.ours)
  }

  @Test(
    "leaves elements that few or no neighbours are like",
    arguments: [
      // One neighbour, none, and two of another form.
      Added(path: "meson.build", before: "a = [\n  'a.c',\n", ours: "  'x.c',\n", theirs: "  'y.c',\n", after: "]\n"),
      Added(path: "meson.build", before: "a = [\n", ours: "  'x.c',\n", theirs: "  'y.c',\n", after: "]\n"),
      Added(path: "meson.build", before: "a = [\n  b,\n  c,\n", ours: "  'x',\n", theirs: "  'y',\n", after: "]\n"),
      // Two texts in a line, and one of another form on one side.
      Added(
        path: "meson.build", before: "a = [\n  'a', 'b',\n  'c', 'd',\n", ours: "  'x', '1',\n",
        theirs: "  'y', '2',\n",
        after: "]\n"),
      Added(
        path: "meson.build", before: "a = [\n  'a',\n  'b',\n", ours: "  'x',\n", theirs: "  f(y),\n", after: "]\n"),
      // Parameters, however many.
      Added(path: "a.py", before: "def f(\n\(nineNames)", ours: "  x,\n", theirs: "  y,\n", after: "):\n"),
      // Two elements of a macro with the same number.
      Added(
        path: "a.h", before: "#define EACH(F) \\\n\tF(A, 1) \\\n", ours: "\tF(B, 2) \\\n", theirs: "\tF(C, 2) \\\n",
        after: "\tF(Z, 9)\n"),
      // A call with few arguments, and one whose arguments say more than a name.
      Added(path: "a.ts", before: "f(\n  a,\n  b,\n  c,\n", ours: "  x,\n", theirs: "  y,\n", after: ");\n"),
      Added(path: "a.ts", before: "f(\n\(nineNames)", ours: "  x + 1,\n", theirs: "  y,\n", after: ");\n"),
      Added(path: "a.ts", before: "f(\n\(nineNames)", ours: "  1,\n", theirs: "  2,\n", after: ");\n"),
      // Statements of a macro, and another macro's call.
      Added(
        path: "a.h", before: "#define A() { \\\n\ta(1); \\\n", ours: "\tb(2); \\\n", theirs: "\tc(3); \\\n",
        after: "}\n"),
      Added(
        path: "a.h", before: "#define EACH(F) \\\n\tF(A, 1) \\\n", ours: "\tG(B, 2) \\\n", theirs: "\tH(C, 3) \\\n",
        after: "\tF(Z, 9)\n"),
    ]
  )
  private func fewElements(_ added: Added) {
    #expect(added.resolved(by: AddedElements()) == nil)
    #expect(added.swapped.resolved(by: AddedElements()) == nil)
  }

  @Test(
    "keeps both entries where neighbours are alike",
    arguments: [
      Added(
        path: "Makefile", before: "check:\n\tcd a && tool check --all\n", ours: "\tcd b && tool check --all\n",
        theirs: "\tcd c && tool check --all\n"),
      Added(path: "Makefile", before: "OBJS += a.o\n", ours: "OBJS += b.o\n", theirs: "OBJS += c.o\n"),
      Added(path: "conf", before: "set a 1\nset b 2\n", ours: "set x \"\"\n", theirs: "set y 5\n"),
      Added(path: ".gitignore", before: "a/*\n", ours: "!/a/keep.js\nout/\n", theirs: "tmp-1/**\n"),
      Added(path: ".gitignore", before: "a/*\n", ours: "!/a/b.js\n", theirs: "!/a/c.js\n"),
    ]
  )
  private func entries(_ added: Added) {
    #expect(added.resolved(by: AddedEntries()) == added.ours + added.theirs)
    #expect(added.swapped.resolved(by: AddedEntries()) == added.theirs + added.ours)
  }

  @Test(
    "leaves entries that neighbours say nothing of",
    arguments: [
      // Other lines of a recipe: of few words, and of two that differ.
      Added(path: "Makefile", before: "a:\n\tcp a b\n", ours: "\tcp c b\n", theirs: "\tcp d b\n"),
      Added(
        path: "Makefile", before: "check:\n\tcd a && tool check --all\n", ours: "\tcd b && tool check --some\n",
        theirs: "\tcd c && tool check --all\n"),
      // The same variable once for all, and the same line twice.
      Added(path: "Makefile", before: "A = a\n", ours: "OBJS = b.o\n", theirs: "OBJS = c.o\n"),
      Added(path: "Makefile", before: "OBJS += a.o\n", ours: "OBJS += b.o\n", theirs: "OBJS += b.o\nOBJS += c.o\n"),
      // One neighbour alone, and lines that start in several ways.
      Added(path: "conf", before: "set a 1\n", ours: "set x 2\n", theirs: "set y 5\n"),
      Added(path: "conf", before: "set a 1\nset b 2\n", ours: "set x 2\n", theirs: "unset y\n"),
      // Paths that may be the ones taken back.
      Added(path: ".gitignore", before: "a\n", ours: "!/a/keep.js\n", theirs: "*.js\n"),
      Added(path: ".gitignore", before: "a\n", ours: "!/a/keep.js\n", theirs: "/a/\n"),
      Added(path: ".gitignore", before: "a\n", ours: "!keep*\n", theirs: "b/\n"),
    ]
  )
  private func otherEntries(_ added: Added) {
    #expect(added.resolved(by: AddedEntries()) == nil)
    #expect(added.swapped.resolved(by: AddedEntries()) == nil)
  }

  @Test("keeps elements that go on in the next line, where they end with a comma")
  func longElements() {
    let before = "const a = {\n  'z': () =>\n    f('z'),\n"
    func added(_ ours: String) -> Added {
      Added(path: "a.js", before: before, ours: ours, theirs: "  'c': () =>\n    f('c'),\n", after: "};\n")
    }
    let whole = added("  'b': () =>\n    f('b'),\n")
    #expect(whole.resolved(by: AddedElements()) == whole.ours + whole.theirs)
    #expect(added("  'b': () =>\n    f('b')\n").resolved(by: AddedElements()) == nil)
  }

  @Test("keeps messages that use the same new word, but no settings of code that do")
  func messages() {
    func added(_ path: String) -> Added {
      Added(path: path, before: "z = 1\n", ours: "a = \"plugin\"\n", theirs: "b = \"plugin 2\"\n")
    }
    #expect(added("a.properties").resolved(by: AddedEntries()) == "a = \"plugin\"\nb = \"plugin 2\"\n")
    #expect(added("a.toml").resolved(by: AddedEntries()) == nil)
  }

  @Test("puts an element that ends the list last")
  func lastElement() {
    let added = Added(path: "a.swift", before: "let a = [\n  b,\n", ours: "  c\n", theirs: "  d,\n  e,\n", after: "]\n")
    #expect(added.resolved(by: AddedElements()) == "  d,\n  e,\n  c\n")
    #expect(added.swapped.resolved(by: AddedElements()) == "  d,\n  e,\n  c\n")
    let both = Added(path: "a.swift", before: "let a = [\n  b,\n", ours: "  c,\n", theirs: "  d,\n", after: "]\n")
    #expect(both.resolved(by: AddedElements()) == "  c,\n  d,\n")
  }

  @Test("tells fields of Go apart by what stands before their types")
  func fields() {
    func resolved(_ ours: String, _ theirs: String) -> String? {
      Added(path: "a.go", before: "type A struct {\n\ta int\n", ours: ours, theirs: theirs, after: "}\n")
        .resolved(by: AddedDeclarations())
        ?? Added(path: "a.go", before: "type A struct {\n\ta int\n", ours: ours, theirs: theirs, after: "}\n")
        .resolved(by: AddedElements())
    }
    #expect(resolved("\tb  sync.Pool\n", "\tc  sync.Pool\n") == "\tb  sync.Pool\n\tc  sync.Pool\n")
    #expect(resolved("\tb  sync.Pool\n", "\tb  sync.Map\n") == nil)
    #expect(resolved("\tb *B\n", "\tb []B\n") == nil)
  }

  @Test(
    "puts the documentation of a module first, and keeps imports that go on",
    arguments: [
      Added(
        path: "a.py", before: "# c\n", ours: "\"\"\"A.\n\nB.\n\"\"\"\n", theirs: "import x\n", after: "\n\na = 1\n"),
      Added(
        path: "a.py", ours: "from a import (\n    b,\n    c,\n)\n", theirs: "from d import e\n", after: "\n\na = 1\n"),
    ]
  )
  private func modules(_ added: Added) {
    let isText = added.ours.hasPrefix("\"")
    let merged = added.ours + added.theirs
    #expect(added.resolved(by: AddedDeclarations()) == merged)
    #expect(added.swapped.resolved(by: AddedDeclarations()) == (isText ? merged : added.theirs + added.ours))
  }

  @Test("leaves a text that is no documentation, and two that are")
  func texts() {
    let late = Added(path: "a.py", before: "import y\n", ours: "\"\"\"A.\"\"\"\n", theirs: "import x\n")
    #expect(late.resolved(by: AddedDeclarations()) == nil)
    let first = Added(path: "a.py", before: "# c\n", ours: "\"\"\"A.\"\"\"\n", theirs: "import x\n")
    #expect(first.resolved(by: AddedDeclarations()) != nil)
    let two = Added(path: "a.py", before: "# c\n", ours: "\"\"\"A.\"\"\"\n", theirs: "\"\"\"B.\"\"\"\n")
    #expect(two.resolved(by: AddedDeclarations()) == nil)
  }
}
