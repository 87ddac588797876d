/// Reads how lines of Markdown or reStructuredText nest: by the ranks of their headings.
struct HeadingReader {
  let table: LineTable
  let isMarkdown: Bool
  /// The fence that is open, by its character.
  private var fence: UInt8?
  /// The ranks of the headings that are open.
  private var ranks: [Int] = []
  /// The characters that underline headings in the order in which they first appear.
  private var adornments: [UInt8] = []
  private var underlineAt = -1
  private var wasText = false

  init(table: LineTable, isMarkdown: Bool) {
    self.table = table
    self.isMarkdown = isMarkdown
  }

  /// The shape of the next line.
  mutating func shape(of line: Int, indent: Int) -> LineShape {
    let content = table[line].dropEnding
    let trimmed = content.drop(while: isBlankByte)
    var shape = LineShape(role: .code, indent: indent, before: ranks.count, low: ranks.count, after: ranks.count)
    if line == underlineAt {
      shape.role = .inner
      wasText = false
      return shape
    }
    if isMarkdown, let byte = trimmed.first, trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
      if fence == nil {
        fence = byte
        shape.role = wasText ? .inner : .code
      } else if fence == byte {
        fence = nil
        shape.role = .inner
      } else {
        shape.role = .inner
      }
      wasText = fence != nil
      return shape
    }
    if fence != nil {
      shape.role = .inner
      return shape
    }
    if trimmed.isEmpty {
      shape.role = .blank
      wasText = false
      return shape
    }
    if let rank = headingRank(line, content) {
      while let last = ranks.last, last >= rank { ranks.removeLast() }
      shape.before = ranks.count
      shape.low = ranks.count
      ranks.append(rank)
      shape.after = ranks.count
      wasText = false
      return shape
    }
    if wasText, !startsEntry(trimmed), trimmed.first != UInt8(ascii: "|") { shape.role = .inner }
    wasText = true
    return shape
  }

  /// Lets the last line of each section close it.
  func closeSections(_ shapes: inout [LineShape]) {
    var last: Int?
    for line in shapes.indices where shapes[line].role == .code {
      if let last { shapes[last].after = shapes[line].before }
      last = line
    }
  }

  /// Whether a line starts an entry of a list.
  private func startsEntry(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first else { return false }
    if "-*+".utf8.contains(first) { return line.dropFirst().first.map(isBlankByte) ?? true }
    if line.hasPrefix(".. ") || line.hasPrefix("#.") { return true }
    let digits = line.prefix(while: isDigitByte)
    return !digits.isEmpty && line.dropFirst(digits.count).first.map { ".)".utf8.contains($0) } == true
  }

  private mutating func headingRank(_ line: Int, _ content: ArraySlice<UInt8>) -> Int? {
    if isMarkdown {
      let marks = content.prefix { $0 == UInt8(ascii: "#") }.count
      if (1...6).contains(marks) {
        return content.dropFirst(marks).first.map(isBlankByte) ?? true ? marks : nil
      }
    }
    guard !wasText, line + 1 < table.count, let first = content.first, !isBlankByte(first) else { return nil }
    let below = table[line + 1].dropEnding
    guard let mark = below.first, below.count >= 3, below.allSatisfy({ $0 == mark }),
      "=-~^`:'\"#*+.".utf8.contains(mark), !startsEntry(content), !isMarkdown || "=-".utf8.contains(mark),
      content.contains(where: isNameByte), below.count * 2 >= content.count
    else { return nil }
    underlineAt = line + 1
    if isMarkdown { return mark == UInt8(ascii: "=") ? 1 : 2 }
    if let rank = adornments.firstIndex(of: mark) { return rank + 1 }
    adornments.append(mark)
    return adornments.count
  }
}
