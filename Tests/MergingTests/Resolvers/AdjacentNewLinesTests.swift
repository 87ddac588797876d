import Testing

@testable import Merging

@Suite("adjacent-new-lines") struct AdjacentNewLinesTests {
  let resolver = AdjacentNewLines()

  @Test(
    "takes new lines beside what the other side changed or deleted",
    arguments: [
      // Behind a deleted line.
      ("a.c", "first(alpha, b);\n", "", "first(alpha, b);\nlast = 1;\n", "last = 1;\n"),
      // Behind several.
      (
        "a.py", "first(alpha)\nsecond(beta)\n", "", "first(alpha)\nsecond(beta)\nlast = one(two)\n", "last = one(two)\n"
      ),
      // Beside a line of the same form.
      (
        "a.js", "  width: compute(a, b),\n  second,\n", "  height: compute(a, b),\n  second,\n",
        "  color: red,\n  width: compute(a, b),\n  second,\n", "  color: red,\n  height: compute(a, b),\n  second,\n"
      ),
      // Before a comment that was mended.
      (
        "a.go", "// Adds alpha to beta\nfunc add() {\n", "// Adds alpha to beta.\nfunc add() {\n",
        "var last = 1\n// Adds alpha to beta\nfunc add() {\n", "var last = 1\n// Adds alpha to beta.\nfunc add() {\n"
      ),
      // Blank lines alone.
      ("a.rb", "first(alpha, b)\n", "second\nthird(c)\n", "first(alpha, b)\n\n", "second\nthird(c)\n\n"),
    ]
  )
  func combined(path: String, base: String, ours: String, theirs: String, result: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == result)
    #expect(fixture.swapped.resolved(by: resolver) == result)
  }

  @Test(
    "abstains where the new lines may belong to what was changed",
    arguments: [
      // They speak of what was deleted.
      ("a.c", "first(alpha, beta);\n", "", "first(alpha, beta);\nfirst(beta, alpha);\n"),
      // They stand before it.
      ("a.c", "first(alpha, b);\n", "", "last = 1;\nfirst(alpha, b);\n"),
      // Entries of data beside a deleted one.
      ("a.json", "\"one\": 1,\n", "", "\"one\": 1,\n\"two\": 2,\n"),
      // They use a value that was raised.
      (
        "a.yml", "runs: ubuntu-20\nlast: 1\n", "runs: ubuntu-22\nlast: 1\n",
        "image: ubuntu-20\nruns: ubuntu-20\nlast: 1\n"
      ),
      // They are not whole.
      ("a.c", "first(alpha, b);\n", "", "first(alpha, b);\n}\nvoid g() {\n"),
      // Imports.
      ("a.py", "first(alpha)\n", "", "first(alpha)\nimport os\n"),
      // A part that only some builds have.
      ("a.c", "first(alpha, b);\n", "", "first(alpha, b);\n#endif\n"),
      // A comment on the line that was changed.
      ("a.c", "first(alpha, beta, b);\n", "first(alpha, beta, c);\n", "// On purpose\nfirst(alpha, beta, b);\n"),
      // Within a comment whose form was changed.
      ("a.php", "/**\n * @group one\n */\n", "/** @group one */\n", "/**\n * @group one\n * @group two\n */\n"),
      // Within a block whose head was changed.
      (
        "a.go", "for alpha.next() {\nsecond(b)\n", "for alpha.more() {\nsecond(b)\n",
        "for alpha.next() {\n\tx := 1\nsecond(b)\n"
      ),
      // The same access that was rewritten.
      (
        "a.php", "$a[] = get($column['name'], $one, $two);\n", "$a[] = get($column->name, $one, $two);\n",
        "$a[] = get($column['name'], $one, $two);\n$types = $column['name'];\n"
      ),
      // Rewritten lines.
      ("a.c", "first(alpha, b);\nsecond(c);\n", "return;\n", "first(alpha, b);\nsecond(c);\nlast = 1;\n"),
      // Within a block whose head is gone.
      ("a.py", "    if a:\n        one(b)\n", "", "    if a:\n        one(b)\n        log(stamp)\n"),
      // What goes on with a statement that is gone.
      ("a.c", "  if (a)\n    one(b);\n", "", "  if (a)\n    one(b);\n  else\n    other(c);\n"),
      // The recipe of a target that is gone.
      ("Makefile", "start:\n\tone a\n\ttwo b\n", "", "start:\n\tone a\n\ttwo b\n\tthree c\n"),
      // A statement after which nothing is reached any more.
      (
        "a.py", "    one(alpha)\n    two(alpha)\n", "    one(alpha)\n    return two(alpha)\n",
        "    one(alpha)\n    two(alpha)\n    log(stamp)\n"
      ),
      // A line that is the value of its block now.
      (
        "a.rs", "    one(alpha);\n    two(alpha);\n", "    one(alpha);\n    two(alpha)\n",
        "    one(alpha);\n    two(alpha);\n    three(stamp);\n"
      ),
      // Changes of both.
      ("a.c", "first(alpha, b);\n", "first(alpha, c);\n", "first(alpha, d);\nlast = 1;\n"),
    ]
  )
  func dependent(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the rest of the files ties the new lines to what was deleted")
  func files() {
    let fixture = ConflictFixture(
      "a.c", base: "first(alpha, b);\n", ours: "", theirs: "first(alpha, b);\nlast = helper(1);\n")
    func resolved(_ base: String, _ ours: String, _ theirs: String) -> String? {
      var copy = fixture
      copy.context = ResolverContext(
        path: fixture.context.path, base: fixture.context.base + base.utf8, ours: fixture.context.ours + ours.utf8,
        theirs: fixture.context.theirs + theirs.utf8)
      return copy.resolved(by: resolver)
    }
    #expect(resolved("helper()\n", "helper()\n", "helper()\n") == "last = helper(1);\n")
    // The name that they use is gone.
    #expect(resolved("helper()\n", "other()\n", "helper()\n") == nil)
    // The name that they bring in is there already.
    #expect(resolved("x\n", "last = 2\n", "x\n") == nil)
    // The deleted line stands elsewhere now.
    #expect(resolved("x\n", "first(alpha, b);\nx\n", "x\n") == nil)
    // What was given up is used more often.
    #expect(resolved("x\n", "x\n", "x(alpha)\n") == nil)
  }

  @Test("abstains from a part of a conflict")
  func narrowed() {
    var fixture = ConflictFixture("a.c", base: "first(alpha);\n", ours: "", theirs: "first(alpha);\nlast = 1;\n")
    #expect(fixture.resolved(by: resolver) == "last = 1;\n")
    fixture.conflict.isNarrowed = true
    #expect(fixture.resolved(by: resolver) == nil)
  }
}
