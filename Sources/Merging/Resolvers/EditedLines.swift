/// The lines that one side of a conflict edited, beside those that the other side has anew.
struct EditedLines {
  /// The lines of the ancestor that the side which would be left out has not, and those that it has instead.
  private let before: [LineTokens]
  private let after: [LineTokens]
  /// The lines that the other side has and the ancestor has not.
  private let new: [LineTokens]
  /// All names in the other side's lines, and those in its new ones.
  private let taken: Set<UInt64>
  private let newNames: Set<UInt64>

  /// How many pairs of lines are compared at most, in the conflict and in the file.
  private static let mostPairs = (conflict: 10_000, file: 60_000)

  /// Reads the lines of a conflict in which `winner` would be taken; `nil` where too much was edited to tell.
  init?(_ conflict: Conflict, winner: FineMerge.Side) {
    let base = LineTokens.lines(conflict.base)
    let (taken, left) = (
      LineTokens.lines(conflict.lines(of: winner)), LineTokens.lines(conflict.lines(of: winner.opposite))
    )
    func without(_ lines: [LineTokens], _ others: [LineTokens]) -> [LineTokens] {
      let known = Set(others.map(\.ink))
      return lines.filter { !known.contains($0.ink) }
    }
    before = without(base, left)
    after = without(left, base)
    new = without(taken, base)
    self.taken = Set(taken.lazy.flatMap(\.names))
    newNames = Set(new.lazy.flatMap(\.names))
    guard (before.count + after.count) * (new.count + before.count) <= Self.mostPairs.conflict else {
      return nil
    }
  }

  /// Whether there are new lines and each of them is an older one changed, or has no name that is new to the file.
  func onlyChangesLines(of file: FileWords) -> Bool {
    let named = after.filter { !$0.names.allSatisfy(file.names.contains) }
    return !before.isEmpty && !after.isEmpty && named.count <= before.count
      && named.allSatisfy { line in before.contains { line.isChange(of: $0) } }
  }

  /// Whether the edit only changes or deletes lines of the ancestor's file, and none of the other side's new lines is
  /// like one of them.
  func isMoot(in file: FileWords) -> Bool {
    guard !before.isEmpty, after.isEmpty || onlyChangesLines(of: file),
      !before.contains(where: { line in new.contains { line.isLike($0, from: 61) } || isTakenApart(line) })
    else { return false }
    // Where a name that the edit took away is still there, something of it may be left to change.
    return !after.contains { line in new.contains { line.isLike($0, from: keepsRemovedName ? 43 : 61) } }
  }

  /// Whether most names of a line are still there in the new lines, so that it may only have been laid out anew.
  private func isTakenApart(_ line: LineTokens) -> Bool {
    let names = Set(line.names)
    return !names.isEmpty && 5 * names.intersection(newNames).count >= 4 * names.count
  }

  /// Whether the new lines have a name that the edit's side has taken out of its file: they have to change too.
  func needsEdit(in words: ResolverContext.Words, winner: FineMerge.Side) -> Bool {
    let edited = winner == .ours ? words.theirs : words.ours
    return newNames.contains { words.base.names.contains($0) && !edited.names.contains($0) }
  }

  /// Whether the edit took lines away and put none in their place.
  var onlyDeletes: Bool { after.isEmpty }

  private var keepsRemovedName: Bool {
    let now = Set(after.lazy.flatMap(\.names))
    return before.contains { $0.names.contains { !now.contains($0) && taken.contains($0) } }
  }

  /// Whether a line that was edited stands as often in a file as in an older one, or a line that is new there is like
  /// one or has all of it: then it was moved, and the edit belongs there.
  ///
  /// - Parameters:
  ///   - winner: The side that has other lines in their place, or none.
  ///   - context: The files.
  ///   - exactly: Whether only the lines themselves are searched for.
  /// - Returns: `true` also where there are too many lines to tell.
  func areMoved(to winner: FineMerge.Side, in context: ResolverContext, exactly: Bool = false) -> Bool {
    let (file, old) = (winner == .ours ? context.inks.ours : context.inks.theirs, context.inks.base)
    let lines = before.filter { $0.ink.count > 5 && (!exactly || $0.names.count > 1) }
    let stand = lines.contains { line in
      let number = FileWords.number(of: line.ink)
      return file.counts[number, default: 0] >= max(1, old.counts[number, default: 0])
    }
    if stand || exactly { return stand }
    guard lines.count * file.new.count <= Self.mostPairs.file else { return true }
    return file.new.contains { other in lines.contains { $0.isLike(other, from: 80) || $0.isPart(of: other) } }
  }

  /// Whether lines that one side edited stand elsewhere in the file of the side that would be taken.
  static func areMoved(
    _ conflict: Conflict, _ winner: FineMerge.Side, in context: ResolverContext, exactly: Bool = false
  ) -> Bool {
    EditedLines(conflict, winner: winner)?.areMoved(to: winner, in: context, exactly: exactly) ?? true
  }
}
