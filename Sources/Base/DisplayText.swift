/// Bytes of unknown origin as text that is safe to show to a person.
package enum DisplayText {
  /// The bytes as text, with everything that a terminal would obey or hide written as an escape.
  ///
  /// Valid UTF-8 stays as it is. Control characters, invisible and direction-changing characters and bytes that are not
  /// UTF-8 become `\n`, `\t`, `\xNN` or `\u{NNNN}`, and a backslash becomes two. So two different inputs never look
  /// alike, and an escape sequence in a file name cannot repaint the screen.
  package static func escaping(_ bytes: some Sequence<UInt8>) -> String {
    render(Array(bytes), doublingBackslash: true)
  }

  /// A line of source as text: like ``escaping(_:)``, but a backslash and a tab stay, because people read them as code.
  package static func line(_ bytes: some Sequence<UInt8>) -> String {
    render(Array(bytes), doublingBackslash: false)
  }

  /// Whether the bytes are UTF-8 as Unicode defines it.
  package static func isUTF8(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
  }

  private static func render(_ bytes: [UInt8], doublingBackslash: Bool) -> String {
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c }) { return String(decoding: bytes, as: UTF8.self) }
    var result = ""
    var index = 0
    while index < bytes.count {
      guard let (scalar, length) = scalar(in: bytes, at: index) else {
        result += "\\x" + Hexadecimal.encode([bytes[index]])
        index += 1
        continue
      }
      switch scalar {
      case "\\": result += doublingBackslash ? "\\\\" : "\\"
      case "\t": result += doublingBackslash ? "\\t" : "\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      default:
        if isDangerous(scalar) {
          result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
      index += length
    }
    return result
  }

  /// Whether a terminal or a browser would obey the character, or show nothing for it.
  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: return true
    default: return scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// The character that starts at the index and how many bytes it takes; `nil` where the bytes there are not UTF-8.
  package static func scalar(in bytes: [UInt8], at index: Int) -> (Unicode.Scalar, Int)? {
    let lead = bytes[index]
    let length: Int
    switch lead {
    case 0..<0x80: return (Unicode.Scalar(lead), 1)
    case 0xc2...0xdf: length = 2
    case 0xe0...0xef: length = 3
    case 0xf0...0xf4: length = 4
    default: return nil
    }
    guard index + length <= bytes.count else { return nil }
    var value = UInt32(lead) & (0x7f >> UInt32(length))
    for next in bytes[(index + 1)..<(index + length)] {
      guard next & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(next & 0x3f)
    }
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= smallest, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }
}
