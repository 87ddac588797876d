/// Settles conflicts in which one side's change of the words is part of the other's, by the side that has both.
///
/// The merge of the lines by their tokens then comes out as that side's lines.
package struct ContainedEdit: Resolver {
  package let name = "contained-edit"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !conflict.changesOnlySpace, !conflict.exchangesWords, let fine = FineMerge.ofWhole(conflict, in: context),
      let merged = fine.merged({ _ in true })
    else { return nil }
    let (result, ours, theirs) = (WordCounts(merged), WordCounts(conflict.ours), WordCounts(conflict.theirs))
    guard result.total > 0, (result == ours) != (result == theirs) else { return nil }
    return Resolution(
      resolver: name,
      lines: result == ours ? conflict.ours : conflict.theirs,
      reason: "\(result == ours ? "our" : "their") side made the other side's change of these words too, and more"
    )
    .listingDrops(of: conflict, because: "the other side's line has this change and more")
  }
}
