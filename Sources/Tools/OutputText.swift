internal import Base

/// What commands and files hold, as text for a model.
package enum OutputText {
  /// What a command wrote, as a person would see it when it has ended.
  ///
  /// Escape sequences go; of a line that was written over and over by carriage returns, what was written last stays;
  /// backspaces take a character back; other control characters and bytes that are not UTF-8 become `\xNN`.
  package static func clean(_ bytes: [UInt8]) -> [UInt8] {
    if !bytes.contains(where: { $0 >= 0x7f || $0 < 0x20 && $0 != 10 && $0 != 9 }) { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var lineStart = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case 0x1b:
        index = escapeEnd(in: bytes, from: index)
        continue
      case 10:
        result.append(10)
        lineStart = result.count
      case 13:
        // Only what follows on the same line takes its place.
        var next = index + 1
        while next < bytes.count, bytes[next] == 13 { next += 1 }
        if next < bytes.count, bytes[next] != 10 { next = restart(bytes, next, &result, lineStart) }
        index = next
        continue
      case 8:
        while result.count > lineStart, result[result.count - 1] & 0xc0 == 0x80 { result.removeLast() }
        if result.count > lineStart { result.removeLast() }
      case 7, 14, 15: break
      default:
        result.append(byte)
      }
      index += 1
    }
    return visible(result)
  }

  /// Forgets the line so far, unless only escapes follow up to its end.
  private static func restart(_ bytes: [UInt8], _ start: Int, _ result: inout [UInt8], _ lineStart: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] == 0x1b { index = escapeEnd(in: bytes, from: index) }
    if index < bytes.count, bytes[index] != 10, bytes[index] != 13 { result.removeSubrange(lineStart...) }
    return index
  }

  /// Where the escape sequence that begins here ends (ECMA-48).
  private static func escapeEnd(in bytes: [UInt8], from start: Int) -> Int {
    var index = start + 1
    guard index < bytes.count else { return index }
    switch bytes[index] {
    case UInt8(ascii: "["):
      index += 1
      while index < bytes.count, !(0x40...0x7e).contains(bytes[index]) {
        // Something else than a parameter: it was cut off.
        if bytes[index] < 0x20 || bytes[index] > 0x7e { return index }
        index += 1
      }
      return min(index + 1, bytes.count)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
      index += 1
      let limit = min(bytes.count, index + 4096)
      while index < limit {
        if bytes[index] == 7 { return index + 1 }
        if bytes[index] == 0x1b {
          return index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\\") ? index + 2 : index
        }
        if bytes[index] == 10 { return index }
        index += 1
      }
      return index
    case 0x20...0x2f:
      while index < bytes.count, (0x20...0x2f).contains(bytes[index]) { index += 1 }
      return min(index + 1, bytes.count)
    default: return (0x30...0x7e).contains(bytes[index]) ? index + 1 : index
    }
  }

  /// The bytes with control characters other than tab and line end, and what is not UTF-8, as `\xNN`.
  package static func visible(_ bytes: [UInt8]) -> [UInt8] {
    if !bytes.contains(where: { $0 >= 0x7f || $0 < 0x20 && $0 != 10 && $0 != 9 }) { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        if byte >= 0x20 && byte != 0x7f || byte == 10 || byte == 9 {
          result.append(byte)
        } else {
          result += escape(byte)
        }
        index += 1
      } else if let (_, length) = DisplayText.scalar(in: bytes, at: index) {
        result += bytes[index..<(index + length)]
        index += length
      } else {
        result += escape(byte)
        index += 1
      }
    }
    return result
  }

  private static func escape(_ byte: UInt8) -> [UInt8] { Array("\\x\(Hexadecimal.encode([byte]))".utf8) }

  /// The bytes behind a text in which `\xNN` stands for bytes that are not UTF-8.
  static func unescaped(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count, bytes[index + 1] == UInt8(ascii: "x"),
        let byte = Hexadecimal.decode(bytes[(index + 2)..<(index + 4)])?.first, byte >= 0x80
      {
        result.append(byte)
        index += 4
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  /// The longest line that is shown whole where a text is too long.
  private static let longestLine = 2000

  /// The lines of a text, very long ones without their middle.
  static func withoutLongLines(_ bytes: some Sequence<UInt8> & Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
      if !result.isEmpty || line.startIndex != bytes.startIndex { result.append(10) }
      guard let (head, tail, leftOut) = line.count > longestLine ? clipped(Array(line), to: longestLine / 2) : nil
      else {
        result += line
        continue
      }
      result += head + Array("[\(leftOut) bytes of this line left out]".utf8) + tail
    }
    return result
  }

  /// How long a text may be before it is cut to this limit: nothing is left out for a few bytes.
  static func tolerated(_ limit: Int) -> Int { limit + limit / 10 }

  /// A long text without its middle: of the limit, three fifths from the beginning and two from the end, cut at line
  /// ends where there are some near; `nil` where nothing must go, because it is at most a tenth longer.
  package static func clipped(_ bytes: [UInt8], to limit: Int) -> (head: [UInt8], tail: [UInt8], leftOut: Int)? {
    guard bytes.count > tolerated(limit) else { return nil }
    var head = limit * 3 / 5
    var tail = bytes.count - (limit - head)
    if let end = bytes[(head / 2)..<head].lastIndex(of: 10) {
      head = end + 1
    } else {
      while head > 0, bytes[head] & 0xc0 == 0x80 { head -= 1 }
    }
    let reach = min(bytes.count, tail + (bytes.count - tail) / 2)
    if let start = bytes[(tail - 1)..<reach].firstIndex(of: 10) {
      tail = start + 1
    } else {
      while tail < bytes.count, bytes[tail] & 0xc0 == 0x80 { tail += 1 }
    }
    return (Array(bytes[..<head]), Array(bytes[tail...]), tail - head)
  }
}
