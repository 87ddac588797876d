/// A conflict seen as one side's change against the other's, counted in tokens and in lines.
///
/// A token is here a run of name bytes, in comments and literals too, or any other byte that is not blank; a line is
/// compared without its white space, and blank lines are none.
struct SideContrast {
  /// How often each token and each line of a stretch is there.
  struct Count {
    private(set) var tokens: [ArraySlice<UInt8>: Int] = [:]
    private(set) var tokenTotal = 0
    private(set) var lines: [[UInt8]: Int] = [:]
    private(set) var lineTotal = 0

    init(_ bytes: [UInt8]) {
      var index = 0
      while index < bytes.count {
        let start = index
        index += 1
        if isNameByte(bytes[start]) {
          while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        } else if isBlankByte(bytes[start]) || bytes[start] == UInt8(ascii: "\n") {
          continue
        }
        tokens[bytes[start..<index], default: 0] += 1
        tokenTotal += 1
      }
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        let ink = line.filter { !isBlankByte($0) }
        if ink.isEmpty { continue }
        lines[ink, default: 0] += 1
        lineTotal += 1
      }
    }
  }

  /// The side whose lines would be taken.
  let winner: FineMerge.Side
  let base: Count
  let taken: Count
  let left: Count
  /// The tokens that each side has less often or more often than the ancestor, with by how much.
  let takenRemoved: [ArraySlice<UInt8>: Int]
  let takenAdded: [ArraySlice<UInt8>: Int]
  let leftRemoved: [ArraySlice<UInt8>: Int]
  let leftAdded: [ArraySlice<UInt8>: Int]
  /// The lines that the side which would be left out changed or deleted, and those that it has in addition.
  let leftRemovedLines: [[UInt8]: Int]
  let leftAddedLineTotal: Int

  private init(_ winner: FineMerge.Side, base: Count, taken: Count, left: Count) {
    (self.winner, self.base, self.taken, self.left) = (winner, base, taken, left)
    takenRemoved = Self.surplus(of: base.tokens, over: taken.tokens)
    takenAdded = Self.surplus(of: taken.tokens, over: base.tokens)
    leftRemoved = Self.surplus(of: base.tokens, over: left.tokens)
    leftAdded = Self.surplus(of: left.tokens, over: base.tokens)
    leftRemovedLines = Self.surplus(of: base.lines, over: left.lines)
    leftAddedLineTotal = Self.surplus(of: left.lines, over: base.lines).values.reduce(0, +)
  }

  /// The conflict seen from both sides, ours first; none where it was narrowed or is too long, or where the ancestor
  /// has nothing in its place.
  static func both(_ conflict: Conflict) -> [SideContrast] {
    guard !conflict.isNarrowed, !conflict.base.isEmpty,
      conflict.base.count + conflict.ours.count + conflict.theirs.count <= 300_000
    else { return [] }
    let (base, ours, theirs) = (Count(conflict.base), Count(conflict.ours), Count(conflict.theirs))
    guard base.lineTotal > 0 else { return [] }
    return [
      SideContrast(.ours, base: base, taken: ours, left: theirs),
      SideContrast(.theirs, base: base, taken: theirs, left: ours),
    ]
  }

  /// The one side that a rule takes; `nil` where it takes none or both.
  static func winner(of conflict: Conflict, where rule: (SideContrast) -> Bool) -> FineMerge.Side? {
    let winners = both(conflict).filter(rule)
    return winners.count == 1 ? winners[0].winner : nil
  }

  /// What one count has more of than another, with by how much.
  static func surplus<Key: Hashable>(of one: [Key: Int], over other: [Key: Int]) -> [Key: Int] {
    one.reduce(into: [:]) { result, entry in
      let surplus = entry.value - (other[entry.key] ?? 0)
      if surplus > 0 { result[entry.key] = surplus }
    }
  }

  // MARK: - What the rules ask

  /// Whether everything that the left side removed, token by token, is removed by the taken side as well.
  var takenRemovesWhatLeftRemoved: Bool { leftRemoved.allSatisfy { takenRemoved[$0.key] ?? 0 >= $0.value } }
  /// Whether the left side's removed names are all gone from the taken side's lines.
  var takenHasNoneOfRemovedNames: Bool {
    leftRemoved.keys.allSatisfy { !Self.isName($0) || taken.tokens[$0] == nil }
  }
  /// Whether the taken side changed each line that the left side changed.
  var takenChangedLinesOfLeft: Bool {
    let changed = Self.surplus(of: base.lines, over: taken.lines)
    return leftRemovedLines.allSatisfy { changed[$0.key] ?? 0 >= $0.value }
  }
  /// Whether the left side changed lines or took some away, and has none in addition.
  var leftOnlyEditsLines: Bool {
    !leftRemovedLines.isEmpty && leftAddedLineTotal <= leftRemovedLines.values.reduce(0, +)
      && left.lineTotal <= base.lineTotal
  }
  /// Whether the left side still has a line that it took away once or more: it may have removed copies alone.
  var leftDropsCopies: Bool { leftRemovedLines.keys.contains { left.lines[$0] != nil } }
  /// Whether a number is among what the left side changed: of two numbers none is moot.
  var leftChangesNumbers: Bool {
    [leftRemoved, leftAdded].contains { $0.keys.contains { $0.first.map(isDigitByte) ?? false } }
  }
  /// Whether the taken side brings in a number.
  var takenAddsNumbers: Bool { takenAdded.keys.contains { $0.first.map(isDigitByte) ?? false } }
  /// How many different names the left side added and removed.
  var leftNames: (added: Int, removed: Int) {
    (leftAdded.keys.count(where: Self.isName), leftRemoved.keys.count(where: Self.isName))
  }

  /// Whether a side shares more than this many of a hundred tokens with the ancestor.
  func isLikeness(of side: Count, above percent: Int) -> Bool { Self.isLikeness(of: side, and: base, above: percent) }

  /// Whether two stretches share more than this many of a hundred tokens.
  static func isLikeness(of one: [UInt8], and other: [UInt8], above percent: Int) -> Bool {
    isLikeness(of: Count(one), and: Count(other), above: percent)
  }

  private static func isLikeness(of one: Count, and other: Count, above percent: Int) -> Bool {
    let all = one.tokenTotal + other.tokenTotal
    let added = surplus(of: one.tokens, over: other.tokens).values.reduce(0, +)
    return all > 0 && 200 * (one.tokenTotal - added) > percent * all
  }

  /// Whether a token is a word and no number or sign.
  static func isName(_ token: ArraySlice<UInt8>) -> Bool {
    token.first.map { isNameByte($0) && !isDigitByte($0) } ?? false
  }
}

extension Conflict {
  /// The lines of one side.
  func lines(of side: FineMerge.Side) -> [UInt8] { side == .ours ? ours : theirs }
}

extension FineMerge.Side {
  /// How a reason speaks of the side.
  var words: String { self == .ours ? "our side" : "their side" }
  var opposite: FineMerge.Side { self == .ours ? .theirs : .ours }
}

extension Language {
  /// Whether files of the language are read by people rather than by programs, or nothing is known about them.
  var isProse: Bool {
    switch family {
    case .markup: name != "XML"
    case .other: name == "unknown" || name == "text"
    case .data: name == "table"
    case .braces, .indentation, .endKeyword, .build: false
    }
  }
}
