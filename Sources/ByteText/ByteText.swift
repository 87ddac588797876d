/// Questions about single bytes, as ASCII.
package enum ASCII {
  package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  package static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
  package static func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
  package static func isLower(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
  package static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
  package static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
  package static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
  package static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 9 && byte <= 13) }
  package static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
  /// Where the needle begins for the first time at or behind `start`.
  package func firstIndex(of needle: [UInt8], from start: Int? = nil) -> Int? {
    guard let first = needle.first else { return startIndex }
    var index = start ?? startIndex
    let last = endIndex - needle.count
    while index <= last {
      if self[index] == first, matches(needle, at: index) { return index }
      index += 1
    }
    return nil
  }

  /// Whether the bytes from the index on are the needle.
  package func matches(_ needle: [UInt8], at index: Int) -> Bool {
    guard index >= startIndex, index + needle.count <= endIndex else { return false }
    for offset in 0..<needle.count where self[index + offset] != needle[offset] { return false }
    return true
  }

  /// Whether the needle stands anywhere in the bytes.
  package func contains(_ needle: [UInt8]) -> Bool { firstIndex(of: needle) != nil }

  /// Whether the text stands anywhere in the bytes.
  package func contains(text: String) -> Bool { contains(Array(text.utf8)) }

  /// Whether the bytes begin with the text.
  package func hasPrefix(_ text: String) -> Bool { starts(with: text.utf8) }

  /// Whether the bytes end with the text.
  package func hasSuffix(_ text: String) -> Bool { reversed().starts(with: text.utf8.reversed()) }

  /// The bytes without blanks at either end.
  package func trimmed() -> SubSequence {
    var start = startIndex
    var end = endIndex
    while start < end, ASCII.isBlank(self[start]) { start += 1 }
    while end > start, ASCII.isBlank(self[end - 1]) { end -= 1 }
    return self[start..<end]
  }

  /// The bytes with A to Z as a to z.
  package func lowercased() -> [UInt8] { map(ASCII.lower) }

  /// The bytes without blanks at either end and with every run of blanks as one space.
  package func collapsingBlanks() -> [UInt8] {
    var result: [UInt8] = []
    for byte in trimmed() {
      if !ASCII.isBlank(byte) {
        result.append(byte)
      } else if result.last != 0x20 {
        result.append(0x20)
      }
    }
    return result
  }

  /// The lines without their `\n`.
  package func lines() -> [SubSequence] {
    var lines = split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
