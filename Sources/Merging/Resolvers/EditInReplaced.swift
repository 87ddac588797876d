/// Settles conflicts in which one side put other lines in the place of those that the other edited, by the other lines.
///
/// None of the new lines is like a line that was edited, neither as it was nor as it is, here or elsewhere in the file:
/// what was edited is gone, and was not moved. The edit itself brings in no line that is not an older one changed.
package struct EditInReplaced: Resolver {
  package let name = "edit-in-replaced"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.language.isProse, !context.isCatalogue,
      let winner = SideContrast.winner(of: conflict, where: { Self.isMoot($0, conflict) }), !context.isGenerated,
      !Self.isNeeded(conflict, winner, in: context)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: conflict.lines(of: winner),
      reason: "\(winner.words) put other lines in the place of those that the other side edited"
    )
    .listingDrops(of: conflict, because: "it is an edit of a line in whose place \(winner.words) has others")
  }

  private static func isMoot(_ contrast: SideContrast, _ conflict: Conflict) -> Bool {
    guard contrast.base.lineTotal > 1, contrast.taken.lineTotal > 0, contrast.left.lineTotal > 0,
      contrast.takenChangedLinesOfLeft, let edit = EditedLines(conflict, winner: contrast.winner)
    else { return false }
    return edit.isMoot
  }

  private static func isNeeded(_ conflict: Conflict, _ winner: FineMerge.Side, in context: ResolverContext) -> Bool {
    guard let edit = EditedLines(conflict, winner: winner), !edit.needsEdit(in: context.words, winner: winner) else {
      return true
    }
    return edit.areMoved(to: winner == .ours ? context.ours : context.theirs, from: context.base)
  }
}

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
  /// The longest files that are searched for moved lines.
  private static let longestFile = 1_000_000

  /// Reads the lines of a conflict in which `winner` would be taken; `nil` where nothing was edited or too much.
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
    guard !before.isEmpty, (before.count + after.count) * (new.count + before.count) <= Self.mostPairs.conflict else {
      return nil
    }
  }

  /// Whether there are new lines and each of them is an older one changed.
  var onlyChangesLines: Bool {
    !after.isEmpty && after.allSatisfy { line in before.contains { line.isLike($0, from: 50) } }
  }

  /// Whether the edit only changes or deletes lines, and none of the other side's new lines is like one of them.
  var isMoot: Bool {
    guard after.isEmpty || onlyChangesLines,
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

  private var keepsRemovedName: Bool {
    let now = Set(after.lazy.flatMap(\.names))
    return before.contains { $0.names.contains { !now.contains($0) && taken.contains($0) } }
  }

  /// Whether a line that was edited stands as often in a file as in an older one, or a line that is new there is like
  /// one or has all of it: then it was moved, and the edit belongs there.
  func areMoved(to file: [UInt8], from old: [UInt8]) -> Bool {
    guard file.count + old.count <= Self.longestFile else { return true }
    let lines = before.filter { $0.ink.count > 5 }
    var counts: [[UInt8]: Int] = lines.reduce(into: [:]) { $0[$1.ink] = 0 }
    var known: Set<[UInt8]> = []
    for line in HunkLine.split(old) {
      let ink = LineTokens.ink(of: line)
      counts[ink]? -= 1
      known.insert(ink)
    }
    var pairs = 0
    for line in HunkLine.split(file) {
      let ink = LineTokens.ink(of: line)
      counts[ink]? += 1
      guard !known.contains(ink) else { continue }
      pairs += lines.count
      guard pairs <= Self.mostPairs.file else { return true }
      let other = LineTokens(line)
      if lines.contains(where: { $0.isLike(other, from: 80) || $0.isPart(of: other) }) { return true }
    }
    return counts.values.contains { $0 >= 0 }
  }
}

/// A line as the tokens it has: runs of name bytes, and any other bytes that are not blank.
struct LineTokens {
  /// The line without its white space.
  let ink: [UInt8]
  /// The numbers of the tokens, in ascending order.
  let numbers: [UInt64]
  /// The numbers of those that are names.
  let names: [UInt64]
  /// The numbers of those that are names, or numbers of more than one digit.
  let words: [UInt64]

  init(_ line: HunkLine) {
    ink = Self.ink(of: line)
    var (tokens, names, words): ([UInt64], [UInt64], [UInt64]) = ([], [], [])
    let bytes = line.content
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let start = index
      index += 1
      if isNameByte(bytes[start]) {
        while index < bytes.endIndex, isNameByte(bytes[index]) { index += 1 }
      } else if isBlankByte(bytes[start]) {
        continue
      }
      let token = bytes[start..<index]
      let number = token.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
      tokens.append(number)
      if SideContrast.isName(token) { names.append(number) }
      if isNameByte(bytes[start]), token.count > 1 || !isDigitByte(bytes[start]) { words.append(number) }
    }
    numbers = tokens.sorted()
    self.names = names
    self.words = words
  }

  /// The lines of some bytes that are not blank.
  static func lines(_ bytes: [UInt8]) -> [LineTokens] {
    HunkLine.split(bytes).lazy.filter { !$0.isBlank }.map(LineTokens.init)
  }

  static func ink(of line: HunkLine) -> [UInt8] { line.content.filter { !isBlankByte($0) } }

  /// Whether two lines have at least this many of a hundred tokens in common.
  func isLike(_ other: LineTokens, from percent: Int) -> Bool {
    let all = numbers.count + other.numbers.count
    guard all > 0, 200 * min(numbers.count, other.numbers.count) >= percent * all else { return false }
    return 200 * common(with: other) >= percent * all
  }

  /// Whether another line has nearly all of the tokens of this one, and there are some that tell it from others.
  func isPart(of other: LineTokens) -> Bool {
    guard names.count > 1, 10 * other.numbers.count >= 8 * numbers.count else { return false }
    return 10 * common(with: other) >= 8 * numbers.count
  }

  private func common(with other: LineTokens) -> Int {
    var (one, two, common) = (0, 0, 0)
    while one < numbers.count, two < other.numbers.count {
      let (a, b) = (numbers[one], other.numbers[two])
      if a == b { common += 1 }
      if a <= b { one += 1 }
      if b <= a { two += 1 }
    }
    return common
  }
}
