internal import Base
internal import Git

/// What a branch changed, cut into pieces each of which can be taken back alone.
struct BranchDifference: Sendable {
  /// Every changed file, in git's order; a test file has no units.
  var files: [BranchFile] = []
  var units: [ChangeUnit] = []
  var pieceCount = 0
  /// Whether files that hold tests were changed.
  var changesTests = false

  /// The pieces of some units.
  func pieces(of units: some Sequence<Int>) -> [Int] { units.flatMap { self.units[$0].pieces }.sorted() }
}

/// A part of a change that belongs together: a hunk, a move of a file, a change of its mode, or a file as a whole.
struct ChangeUnit: Sendable {
  var file: Int
  var kind: CulpritHunk.Kind
  /// For what has lines.
  var hunk: Hunk?
  var pieces: Range<Int>
  /// The commits of the branch that introduced it, newest first.
  var commits: [ObjectID] = []
}

/// One file that the branch changed, and how to write it without some pieces of the change.
struct BranchFile: Sendable {
  /// A stretch of the file at the head.
  enum Stretch: Sendable {
    /// Lines that stay as they are.
    case kept(Range<Int>)
    /// The lines that a piece took out and those that it put in their place.
    case piece(Int, old: [DiffLine], new: [DiffLine])
  }

  var old: FileChange.Side?
  var new: FileChange.Side?
  /// The piece that exchanges the file as a whole.
  var whole: Int?
  /// The piece that moved the file.
  var move: Int?
  /// The piece that changed its mode.
  var mode: Int?
  /// The file's pieces of text; empty where it has none.
  var stretches: [Stretch] = []
  /// The lines at the head, each with its end.
  var lines: [ArraySlice<UInt8>] = []
  var oldContent: [UInt8] = []
  var newContent: [UInt8] = []

  /// The path at the head; at the base where the branch deleted the file.
  let path: RepositoryPath

  /// What the file is without some pieces.
  enum Version {
    case absent
    case side(FileChange.Side)
    case text(RepositoryPath, FileMode, [UInt8])
  }

  func without(_ removed: Set<Int>) -> Version {
    if let whole, removed.contains(whole) { return old.map { .side($0) } ?? .absent }
    guard let new else { return .absent }
    let path = move.map(removed.contains) == true ? old?.path ?? new.path : new.path
    let mode = mode.map(removed.contains) == true ? old?.mode ?? new.mode : new.mode
    var (anyRemoved, anyLeft) = (false, false)
    for case .piece(let number, _, _) in stretches {
      if removed.contains(number) { anyRemoved = true } else { anyLeft = true }
    }
    if !anyRemoved {
      return .side(FileChange.Side(path: path, mode: mode, blob: new.blob, size: new.size))
    }
    if old == nil, !anyLeft { return .absent }
    if let old, !anyLeft { return .side(FileChange.Side(path: path, mode: mode, blob: old.blob, size: old.size)) }
    return .text(path, mode, text(without: removed))
  }

  private func text(without removed: Set<Int>) -> [UInt8] {
    var writer = LineWriter()
    for stretch in stretches {
      switch stretch {
      case .kept(let range): for line in lines[range] { writer.write(line) }
      case .piece(let number, let old, let new):
        for line in removed.contains(number) ? old : new { writer.write(line) }
      }
    }
    return writer.bytes
  }

  /// Puts lines together; a line that was the last of its file without an end gets one where others follow.
  private struct LineWriter {
    var bytes: [UInt8] = []
    private var lacksEnd = false

    mutating func write(_ line: ArraySlice<UInt8>) {
      if lacksEnd { bytes.append(UInt8(ascii: "\n")) }
      bytes += line
      lacksEnd = line.last != UInt8(ascii: "\n")
    }

    mutating func write(_ line: DiffLine) {
      if lacksEnd { bytes.append(UInt8(ascii: "\n")) }
      bytes += line.content
      lacksEnd = line.lacksNewline
      if !lacksEnd { bytes.append(UInt8(ascii: "\n")) }
    }
  }
}
