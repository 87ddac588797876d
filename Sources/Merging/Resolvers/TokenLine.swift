/// A line as the tokens that carry meaning, each with the white space before it.
struct TokenLine: Sendable {
  struct Unit: Sendable {
    /// The white space before the token.
    var space: ArraySlice<UInt8>
    /// The token, or nothing at the end of the line.
    var text: ArraySlice<UInt8>
    var kind: Token.Kind

    /// Whether it is a name or a literal, and not just a sign.
    var isTelling: Bool { kind == .word || kind == .text }
    /// Whether nothing of the line's content comes with it.
    var isLineEnd: Bool { kind == .lineEnd || text.isEmpty }
    /// Whether it is a sign or a bracket.
    var isPunctuation: Bool { kind == .sign || kind == .open || kind == .close || kind == .lineEnd || text.isEmpty }
    /// Whether it parts the elements of a list.
    var isSeparator: Bool { text.elementsEqual(",".utf8) || text.elementsEqual(";".utf8) }
  }

  private(set) var units: [Unit] = []

  /// Whether text literals of the language's files are not among its tokens but stand in double quotes.
  static func groupsQuotes(_ language: Language) -> Bool {
    language.strings.isEmpty && language.name != "Markdown" && language.name != "text" && language.name != "unknown"
  }

  init(_ tokens: [Token], of bytes: [UInt8], groupingQuotes: Bool) {
    self.init(tokens, of: bytes)
    guard groupingQuotes else { return }
    var grouped: [Unit] = []
    var opened: Int?
    for unit in units {
      grouped.append(unit)
      guard unit.kind == .sign, unit.text.contains(UInt8(ascii: "\"")) else { continue }
      if let first = opened {
        let text = bytes[grouped[first].text.startIndex..<unit.text.endIndex]
        grouped[first] = Unit(space: grouped[first].space, text: text, kind: .text)
        grouped.removeSubrange((first + 1)...)
        opened = nil
      } else {
        opened = grouped.count - 1
      }
    }
    units = grouped
  }

  init(_ tokens: [Token], of bytes: [UInt8]) {
    var start: Int?
    for token in tokens {
      if token.kind == .blank {
        start = start ?? token.range.lowerBound
        continue
      }
      let from = start ?? token.range.lowerBound
      units.append(Unit(space: bytes[from..<token.range.lowerBound], text: bytes[token.range], kind: token.kind))
      start = nil
    }
    if let start, let last = tokens.last {
      units.append(
        Unit(
          space: bytes[start..<last.range.upperBound], text: bytes[last.range.upperBound..<last.range.upperBound],
          kind: .blank))
    }
  }

  /// The line's signs and brackets, with nothing in the place of every name, number and literal.
  var shape: [[UInt8]] { units.filter { !$0.isLineEnd }.map { $0.isPunctuation ? Array($0.text) : [] } }

  /// Whether the line seems to be an import.
  func isImport(_ language: Language) -> Bool {
    guard language.imports != .none, let first = units.first(where: { $0.kind == .word }) else { return false }
    return Self.importWords.contains { first.text.elementsEqual($0.utf8) }
  }

  private static let importWords = [
    "import", "from", "use", "using", "require", "require_relative", "include", "export",
  ]

  /// The line as it stands.
  var bytes: [UInt8] {
    var result: [UInt8] = []
    for unit in units {
      result += unit.space
      result += unit.text
    }
    return result
  }
}

extension LineAlignment.Line {
  init(_ line: TokenLine, number: Int32) {
    var words: [(hash: UInt64, weight: Int)] = []
    var weight = 0
    for unit in line.units where unit.kind != .lineEnd && !unit.text.isEmpty {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in unit.text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      let own = unit.kind == .word || unit.kind == .text || unit.kind == .comment ? min(unit.text.count, 10) : 1
      words.append((hash, own))
      weight += own
    }
    self.init(number: number, words: words.sorted { $0.hash < $1.hash }, weight: weight)
  }
}
