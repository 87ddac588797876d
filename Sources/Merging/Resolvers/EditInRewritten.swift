/// Settles conflicts in which one side rewrote lines and the other made a small edit in them, by the rewritten lines.
///
/// The edit must be moot: whatever it took away the rewritten lines do not have either, and it brought in no more than
/// it took away, so that there is nothing left that it could be applied to.
package struct EditInRewritten: Resolver {
  package let name = "edit-in-rewritten"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.language.isProse, context.language.family != .data, !context.isCatalogue,
      let winner = SideContrast.winner(of: conflict, where: Self.isMoot), !context.isGenerated,
      !SideContrast.outlives(conflict, winner, in: context), !EditedLines.areMoved(conflict, winner, in: context)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: conflict.lines(of: winner),
      reason: "\(winner.words) rewrote these lines; what the other side edited in them is gone"
    )
    .forgoingEdits(
      of: conflict, because: "it is an edit of a line that \(winner.words) rewrote, of words that are gone")
  }

  private static func isMoot(_ contrast: SideContrast) -> Bool {
    guard contrast.taken.lineTotal > 0, contrast.left.lineTotal > 0, contrast.leftOnlyEditsLines,
      contrast.takenRemovesWhatLeftRemoved, contrast.takenHasNoneOfRemovedNames, contrast.takenChangedLinesOfLeft
    else { return false }
    let names = contrast.leftNames
    // Of two versions none is moot.
    if names.removed == 0, contrast.leftChangesNumbers, contrast.takenAddsNumbers { return false }
    return names.added <= names.removed && contrast.isLikeness(of: contrast.left, above: 80)
      && !contrast.isLikeness(of: contrast.taken, above: 60)
  }
}
