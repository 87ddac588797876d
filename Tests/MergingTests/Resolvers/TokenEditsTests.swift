import Testing

@testable import Merging

@Suite("token-edits") struct TokenEditsTests {
  let resolver = TokenEdits()

  @Test(
    "takes both where the sides changed different elements of a line",
    arguments: [
      ("a.c", "f(one, two, three);\n", "f(uno, two, three);\n", "f(one, two, tres);\n", "f(uno, two, tres);\n"),
      // An argument more.
      (
        "a.go", "f(one, two, three)\n", "f(uno, two, three)\n", "f(one, two, three, four)\n",
        "f(uno, two, three, four)\n"
      ),
      // A parameter less.
      (
        "a.swift", "func f(one: A, two: B, three: C)\n", "func f(one: X, two: B, three: C)\n",
        "func f(one: A, two: B)\n", "func f(one: X, two: B)\n"
      ),
      // Literals come whole.
      (
        "a.py", "f(\"a b\", 1.5, \"c d\")\n", "f(\"a x\", 1.5, \"c d\")\n", "f(\"a b\", 1.5, \"c y\")\n",
        "f(\"a x\", 1.5, \"c y\")\n"
      ),
      (
        "a.json", "[\"a b\", \"c d\", \"e f\"]\n", "[\"a x\", \"c d\", \"e f\"]\n", "[\"a b\", \"c d\", \"e y\"]\n",
        "[\"a x\", \"c d\", \"e y\"]\n"
      ),
    ]
  )
  func combined(path: String, base: String, ours: String, theirs: String, result: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == result)
    #expect(fixture.swapped.resolved(by: resolver) == result)
  }

  @Test("says which lines it leaves out")
  func dropped() {
    let fixture = ConflictFixture("a.c", base: "f(a, b, c);\n", ours: "f(x, b, c);\n", theirs: "f(a, b, y);\n")
    let reason = "combined with the other side's change of the same line"
    #expect(
      fixture.resolution(by: resolver)?.dropped == [
        DroppedLine(side: .ours, line: Array("f(x, b, c);".utf8), reason: reason),
        DroppedLine(side: .theirs, line: Array("f(a, b, y);".utf8), reason: reason),
      ])
  }

  @Test(
    "abstains where the changes stand in one element or meet",
    arguments: [
      // One expression.
      ("a.c", "x = one + two + three;\n", "x = uno + two + three;\n", "x = one + two + tres;\n"),
      // One element.
      ("a.c", "f(a, one + two);\n", "f(a, uno + two);\n", "f(a, one + dos);\n"),
      // The same word.
      ("a.c", "f(one, two);\n", "f(uno, two);\n", "f(eins, two);\n"),
      // One version.
      ("a.txt", "version 2.39.1\n", "version 2.39.2\n", "version 2.40.1\n"),
      // One literal.
      ("a.c", "f(\"one, two, three\");\n", "f(\"uno, two, three\");\n", "f(\"one, two, tres\");\n"),
      ("a.xml", "<a b=\"one, two, three\"/>\n", "<a b=\"uno, two, three\"/>\n", "<a b=\"one, two, tres\"/>\n"),
      // The same new name.
      ("a.c", "f(one, two, three);\n", "f(extra, two, three);\n", "f(one, two, extra);\n"),
      // Different lines, which is another's business.
      ("a.c", "first(a);\nsecond(b);\n", "first(x);\nsecond(b);\n", "first(a);\nsecond(y);\n"),
    ]
  )
  func oneElement(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("the proposal is for a whole conflict with an ancestor, in a file that people write")
  func proposalAbstains() {
    func fixture(_ path: String, base: String = "x = one + two + three;\n") -> ConflictFixture {
      ConflictFixture(path, base: base, ours: "x = uno + two + three;\n", theirs: "x = one + two + tres;\n")
    }
    #expect(fixture("a.c").resolved(by: TokenProposal()) == "x = uno + two + tres;\n")
    #expect(fixture("a.c", base: "").resolved(by: TokenProposal()) == nil)
    #expect(fixture("package-lock.json").resolved(by: TokenProposal()) == nil)
    var narrowed = fixture("a.c")
    narrowed.conflict.isNarrowed = true
    #expect(narrowed.resolved(by: TokenProposal()) == nil)
  }

  @Test(
    "the proposal also takes changes of one expression, but never parts of a token",
    arguments: [
      (
        "a.c", "x = one + two + three;\n", "x = uno + two + three;\n", "x = one + two + tres;\n",
        "x = uno + two + tres;\n"
      ),
      ("a.c", "f(a, one + two);\n", "f(a, uno + two);\n", "f(b, one + two);\n", "f(b, uno + two);\n"),
      (
        "a.swift", "let one = two(three)\n", "let uno = two(three)\n", "let one = two(tres)\n",
        "let uno = two(tres)\n"
      ),
      (
        "a.py", "one = two if three else 4\n", "uno = two if three else 4\n", "one = two if tres else 4\n",
        "uno = two if tres else 4\n"
      ),
      (
        "a.rb", "one.each { |two| three two }\n", "uno.each { |two| three two }\n", "one.each { |two| tres two }\n",
        "uno.each { |two| tres two }\n"
      ),
      // Two lines, of which each side changed one word.
      (
        "a.go", "one := two + three\nfour := five\n", "uno := two + three\nfour := cinco\n",
        "one := two + tres\nfour := five\n", "uno := two + tres\nfour := cinco\n"
      ),
      // The same word.
      ("a.swift", "let one = two\n", "let uno = two\n", "let eins = two\n", nil),
      // Words that touch.
      ("a.py", "one two three\n", "uno two three\n", "one dos three\n", nil),
      // A new word of each at one place.
      ("a.c", "f(one);\n", "f(one, two);\n", "f(one, three);\n", nil),
      ("a.txt", "version 2.39.1\n", "version 2.39.2\n", "version 2.40.1\n", nil),
      ("a.c", "f(\"one, two\");\n", "f(\"uno, two\");\n", "f(\"one, dos\");\n", nil),
      ("a.c", "f(oneTwo);\n", "f(unoTwo);\n", "f(oneDos);\n", nil),
    ] as [(String, String, String, String, String?)]
  )
  func proposal(path: String, base: String, ours: String, theirs: String, result: String?) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: TokenProposal()) == result)
    #expect(fixture.swapped.resolved(by: TokenProposal()) == result)
  }
}
