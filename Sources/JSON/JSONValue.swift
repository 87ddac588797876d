/// A JSON document as a value (RFC 8259).
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The document in these bytes; a byte order mark before it is let pass.
  ///
  /// - Throws: ``JSONSyntaxError`` where the bytes are no JSON, or are nested deeper than 200 levels.
  package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    var parser = JSONParser(bytes[...])
    return try parser.document()
  }

  /// The member of an object; `nil` where there is none or this is no object.
  package subscript(key: String) -> JSONValue? { object?[key] }

  /// The text, where this is one.
  package var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The list, where this is one.
  package var array: [JSONValue]? { if case .array(let list) = self { list } else { nil } }

  /// The members, where this is an object.
  package var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

  /// The number as a whole one, where it is one.
  package var integer: Int? {
    guard case .number(let number) = self else { return nil }
    return Int(exactly: number)
  }

  /// The document with sorted keys, two spaces for each level and a final line end.
  ///
  /// Characters that a terminal or a browser would obey or hide are written as `\uNNNN`: the same document for a
  /// program, a harmless one for a person.
  package func rendered() -> [UInt8] {
    var text = ""
    write(to: &text, level: 0)
    return Array(text.utf8) + [10]
  }

  /// By the keys, but the name of the schema comes before everything, so that a reader knows what follows.
  private static func precedes(_ left: (key: String, value: JSONValue), _ right: (key: String, value: JSONValue))
    -> Bool
  {
    left.key == "schema" ? right.key != "schema" : right.key != "schema" && left.key < right.key
  }

  private func write(to text: inout String, level: Int) {
    let indent = String(repeating: "  ", count: level + 1)
    let outdent = String(repeating: "  ", count: level)
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += Int(exactly: value).map(String.init) ?? (value.isFinite ? "\(value)" : "null")
    case .string(let value): Self.write(value, to: &text)
    case .array(let list):
      if list.isEmpty { return text += "[]" }
      text += "[\n"
      for (index, value) in list.enumerated() {
        text += index > 0 ? ",\n" + indent : indent
        value.write(to: &text, level: level + 1)
      }
      text += "\n" + outdent + "]"
    case .object(let members):
      if members.isEmpty { return text += "{}" }
      text += "{\n"
      for (index, member) in members.sorted(by: Self.precedes).enumerated() {
        text += index > 0 ? ",\n" + indent : indent
        Self.write(member.key, to: &text)
        text += ": "
        member.value.write(to: &text, level: level + 1)
      }
      text += "\n" + outdent + "}"
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      default:
        if isPlain(scalar) {
          text.unicodeScalars.append(scalar)
        } else {
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        }
      }
    }
    text += "\""
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7f }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return false
    default: return !scalar.properties.isDefaultIgnorableCodePoint
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

/// Bytes that are no JSON.
package struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The line of the fault, counted from one.
  package let line: Int
  /// What was expected there.
  package let reason: String

  package var description: String { "line \(line): \(reason)" }
}
