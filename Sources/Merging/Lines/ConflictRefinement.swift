/// Narrows conflicts to the lines in which the sides differ, and joins those that stand close together.
///
/// On the way each conflict can be settled: first as a whole, then in the parts it is narrowed to. Conflicts that are
/// left stand as git shows them, and are joined only where nothing was settled between them.
struct ConflictRefinement {
  let sides: MergeSides
  var diff: SequenceDiff

  /// Conflicts with at most this many lines between them are joined whatever these lines are.
  private static let nearbyLines = 3

  /// Settles a conflict at a place, or leaves it; the answer is an index of the one who settles.
  typealias Settle = (MergePiece) -> Int?

  /// The pieces as they are shown in a style.
  ///
  /// - Parameters:
  ///   - pieces: The pieces that the changes of the sides give.
  ///   - options: The style and what is joined.
  ///   - settle: Asked about each conflict as a whole without its common ends, then about its parts.
  /// - Returns: The pieces, in order.
  mutating func refine(_ pieces: [MergePiece], options: LineMerge.Options, settle: Settle?) -> [MergePiece] {
    var fragments: [MergePiece] = []
    for piece in pieces {
      if piece.outcome == .conflict {
        fragments += refine(piece, style: options.style, settle: settle)
      } else {
        fragments.append(piece)
      }
    }
    return options.style == .merge ? joined(fragments, options.joining) : fragments
  }

  private mutating func refine(_ piece: MergePiece, style: ConflictStyle, settle: Settle?) -> [MergePiece] {
    var whole = withoutCommonEnds(piece)
    if let index = settle?(whole) {
      whole.outcome = .settled(index)
      return [whole]
    }
    if let settle, let parts = partlySettled(piece, whole: whole, settle: settle) { return parts }
    switch style {
    case .diff3: return [piece]
    case .zdiff3: return [whole]
    case .merge:
      var parts = split(piece)
      shareBase(piece.base, among: &parts)
      return parts
    }
  }

  /// The parts of a conflict, if at least one of them is settled.
  ///
  /// Diffs tell their sides apart, so the lesser side always counts as the first one: swapped sides give the same
  /// parts swapped.
  private mutating func partlySettled(_ piece: MergePiece, whole: MergePiece, settle: Settle) -> [MergePiece]? {
    let isSwapped = sides.theirs.table[piece.theirs].lexicographicallyPrecedes(sides.ours.table[piece.ours])
    var parts: [MergePiece]
    if isSwapped {
      var mirror = ConflictRefinement(sides: sides.swapped, diff: diff)
      parts = mirror.split(piece.swapped)
      mirror.shareBase(piece.base, among: &parts)
      parts = parts.map(\.swapped)
    } else {
      parts = split(piece)
      shareBase(piece.base, among: &parts)
    }
    if parts.count == 1, parts[0] == whole { return nil }
    var isAnySettled = false
    for index in parts.indices where parts[index].outcome == .conflict && parts[index] != whole {
      guard let settled = settle(parts[index]) else { continue }
      parts[index].outcome = .settled(settled)
      isAnySettled = true
    }
    return isAnySettled ? parts : nil
  }

  /// Takes the lines with which both sides begin, and with which both end, out of a conflict.
  private func withoutCommonEnds(_ piece: MergePiece) -> MergePiece {
    var piece = piece
    while piece.ours.count > 0, piece.theirs.count > 0,
      sides.ours.numbers[piece.ours.start] == sides.theirs.numbers[piece.theirs.start]
    {
      piece.ours = LineSpan(start: piece.ours.start + 1, count: piece.ours.count - 1)
      piece.theirs = LineSpan(start: piece.theirs.start + 1, count: piece.theirs.count - 1)
    }
    while piece.ours.count > 0, piece.theirs.count > 0,
      sides.ours.numbers[piece.ours.end - 1] == sides.theirs.numbers[piece.theirs.end - 1]
    {
      piece.ours.count -= 1
      piece.theirs.count -= 1
    }
    return piece
  }

  // MARK: - Splitting and joining

  /// A conflict cut into one for each place where the sides differ; all have the ancestor's lines of the whole.
  private mutating func split(_ piece: MergePiece) -> [MergePiece] {
    guard piece.ours.count > 0, piece.theirs.count > 0 else { return [piece] }
    let changes = diff.changes(
      from: sides.ours.numbers[piece.ours.indices],
      to: sides.theirs.numbers[piece.theirs.indices]
    )
    if changes.isEmpty {
      var agreed = piece
      agreed.outcome = .both
      return [agreed]
    }
    return changes.map { change in
      MergePiece(
        outcome: .conflict,
        base: piece.base,
        ours: LineSpan(start: piece.ours.start + change.old.start, count: change.old.count),
        theirs: LineSpan(start: piece.theirs.start + change.new.start, count: change.new.count)
      )
    }
  }

  /// Gives each part its share of the ancestor's lines.
  private mutating func shareBase(_ base: LineSpan, among parts: inout [MergePiece]) {
    guard parts.count > 1 else { return }
    let claims = parts.map { BaseAlignment.Claim(ours: $0.ours, theirs: $0.theirs) }
    for (index, span) in BaseAlignment.share(base, among: claims, of: sides, diff: &diff).enumerated() {
      parts[index].base = span
      parts[index].isNarrowed = true
    }
  }

  private func joined(_ pieces: [MergePiece], _ joining: LineMerge.Joining) -> [MergePiece] {
    var result: [MergePiece] = []
    for piece in pieces {
      if let last = result.last, last.outcome == .conflict, piece.outcome == .conflict,
        belongTogether(last.ours.end..<piece.ours.start, joining)
      {
        result[result.count - 1] = MergePiece(
          outcome: .conflict,
          base: last.base.through(piece.base),
          ours: last.ours.through(piece.ours),
          theirs: last.theirs.through(piece.theirs)
        )
      } else {
        result.append(piece)
      }
    }
    return result
  }

  /// Whether two conflicts with these lines of our side between them are better read as one.
  private func belongTogether(_ between: Range<Int>, _ joining: LineMerge.Joining) -> Bool {
    if between.count <= Self.nearbyLines { return true }
    guard joining == .acrossPunctuation else { return false }
    let bytes = sides.ours.table[LineSpan(start: between.lowerBound, count: between.count)]
    return !bytes.contains { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
      default:
        false
      }
    }
  }
}
