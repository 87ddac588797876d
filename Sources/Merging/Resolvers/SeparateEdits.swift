/// Settles conflicts in which both sides changed words of the same lines with others between them.
///
/// Both changes are taken if nothing new comes to stand beside something new, one side leaves most lines alone and adds
/// little, neither touches numbers, and no line that a side added looks as if it needed the other side's change as well.
package struct SeparateEdits: Resolver {
  package let name = "separate-edits"

  package init() {}

  /// A shorter stretch has too few words around the changes to tell that they have nothing to do with each other.
  private static let fewestWords = 16
  /// How many words the side that changed less may add.
  private static let mostAdded = 8
  /// How many words each side may change, in percent of those that the ancestor has.
  private static let mostChanged = 84
  private static let mostLines = 200

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    let position = conflict.position
    guard !conflict.isNarrowed,
      position.base.count + position.ours.count + position.theirs.count <= Self.mostLines,
      Self.areSlight(conflict), !conflict.exchangesWords, let fine = FineMerge.ofWhole(conflict, in: context),
      !fine.changesMeaningOfLine || conflict.hasRepeatedChange(in: context),
      !fine.meetsInImports, !fine.losesPlaces,
      let lines = fine.merged({ _ in true }), !lines.isEmpty, Self.standApart(lines, conflict),
      !EditReach.crosses(conflict)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "the sides changed different words of these lines, with others between them; both changes are taken",
      dropped: conflict.droppedLines(from: lines, reason: "combined with the other side's change of the same line")
    )
  }

  /// Whether both sides change a part only, the one that changed less adds few words, none is removed here and added
  /// there, and numbers stay.
  private static func areSlight(_ conflict: Conflict) -> Bool {
    let base = WordCounts(conflict.base)
    guard base.total >= fewestWords else { return false }
    let (ours, theirs) = (WordCounts(conflict.ours), WordCounts(conflict.theirs))
    let (our, their) = (ours.changes(from: base), theirs.changes(from: base))
    guard let less = [our, their].min(by: { ($0.count, $0.added) < ($1.count, $1.added) }) else { return false }
    let isPart = max(our.count, their.count) * 100 <= mostChanged * (base.total + 1)
    return isPart && less.added <= mostAdded && ours.total > 0 && theirs.total > 0
      && !ours.addsRemoved(by: theirs, from: base)
      && !theirs.addsRemoved(by: ours, from: base) && ours.hasNumbers(of: base) && theirs.hasNumbers(of: base)
  }

  /// Whether the result is neither side, and each two neighbours in it are neighbours on a side too.
  private static func standApart(_ lines: [UInt8], _ conflict: Conflict) -> Bool {
    let (result, ours, theirs) = (
      NameText.pieces(of: lines[...]), NameText.pieces(of: conflict.ours[...]),
      NameText.pieces(of: conflict.theirs[...])
    )
    return result != ours && result != theirs
      && WordPair.all(of: result).isSubset(of: WordPair.all(of: ours).union(WordPair.all(of: theirs)))
  }
}

extension FineMerge {
  /// Whether one side has new lines where the other took away one, so that their place may be within another line now.
  fileprivate var losesPlaces: Bool {
    func isLost(_ one: LineAlignment.Edit, beside other: LineAlignment.Edit) -> Bool {
      one.kind == .insertion && (other.kind == .deletion || other.kind == .replacement)
    }
    return contacts.contains { isLost($0.ours, beside: $0.theirs) || isLost($0.theirs, beside: $0.ours) }
  }

  /// Whether a change that meets one of the other side is one of imports, of which another resolver knows more.
  fileprivate var meetsInImports: Bool {
    func isImport(_ edit: LineAlignment.Edit, of side: [TokenLine]) -> Bool {
      base[edit.base].contains { $0.isImport(language) } || side[edit.side].contains { $0.isImport(language) }
    }
    return contacts.contains { isImport($0.ours, of: ours) || isImport($0.theirs, of: theirs) }
  }
}

extension WordCounts {
  /// Whether there is a word or a number more of than in the ancestor's text, of which another text has less.
  fileprivate func addsRemoved(by other: WordCounts, from base: WordCounts) -> Bool {
    counts.contains { word, count in
      let before = base.counts[word] ?? 0
      return count > before && other.counts[word] ?? 0 < before && (word.first.map(isNameByte) ?? false)
    }
  }

  /// Whether both have the same numbers, each as often.
  fileprivate func hasNumbers(of other: WordCounts) -> Bool {
    func numbers(_ counts: [ArraySlice<UInt8>: Int]) -> [ArraySlice<UInt8>: Int] {
      counts.filter { $0.key.first.map(isDigitByte) ?? false }
    }
    return numbers(counts) == numbers(other.counts)
  }
}

/// Two words or signs of which the one follows the other.
private struct WordPair: Hashable {
  var first: ArraySlice<UInt8>
  var second: ArraySlice<UInt8>

  static func all(of words: [ArraySlice<UInt8>]) -> Set<WordPair> {
    Set(zip(words, words.dropFirst()).map { WordPair(first: $0, second: $1) })
  }
}

/// How far the change of a line reaches: to lines that are like it.
private struct EditReach {
  /// The words of the lines of the ancestor that a side has no more, and of those that it has in addition.
  private var removed: [WordCounts] = []
  private var added: [WordCounts] = []
  /// Whether most of the ancestor's lines are as they were.
  private let keepsMost: Bool

  private init(from base: [UInt8], to side: [UInt8]) {
    func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] { HunkLine.split(bytes).map(\.trimmed).filter { !$0.isEmpty } }
    let (old, new) = (lines(base), lines(side))
    let (before, after) = (Set(old), Set(new))
    removed = before.subtracting(after).map { WordCounts($0) }
    added = after.subtracting(before).map { WordCounts($0) }
    keepsMost = removed.count * 2 <= before.count
  }

  /// Whether neither side keeps most lines, or one of them has a new line that is like one which the other changed.
  static func crosses(_ conflict: Conflict) -> Bool {
    let ours = EditReach(from: conflict.base, to: conflict.ours)
    let theirs = EditReach(from: conflict.base, to: conflict.theirs)
    return !ours.keepsMost && !theirs.keepsMost || ours.reaches(theirs) || theirs.reaches(ours)
  }

  private func reaches(_ other: EditReach) -> Bool {
    let inserted = other.added.filter { line in !other.removed.contains { $0.isLike(line, percent: 50) } }
    return inserted.contains { line in removed.contains { $0.isLike(line, percent: 71) } }
  }
}

extension WordCounts {
  /// Whether two texts have at least this much of their words and signs in common.
  fileprivate func isLike(_ other: WordCounts, percent: Int) -> Bool {
    let common = counts.reduce(0) { $0 + min($1.value, other.counts[$1.key] ?? 0) }
    return 200 * common >= percent * (total + other.total)
  }
}
