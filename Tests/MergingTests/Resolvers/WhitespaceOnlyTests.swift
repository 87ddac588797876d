import Testing

@testable import Merging

@Suite("whitespace-only") struct WhitespaceOnlyTests {
  let resolver = WhitespaceOnly()

  @Test(
    "takes the content of the other side in a language in braces",
    arguments: [
      // Indented anew.
      ("a.c", "f(a);\ng(b);\n", "  f(a);\n  g(b);\n", "f(a);\ng(c);\n"),
      // A statement over two lines.
      ("A.java", "call(a, b);\n", "call(a,\n     b);\n", "call(a, c);\n"),
      // Blanks between tokens.
      ("a.cpp", "if(x){\n", "if (x) {\n", "if(y){\n"),
      // A blank line more.
      ("a.swift", "f()\ng()\n", "f()\n\ng()\n", "f()\nh()\n"),
      // A comment wrapped anew.
      ("a.go", "/* one two */\nf()\n", "/* one\n   two */\nf()\n", "/* one two */\ng()\n"),
      ("a.rs", "a.b().c();\n", "a.b()\n    .c();\n", "a.b().d();\n"),
    ]
  )
  func reformatted(path: String, base: String, reformatted: String, edited: String) {
    let fixture = ConflictFixture(path, base: base, ours: reformatted, theirs: edited)
    #expect(fixture.resolved(by: resolver) == edited)
    #expect(fixture.swapped.resolved(by: resolver) == edited)
  }

