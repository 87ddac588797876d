/// How often, where and in which order each word and sign stands in the sides of a conflict and in what takes its
/// place: it tells whether a line that is not there as it was is there in the words that its side changed in it.
struct ChangedWords {
  /// Where a word stands: `check(user)` does nothing in a comment or in a text literal.
  enum Place: Hashable {
    case code
    case comment
    case text
  }

  /// A word or a sign; in another place it is another one.
  private struct Word: Hashable {
    var text: ArraySlice<UInt8>
    var place: Place

    /// A quote opens or closes a literal of one kind or the other; what counts is what stands in it.
    var isQuote: Bool { place == .text && text.count == 1 && text.first.map { "\"'`".utf8.contains($0) } ?? false }
  }

  /// The words of one of the four texts, in order.
  private struct Text {
    /// The number of each word.
    var words: [Int] = []
    /// The line that each stands on.
    var lines: [Int] = []
    /// The lines without white space at their ends.
    var trimmed: [ArraySlice<UInt8>] = []

    func isFirst(_ index: Int) -> Bool { index == 0 || lines[index - 1] != lines[index] }
    func isLast(_ index: Int) -> Bool { index + 1 == words.count || lines[index + 1] != lines[index] }
  }

  private struct Count {
    var base = 0
    var ours = 0
    var theirs = 0
    var result = 0
  }

  private let language: Language
  private var numbers: [Word: Int] = [:]
  private var known: [Word] = []
  private var counts: [Count] = []
  private var base = Text()
  private var ours = Text()
  private var theirs = Text()
  private var result = Text()

  /// - Parameters:
  ///   - conflict: The conflict.
  ///   - result: What takes its place.
  ///   - context: The three files: whether a comment or a literal is open where a side begins.
  init(_ conflict: Conflict, result: [UInt8], in context: ResolverContext) {
    language = context.language
    let (sources, position) = (context.sources, conflict.position)
    base = read(conflict.base, sources.base.scanner(atLine: position.base.start), \.base)
    ours = read(conflict.ours, sources.ours.scanner(atLine: position.ours.start), \.ours)
    theirs = read(conflict.theirs, sources.theirs.scanner(atLine: position.theirs.start), \.theirs)
    self.result = read(result, sources.ours.scanner(atLine: position.ours.start), \.result)
    discount(SharedSurroundings(of: conflict, in: context), in: context)
  }

  /// Takes the words of lines that both sides wrote alike next to the conflict from the ancestor's: a word that both
  /// moved there is not one that they took away.
  private mutating func discount(_ shared: SharedSurroundings, in context: ResolverContext) {
    for line in shared.linesOfOurs {
      let bytes = context.sources.ours.table[line]
      var tokenizer = Tokenizer(bytes: context.ours, scanner: context.sources.ours.scanner(atLine: line))
      for word in words(tokenizer.tokens(in: bytes.startIndex..<bytes.endIndex), context.ours) {
        guard let number = numbers[word], counts[number].base > 0 else { continue }
        counts[number].base -= 1
      }
    }
  }

  private mutating func read(
    _ bytes: [UInt8], _ scanner: SourceScanner, _ path: WritableKeyPath<Count, Int>
  ) -> Text {
    var text = Text()
    let table = LineTable(bytes)
    var tokenizer = Tokenizer(bytes: bytes, scanner: scanner)
    for line in 0..<table.count {
      let lines = table[line]
      text.trimmed.append((lines.last == 0x0A ? lines.dropLast() : lines).trimmed)
      for word in words(tokenizer.tokens(in: lines.startIndex..<lines.endIndex), bytes) {
        let number: Int
        if let seen = numbers[word] {
          number = seen
        } else {
          number = known.count
          numbers[word] = number
          known.append(word)
          counts.append(Count())
        }
        counts[number][keyPath: path] += 1
        text.words.append(number)
        text.lines.append(line)
      }
    }
    return text
  }

