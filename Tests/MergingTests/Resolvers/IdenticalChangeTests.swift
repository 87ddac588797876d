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

  @Test("judges a part of a conflict only where its lines are surely those of the ancestor")
  func narrowed() {
    var alike = ConflictFixture("a.c", base: "call(a, b);\n", ours: "call(a, b);\n", theirs: "call(a, c);\n")
    alike.conflict.isNarrowed = true
    #expect(alike.resolved(by: resolver) == "call(a, c);\n")
    var unlike = ConflictFixture("a.c", base: "call(a, b);\n", ours: "call(a, b);\n", theirs: "return 1;\n")
    #expect(unlike.resolved(by: resolver) == "return 1;\n")
    unlike.conflict.isNarrowed = true
    #expect(unlike.resolved(by: resolver) == nil)
  }

  @Test("abstains from a part of a catalogue of translations")
  func catalogue() {
    var fixture = ConflictFixture("de.po", base: "msgid \"a b\"\n", ours: "msgid \"a b\"\n", theirs: "msgid \"a c\"\n")
    #expect(fixture.resolved(by: resolver) != nil)
    fixture.conflict.isNarrowed = true
    #expect(fixture.resolved(by: resolver) == nil)
  }

  @Test("abstains where nothing of the ancestor is left in a part")
  func emptyBase() {
    let fixture = ConflictFixture("a.swift", base: "", ours: "", theirs: "let a = f(1)\n", before: "x\n", after: "y\n")
    #expect(fixture.resolved(by: resolver) == nil)
  }
}
