/// Counts what a stretch of a file opens and closes: brackets, begin and end keywords, literals and comments.
struct BalanceCount {
  /// What a stretch does to the depth.
  struct Effect: Hashable {
    /// For each kind of bracket or keyword, how many more are opened than closed.
    var net: [Int]
    /// The lowest depth on the way, all kinds together; never above zero.
    var lowest: Int
    /// Where the scanner ends: in code, in a comment, in a literal.
    var end: SourceScanner.State
    /// Where closers stand that find no opener of their kind, and openers that are left.
    var mismatches: [Int]
  }

  let language: Language
  private let brackets: [UInt8]
  private let keywords: BlockKeywords?

  init(language: Language) {
    self.language = language
    brackets = Self.brackets(of: language)
    keywords = BlockKeywords(language)
  }

  /// Whether there is anything to count in this language.
  var isCounted: Bool { !brackets.isEmpty || keywords != nil }

  /// The brackets that must balance in a language: none where they are only text.
  private static func brackets(of language: Language) -> [UInt8] {
    switch language.family {
    case .braces, .endKeyword, .build: return Array("()[]{}".utf8)
    // A flow collection or a template in YAML is left to the check of documents.
    case .indentation: return language.name == "Python" ? Array("()[]{}".utf8) : []
    case .data: return language.name == "JSON" ? Array("[]{}".utf8) : []
    // A pattern of `case` in a shell has a closing bracket alone.
    case .other: return language.name == "Shell" ? Array("{}".utf8) : []
    case .markup: return []
    }
  }

  /// The effect of a stretch at whose start the scanner stands.
  func effect(of bytes: [UInt8], from start: SourceScanner) -> Effect {
    var scanner = start
    var depth = Depth(keywordKinds: keywords?.kindCount ?? 0)
    var words = keywords.map { BlockKeywords.Reader($0) }
    var index = 0
    // Where the comment or literal began that may be open in the end.
    var inside = 0
    while index < bytes.count {
      let byte = bytes[index]
      let (length, state) = scanner.step(bytes, at: index)
      if state == .code {
        inside = index + length
        if let place = brackets.firstIndex(of: byte) { depth.take(kind: place / 2, opens: place % 2 == 0, at: index) }
      }
      if words != nil {
        let change = words?.take(bytes, at: index, isCode: state == .code && byte != UInt8(ascii: "\n")) ?? nil
        if let change { depth.take(kind: 3 + change.kind, opens: change.opens, at: index) }
      }
      index += length
    }
    return Effect(
      net: depth.net,
      lowest: depth.lowest,
      end: scanner.state,
      mismatches: depth.mismatches
        + (scanner.isInsideLongText || scanner.state == .blockComment ? [min(inside, bytes.count - 1)] : [])
    )
  }

  /// The openers that wait for their closers.
  private struct Depth {
    var net: [Int]
    var lowest = 0
    /// The kinds of the brackets that are open, and of the keywords: a condition of a preprocessor may stand across them.
    private var open: (brackets: [Opener], keywords: [Opener]) = ([], [])
    private var unmatched: [Int] = []
    private var level = 0

    private struct Opener {
      var kind: Int
      var place: Int
    }

    var mismatches: [Int] { unmatched + open.brackets.map(\.place) + open.keywords.map(\.place) }

    init(keywordKinds: Int) {
      net = Array(repeating: 0, count: 3 + keywordKinds)
    }

    mutating func take(kind: Int, opens: Bool, at place: Int) {
      net[kind] += opens ? 1 : -1
      level += opens ? 1 : -1
      lowest = min(lowest, level)
      let bracket = Opener(kind: kind, place: place)
      if kind < 3 {
        Self.take(bracket, opens: opens, &open.brackets, &unmatched)
      } else {
        Self.take(bracket, opens: opens, &open.keywords, &unmatched)
      }
    }

    private static func take(_ bracket: Opener, opens: Bool, _ open: inout [Opener], _ unmatched: inout [Int]) {
      if opens {
        open.append(bracket)
      } else if open.last?.kind == bracket.kind {
        open.removeLast()
      } else if open.count > 1, open[open.count - 2].kind == bracket.kind {
        // What was opened within is at fault.
        unmatched += open.suffix(1).map(\.place)
        open.removeLast(2)
      } else {
        unmatched.append(bracket.place)
      }
    }
  }
}

/// What in a text finds no counterpart, by what it is and by its line.
struct Mismatches {
  private struct Mark: Hashable {
    var sign: [UInt8]
    var line: ArraySlice<UInt8>
  }

  private var marks: [(mark: Mark, number: Int)] = []

  /// - Parameters:
  ///   - source: The text.
  ///   - places: Where in it something finds no counterpart.
  init(_ source: SourceText, at places: [Int]) {
    let table = source.table
    for place in places.sorted() where table.bytes.indices.contains(place) {
      let number = table.line(of: place)
      marks.append((Mark(sign: Self.sign(table.bytes, place), line: table[number].dropEnding.trimmed), number))
    }
  }

  /// The sign that stands at a place, or the word that ends before it.
  private static func sign(_ bytes: [UInt8], _ place: Int) -> [UInt8] {
    guard isNameByte(bytes[place]) || isBlankByte(bytes[place]) || bytes[place] == 0x0A else { return [bytes[place]] }
    let end = isNameByte(bytes[place]) ? place + 1 : place
    var start = end
    while start > 0, isNameByte(bytes[start - 1]) { start -= 1 }
    return Array(bytes[start..<end])
  }

  /// The first that neither of two others has, or else the first, in words; empty where there is none.
  func words(besides one: Mismatches, _ other: Mismatches) -> [UInt8] {
    let known = Set((one.marks + other.marks).map(\.mark))
    guard let new = marks.first(where: { !known.contains($0.mark) }) ?? marks.first else { return [] }
    return Array("'".utf8) + new.mark.sign + Array("' in line \(new.number + 1), ".utf8) + new.mark.line
  }
}
