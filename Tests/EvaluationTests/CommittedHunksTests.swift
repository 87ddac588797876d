import Evaluation
import Merging
import Testing

/// What people committed in the place of each conflict.
@Suite struct CommittedHunksTests {
  private func lines(_ three: Three, _ committed: String, _ resolvers: [any Resolver] = []) -> [String?] {
    let merge = FileMerge(
      base: three.base, ours: three.ours, theirs: three.theirs, path: [], resolvers: resolvers, bothWays: false)
    return CommittedHunks(of: merge.regions, in: bytes(committed)).lines.map {
      $0.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test(arguments: ["o\n", "t\n", "b\n", "o\nt\n", "x\ny\nz\n", "", "1\n"])
  func theLinesBetweenTheLinesAround(committed: String) {
    #expect(lines(.one, Three.file(committed)) == [committed])
  }

  @Test func severalConflicts() {
    #expect(lines(.two, Three.file("o\n", "T\n")) == ["o\n", "T\n"])
    #expect(lines(.two, Three.file("", "O\nT\n")) == ["", "O\nT\n"])
  }

  @Test func itDoesNotMatterWhatIsSettled() {
    #expect(lines(.two, Three.file("o\n", "T\n"), [Scripted.ours]) == ["o\n", "T\n"])
    #expect(
      lines(.two, Three.file("o\n", "T\n"), [Scripted(name: "x", beginning: "O") { $0.theirs }]) == ["o\n", "T\n"])
  }

  @Test func nobodyCanTellWhereALineBesideItChanged() {
    #expect(lines(.one, "1\nnew\no\n4\n5\n6\n7\n8\n9\n10\n") == [nil])
    #expect(lines(.one, "1\n2\no\nnew\n5\n6\n7\n8\n9\n10\n") == [nil])
    #expect(lines(.two, "1\n2\no\n4\n5\n6\nnew\nO\n9\n10\n") == ["o\n", nil])
    #expect(lines(.one, "something else\n") == [nil])
    #expect(lines(.one, "") == [nil])
  }

  @Test func changesElsewhereDoNotMatter() {
    #expect(lines(.one, "0\n1\n2\nx\n4\n5\nsix\n7\n9\n10\n11\n") == ["x\n"])
  }

  @Test func atTheEndsOfTheFile() {
    let first = Three("b\n2\n3\n", "o\n2\n3\n", "t\n2\n3\n")
    #expect(lines(first, "x\n2\n3\n") == ["x\n"])
    #expect(lines(first, "2\n3\n") == [""])
    let last = Three("1\n2\nb", "1\n2\no", "1\n2\nt")
    #expect(lines(last, "1\n2\nx") == ["x"])
    #expect(lines(last, "1\n2\n") == [""])
    let whole = Three("b\n", "o\n", "t\n")
    #expect(lines(whole, "x\ny\n") == ["x\ny\n"])
    #expect(lines(whole, "") == [""])
  }

  @Test func withoutAConflictThereIsNothing() {
    #expect(lines(Three("a\n", "a\nb\n", "a\n"), "a\nb\n") == [])
  }
}
