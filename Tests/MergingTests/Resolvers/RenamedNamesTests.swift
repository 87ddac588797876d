import Testing

@testable import Merging

@Suite("renamed-names") struct RenamedNamesTests {
  let resolver = RenamedNames()

  @Test(
    "gives the other side's lines the new name",
    arguments: [
      // A new line uses it.
      (
        "a.c", "open(port);\nlisten(port);\n", "open(socket);\nlisten(socket);\n",
        "open(port);\nlisten(port);\nclose(port);\n", "open(socket);\nlisten(socket);\nclose(socket);\n"
      ),
      // The ancestor declares it.
      (
        "a.js", "const limit = ask();\n", "const bound = ask();\n", "const limit = ask();\nkeep(limit);\n",
        "const bound = ask();\nkeep(bound);\n"
      ),
      // The same line got an argument.
      ("a.go", "send(old)\n", "send(fresh)\n", "send(old, 3)\n", "send(fresh, 3)\n"),
      // Two names.
      (
        "a.swift", "let a = one(two)\n", "let a = uno(dos)\n", "let a = try one(two)\n", "let a = try uno(dos)\n"
      ),
      // In comments and text literals as well.
      (
        "a.py", "run(\"job\", job)\n", "run(\"task\", task)\n",
        "# job\nrun(\"job\", job)\n", "# task\nrun(\"task\", task)\n"
      ),
      // Over several lines, laid out in another way.
      (
        "a.java", "f(\n  first);\ng(first);\n", "f(initial);\ng(initial);\n", "f(\n  first, 1);\ng(first);\n",
        "f(\n  initial, 1);\ng(initial);\n"
      ),
      // The other side already knows the name, and so did the ancestor.
      ("a.rb", "p left, right\n", "p right, right\n", "p left, right, 1\n", "p right, right, 1\n"),
    ]
  )
  func renamed(path: String, base: String, ours: String, theirs: String, result: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == result)
    #expect(fixture.swapped.resolved(by: resolver) == result)
  }

  @Test(
    "takes a word for a name that a side replaced in its whole file, wherever it stands in the conflict",
    arguments: [
      // A word of some languages, in code.
      ("a.c", "assert(a < b);\n", "CHECK(a < b);\n", "assert(a <= b);\n", "CHECK(a <= b);\n", 2),
      // In a comment and in a text.
      ("a.c", "// the port\n", "// the socket\n", "// the port\n// of a host\n", "// the socket\n// of a host\n", 1),
      ("a.js", "f('port');\n", "f('socket');\n", "f('port', 1);\n", "f('socket', 1);\n", 1),
    ]
  )
  func throughout(path: String, base: String, ours: String, theirs: String, result: String, times: Int) {
    func fixture(_ count: Int) -> ConflictFixture {
      var fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
      let old = String(repeating: base.contains("assert") ? "assert(x);\n" : "open(port);\n", count: count)
      let new = old.replacing("assert", with: "CHECK").replacing("port", with: "socket")
      fixture.context = ResolverContext(
        path: fixture.context.path,
        base: fixture.context.base + Array(("k;\n" + old).utf8),
        ours: fixture.context.ours + Array(("k;\n" + new).utf8),
        theirs: fixture.context.theirs + Array(("k;\n" + old).utf8)
      )
      return fixture
    }
    #expect(fixture(times).resolved(by: resolver) == result)
    #expect(fixture(times).swapped.resolved(by: resolver) == result)
    #expect(fixture(times - 1).resolved(by: resolver) == nil)
  }

  @Test("says which lines it leaves out")
  func dropped() {
    let fixture = ConflictFixture("a.go", base: "send(old)\n", ours: "send(fresh)\n", theirs: "send(old, 3)\n")
    let lines = fixture.resolution(by: resolver)?.dropped.map { String(decoding: $0.line, as: UTF8.self) }
    #expect(lines == ["send(fresh)", "send(old, 3)"])
  }

  @Test(
    "abstains where it is no rename of the whole file, or not the only change",
    arguments: [
      // Both gave another name.
      ("a.c", "f(a);\n", "f(b);\n", "f(c);\n"),
      // The renaming side changed more.
      ("a.c", "f(a);\n", "f(b, 1);\n", "f(a, 2);\n"),
      // One name became two.
      ("a.c", "f(a, a);\n", "f(b, c);\n", "f(a, a, 2);\n"),
      // Here and there, but not everywhere in the lines.
      ("a.c", "f(a);\ng(a);\n", "f(b);\ng(a);\n", "f(a, 2);\ng(a);\n"),
      // The other side does not have the name any more.
      ("a.c", "f(a);\n", "f(b);\n", "h(2);\n"),
      // The other side deleted a line.
      ("a.c", "f(a);\ng(a);\n", "f(b);\ng(b);\n", "f(a);\n"),
      // A number is no name.
      ("a.c", "f(1);\n", "f(2);\n", "f(1, 3);\n"),
      // The other side made something of the new name, too.
      ("a.c", "f(a);\n", "f(b);\n", "int b = 2;\nf(a);\n"),
      // A text, in which a word is a word.
      ("a.md", "The old way.\n", "The new way.\n", "The old way, often.\n"),
      ("a.json", "{\"old\": 1}\n", "{\"new\": 1}\n", "{\"old\": 2}\n"),
      // Literals, keywords, operators, modifiers and built-in types.
      ("a.py", "FAST = True\nN = 1\n", "FAST = False\nN = 1\n", "FAST = True\nN = 2\nSAFE = True\n"),
      ("a.js", "fast: true,\nn: 1,\n", "fast: false,\nn: 1,\n", "fast: true,\nn: 2,\nsafe: true,\n"),
      ("a.go", "x := nil\ny := 1\n", "x := zero\ny := 1\n", "x := nil\ny := 2\nz := nil\n"),
      ("a.py", "a = None\nb = 1\n", "a = EMPTY\nb = 1\n", "a = None\nb = 2\n"),
      ("a.py", "ok = a and b\n", "ok = a or b\n", "ok = a and b and c\n"),
      ("A.java", "public int a;\nint b;\n", "private int a;\nint b;\n", "public int a;\nlong b;\npublic int c;\n"),
      ("a.c", "int a;\n", "long a;\n", "int a;\nint b;\n"),
      // A word that stands in texts alone, and one in a comment.
      ("a.py", "H = \"near\"\nP = 1\n", "H = \"far\"\nP = 1\n", "H = \"near\"\nP = 2\nD = \"near\"\n"),
      ("a.c", "f(a); // old\n", "f(a); // new\n", "f(a, 1); // old\n"),
      // A text that came with the other side may mean the word.
      ("a.c", "f(port);\n", "f(socket);\n", "f(port);\nlog(\"port\");\n"),
      // A value that is used once may have been chosen anew.
      ("a.js", "run(fast);\nrest(1);\n", "run(slow);\nrest(1);\n", "run(fast);\nrest(2);\nwalk(fast);\n"),
      ("a.css", "a: red;\nb: 1;\n", "a: blue;\nb: 1;\n", "a: red;\nb: 2;\n"),
      // The mark at the start of a file is no part of a name.
      ("a.cs", "using A;\nf();\n", "\u{FEFF}using A;\nf();\n", "using A;\nusing B;\nf();\n"),
      // One side is empty.
      ("a.c", "f(a);\n", "f(b);\n", ""),
    ]
  )
  func left(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the old name is still used elsewhere in the file, and acts where it is not")
  func elsewhere() {
    func fixture(_ tail: String) -> String? {
      ConflictFixture("a.go", base: "send(old)\n", ours: "send(fresh)\n", theirs: "send(old, 3)\n", after: tail)
        .resolved(by: resolver)
    }
    #expect(fixture("keep(old)\n") == nil)
    #expect(fixture("keep(older)\n") == "send(fresh, 3)\n")
  }

  @Test("abstains in parts of a conflict, whose ancestor is a guess")
  func narrowed() {
    var fixture = ConflictFixture("a.go", base: "send(old)\n", ours: "send(fresh)\n", theirs: "send(old, 3)\n")
    #expect(fixture.resolved(by: resolver) != nil)
    fixture.conflict.isNarrowed = true
    #expect(fixture.resolved(by: resolver) == nil)
  }

  @Test("abstains where the other side came to use the old name elsewhere")
  func usedElsewhere() {
    func fixture(_ elsewhere: String) -> ConflictFixture {
      var fixture = ConflictFixture("a.c", base: "open(port);\n", ours: "open(socket);\n", theirs: "open(port, 1);\n")
      fixture.context = ResolverContext(
        path: fixture.context.path,
        base: fixture.context.base,
        ours: fixture.context.ours,
        theirs: fixture.context.theirs + Array("\n\(elsewhere)\n".utf8)
      )
      return fixture
    }
    #expect(fixture("close(port);").resolved(by: resolver) == nil)
    #expect(fixture("close(port);").swapped.resolved(by: resolver) == nil)
    #expect(fixture("close(door);").resolved(by: resolver) == "open(socket, 1);\n")
  }

  @Test("abstains where the other side has lines of another kind in their place")
  func rewritten() {
    let rewritten = "for (each in all) { if (each == port) { stop(each, now, later); } }\n"
    let fixture = ConflictFixture("a.c", base: "open(port);\n", ours: "open(socket);\n", theirs: rewritten)
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }
}
