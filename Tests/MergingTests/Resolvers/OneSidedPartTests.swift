import Testing

@testable import Merging

@Suite("one-sided-part") struct OneSidedPartTests {
  let resolver = OneSidedPart()

  @Test(
    "takes lines that one side alone has within what both added, where they are whole",
    arguments: [
      ("a.swift", "let a = f(1)\n"), ("a.py", "import os\n"), ("a.rb", "  it 'works' do\n  end\n"),
      ("a.go", "if x {\n\treturn\n}\n"),
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

  @Test("abstains within a comment that is open above")
  func withinComment() {
    let lines = " * @param config\n"
    let within = ConflictFixture("a.ts", base: "", ours: "", theirs: lines, before: "/**\n", after: " */\n")
    #expect(within.resolved(by: resolver) == nil)
    let outside = ConflictFixture("a.ts", base: "", ours: "", theirs: "f();\n", before: "/**\n */\n", after: "g();\n")
    #expect(outside.resolved(by: resolver) == "f();\n")
  }
}
