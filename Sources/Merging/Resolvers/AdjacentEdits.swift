/// Settles conflicts in which the sides changed different lines that merely touch, by taking both changes.
///
/// Lines that are alike are paired first, so that a change of two lines by one side and of the line between them by
/// the other is seen as what it is. A line that both changed is taken only where one of them changed its white space
/// alone. New lines beside a change of the other side are the business of ``AdjacentInsertion``.
package struct AdjacentEdits: Resolver {
  package let name = "adjacent-edits"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), fine.insertionContacts.isEmpty,
      let lines = fine.mergedApartFromSpacing()
    else { return nil }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "the sides changed different lines; both changes are taken",
      dropped: conflict.droppedLines(from: lines, reason: "only its white space was changed; the other change is taken")
    )
  }
}
