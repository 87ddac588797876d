/// Settles conflicts in which one side put new lines right beside lines that the other side changed.
///
/// Both are taken if the new lines do not look as if they needed the other side's change as well: they use nothing
/// that it removed, repeat nothing that it added, and are not like the lines that it rewrote.
package struct AdjacentInsertion: Resolver {
  package let name = "adjacent-insertion"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), !fine.insertionContacts.isEmpty,
      let lines = fine.mergedApartFromSpacing(), allows(fine)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "one side added lines beside those that the other changed; both are taken",
      dropped: conflict.droppedLines(from: lines, reason: "only its white space was changed; the other change is taken")
    )
  }

  private func allows(_ fine: FineMerge) -> Bool {
    let fromOurs = fine.insertionContacts.filter { $0.ours.kind == .insertion }
    let fromTheirs = fine.insertionContacts.filter { $0.theirs.kind == .insertion }
    // Of a deleted or replaced line beside a new one nobody knows whether the new one belonged to it.
    guard fine.insertionContacts.allSatisfy({ [$0.ours.kind, $0.theirs.kind].contains(.modification) }) else {
      return false
    }
    guard fine.insertionContacts.allSatisfy({ fine.isSmall($0) }) else { return false }
    let byTheirs = RewriteTraces(of: fine.theirAlignment.edits, to: fine.theirs, from: fine.base)
    let byOurs = RewriteTraces(of: fine.ourAlignment.edits, to: fine.ours, from: fine.base)
    return fromOurs.allSatisfy { byTheirs.allow(fine.ours[$0.ours.side], fine.language) }
      && fromTheirs.allSatisfy { byOurs.allow(fine.theirs[$0.theirs.side], fine.language) }
      && !byOurs.usesRemoved(by: byTheirs) && !byTheirs.usesRemoved(by: byOurs)
  }
}

extension FineMerge {
  /// Whether the changed line beside new ones is mostly what it was, is no comment, and opens no block with them.
  fileprivate func isSmall(_ contact: Contact) -> Bool {
    let (edit, side, insertion) =
      contact.ours.kind == .modification
      ? (contact.ours, ours, contact.theirs) : (contact.theirs, theirs, contact.ours)
    guard edit.kind == .modification else { return false }
    let (before, after) = (base[edit.base.lowerBound], side[edit.side.lowerBound])
    let last = before.units.last { !$0.isLineEnd }
    if insertion.base.lowerBound == edit.base.upperBound, last?.kind == .open { return false }
    if before.units.first?.kind == .comment { return false }
    return LineAlignment.likeness(LineAlignment.Line(before, number: 0), LineAlignment.Line(after, number: 0)) >= 60
  }
}
