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
    let removed = Self.surplus(of: old, over: new)
    let added = Self.surplus(of: new, over: old)
    guard !removed.isEmpty || !added.isEmpty else { return false }
    guard context.mayRead(context.base.count + file.count) else { return false }
    let words = Set(removed.keys).union(added.keys)
    let (before, after) = (Self.count(words, in: context.base), Self.count(words, in: file))
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

  private static func surplus(of one: [ArraySlice<UInt8>: Int], over other: [ArraySlice<UInt8>: Int])
    -> [ArraySlice<UInt8>: Int]
  {
    one.reduce(into: [:]) { result, entry in
      let surplus = entry.value - (other[entry.key] ?? 0)
      if surplus > 0 { result[entry.key] = surplus }
    }
  }

  /// How often each of some words stands in a file.
  private static func count(_ words: Set<ArraySlice<UInt8>>, in file: [UInt8]) -> [ArraySlice<UInt8>: Int] {
    var counts: [ArraySlice<UInt8>: Int] = [:]
    var index = 0
    while index < file.count {
      let start = index
      index += 1
      guard isNameByte(file[start]) else { continue }
      while index < file.count, isNameByte(file[index]) { index += 1 }
      if words.contains(file[start..<index]) { counts[file[start..<index], default: 0] += 1 }
    }
    return counts
  }
}

extension WordCounts {
  /// The counts of the words that are names: no numbers, signs or words that a language gives a meaning.
  fileprivate var names: [ArraySlice<UInt8>: Int] {
    counts.filter { word, _ in
      guard let first = word.first, isNameByte(first), !isDigitByte(first) else { return false }
      return !ReservedWords.contains(word)
    }
  }
}
