internal import Base

/// Reads a JSON document out of bytes.
struct JSONParser {
  private static let deepest = 200
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex + (bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0)
  }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    let value = try value(depth: 0)
    skipBlanks()
    guard index == bytes.endIndex else { throw fault("something stands behind the end of the document") }
    return value
  }

  private func fault(_ reason: String) -> JSONSyntaxError {
    JSONSyntaxError(line: 1 + bytes[..<min(index, bytes.endIndex)].count { $0 == 10 }, reason: reason)
  }

  private mutating func skipBlanks() {
    while index < bytes.endIndex, bytes[index] == 0x20 || (9...13).contains(bytes[index]) { index += 1 }
  }

  private var next: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth < Self.deepest else { throw fault("the document is nested too deeply") }
    skipBlanks()
    switch next {
    case nil: throw fault("the document ends too early")
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    guard bytes[index...].starts(with: word.utf8) else { throw fault("a value was expected") }
    index += word.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    index += 1
    var members: [String: JSONValue] = [:]
    skipBlanks()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw fault("a member's name was expected") }
      let name = try string()
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw fault("a ':' was expected") }
      members[name] = try value(depth: depth + 1)
      skipBlanks()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw fault("a ',' or '}' was expected") }
      return .object(members)
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    index += 1
    var list: [JSONValue] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) { return .array(list) }
    while true {
      list.append(try value(depth: depth + 1))
      skipBlanks()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw fault("a ',' or ']' was expected") }
      return .array(list)
    }
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    index += 1
    // What has no escape in it is taken in one piece.
    var start = index
    var text: [UInt8] = []
    while true {
      guard let byte = next else { throw fault("a text has no end") }
      if byte == UInt8(ascii: "\"") {
        let piece = bytes[start..<index]
        index += 1
        if !text.isEmpty { text += piece }
        let string =
          text.isEmpty ? String(validating: piece, as: UTF8.self) : String(validating: text, as: UTF8.self)
        guard let string else { throw fault("a text is not UTF-8") }
        return string
      }
      guard byte >= 0x20 else { throw fault("a text has a raw control character") }
      if byte == UInt8(ascii: "\\") {
        text += bytes[start..<index]
        index += 1
        try escape(into: &text)
        start = index
      } else {
        index += 1
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
    guard let byte = next else { throw fault("a text has no end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      let scalar = try unicodeEscape()
      text += Array(String(scalar).utf8)
    default: throw fault("a text has an unknown escape")
    }
  }

  private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try fourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // The first half of a pair needs the second one; a half alone stands for nothing.
    if first < 0xdc00, bytes[index...].starts(with: [0x5c, 0x75]) {
      let start = index
      index += 2
      let second = try fourDigits()
      if (0xdc00...0xdfff).contains(second) {
        return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{FFFD}"
      }
      index = start
    }
    return "\u{FFFD}"
  }

  private mutating func fourDigits() throws(JSONSyntaxError) -> UInt32 {
    guard index + 4 <= bytes.endIndex, let pair = Hexadecimal.decode(bytes[index..<(index + 4)]) else {
      throw fault("a '\\u' needs four hexadecimal digits")
    }
    index += 4
    return UInt32(pair[0]) << 8 | UInt32(pair[1])
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = index
    while let byte = next, byte &- 0x30 < 10 || "+-.eE".utf8.contains(byte) { index += 1 }
    guard start < index, bytes[start] != UInt8(ascii: "+"), bytes[start] != UInt8(ascii: "."),
      let number = Double(String(decoding: bytes[start..<index], as: UTF8.self)), number.isFinite
    else {
      throw fault("a value was expected")
    }
    return .number(number)
  }
}
