internal import Base
internal import JSON

/// Reads what was meant to be JSON, where it is plain what was meant.
///
/// It forgives what models get wrong: fences and words around the document, single quotes, raw line ends and unescaped
/// quotes in texts, unknown escapes, bare names, words of Python, comments, missing and trailing commas, and brackets
/// that are never closed. A text that is never closed is not forgiven: what is missing may be the part that matters.
struct LenientJSON {
  private static let deepest = 64
  private let bytes: [UInt8]
  private var index = 0

  /// The document; `nil` where it is not plain what was meant.
  static func parse(_ text: String) -> JSONValue? {
    let bytes = Array(text.utf8)
    if let value = try? JSONValue.parse(bytes) { return value }
    let inner = withoutFence(bytes)
    if let value = try? JSONValue.parse(inner) { return value }
    for start in inner.indices where inner[start] == UInt8(ascii: "{") || inner[start] == UInt8(ascii: "[") {
      var parser = LenientJSON(bytes: inner, index: start)
      if let value = parser.value(depth: 0) { return parser.isAtEnd ? value : nil }
      return nil
    }
    return nil
  }

  /// What stands between the first fence of Markdown and its end.
  static func withoutFence(_ bytes: [UInt8]) -> [UInt8] {
    let fence = Array("```".utf8)
    guard let start = bytes.firstRange(of: fence)?.lowerBound, bytes[..<start].allSatisfy({ isBlank($0) }),
      let line = bytes[start...].firstIndex(of: 10)
    else {
      return bytes
    }
    var end = bytes.count
    while end > line, isBlank(bytes[end - 1]) { end -= 1 }
    guard end - 3 > line, bytes[(end - 3)..<end].elementsEqual(fence) else { return Array(bytes[(line + 1)...]) }
    return Array(bytes[(line + 1)..<(end - 3)])
  }

