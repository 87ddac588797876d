import Testing

@testable import Merging

@Suite("gate: no loss") struct LossRuleTests {
  private func objection(
    _ base: String, _ ours: String, _ theirs: String, _ result: String, dropped: [DroppedLine] = [],
    narrowed: Bool = false
  ) -> GateObjection? {
    var fixture = ConflictFixture("a.swift", base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    fixture.conflict.isNarrowed = narrowed
    let resolution = Resolution(resolver: "r", lines: Array(result.utf8), reason: "test", dropped: dropped)
    return LossRule().objection(to: resolution, for: fixture.conflict, in: fixture.context)
      ?? DeletionRule().objection(to: resolution, for: fixture.conflict, in: fixture.context)
  }

  private func drop(_ side: DroppedLine.Side, _ line: String, _ reason: String = "why") -> DroppedLine {
    DroppedLine(side: side, line: Array(line.utf8), reason: reason)
  }

  @Test(
    "lets through what keeps every added line",
    arguments: [
      ("", "a\n", "b\n", "a\nb\n"),
      ("", "a\n", "b\n", "b\na\n"),
      ("x\n", "x\na\n", "x\nb\n", "x\na\nb\n"),
      // Both added the same line: once is enough.
      ("", "a\nb\n", "a\nc\n", "a\nb\nc\n"),
      // White space at the ends does not count, nor do blank lines.
      ("", "a\n", "b\n", "  a \n\tb\n"),
      ("", "a\n\n", "b\n", "a\nb\n"),
      // A line that a side deleted is gone.
      ("x\ny\n", "y\na\n", "x\ny\nb\n", "y\na\nb\n"),
      // One deleted one of two, the other wrote another one.
      ("x\n", "", "x\nx\n", "x\n"),
    ]
  )
  func kept(base: String, ours: String, theirs: String, result: String) {
    #expect(objection(base, ours, theirs, result) == nil)
    #expect(objection(base, theirs, ours, result) == nil)
  }

  @Test(
    "refuses what loses an added line",
    arguments: [
      ("", "a\n", "b\n", "a\n", "b"),
      ("", "a\nb\n", "c\n", "a\nc\n", "b"),
      ("x\n", "x1\n", "x2\n", "x1\n", "x2"),
      ("x\n", "x(1, 2)\n", "x(3, 4)\n", "x(1, 4)\n", "x(1, 2)"),
      // The second of two equal lines.
      ("x\n", "x\nx\n", "x\ny\n", "x\ny\n", "x"),
      ("", "}\na\n", "b\n", "a\nb\n", "}"),
    ]
  )
  func lost(base: String, ours: String, theirs: String, result: String, line: String) {
    let found = objection(base, ours, theirs, result)
    #expect(found == GateObjection(.lostLine, line.utf8))
    #expect(objection(base, theirs, ours, result)?.reason == .lostLine)
  }

  @Test("a line may be left out that is listed with a reason, from the right side and often enough")
  func listed() {
    #expect(objection("", "a\n", "b\n", "a\n", dropped: [drop(.theirs, "b")]) == nil)
    #expect(objection("", "a\n", "b\n", "a\n", dropped: [drop(.theirs, "  b ")]) == nil)
    #expect(objection("", "a\n", "b\n", "a\n", dropped: [drop(.ours, "b")])?.reason == .lostLine)
    #expect(objection("", "a\n", "b\n", "a\n", dropped: [drop(.theirs, "b", "")])?.reason == .lostLine)
    #expect(objection("", "a\n", "b\n", "a\n", dropped: [drop(.theirs, "c")])?.reason == .lostLine)
    #expect(objection("", "a\n", "b\nb\n", "a\n", dropped: [drop(.theirs, "b")])?.reason == .lostLine)
    #expect(objection("", "a\n", "b\nb\n", "a\n", dropped: [drop(.theirs, "b"), drop(.theirs, "b")]) == nil)
  }

  @Test(
    "the list that is filled in holds exactly what is lost",
    arguments: [
      ("x\n", "x1\n", "x2\n", "x1\n", ["theirs x2"]),
      ("x\n", "x1\n", "x2\n", "x3\n", ["ours x1", "theirs x2"]),
      ("", "a\n", "b\n", "a\nb\n", []),
      ("", "a\n", "b\nb\n", "a\n", ["theirs b", "theirs b"]),
      ("x\n", "", "x\n", "", []),
      ("x\n", "a\n", "a\n", "", ["ours a", "theirs a"]),
    ]
  )
  func listing(base: String, ours: String, theirs: String, result: String, dropped: [String]) {
    let fixture = ConflictFixture("a", base: base, ours: ours, theirs: theirs)
    let resolution = Resolution(resolver: "r", lines: Array(result.utf8), reason: "test")
      .listingDrops(of: fixture.conflict, because: "test")
    #expect(resolution.dropped.map { "\($0.side) \(String(decoding: $0.line, as: UTF8.self))" } == dropped)
    #expect(LossRule().objection(to: resolution, for: fixture.conflict, in: fixture.context) == nil)
  }

  @Test(
    "refuses what loses a line that both sides kept",
    arguments: [("x\ny\n", "x\na\n", "x\nb\n", "a\nb\n"), ("x\nx\n", "x\nx\na\n", "x\nx\nb\n", "x\na\nb\n")]
  )
  func vanished(base: String, ours: String, theirs: String, result: String) {
    #expect(objection(base, ours, theirs, result)?.reason == .vanishedLine)
    // The ancestor of a part is a guess.
    #expect(objection(base, ours, theirs, result, narrowed: true) == nil)
  }

  @Test(
    "refuses what brings back a deleted line",
    arguments: [
      ("x\ny\n", "y\na\n", "x\ny\nb\n", "x\ny\na\nb\n"),
      ("x\n", "", "x\na\n", "x\na\n"),
      ("x\nx\n", "x\na\n", "x\nx\nb\n", "x\nx\na\nb\n"),
    ]
  )
  func revived(base: String, ours: String, theirs: String, result: String) {
    #expect(objection(base, ours, theirs, result)?.reason == .revivedLine)
    #expect(objection(base, theirs, ours, result)?.reason == .revivedLine)
  }

  @Test("a line that a side only wrapped was not deleted, and one with no word may come and go")
  func wrapped() {
    #expect(
      objection(
        "f(a, b)\nx\n", "f(a,\n  b)\nx\n", "f(a, b)\ny\n", "f(a, b)\ny\n",
        dropped: [
          drop(.ours, "f(a,"), drop(.ours, "b)"),
        ]) == nil)
    #expect(objection("}\n", "", "}\na\n", "}\na\n") == nil)
  }
}
