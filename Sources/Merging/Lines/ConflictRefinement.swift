/// Narrows conflicts to the lines in which the sides differ, and joins those that stand close together.
struct ConflictRefinement {
  let sides: MergeSides
  var diff: SequenceDiff

  /// Conflicts with at most this many lines between them are joined whatever these lines are.
  private static let nearbyLines = 3

  /// The pieces as they are shown in a style.
  mutating func refine(_ pieces: [MergePiece], options: LineMerge.Options) -> [MergePiece] {
    switch options.style {
    case .diff3: pieces
    case .zdiff3: pieces.map(withoutCommonEnds)
    case .merge: joined(pieces, options.joining)
    }
  }

  /// Takes the lines with which both sides begin, and with which both end, out of a conflict.
  private func withoutCommonEnds(_ piece: MergePiece) -> MergePiece {
    guard piece.outcome == .conflict else { return piece }
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

  /// A piece in the making: a conflict may hold parts of several conflicts that were joined.
  private struct Draft {
    var outcome: MergePiece.Outcome
    var parts: [Part]

    /// The lines of our side from the first part to the last.
    var oursEnd: Int { parts[parts.count - 1].ours.end }

    /// Adds a part that follows.
    mutating func append(_ part: Part) {
      let last = parts.count - 1
      if parts[last].piece == part.piece {
        parts[last].ours = parts[last].ours.through(part.ours)
        parts[last].theirs = parts[last].theirs.through(part.theirs)
      } else {
        parts.append(part)
      }
    }
  }

  /// What a draft took from one piece.
  private struct Part {
    /// The index of the piece.
    var piece: Int
    var base: LineSpan
    var ours: LineSpan
    var theirs: LineSpan
  }

  private mutating func joined(_ pieces: [MergePiece], _ joining: LineMerge.Joining) -> [MergePiece] {
    var drafts: [Draft] = []
    for (index, piece) in pieces.enumerated() {
      for fragment in split(piece) {
        let part = Part(piece: index, base: fragment.base, ours: fragment.ours, theirs: fragment.theirs)
        if let last = drafts.last, last.outcome == .conflict, fragment.outcome == .conflict,
          belongTogether(last.oursEnd..<part.ours.start, joining)
        {
          drafts[drafts.count - 1].append(part)
        } else {
          drafts.append(Draft(outcome: fragment.outcome, parts: [part]))
        }
      }
    }
    shareBase(among: &drafts)
    return drafts.map { draft in
      let (first, last) = (draft.parts[0], draft.parts[draft.parts.count - 1])
      return MergePiece(
        outcome: draft.outcome,
        base: first.base.through(last.base),
        ours: first.ours.through(last.ours),
        theirs: first.theirs.through(last.theirs)
      )
    }
  }

  /// A conflict cut into one for each place where the sides differ; all have the ancestor's lines of the whole.
  private mutating func split(_ piece: MergePiece) -> [MergePiece] {
    guard piece.outcome == .conflict, piece.ours.count > 0, piece.theirs.count > 0 else { return [piece] }
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

  // MARK: - The ancestor's lines

  /// Divides the ancestor's lines of each piece among the drafts that took parts of it.
  private mutating func shareBase(among drafts: inout [Draft]) {
    var first = 0
    while first < drafts.count {
      // Consecutive drafts share a piece where one ends with a part of it and the next begins with one.
      let piece = drafts[first].parts[drafts[first].parts.count - 1].piece
      var last = first
      while last + 1 < drafts.count, drafts[last + 1].parts[0].piece == piece {
        last += 1
        if drafts[last].parts.count > 1 { break }
      }
      if last > first { shareBase(ofDrafts: first...last, in: &drafts) }
      first = max(last, first + 1)
    }
  }

  private mutating func shareBase(ofDrafts range: ClosedRange<Int>, in drafts: inout [Draft]) {
    let parts = range.map { index in
      // The shared piece gave the last part of the first draft, and the first part of all others.
      index == range.lowerBound ? drafts[index].parts[drafts[index].parts.count - 1] : drafts[index].parts[0]
    }
    let spans = BaseAlignment.share(
      parts[0].base,
      among: parts.map { BaseAlignment.Claim(ours: $0.ours, theirs: $0.theirs) },
      of: sides,
      diff: &diff
    )
    for (index, span) in zip(range, spans) {
      let part = index == range.lowerBound ? drafts[index].parts.count - 1 : 0
      drafts[index].parts[part].base = span
    }
  }
}
