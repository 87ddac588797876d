internal import Merging

/// Puts a file together that has its sealed parts as they were and everything else as a patch has it.
struct RegionSplit {
  /// The file with the edits outside of its sealed parts.
  let content: [UInt8]
  /// What was done to each sealed part that is not as it was.
  let edits: [Edit]

  struct Edit {
    var name: String
    var kind: SealKind
    /// `nil` where the patch adds the part.
    var old: [UInt8]?
    /// `nil` where the patch takes the part away.
    var new: [UInt8]?
  }

  init(old: SourceView, oldRegions: [SealedRegion], new: SourceView, newRegions: [SealedRegion]) {
    let before = Self.pieces(of: old, regions: oldRegions)
    let after = Self.pieces(of: new, regions: newRegions)
    let known = Dictionary(
      before.compactMap { piece in piece.key.map { ($0, piece) } }, uniquingKeysWith: { first, _ in first })
    let present = Set(after.compactMap(\.key))
    var edits: [Edit] = []

    // Each sealed part stands for itself as one piece, so that a difference is either in it or outside of it.
    let kept = after.filter { piece in piece.key.map { known[$0] != nil } ?? true }
    for piece in after {
      guard let key = piece.key else { continue }
      if let was = known[key] {
        if was.bytes != piece.bytes {
          edits.append(Edit(name: key.name, kind: piece.kind, old: was.bytes, new: piece.bytes))
        }
      } else {
        edits.append(Edit(name: key.name, kind: piece.kind, old: nil, new: piece.bytes))
      }
    }
    var content: [UInt8] = []
    var next = 0
    func take(_ pieces: ArraySlice<Piece>) {
      for piece in pieces { content += piece.key.flatMap { known[$0]?.bytes } ?? piece.bytes }
    }
    for change in LineDiff.changes(from: before.map(\.token), to: kept.map(\.token)) {
      take(kept[next..<change.new.end])
      next = change.new.end
      for piece in before[change.old.start..<change.old.end] {
        guard let key = piece.key, !present.contains(key) else { continue }
        edits.append(Edit(name: key.name, kind: piece.kind, old: piece.bytes, new: nil))
        if content.last != nil, content.last != 10 { content.append(10) }
        content += piece.bytes
      }
    }
    take(kept[next...])
    self.content = content
    self.edits = edits
  }

  private struct Key: Hashable {
    var name: String
    var number: Int
  }

  /// A line, or a sealed part.
  private struct Piece {
    var bytes: [UInt8]
    var key: Key?
    var kind = SealKind.test

    /// What it is compared by: a sealed part by its name alone.
    var token: Token { key.map(Token.part) ?? .line(bytes) }

    enum Token: Hashable {
      case line([UInt8])
      case part(Key)
    }
  }

  private static func pieces(of file: SourceView, regions: [SealedRegion]) -> [Piece] {
    var pieces: [Piece] = []
    var counts: [String: Int] = [:]
    var next = 0
    func lines(_ range: Range<Int>) -> [UInt8] {
      Array(file.table[LineSpan(start: range.lowerBound, count: range.count)])
    }
    for region in regions.sorted(by: { $0.lines.lowerBound < $1.lines.lowerBound }) {
      guard region.lines.lowerBound >= next, !region.lines.isEmpty, region.lines.upperBound <= file.count else {
        continue
      }
      for line in next..<region.lines.lowerBound { pieces.append(Piece(bytes: lines(line..<line + 1))) }
      let number = counts[region.name, default: 0]
      counts[region.name] = number + 1
      pieces.append(
        Piece(bytes: lines(region.lines), key: Key(name: region.name, number: number), kind: region.kind))
      next = region.lines.upperBound
    }
    for line in next..<file.count { pieces.append(Piece(bytes: lines(line..<line + 1))) }
    return pieces
  }
}
