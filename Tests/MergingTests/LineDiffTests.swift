import Testing

@testable import Merging

@Suite struct LineDiffTests {
  private func change(_ oldStart: Int, _ oldCount: Int, _ newStart: Int, _ newCount: Int) -> LineChange {
    LineChange(old: LineSpan(start: oldStart, count: oldCount), new: LineSpan(start: newStart, count: newCount))
  }

  private func changes(_ old: String, _ new: String) -> [LineChange] {
    LineDiff.changes(from: Array(old.utf8), to: Array(new.utf8))
  }

  @Test("changes are counted in lines of both texts")
  func counting() {
    #expect(changes("a\nb\nc\n", "a\nb\nc\n").isEmpty)
    #expect(changes("", "").isEmpty)
    #expect(changes("", "a\nb") == [change(0, 0, 0, 2)])
    #expect(changes("a\nb", "") == [change(0, 2, 0, 0)])
    #expect(changes("a\nb\nc\nd\n", "x\nb\nd\ne\n") == [change(0, 1, 0, 1), change(2, 1, 2, 0), change(4, 0, 3, 1)])
    #expect(changes("a", "a\n") == [change(0, 1, 0, 1)])
  }

  @Test("a change that could stand in several places stands in the last")
  func sliding() {
    #expect(changes("f {\n}\n", "f {\n}\ng {\n}\n") == [change(2, 0, 2, 2)])
    #expect(changes("a\n\nb\n", "a\n\nx\n\nb\n") == [change(2, 0, 2, 2)])
  }

  @Test("any tokens can be compared")
  func tokens() {
    let old = ["let", " ", "a", " ", "=", " ", "1"]
    let new = ["let", " ", "b", " ", "=", " ", "1", ";"]
    #expect(LineDiff.changes(from: old, to: new) == [change(2, 1, 2, 1), change(7, 0, 7, 1)])
    #expect(LineDiff.changes(from: [-5, 1 << 40], to: [1 << 40]) == [change(0, 1, 0, 0)])
  }

  @Test("the changes turn the old sequence into the new one", arguments: 0..<60 as Range<UInt64>)
  func applying(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let kinds = [2, 5, 40, 4000].randomElement(using: &random) ?? 2
    let old = (0..<Int.random(in: 0..<1500, using: &random)).map { _ in Int.random(in: 0..<kinds, using: &random) }
    var new = old
    for _ in 0..<Int.random(in: 0..<60, using: &random) {
      let start = Int.random(in: 0...new.count, using: &random)
      let end = Int.random(in: start...min(start + 9, new.count), using: &random)
      new.replaceSubrange(
        start..<end,
        with: (0..<Int.random(in: 0..<9, using: &random)).map { _ in Int.random(in: 0..<kinds, using: &random) }
      )
    }
    var rebuilt: [Int] = []
    var next = 0
    for change in LineDiff.changes(from: old, to: new) {
      rebuilt += old[next..<change.old.start]
      #expect(rebuilt.count == change.new.start)
      rebuilt += new[change.new.start..<change.new.end]
      next = change.old.end
    }
    rebuilt += old[next...]
    #expect(rebuilt == new)
  }

  @Test("lines are cut after their line feeds")
  func table() {
    let table = LineTable(Array("a\n\nbc".utf8))
    #expect(table.count == 3)
    #expect(Array(table[0]) == Array("a\n".utf8))
    #expect(Array(table[1]) == [10])
    #expect(Array(table[2]) == Array("bc".utf8))
    #expect(Array(table[LineSpan(start: 1, count: 2)]) == Array("\nbc".utf8))
    #expect(LineTable([]).count == 0)
    #expect(LineTable([10]).count == 1)
  }
}
