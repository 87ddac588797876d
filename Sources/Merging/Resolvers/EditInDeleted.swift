/// Settles conflicts in which one side deleted lines and the other made a small edit within them, by the deletion.
///
/// What was edited is no longer there. Lines that the side has at another place now are no deleted ones, and lines
/// that the other side has in addition may be meant to stay.
package struct EditInDeleted: Resolver {
  package let name = "edit-in-deleted"

  /// How many lines must be deleted: a single line is as likely to have been replaced elsewhere.
  private static let fewestLines = 3
  /// The longest files that are searched for moved lines.
  private static let longestFile = 1_000_000

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.language.isProse, !context.isCatalogue,
      let winner = SideContrast.winner(of: conflict, where: Self.isMoot), !context.isGenerated,
      !Self.isMoved(conflict.base, to: winner == .ours ? context.ours : context.theirs, from: context.base),
      !EditedLines.areMoved(conflict, winner, in: context)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: conflict.lines(of: winner),
      reason: "\(winner.words) deleted these lines; the other side only edited within them"
    )
    .forgoingEdits(of: conflict, because: "it is an edit of a line that \(winner.words) deleted")
  }

  private static func isMoot(_ contrast: SideContrast) -> Bool {
    contrast.taken.lineTotal == 0 && contrast.base.lineTotal >= fewestLines && contrast.left.lineTotal > 0
      && contrast.leftOnlyEditsLines && contrast.isLikeness(of: contrast.left, above: 86)
  }

  /// Whether a third of the lines that say something stand as often in the file as before they were deleted.
  private static func isMoved(_ lines: [UInt8], to file: [UInt8], from base: [UInt8]) -> Bool {
    guard file.count + base.count <= longestFile else { return true }
    var counts: [ArraySlice<UInt8>: (before: Int, after: Int)] = [:]
    for line in HunkLine.split(lines) where line.trimmed.count > 3 { counts[line.trimmed] = (0, 0) }
    for line in HunkLine.split(base) { counts[line.trimmed]?.before += 1 }
    for line in HunkLine.split(file) { counts[line.trimmed]?.after += 1 }
    let moved = counts.values.count { $0.after >= $0.before }
    return 3 * moved > counts.count
  }
}
