import Testing

@testable import Merging

@Suite("one-sided-part") struct OneSidedPartTests {
  let resolver = OneSidedPart()

  @Test(
    "takes lines that one side alone has within what both added, where they are whole",
    arguments: [
      ("a.swift", "let a = f(1)\n"), ("a.py", "import os\n"), ("a.rb", "  it 'works' do\n  end\n"),
      ("a.go", "if x {\n\treturn\n}\n"),
      ("a.c", "/* why */\nint a = f(1);\n"), ("A.java", "@Test\nvoid a() {\n  f();\n}\n"),
      ("a.yml", "a: 1\n"), ("a.toml", "a = [\n  1,\n]\n"), ("Makefile", "all: a\n\tcc a\n"),
    ]
  )
  func addedByOne(path: String, lines: String) {
    let fixture = ConflictFixture(path, base: "", ours: "", theirs: lines, before: "x\n", after: "y\n")
    #expect(fixture.resolved(by: resolver) == lines)
    #expect(fixture.swapped.resolved(by: resolver) == lines)
  }

  @Test(
    "abstains from lines that one side alone has where they are part of something",
    arguments: [
      ("a.swift", "],\ndependencies: [\n"), ("a.swift", "}\n"), ("a.ts", "a?: boolean;\n/**\n"),
      ("a.ts", "// only a comment\n"), ("a.html", "<p>text</p>\n"), ("a.json", "  \"a\": 1\n"), ("README", "text\n"),
    ]
  )
  func partOfSomething(path: String, lines: String) {
    let fixture = ConflictFixture(path, base: "", ours: "", theirs: lines, before: "x\n", after: "y\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where both sides have lines, where the ancestor had some, and in what a tool writes")
  func moreThanOneSide() {
    let both = ConflictFixture("a.swift", base: "", ours: "let b = 1\n", theirs: "let a = f(1)\n")
    #expect(both.resolved(by: resolver) == nil)
    let deleted = ConflictFixture("a.swift", base: "let a = 1\n", ours: "", theirs: "let a = f(1)\n")
    #expect(deleted.resolved(by: resolver) == nil)
    let generated = ConflictFixture("Cargo.lock", base: "", ours: "", theirs: "a = 1\n")
    #expect(generated.resolved(by: resolver) == nil)
    let control = ConflictFixture("a.swift", base: "", ours: "", theirs: "let a = f(1)\n")
    #expect(control.resolved(by: resolver) == "let a = f(1)\n")
  }

  @Test("abstains within a comment that is open above")
  func withinComment() {
    let lines = " * @param config\n"
    let within = ConflictFixture("a.ts", base: "", ours: "", theirs: lines, before: "/**\n", after: " */\n")
    #expect(within.resolved(by: resolver) == nil)
    let outside = ConflictFixture("a.ts", base: "", ours: "", theirs: "f();\n", before: "/**\n */\n", after: "g();\n")
    #expect(outside.resolved(by: resolver) == "f();\n")
  }
}
