internal import Base
internal import Foundation
internal import Secrets
internal import TestResults
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
    return first(lines, limit)
  }

  /// Fewer lines are not worth a line that says that they are left out.
  private static let fewest = 5

  /// The first lines; of those that follow the number.
  static func first(_ lines: [String], _ limit: Int) -> [String] {
    lines.count < limit + fewest ? lines : Array(lines.prefix(limit)) + ["… \(lines.count - limit) more lines"]
  }

  /// About so many lines of a message: the first, the last, and of those between what speaks of errors, each with what
  /// stands before it.
  static func excerpt(_ lines: [String], _ limit: Int) -> [String] {
    guard lines.count >= limit + fewest else { return lines }
    let end = limit * 3 / 10
    let middle = end..<(lines.count - end)
    var kept = Set(0..<end).union(middle.upperBound..<lines.count)
    let errors = middle.filter { lines[$0].hasPrefix("E  ") || LogLine.isError(Array(lines[$0].utf8)) }
    // The last tends to say what happened, and the first why.
    for index in errors.suffix(1) + errors where kept.count + 3 <= limit {
      kept.formUnion(max(middle.lowerBound, index - 2)...index)
    }
    var result: [String] = []
    var index = 0
    while index < lines.count {
      let next = (index..<lines.count).first { kept.contains($0) } ?? lines.count
      if next - index < fewest {
        result += lines[index..<next]
      } else {
        result.append("… \(lines[index..<next].reduce(0) { $0 + leftOut($1) }) more lines …")
      }
      if next < lines.count { result.append(lines[next]) }
      index = next + 1
    }
    return result
  }

  /// For how many lines a line stands that may itself be the sign of a gap.
  private static func leftOut(_ line: String) -> Int {
    guard line.hasPrefix("… "), line.hasSuffix(" more lines …") else { return 1 }
    return Int(line.dropFirst(2).prefix { $0.isNumber }) ?? 1
  }

  /// An output in which a difference between files is told by their names alone.
  static func withoutHunks(_ lines: [[UInt8]]) -> [[UInt8]] {
    let parts = [
      "index ", "--- ", "+++ ", "@@ ", "+", "-", " ", "\\ ", "new file mode ", "deleted file mode ", "old mode ",
      "new mode ", "similarity index ", "rename ", "copy ", "Binary files ",
    ].map { Array($0.utf8) }
    var isInside = false
    return lines.filter { line in
      if line.starts(with: "diff --git ".utf8) {
        isInside = true
        return true
      }
      isInside = isInside && parts.contains { line.starts(with: $0) }
      return !isInside
    }
  }

  /// A line as a template takes it; false for none.
  static func line(_ line: Int) -> Any { line > 0 ? line : false }

  /// A place in a file; of a file that is gone its name alone.
  static func place(_ path: RepositoryPath, _ line: Int) -> String {
    line > 0 ? "\(path.display):\(line)" : path.display
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
    // What is cut may not look like a secret any more.
    return found.map { String(SecretScanner.redacting($0).drop { $0.isWhitespace }.prefix(300)) }
  }

  /// What a model said last, short.
  static func summary(_ text: String) -> String {
    let words = SecretScanner.redacting(DisplayText.line(text.replacing("\n", with: " ").utf8))
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
    let name = red.first.map { SecretScanner.redacting($0.name) } ?? "the tests"
    let last = name.components(separatedBy: " > ").last ?? name
    let bare = String(last.prefix { $0 != "[" && $0 != "(" })
    let first = name.hasPrefix("the ") ? "what the tests show" : bare.isEmpty ? last : bare
    let short = first.count > 50 ? String(first.prefix(49)) + "…" : first
    return red.count > 1 ? "\(short) and \(red.count - 1) more" : short
  }
}
