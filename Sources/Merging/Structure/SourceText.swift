/// A file as lines, with what its language's row tells of them.
struct SourceText: Sendable {
  let language: Language
  let table: LineTable
  /// The lines at whose start the scanner stands in another state than at the start of the line before.
  private let changes: [Change]
  /// The scanner as it stands before a file.
  private let start: SourceScanner

  private struct Change: Sendable {
    var line: Int
    /// `nil` where the line starts in plain code.
    var scanner: SourceScanner?
  }

  init(_ bytes: [UInt8], language: Language) {
    self.language = language
    table = LineTable(bytes)
    var changes: [Change] = []
    start = SourceScanner(language: language)
    var scanner = start
    var (index, line) = (0, 0)
    while index < bytes.count {
      let isLineEnd = bytes[index] == UInt8(ascii: "\n")
      index += scanner.step(bytes, at: index).length
      if isLineEnd {
        line += 1
        if scanner.isPlain {
          if changes.last?.scanner != nil { changes.append(Change(line: line, scanner: nil)) }
        } else if changes.last?.scanner?.isLike(scanner) != true {
          changes.append(Change(line: line, scanner: scanner))
        }
      }
    }
    self.changes = changes
  }

  /// The scanner as it stands before a line.
  func scanner(atLine line: Int) -> SourceScanner {
    change(before: line) ?? start
  }

  private func change(before line: Int) -> SourceScanner? {
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].line <= line { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : changes[low - 1].scanner
  }

  /// The scanner as it stands before a line; `nil` where a text literal that spans lines is open there.
  func scannerOutsideText(atLine line: Int) -> SourceScanner? {
    let scanner = scanner(atLine: line)
    return scanner.isInsideLongText ? nil : scanner
  }

  /// Whether a text literal that spans lines, or a comment, is open where a line starts.
  func startsInside(line: Int) -> Bool { change(before: line) != nil }

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
