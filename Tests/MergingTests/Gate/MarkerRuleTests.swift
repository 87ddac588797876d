import Testing

@testable import Merging

@Suite("gate: markers and unfinished lines") struct MarkerRuleTests {
  private func resolution(_ lines: String) -> Resolution {
    Resolution(resolver: "r", lines: Array(lines.utf8), reason: "test")
  }

  private func marker(_ result: String, base: String = "a\n", before: String = "top\n") -> GateObjection? {
    let fixture = ConflictFixture("a.c", base: base, ours: "b\n", theirs: "c\n", before: before, after: "end\n")
    let objection = MarkerRule().objection(to: resolution(result), for: fixture.conflict, in: fixture.context)
    let mirrored = fixture.swapped
    #expect(
      objection == MarkerRule().objection(to: resolution(result), for: mirrored.conflict, in: mirrored.context))
    return objection
  }

  @Test(
    "refuses a marker that no file has",
    arguments: [
      ("<<<<<<< ours\nb\n", "<<<<<<< ours"), ("b\n=======\nc\n", "======="), ("c\n>>>>>>> theirs\n", ">>>>>>> theirs"),
      ("||||||| base\na\n", "||||||| base"), ("b\n<<<<<<<\n", "<<<<<<<"), ("b\n>>>>>>>", ">>>>>>>"),
      ("b\r\n=======\r\nc\r\n", "======="), ("b\n======= \n", "======= "), ("<<<<<<< ours\r\nb\r\n", "<<<<<<< ours"),
    ]
  )
  func marked(result: String, evidence: String) {
    #expect(marker(result) == GateObjection(.conflictMarker, evidence.utf8))
  }

  @Test(
    "lets through what is no marker",
    arguments: [
      "b\nc\n", "", "b\n <<<<<<< ours\n", "<<<<<< ours\n", "b\n========\n", "<<<<<<<<< ours\n", "<<<<<<<ours\n",
      "=======x\n", "x =======\n", ">>>>>>>>\n", "<<<<==> a\n", "-------\n", "~~~~~~~\n", "b // =======\n",
    ]
  )
  func unmarked(result: String) {
    #expect(marker(result) == nil)
  }

  @Test(
    "lets through a line that a file has, as an underline or a lesson on merges",
    arguments: [
      "=======\n", "<<<<<<< HEAD\n", ">>>>>>> branch\n", "||||||| base\n", "======= \n",
    ]
  )
  func known(line: String) {
    #expect(marker("b\n" + line, before: "Heading\n" + line) == nil)
    #expect(marker("b\n" + line, base: line) == nil)
    #expect(marker("b\n" + line)?.reason == .conflictMarker)
    // One more than that is known is no excuse for another one.
    #expect(marker("b\n<<<<<<< other\n", before: "Heading\n" + line)?.reason == .conflictMarker)
  }

  @Test("refuses a marker that a side forgot, but for an underline", arguments: [true, false])
  func forgotten(byOurs: Bool) {
    func objection(_ line: String) -> GateObjection? {
      let fixture = ConflictFixture(
        "a.c", base: "a\n", ours: line + "b\n", theirs: "c\n", before: "top\n", after: "end\n")
      let seen = byOurs ? fixture : fixture.swapped
      return MarkerRule().objection(to: resolution(line + "b\n"), for: seen.conflict, in: seen.context)
    }
    #expect(objection("<<<<<<< HEAD\n")?.reason == .conflictMarker)
    #expect(objection(">>>>>>> branch\n")?.reason == .conflictMarker)
    #expect(objection("=======\n") == nil)
  }

  private func unfinished(_ result: String, after: String, ours: String = "b\n", theirs: String = "c\n")
    -> GateObjection?
  {
    let fixture = ConflictFixture("a.c", base: "a\n", ours: ours, theirs: theirs, before: "top\n", after: after)
    let objection = LastLineRule().objection(to: resolution(result), for: fixture.conflict, in: fixture.context)
    let mirrored = fixture.swapped
    #expect(
      objection == LastLineRule().objection(to: resolution(result), for: mirrored.conflict, in: mirrored.context))
    return objection
  }

  @Test(
    "refuses a last line without its end before other lines",
    arguments: [
      ("b", "b"), ("b\nc", "c"), (" ", " "), ("b\n\t}", "\t}"), ("b;\r", "b;\r"), ("b\n\nc d", "c d"),
    ]
  )
  func withoutEnd(result: String, evidence: String) {
    let objection = unfinished(result, after: "end\n")
    #expect(objection?.reason == .unfinishedLine)
    #expect(objection.map { String(decoding: $0.evidence, as: UTF8.self) } == evidence)
    #expect(unfinished(result, after: "end") == objection)
    // At the end of the file nothing follows.
    #expect(unfinished(result, after: "") == nil)
  }

  @Test(
    "lets through lines that are whole, and nothing at all",
    arguments: ["", "\n", "b\n", "b\nc\n", "b\r\n", "b\n\n", "}\n"]
  )
  func withEnd(result: String) {
    #expect(unfinished(result, after: "end\n") == nil)
    #expect(unfinished(result, after: "") == nil)
  }

  @Test("a line that a side left without its end may stay so at the end of the file alone")
  func endOfFile() {
    #expect(unfinished("b\nc", after: "", ours: "b", theirs: "c") == nil)
    #expect(unfinished("b", after: "", ours: "b", theirs: "c\n") == nil)
    #expect(unfinished("b", after: "", ours: "b\n", theirs: "c\n") == nil)
    #expect(unfinished("bc", after: "\n", ours: "b\n", theirs: "c\n")?.reason == .unfinishedLine)
  }
}
