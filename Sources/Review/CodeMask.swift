internal import ByteText
internal import Merging

/// Source text with everything that is not code blanked out.
enum CodeMask {
  /// A copy of the same length in which comments and the inside of text literals are spaces.
  ///
  /// Line ends stay, and so do the quotes of a literal. It is a scanner, not a parser: a language that the table does
  /// not know is returned as it is.
  static func blank(_ source: [UInt8], language: Language) -> [UInt8] {
    if language.strings.isEmpty, language.lineComments.isEmpty, !language.hasBlockComments { return source }
    var scanner = Scanner(source: source, language: language)
    scanner.run()
    return scanner.result
  }

  private struct Scanner {
    let source: [UInt8]
    let language: Language
    var result: [UInt8]
    var index = 0
    var heredocs: [[UInt8]] = []
    /// The last byte of code that is no blank, to tell a regular expression from a division.
    var previous: UInt8 = 0

    init(source: [UInt8], language: Language) {
      self.source = source
      self.language = language
      result = source
    }

    mutating func run() {
      while index < source.count {
        let byte = source[index]
        if byte == 10 {
          index += 1
          skipHeredocs()
        } else if skipComment() || skipLiteral() || noteHeredoc() || skipRegularExpression() {
          continue
        } else {
          if !ASCII.isBlank(byte) { previous = byte }
          index += 1
        }
      }
    }

    private mutating func erase(to end: Int) {
      while index < end {
        if source[index] != 10 { result[index] = 0x20 }
        index += 1
      }
    }

    private mutating func skipComment() -> Bool {
      for opener in language.lineComments where source.matches(opener, at: index) {
        // In a shell `$#` is no comment, and neither is a `#` within a word.
        if opener == [0x23], index > 0, !ASCII.isBlank(source[index - 1]), language.hasHeredocs { continue }
        erase(to: source[index...].firstIndex(of: 10) ?? source.count)
        return true
      }
      guard language.hasBlockComments, source.matches([0x2f, 0x2a], at: index) else { return false }
      let end = source.firstIndex(of: [0x2a, 0x2f], from: index + 2).map { $0 + 2 } ?? source.count
      erase(to: end)
      return true
    }

    private mutating func skipLiteral() -> Bool {
      for form in language.strings where source.matches(form.opener, at: index) {
        if form.opener == [0x27], isWithinWord { return false }
        index += form.opener.count
        while index < source.count {
          let byte = source[index]
          if byte == 10, !form.multiline { break }
          if source.matches(form.closer, at: index) {
            index += form.closer.count
            break
          }
          let width = form.escapes && byte == 0x5c && index + 1 < source.count && source[index + 1] != 10 ? 2 : 1
          if byte == 10 { index += 1 } else { erase(to: index + width) }
        }
        previous = 0x22
        return true
      }
      return false
    }

    /// An apostrophe within a word, as in `1'000` or `don't`, opens nothing.
    private var isWithinWord: Bool { index > 0 && ASCII.isAlphanumeric(source[index - 1]) && language.name != "Python" }

    private mutating func noteHeredoc() -> Bool {
      guard language.hasHeredocs, source.matches([0x3c, 0x3c], at: index) else { return false }
      var cursor = index + 2
      while cursor < source.count, "-~<\\ ".utf8.contains(source[cursor]) { cursor += 1 }
      var quote: UInt8?
      if cursor < source.count, source[cursor] == 0x27 || source[cursor] == 0x22 {
        quote = source[cursor]
        cursor += 1
      }
      let start = cursor
      while cursor < source.count, ASCII.isWord(source[cursor]) { cursor += 1 }
      guard cursor > start, quote != nil || ASCII.isUpper(source[start]) else { return false }
      heredocs.append(Array(source[start..<cursor]))
      index = quote == nil ? cursor : min(cursor + 1, source.count)
      return true
    }

    private mutating func skipHeredocs() {
      while let end = heredocs.first {
        heredocs.removeFirst()
        while index < source.count {
          let lineEnd = source[index...].firstIndex(of: 10) ?? source.count
          let closes = source[index..<lineEnd].trimmed().elementsEqual(end)
          if closes { index = lineEnd } else { erase(to: lineEnd) }
          index = min(lineEnd + 1, source.count)
          if closes { break }
        }
      }
    }

    /// A regular expression in JavaScript: its quotes open nothing.
    private mutating func skipRegularExpression() -> Bool {
      guard source[index] == 0x2f, language.imports == .ecmascript, "(,=:[!&|?{};\0".utf8.contains(previous) else {
        return false
      }
      let lineEnd = source[index...].firstIndex(of: 10) ?? source.count
      var cursor = index + 1
      var inClass = false
      while cursor < lineEnd, source[cursor] != 0x2f || inClass {
        if source[cursor] == 0x5b { inClass = true } else if source[cursor] == 0x5d { inClass = false }
        cursor += source[cursor] == 0x5c ? 2 : 1
      }
      guard cursor < lineEnd else { return false }
      index += 1
      erase(to: cursor)
      index = cursor + 1
      previous = 0x22
      return true
    }
  }
}
