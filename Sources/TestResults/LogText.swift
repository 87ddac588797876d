internal import Base

/// A part of an output, mostly a line.
typealias Bytes = ArraySlice<UInt8>

/// An output as lines without what only a terminal obeys.
enum LogText {
  /// Longer lines are read up to here; no runner's own line comes near it.
  static let longestLine = 16384

  /// Calls `body` with each whole line and its number, counted from one.
  ///
  /// Escape sequences, NULs and other control characters are taken out; a carriage return ends a line, since what
  /// stands behind it was written over the line. A last line without an end is left out: half of it may be missing, and
  /// half a line can say the opposite of the whole one. Where the caller knows that nothing is missing it adds the end.
  static func forEachLine(_ output: [UInt8], _ body: (Bytes, Int) -> Void) {
    var line: [UInt8] = []
    line.reserveCapacity(1024)
    var number = 1
    var index = 0
    while index < output.count {
      let byte = output[index]
      switch byte {
      case 10:
        body(line[...], number)
        line.removeAll(keepingCapacity: true)
        number += 1
      case 13:
        // The line end of Windows is one end, and progress that is drawn over itself is a line each time.
        if index + 1 < output.count, output[index + 1] != 10, !line.isEmpty {
          body(line[...], number)
          line.removeAll(keepingCapacity: true)
        }
      case 0x1b:
        index = endOfEscape(output, at: index)
        continue
      case 9, 0x20...0xff:
        if byte != 0x7f, line.count < longestLine { line.append(byte) }
      default: break
      }
      index += 1
    }
  }

  /// Behind the escape sequence that begins at `start`; a sequence never reaches over the end of a line.
  static func endOfEscape(_ bytes: [UInt8], at start: Int) -> Int {
    var index = start + 1
    guard index < bytes.count else { return index }
    switch bytes[index] {
    case UInt8(ascii: "["):
      index += 1
      while index < bytes.count, (0x20...0x3f).contains(bytes[index]) { index += 1 }
      return index < bytes.count && (0x40...0x7e).contains(bytes[index]) ? index + 1 : index
    case UInt8(ascii: "]"):
      index += 1
      while index < bytes.count, bytes[index] != 10, bytes[index] != 7, bytes[index] != 0x1b { index += 1 }
      guard index < bytes.count, bytes[index] != 10 else { return index }
      if bytes[index] == 7 { return index + 1 }
      return index + 1 < bytes.count && bytes[index + 1] == 0x5c ? index + 2 : index
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      return index + 1 < bytes.count && bytes[index + 1] != 10 ? index + 2 : index + 1
    case 10: return index
    default: return index + 1
    }
  }
}

extension Bytes {
  func hasPrefix(_ prefix: String) -> Bool { has(prefix.utf8, at: startIndex) }

  func hasSuffix(_ suffix: String) -> Bool { has(suffix.utf8, at: endIndex - suffix.utf8.count) }

  /// Whether the text stands at this place; the place may lie outside.
  private func has(_ text: String.UTF8View, at start: Int) -> Bool {
    guard start >= startIndex, text.count <= endIndex - start else { return false }
    var index = start
    for byte in text {
      if self[index] != byte { return false }
      index += 1
    }
    return true
  }

  /// What follows the prefix; `nil` where it is not there.
  func after(_ prefix: String) -> Bytes? {
    hasPrefix(prefix) ? self[(startIndex + prefix.utf8.count)...] : nil
  }

  /// What stands before the suffix; `nil` where it is not there.
  func before(_ suffix: String) -> Bytes? {
    hasSuffix(suffix) ? self[..<(endIndex - suffix.utf8.count)] : nil
  }

  /// Where the text first stands; `nil` where it does not.
  func firstIndex(ofText text: String, from start: Int? = nil) -> Int? {
    let wanted = text.utf8
    let last = endIndex - wanted.count
    guard let first = wanted.first else { return nil }
    var index = start ?? startIndex
    while index <= last {
      guard let found = self[index..<(last + 1)].firstIndex(of: first) else { return nil }
      if has(wanted, at: found) { return found }
      index = found + 1
    }
    return nil
  }

