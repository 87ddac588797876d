extension SideContrast {
  /// The longest files in which names are looked for.
  private static let longestFile = 1_000_000

  /// Whether an edit was part of a change that the other side's file still needs: a name that the edit took away is
  /// gone from its whole file, and stands in the file of the side that would win.
  ///
  /// - Parameters:
  ///   - conflict: A conflict in which one side's edit would be left out.
  ///   - winner: The other side.
  ///   - context: The files.
  /// - Returns: `true` also where the files are too long to tell.
  static func outlives(_ conflict: Conflict, _ winner: FineMerge.Side, in context: ResolverContext) -> Bool {
    let (taken, left) = winner == .ours ? (context.ours, context.theirs) : (context.theirs, context.ours)
    guard taken.count + left.count <= longestFile, context.mayRead(taken.count + left.count) else { return true }
    let edit = conflict.lines(of: winner.opposite)
    let now = Count(edit).tokens
    let gone = Set(Count(conflict.base).tokens.keys.filter { isName($0) && now[$0] == nil })
    guard !gone.isEmpty else { return false }
    let stillTaken = words(of: gone, in: taken)
    return !stillTaken.isEmpty && !stillTaken.isSubset(of: words(of: stillTaken, in: left))
  }

  /// Those of some words that a file has.
  private static func words(of some: Set<ArraySlice<UInt8>>, in file: [UInt8]) -> Set<ArraySlice<UInt8>> {
    var found: Set<ArraySlice<UInt8>> = []
    var index = 0
    while index < file.count, found.count < some.count {
      let start = index
      index += 1
      guard isNameByte(file[start]) else { continue }
      while index < file.count, isNameByte(file[index]) { index += 1 }
      if some.contains(file[start..<index]) { found.insert(file[start..<index]) }
    }
    return found
  }
}
