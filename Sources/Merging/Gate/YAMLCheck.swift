/// Looks at the structure of YAML: indentation, keys, flow brackets and quotes.
///
/// It is no parser. It calls invalid only what no reading of YAML allows, and gives up where it is not sure, as with
/// templates.
package struct YAMLCheck: DocumentCheck {
  package init() {}

  package func applies(to path: [UInt8]) -> Bool { Language.ofFile(at: path).name == "YAML" }

  package func read(_ document: [UInt8]) -> DocumentReading {
    if document.index(of: "{{", from: 0) != nil || document.index(of: "{%", from: 0) != nil {
      return DocumentReading(.unknown)
    }
    var reader = YAMLReader(document)
    return reader.read()
  }
}

private struct YAMLReader {
  /// A mapping or a sequence that is open.
  private struct Level {
    var column: Int
    var isSequence: Bool
    var keys: Set<[UInt8]> = []
  }

  private let table: LineTable
  private var levels: [Level] = []
  private var reading = DocumentReading(.valid)
  /// The column of the line whose block text goes on as long as lines are indented deeper.
  private var blockColumn: Int?
  /// The brackets of a flow collection that is open across lines.
  private var flow: [UInt8] = []
  /// The quote of a scalar that is open across lines.
  private var quote: UInt8?
  /// Whether the line before may go on, deeper indented: a plain scalar, or a key without a value.
  private var continues = false
  /// The last byte of a value that was no blank.
  private var lastInk: UInt8 = 0

  init(_ document: [UInt8]) {
    table = LineTable(document)
  }

  mutating func read() -> DocumentReading {
    for line in 0..<table.count {
      var whole = table[line]
      if whole.last == 0x0A { whole.removeLast() }
      guard take(whole.trimmingEnd) else {
        reading.verdict = levels.count > greatestDocumentDepth ? .unknown : .invalid(at: whole.startIndex)
        return reading
      }
    }
    if quote != nil || !flow.isEmpty { reading.verdict = .invalid(at: table.bytes.count) }
    return reading
  }

  private mutating func take(_ whole: ArraySlice<UInt8>) -> Bool {
    let text = whole.drop { $0 == 0x20 }
    let column = text.startIndex - whole.startIndex
    if quote != nil || !flow.isEmpty { return scan(text) }
    if text.isEmpty { return true }
    if let block = blockColumn {
      if column > block { return true }
      blockColumn = nil
    }
    if text.first == UInt8(ascii: "#") { return true }
    if text.first == UInt8(ascii: "\t") { return text.drop(while: isBlankByte).isEmpty }
    if column == 0, text.hasPrefix("---") || text.hasPrefix("...") || text.hasPrefix("%") {
      levels = []
      continues = true
      return scan(text.dropFirst(3))
    }
    return node(text, at: column)
  }

  /// A line of block structure: dashes, a key, a value.
  private mutating func node(_ line: ArraySlice<UInt8>, at start: Int) -> Bool {
    var text = line
    var column = start
    var isItem = false
    while text.first == UInt8(ascii: "-"), text.count == 1 || isBlankByte(text[text.startIndex + 1]) {
      guard enter(column, isSequence: true) else { return false }
      isItem = true
      let rest = text.dropFirst().drop(while: isBlankByte)
      column += rest.startIndex - text.startIndex
      text = rest
      continues = true
    }
    if text.isEmpty { return true }
    guard let colon = keyEnd(text) else {
      // Text that goes on, or a scalar of its own.
      guard isItem || levels.isEmpty || column > (levels.last?.column ?? -1) else { return false }
      if endsWithBlock(text) { blockColumn = levels.last?.column ?? 0 }
      continues = text.first == UInt8(ascii: "&") || text.first == UInt8(ascii: "!")
      return scan(text)
    }
    guard enter(column, isSequence: false) else { return false }
    let key = Array(text[..<colon].trimmingEnd)
    if key != Array("<<".utf8), !levels[levels.count - 1].keys.insert(key).inserted {
      reading.repeatedKeys[key] = text.startIndex
    }
    let value = text[(colon + 1)...].drop(while: isBlankByte)
    if endsWithBlock(value) {
      blockColumn = column
      return true
    }
    let isEmpty =
      value.isEmpty || value.first == UInt8(ascii: "#") || value.first == UInt8(ascii: "&")
      || value.first == UInt8(ascii: "!")
    continues = isEmpty
    return scan(value)
  }

  /// Goes to the level of a column; `false` where no open level stands there and none may begin.
  private mutating func enter(_ column: Int, isSequence: Bool) -> Bool {
    let depth = levels.count
    while let last = levels.last, last.column > column { levels.removeLast() }
    let goesBack = levels.count < depth
    // A sequence may stand in the column of its key.
    if let last = levels.last, last.column == column {
      if last.isSequence == isSequence { return true }
      if isSequence {
        levels.append(Level(column: column, isSequence: true))
        return true
      }
      levels.removeLast()
      if let key = levels.last, key.column == column, !key.isSequence { return true }
      return false
    }
    guard levels.isEmpty || continues && !goesBack else { return false }
    levels.append(Level(column: column, isSequence: isSequence))
    return levels.count <= greatestDocumentDepth
  }

  /// Where the colon of a key stands; `nil` where the line has no key.
  private func keyEnd(_ text: ArraySlice<UInt8>) -> Int? {
    var index = text.startIndex
    if let first = text.first, first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      index += 1
      while index < text.endIndex, text[index] != first {
        index += first == UInt8(ascii: "\"") && text[index] == UInt8(ascii: "\\") ? 2 : 1
      }
    } else if let first = text.first, "[{".utf8.contains(first) {
      return nil
    }
    while index < text.endIndex {
      if text[index] == UInt8(ascii: ":"), index + 1 == text.endIndex || isBlankByte(text[index + 1]) { return index }
      if text[index] == UInt8(ascii: "#"), index > text.startIndex, isBlankByte(text[index - 1]) { return nil }
      index += 1
    }
    return nil
  }

  private func endsWithBlock(_ value: ArraySlice<UInt8>) -> Bool {
    let words = value.split(whereSeparator: isBlankByte)
    guard let word = words.first(where: { $0.first != UInt8(ascii: "&") && $0.first != UInt8(ascii: "!") }) else {
      return false
    }
    return (word.first == UInt8(ascii: "|") || word.first == UInt8(ascii: ">"))
      && word.dropFirst().allSatisfy { isDigitByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
  }

  /// Follows quotes and flow brackets through a value; `false` where a bracket closes what is not open.
  private mutating func scan(_ text: ArraySlice<UInt8>) -> Bool {
    var index = text.startIndex
    var startsToken = quote == nil
    while index < text.endIndex {
      let byte = text[index]
      defer { index += 1 }
      if let open = quote {
        if open == UInt8(ascii: "\""), byte == UInt8(ascii: "\\") { index += 1 }
        if byte == open { quote = nil }
        startsToken = false
        continue
      }
      if byte == UInt8(ascii: "#"), index == text.startIndex || isBlankByte(text[index - 1]) { return true }
      let isStart = startsToken || !flow.isEmpty && ",[{:".utf8.contains(lastInk)
      if isStart, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { quote = byte }
      if isStart || !flow.isEmpty {
        switch byte {
        case UInt8(ascii: "["): flow.append(UInt8(ascii: "]"))
        case UInt8(ascii: "{"): flow.append(UInt8(ascii: "}"))
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
          guard flow.popLast() == byte else { return false }
        default: break
        }
      }
      if !isBlankByte(byte) {
        lastInk = byte
        startsToken = false
      }
    }
    return true
  }
}
