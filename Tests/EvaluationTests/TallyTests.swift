import Evaluation
import Merging
import Testing

/// Judging files and adding up what comes of them.
@Suite struct TallyTests {
  @Test func aCleanFileIsHeldAgainstTheCommittedOne() {
    #expect(Three.one.judged(Three.file("o\n"), Scripted.ours).likeness == .equal)
    #expect(Three.one.judged(Three.file(" o\n"), Scripted.ours).likeness == .whiteSpace)
    #expect(Three.one.judged(Three.file("t\no\n"), Scripted.both).likeness == .order)
    #expect(Three.one.judged(Three.file("t\n"), Scripted.ours).likeness == .different)
    #expect(Three.two.judged(Three.file("o\n", "O\n"), Scripted(name: "x", beginning: "o") { $0.ours }).likeness == nil)
  }

  @Test func eachConflictIsHeldAgainstTheCommittedLines() {
    let file = Three.two.judged(Three.file("o\n", "T\n"), Scripted.ours)
    #expect(file.hunks.map(\.kind) == [.equal, .different])
    #expect(file.hunks.map(\.line) == [3, 8])
    #expect(file.hunks.map { $0.committed } == [bytes("o\n"), bytes("T\n")])
    #expect(file.hunks[1].before == bytes("4\n5\n6\n7\n"))
    #expect(file.hunks[1].after == bytes("9\n10\n"))
    let unknown = Three.one.judged("1\nnew\no\n4\n5\n6\n7\n8\n9\n10\n", Scripted.ours)
    #expect(unknown.hunks.map(\.kind) == [.unknown])
    #expect(Three.one.judged(Three.file("o\n")).hunks.map(\.kind) == [.left])
  }

  @Test func whatTheGateRefusesIsLeft() {
    let marker = Scripted(name: "marker") { _ in bytes("<<<<<<< x\n") }
    let file = Three.one.judged(Three.file("o\n"), marker)
    #expect(file.hunks.map(\.kind) == [.left])
    #expect(file.hunks.map(\.refused) == [["marker"]])
    #expect(file.refusals == ["conflict-marker"])
    #expect(Three.one.judged(Three.file("o\n"), Scripted.ours).refusals == [])
  }

  @Test func filesAddUp() {
    var tally = FileTally()
    tally.add(Three.one.judged(Three.file("o\n"), Scripted.ours))
    tally.add(Three.one.judged(Three.file("t\n"), Scripted.ours))
    tally.add(Three.two.judged(Three.file("o\n", "O\n"), Scripted(name: "x", beginning: "o") { $0.ours }))
    #expect(tally.files == 3)
    #expect(tally.clean == 2)
    #expect(tally.left == 1)
    #expect(tally.conflicts == 4)
    #expect(tally.conflictsLeft == 1)
    #expect(tally.likeness[.equal] == 1)
    #expect(tally.likeness[.different] == 1)
    #expect(tally.likeness.good == 1)
    var twice = tally
    twice.add(tally)
    #expect(twice.files == 6)
    #expect(twice.conflictsLeft == 2)
    #expect(twice.likeness[.different] == 2)
  }

  @Test func hunksAddUp() {
    var tally = HunkTally()
    for kind in HunkClass.allCases { tally.add(kind) }
    #expect(tally.settled == 5, "what is left is not settled")
    #expect(tally.unknown == 1)
    #expect(tally.likeness.total == 4)
    #expect(tally.likeness.good == 3)
    tally.add(.different, verdict: .wrong)
    tally.add(.different, verdict: .fine)
    tally.add(.equal, verdict: .wrong)
    #expect(tally.read == 2)
    #expect(tally.wrong == 1)
  }

  @Test(arguments: [
    (0, 0, "-"), (0, 3, "0.0 %"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (3, 3, "100.0 %"), (1, 2000, "0.1 %"),
    (1, 2001, "0.0 %"),
  ])
  func shares(part: Int, whole: Int, text: String) {
    #expect(Share(part, of: whole).text == text)
  }

  @Test func theOrderInWhichPartsComeDoesNotMatter() throws {
    func part(_ number: Int) -> MergeEvaluation {
      var part = Self.empty
      part.add(
        Three.two.judged(
          Three.file("o\n", number % 2 == 0 ? "O\n" : "T\n"), repository: "r\(number % 3)", merge: "m\(number)",
          Scripted.ours))
      part.addApart(number % 2 == 0 ? "add/add" : "missing blob")
      part.merges.replayed = 1
      return part
    }
    func text(_ numbers: [Int]) -> String {
      var whole = Self.empty
      for number in numbers { whole.add(part(number)) }
      let shown = whole.shown.hunks.map { "\($0.place) \($0.line)" }.joined(separator: "\n")
      return EvaluationReport(whole, resolvers: ["ours"], alone: nil).text + shown
    }
    let numbers = Array(0..<12)
    let first = text(numbers)
    #expect(text(numbers.reversed()) == first)
    #expect(text([3, 1, 11, 0, 7, 5, 2, 10, 9, 4, 8, 6]) == first)
    #expect(text(Array(0..<11)) != first, "the control")
  }

  private static let empty = MergeEvaluation(selection: HunkSelection(HunkFilter(kind: .different), limit: 3, seed: 5))
}
