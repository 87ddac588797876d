/// One line of a conflict's side: its content apart from its line ending.
struct HunkLine: Sendable, Hashable {
  /// The line without its ending.
  var content: ArraySlice<UInt8>
  /// `\n`, `\r\n`, or nothing at the end of a file.
  var ending: ArraySlice<UInt8>

  /// Whether nothing but white space stands on the line.
  var isBlank: Bool { content.allSatisfy(isBlankByte) }
  /// The content without white space at its end.
  var trimmedEnd: ArraySlice<UInt8> { content.trimmingEnd }
  /// The content without white space at either end.
  var trimmed: ArraySlice<UInt8> { content.trimmed }
  /// The white space before the content.
  var indentation: ArraySlice<UInt8> { content.prefix(while: isBlankByte) }

  /// The lines of `bytes`, each with its own ending.
  static func split(_ bytes: [UInt8]) -> [HunkLine] {
    var lines: [HunkLine] = []
    var start = 0
    for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
      let carriageReturn = index > start && bytes[index - 1] == UInt8(ascii: "\r")
      let end = carriageReturn ? index - 1 : index
      lines.append(HunkLine(content: bytes[start..<end], ending: bytes[end...index]))
      start = index + 1
    }
    if start < bytes.count {
      lines.append(HunkLine(content: bytes[start...], ending: bytes[bytes.endIndex...]))
    }
    return lines
  }

  /// The bytes of several lines, as they stand.
  static func join(_ lines: some Sequence<HunkLine>) -> [UInt8] {
    var result: [UInt8] = []
    for line in lines {
      result += line.content
      result += line.ending
    }
    return result
  }
}

/// Whether a byte is white space within a line.
func isBlankByte(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") || byte == 0x0C || byte == 0x0B
}

/// Whether a byte belongs to a name in most languages; bytes above ASCII do.
func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF:
    true
  default: false
  }
}

/// Whether a byte is an ASCII digit.
func isDigitByte(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

extension ArraySlice<UInt8> {
  /// The slice without white space at either end.
  var trimmed: ArraySlice<UInt8> { trimmingEnd.drop(while: isBlankByte) }

  /// The slice without white space at its end.
  var trimmingEnd: ArraySlice<UInt8> {
    var end = endIndex
    while end > startIndex, isBlankByte(self[end - 1]) { end -= 1 }
    return self[startIndex..<end]
  }

  /// Whether the slice starts with the text's UTF-8 bytes.
  func hasPrefix(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { starts(with: $0) }
  }

  /// Whether the slice ends with the text's UTF-8 bytes.
  func hasSuffix(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { suffix($0.count).elementsEqual($0) }
  }
}
