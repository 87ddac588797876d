/// Settles conflicts in which one side only took something away that the other side took away as well, by the other.
///
/// Nothing is lost: what the side that is left out wanted to be gone is gone, here and elsewhere in the file.
package struct SmallerDeletion: Resolver {
  package let name = "smaller-deletion"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.language.isProse, !context.isCatalogue,
      let winner = SideContrast.winner(of: conflict, where: Self.isContained), !context.isGenerated,
      !EditedLines.areMoved(conflict, winner, in: context, exactly: true)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: conflict.lines(of: winner),
      reason: "\(winner.words) took away all that the other side did, and more"
    )
    .forgoingEdits(of: conflict, because: "only something was taken away from it, and \(winner.words) did so as well")
  }

  private static func isContained(_ contrast: SideContrast) -> Bool {
    contrast.leftAdded.isEmpty && !contrast.leftRemoved.isEmpty && contrast.left.lineTotal > 0
      && !contrast.leftDropsCopies && !contrast.leftChangesNumbers
      && contrast.leftOnlyEditsLines && contrast.takenRemovesWhatLeftRemoved && contrast.takenHasNoneOfRemovedNames
      && contrast.takenChangedLinesOfLeft
  }
}
