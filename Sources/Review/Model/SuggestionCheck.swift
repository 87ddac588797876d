internal import Base
internal import ByteText
internal import Merging
internal import Secrets

/// Whether lines that a model proposes can take the place of others: they are put there, and the file is read again.
struct SuggestionCheck {
  let path: RepositoryPath
  let content: [UInt8]

  /// More lines are no suggestion but another change.
  private static let lineLimit = 60

  /// The lines as they may be offered.
  ///
  /// - Parameters:
  ///   - given: What the model wrote; nothing to take the lines out.
  ///   - lines: The lines that they are to replace, counted from one.
  ///   - quote: What the model quoted of them, which may be less than the lines are.
  /// - Returns: The lines; `nil` where they must not be offered.
  func accepted(_ given: String, for lines: ClosedRange<Int>, quoted quote: String) -> String? {
    var new = Self.unfenced(given).utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    if new.last?.isEmpty == true { new.removeLast() }
    // Nothing at all takes the lines out; blank lines in their place are no suggestion.
    guard new.count <= Self.lineLimit, new.isEmpty || new.contains(where: { !$0[...].trimmed().isEmpty }) else {
      return nil
    }
    let all = content.lines()
    guard lines.upperBound <= all.count else { return nil }
    let old = all[(lines.lowerBound - 1)..<lines.upperBound].map(Array.init)
    let hasReturns = old.contains { $0.last == 0x0D }
    new = Self.indented(new.map { $0.last == 0x0D ? Array($0.dropLast()) : $0 }, like: old)
    let plain = old.map { $0.last == 0x0D ? Array($0.dropLast()) : $0 }
    guard new != plain, new.allSatisfy(Self.isHarmless), !Self.isWrittenAsShown(new, in: plain),
      Self.keepsRest(new, of: plain, besides: quote)
    else { return nil }
    var result: [UInt8] = []
    for (index, line) in all.enumerated() {
      switch index + 1 {
      case lines.lowerBound:
        for line in new { result += line + (hasReturns ? [0x0D, 0x0A] : [0x0A]) }
      case lines: break
      default: result += line + [0x0A]
      }
    }
    if content.last != 0x0A, result.last == 0x0A { result.removeLast() }
    guard EditGate.objection(to: result, from: content, at: path.bytes) == nil else { return nil }
    return String(decoding: Array(new.joined(separator: [0x0A])), as: UTF8.self)
  }

  /// Whether a line holds no secret, no conflict marker and nothing that hides.
  private static func isHarmless(_ line: [UInt8]) -> Bool {
    let isMarker = ["<<<<<<<", ">>>>>>>", "|||||||"].contains { line[...].trimmed().starts(with: $0.utf8) }
    return !isMarker && SecretScanner.matches(in: line, unquoted: false).isEmpty
      && DisplayText.line(line) == String(decoding: line, as: UTF8.self)
  }

  /// Whether the lines hold what only stands for a character, a secret or the rest of a line where lines are shown.
  private static func isWrittenAsShown(_ new: [[UInt8]], in old: [[UInt8]]) -> Bool {
    let (old, new) = (old.joined(separator: [0x0A]), new.joined(separator: [0x0A]))
    let (known, text) = (String(decoding: Array(old), as: UTF8.self), String(decoding: Array(new), as: UTF8.self))
    return text.matches(
      of: /\\u\{[0-9A-F]{2,6}\}|\\x[0-9a-f]{2}|…\[[0-9]+ (characters|more bytes)\]|\[[0-9]+ bytes before\]…/
    )
    .contains { !known.contains($0.output.0) }
  }

  /// Whether what stands before and behind the quote in its lines is in the lines that replace them: otherwise they are
  /// meant for what was quoted alone, and would take the rest away.
  private static func keepsRest(_ new: [[UInt8]], of old: [[UInt8]], besides quote: String) -> Bool {
    let quoted = quote.utf8.split(separator: 0x0A).map { Array($0[...]).trimmedBlanks }.filter { !$0.isEmpty }
    let filled = new.map(\.trimmedBlanks).filter { !$0.isEmpty }
    guard let first = old.first?.trimmedBlanks, let last = old.last?.trimmedBlanks, let opening = quoted.first,
      let closing = quoted.last
    else { return true }
    let (newFirst, newLast) = (filled.first ?? [], filled.last ?? [])
    if let place = first.firstIndex(of: opening), place > 0, !newFirst.starts(with: first[..<place].trimmed()) {
      return false
    }
    guard let place = last.lastIndex(of: closing) else { return true }
    let rest = Array(last[(place + closing.count)...].trimmed())
    return newLast.suffix(rest.count).elementsEqual(rest)
  }

  /// The lines without a fence around them.
  private static func unfenced(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    guard lines.count > 2, lines.first?.hasPrefix("```") == true, lines.last == "```" else { return text }
    return lines[1..<(lines.count - 1)].joined(separator: "\n")
  }

  /// The lines moved in as far as those that they replace, where a model left out the indentation of all of them.
  private static func indented(_ new: [[UInt8]], like old: [[UInt8]]) -> [[UInt8]] {
    func indent(_ lines: [[UInt8]]) -> ArraySlice<UInt8> {
      let filled = lines.filter { !$0[...].trimmed().isEmpty }
      let indents = filled.map { $0.prefix { $0 == 0x20 || $0 == 0x09 } }
      return indents.min { $0.count < $1.count } ?? []
    }
    let wanted = indent(old)
    guard indent(new).isEmpty, !wanted.isEmpty else { return new }
    return new.map { $0.isEmpty ? $0 : Array(wanted) + $0 }
  }
}

extension Array<UInt8> {
  fileprivate var trimmedBlanks: [UInt8] { Array(self[...].trimmed()) }

  /// Where the bytes stand for the last time.
  fileprivate func lastIndex(of needle: [UInt8]) -> Int? {
    var (found, from): (Int?, Int) = (nil, 0)
    while let hit = firstIndex(of: needle, from: from) { (found, from) = (hit, hit + 1) }
    return found
  }
}
