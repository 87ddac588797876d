/// Settles conflicts in which one side changed few words of a few lines and the other side other words of them.
///
/// This is the part of ``TokenProposal`` that people mostly agree with: little is changed, at least one side replaces
/// words instead of adding some at the same place, the sides add nothing alike, and there are next to no numbers, of
/// which people choose one.
package struct SmallTokenMerge: Resolver {
  package let name = "token-merge-small"

  package init() {}

  /// More lines than this are no small change.
  private static let mostLines = 6
  /// How many words the side that changed less may add.
  private static let mostAdded = 5

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    let spans = [conflict.position.base, conflict.position.ours, conflict.position.theirs]
    guard !conflict.isNarrowed, spans.allSatisfy({ (1...Self.mostLines).contains($0.count) }),
      Self.areSmall(conflict), !conflict.exchangesWords, let fine = FineMerge.ofWhole(conflict, in: context),
      !fine.changesMeaning || conflict.hasRepeatedChange(in: context), let lines = fine.merged({ _ in true }),
      Self.combinesBoth(lines, conflict)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "each side changed a few words of these lines, and not the same ones; both changes are taken",
      dropped: conflict.droppedLines(from: lines, reason: "combined with the other side's change of the same line")
    )
  }

  private static func areSmall(_ conflict: Conflict) -> Bool {
    let base = WordCounts(conflict.base)
    let sides = [conflict.ours, conflict.theirs].map { WordCounts($0).changes(from: base) }
    guard let less = sides.min(by: { ($0.count, $0.added) < ($1.count, $1.added) }),
      let more = sides.max(by: { ($0.count, $0.added) < ($1.count, $1.added) })
    else { return false }
    let isPart = more.count * 100 <= 57 * (base.total + 1)
    return less.added <= mostAdded && more.deleted > 0 && isPart && !sides[0].sharesAdditions(with: sides[1])
  }

  /// Whether the result has something of both sides and at most one number among fifty words.
  private static func combinesBoth(_ lines: [UInt8], _ conflict: Conflict) -> Bool {
    let result = WordCounts(lines)
    return result.numbers * 50 <= result.total + 1 && result != WordCounts(conflict.ours)
      && result != WordCounts(conflict.theirs)
  }
}
