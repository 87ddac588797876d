/// Diffs sequences of small integers; keeps its tables between calls.
struct SequenceDiff {
  /// How often each number occurs in the old and in the new sequence; all zero between calls.
  private var oldCounts: [Int32]
  private var newCounts: [Int32]

  /// Takes sequences of numbers from zero up to, and without, `alphabetSize`.
  init(alphabetSize: Int) {
    oldCounts = Array(repeating: 0, count: alphabetSize)
    newCounts = Array(repeating: 0, count: alphabetSize)
  }

  /// The changes that lead from `old` to `new`, in order, counted from the beginning of each slice.
  mutating func changes(from old: ArraySlice<Int32>, to new: ArraySlice<Int32>) -> [LineChange] {
    let prefix = Self.commonPrefix(old, new)
    if prefix == old.count, prefix == new.count { return [] }
    let suffix = Self.commonSuffix(old.dropFirst(prefix), new.dropFirst(prefix))
    let oldMiddle = prefix..<(old.count - suffix)
    let newMiddle = prefix..<(new.count - suffix)

    for number in old { oldCounts[Int(number)] += 1 }
    for number in new { newCounts[Int(number)] += 1 }
    var oldLines = SearchLines(old, in: oldMiddle, countsInOther: newCounts)
    var newLines = SearchLines(new, in: newMiddle, countsInOther: oldCounts)
    for number in old { oldCounts[Int(number)] = 0 }
    for number in new { newCounts[Int(number)] = 0 }

    var search = ShortestEditSearch(old: oldLines.numbers, new: newLines.numbers)
    search.run()
    oldLines.mark(search.oldChanged)
    newLines.mark(search.newChanged)

    var oldGroups = ChangeGroups(changed: oldLines.changed)
    var newGroups = ChangeGroups(changed: newLines.changed)
    oldGroups.slide(in: old, alongside: newGroups)
    newGroups.slide(in: new, alongside: oldGroups)
    return ChangeGroups.changes(old: oldGroups, new: newGroups)
  }

  private static func commonPrefix(_ old: ArraySlice<Int32>, _ new: ArraySlice<Int32>) -> Int {
    let (a, b) = (old.span, new.span)
    let limit = min(a.count, b.count)
    var length = 0
    while length < limit, a[length] == b[length] { length += 1 }
    return length
  }

  private static func commonSuffix(_ old: ArraySlice<Int32>, _ new: ArraySlice<Int32>) -> Int {
    let (a, b) = (old.span, new.span)
    let limit = min(a.count, b.count)
    var length = 0
    while length < limit, a[a.count - 1 - length] == b[b.count - 1 - length] { length += 1 }
    return length
  }
}

/// A power of two near the square root of a count: cheap, and all that a threshold needs.
func roughSquareRoot(_ count: Int) -> Int {
  let bits = Int.bitWidth - count.leadingZeroBitCount
  return 1 << ((bits + 1) / 2)
}
