internal import Base

/// Walks over JSON in bytes without building values of it.
enum JSONScanner {
  private static let deepest = 200

  /// Where the value that begins at `start` ends; it is checked in full.
  ///
  /// - Throws: ``JSONSyntaxError`` where no value stands there, or one that is nested deeper than 200 levels.
  static func endOfValue(_ bytes: ArraySlice<UInt8>, at start: Int) throws(JSONSyntaxError) -> Int {
    var scanner = Checker(bytes: bytes, index: start)
    try scanner.value(depth: 0)
    return scanner.index
  }

  /// The first place at or behind `start` that is no blank.
  static func skipBlanks(_ bytes: ArraySlice<UInt8>, at start: Int) -> Int {
    var index = start
    while index < bytes.endIndex, isBlank(bytes[index]) { index += 1 }
    return index
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 10 || byte == 13 || byte == 9 }

  /// Behind the quote that ends the text whose first quote is at `start`; the bytes are known to be JSON.
  static func endOfString(_ bytes: ArraySlice<UInt8>, at start: Int) -> Int {
    var index = start + 1
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") { return index + 1 }
      index += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    return bytes.endIndex
  }

  /// Writes what stands between the quotes of a text, known to be JSON, into a buffer; `false` where it is longer than
  /// `most` bytes, or has characters other than ASCII.
  ///
  /// Nothing is allocated for it, and what is longer is not looked at: a payload may have millions of members.
  static func decode(_ inner: ArraySlice<UInt8>, into buffer: inout [UInt8], most: Int) -> Bool {
    buffer.removeAll(keepingCapacity: true)
    guard inner.count <= 6 * most else { return false }
    var index = inner.startIndex
    while index < inner.endIndex {
      var byte = inner[index]
      index += 1
      if byte == UInt8(ascii: "\\") {
        let mark = inner[index]
        index += 1
        if mark == UInt8(ascii: "u") {
          guard inner[index] == UInt8(ascii: "0"), inner[index + 1] == UInt8(ascii: "0") else { return false }
          byte = digit(inner[index + 2]) << 4 | digit(inner[index + 3])
          index += 4
        } else {
          byte = escaped(mark)
        }
      }
      guard byte < 0x80, buffer.count < most else { return false }
      buffer.append(byte)
    }
    return true
  }

  /// What an escape of one letter stands for.
  private static func escaped(_ mark: UInt8) -> UInt8 {
    switch mark {
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    default: mark
    }
  }

  /// The value of a hexadecimal digit, which is known to be one.
  private static func digit(_ byte: UInt8) -> UInt8 { byte < 0x41 ? byte & 15 : (byte & 15) + 9 }

  /// Behind the value that begins at `start`; the bytes are known to be JSON.
  static func endOfKnownValue(_ bytes: ArraySlice<UInt8>, at start: Int) -> Int {
    var index = start
    var depth = 0
    while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index = endOfString(bytes, at: index)
        if depth == 0 { return index }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return index }
        depth -= 1
        index += 1
        if depth == 0 { return index }
      case UInt8(ascii: ","), 0x20, 9, 10, 13:
        if depth == 0 { return index }
        index += 1
      default: index += 1
      }
    }
    return index
  }

  /// Checks one value by the letter of RFC 8259, so that what is passed on in raw bytes is JSON for everyone.
  private struct Checker {
    let bytes: ArraySlice<UInt8>
    var index: Int

    private func fault(_ reason: String) -> JSONSyntaxError {
      JSONSyntaxError(line: 1 + bytes[..<min(index, bytes.endIndex)].count { $0 == 10 }, reason: reason)
    }

    private var next: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private mutating func skipBlanks() { index = JSONScanner.skipBlanks(bytes, at: index) }

    mutating func value(depth: Int) throws(JSONSyntaxError) {
      guard depth < JSONScanner.deepest else { throw fault("the document is nested too deeply") }
      skipBlanks()
      switch next {
      case nil: throw fault("the document ends too early")
      case UInt8(ascii: "{"): try members(depth: depth)
      case UInt8(ascii: "["): try elements(depth: depth)
      case UInt8(ascii: "\""): try string()
      case UInt8(ascii: "t"): try word("true")
      case UInt8(ascii: "f"): try word("false")
      case UInt8(ascii: "n"): try word("null")
      default: try number()
      }
    }

    private mutating func word(_ word: StaticString) throws(JSONSyntaxError) {
      let end = index + word.utf8CodeUnitCount
      guard end <= bytes.endIndex, bytes[index..<end].elementsEqual(String(describing: word).utf8) else {
        throw fault("a value was expected")
      }
      index = end
    }

    private mutating func members(depth: Int) throws(JSONSyntaxError) {
      index += 1
      skipBlanks()
      if next == UInt8(ascii: "}") { return index += 1 }
      while true {
        skipBlanks()
        guard next == UInt8(ascii: "\"") else { throw fault("a member's name was expected") }
        try string()
        skipBlanks()
        guard next == UInt8(ascii: ":") else { throw fault("a ':' was expected") }
        index += 1
        try value(depth: depth + 1)
        skipBlanks()
        let separator = next
        if separator != nil { index += 1 }
        if separator == UInt8(ascii: ",") { continue }
        guard separator == UInt8(ascii: "}") else { throw fault("a ',' or '}' was expected") }
        return
      }
    }

    private mutating func elements(depth: Int) throws(JSONSyntaxError) {
      index += 1
      skipBlanks()
      if next == UInt8(ascii: "]") { return index += 1 }
      while true {
        try value(depth: depth + 1)
        skipBlanks()
        let separator = next
        if separator != nil { index += 1 }
        if separator == UInt8(ascii: ",") { continue }
        guard separator == UInt8(ascii: "]") else { throw fault("a ',' or ']' was expected") }
        return
      }
    }

    private mutating func string() throws(JSONSyntaxError) {
      let start = index
      index += 1
      var isASCII = true
      while index < bytes.endIndex {
        let byte = bytes[index]
        if byte == UInt8(ascii: "\"") {
          if !isASCII, String(validating: bytes[(start + 1)..<index], as: UTF8.self) == nil {
            throw fault("a text is not UTF-8")
          }
          return index += 1
        }
        if byte == UInt8(ascii: "\\") {
          try escape()
        } else if byte < 0x20 {
          throw fault("a text has a raw control character")
        } else {
          if byte >= 0x80 { isASCII = false }
          index += 1
        }
      }
      throw fault("a text has no end")
    }

    private mutating func escape() throws(JSONSyntaxError) {
      index += 1
      switch next {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
        UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        index += 1
      case UInt8(ascii: "u"):
        guard index + 5 <= bytes.endIndex, bytes[(index + 1)..<(index + 5)].allSatisfy(Self.isHexadecimal) else {
          throw fault("a '\\u' needs four hexadecimal digits")
        }
        index += 5
      case nil: throw fault("a text has no end")
      default: throw fault("a text has an unknown escape")
      }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
      byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
    }

    private mutating func digits() -> Bool {
      let start = index
      while let byte = next, byte &- 0x30 < 10 { index += 1 }
      return start < index
    }

    private mutating func number() throws(JSONSyntaxError) {
      if next == UInt8(ascii: "-") { index += 1 }
      let first = next
      let start = index
      guard digits(), first != UInt8(ascii: "0") || index == start + 1 else { throw fault("a value was expected") }
      if next == UInt8(ascii: ".") {
        index += 1
        guard digits() else { throw fault("a number has no digits behind its point") }
      }
      if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
        index += 1
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
        guard digits() else { throw fault("a number has no digits in its exponent") }
      }
    }
  }
}
