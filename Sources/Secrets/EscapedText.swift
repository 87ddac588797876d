internal import ByteText

/// Texts in which characters are written as something else.
enum EscapedText {
  /// The text with one layer of escapes undone: those of addresses, of HTML, of JSON and C, of mail, and letters from
  /// elsewhere in Unicode that look like those of ASCII.
  static func decoded(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let escape: (byte: UInt8?, length: Int)? =
        switch bytes[index] {
        case UInt8(ascii: "%"): hex(bytes, at: index + 1).map { ($0, 3) }
        case UInt8(ascii: "="): mail(bytes, at: index)
        case UInt8(ascii: "&"): entity(bytes, at: index)
        case UInt8(ascii: "\\"): backslash(bytes, at: index)
        case 0xef, 0xf0: lookalike(bytes, at: index)
        default: nil
        }
      guard let escape else {
        result.append(bytes[index])
        index += 1
        continue
      }
      if let byte = escape.byte { result.append(byte) }
      index += escape.length
    }
    return result
  }

  private static func hex(_ bytes: [UInt8], at index: Int) -> UInt8? {
    guard index + 2 <= bytes.count, ASCII.isHex(bytes[index]), ASCII.isHex(bytes[index + 1]) else { return nil }
    return digit(bytes[index]) << 4 | digit(bytes[index + 1])
  }

  private static func digit(_ byte: UInt8) -> UInt8 { ASCII.isDigit(byte) ? byte - 0x30 : (byte | 0x20) - 87 }

  /// `=67`, and a line that goes on in the next.
  private static func mail(_ bytes: [UInt8], at index: Int) -> (byte: UInt8?, length: Int)? {
    if index + 1 < bytes.count, bytes[index + 1] == 0x0a { return (nil, 2) }
    if bytes[index...].starts(with: [0x3d, 0x0d, 0x0a]) { return (nil, 3) }
    return hex(bytes, at: index + 1).map { ($0, 3) }
  }

  private static let names: [(name: [UInt8], byte: UInt8)] = [
    ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("lowbar", "_"), ("period", "."),
    ("num", "#"), ("equals", "="), ("sol", "/"), ("plus", "+"), ("percnt", "%"), ("commat", "@"), ("excl", "!"),
    ("colon", ":"), ("bsol", "\\"), ("dash", "-"), ("hyphen", "-"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)[0]) }

  /// `&#103;`, `&#x67;`, `&lowbar;`; the semicolon is often left out.
  private static func entity(_ bytes: [UInt8], at index: Int) -> (byte: UInt8?, length: Int)? {
    guard index + 2 < bytes.count else { return nil }
    if bytes[index + 1] != UInt8(ascii: "#") {
      for (name, byte) in names where bytes.matches(name + [UInt8(ascii: ";")], at: index + 1) {
        return (byte, name.count + 2)
      }
      return nil
    }
    let isHex = bytes[index + 2] | 0x20 == UInt8(ascii: "x")
    let start = index + (isHex ? 3 : 2)
    var (end, value) = (start, 0)
    while end < bytes.count, end - start < 8, isHex ? ASCII.isHex(bytes[end]) : ASCII.isDigit(bytes[end]) {
      value = value * (isHex ? 16 : 10) + Int(digit(bytes[end]))
      end += 1
    }
    guard end > start else { return nil }
    if end < bytes.count, bytes[end] == UInt8(ascii: ";") { end += 1 }
    return (UInt8(exactly: value).flatMap { $0 < 0x80 ? $0 : nil }, end - index)
  }

  /// `\u0067`, `\u{67}`, `\x67`, `\147`, `\n`, `\/`.
  private static func backslash(_ bytes: [UInt8], at index: Int) -> (byte: UInt8?, length: Int)? {
    guard index + 1 < bytes.count else { return nil }
    switch bytes[index + 1] {
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      if index + 2 < bytes.count, bytes[index + 2] == UInt8(ascii: "{"),
        let close = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: "}")),
        let value = Int(String(decoding: bytes[(index + 3)..<close], as: UTF8.self), radix: 16)
      {
        return (UInt8(exactly: value).flatMap { $0 < 0x80 ? $0 : nil }, close + 1 - index)
      }
      guard let high = hex(bytes, at: index + 2), let low = hex(bytes, at: index + 4) else { return nil }
      return (high == 0 && low < 0x80 ? low : nil, 6)
    case UInt8(ascii: "x"): return hex(bytes, at: index + 2).map { ($0, 4) }
    case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): return (0x0a, 2)
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      guard index + 4 <= bytes.count, bytes[(index + 1)..<(index + 4)].allSatisfy({ $0 &- 0x30 < 8 }) else {
        return nil
      }
      return ((bytes[index + 1] - 0x30) << 6 | (bytes[index + 2] - 0x30) << 3 | (bytes[index + 3] - 0x30), 4)
    default: return ASCII.isAlphanumeric(bytes[index + 1]) ? nil : (bytes[index + 1], 2)
    }
  }

  /// The wide forms of ASCII (U+FF01 to U+FF5E), and the letters and digits of mathematics (U+1D400 to U+1D7FF).
  private static func lookalike(_ bytes: [UInt8], at index: Int) -> (byte: UInt8?, length: Int)? {
    let length = bytes[index] == 0xef ? 3 : 4
    guard index + length <= bytes.count else { return nil }
    let value = bytes[(index + 1)..<(index + length)].reduce(UInt32(bytes[index] & 0x0f)) {
      $0 << 6 | UInt32($1 & 0x3f)
    }
    switch value {
    case 0xff01...0xff5e: return (UInt8(value - 0xff01 + 0x21), 3)
    case 0x1d400...0x1d6a3:
      let letter = (value - 0x1d400) % 52
      return (UInt8(letter < 26 ? 0x41 + letter : 0x61 + letter - 26), 4)
    case 0x1d7ce...0x1d7ff: return (UInt8(0x30 + (value - 0x1d7ce) % 10), 4)
    default: return nil
    }
  }
}
