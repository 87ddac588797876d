import Testing

@testable import Merging

@Suite("adjacent-edits") struct AdjacentEditsTests {
  let resolver = AdjacentEdits()

  @Test(
    "takes both where the sides changed different lines",
    arguments: [
      // One line each.
      (
        "a.c", "first(a);\nsecond(b);\n", "first(x);\nsecond(b);\n", "first(a);\nsecond(y);\n",
        "first(x);\nsecond(y);\n"
      ),
      // The outer lines and the one between them.
      (
        "a.java", "int a = one();\nint b = two();\nint c = three();\n",
        "int a = uno();\nint b = two();\nint c = tres();\n",
        "int a = one();\nint b = dos();\nint c = three();\n", "int a = uno();\nint b = dos();\nint c = tres();\n"
      ),
      // A deletion beside a change.
      (
        "a.py", "first = one(a)\nsecond = two(b)\n", "second = two(b)\n", "first = one(a)\nsecond = two(c)\n",
        "second = two(c)\n"
      ),
      // Two deletions.
      ("a.go", "first(a)\nsecond(b)\nthird(c)\n", "second(b)\nthird(c)\n", "first(a)\nthird(c)\n", "third(c)\n"),
      // A change beside other lines.
      (
        "a.rb", "first(a, b)\nlast = 1\n", "first(a, c)\nlast = 1\n", "first(a, b)\ncompletely\ndifferent\n",
        "first(a, c)\ncompletely\ndifferent\n"
      ),
      // Keys of a table.
      (
        "a.json", "\"one\": \"a\",\n\"two\": \"b\",\n", "\"one\": \"x\",\n\"two\": \"b\",\n",
        "\"one\": \"a\",\n\"two\": \"y\",\n", "\"one\": \"x\",\n\"two\": \"y\",\n"
      ),
    ]
  )
  func combined(path: String, base: String, ours: String, theirs: String, result: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == result)
    #expect(fixture.swapped.resolved(by: resolver) == result)
    #expect(fixture.resolution(by: resolver)?.dropped == [])
  }

  @Test("takes a change into a block that the other side indented, and says which lines it leaves out")
  func indentedAnew() {
    let fixture = ConflictFixture(
      "a.js",
      base: "first(a);\nsecond(b);\n",
      ours: "if (on) {\n  first(a);\n  second(b);\n}\n",
      theirs: "first(a);\nsecond(c);\n"
    )
    #expect(fixture.resolved(by: resolver) == nil)
    let indented = ConflictFixture(
      "a.js",
      base: "first(a);\nsecond(b);\n",
      ours: "  first(a);\n  second(b);\n",
      theirs: "first(a);\nsecond(c);\n"
    )
    #expect(indented.resolved(by: resolver) == "  first(a);\n  second(c);\n")
    #expect(
      indented.resolution(by: resolver)?.dropped.map { String(decoding: $0.line, as: UTF8.self) } == [
        "  second(b);", "second(c);",
      ])
  }

  @Test(
    "abstains where the changes depend on each other or meet",
    arguments: [
      // Both changed a line.
      ("a.c", "first(a);\nsecond(b);\n", "first(x);\nsecond(c);\n", "first(y);\nsecond(b);\n"),
      // New lines beside a change.
      ("a.c", "first(a);\n", "first(b);\n", "first(a);\nlast(a);\n"),
      // Both brought the same name in.
      ("a.c", "first(a);\nsecond(b);\n", "first(a, extra);\nsecond(b);\n", "first(a);\nsecond(b, extra);\n"),
      // One newly uses what the other took away.
      (
        "a.c", "first(old, a, b);\nsecond(c, d, e);\n", "first(new, a, b);\nsecond(c, d, e);\n",
        "first(old, a, b);\nsecond(c, d, old);\n"
      ),
      // The name of a package and the version of the old one.
      (
        "Cargo.toml", "name = \"one\"\nversion = \"1.0.0\"\n", "name = \"two\"\nversion = \"1.0.0\"\n",
        "name = \"one\"\nversion = \"1.1.0\"\n"
      ),
      // One line deleted and changed.
      ("a.c", "first(a);\nsecond(b);\n", "", "first(a);\nsecond(c);\n"),
      // Translations.
      (
        "de.po", "msgid \"a b\"\nmsgstr \"c d\"\n", "msgid \"a x\"\nmsgstr \"c d\"\n", "msgid \"a b\"\nmsgstr \"c y\"\n"
      ),
    ]
  )
  func dependent(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where more lines than before close what stands above them, not where they close their own")
  func acrossBrackets() {
    let base = "help: \"text of one\",\n}),\n"
    let ours = "help: \"text of two\",\n}),\n"
    let crossing = ConflictFixture(
      "a.go", base: base, ours: ours, theirs: "help: \"text of one\",\n} else {\n\tother(1)\n")
    #expect(crossing.resolved(by: resolver) == nil)
    let own = ConflictFixture(
      "a.go", base: "a := text(one, 2, 3, 4)\nlast\n", ours: "a := text(two, 2, 3, 4)\nlast\n",
      theirs: "a := text(one, 2, 3, 4)\ng(1)\nh(2)\n"
    )
    #expect(own.resolved(by: resolver) == "a := text(two, 2, 3, 4)\ng(1)\nh(2)\n")
  }

  @Test("abstains beside lines that are nearly all new, and where each side moved the white space alone")
  func rewritten() {
    func fixture(_ theirs: String, _ ours: String = "a := text(two)\nlast\n") -> ConflictFixture {
      ConflictFixture("a.go", base: "a := text(one)\nlast\n", ours: ours, theirs: theirs)
    }
    #expect(fixture("a := text(one)\ng(1)\nh(2)\n").resolved(by: resolver) == nil)
    #expect(fixture("a := text(one)\nlast(2)\n").resolved(by: resolver) == "a := text(two)\nlast(2)\n")
    #expect(fixture("a := text(one)\n\tlast\n", "\ta := text(one)\nlast\n").resolved(by: resolver) == nil)
  }

  @Test("abstains where the sides deleted different ones of two equal lines")
  func equalLines() {
    let twice = ConflictFixture("a.c", base: "use(a);\nuse(b);\nuse(a);\nuse(b);\n", ours: "use(a);\n", theirs: "")
    #expect(twice.resolved(by: resolver) == nil)
    let once = ConflictFixture("a.c", base: "use(a);\nget(b);\n", ours: "use(a);\n", theirs: "get(b);\n")
    #expect(once.resolved(by: resolver) == "")
  }

  @Test("abstains from a part of a conflict, whose ancestor is a guess")
  func narrowed() {
    var fixture = ConflictFixture("a.c", base: "f(a);\ng(b);\n", ours: "f(c);\ng(b);\n", theirs: "f(a);\ng(d);\n")
    #expect(fixture.resolved(by: resolver) == "f(c);\ng(d);\n")
    fixture.conflict.isNarrowed = true
    #expect(fixture.resolved(by: resolver) == nil)
  }

  @Test("takes any bytes")
  func anyBytes() {
    let base: [UInt8] = [0xFF, 0x20, 0x61, 0x0A, 0xFE, 0x20, 0x62, 0x0A]
    let ours: [UInt8] = [0xFF, 0x20, 0x63, 0x0A, 0xFE, 0x20, 0x62, 0x0A]
    let theirs: [UInt8] = [0xFF, 0x20, 0x61, 0x0A, 0xFE, 0x20, 0x64]
    let fixture = ConflictFixture("a", base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolution(by: resolver)?.lines == [0xFF, 0x20, 0x63, 0x0A, 0xFE, 0x20, 0x64])
  }
}
