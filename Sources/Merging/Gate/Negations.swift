/// The negations in lines of code, each with the name or the number that it stands before: `not ready`, `!(a == b)`,
/// `c != 0`.
///
/// What stands in comments and text literals is none. A `!` behind a name or a bracket is something else: a macro, a
/// value that must be there, a part of a name.
struct Negations {
  /// A negation, in whatever form.
  struct Negation: Hashable {
    /// Whether it says that two things differ; otherwise it turns around what it stands before.
    var isUnequal: Bool
    /// The first name or number behind it; empty where none is near.
    var operand: ArraySlice<UInt8>
  }

  /// In the order of the lines.
  let all: [Negation]
  /// How often each is there.
  let counts: [Negation: Int]

  /// How many signs may stand between a negation and its operand.
  private static let reach = 6

  /// - Parameters:
  ///   - lines: The lines.
  ///   - scanner: Whether a comment or a literal is open where they begin.
  ///   - language: Their language.
  ///   - dropped: Lines that do not count, without the white space at their ends.
  init(
    _ lines: [UInt8], _ scanner: SourceScanner, _ language: Language, without dropped: Set<ArraySlice<UInt8>> = []
  ) {
    let table = LineTable(lines)
    var tokenizer = Tokenizer(bytes: lines, scanner: scanner)
    var words: [ArraySlice<UInt8>] = []
    for number in 0..<table.count {
      let line = table[number]
      let tokens = tokenizer.tokens(in: line.startIndex..<line.endIndex)
      if !dropped.isEmpty, dropped.contains((line.last == 0x0A ? line.dropLast() : line).trimmed) { continue }
      for token in tokens {
        switch token.kind {
        case .blank, .lineEnd, .comment: break
        case .text:
          for hole in HolesInText.of(language, lines, token.range) { words += ChangedWords.words(lines[hole]) }
        case .word, .number, .open, .close, .sign: words += ChangedWords.words(lines[token.range])
        }
      }
    }
    var all: [Negation] = []
    for (index, word) in words.enumerated() {
      guard let isUnequal = Self.negates(word, in: lines) else { continue }
      let operand = words[(index + 1)...].prefix(Self.reach).first { $0.contains(where: isNameByte) && !Self.isNot($0) }
      all.append(Negation(isUnequal: isUnequal, operand: operand ?? []))
    }
    self.all = all
    counts = all.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func isNot(_ word: ArraySlice<UInt8>) -> Bool {
    word.elementsEqual("not".utf8) || word.elementsEqual("NOT".utf8)
  }

  /// Whether a word is a negation, and which; `nil` where it is none.
  private static func negates(_ word: ArraySlice<UInt8>, in bytes: [UInt8]) -> Bool? {
    if isNot(word) { return false }
    guard word.count == 1, word.first == UInt8(ascii: "!") else { return nil }
    if word.endIndex < bytes.count, bytes[word.endIndex] == UInt8(ascii: "=") { return true }
    var start = word.startIndex
    while start > 0, bytes[start - 1] == UInt8(ascii: "!") { start -= 1 }
    guard start > 0 else { return false }
    let before = bytes[start - 1]
    return isNameByte(before) || ")]}>\"'`<$?#".utf8.contains(before) ? nil : false
  }
}

/// The negations of a conflict's sides and of what takes its place.
struct NegationCounts {
  private let base: Negations
  private let ours: Negations
  private let theirs: Negations
  private let result: Negations

  /// - Parameters:
  ///   - conflict: The conflict.
  ///   - result: What takes its place.
  ///   - context: The three files.
  ///   - dropped: Lines that are left out on purpose: what they negate calls for nothing.
  init(_ conflict: Conflict, result: [UInt8], in context: ResolverContext, besides dropped: [DroppedLine] = []) {
    let (sources, position, language) = (context.sources, conflict.position, context.language)
    func lines(of side: DroppedLine.Side) -> Set<ArraySlice<UInt8>> {
      Set(dropped.filter { $0.side == side }.map { $0.line[...] })
    }
    base = Negations(conflict.base, sources.base.scanner(atLine: position.base.start), language)
    ours = Negations(
      conflict.ours, sources.ours.scanner(atLine: position.ours.start), language, without: lines(of: .ours))
    theirs = Negations(
      conflict.theirs, sources.theirs.scanner(atLine: position.theirs.start), language, without: lines(of: .theirs))
    self.result = Negations(result, sources.ours.scanner(atLine: position.ours.start), language)
  }

  /// What takes the conflict's place negates more than both sides together call for: those that no side has so.
  ///
  /// Where a side negates and the other renamed what it negates, there are not more than they call for.
  var added: [Negations.Negation] {
    guard result.all.count > Self.allowed(base.all.count, ours.all.count, theirs.all.count) else { return [] }
    return result.all.filter(isAdded)
  }

  /// Whether a negation is there more often than both sides together call for.
  func isAdded(_ negation: Negations.Negation) -> Bool {
    func count(_ negations: Negations) -> Int { negations.counts[negation, default: 0] }
    return count(result) > Self.allowed(count(base), count(ours), count(theirs))
  }

  private static func allowed(_ base: Int, _ ours: Int, _ theirs: Int) -> Int {
    max(ours, theirs, ours + theirs - base)
  }
}
