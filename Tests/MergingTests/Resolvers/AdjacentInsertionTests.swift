import Testing

@testable import Merging

@Suite("adjacent-insertion") struct AdjacentInsertionTests {
  let resolver = AdjacentInsertion()

  @Test(
    "takes new lines beside a small change of the other side",
    arguments: [
      // Behind it.
      (
        "a.c", "first(alpha, b);\n", "first(alpha, c);\n", "first(alpha, b);\nlast = 1;\n",
        "first(alpha, c);\nlast = 1;\n"
      ),
      // Before it.
      ("a.py", "first(alpha, b)\n", "first(alpha, c)\n", "last = 1\nfirst(alpha, b)\n", "last = 1\nfirst(alpha, c)\n"),
      // A whole block.
      (
        "a.go", "count := start(alpha)\n", "count := begin(alpha)\n", "count := start(alpha)\nif x {\n\treturn\n}\n",
        "count := begin(alpha)\nif x {\n\treturn\n}\n"
      ),
      // A key of a table.
      (
        "a.json", "\"alpha\": \"1.0\",\n", "\"alpha\": \"1.1\",\n", "\"beta\": true,\n\"alpha\": \"1.0\",\n",
        "\"beta\": true,\n\"alpha\": \"1.1\",\n"
      ),
      // Blank lines.
      ("a.rb", "first(alpha, b)\n", "first(alpha, c)\n", "first(alpha, b)\n\n", "first(alpha, c)\n\n"),
    ]
  )
  func combined(path: String, base: String, ours: String, theirs: String, result: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == result)
    #expect(fixture.swapped.resolved(by: resolver) == result)
  }

  @Test(
    "abstains where the new lines may need the other side's change",
    arguments: [
      // They use what it removed.
      ("a.c", "first(alpha, beta, old);\n", "first(alpha, beta, new);\n", "first(alpha, beta, old);\nlast = old;\n"),
      // They bring in what it brought in.
      ("a.c", "first(alpha, b);\n", "first(alpha, b, extra);\n", "first(alpha, b);\nlast = extra;\n"),
      // They are like the line that it rewrote.
      ("a.c", "write(fp, alpha);\n", "write(c, fp, alpha);\n", "write(fp, alpha);\nwrite(fp, beta);\n"),
      // They have the form that it changed.
      (
        "a.go", "return newThing(alpha)\n", "return newThing(alpha), nil\n",
        "return newThing(alpha)\ndefer other(beta)\n"
      ),
      // They are not whole.
      ("a.c", "first(alpha, b);\n", "first(alpha, c);\n", "first(alpha, b);\n}\nvoid g() {\n"),
      // They are imports.
      (
        "a.ts", "import { alpha } from './one';\n", "import { alpha } from './two';\n",
        "import { alpha } from './one';\nimport os;\n"
      ),
      // They stand within a block whose head was changed.
      ("a.go", "for alpha.next() {\n", "for alpha.next() != none {\n", "for alpha.next() {\n\tx := 1\n"),
      // Beside a deletion.
      ("a.c", "first(alpha, b);\n", "", "first(alpha, b);\nlast = 1;\n"),
      // Beside a line that is another now.
      ("a.c", "first(alpha, b);\n", "return;\n", "first(alpha, b);\nlast = 1;\n"),
      // Beside a comment wrapped anew.
      ("a.c", "// one two three four\n", "// one two three\n", "// one two three four\n//\n"),
      // Both have new lines.
      ("a.c", "first(alpha, b);\n", "first(alpha, b);\nmore = 2;\n", "first(alpha, b);\nlast = 1;\n"),
      // No new lines.
      ("a.c", "first(a);\nsecond(b);\n", "first(x);\nsecond(b);\n", "first(a);\nsecond(y);\n"),
    ]
  )
  func dependent(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }
}
