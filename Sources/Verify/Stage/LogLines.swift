internal import Base

/// Looks for what a person should see first in a log.
enum LogLines {
  /// The last line of a log that says something, without colours and not too long; `nil` where there is none.
  static func last(of log: [UInt8]) -> String? {
    // What matters is near the end.
    for line in log.suffix(64 << 10).split(separator: UInt8(ascii: "\n")).reversed() {
      let text = DisplayText.line(plain(line).prefix(300))
      guard text.unicodeScalars.contains(where: { $0.properties.isAlphabetic }) else { continue }
      return text
    }
    return nil
  }

  /// The line that says best why something failed: the last that speaks of an error, or the last; `nil` where there is
  /// none.
  static func reason(in log: [UInt8]) -> String? {
    for line in log.suffix(16 << 10).split(separator: UInt8(ascii: "\n")).reversed() {
      let text = DisplayText.line(plain(line).prefix(300))
      let lower = text.lowercased()
      guard ["error", "fatal", "not found", "cannot"].contains(where: lower.contains) else { continue }
      // What tools add for a person at the end.
      if [
        "note", "hint", "warning", "[notice]", "npm err! a complete", "npm error a complete",
        "npm error run \"npm help",
      ].contains(where: lower.hasPrefix) {
        continue
      }
      return text
    }
    return last(of: log)
  }

  /// A line without the escape sequences of colours and without blanks at its ends.
  static func plain(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var index = line.startIndex
    while index < line.endIndex {
      if line[index] == 0x1b, index + 1 < line.endIndex, line[index + 1] == UInt8(ascii: "[") {
        index += 2
        while index < line.endIndex, !(0x40...0x7e).contains(line[index]) { index += 1 }
        index += 1
        continue
      }
      result.append(line[index])
      index += 1
    }
    while let last = result.last, last <= 0x20 { result.removeLast() }
    return Array(result.drop { $0 <= 0x20 })
  }
}
