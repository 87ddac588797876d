/// Settles conflicts in which one side put other lines in the place of those that the other edited, by the other lines.
///
/// None of the new lines is like a line that was edited, neither as it was nor as it is, here or elsewhere in the file:
/// what was edited is gone, and was not moved. The edit itself brings in no line that is neither an older one changed nor
/// of names that the file had before.
package struct EditInReplaced: Resolver {
  package let name = "edit-in-replaced"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.language.isProse, !context.isCatalogue,
      let winner = SideContrast.winner(of: conflict, where: { Self.isMoot($0, conflict, in: context) }),
      !context.isGenerated,
      !Self.isNeeded(conflict, winner, in: context)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: conflict.lines(of: winner),
      reason: "\(winner.words) put other lines in the place of those that the other side edited"
    )
    .forgoingEdits(of: conflict, because: "it is an edit of a line in whose place \(winner.words) has others")
  }

  private static func isMoot(
    _ contrast: SideContrast, _ conflict: Conflict, in context: ResolverContext
  ) -> Bool {
    guard contrast.base.lineTotal > 1, contrast.taken.lineTotal > 0, contrast.left.lineTotal > 0,
      contrast.takenChangedLinesOfLeft, let edit = EditedLines(conflict, winner: contrast.winner)
    else { return false }
    return edit.isMoot(in: context.words.base)
  }

  private static func isNeeded(_ conflict: Conflict, _ winner: FineMerge.Side, in context: ResolverContext) -> Bool {
    guard let edit = EditedLines(conflict, winner: winner), !edit.needsEdit(in: context.words, winner: winner) else {
      return true
    }
    return edit.onlyDeletes && SideContrast.outlives(conflict, winner, in: context)
      || isParted(conflict, winner, in: context)
      || edit.areMoved(to: winner, in: context)
  }

  /// Whether the lines that would be taken have words side by side that the edit took apart, and so need it as well.
  private static func isParted(_ conflict: Conflict, _ winner: FineMerge.Side, in context: ResolverContext) -> Bool {
    guard let fine = FineMerge.ofWhole(conflict, in: context) else { return true }
    let (edits, edited) =
      winner == .ours ? (fine.theirAlignment.edits, fine.theirs) : (fine.ourAlignment.edits, fine.ours)
    let new =
      winner == .ours
      ? fine.ourAlignment.edits.flatMap { fine.ours[$0.side] }
      : fine.theirAlignment.edits.flatMap { fine.theirs[$0.side] }
    return RewriteTraces(of: edits, to: edited, from: fine.base).tookApart(new)
  }
}
