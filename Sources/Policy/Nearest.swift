/// Finds the known word that a misspelt one was most likely meant to be.
package enum Nearest {
  /// The known word with the fewest edits to this one; `nil` where none is known.
  ///
  /// Upper and lower case are the same. Of two that are as near, the first in the alphabet is taken.
  package static func word(to word: String, among known: some Sequence<String>) -> String? {
    let target = Array(word.lowercased().unicodeScalars.prefix(maximumLength))
    return known.sorted()
      .map { (word: $0, edits: edits(between: target, and: Array($0.lowercased().unicodeScalars))) }
      .min { $0.edits < $1.edits }?.word
  }

  /// The known word that is so near that this one is most likely a misspelling of it; `nil` where none is.
  ///
  /// Near is one edit for a word of up to five letters, and a third of its length for a longer one.
  package static func misspelling(_ word: String, among known: some Sequence<String>) -> String? {
    guard let nearest = Self.word(to: word, among: known) else { return nil }
    let edits = edits(between: word.lowercased(), and: nearest.lowercased())
    return edits <= max(1, nearest.unicodeScalars.count / 3) ? nearest : nil
  }

  /// What to say to somebody who wrote a word that is none of the known ones.
  package static func hint(for word: String, among known: [String]) -> String {
    if let near = misspelling(word, among: known) { return "did you mean '\(near)'?" }
    guard let near = Self.word(to: word, among: known) else { return "none is known" }
    if known.count > 16 { return "the nearest is '\(near)'" }
    return "the nearest is '\(near)'; known are \(known.sorted().joined(separator: ", "))"
  }

  /// How many characters must be inserted, deleted, replaced, or exchanged with their neighbour, to make one word into
  /// the other.
  ///
  /// This is the restricted Damerau-Levenshtein distance ("optimal string alignment"): no character is edited twice.
  package static func edits(between first: String, and second: String) -> Int {
    edits(between: Array(first.unicodeScalars), and: Array(second.unicodeScalars))
  }

  /// A word that is longer than this is no misspelling; its beginning is enough to compare.
  private static let maximumLength = 64

  private static func edits(between first: [Unicode.Scalar], and second: [Unicode.Scalar]) -> Int {
    if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in 1...first.count {
      var current = [row]
      for column in 1...second.count {
        let replaced = last[column - 1] + (first[row - 1] == second[column - 1] ? 0 : 1)
        var best = min(replaced, last[column] + 1, current[column - 1] + 1)
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          best = min(best, beforeLast[column - 2] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[second.count]
  }
}