  @Test(
    "abstains where what looks like white space is content",
    arguments: [
      // Within a literal.
      ("a.c", "f(\"a b\");\n", "f(\"a  b\");\n", "f(\"a b\", 1);\n"),
      // Between words.
      ("a.c", "intx = 1;\n", "int x = 1;\n", "intx = 2;\n"),
      // Between operators.
      ("a.c", "a + +b;\n", "a ++b;\n", "a + +c;\n"),
      // A line's end that ends a statement.
      ("a.js", "return x\n", "return\nx\n", "return y\n"),
      // A line's end that ends a comment.
      ("a.c", "// a b\n", "// a\nb\n", "// a c\n"),
      // A line's end that ends a directive.
      ("a.c", "#define A b\n", "#define A\nb\n", "#define A c\n"),
      // Indentation that is structure.
      ("a.py", "if a:\n    f()\n    g()\n", "if a:\n    f()\ng()\n", "if a:\n    f()\n    h()\n"),
      ("a.yml", "a:\n  b: 1\n", "a:\nb: 1\n", "a:\n  b: 2\n"),
      ("Makefile", "all:\n\techo a\n", "all:\n    echo a\n", "all:\n\techo b\n"),
      ("a.md", "- a\n- b\n", "- a\n  - b\n", "- a\n- c\n"),
      ("a.hs", "f x = do\n  a\n", "f x = do\n a\n", "f x = do\n  b\n"),
      // An unknown language.
      ("README", "a b\n", "a  b\n", "a c\n"),
    ]
  )
  func meaningful(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test(
    "ignores white space at the end of lines everywhere",
    arguments: ["a.py", "a.yml", "Makefile", "a.md", "a.hs", "README", "a.c"]
  )
  func trailing(path: String) {
    let fixture = ConflictFixture(path, base: "a: \n  b\n", ours: "a:\n  b\n", theirs: "a: \n  c\n")
    #expect(fixture.resolved(by: resolver) == "a: \n  c\n")
    #expect(fixture.swapped.resolved(by: resolver) == "a: \n  c\n")
  }

  @Test("keeps ours where the sides differ in white space alone")
  func sidesAlike() {
    let fixture = ConflictFixture("a.c", base: "f();\n", ours: "g(a,\n  b);\n", theirs: "g(a, b);\n")
    #expect(fixture.resolved(by: resolver) == "g(a,\n  b);\n")
    let other = ConflictFixture("a.c", base: "f();\n", ours: "g(a,\n  b);\n", theirs: "g(a, c);\n")
    #expect(other.resolved(by: resolver) == nil)
  }

  @Test(
    "abstains within a literal that spans lines",
    arguments: [
      ("a.swift", "let x = \"\"\"\n", "\"\"\"\n"), ("a.js", "const x = `\n", "`;\n"), ("a.go", "x := `\n", "`\n"),
      ("a.py", "x = \"\"\"\n", "\"\"\"\n"), ("a.rb", "x = <<~EOS\n", "EOS\n"), ("a.php", "$x = <<<EOS\n", "EOS;\n"),
      ("a.sh", "cat <<EOF\n", "EOF\n"), ("a.rs", "let x = r#\"\n", "\"#;\n"), ("a.kt", "val x = \"\"\"\n", "\"\"\"\n"),
    ]
  )
  func withinText(path: String, opener: String, closer: String) {
    let sides = (base: "a; \n", ours: "a;\n", theirs: "b; \n")
    let within = ConflictFixture(
      path,
      base: sides.base,
      ours: sides.ours,
      theirs: sides.theirs,
      before: opener,
      after: closer
    )
    #expect(within.resolved(by: resolver) == nil)
    let behind = ConflictFixture(
      path,
      base: sides.base,
      ours: sides.ours,
      theirs: sides.theirs,
      before: opener + closer
    )
    #expect(behind.resolved(by: resolver) == "b; \n")
  }

  @Test("abstains where a literal opens within the conflict and goes on below")
  func opensText() {
    let opens = ConflictFixture("a.js", base: "f(`a\n", ours: "f( `a\n", theirs: "g(`a\n", after: "`);\n")
    #expect(opens.resolved(by: resolver) == nil)
    let closes = ConflictFixture("a.js", base: "f(`a`)\n", ours: "f( `a`)\n", theirs: "g(`a`)\n")
    #expect(closes.resolved(by: resolver) == "g(`a`)\n")
  }

  @Test("keeps the line endings that one side turned to")
  func lineEndings() {
    let fixture = ConflictFixture("a.py", base: "a\nb\n", ours: "a\r\nb\r\n", theirs: "a\nc\n")
    #expect(fixture.resolved(by: resolver) == "a\r\nc\r\n")
    #expect(fixture.swapped.resolved(by: resolver) == "a\r\nc\r\n")
    let mixed = ConflictFixture("a.py", base: "a\nb\n", ours: "a\r\nb\n", theirs: "a\nc\n")
    #expect(mixed.resolved(by: resolver) == "a\nc\n")
  }

  @Test("a missing line feed at the end of the file stays missing where the editing side lacks it")
  func missingLineFeed() {
    let fixture = ConflictFixture("a.py", base: "a \n", ours: "a\n", theirs: "b")
    #expect(fixture.resolved(by: resolver) == "b")
  }

  @Test("abstains where a side is empty or nothing but white space")
  func empty() {
    #expect(ConflictFixture("a.c", base: "\n", ours: "", theirs: "a\n").resolved(by: resolver) == nil)
    #expect(ConflictFixture("a.c", base: "a\n", ours: "a \n", theirs: "").resolved(by: resolver) == nil)
    #expect(ConflictFixture("a.c", base: "a\n", ours: "a \n", theirs: "b\n").resolved(by: resolver) == "b\n")
  }

  @Test("any bytes are content")
  func invalidBytes() {
    let fixture = ConflictFixture("a.c", base: [0xFF, 0x0A], ours: [0x20, 0xFF, 0x0A], theirs: [0xFE, 0x0A])
    #expect(fixture.resolution(by: resolver)?.lines == [0xFE, 0x0A])
    let other = ConflictFixture("a.c", base: [0xFF, 0x0A], ours: [0x20, 0xFD, 0x0A], theirs: [0xFE, 0x0A])
    #expect(other.resolution(by: resolver) == nil)
  }

  @Test("leaves lock files alone")
  func lockFile() {
    let sides = (base: "a \n", ours: "a\n", theirs: "b\n")
    let lock = ConflictFixture("yarn.lock", base: sides.base, ours: sides.ours, theirs: sides.theirs)
    #expect(lock.resolved(by: resolver) == nil)
    let text = ConflictFixture("yarn.txt", base: sides.base, ours: sides.ours, theirs: sides.theirs)
    #expect(text.resolved(by: resolver) == "b\n")
  }
}
