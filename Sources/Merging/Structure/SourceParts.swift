/// Which bytes of a source file are code, which are comments, and which the inside of text literals.
///
/// It goes by the forms of the language's row alone, as ``Language`` tells; see there what that cannot know.
package struct SourceParts: Sendable {
  package enum Part: Sendable, Hashable {
    case code
    case comment
    case text
  }

  package let bytes: [UInt8]
  /// One for each byte; the quotes of a literal belong to it.
  package let parts: [Part]

  package init(_ bytes: [UInt8], language: Language) {
    self.bytes = bytes
    var parts: [Part] = []
    parts.reserveCapacity(bytes.count)
    var scanner = SourceScanner(language: language)
    var index = 0
    while index < bytes.count {
      let (length, state) = scanner.step(bytes, at: index)
      let part: Part =
        switch state {
        case .code: .code
        case .lineComment, .blockComment: .comment
        case .text, .literal, .heredoc: .text
        }
      let end = min(index + length, bytes.count)
      for _ in index..<end { parts.append(part) }
      index = end
    }
    self.parts = parts
  }

  /// The file with spaces in place of comments, and of the inside of text literals unless they are kept.
  ///
  /// Line ends and quotes stay, so lines and columns are those of the file.
  package func masked(keepingText: Bool = false) -> [UInt8] {
    var result = bytes
    for index in bytes.indices where bytes[index] != UInt8(ascii: "\n") {
      switch parts[index] {
      case .code: break
      case .comment: result[index] = 0x20
      case .text:
        let isQuote = bytes[index] == 0x22 || bytes[index] == 0x27 || bytes[index] == 0x60
        let opens = index == 0 || parts[index - 1] != .text
        let closes = index + 1 == bytes.count || parts[index + 1] != .text
        if !keepingText, !(isQuote && (opens || closes)) { result[index] = 0x20 }
      }
    }
    return result
  }
}
