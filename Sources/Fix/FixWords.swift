internal import Base
internal import Foundation
internal import Secrets
internal import TestResults
internal import Verify
internal import Work

/// Turns what a repair knows into lines that are safe to show.
enum FixWords {
  /// A difference without the lines that name the contents by their hashes.
  static func withoutHashes(_ patch: String) -> String {
    patch.split(separator: "\n", omittingEmptySubsequences: false).filter { !isHashes($0) }.joined(separator: "\n")
  }

  /// Whether a line is `index HASH..HASH MODE`; a line of a file begins otherwise in a difference.
  private static func isHashes(_ line: some StringProtocol) -> Bool {
    line.hasPrefix("index ") && line.contains("..")
  }

  /// A difference as lines, without hashes; of many the first.
  static func difference(_ patch: [UInt8], lines limit: Int) -> [String] {
    guard !patch.isEmpty else { return [] }
    var lines = patch.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      DisplayText.line($0)
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return first(lines.filter { !isHashes($0) }, limit)
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

  /// The files of which an output shows differences, by the names after them.
  static func differing(_ lines: [[UInt8]]) -> [String] {
    var seen: Set<String> = []
    return lines.filter { $0.starts(with: "diff --git ".utf8) }.compactMap { line in
      let words = DisplayText.line(line)
      guard let place = words.range(of: " b/", options: .backwards) else { return nil }
      let name = String(words[place.upperBound...])
      return seen.insert(name).inserted ? name : nil
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
    // The names of files that differ are no failure.
    let all = message.filter { line in line.contains { !$0.isWhitespace } && !line.hasPrefix("diff --git ") }
    // What pytest itself says stands behind an `E`.
    let own = all.filter { $0.hasPrefix("E  ") }.map { String($0.dropFirst()) }
    let lines = own.isEmpty ? all : own
    func tells(_ line: String) -> Bool {
      let folded = line.lowercased()
      return words.contains { folded.contains($0) }
    }
    // Below a stack of calls the last line says what happened; so it is where pytest cannot load a file.
    let isStack = lines.first?.hasPrefix("Traceback") == true || all.first?.bare == "collection failure"
    // Many tell on two lines what they expected and what they got.
    let pair = lines.indices.dropLast().first { index in
      lines[index].bare.lowercased().hasPrefix("expected")
        && ["actual", "got", "received", "but was", "was"].contains(where: lines[index + 1].bare.lowercased().hasPrefix)
    }
    let place =
      pair ?? (isStack ? lines.lastIndex(where: tells) : lines.firstIndex(where: tells)) ?? lines.indices.first
    guard let place else { return nil }
    var found = lines[place].bare
    if pair != nil { found += (found.hasSuffix(";") || found.hasSuffix(",") ? " " : "; ") + lines[place + 1].bare }
    // What is cut may not look like a secret any more.
    return String(SecretScanner.redacting(found).prefix(300))
  }

  /// Files of which each is sealed, as the object of a sentence.
  static func sealed(_ paths: [RepositoryPath]) -> String {
    let names = Set(paths).sorted().map(\.display)
    let what = isTests(paths) ? "test" : "sealed file"
    return names.count == 1 ? "the \(what) \(names[0])" : "the \(what)s \(FixJob.list(names))"
  }

  /// Whether all of them are where tests usually are.
  static func isTests(_ paths: [RepositoryPath]) -> Bool { paths.allSatisfy { Seals.usualKind(of: $0) == .test } }

  /// What a model said first, in one line: its first paragraph, of which the beginning.
  static func firstWords(of summary: String) -> String {
    let lines = summary.split(separator: "\n", omittingEmptySubsequences: false)
    let paragraph = lines.drop { $0.isEmpty }.prefix { !$0.isEmpty }.joined(separator: " ")
    return paragraph.count > 300 ? String(paragraph.prefix(300)) + "…" : paragraph
  }

  /// What a model said last, short.
  static func summary(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(DisplayText.line(line.utf8).reversed().drop { $0.isWhitespace }.reversed())
    }
    // One empty line parts two paragraphs; more say no more.
    var kept: [String] = []
    for line in lines where !(line.isEmpty && (kept.last ?? "").isEmpty) { kept.append(line) }
    while kept.last?.isEmpty == true { kept.removeLast() }
    let words = SecretScanner.redacting(kept.joined(separator: "\n"))
    return words.count > 2000 ? String(words.prefix(2000)) + "…" : words
  }

  /// Lines in lines of at most so many characters: what follows the first of an item of a list stands below its words.
  static func paragraphs(_ text: String, at width: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
      let indent = line.prefix { $0 == " " }
      let rest = line.dropFirst(indent.count)
      let mark = rest.prefix { $0.isNumber || "-*+.)".contains($0) }
      let isItem = ["-", "*", "+"].contains(mark) || mark.count > 1 && (mark.last == "." || mark.last == ")")
      let hang = String(
        repeating: " ", count: indent.count + (isItem && rest.dropFirst(mark.count).first == " " ? mark.count + 1 : 0))
      let lines = wrapped(String(rest), at: max(20, width - hang.count))
      return lines.isEmpty ? [""] : lines.enumerated().map { ($0 == 0 ? String(indent) : hang) + $1 }
    }
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
  static func subject(_ red: [RedTest], of commands: [String]) -> String {
    // The last part alone names the test; what stands in brackets is one case of it.
    let name = red.first.map { SecretScanner.redacting($0.name) } ?? "the tests"
    let last = name.components(separatedBy: " > ").last ?? name
    let bare = String(last.prefix { $0 != "[" && $0 != "(" })
    // What no runner names is known by its command.
    let command = commands.count == 1 ? DisplayText.line(commands[0].utf8) : nil
    let isCommand = name == RedItem.command(0).description
    if name.hasPrefix("the "), !isCommand, !name.hasPrefix("the build of ") { return "what the tests show" }
    let whole = name.hasPrefix("the ") ? name : bare.isEmpty ? last : bare
    let first = isCommand ? command ?? name : whole
    let cut = first.count > 50 ? String(first.prefix(49)) + "…" : first
    let short = isCommand && command != nil ? "'\(cut)'" : cut
    return red.count > 1 ? "\(short) and \(red.count - 1) more" : short
  }
}

extension String {
  /// The line without the spaces before it.
  fileprivate var bare: String { String(drop { $0.isWhitespace }) }
}
