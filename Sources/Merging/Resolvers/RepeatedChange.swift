/// What tells whether a side's change in a conflict is one that it makes again and again in the file.
///
/// A change of that kind puts one way to write something in the place of another: the name of a function, the form of
/// a call, a wrapper. It says nothing of what the single line means, and so goes with any other change of the line.
extension Conflict {
  /// How often at least a side makes the change elsewhere in the file.
  private static let fewestRepetitions = 2

  /// Whether either side's change is one that it makes elsewhere in the file as well.
  func hasRepeatedChange(in context: ResolverContext) -> Bool {
    isRepeated(ours, context.ours, in: context) || isRepeated(theirs, context.theirs, in: context)
  }

  /// Whether all names that a side takes away here become fewer in the rest of the file too, or all that it brings in
  /// become more.
  private func isRepeated(_ side: [UInt8], _ file: [UInt8], in context: ResolverContext) -> Bool {
    guard Self.operators(of: base) == Self.operators(of: side) else { return false }
    let (old, new) = (WordCounts(base).names, WordCounts(side).names)
    let removed = SideContrast.surplus(of: old, over: new)
    let added = SideContrast.surplus(of: new, over: old)
    guard !removed.isEmpty || !added.isEmpty else { return false }
    guard context.mayRead(context.base.count + file.count) else { return false }
    let words = Set(removed.keys).union(added.keys)
    let (before, after) = (NameText.counts(of: words, in: context.base), NameText.counts(of: words, in: file))
    func repeats(_ surplus: [ArraySlice<UInt8>: Int], more: [ArraySlice<UInt8>: Int], less: [ArraySlice<UInt8>: Int])
      -> Bool
    {
      !surplus.isEmpty
        && surplus.allSatisfy { word, here in
          (more[word] ?? 0) - (less[word] ?? 0) - here >= Self.fewestRepetitions
        }
    }
    return repeats(removed, more: before, less: after) || repeats(added, more: after, less: before)
  }

  /// The signs that bind words to each other: with others of them a change is more than another way to write something.
  private static func operators(of bytes: [UInt8]) -> [UInt8] { bytes.filter { "&|!<>+*/%^~".utf8.contains($0) } }
}

extension WordCounts {
  /// The counts of the words that are names: no numbers, signs or words that a language gives a meaning.
  fileprivate var names: [ArraySlice<UInt8>: Int] {
    counts.filter { word, _ in NameText.isName(word) && !ReservedWords.contains(word) }
  }
}
