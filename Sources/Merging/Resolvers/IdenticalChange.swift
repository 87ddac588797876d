/// Settles conflicts in which both sides say the same, or in which one side changed nothing.
///
/// A line merge has no such conflicts by itself; they come from sides that differ only in their line endings or in
/// blank lines at the end of the file, and from stretches that a finer comparison cut out.
package struct IdenticalChange: Resolver {
  package let name = "identical-change"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.isGenerated else { return nil }
    if conflict.ours == conflict.theirs {
      return resolution(conflict, conflict.ours, "both sides made the same change")
    }
    guard !conflict.base.isEmpty, conflict.hasLikelyBase(in: context) else { return nil }
    if conflict.ours == conflict.base {
      return resolution(conflict, conflict.theirs, "only their side changed these lines")
    }
    if conflict.theirs == conflict.base {
      return resolution(conflict, conflict.ours, "only our side changed these lines")
    }
    return apartFromEndings(conflict, in: context)
  }

  /// Compares the sides with their line endings and the blank lines at the end of the file put aside.
  private func apartFromEndings(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    let base = HunkLine.split(conflict.base)
    let ours = HunkLine.split(conflict.ours)
    let theirs = HunkLine.split(conflict.theirs)
    let atEnd = endsFile(conflict, in: context)
    let sides = [base, ours, theirs].map { contents($0, droppingBlankEnd: atEnd) }
    // Where a side had been emptied, blank lines would be all that is compared.
    guard sides.allSatisfy({ !$0.isEmpty }) else { return nil }
    if sides[1] == sides[2] {
      // The side whose form is nearer to what stood there before gives way to the one that changed it.
      let ourForm = form(ours) == form(base) && form(theirs) != form(base) ? conflict.theirs : conflict.ours
      return resolution(conflict, ourForm, "both sides made the same change; they differ only in line endings")
    }
    return nil
  }

  private func contents(_ lines: [HunkLine], droppingBlankEnd: Bool) -> [ArraySlice<UInt8>] {
    var contents = lines.map(\.content)
    while droppingBlankEnd, let last = contents.last, last.allSatisfy(isBlankByte) { contents.removeLast() }
    return contents
  }

  /// The line ending that most lines of a side have.
  private func form(_ lines: [HunkLine]) -> Int {
    lines.count { $0.ending.count == 2 } * 2 > lines.count ? 2 : 1
  }

  private func endsFile(_ conflict: Conflict, in context: ResolverContext) -> Bool {
    !conflict.ours.isEmpty && context.ours.suffix(conflict.ours.count).elementsEqual(conflict.ours)
      && context.theirs.suffix(conflict.theirs.count).elementsEqual(conflict.theirs)
  }

  private func resolution(_ conflict: Conflict, _ lines: [UInt8], _ reason: String) -> Resolution {
    Resolution(resolver: name, lines: lines, reason: reason)
      .listingDrops(of: conflict, because: "the other side has the same line but for its line ending")
  }
}

extension Conflict {
  /// Whether the ancestor's lines are certain, or so like those that changed them that they must be the right ones.
  func hasLikelyBase(in context: ResolverContext) -> Bool {
    guard isNarrowed else { return true }
    if context.isCatalogue || base.isEmpty { return false }
    guard let fine = context.fineMerge(of: self) else { return false }
    return (fine.ourAlignment.edits + fine.theirAlignment.edits).allSatisfy { $0.kind == .modification }
  }
}
