import Evaluation
import Merging
import Testing

/// Which hunks are shown.
@Suite struct SelectionTests {
  private func selection(_ filter: String, limit: Int = 5, seed: UInt64 = 1, from numbers: [Int]) -> [String] {
    let filter = HunkFilter(filter)
    #expect(filter != nil)
    var selection = HunkSelection(filter, limit: limit, seed: seed)
    for number in numbers {
      for hunk in Three.two.judged(Three.file("o\n", "T\n"), merge: "m\(number)", Scripted.ours).hunks {
        selection.offer(hunk)
      }
    }
    return selection.hunks.map { "\($0.place.merge):\($0.line)" }
  }

  @Test func theSameSeedGivesTheSameOnes() {
    let numbers = Array(0..<40)
    let first = selection("different", from: numbers)
    #expect(first.count == 5)
    #expect(selection("different", from: numbers.reversed()) == first)
    #expect(selection("different", seed: 2, from: numbers) != first)
    #expect(first != first.sorted(), "they do not come in the order of their names")
    #expect(selection("different", limit: 9, from: numbers).prefix(5) == first[...])
  }

  @Test func onlyWhatIsAskedFor() {
    #expect(selection("different", from: [1]) == ["m1:8"])
    #expect(selection("equal", from: [1]) == ["m1:3"])
    #expect(selection("different:ours", from: [1]) == ["m1:8"])
    #expect(selection("different:other", from: [1]) == [])
    #expect(selection("left", from: [1]) == [])
    #expect(selection("unknown", from: [1]) == [])
  }

  @Test func whatIsLeftBecauseTheGateRefusedAResolver() {
    let marker = Scripted(name: "marker") { _ in bytes("=======\n") }
    for (filter, count) in [("left", 1), ("left:marker", 1), ("left:ours", 0)] {
      var selection = HunkSelection(HunkFilter(filter), limit: 5, seed: 1)
      for hunk in Three.one.judged(Three.file("o\n"), marker).hunks { selection.offer(hunk) }
      #expect(selection.hunks.count == count)
    }
  }

  @Test(arguments: ["", "same", "Equal", "whiteSpace", ":ours", "equal "])
  func wordsThatNameNoClass(text: String) { #expect(HunkFilter(text) == nil) }

  @Test func classesByName() {
    #expect(HunkFilter("white-space") == HunkFilter(kind: .whiteSpace))
    #expect(HunkFilter("order:x:y") == HunkFilter(kind: .order, resolver: "x:y"))
  }
}
