import Base
import Merging
import Testing
import Work

@testable import Resolve

@Suite("What stands in the places of an edited file, and what was changed outside of them")
struct MarkedFileTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A file with two places, between lines that are decided.
  private func file(
    head: String = "a\nb\n", middle: String = "c\nd\n", tail: String = "e\nf\n"
  ) throws -> MarkedFile {
    let base = head + "x1\n" + middle + "y1\n" + tail
    let ours = head + "x2\n" + middle + "y2\n" + tail
    let theirs = head + "x3\n" + middle + "y3\n" + tail
    let content = ContentConflict(
      path: try #require(RepositoryPath("a.txt")), base: Self.bytes(base), ours: Self.bytes(ours),
      theirs: Self.bytes(theirs))
    let merge = FileMerge(
      base: content.base, ours: content.ours, theirs: content.theirs, path: content.path.bytes,
      options: .init(joining: .near), resolvers: [])
    try #require(merge.left.count == 2)
    return MarkedFile(merge, content: content, names: ["h1", "h2"], labels: .init(ours: "topic", theirs: "main"))
  }

  private static let long = (1...5).map { "line \($0)\n" }.joined()

  private func answered(_ reading: MarkedFileReading, _ id: String) -> String? {
    guard case .answered(let lines)? = reading.fates[id] else { return nil }
    return String(decoding: lines, as: UTF8.self)
  }

  @Test("The places stand between markers that are longer than any row of the file, with the three sides")
  func markers() throws {
    let text = String(decoding: try file(middle: Self.long).bytes, as: UTF8.self)
    #expect(
      text.hasPrefix(
        "a\nb\n<<<<<<<<< h1 ours: topic\nx2\n||||||||| h1 base\nx1\n========= h1\nx3\n>>>>>>>>> h1 theirs: main\nline 1\n"
      ))
    let rows = try file(head: "a\n============\n", middle: Self.long)
    #expect(rows.markerLength == 14)
    #expect(try file(middle: Self.long).markerLength == 9, "the control")
  }

  @Test("Nothing changed is everything kept")
  func kept() throws {
    let file = try file(middle: Self.long)
    let reading = file.reading(file.bytes)
    #expect(reading.fates == ["h1": .kept, "h2": .kept] && reading.edits.isEmpty)
  }

  @Test(
    "An answer is what stands between the decided lines, whatever it is",
    arguments: ["", "x2\nx3\n", "line 1\n", "e\n"])
  func answers(_ answer: String) throws {
    let file = try file(middle: Self.long)
    let reading = file.reading(Self.bytes("a\nb\n" + answer + Self.long + "y2\n" + "e\nf\n"))
    #expect(reading.edits.isEmpty)
    #expect(answered(reading, "h1") == answer && answered(reading, "h2") == "y2\n")
  }

  @Test("Where a decided line stands in the answers too, lines go to the place that they come from")
  func ambiguous() throws {
    let file = try file(middle: "}\n\n\n\n")
    let reading = file.reading(Self.bytes("a\nb\nx2\n}\n\n\n\nx3\n}\n\n\n\ny2\n}\n\n\n\ny3\ne\nf\n"))
    #expect(reading.edits.isEmpty)
    let both = (answered(reading, "h1") ?? "") + (answered(reading, "h2") ?? "")
    #expect(both.contains("x3") && both.contains("y3"))
    #expect(answered(reading, "h1")?.contains("x2") == true && answered(reading, "h2")?.contains("y3") == true)
  }

  @Test("One place answered and the other kept")
  func half() throws {
    let file = try file(middle: Self.long)
    let reading = file.reading(file.deciding(["h2": Self.bytes("y9\n")]).bytes)
    #expect(reading.fates["h1"] == .kept && answered(reading, "h2") == "y9\n" && reading.edits.isEmpty)
  }

  @Test("A place with some of its markers is broken, and so is every answer of the file")
  func broken() throws {
    let file = try file(middle: Self.long)
    let text = String(decoding: file.deciding(["h2": Self.bytes("y9\n")]).bytes, as: UTF8.self)
    for marker in ["<<<<<<<<< h1 ours: topic\n", "||||||||| h1 base\n", "========= h1\n", "x3\n"] {
      let reading = file.reading(Self.bytes(text.replacing(marker, with: "")))
      for id in ["h1", "h2"] {
        guard case .broken? = reading.fates[id] else {
          Issue.record("\(id) is \(String(describing: reading.fates[id])) without \(marker)")
          continue
        }
      }
    }
    let twice = file.reading(Self.bytes(text + text))
    #expect(twice.fates["h1"].map { if case .broken = $0 { true } else { false } } == true)
  }

  @Test("Every line that was changed outside of the places is found, and no other")
  func edits() throws {
    let file = try file(middle: Self.long)
    func edits(_ text: String) -> [String] {
      file.reading(Self.bytes(text)).edits.map { edit in
        let (old, new) = (edit.old.joined(), edit.new.joined())
        return "\(edit.line) -\(String(decoding: old, as: UTF8.self))+\(String(decoding: new, as: UTF8.self))"
      }
    }
    let right = "a\nb\nx2\n" + Self.long + "y2\ne\nf\n"
    #expect(edits(right).isEmpty, "the control")
    #expect(edits(right.replacing("line 3\n", with: "line three\n")) == ["6 -line 3\n+line three\n"])
    #expect(edits(right.replacing("line 3\n", with: "")) == ["6 -line 3\n+"])
    #expect(edits(right.replacing("line 3\n", with: "line 3\nnew\n")) == ["7 -+new\n"])
    #expect(edits(right.replacing("a\n", with: "A\n").replacing("f\n", with: "F\n")) == ["1 -a\n+A\n", "11 -f\n+F\n"])
    #expect(edits("new\n" + right) == ["1 -+new\n"])
    #expect(edits(right + "new\n") == ["12 -+new\n"])
    // Next to a place nobody can tell an answer from an addition.
    #expect(edits(right.replacing("x2\n", with: "x2\nnew\n")).isEmpty)
    #expect(edits("").count == 1)
  }

  @Test("The file with edits outside has its places still, so that it can be put together with any answer")
  func edited() throws {
    let file = try file(middle: Self.long)
    let reading = file.reading(Self.bytes("a\nB\nx2\n" + Self.long + "y2\ne\nf\n"))
    let again = try #require(reading.edited).deciding(["h1": Self.bytes("x9\n"), "h2": Self.bytes("")])
    #expect(String(decoding: again.bytes, as: UTF8.self) == "a\nB\nx9\n" + Self.long + "e\nf\n")
    #expect(file.deciding(["h1": Self.bytes("x9\n")]).places.map(\.id) == ["h2"])
  }

  /// A row of numbers that is the same for the same seed (a linear congruence, Knuth's MMIX constants).
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test("Whatever is done to a file: decided lines, answers and edits together are the file", arguments: 0..<300)
  func exact(_ seed: Int) throws {
    var numbers = Numbers(state: UInt64(seed))
    func lines(_ most: Int) -> String {
      (0..<Int.random(in: 0...most, using: &numbers)).map { _ in
        ["a", "b", "}", "", "x1", "x2", "y3"].randomElement(using: &numbers).map { $0 + "\n" } ?? ""
      }.joined()
    }
    let file = try file(head: "h\n" + lines(3), middle: "m\nm2\nm3\nm4\n" + lines(3), tail: lines(3) + "t\n")
    let answers = ["h1": Self.bytes(lines(4)), "h2": Self.bytes(lines(4))]
    let intact = file.deciding(answers).bytes
    // Untouched decided lines are never called edited.
    let reading = file.reading(intact)
    #expect(reading.edits.isEmpty)
    #expect(file.deciding(Self.answered(reading)).bytes == intact)
    // One line changed: the edits say which, unless the line could stand in a place.
    var edited = MarkedFile.lines(intact).map { Array($0) }
    let place = Int.random(in: 0..<edited.count, using: &numbers)
    edited[place] = Self.bytes("edited\n")
    let bytes = edited.flatMap { $0 }
    let second = file.reading(bytes)
    let whole = second.edited ?? file
    #expect(whole.deciding(Self.answered(second)).bytes == bytes)
    #expect(second.edits.reduce(0) { $0 + max($1.old.count, $1.new.count) } <= 1)
  }

  private static func answered(_ reading: MarkedFileReading) -> [String: [UInt8]] {
    reading.fates.compactMapValues { if case .answered(let lines) = $0 { lines } else { nil } }
  }
}
