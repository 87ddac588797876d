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
      if !isAdvice(lower) { return text }
    }
    return last(of: log)
  }

  /// Why a build failed, as its log says it: the first line that tells of an error, since what follows tends to come of
  /// it, or else the last lines, in one; `nil` where it says nothing.
  static func cause(in log: [UInt8]) -> String? {
    // Of very much the end is as good as the beginning.
    for part in log.count > 2 << 20 ? [log.prefix(1 << 20), log.suffix(1 << 20)] : [log[...]] {
      for line in part.split(separator: UInt8(ascii: "\n")) where line.count >= 6 && tellsOfError(line) {
        return DisplayText.line(plain(line).prefix(300))
      }
    }
    let lines = log.suffix(16 << 10).split(separator: UInt8(ascii: "\n")).map {
      DisplayText.line(plain($0).prefix(160))
    }
    let said = lines.filter { line in
      line.unicodeScalars.contains(where: { $0.properties.isAlphabetic }) && !isAdvice(line.lowercased())
    }
    return said.isEmpty ? last(of: log) : said.suffix(5).joined(separator: " / ")
  }

  /// Whether a line has `error:` in it, or begins with the name of an error; lines of a source that a compiler shows
  /// below do not count.
  private static func tellsOfError(_ line: ArraySlice<UInt8>) -> Bool {
    let text = DisplayText.line(plain(line).prefix(2000))
    guard let first = text.first(where: { !$0.isNumber && $0 != " " }), first != "|" else { return false }
    let lower = text.lowercased()
    guard !isAdvice(lower) else { return false }
    if let found = lower.firstRange(of: "error:") { return found.upperBound < lower.endIndex }
    let isIndented = line.first == 0x20 || line.first == 9
    return !isIndented && text.split { !$0.isLetter }.contains { $0.hasSuffix("Error") }
  }

  /// Whether a line, in small letters, is what tools add for a person.
  private static func isAdvice(_ line: String) -> Bool {
    [
      "note", "hint", "warning", "[notice]", "npm err! a complete", "npm error a complete", "npm error run \"npm help",
    ].contains(where: line.hasPrefix)
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
