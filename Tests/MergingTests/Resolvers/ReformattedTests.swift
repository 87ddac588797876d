import Testing

@testable import Merging

@Suite("reformatted") struct ReformattedTests {
  let resolver = Reformatted()

  @Test(
    "takes the side that changed the tokens",
    arguments: [
      // Joined.
      ("a.c", "f(one,\n  two);\n", "f(one, two);\n", "f(one,\n  two, three);\n"),
      // Broken apart with a comma behind the last element.
      ("a.py", "f(one, two)\n", "f(\n    one,\n    two,\n)\n", "f(one, two, three)\n"),
      // A comma before the closing bracket alone.
      ("a.js", "const a = [\n  1,\n  2\n];\n", "const a = [\n  1,\n  2,\n];\n", "const a = [\n  1,\n  3\n];\n"),
      // Another indentation further down.
      ("a.go", "if a {\n  run(a)\n}\n", "if a {\n\trun(a)\n}\n", "if a {\n  run(a, b)\n}\n"),
      ("a.rb", "call :a,\n  :b\n", "call :a, :b\n", "call :a,\n  :c\n"),
      // A list in a document.
      ("a.json", "\"k\": [1, 2]\n", "\"k\": [\n  1,\n  2\n]\n", "\"k\": [1, 3]\n"),
    ]
  )
  func taken(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == theirs)
    #expect(fixture.swapped.resolved(by: resolver) == theirs)
  }

  @Test("says which lines it leaves out")
  func dropped() {
    let fixture = ConflictFixture("a.c", base: "f(one,\n  two);\n", ours: "f(one, two);\n", theirs: "f(one, 2);\n")
    let lines = fixture.resolution(by: resolver)?.dropped.map { String(decoding: $0.line, as: UTF8.self) }
    #expect(lines == ["f(one, two);"])
  }

  @Test(
    "abstains where more than the layout differs, or layout carries meaning",
    arguments: [
      // A token more.
      ("a.c", "f(one,\n  two);\n", "f(one, two, 3);\n", "f(one,\n  two, three);\n"),
      // Both only laid it out in another way.
      ("a.c", "f(one,\n  two);\n", "f(one, two);\n", "f(\n  one,\n  two);\n"),
      // White space within a text.
      ("a.c", "f(\"a b\");\n", "f(\"a  b\");\n", "f(\"a b\", 1);\n"),
      // Moved into a block.
      ("a.py", "run(a)\n", "    run(a)\n", "run(a, b)\n"),
      ("a.go", "  run(a)\n", "    run(a)\n", "  run(a, b)\n"),
      ("a.yaml", "key: a\n", "  key: a\n", "key: b\n"),
      // Words joined are other words.
      ("a.go", "go run(a)\n", "gorun(a)\n", "go run(a, b)\n"),
      // Code that became a comment.
      ("a.c", "a; // b\nc;\n", "a; // b c;\n", "a; // b\nc; d;\n"),
      // Other lines in the place of these.
      ("a.c", "f(one,\n  two);\n", "f(one, two);\n", "int x = y + z;\nreturn x;\n"),
      // A block that is closed elsewhere now.
      ("a.c", "if (a) {\n  b(); }\n", "if (a) { b(); }\n", "if (a) {\n  b();\n"),
      // One side is empty.
      ("a.c", "f(one,\n  two);\n", "f(one, two);\n", ""),
    ]
  )
  func left(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains in parts of a conflict and in catalogues of texts")
  func elsewhere() {
    var fixture = ConflictFixture("a.c", base: "f(one,\n  two);\n", ours: "f(one, two);\n", theirs: "f(one, 2);\n")
    #expect(fixture.resolved(by: resolver) == "f(one, 2);\n")
    fixture.conflict.isNarrowed = true
    #expect(fixture.resolved(by: resolver) == nil)
    let catalogue = ConflictFixture("a.po", base: "f(a,\n b)\n", ours: "f(a, b)\n", theirs: "f(a,\n c)\n")
    #expect(catalogue.resolved(by: resolver) == nil)
  }
}
