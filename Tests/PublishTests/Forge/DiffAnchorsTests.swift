import Base
import Git
import Publish
import TestSupport
import Testing
import Work

@Suite("Where comments can stand")
struct DiffAnchorsTests {
  /// Two hunks, of which the second takes away and adds.
  static let patch = """
    @@ -8,6 +8,7 @@
     8
     9
     10
    +new 11
     11
     12
     13
    @@ -30,7 +31,7 @@
     30
     31
     32
    -33
    +new 34
     34
     35
     36
    """

  private func anchors(_ files: [FileChange]? = nil) throws -> DiffAnchors {
    DiffAnchors(Diff(files: try files ?? [ForgeFixture.file("a", Self.patch)]))
  }

  private func anchor(_ lines: ClosedRange<Int>, _ side: Finding.Side = .head) throws -> LineAnchor? {
    try anchors().anchor(for: ForgeFixture.finding(lines, in: "a", side: side))
  }

  @Test("Lines of a hunk hold comments, with the line on the other side where they are unchanged; no others do")
  func lines() throws {
    let path = try ForgeFixture.path("a")
    #expect(try anchor(11...11) == LineAnchor(path: path, side: .head, startLine: 11, endLine: 11))
    #expect(
      try anchor(12...12) == LineAnchor(path: path, side: .head, startLine: 12, endLine: 12, startPair: 11, endPair: 11)
    )
    #expect(
      try anchor(10...12)
        == LineAnchor(
          path: path, side: .head, startLine: 10, endLine: 12, startPair: 10, endPair: 11, startBeside: 10,
          endBeside: 11))
    // What is on one side alone stands beside what comes next on the other.
    #expect(
      try anchor(10...11)
        == LineAnchor(
          path: path, side: .head, startLine: 10, endLine: 11, startPair: 10, startBeside: 10, endBeside: 11))
    #expect(
      try anchor(33...34)
        == LineAnchor(
          path: path, side: .head, startLine: 33, endLine: 34, startPair: 32, startBeside: 32, endBeside: 34))
    #expect(
      try anchor(32...33, .base)
        == LineAnchor(
          path: path, side: .base, startLine: 32, endLine: 33, startPair: 33, startBeside: 33, endBeside: 34))
    #expect(try anchor(33...33, .base) == LineAnchor(path: path, side: .base, startLine: 33, endLine: 33))
    #expect(
      try anchor(34...34, .base)
        == LineAnchor(path: path, side: .base, startLine: 34, endLine: 34, startPair: 35, endPair: 35))
    for line in [0, 1, 7, 15, 30, 38, 999] { #expect(try anchor(line...line) == nil, "\(line)") }
    for line in [7, 14, 29, 37] { #expect(try anchor(line...line, .base) == nil, "\(line)") }
    #expect(try anchors().anchor(for: ForgeFixture.finding(11...11, in: "b")) == nil)
  }

  @Test("A range is shortened to the hunk that has the most of it, and never goes over two")
  func ranges() throws {
    func lines(_ range: ClosedRange<Int>) throws -> [Int?] {
      let anchor = try anchor(range)
      return [anchor?.startLine, anchor?.endLine]
    }
    #expect(try lines(1...10) == [8, 10])
    #expect(try lines(13...40) == [31, 37])
    #expect(try lines(9...32) == [9, 14])
    #expect(try lines(15...30) == [nil, nil])
    #expect(try lines(1...100) == [8, 14])
  }

  @Test("A renamed file has both its names; files without lines have no anchors")
  func files() throws {
    let renamed = try anchors([ForgeFixture.file("b", from: "a", Self.patch)])
    let (new, old) = (try ForgeFixture.path("b"), try ForgeFixture.path("a"))
    #expect(renamed.anchor(new, .head, 11...11)?.oldPath == old)
    #expect(renamed.anchor(old, .base, 33...33).map { [$0.path, $0.oldPath] } == [new, old])
    var gone = try ForgeFixture.file("a", Self.patch)
    (gone.new, gone.status) = (nil, .deleted)
    #expect(try anchors([gone]).anchor(old, .base, 33...33)?.path == old)
    var binary = try ForgeFixture.file("a", Self.patch)
    binary.isBinary = true
    var large = try ForgeFixture.file("a", Self.patch)
    large.isTooLarge = true
    var mode = try ForgeFixture.file("a", Self.patch)
    mode.hunks = []
    for file in [binary, large, mode] { #expect(try anchors([file]).anchor(old, .head, 11...11) == nil) }
    let long = "@@ -0,0 +1,20001 @@\n" + (1...20_001).map { "+\($0)" }.joined(separator: "\n")
    #expect(try anchors([ForgeFixture.file("a", long)]).anchor(old, .head, 11...11) == nil)
  }

  @Test("However much is around the changes, lines hold comments where git's own difference shows them")
  func likeGit() throws {
    let repository = try TestRepository(bare: true)
    func numbers(_ edit: (Int) -> [String]) -> String { (1...120).flatMap(edit).joined(separator: "\n") + "\n" }
    let base = try repository.commit("main", .write("a", numbers { ["line \($0)"] }))
    let edited = numbers { number in
      switch number {
      case 3, 40, 47: []
      case 10, 60: ["line \(number)", "added"]
      case 54: ["other"]
      default: ["line \(number)"]
      }
    }
    let head = try repository.commit("main", .write("a", edited))
    var shown: [Finding.Side: Set<Int>] = [.head: [], .base: []]
    let printed = try repository.git("diff", "-U3", base.hex, head.hex)
    var (old, new) = (0, 0)
    for line in printed.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("@@") {
        let parts = line.split { !$0.isNumber }.compactMap { Int($0) }
        (old, new) = (parts[0], parts[2])
      } else if old + new > 0, let sign = line.first {
        if sign != "+" {
          shown[.base]?.insert(old)
          old += 1
        }
        if sign != "-" {
          shown[.head]?.insert(new)
          new += 1
        }
      }
    }
    var options = DiffOptions()
    let path = try ForgeFixture.path("a")
    for context in [3, 12, 200] {
      options.contextLines = context
      let diff = try Repository.openBare(at: repository.path).diff(from: base, to: head, options: options)
      let anchors = DiffAnchors(diff)
      for side in [Finding.Side.head, .base] {
        let found = (1...125).filter { anchors.anchor(path, side, $0...$0) != nil }
        #expect(Set(found) == shown[side], "\(context) \(side)")
        #expect(found.count > 20 && found.count < 100)
      }
    }
  }
}
