/// Tells whether XML is well-formed: one root, tags in pairs, attributes in quotes and each there once.
///
/// Names and characters are not checked against the tables of the standard, nor is a document type read.
package struct XMLCheck: DocumentCheck {
  package init() {}

  package func applies(to path: [UInt8]) -> Bool { Language.ofFile(at: path).name == "XML" }

  package func read(_ document: [UInt8]) -> DocumentReading {
    var reader = XMLReader(document)
    return DocumentReading(reader.read())
  }
}

private struct XMLReader {
  private let bytes: [UInt8]
  private var index = 0
  private var open: [Range<Int>] = []
  private var hasRoot = false

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  mutating func read() -> DocumentReading.Verdict {
    while index < bytes.count {
      let start = index
      let isFine = bytes[index] == UInt8(ascii: "<") ? markup() : text()
      if open.count > greatestDocumentDepth { return .unknown }
      if !isFine { return .invalid(at: start) }
    }
    return open.isEmpty && hasRoot ? .valid : .invalid(at: bytes.count)
  }

  private mutating func text() -> Bool {
    while index < bytes.count, bytes[index] != UInt8(ascii: "<") {
      let byte = bytes[index]
      if open.isEmpty, !isBlankByte(byte), byte != 0x0A { return false }
      if byte == UInt8(ascii: "&"), !isReference() { return false }
      if bytes.matches("]]>", at: index) { return false }
      index += 1
    }
    return true
  }

  /// Whether the ampersand here starts a reference.
  private func isReference() -> Bool {
    var end = index + 1
    while end < bytes.count, end < index + 64, isNameByte(bytes[end]) || "#.-:".utf8.contains(bytes[end]) { end += 1 }
    return end > index + 1 && end < bytes.count && bytes[end] == UInt8(ascii: ";")
  }

  private mutating func markup() -> Bool {
    if bytes.matches("<!--", at: index) {
      guard let end = bytes.index(of: "--", from: index + 4), end < bytes.count, bytes[end] == UInt8(ascii: ">") else {
        return false
      }
      index = end + 1
      return true
    }
    if bytes.matches("<![CDATA[", at: index) { return !open.isEmpty && pass(until: "]]>", from: index + 9) }
    if bytes.matches("<?", at: index) { return pass(until: "?>", from: index + 2) }
    if bytes.matches("<!DOCTYPE", at: index) { return !hasRoot && documentType() }
    return bytes.matches("</", at: index) ? endTag() : startTag()
  }

  private mutating func pass(until closer: StaticString, from start: Int) -> Bool {
    guard let end = bytes.index(of: closer, from: start) else { return false }
    index = end
    return true
  }

  private mutating func documentType() -> Bool {
    var depth = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "["), UInt8(ascii: "<"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: ">"): depth -= 1
      default: break
      }
      index += 1
      if depth == 0 { return true }
    }
    return false
  }

  private mutating func name() -> Range<Int>? {
    let start = index
    while index < bytes.count, isNameByte(bytes[index]) || ":.-".utf8.contains(bytes[index]) { index += 1 }
    return index > start && !isDigitByte(bytes[start]) ? start..<index : nil
  }

  private mutating func blanks() -> Bool {
    let start = index
    while index < bytes.count, isBlankByte(bytes[index]) || bytes[index] == 0x0A { index += 1 }
    return index > start
  }

  private mutating func endTag() -> Bool {
    index += 2
    guard let name = name(), let opener = open.popLast(), bytes[name].elementsEqual(bytes[opener]) else { return false }
    _ = blanks()
    guard index < bytes.count, bytes[index] == UInt8(ascii: ">") else { return false }
    index += 1
    return true
  }

  private mutating func startTag() -> Bool {
    index += 1
    guard let tag = name(), !(open.isEmpty && hasRoot) else { return false }
    hasRoot = true
    var attributes: Set<ArraySlice<UInt8>> = []
    while true {
      let hasBlank = blanks()
      guard index < bytes.count else { return false }
      if bytes[index] == UInt8(ascii: ">") {
        index += 1
        open.append(tag)
        return true
      }
      if bytes.matches("/>", at: index) {
        index += 2
        return true
      }
      guard hasBlank, let attribute = name(), attributes.insert(bytes[attribute]).inserted, value() else {
        return false
      }
    }
  }

  /// The equals sign and the value of an attribute.
  private mutating func value() -> Bool {
    _ = blanks()
    guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { return false }
    index += 1
    _ = blanks()
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") else {
      return false
    }
    let quote = bytes[index]
    index += 1
    while index < bytes.count, bytes[index] != quote {
      if bytes[index] == UInt8(ascii: "<") || bytes[index] == UInt8(ascii: "&") && !isReference() { return false }
      index += 1
    }
    guard index < bytes.count else { return false }
    index += 1
    return true
  }
}
