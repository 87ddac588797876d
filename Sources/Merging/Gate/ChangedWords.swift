/// How often each word and sign stands in the sides of a conflict and in what takes its place: it tells whether a line
/// that is not there as it was is there in the words that its side changed in it.
struct ChangedWords {
  /// A word or a sign; in a comment it is another one than in code.
  private struct Word: Hashable {
    var text: ArraySlice<UInt8>
    var isComment: Bool
  }

  private struct Count {
    var base = 0
    var ours = 0
    var theirs = 0
    var result = 0
  }

  private let language: Language
  private var counts: [Word: Count] = [:]

  init(_ conflict: Conflict, result: [UInt8], language: Language) {
    self.language = language
    count(conflict.base, \.base)
    count(conflict.ours, \.ours)
    count(conflict.theirs, \.theirs)
    count(result, \.result)
  }

  private mutating func count(_ bytes: [UInt8], _ path: WritableKeyPath<Count, Int>) {
    for word in words(bytes) { counts[word, default: Count()][keyPath: path] += 1 }
  }

  private func words(_ bytes: [UInt8]) -> [Word] {
    var tokenizer = Tokenizer(bytes: bytes, scanner: SourceScanner(language: language))
    return tokenizer.tokens(in: 0..<bytes.count).flatMap { token in
      Self.words(bytes[token.range]).map { Word(text: $0, isComment: token.kind == .comment) }
    }
  }

  /// Runs of bytes that can stand in a name, and every other byte but white space by itself.
  static func words(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var words: [ArraySlice<UInt8>] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let start = index
      if isNameByte(bytes[index]) {
        while index < bytes.endIndex, isNameByte(bytes[index]) { index += 1 }
        words.append(bytes[start..<index])
        continue
      }
      index += 1
      if !isBlankByte(bytes[start]), bytes[start] != 0x0A { words.append(bytes[start..<index]) }
    }
    return words
  }

  /// The first word of some lines that stands there more often than both sides together call for.
  ///
  /// - Parameters:
  ///   - lines: The lines.
  ///   - other: The counts of a larger part, in which the word has to stand too often as well.
  /// - Returns: The word; `nil` where there is none.
  func excess(in lines: [UInt8], also other: ChangedWords? = nil) -> ArraySlice<UInt8>? {
    words(lines).first { word in
      word.text.contains(where: isNameByte) && hasTooMany(word) && other?.hasTooMany(word) != false
    }?.text
  }

  private func hasTooMany(_ word: Word) -> Bool {
    guard let count = counts[word] else { return false }
    return count.result > max(count.ours, count.theirs, count.ours + count.theirs - count.base)
  }

  /// The first word that a side took away and that stands in the result all the same, though the other side did not
  /// add it.
  ///
  /// Who keeps an edited line which a side deleted brings back no line, and undoes the deletion nevertheless.
  var returned: ArraySlice<UInt8>? {
    counts.filter { word, count in
      guard word.text.count >= 3, isNameByte(word.text[word.text.startIndex]) else { return false }
      return [(count.ours, count.theirs), (count.theirs, count.ours)].contains { mine, other in
        mine < count.base && count.result > mine + max(0, other - count.base)
      }
    }.keys.map(\.text).min { $0.startIndex < $1.startIndex }
  }

  /// Whether all that a side added to the words, and all that it took from them, is so in the result.
  ///
  /// - Parameters:
  ///   - side: The side.
  ///   - dropped: Lines that are left out on purpose; their words are not asked for.
  /// - Returns: `false` also where the side changed nothing but the order.
  func isCarried(_ side: DroppedLine.Side, besides dropped: [DroppedLine]) -> Bool {
    var excused: Set<ArraySlice<UInt8>> = []
    for line in dropped { excused.formUnion(Self.words(line.line[...])) }
    var changes = 0
    for (word, count) in counts where !excused.contains(word.text) {
      let mine = side == .ours ? count.ours : count.theirs
      let other = side == .ours ? count.theirs : count.ours
      if mine == count.base { continue }
      changes += 1
      if mine > count.base {
        if count.result < max(1, mine - max(0, count.base - other)) { return false }
      } else if count.result > mine + max(0, other - count.base) {
        return false
      }
    }
    return changes > 0
  }
}
