/// Settles conflicts in which one side deleted some lines and the other only changed lines among them, by the deletion.
///
/// ``EditInDeleted`` asks how much was edited; here the lines themselves must say it: each line that the other side
/// has anew is an older one changed or has no name that is new to the file, and the side that deleted them has no new
/// line anywhere that is like one of them.
package struct EditInDeletedLines: Resolver {
  package let name = "edit-in-deleted-lines"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.language.isProse, !context.isCatalogue,
      conflict.ours.isEmpty != conflict.theirs.isEmpty || conflict.hasBlankSide,
      let winner = SideContrast.winner(of: conflict, where: { Self.isMoot($0, conflict, in: context) }),
      !context.isGenerated,
      let edit = EditedLines(conflict, winner: winner),
      !edit.areMoved(to: winner, in: context)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: conflict.lines(of: winner),
      reason: "\(winner.words) deleted these lines; the other side only changed some of them"
    )
    .forgoingEdits(of: conflict, because: "it is an edit of a line that \(winner.words) deleted")
  }

  private static func isMoot(
    _ contrast: SideContrast, _ conflict: Conflict, in context: ResolverContext
  ) -> Bool {
    contrast.taken.lineTotal == 0 && contrast.base.lineTotal > 1 && contrast.left.lineTotal > 0
      && contrast.takenChangedLinesOfLeft && contrast.isLikeness(of: contrast.left, above: 70)
      && EditedLines(conflict, winner: contrast.winner)?.onlyChangesLines(of: context.words.base) ?? false
  }
}

extension Conflict {
  /// Whether a side has nothing but blank lines.
  fileprivate var hasBlankSide: Bool {
    [ours, theirs].contains { $0.allSatisfy { isBlankByte($0) || $0 == UInt8(ascii: "\n") } }
  }
}
