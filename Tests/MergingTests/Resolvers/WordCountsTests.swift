import Testing

@testable import Merging

@Suite("words of a conflict") struct WordCountsTests {
  private func conflict(_ base: String, _ ours: String, _ theirs: String) -> Conflict {
    let span = LineSpan(start: 0, count: 1)
    return Conflict(
      base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8),
      position: Conflict.Position(base: span, ours: span, theirs: span))
  }

  @Test(
    "the sides exchange words",
    arguments: [
      ("insert(desc: upsert)", "upsert(desc: upsert)", "insert(desc: insert)", true),
      ("simple_insert(\"upsert_user\")", "simple_upsert(\"upsert_user\")", "simple_insert(\"insert_user\")", true),
      ("doInsert(upsertUser)", "doUpsert(upsertUser)", "doInsert(insertUser)", true),
      ("a = left; b = right", "a = right; b = right", "a = left; b = left", true),
      ("a = left; b = right", "a = right; b = left", "a = left; b = right", false),
      ("a = left; b = right", "a = right; b = right", "a = left; b = right", false),
      ("insert(a)", "upsert(a)", "insert(b)", false),
      ("insert(a)", "upsert(a)", "upsert(a)", false),
      ("", "a", "b", false),
      ("one two", "two", "one", false),
      ("left 1 right", "left 2 right", "left 3 right", false),
    ])
  func exchange(_ base: String, _ ours: String, _ theirs: String, _ expected: Bool) {
    #expect(conflict(base, ours, theirs).exchangesWords == expected)
    #expect(conflict(base, theirs, ours).exchangesWords == expected)
  }

  @Test("only white space changed, on both sides")
  func space() {
    #expect(conflict("a b\n", "a  b\n", "\ta b\n").changesOnlySpace)
    #expect(conflict("a b\n", "a\r\nb\n", "ab").changesOnlySpace)
    #expect(!conflict("a b\n", "a  b\n", "a c\n").changesOnlySpace)
  }

  @Test("a side that kept next to nothing rewrote the lines")
  func rewritten() {
    #expect(conflict("a b c d\n", "e f g h\n", "a b c x\n").isRewritten)
    #expect(conflict("a b c d\n", "a b c x\n", "1 2 3\n").isRewritten)
    #expect(!conflict("a b c d e f\n", "a b c d e x\n", "y b c d e f\n").isRewritten)
  }
}
