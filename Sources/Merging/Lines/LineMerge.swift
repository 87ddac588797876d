/// A three-way merge of a file by lines, with the result of `git merge-file`.
///
/// Changes of one side are taken; equal changes of both are taken once; changes of both that overlap or touch are a
/// conflict, which is then narrowed to the lines in which the sides really differ.
package struct LineMerge: Sendable {
  /// How a merge treats conflicts.
  package struct Options: Sendable, Hashable {
    /// What a conflict shows, and with it how far conflicts are narrowed.
    package var style: ConflictStyle
    /// Which neighbouring conflicts become one; only the style `merge` joins any.
    package var joining: Joining

    package init(style: ConflictStyle = .merge, joining: Joining = .acrossPunctuation) {
      self.style = style
      self.joining = joining
    }
  }

  /// Which conflicts become one.
  package enum Joining: Sendable, Hashable {
    /// Those with at most three lines between them, as `git merge` does.
    case near
    /// These, and those between which no line has an ASCII letter or digit, as `git merge-file` does.
    case acrossPunctuation
  }

  /// The merged file in order: at most one merged stretch between two conflicts, and none that is empty.
  package var regions: [MergeRegion] {
    sides.regions(shown, resolutions: []).compactMap { region in
      switch region {
      case .merged(let lines): .merged(lines)
      case .conflict(let conflict): .conflict(conflict)
      case .resolved: nil
      }
    }
  }
  /// The options of the merge.
  package let options: Options
  private let sides: MergeSides
  /// What the changes of the sides give, and what is shown of it.
  private let pieces: [MergePiece]
  private let shown: [MergePiece]

  /// Merges the changes that lead from `base` to `ours` with those that lead to `theirs`.
  package init(base: [UInt8], ours: [UInt8], theirs: [UInt8], options: Options = Options()) {
    sides = MergeSides(base: base, ours: ours, theirs: theirs)
    self.options = options
    var diff = SequenceDiff(alphabetSize: sides.alphabetSize)
    pieces = sides.pieces(
      oursChanges: diff.changes(from: sides.base.numbers[...], to: sides.ours.numbers[...]),
      theirsChanges: diff.changes(from: sides.base.numbers[...], to: sides.theirs.numbers[...])
    )
    var refinement = ConflictRefinement(sides: sides, diff: diff)
    shown = refinement.refine(pieces, options: options, settle: nil)
  }

  /// The merged file with what is settled of its conflicts.
  ///
  /// - Parameter settle: Asked about each conflict without the lines in which its sides agree at its ends, and where
  ///   it has no answer, about each of the parts that git narrows the conflict to.
  /// - Returns: The regions in order; conflicts that are left stand as git shows them.
  func regions(settledBy settle: (Conflict) -> Resolution?) -> [FileMerge.Region] {
    guard !isClean else { return sides.regions(shown, resolutions: []) }
    var resolutions: [Resolution] = []
    var refinement = ConflictRefinement(sides: sides, diff: SequenceDiff(alphabetSize: sides.alphabetSize))
    let refined = withoutActuallyEscaping(settle) { settle in
      refinement.refine(pieces, options: options) { piece in
        guard let resolution = settle(sides.conflict(piece)) else { return nil }
        resolutions.append(resolution)
        return resolutions.count - 1
      }
    }
    return sides.regions(refined, resolutions: resolutions)
  }

  /// The conflicts, in order.
  package var conflicts: [Conflict] {
    regions.compactMap { region in
      if case .conflict(let conflict) = region { conflict } else { nil }
    }
  }

  /// Whether the sides could be merged without a conflict.
  package var isClean: Bool {
    !shown.contains { $0.outcome == .conflict }
  }

  /// The merged file with its conflicts between markers, byte for byte as git writes it.
  package func render(_ markers: ConflictMarkers) -> [UInt8] {
    var output: [UInt8] = []
    for region in regions {
      switch region {
      case .merged(let bytes): output += bytes
      case .conflict(let conflict): render(conflict, markers, to: &output)
      }
    }
    return output
  }

  /// Appends a conflict of this merge between its markers.
  func render(_ conflict: Conflict, _ markers: ConflictMarkers, to output: inout [UInt8]) {
    markers.append(
      conflict,
      style: options.style,
      carriageReturn: usesCarriageReturn(at: conflict.position),
      to: &output
    )
  }

  /// Whether a file is binary to git, which then refuses to merge it: a NUL among its first 8,000 bytes.
  package static func isBinary(_ bytes: [UInt8]) -> Bool {
    bytes.prefix(8000).contains(0)
  }

  // MARK: - Line endings

  /// Whether marker lines at a place end with a carriage return and a line feed.
  ///
  /// The first line of the ancestor must do so, and on both sides the line before the place, or the first line
  /// where there is none before. A side in which no line ends has no say.
  private func usesCarriageReturn(at position: Conflict.Position) -> Bool {
    Self.endsWithCarriageReturn(sides.base.table, line: 0) == true
      && Self.endsWithCarriageReturn(sides.ours.table, line: max(position.ours.start - 1, 0)) != false
      && Self.endsWithCarriageReturn(sides.theirs.table, line: max(position.theirs.start - 1, 0)) != false
  }

  /// Whether a line ends with a carriage return and a line feed; of an unfinished last line, the line before.
  private static func endsWithCarriageReturn(_ table: LineTable, line: Int) -> Bool? {
    guard line < table.count else { return nil }
    let bytes = table[line]
    if bytes.last == 0x0A { return bytes.dropLast().last == 0x0D }
    return line == 0 ? nil : endsWithCarriageReturn(table, line: line - 1)
  }
}
