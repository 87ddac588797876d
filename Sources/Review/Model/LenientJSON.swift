internal import ByteText
internal import JSON

/// Reads JSON as models write it: commas too many, line feeds in texts, an end that is missing.
///
/// What it makes of such a text is JSON like any other; whether that says anything is for others to judge.
struct LenientJSON {
  /// What was read, and whether its end was there.
  struct Reading {
    var value: JSONValue
    var isWhole: Bool
  }

  private let bytes: [UInt8]
  private(set) var index: Int
  private var depth = 0

  /// Deeper than any answer, and no danger to the stack.
  private static let depthLimit = 32

  init(_ bytes: [UInt8], from index: Int = 0) {
    (self.bytes, self.index) = (bytes, index)
  }

  /// The value that begins here; `nil` where none does.
  mutating func value() -> Reading? {
    skipBlanks()
    guard index < bytes.count, depth < Self.depthLimit else { return nil }
    depth += 1
    defer { depth -= 1 }
    switch bytes[index] {
    case UInt8(ascii: "{"): return object()
    case UInt8(ascii: "["): return array()
    case UInt8(ascii: "\""): return text()
    default: return word()
    }
  }

  private mutating func skipBlanks() {
    while index < bytes.count, ASCII.isBlank(bytes[index]) { index += 1 }
  }

  /// Goes over commas and blanks; whether the bracket stands there.
  private mutating func closes(_ bracket: UInt8) -> Bool {
    while index < bytes.count, ASCII.isBlank(bytes[index]) || bytes[index] == UInt8(ascii: ",") { index += 1 }
    guard index < bytes.count, bytes[index] == bracket else { return false }
    index += 1
    return true
  }

  private mutating func object() -> Reading? {
    index += 1
    var members: [String: JSONValue] = [:]
    while !closes(UInt8(ascii: "}")) {
      // What is cut off in the middle of a name or of a plain value is left out; of a list what is there stays.
      guard index < bytes.count else { return Reading(value: .object(members), isWhole: false) }
      guard bytes[index] == UInt8(ascii: "\""), let name = text() else { return nil }
      guard name.isWhole, case .string(let key) = name.value else {
        return Reading(value: .object(members), isWhole: false)
      }
      skipBlanks()
      guard index < bytes.count else { return Reading(value: .object(members), isWhole: false) }
      guard bytes[index] == UInt8(ascii: ":") else { return nil }
      index += 1
      guard let member = value() else {
        return index >= bytes.count ? Reading(value: .object(members), isWhole: false) : nil
      }
      if member.isWhole || member.value.array != nil { members[key] = member.value }
      if !member.isWhole { return Reading(value: .object(members), isWhole: false) }
    }
    return Reading(value: .object(members), isWhole: true)
  }

  private mutating func array() -> Reading? {
    index += 1
    var elements: [JSONValue] = []
    while !closes(UInt8(ascii: "]")) {
      guard index < bytes.count else { return Reading(value: .array(elements), isWhole: false) }
      guard let element = value() else {
        return index >= bytes.count ? Reading(value: .array(elements), isWhole: false) : nil
      }
      guard element.isWhole else { return Reading(value: .array(elements), isWhole: false) }
      elements.append(element.value)
    }
    return Reading(value: .array(elements), isWhole: true)
  }

  /// A text; line feeds and other control characters may stand in it as they are.
  private mutating func text() -> Reading? {
    index += 1
    var result: [UInt8] = []
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") {
        return Reading(value: .string(String(decoding: result, as: UTF8.self)), isWhole: true)
      }
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard index < bytes.count else { break }
      let escaped = bytes[index]
      index += 1
      switch escaped {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "u"): scalar(into: &result)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escaped)
      // `\d` of a pattern, which should have been `\\d`.
      default: result += [byte, escaped]
      }
    }
    return Reading(value: .string(String(decoding: result, as: UTF8.self)), isWhole: false)
  }

  private mutating func scalar(into result: inout [UInt8]) {
    guard let first = unit() else {
      result += Array("\\u".utf8)
      return
    }
    var code = first
    if (0xD800..<0xDC00).contains(first) {
      let before = index
      if index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") {
        index += 2
        if let second = unit(), (0xDC00..<0xE000).contains(second) {
          code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        } else {
          index = before
        }
      }
    }
    result += Array(String(Unicode.Scalar(code).map(Character.init) ?? "\u{FFFD}").utf8)
  }

  private mutating func unit() -> UInt32? {
    guard index + 4 <= bytes.count, bytes[index..<index + 4].allSatisfy(ASCII.isHex) else { return nil }
    let digits = String(decoding: bytes[index..<index + 4], as: UTF8.self)
    index += 4
    return UInt32(digits, radix: 16)
  }

  /// A number, or `true`, `false`, `null`.
  private mutating func word() -> Reading? {
    let start = index
    while index < bytes.count, ASCII.isAlphanumeric(bytes[index]) || "+-._".utf8.contains(bytes[index]) { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    // At the very end nobody knows whether more was to come.
    let isWhole = index < bytes.count
    switch word {
    case "true", "True": return Reading(value: .bool(true), isWhole: isWhole)
    case "false", "False": return Reading(value: .bool(false), isWhole: isWhole)
    case "null", "None": return Reading(value: .null, isWhole: isWhole)
    default:
      guard let number = Double(word), number.isFinite else { return nil }
      return Reading(value: .number(number), isWhole: isWhole)
    }
  }
}
