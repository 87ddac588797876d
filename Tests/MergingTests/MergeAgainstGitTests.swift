import Testing

@testable import Merging

/// A way of asking for a merge, and git's words for it.
struct MergeStyle: Sendable, CustomTestStringConvertible {
  var style: ConflictStyle
  var size: Int
  var words: [String]

  static let all = [
    MergeStyle(style: .merge, size: 7, words: []),
    MergeStyle(style: .diff3, size: 7, words: ["--diff3"]),
    MergeStyle(style: .zdiff3, size: 7, words: ["--zdiff3"]),
    MergeStyle(style: .merge, size: 15, words: ["--marker-size=15"]),
  ]

  var testDescription: String { "\(style), marker size \(size)" }
}

/// Our merge as a verdict, to be compared with git's.
func verdict(base: [UInt8], ours: [UInt8], theirs: [UInt8], _ style: MergeStyle) -> GitMergeFile.Verdict {
  let merge = LineMerge(base: base, ours: ours, theirs: theirs, options: .init(style: style.style))
  let markers = ConflictMarkers(
    ours: Array("ours".utf8),
    base: Array("base".utf8),
    theirs: Array("theirs".utf8),
    size: style.size
  )
  return GitMergeFile.Verdict(output: merge.render(markers), status: Int32(min(merge.conflicts.count, 127)))
}

/// A failure that shows the three files and both results as text.
func difference(_ files: MergeFiles, _ mine: GitMergeFile.Verdict, _ git: GitMergeFile.Verdict) -> Comment {
  func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(4000), as: UTF8.self).debugDescription }
  return """
    base   \(text(files.base))
    ours   \(text(files.ours))
    theirs \(text(files.theirs))
    git    \(git.status) \(text(git.output))
    mine   \(mine.status) \(text(mine.output))
    """
}

@Suite struct MergeAgainstGitTests {
  static let shapes: [MergeFiles.Shape] = [
    .init(name: "few different lines", alphabet: ["a", "b", "c", "", "}"], lines: 12, edits: 3),
    .init(name: "punctuation", alphabet: ["", "{", "}", "  }", "--", "x1"], lines: 40, edits: 6),
    .init(name: "carriage returns", alphabet: ["a", "b", "c", "d", ""], lines: 15, edits: 3, ends: ["\r\n"]),
    .init(name: "mixed line ends", alphabet: ["a", "b", "c", "d"], lines: 8, edits: 3, ends: ["\r\n", "\n"]),
    .init(name: "tiny", alphabet: ["a", "b", ""], lines: 3, edits: 2, ends: ["\n", "\r\n"]),
    .init(name: "code", alphabet: (0..<60).map { "line \($0)" } + ["", "}", "{"], lines: 150, edits: 20),
    .init(name: "rewritten blocks", alphabet: ["", "}", "a"], lines: 300, edits: 6, block: 60, novelty: 75),
    .init(name: "long blocks", alphabet: [""], lines: 900, edits: 5, block: 300, novelty: 80),
    .init(name: "repeats", alphabet: ["", "", "a"], lines: 300, edits: 40),
  ]

  @Test("random files merge as git merges them", arguments: shapes, 0..<12 as Range<UInt64>)
  func random(_ shape: MergeFiles.Shape, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<12 {
      let files = MergeFiles(shape, using: &random)
      let style = MergeStyle.all.randomElement(using: &random) ?? MergeStyle.all[0]
      try expectGitsResult(files, style)
    }
  }

  @Test("hand-made files merge as git merges them, in every style", arguments: HandMade.all, MergeStyle.all)
  func handMade(_ files: HandMade, _ style: MergeStyle) throws {
    try expectGitsResult(MergeFiles(base: files.base, ours: files.ours, theirs: files.theirs), style)
  }

  @Test("files with hundreds of changes take the same cut-offs", arguments: 0..<8 as Range<UInt64>)
  func big(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    // Most lines occur on both sides, long runs stay or runs of about the length that counts as long, and the paths
    // cost more than any limit.
    let (longest, lines) = seed % 2 == 0 ? (120, 36_000) : (42, 9_000)
    let base = (0..<lines).map { _ in "line \(Int.random(in: 0..<900, using: &random))\n" }
    func edited() -> [UInt8] {
      var edited: [String] = []
      var next = 0
      while next < base.count {
        let kept = Int.random(in: 0..<longest, using: &random)
        edited += base[next..<min(next + kept, base.count)]
        next += kept + Int.random(in: 0..<40, using: &random)
        let moved = Int.random(in: 0..<(base.count - 60), using: &random)
        edited += base[moved..<(moved + Int.random(in: 0..<60, using: &random))]
      }
      return Array(edited.joined().utf8)
    }
    let files = MergeFiles(base: Array(base.joined().utf8), ours: edited(), theirs: edited())
    try expectGitsResult(files, MergeStyle.all[Int(seed) % MergeStyle.all.count])
  }

  @Test("bytes that are no text merge as git merges them", arguments: 0..<20 as Range<UInt64>)
  func anyBytes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    func bytes(_ count: Int) -> [UInt8] {
      // Every eighth byte ends a line; NUL would make the file binary.
      (0..<count).map { _ in
        Int.random(in: 0..<8, using: &random) == 0 ? 0x0A : UInt8.random(in: 1...255, using: &random)
      }
    }
    let base = bytes(Int.random(in: 0..<300, using: &random))
    func edited() -> [UInt8] {
      var edited = base
      for _ in 0..<4 {
        let start = Int.random(in: 0...edited.count, using: &random)
        let end = Int.random(in: start...min(start + 20, edited.count), using: &random)
        edited.replaceSubrange(start..<end, with: bytes(Int.random(in: 0..<20, using: &random)))
      }
      return edited
    }
    for style in MergeStyle.all {
      try expectGitsResult(MergeFiles(base: base, ours: edited(), theirs: edited()), style)
    }
  }

  @Test("what git refuses as binary is binary")
  func binary() throws {
    let line = Array("line\n".utf8)
    let text = [UInt8](repeating: 0x61, count: 8000) + [0]
    let binary = [UInt8](repeating: 0x61, count: 7999) + [0]
    #expect(!LineMerge.isBinary(text))
    #expect(try GitMergeFile.merge(base: text, ours: text, theirs: text).status == 0)
    #expect(LineMerge.isBinary(binary))
    #expect(try GitMergeFile.merge(base: line, ours: line, theirs: binary).status == 255)
  }

  private func expectGitsResult(_ files: MergeFiles, _ style: MergeStyle) throws {
    let git = try GitMergeFile.merge(base: files.base, ours: files.ours, theirs: files.theirs, options: style.words)
    let mine = verdict(base: files.base, ours: files.ours, theirs: files.theirs, style)
    let isEqual = mine == git
    #expect(isEqual, difference(files, mine, git))
  }
}
