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
func difference(_ files: RandomFiles, _ mine: GitMergeFile.Verdict, _ git: GitMergeFile.Verdict) -> Comment {
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
  static let shapes: [RandomFiles.Shape] = [
    .init(name: "few different lines", alphabet: ["a", "b", "c", "", "}"], lines: 12, edits: 3),
    .init(name: "punctuation", alphabet: ["", "{", "}", "  }", "--", "x1"], lines: 40, edits: 6),
    .init(name: "carriage returns", alphabet: ["a", "b", "c", "d", ""], lines: 15, edits: 3, ends: ["\r\n"]),
    .init(name: "mixed line ends", alphabet: ["a", "b", "c", "d"], lines: 8, edits: 3, ends: ["\r\n", "\n"]),
    .init(name: "tiny", alphabet: ["a", "b", ""], lines: 3, edits: 2, ends: ["\n", "\r\n"]),
    .init(name: "code", alphabet: (0..<60).map { "line \($0)" } + ["", "}", "{"], lines: 150, edits: 20),
    .init(name: "repeats", alphabet: ["", "", "a"], lines: 300, edits: 40),
  ]

  @Test("random files merge as git merges them", arguments: shapes, 0..<12 as Range<UInt64>)
  func random(_ shape: RandomFiles.Shape, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<12 {
      let files = RandomFiles(shape, using: &random)
      let style = MergeStyle.all.randomElement(using: &random) ?? MergeStyle.all[0]
      let git = try GitMergeFile.merge(
        base: files.base,
        ours: files.ours,
        theirs: files.theirs,
        options: style.words
      )
      let mine = verdict(base: files.base, ours: files.ours, theirs: files.theirs, style)
      #expect(mine == git, difference(files, mine, git))
      if mine != git { return }
    }
  }
}
