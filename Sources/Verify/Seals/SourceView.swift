internal import Base
internal import Merging

/// A file as lines of text, and the same lines without what is not code.
struct SourceView {
  let language: Language
  let table: LineTable
  /// The lines without their ends.
  ///
  /// Bytes that are not UTF-8 are replaced, so nothing is written back from them.
  let lines: [String]
  /// The lines with spaces for comments and for the inside of text literals.
  let code: [String]
  /// The lines with spaces for comments alone.
  let uncommented: [String]

  init(_ bytes: [UInt8], path: RepositoryPath) {
    let language = Self.language(of: bytes, path: path)
    self.language = language
    table = LineTable(bytes)
    let parts = SourceParts(bytes, language: language)
    lines = Self.lines(of: bytes)
    code = Self.lines(of: parts.masked())
    uncommented = Self.lines(of: parts.masked(keepingText: true))
  }

  var count: Int { lines.count }

  /// The language by the path, and for a script without an extension by its first line.
  private static func language(of bytes: [UInt8], path: RepositoryPath) -> Language {
    let known = Language.ofFile(at: path.bytes)
    guard known == .unknown, bytes.starts(with: "#!".utf8) else { return known }
    let line = String(decoding: bytes.prefix(128).prefix { $0 != 10 }, as: UTF8.self)
    let endings = ["python": "py", "node": "js", "ruby": "rb", "php": "php", "bash": "sh", "sh": "sh"]
    for word in line.words {
      if let ending = endings[String(word.prefix { !$0.isNumber })] {
        return Language.ofFile(at: Array("x.\(ending)".utf8))
      }
    }
    return known
  }

  private static func lines(of bytes: [UInt8]) -> [String] {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { line in
      String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
    }
  }

  /// How far a line is indented; a tab counts as eight columns.
  func indent(of line: Int) -> Int { lines[line].indentation }

  /// Whether nothing but blanks stands on the line.
  func isBlank(_ line: Int) -> Bool { lines[line].utf8.allSatisfy(\.isBlank) }

  /// The last line of the block in braces, brackets or parentheses that opens first at or behind the start of a line.
  ///
  /// - Returns: `nil` where none opens within a few lines, or it never closes.
  func blockEnd(from start: Int, open: Character, close: Character) -> Int? {
    var depth = 0
    var opened = false
    for line in start..<count {
      for character in code[line] {
        if character == open {
          depth += 1
          opened = true
        } else if character == close, opened {
          depth -= 1
          if depth == 0 { return line }
        }
      }
      if !opened, line - start >= 8 { return nil }
    }
    return nil
  }

  /// The last line of the block that the line's indentation opens, as in Python; blank lines at its end are outside.
  func indentedEnd(from start: Int) -> Int {
    let indent = indent(of: start)
    var end = start
    for line in (start + 1)..<max(count, start + 1) {
      if isBlank(line) || code[line].utf8.allSatisfy(\.isBlank) { continue }
      if self.indent(of: line) <= indent, !(")]}".contains(code[line].drop(while: \.isWhitespace).first ?? " ")) {
        break
      }
      end = line
    }
    return end
  }
}

extension String {
  /// How far it is indented; a tab counts as eight columns.
  var indentation: Int {
    var columns = 0
    for byte in utf8 {
      if byte == 0x20 { columns += 1 } else if byte == 9 { columns += 8 } else { break }
    }
    return columns
  }

  /// Without blanks at either end.
  var trimmed: String {
    let bytes = utf8
    guard let start = bytes.firstIndex(where: { !$0.isBlank }), let end = bytes.lastIndex(where: { !$0.isBlank }) else {
      return ""
    }
    return String(self[start...end])
  }

  /// Its words of letters, digits and underscores.
  var words: [Substring] { split { !$0.isLetter && !$0.isNumber && $0 != "_" } }
}

extension UInt8 {
  /// Whether it is a blank of ASCII.
  var isBlank: Bool { self == 0x20 || (self >= 9 && self <= 13) }
  /// Whether it can be a part of a name; bytes beyond ASCII count as such.
  var isWordByte: Bool {
    (self | 0x20) &- 0x61 < 26 || self &- 0x30 < 10 || self == 0x5f || self >= 0x80
  }
}
