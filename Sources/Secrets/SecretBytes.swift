/// Questions about single bytes, as ASCII.
enum ASCII {
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
  static func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
  static func isLower(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
  static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
  static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 9 && byte <= 13) }
  static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
  /// Where the needle begins for the first time at or behind `start`.
  func firstIndex(of needle: [UInt8], from start: Int? = nil) -> Int? {
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
  func matches(_ needle: [UInt8], at index: Int) -> Bool {
    guard index >= startIndex, index + needle.count <= endIndex else { return false }
    for offset in 0..<needle.count where self[index + offset] != needle[offset] { return false }
    return true
  }

  /// Whether the needle stands anywhere in the bytes.
  func contains(_ needle: [UInt8]) -> Bool { firstIndex(of: needle) != nil }

  /// Whether the text stands anywhere in the bytes.
  func contains(text: String) -> Bool { contains(Array(text.utf8)) }

  /// Whether the bytes begin with the text.
  func hasPrefix(_ text: String) -> Bool { starts(with: text.utf8) }

  /// Whether the bytes end with the text.
  func hasSuffix(_ text: String) -> Bool { reversed().starts(with: text.utf8.reversed()) }

  /// The bytes with A to Z as a to z.
  func lowercased() -> [UInt8] { map(ASCII.lower) }
}
