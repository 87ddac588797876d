import Testing

@testable import Merging

@Suite("What is remembered") struct ResolutionMemoryTests {
  let one = conflict("a\n", "b\n", "c\n")

  private func state(_ memory: ResolutionMemory, _ conflict: Conflict) -> RememberedResolution.State? {
    memory.entries[ConflictKey(conflict)]?.state
  }

  @Test("a conflict that people settled")
  func remembers() {
    var memory = ResolutionMemory()
    #expect(memory.learn(one, settledAs: Array("b\nc\n".utf8), at: occurrence(1)) == .remembered)
    #expect(state(memory, one) == .usable)
  }

  @Test("the same resolution once more is kept as another merge")
  func confirms() {
    var memory = ResolutionMemory(learning: [(one, "b\nc\n")])
    #expect(memory.learn(one, settledAs: Array("b \r\nc\r\n".utf8), at: occurrence(9)) == .confirmed)
    #expect(memory.entries[ConflictKey(one)]?.occurrences.count == 2)
    memory.learn(one, settledAs: Array("b\nc\n".utf8), at: occurrence(9))
    #expect(memory.entries[ConflictKey(one)]?.occurrences.count == 2, "the same merge counts once")
  }

  @Test("two resolutions of the same conflict are a dispute, and stay one")
  func disputes() {
    var memory = ResolutionMemory(learning: [(one, "b\nc\n")])
    #expect(memory.learn(one, settledAs: Array("c\nb\n".utf8), at: occurrence(2)) == .contradicted)
    #expect(state(memory, one) == .disputed)
    memory.learn(one, settledAs: Array("b\nc\n".utf8), at: occurrence(3))
    #expect(state(memory, one) == .disputed)
  }

  @Test("the mirrored conflict is the same one")
  func mirrored() {
    var memory = ResolutionMemory(learning: [(one, "b\nc\n")])
    #expect(
      memory.learn(conflict("a\n", "c\n", "b\n"), settledAs: Array("b\n".utf8), at: occurrence(2)) == .contradicted)
  }

  @Test("what was taken back is not learned again")
  func revoked() {
    var memory = ResolutionMemory(learning: [(one, "b\n")])
    memory.revoke(ConflictKey(one))
    memory.learn(one, settledAs: Array("b\n".utf8), at: occurrence(2))
    #expect(state(memory, one) == .revoked)
    memory.learn(one, settledAs: Array("c\n".utf8), at: occurrence(3))
    #expect(state(memory, one) == .revoked)
  }

  @Test("nothing is learned from a merge of our own, but it is seen")
  func own() {
    var memory = ResolutionMemory()
    #expect(memory.learn(one, settledAs: Array("b\n".utf8), at: occurrence(1), isOwn: true) == .refused)
    #expect(memory.entries.isEmpty)
    memory.learn(one, settledAs: Array("b\n".utf8), at: occurrence(1))
    #expect(memory.learn(one, settledAs: Array("b\n".utf8), at: occurrence(2), isOwn: true) == .confirmed)
    #expect(memory.learn(one, settledAs: Array("c\n".utf8), at: occurrence(3), isOwn: true) == .refused)
    #expect(state(memory, one) == .usable)
    #expect(memory.entries[ConflictKey(one)]?.occurrences.count == 2)
  }

  @Test(
    "markers that were left in are nothing to remember",
    arguments: [
      "<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\n", "b\n=======\nc\n", ">>>>>>> x\r\n", "||||||| \nb\n",
    ])
  func markers(_ lines: String) {
    var memory = ResolutionMemory()
    #expect(memory.learn(one, settledAs: Array(lines.utf8), at: occurrence(1)) == .refused)
    let heading = conflict("a\n", "Title\n=======\n", "c\n")
    #expect(
      memory.learn(heading, settledAs: Array("Title\n=======\n".utf8), at: occurrence(1)) == .remembered,
      "the control: the side has it")
  }

  @Test("nor is a conflict beyond the limit, or one of blank lines")
  func refused() {
    var memory = ResolutionMemory()
    let long = String(repeating: "x", count: ResolutionMemory.largestHunk / 2)
    #expect(memory.learn(conflict(long, long, "c\n"), settledAs: [], at: occurrence(1)) == .refused)
    #expect(memory.learn(conflict("a\n", "", "\n"), settledAs: [], at: occurrence(1)) == .refused)
    #expect(memory.learn(conflict("a\n", "b\r\n", "b\n"), settledAs: [], at: occurrence(1)) == .refused)
    let bad = RememberedResolution.Occurrence(merge: [1], time: 0, path: [])
    #expect(memory.learn(one, settledAs: [], at: bad) == .refused)
    #expect(memory.learn(conflict("a\n", "", "c\n"), settledAs: [], at: occurrence(1)) == .remembered, "the control")
  }

  @Test("nor are lines of which most are none of the conflict's")
  func foreign() {
    var memory = ResolutionMemory()
    #expect(memory.learn(one, settledAs: Array("x\ny\nz\n".utf8), at: occurrence(1)) == .refused)
    #expect(memory.learn(one, settledAs: Array("x\n\nb\ny\nc\n".utf8), at: occurrence(1)) == .remembered, "the control")
  }

  @Test("what was learned in a merge that is gone is forgotten; what others teach too stays")
  func forgets() {
    let two = conflict("x\n", "y\n", "z\n")
    var memory = ResolutionMemory(learning: [(one, "b\n"), (two, "y\n")])
    memory.learn(two, settledAs: Array("y\n".utf8), at: occurrence(7))
    memory.seen = [Array(repeating: 1, count: 20), Array(repeating: 7, count: 20)]
    memory.forget { $0.first == 7 }
    #expect(memory.entries.keys.map(\.base) == [Array("x\n".utf8)])
    #expect(memory.entries[ConflictKey(two)]?.occurrences.map { $0.merge[0] } == [7])
    #expect(memory.seen.count == 1)
  }

  @Test("the oldest is forgotten first where there is too much")
  func trims() {
    var memory = ResolutionMemory()
    for number in 0..<10 {
      memory.learn(
        conflict("a\(number)\n", "b\n", "c\n"), settledAs: Array("b\n".utf8),
        at: occurrence(1, time: Int64(number)))
    }
    let whole = ResolutionFile.encoded(memory).count
    memory.trim(to: whole)
    #expect(memory.entries.count == 10)
    memory.trim(to: whole / 2)
    #expect((3...5).contains(memory.entries.count))
    #expect(memory.entries.values.allSatisfy { $0.occurrences[0].time >= 5 })
  }
}
