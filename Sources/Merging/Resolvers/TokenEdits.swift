/// Settles conflicts in which both sides changed the same line, but different elements of a list in it.
///
/// Between a change of ours and one of theirs there must be a comma or a semicolon that both kept.
package struct TokenEdits: Resolver {
  package let name = "token-edits"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), fine.insertionContacts.isEmpty,
      !conflict.exchangesWords, fine.mergedApartFromSpacing() == nil,
      let lines = fine.merged({ $0.isOneSided || $0.isSeparated }),
      !fine.changesCalled || conflict.hasRepeatedChange(in: context)
    else { return nil }
    let ours = RewriteTraces(of: fine.ourAlignment.edits, to: fine.ours, from: fine.base)
    let theirs = RewriteTraces(of: fine.theirAlignment.edits, to: fine.theirs, from: fine.base)
    guard !ours.sharesAdditions(with: theirs), !ours.usesRemoved(by: theirs), !theirs.usesRemoved(by: ours) else {
      return nil
    }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "the sides changed different elements of the same line; both changes are taken",
      dropped: conflict.droppedLines(from: lines, reason: "combined with the other side's change of the same line")
    )
  }
}

/// Proposes for conflicts in which both sides changed the same line the line with the tokens that each changed.
package struct TokenProposal: Resolver {
  package let name = "token-merge"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), let lines = fine.merged({ _ in true }) else {
      return nil
    }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "the sides changed different words of the same lines; both changes are taken",
      dropped: conflict.droppedLines(from: lines, reason: "combined with the other side's change of the same line")
    )
  }
}