  private func words(_ tokens: [Token], _ bytes: [UInt8]) -> [Word] {
    tokens.flatMap { token -> [Word] in
      let slice = bytes[token.range]
      switch token.kind {
      case .blank, .lineEnd: return []
      case .comment: return Self.words(slice).map { Word(text: $0, place: .comment) }
      case .text:
        let holes = HolesInText.of(language, bytes, token.range)
        return Self.words(slice).map { word in
          Word(text: word, place: holes.contains { $0.contains(word.startIndex) } ? .code : .text)
        }
      case .word, .number, .open, .close, .sign: return Self.words(slice).map { Word(text: $0, place: .code) }
      }
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

  // MARK: - How often

  /// The first word of what takes the conflict's place that stands there more often than both sides together call for.
  ///
  /// - Parameter other: The counts of a larger part, in which the word has to stand too often as well.
  /// - Returns: The word; `nil` where there is none.
  func excess(also other: ChangedWords? = nil) -> ArraySlice<UInt8>? {
    result.words.lazy.map { known[$0] }.first { word in
      word.text.contains(where: isNameByte) && hasTooMany(word) && other?.hasTooMany(word) != false
    }?.text
  }

  private func hasTooMany(_ word: Word) -> Bool {
    guard let number = numbers[word] else { return false }
    let count = counts[number]
    return count.result > max(count.ours, count.theirs, count.ours + count.theirs - count.base)
  }

  /// The first word that a side took away and that stands in the result all the same, though the other side did not
  /// add it.
  ///
  /// Who keeps an edited line which a side deleted brings back no line, and undoes the deletion nevertheless.
  var returned: ArraySlice<UInt8>? {
    let back = zip(known, counts).filter { word, count in
      guard word.text.count >= 3, isNameByte(word.text[word.text.startIndex]) else { return false }
      return [(count.ours, count.theirs), (count.theirs, count.ours)].contains { mine, other in
        mine < count.base && count.result > mine + max(0, other - count.base)
      }
    }
    return back.first?.0.text
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
    for (word, count) in zip(known, counts) where !excused.contains(word.text) {
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

  // MARK: - Where

  /// How often a line of a side stands in the result in another layout: its words one behind the other, each in code or
  /// in a comment as the side has it, with an end of a line or with the side's own next word at either end.
  func laidOut(_ line: [UInt8], of side: DroppedLine.Side) -> Int {
    let text = side == .ours ? ours : theirs
    guard line.contains(where: isNameByte) else { return 0 }
    var starts: Set<Int> = []
    for number in text.trimmed.indices where text.trimmed[number].elementsEqual(line) {
      guard let first = text.lines.firstIndex(of: number) else { continue }
      let end = text.lines[first...].firstIndex { $0 != number } ?? text.words.count
      for start in occurrences(of: text.words[first..<end]) {
        let last = start + (end - first) - 1
        let isWhole = result.isFirst(start) && result.isLast(last)
        if isWhole, result.trimmed[result.lines[start]].elementsEqual(line) { continue }
        let opens = result.isFirst(start) || first > 0 && result.words[start - 1] == text.words[first - 1]
        let closes = result.isLast(last) || end < text.words.count && result.words[last + 1] == text.words[end]
        if opens, closes { starts.insert(start) }
      }
    }
    return starts.count
  }

  private func occurrences(of part: ArraySlice<Int>) -> [Int] {
    guard let first = part.first, part.count <= result.words.count else { return [] }
    return (0...(result.words.count - part.count)).filter { start in
      result.words[start] == first && result.words[start..<(start + part.count)].elementsEqual(part)
    }
  }

  /// The first word of a side that does not stand in the result behind those before it.
  ///
  /// What the other side took away, and the lines that are left out on purpose, are not asked for.
  func misplaced(_ side: DroppedLine.Side, besides dropped: [DroppedLine]) -> ArraySlice<UInt8>? {
    let (mine, other) = side == .ours ? (ours, theirs) : (theirs, ours)
    let otherCount: (Count) -> Int = side == .ours ? { $0.theirs } : { $0.ours }
    // The words of the ancestor that the other side took away, by where they stand.
    var isGone = [Bool](repeating: false, count: base.words.count)
    for change in LineDiff.changes(from: base.words, to: other.words) {
      for index in change.old.indices { isGone[index] = true }
    }
    var isAsked = [Bool](repeating: true, count: mine.words.count)
    var (old, new) = (0, 0)
    func keep(until end: Int) {
      while new < end {
        let count = counts[mine.words[new]]
        // Which of several like words was taken away is anybody's guess.
        if isGone[old] || otherCount(count) < count.base { isAsked[new] = false }
        (old, new) = (old + 1, new + 1)
      }
    }
    for change in LineDiff.changes(from: base.words, to: mine.words) {
      keep(until: change.new.start)
      (old, new) = (change.old.end, change.new.end)
    }
    keep(until: mine.words.count)
    let left = Set(dropped.filter { $0.side == side }.map { $0.line[...] })
    var place = 0
    for index in mine.words.indices where isAsked[index] {
      let number = mine.words[index]
      if known[number].isQuote || left.contains(mine.trimmed[mine.lines[index]]) { continue }
      guard let found = result.words[place...].firstIndex(of: number) else { return known[number].text }
      place = found + 1
    }
    return nil
  }
}
