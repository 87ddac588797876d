import Testing

@testable import Merging

@Suite("identical-change") struct IdenticalChangeTests {
  let resolver = IdenticalChange()

  @Test("takes what both sides say")
  func bothAlike() {
    let fixture = ConflictFixture("a.c", base: "old();\n", ours: "new();\n", theirs: "new();\n")
    #expect(fixture.resolved(by: resolver) == "new();\n")
  }

  @Test("takes the side that changed something")
  func oneChanged() {
    let fixture = ConflictFixture("a.c", base: "old();\n", ours: "old();\n", theirs: "new();\n")
    #expect(fixture.resolved(by: resolver) == "new();\n")
    #expect(fixture.swapped.resolved(by: resolver) == "new();\n")
    #expect(fixture.swapped.resolution(by: resolver)?.reason == "only our side changed these lines")
  }

  @Test("a deletion is a change")
  func deletion() {
    let fixture = ConflictFixture("a.c", base: "old();\n", ours: "", theirs: "old();\n")
    #expect(fixture.resolved(by: resolver) == "")
  }

  @Test("abstains where both changed")
  func bothChanged() {
    let fixture = ConflictFixture("a.c", base: "old();\n", ours: "one();\n", theirs: "two();\n")
    #expect(fixture.resolved(by: resolver) == nil)
  }

  @Test("puts line endings aside and keeps the form that a side changed to")
  func lineEndings() {
    let fixture = ConflictFixture("a.c", base: "old();\n", ours: "new();\n", theirs: "new();\r\n")
    #expect(fixture.resolved(by: resolver) == "new();\r\n")
    #expect(fixture.swapped.resolved(by: resolver) == "new();\r\n")
    let other = ConflictFixture("a.c", base: "old();\n", ours: "new();\n", theirs: "newer();\r\n")
    #expect(other.resolved(by: resolver) == nil)
  }

  @Test("puts blank lines at the end of the file aside, not elsewhere")
  func blankEnd() {
    let atEnd = ConflictFixture("a.c", base: "old();\n", ours: "new();\n", theirs: "new();\n\n", before: "x\n")
    #expect(atEnd.resolved(by: resolver) == "new();\n")
    let within = ConflictFixture(
      "a.c",
      base: "old();\n",
      ours: "new();\n",
      theirs: "new();\n\n",
      before: "x\n",
      after: "y\n"
    )
    #expect(within.resolved(by: resolver) == nil)
  }

  @Test("a missing line feed at the end of the file is no difference")
  func missingLineFeed() {
    let fixture = ConflictFixture("a.c", base: "old();\n", ours: "new();\n", theirs: "new();")
    #expect(fixture.resolved(by: resolver) == "new();\n")
    let other = ConflictFixture("a.c", base: "old();\n", ours: "new();\n", theirs: "newer();")
    #expect(other.resolved(by: resolver) == nil)
  }

  @Test("bytes that are not UTF-8 are compared as they are")
  func invalidBytes() {
    let alike = ConflictFixture("a.c", base: [0x61, 0x0A], ours: [0xFF, 0x0A], theirs: [0xFF, 0x0A])
    #expect(alike.resolution(by: resolver)?.lines == [0xFF, 0x0A])
    let other = ConflictFixture("a.c", base: [0x61, 0x0A], ours: [0xFF, 0x0A], theirs: [0xFE, 0x0A])
    #expect(other.resolution(by: resolver) == nil)
  }

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
