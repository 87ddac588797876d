import Testing

@testable import Merging

@Suite("added leads") struct AddedLeadsTests {
  /// One side's declarations and the other's leading lines in a file around them.
  struct Case: Sendable {
    var path: String
    var before: String
    var items: String
    var leads: String
    var after: String

    var merged: (String?, String?) {
      func merge(_ ours: String, _ theirs: String) -> String? {
        func file(_ added: String) -> [UInt8] { Array((before + added + after).utf8) }
        let merge = FileMerge(
          base: file(""), ours: file(ours), theirs: file(theirs), path: Array(path.utf8), resolvers: [AddedLeads()])
        return merge.isClean
          ? String(decoding: merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil)), as: UTF8.self) : nil
      }
      return (merge(items, leads), merge(leads, items))
    }
  }

  private static let java = (before: "class A {\n  int z;\n\n", after: "  void f() {\n    z();\n  }\n}\n")
  private static let swift = (before: "let z = 1\n\n", after: "struct B {\n}\n")

  @Test(
    "puts declarations before what leads to the next one",
    arguments: [
      Case(
        path: "A.java", before: java.before, items: "  void g() {\n    y();\n  }\n\n", leads: "  @Deprecated\n",
        after: java.after),
      Case(path: "a.swift", before: swift.before, items: "struct A {\n}\n\n", leads: "@frozen\n", after: swift.after),
      Case(
        path: "a.swift", before: swift.before, items: "struct A {\n}\n\n", leads: "/// Says what it is.\n",
        after: swift.after),
      Case(
        path: "a.rs", before: "const Z: u8 = 1;\n\n", items: "fn a() {\n    b();\n}\n\n", leads: "#[inline]\n",
        after: "fn c() {\n    d();\n}\n"),
      Case(
        path: "a.py", before: "z = 1\n\n", items: "def a():\n    b()\n\n", leads: "@cached\n",
        after: "def c():\n    d()\n"),
    ]
  )
  func keeps(_ given: Case) {
    let expected = given.before + given.items + given.leads + given.after
    #expect(given.merged == (expected, expected))
  }

  @Test(
    "leaves",
    arguments: [
      // A comment that may be of anything, and one that a blank line parts from the code.
      Case(
        path: "a.swift", before: swift.before, items: "struct A {\n}\n\n", leads: "// Note.\n", after: swift.after),
      Case(
        path: "a.swift", before: swift.before, items: "struct A {\n}\n\n", leads: "/// Note.\n\n", after: swift.after),
      // What is said of the file.
      Case(
        path: "a.kt", before: "", items: "fun a() {\n    b()\n}\n", leads: "@file:JvmName(\"A\")\n",
        after: "fun c() {\n    d()\n}\n"),
      // Statements.
      Case(path: "a.py", before: "z = 1\n\n", items: "run()\n", leads: "@cached\n", after: "def c():\n    d()\n"),
      // Two leads, and a declaration with a lead of its own at its end.
      Case(
        path: "A.java", before: java.before, items: "  @Override\n", leads: "  @Deprecated\n", after: java.after),
      Case(
        path: "A.java", before: java.before, items: "  void g() {\n    y();\n  }\n\n  @Override\n",
        leads: "  @Deprecated\n", after: java.after),
      // A comment over lines.
      Case(
        path: "A.java", before: java.before, items: "  void g() {\n    y();\n  }\n\n", leads: "  /** Says. */\n",
        after: java.after),
      // Text.
      Case(path: "a.md", before: "# A\n\n", items: "- a\n", leads: "@b\n", after: "- c\n"),
    ]
  )
  func abstains(_ given: Case) {
    #expect(given.merged == (nil, nil))
  }

  @Test("leaves declarations that use what the other side took out of the file")
  func removedNames() {
    let before = "let zebra = 1\n\n"
    func merged(_ renamed: String) -> Bool {
      FileMerge(
        base: Array((before + "struct B {\n}\n").utf8),
        ours: Array((before + "struct A {\n  let a = zebra\n}\n\nstruct B {\n}\n").utf8),
        theirs: Array((renamed + "@frozen\nstruct B {\n}\n").utf8), path: Array("a.swift".utf8),
        resolvers: [AddedLeads()]
      ).isClean
    }
    #expect(merged(before))
    #expect(!merged("let horse = 1\n\n"))
  }
}
