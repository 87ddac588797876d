import Testing

@testable import Merging

@Suite("imports by what the files use") struct ImportEvidenceTests {
  let resolver = ImportSet()

  /// A conflict of imports at the top of three files that go on in different ways.
  private func fixture(
    _ path: String,
    _ imports: (base: String, ours: String, theirs: String),
    rest: (base: String, ours: String, theirs: String)
  ) -> ConflictFixture {
    var fixture = ConflictFixture(path, base: imports.base, ours: imports.ours, theirs: imports.theirs)
    func file(_ head: [UInt8], _ rest: String) -> [UInt8] { head + Array(("\nclass X {\n" + rest).utf8) }
    fixture.context = ResolverContext(
      path: fixture.context.path,
      base: file(fixture.context.base, rest.base),
      ours: file(fixture.context.ours, rest.ours),
      theirs: file(fixture.context.theirs, rest.theirs)
    )
    return fixture
  }

  @Test(
    "a name is used where its side only added lines, be they in conflict",
    arguments: [
      ("x();\n", "x();\nB.f();\n", "x();\nC.f();\n", true),
      ("", "B.f();\n", "C.f();\n", true),
      // Both gave the line another form, and one of them may be left out.
      ("x();\n", "B.f();\n", "C.f();\n", false),
      ("x();\n", "x();\nB.f();\n", "C.f();\n", false),
    ])
  func addedUses(base: String, ours: String, theirs: String, acts: Bool) {
    let fixture = fixture(
      "A.java", ("import a.A;\n", "import a.A;\nimport a.B;\n", "import a.A;\nimport a.C;\n"),
      rest: (base, ours, theirs))
    #expect(fixture.resolved(by: resolver) == (acts ? "import a.A;\nimport a.B;\nimport a.C;\n" : nil))
    #expect(fixture.swapped.resolved(by: resolver) == (acts ? "import a.A;\nimport a.C;\nimport a.B;\n" : nil))
  }

  @Test(
    "a name can go where its last uses are what the other side replaced",
    arguments: [
      // Both changed the line, one of them so that it needs the name no more.
      ("s(S.x);\n", "t(x);\n", "s(S.x, 2);\n", true),
      ("s(S.x);\n", "t(x);\n", "s(S.x, S.y);\n", false),
      // The word stands in other lines of that side too, which need no import.
      ("s(S.x);\n1;\n2;\n3;\nthis.S();\n", "t(x);\n1;\n2;\n3;\nthis.S();\n", "s(S.x);\n1;\n2;\n3;\nthis.S();\n", true),
      (
        "s(S.x);\n1;\n2;\n3;\nthis.S();\n", "t(x);\n1;\n2;\n3;\nthis.S();\n",
        "s(S.x);\n1;\n2;\nS.y();\n3;\nthis.S();\n", false
      ),
    ])
  func lastUses(base: String, ours: String, theirs: String, acts: Bool) {
    let fixture = fixture(
      "A.java", ("import a.A;\nimport a.S;\n", "import a.A;\n", "import a.A;\nimport a.S;\nimport a.T;\n"),
      rest: ("T t;\n1;\n2;\n3;\n" + base, "T t;\n1;\n2;\n3;\n" + ours, "T t;\n1;\n2;\n3;\n" + theirs))
    #expect(fixture.resolved(by: resolver) == (acts ? "import a.A;\nimport a.T;\n" : nil))
    #expect(fixture.swapped.resolved(by: resolver) == (acts ? "import a.A;\nimport a.T;\n" : nil))
  }

  @Test("a name that a side took from one module to another is not there twice")
  func otherModule() {
    let imports = (base: "import os\n", ours: "import os\nimport re\n", theirs: "import os\nfrom c import F\n")
    let old = "from t import F, G\nF(re, os, G)\n"
    let taken = fixture("a.py", imports, rest: (old, old, "from t import G\nF(re, os, G)\n"))
    #expect(taken.resolved(by: resolver) == "import os\nimport re\nfrom c import F\n")
    #expect(taken.swapped.resolved(by: resolver) == "import os\nfrom c import F\nimport re\n")
    // It left the old one there.
    let twice = fixture("a.py", imports, rest: (old, old, old))
    #expect(twice.resolved(by: resolver) == nil)
    // It moved the very import, as an order of its own asks for.
    let moved = fixture(
      "a.py", imports, rest: ("from c import F\nF(re, os)\n", "from c import F\nF(re, os)\n", "F(re, os)\n"))
    #expect(moved.resolved(by: resolver) == nil)
  }

  @Test("a side that imports the same from elsewhere leaves alone what has another origin")
  func otherOrigin() {
    func fixture(_ added: String, _ elsewhere: String) -> ConflictFixture {
      self.fixture(
        "A.java", ("import old.api.S;\n", "", "import old.api.S;\n\(added)"),
        rest: ("S s; T t;\n", "import \(elsewhere);\nS s; T t;\n", "S s; T t;\n"))
    }
    #expect(fixture("import own.T;\n", "fresh.api.S").resolved(by: resolver) == "import own.T;\n")
    #expect(fixture("import own.T;\n", "fresh.api.S").swapped.resolved(by: resolver) == "import own.T;\n")
    // It would have to come from the new place as well.
    #expect(fixture("import old.api.T;\n", "fresh.api.S").resolved(by: resolver) == nil)
    // The import only moved.
    #expect(fixture("import own.T;\n", "old.api.S").resolved(by: resolver) == nil)
  }

  @Test("headers that are gone have not moved where a side has no new ones")
  func goneHeaders() {
    func fixture(_ ours: String) -> ConflictFixture {
      var fixture = ConflictFixture(
        "a.c", base: "#include \"a.h\"\n", ours: "", theirs: "#include \"a.h\"\n#include \"b.h\"\n")
      fixture.context = ResolverContext(
        path: fixture.context.path,
        base: fixture.context.base + Array("int x;\n#include \"k.h\"\n".utf8),
        ours: fixture.context.ours + Array("int x;\n\(ours)".utf8),
        theirs: fixture.context.theirs + Array("int x;\n#include \"k.h\"\n".utf8)
      )
      return fixture
    }
    #expect(fixture("#include \"k.h\"\n").resolved(by: resolver) == "#include \"b.h\"\n")
    #expect(fixture("#include \"k.h\"\n").swapped.resolved(by: resolver) == "#include \"b.h\"\n")
    #expect(fixture("#include \"k.h\"\n#include \"io/a.h\"\n").resolved(by: resolver) == nil)
    #expect(fixture("").resolved(by: resolver) == nil)
  }

  @Test("a group of which nothing is left takes its blank line with it")
  func emptyGroups() {
    let fixture = ConflictFixture(
      "a.py", base: "from s import i\n\n", ours: "from s import i\n\nimport a\n", theirs: "", after: "a()\n")
    #expect(fixture.resolved(by: resolver) == "import a\n")
    #expect(fixture.swapped.resolved(by: resolver) == "import a\n")
    let kept = ConflictFixture(
      "a.py", base: "import b\n\nimport i\n", ours: "import b\n\nimport i\nimport j\n", theirs: "import b\n\n",
      after: "b(j)\n")
    #expect(kept.resolved(by: resolver) == "import b\n\nimport j\n")
  }
}