  private init(bytes: [UInt8], index: Int) {
    self.bytes = bytes
    self.index = index
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  /// Whether nothing follows but blanks, closing brackets and words without quotes, such as "that is all".
  private var isAtEnd: Bool {
    !bytes[index...].contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ":") }
  }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipBlanks() {
    while let byte = next {
      if Self.isBlank(byte) {
        index += 1
      } else if byte == UInt8(ascii: "/"), index + 1 < bytes.count, bytes[index + 1] == byte {
        while let byte = next, byte != 10 {
          _ = byte
          index += 1
        }
      } else if byte == UInt8(ascii: "/"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "*") {
        let end = bytes[(index + 2)...].firstRange(of: Array("*/".utf8))
        index = end?.upperBound ?? bytes.count
      } else {
        return
      }
    }
  }

  private mutating func value(depth: Int) -> JSONValue? {
    guard depth < Self.deepest else { return nil }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case nil: return nil
    default:
      if let quote = quote() { return string(quote, isName: false).map(JSONValue.string) }
      return word()
    }
  }

  /// The quote that begins here: its bytes and those of the one that ends the text.
  private func quote() -> (open: [UInt8], close: [UInt8])? {
    for (open, close) in [("\"\"\"", "\"\"\""), ("\"", "\""), ("'", "'"), ("“", "”"), ("`", "`")] {
      let opening = Array(open.utf8)
      if bytes[index...].starts(with: opening) {
        // Two quotes in a row are an empty text, unless a third one makes them Python's long quote.
        return (opening, Array(close.utf8))
      }
    }
    return nil
  }

  private mutating func object(depth: Int) -> JSONValue? {
    index += 1
    var members: [String: JSONValue] = [:]
    while true {
      skipBlanks()
      guard let byte = next else { return .object(members) }
      if byte == UInt8(ascii: "}") {
        index += 1
        return .object(members)
      }
      if byte == UInt8(ascii: ",") {
        index += 1
        continue
      }
      // A list's end closes what was forgotten.
      if byte == UInt8(ascii: "]") { return .object(members) }
      guard let name = name() else { return nil }
      skipBlanks()
      guard next == UInt8(ascii: ":") || next == UInt8(ascii: "=") else { return nil }
      index += 1
      if next == UInt8(ascii: ">") { index += 1 }
      guard let value = value(depth: depth + 1) else { return nil }
      members[name] = value
    }
  }

  private mutating func array(depth: Int) -> JSONValue? {
    index += 1
    var list: [JSONValue] = []
    while true {
      skipBlanks()
      guard let byte = next else { return .array(list) }
      if byte == UInt8(ascii: "]") {
        index += 1
        return .array(list)
      }
      if byte == UInt8(ascii: ",") {
        index += 1
        continue
      }
      if byte == UInt8(ascii: "}") { return .array(list) }
      guard let value = value(depth: depth + 1) else { return nil }
      list.append(value)
    }
  }

  private mutating func name() -> String? {
    if let quote = quote() { return string(quote, isName: true) }
    let start = index
    while let byte = next, !Self.isBlank(byte), !":={}[],\"'".utf8.contains(byte) { index += 1 }
    return start < index ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
  }

  private mutating func word() -> JSONValue? {
    let start = index
    while let byte = next, !Self.isBlank(byte), !",{}[]\"".utf8.contains(byte) { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    switch text {
    case "true", "True", "TRUE", "yes": return .bool(true)
    case "false", "False", "FALSE", "no": return .bool(false)
    case "null", "None", "nil", "undefined", "NULL": return .null
    case "": return nil
    default:
      let digits = text.filter { $0 != "_" }
      if digits.first?.isLetter != true, let number = Double(digits), number.isFinite { return .number(number) }
      // A bare word is a text only where it can be nothing else.
      return text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: ":") } ? .string(text) : nil
    }
  }

  private mutating func string(_ quote: (open: [UInt8], close: [UInt8]), isName: Bool) -> String? {
    index += quote.open.count
    var text: [UInt8] = []
    while let byte = next {
      if byte == UInt8(ascii: "\\") {
        escape(into: &text)
      } else if bytes[index...].starts(with: quote.close), quote.close.count > 1 || closes(isName: isName) {
        index += quote.close.count
        return String(decoding: text, as: UTF8.self)
      } else {
        text.append(byte)
        index += 1
      }
    }
    return nil
  }

  /// Whether the quote here ends its text, seen by what follows: a quote inside of code was not escaped.
  private func closes(isName: Bool) -> Bool {
    var scanner = LenientJSON(bytes: bytes, index: index + 1)
    scanner.skipBlanks()
    guard let byte = scanner.next else { return true }
    if isName { return byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=") }
    switch byte {
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      // Brackets up to the end, or to the next member.
      var rest = scanner
      while let byte = rest.next, Self.isBlank(byte) || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
        rest.index += 1
      }
      return rest.next == nil || rest.next == UInt8(ascii: ",") || rest.next == UInt8(ascii: "`")
        || rest.isAtEnd
    case UInt8(ascii: ","):
      scanner.index += 1
      scanner.skipBlanks()
      guard let byte = scanner.next else { return true }
      if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "{") { return true }
      return scanner.startsMember || scanner.quote() != nil && !hasMemberAhead(from: scanner.index)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return scanner.startsMember
    default: return false
    }
  }

  /// Whether a name and a colon come next.
  private var startsMember: Bool {
    var end = index
    guard let first = next else { return false }
    let quoted = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    if quoted { end += 1 }
    let start = end
    while end < bytes.count,
      bytes[end] == UInt8(ascii: "_") || bytes[end] == UInt8(ascii: "-") || isAlphanumeric(bytes[end])
    {
      end += 1
    }
    guard end > start else { return false }
    if quoted {
      guard end < bytes.count, bytes[end] == first else { return false }
      end += 1
    }
    while end < bytes.count, Self.isBlank(bytes[end]) { end += 1 }
    return end < bytes.count && bytes[end] == UInt8(ascii: ":")
  }

  private func isAlphanumeric(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }

  /// Whether a member of an object begins somewhere behind a comma further on; then a comma here belongs to a text.
  private func hasMemberAhead(from start: Int) -> Bool {
    var scanner = LenientJSON(bytes: bytes, index: start)
    var steps = 0
    while scanner.index < bytes.count, steps < 4096 {
      if bytes[scanner.index] == UInt8(ascii: ",") {
        scanner.index += 1
        scanner.skipBlanks()
        if scanner.startsMember { return true }
      } else {
        scanner.index += 1
      }
      steps += 1
    }
    return false
  }

  private mutating func escape(into text: inout [UInt8]) {
    index += 1
    guard let byte = next else { return text.append(UInt8(ascii: "\\")) }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "'"), UInt8(ascii: "`"):
      text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"): unicodeEscape(into: &text)
    // An unknown escape is one of another language, such as `\d`: both characters are meant.
    default: text += [UInt8(ascii: "\\"), byte]
    }
  }

  private mutating func unicodeEscape(into text: inout [UInt8]) {
    guard let first = fourDigits() else { return text += Array("\\u".utf8) }
    var value = first
    if (0xd800..<0xdc00).contains(first), bytes[index...].starts(with: [0x5c, 0x75]) {
      let start = index
      index += 2
      if let second = fourDigits(), (0xdc00...0xdfff).contains(second) {
        value = 0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)
      } else {
        index = start
      }
    }
    text += Array(String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
  }

  private mutating func fourDigits() -> UInt32? {
    guard index + 4 <= bytes.count, let pair = Hexadecimal.decode(bytes[index..<(index + 4)]) else { return nil }
    index += 4
    return UInt32(pair[0]) << 8 | UInt32(pair[1])
  }
}
