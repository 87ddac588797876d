/// A file as lines, with what its language's row tells of them.
struct SourceText: Sendable {
  let language: Language
  let table: LineTable
  /// The state of the scanner at the start of each line, where it is not plain code.
  private let states: [Int: SourceScanner]
  /// The scanner as it stands before a file.
  private let start: SourceScanner

  init(_ bytes: [UInt8], language: Language) {
    self.language = language
    table = LineTable(bytes)
    var states: [Int: SourceScanner] = [:]
    start = SourceScanner(language: language)
    var scanner = start
    var (index, line) = (0, 0)
    while index < bytes.count {
      let isLineEnd = bytes[index] == UInt8(ascii: "\n")
      index += scanner.step(bytes, at: index).length
      if isLineEnd {
        line += 1
        if !scanner.isPlain { states[line] = scanner }
      }
    }
    self.states = states
  }

  /// The scanner as it stands before a line.
  func scanner(atLine line: Int) -> SourceScanner {
    states[line] ?? start
  }

  /// The scanner as it stands before a line; `nil` where a text literal that spans lines is open there.
  func scannerOutsideText(atLine line: Int) -> SourceScanner? {
    let scanner = scanner(atLine: line)
    return scanner.isInsideLongText ? nil : scanner
  }

  /// Whether a text literal that spans lines, or a comment, is open where a line starts.
  func startsInside(line: Int) -> Bool { states[line] != nil }

  /// The tokens of consecutive lines; together they are all of the lines' bytes.
  func tokens(_ lines: LineSpan) -> [Token] {
    var tokenizer = Tokenizer(bytes: table.bytes, scanner: scanner(atLine: lines.start))
    return tokenizer.tokens(in: table.range(lines))
  }
}

extension LineTable {
  /// Where consecutive lines stand in the text.
  func range(_ lines: LineSpan) -> Range<Int> {
    let slice = self[lines]
    return slice.startIndex..<slice.endIndex
  }
}
