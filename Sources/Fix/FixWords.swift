internal import Base
internal import Foundation
internal import Work

/// Turns what a repair knows into lines that are safe to show.
enum FixWords {
  /// A difference as lines; of many the first.
  static func difference(_ patch: [UInt8], lines limit: Int) -> [String] {
    guard !patch.isEmpty else { return [] }
    var lines = patch.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      DisplayText.line($0)
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count > limit else { return lines }
    return Array(lines.prefix(limit)) + ["… \(lines.count - limit) more lines"]
  }

  /// The line of a message that tells the most: one that speaks of an error or of what was expected, or else the first.
  static func telling(_ message: [String]) -> String? {
    let words = ["expected", "assert", "error", "panic", "!=", "==", "fail"]
    let lines = message.filter { line in line.contains { !$0.isWhitespace } }
    func tells(_ line: String) -> Bool {
      let folded = line.lowercased()
      return words.contains { folded.contains($0) }
    }
    // Below a stack of calls the last line says what happened.
    let isStack = lines.first?.hasPrefix("Traceback") == true
    let found = (isStack ? lines.last(where: tells) : lines.first(where: tells)) ?? lines.first
    return found.map { String($0.drop { $0.isWhitespace }.prefix(300)) }
  }

  /// What a model said last, short.
  static func summary(_ text: String) -> String {
    let words = DisplayText.line(text.replacing("\n", with: " ").utf8)
    return words.count > 1200 ? String(words.prefix(1200)) + "…" : words
  }

  /// Words in lines of at most so many characters, as a commit's message has them.
  static func wrapped(_ text: String, at width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// What is red, as the subject of a sentence.
  static func subject(_ red: [RedTest]) -> String {
    // The last part alone names the test; what stands in brackets is one case of it.
    let name = red.first?.name ?? "the tests"
    let last = name.components(separatedBy: " > ").last ?? name
    let bare = String(last.prefix { $0 != "[" && $0 != "(" })
    let first = name.hasPrefix("the ") ? "what the tests show" : bare.isEmpty ? last : bare
    let short = first.count > 50 ? String(first.prefix(49)) + "…" : first
    return red.count > 1 ? "\(short) and \(red.count - 1) more" : short
  }
}
