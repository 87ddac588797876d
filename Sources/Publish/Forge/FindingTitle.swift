internal import ByteText

/// The title of a finding as words, by which two models, or one model at two times, are known to mean one mistake.
///
/// It is better told twice than lost, so in doubt two titles are not alike: what one of them names as code and the other
/// does not, a number, and a word that turns a sentence round make them different.
struct FindingTitle {
  /// What is left of the words without their endings; those of code and numbers as they are.
  private var words: Set<String> = []
  private var exact: Set<String> = []

  /// - Parameter title: Markdown of one line.
  init(_ title: String) {
    var isCode = false
    var word = ""
    for scalar in (title + " ").unicodeScalars {
      if scalar == "_" || scalar.properties.isAlphabetic || Self.isDigit(scalar) {
        word.unicodeScalars.append(scalar)
        continue
      }
      take(word, isCode)
      word = ""
      if scalar == "`" { isCode.toggle() }
    }
  }

  private mutating func take(_ word: String, _ isCode: Bool) {
    guard !word.isEmpty else { return }
    let small = word.lowercased()
    let isName = word.dropFirst().contains(where: \.isUppercase) || word.contains("_")
    if isCode || isName || word.unicodeScalars.contains(where: Self.isDigit) {
      exact.insert(word)
    } else if Self.turning.contains(small) {
      exact.insert(small)
    } else if !Self.idle.contains(small) {
      words.insert(Self.stem(small))
    }
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static let idle: Set = [
    "a", "an", "the", "is", "are", "be", "been", "it", "its", "of", "in", "on", "to", "at", "and", "or", "that", "this",
    "when", "if", "with", "by", "for", "can", "may", "will", "as",
  ]
  private static let turning: Set = [
    "not", "no", "never", "without", "twice", "before", "after", "always", "only", "too", "missing",
  ]

  private static func stem(_ word: String) -> String {
    for end in ["ing", "ed", "es", "s", "e"] where word.hasSuffix(end) && word.count - end.count > 2 {
      return String(word.dropLast(end.count))
    }
    return word
  }

  /// Whether the two say the same: three in four of their words are in both, and all that must not differ.
  func isAlike(_ other: FindingTitle) -> Bool {
    let all = words.union(other.words).union(exact).union(other.exact)
    guard !all.isEmpty, exact == other.exact else { return false }
    return (words.intersection(other.words).count + exact.count) * 4 >= all.count * 3
  }

  /// The title in a comment that tells a finding, without the hidden lines before it; empty where there is none.
  static func told(in body: String) -> String {
    let line = body.drop { $0.isWhitespace }.prefix { $0 != "\n" }
    guard line.hasPrefix("**"), let colon = line.firstIndex(of: ":") else { return "" }
    var title = line[line.index(after: colon)...]
    while let last = title.last, last.isWhitespace || last == "*" { title.removeLast() }
    return String(title)
  }
}