  /// Where the text last stands; `nil` where it does not.
  func lastIndex(ofText text: String) -> Int? {
    let wanted = text.utf8
    guard let first = wanted.first else { return nil }
    var index = endIndex - wanted.count
    while index >= startIndex {
      if self[index] == first, has(wanted, at: index) { return index }
      index -= 1
    }
    return nil
  }

  func contains(text: String) -> Bool { firstIndex(ofText: text) != nil }

  /// What stands before and behind the first place of the text.
  func split(at text: String) -> (Bytes, Bytes)? {
    guard let index = firstIndex(ofText: text) else { return nil }
    return (self[..<index], self[(index + text.utf8.count)...])
  }

  /// What stands before and behind the last place of the text.
  func splitLast(at text: String) -> (Bytes, Bytes)? {
    guard let index = lastIndex(ofText: text) else { return nil }
    return (self[..<index], self[(index + text.utf8.count)...])
  }

  /// Without blanks at both ends.
  var trimmed: Bytes {
    var part = self
    while let byte = part.first, byte == 0x20 || byte == 9 { part.removeFirst() }
    while let byte = part.last, byte == 0x20 || byte == 9 { part.removeLast() }
    return part
  }

  /// How many blanks stand before the first other byte.
  var indentation: Int { (firstIndex { $0 != 0x20 && $0 != 9 } ?? endIndex) - startIndex }

  /// Between two marks, where the bytes begin and end with them.
  func enclosed(by first: String, _ last: String) -> Bytes? {
    guard count >= first.utf8.count + last.utf8.count else { return nil }
    return after(first)?.before(last)
  }

  /// The number, where the bytes are nothing but digits and not too many.
  var integer: Int? {
    guard !isEmpty, count <= 12, allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
    return reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// The number at the beginning, and what follows it.
  var leadingInteger: (Int, Bytes)? {
    let end = firstIndex { $0 &- 0x30 >= 10 } ?? endIndex
    guard let number = self[..<end].integer else { return nil }
    return (number, self[end...])
  }

  /// The bytes as text, with what is no UTF-8 or no visible character written as an escape.
  var name: String { DisplayText.line(self) }

  /// The parts between blanks.
  var words: [Bytes] { split { $0 == 0x20 || $0 == 9 } }

  /// Whether there is nothing but this byte, at least `least` times.
  func isRule(of byte: Character, least: Int) -> Bool {
    guard let value = byte.asciiValue else { return false }
    return count >= least && allSatisfy { $0 == value }
  }
}

/// Reads durations as runners print them.
enum DurationText {
  /// `0.01s`, `12 ms`, `1m 2.5s`, `0.004 sec`, `3 seconds`; `nil` for anything else.
  static func parse(_ bytes: Bytes) -> Duration? {
    var rest = bytes.trimmed
    if let inner = rest.enclosed(by: "(", ")") { rest = inner.trimmed }
    var seconds = 0.0
    var isFirst = true
    while !rest.isEmpty {
      let end = rest.firstIndex { !($0 &- 0x30 < 10 || $0 == 0x2e || $0 == 0x2c) } ?? rest.endIndex
      let digits = rest[..<end].filter { $0 != 0x2c }
      guard digits.count <= 20, let number = Double(String(decoding: digits, as: UTF8.self)), number.isFinite else {
        return nil
      }
      rest = rest[end...].trimmed
      let unitEnd = rest.firstIndex { $0 == 0x20 || $0 &- 0x30 < 10 } ?? rest.endIndex
      let unit = String(decoding: rest[..<unitEnd], as: UTF8.self)
      rest = rest[unitEnd...].trimmed
      switch unit {
      case "", "s", "s.", "sec", "secs", "sec.", "second", "seconds", "seconds.": seconds += number
      case "ms", "milliseconds": seconds += number / 1000
      case "us", "µs", "μs": seconds += number / 1_000_000
      case "ns": seconds += number / 1_000_000_000
      case "m", "min", "mins", "minute", "minutes": seconds += number * 60
      case "h", "hour", "hours": seconds += number * 3600
      default: return nil
      }
      isFirst = false
    }
    return isFirst ? nil : duration(seconds)
  }

  /// The seconds as a duration; `nil` where no test can have taken so long.
  static func duration(_ seconds: Double) -> Duration? {
    guard seconds.isFinite, seconds >= 0, seconds < 1e8 else { return nil }
    return .microseconds(Int64(seconds * 1_000_000))
  }
}
