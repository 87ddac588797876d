import Testing

@testable import Merging

/// Answers every conflict whose own lines contain a word.
private struct WordResolver: Resolver {
  var name: String
  var word: String
  var lines: String

  func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard String(decoding: conflict.ours, as: UTF8.self).contains(word) else { return nil }
    let words = ["yes", "no", "x", "ONE", "EINS"].map { Array($0.utf8) }
    return Resolution(resolver: name, lines: Array(lines.utf8), reason: "it says \(word)", introduces: words)
      .listingDrops(of: conflict, because: "it says \(word)")
  }
}

@Suite struct FileMergeTests {
  private let markers = ConflictMarkers(ours: Array("o".utf8), base: Array("b".utf8), theirs: Array("t".utf8))
  private let base = "b1\n1\n2\n3\n4\nb2\n"
  private let ours = "one\n1\n2\n3\n4\ntwo\n"
  private let theirs = "eins\n1\n2\n3\n4\nzwei\n"

  private func merge(_ resolvers: [any Resolver], theirs: String? = nil) -> FileMerge {
    FileMerge(
      base: Array(base.utf8),
      ours: Array(ours.utf8),
      theirs: Array((theirs ?? self.theirs).utf8),
      path: Array("file".utf8),
      resolvers: resolvers, bothWays: false)
  }

  @Test("without resolvers the file is git's")
  func textual() throws {
    let merge = merge([])
    let lines = LineMerge(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8))
    #expect(merge.left == lines.conflicts)
    #expect(merge.left.count == 2)
    #expect(merge.resolved.isEmpty)
    #expect(!merge.isClean)
    #expect(merge.render(markers) == lines.render(markers))
  }

  @Test("a resolved conflict is replaced, and one that is left stands as git writes it")
  func partly() {
    let merge = merge([WordResolver(name: "r", word: "one", lines: "ONE\nEINS\n")])
    #expect(merge.left.map(\.ours) == [Array("two\n".utf8)])
    #expect(merge.resolved.map(\.resolution.resolver) == ["r"])
    #expect(merge.resolved.map(\.conflict.theirs) == [Array("eins\n".utf8)])
    #expect(
      merge.render(markers)
        == Array("ONE\nEINS\n1\n2\n3\n4\n<<<<<<< o\ntwo\n=======\nzwei\n>>>>>>> t\n".utf8)
    )
  }

  @Test("where resolvers disagree, none is heard")
  func disagreement() {
    let merge = merge([
      WordResolver(name: "first", word: "o", lines: "yes\n"),
      WordResolver(name: "second", word: "one", lines: "no\n"),
    ])
    #expect(merge.left.map(\.ours) == [Array("one\n".utf8)])
    #expect(merge.resolved.map(\.resolution.resolver) == ["first"])
    #expect(merge.rejected.isEmpty)
  }

  @Test("of resolvers that agree but for white space and order, the first is heard")
  func order() {
    let merge = merge([
      WordResolver(name: "never", word: "three", lines: "no\n"),
      WordResolver(name: "first", word: "o", lines: "yes\n"),
      WordResolver(name: "second", word: "o", lines: " yes\n"),
    ])
    #expect(merge.isClean)
    #expect(merge.resolved.map(\.resolution.resolver) == ["first", "first"])
    #expect(merge.render(markers) == Array("yes\n1\n2\n3\n4\nyes\n".utf8))
  }

  @Test(
    "a resolution with a conflict marker that no side has is refused",
    arguments: ["<<<<<<< x\n", "=======\n", "=======\r\n", "a\n>>>>>>> topic\n", "|||||||\n"]
  )
  func markers(_ lines: String) {
    let merge = merge([WordResolver(name: "r", word: "one", lines: lines)])
    #expect(merge.left.count == 2)
    #expect(merge.rejected.map(\.reason) == [.conflictMarker])
    #expect(merge.render(markers) == self.merge([]).render(markers))
  }

  @Test(
    "lines that only look a little like a marker are no reason to refuse",
    arguments: ["<<<<<<<x\n", "======\n", "========\n", " =======\n", "<<<<===\n"]
  )
  func noMarkers(_ lines: String) {
    let merge = merge([WordResolver(name: "r", word: "one", lines: lines)])
    #expect(merge.left.count == 1)
    #expect(merge.rejected.isEmpty)
  }

  @Test("a marker that a side has already may stay")
  func knownMarker() {
    let merge = merge([WordResolver(name: "r", word: "one", lines: "=======\n")], theirs: "=======\n1\n2\n3\n4\nb2\n")
    #expect(merge.isClean)
  }

  @Test("a resolution may leave its last line unfinished at the end of the file only")
  func unfinished() {
    let middle = merge([WordResolver(name: "r", word: "one", lines: "x")])
    #expect(middle.rejected.map(\.reason) == [.unfinishedLine])
    #expect(middle.left.count == 2)
    let end = merge([WordResolver(name: "r", word: "two", lines: "x")])
    #expect(end.rejected.isEmpty)
    #expect(end.left.count == 1)
  }
}
