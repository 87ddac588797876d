/// Cuts source text into tokens by the forms of its language's row.
struct Tokenizer {
  let bytes: [UInt8]
  var scanner: SourceScanner

  /// The tokens of a stretch at whose start the scanner stands; no byte is left out.
  mutating func tokens(in range: Range<Int>) -> [Token] {
    var tokens: [Token] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let start = index
      let (length, state) = scanner.step(bytes, at: index)
      index = min(index + length, range.upperBound)
      let kind = kind(of: bytes[start], state)
      if let last = tokens.last, joins(last, kind, at: start, state) {
        tokens[tokens.count - 1].range = last.range.lowerBound..<index
      } else {
        tokens.append(Token(kind: kind, range: start..<index))
      }
      lastState = state
    }
    return tokens
  }

  /// The state of the byte before.
  private var lastState = SourceScanner.State.code

  init(bytes: [UInt8], scanner: SourceScanner) {
    self.bytes = bytes
    self.scanner = scanner
  }

  private func kind(of byte: UInt8, _ state: SourceScanner.State) -> Token.Kind {
    if byte == UInt8(ascii: "\n") { return .lineEnd }
    switch state {
    case .text, .literal, .heredoc: return .text
    case .lineComment, .blockComment: return isBlankByte(byte) ? .blank : .comment
    case .code: break
    }
    if isBlankByte(byte) { return .blank }
    if isDigitByte(byte) { return .number }
    if isNameByte(byte) { return .word }
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): return .open
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): return .close
    default: return .sign
    }
  }

  /// Whether what starts at `start` goes on with the token before it.
  private func joins(_ last: Token, _ kind: Token.Kind, at start: Int, _ state: SourceScanner.State) -> Bool {
    let byte = bytes[start]
    let before = bytes[start - 1]
    switch (last.kind, kind) {
    case (.blank, .blank): return true
    // A literal that closes and one that opens right behind it are two.
    case (.text, .text): return lastState == state && !(last.range.count > 1 && isClosed(last, state))
    case (.word, .word), (.word, .number): return true
    case (.number, .number), (.number, .word): return true
    case (.number, .sign):
      return byte == UInt8(ascii: ".") && start + 1 < bytes.count && isNameByte(bytes[start + 1])
    case (.comment, .comment):
      if isNameByte(byte) != isNameByte(before) {
        // Numbers with dots stay whole in comments too.
        return byte == UInt8(ascii: ".") && isDigitByte(before) && start + 1 < bytes.count
          && isDigitByte(bytes[start + 1])
          || before == UInt8(ascii: ".") && isDigitByte(byte) && last.range.count > 1
      }
      return true
    case (.sign, .sign):
      return Self.operatorSigns.contains(byte) && Self.operatorSigns.contains(before)
    default: return false
    }
  }

  private func isClosed(_ token: Token, _ state: SourceScanner.State) -> Bool {
    guard case .text(let form) = state else { return false }
    let row = scanner.language.strings[form]
    let content = bytes[token.range].dropLast(row.closer.count)
    return token.range.count >= row.opener.count + row.closer.count
      && bytes[token.range].suffix(row.closer.count).elementsEqual(row.closer)
      && !(row.escapes && content.last == UInt8(ascii: "\\"))
  }

  private static let operatorSigns = Array("=<>!&|+-*/%^?:.".utf8)
}
