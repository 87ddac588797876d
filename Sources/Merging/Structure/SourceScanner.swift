/// A set of bytes.
struct ByteSet: Sendable {
  private var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  mutating func insert(_ byte: UInt8) {
    let bit = UInt64(1) << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: bits.0 |= bit
    case 1: bits.1 |= bit
    case 2: bits.2 |= bit
    default: bits.3 |= bit
    }
  }

  func contains(_ byte: UInt8) -> Bool {
    let word =
      switch byte >> 6 {
      case 0: bits.0
      case 1: bits.1
      case 2: bits.2
      default: bits.3
      }
    return word >> UInt64(byte & 63) & 1 == 1
  }
}

/// Walks through source text and knows, byte by byte, whether it stands in code, in a comment or in a text literal.
///
/// It goes by the forms of the language's row and by ``LiteralForm``, without a grammar. What it cannot know (a template
/// within a template) it reads as plain code or text; a literal that may not span lines is closed at the line's end, so
/// that such an error stays within the line.
struct SourceScanner: Sendable {
  enum State: Sendable, Hashable {
    case code
    case lineComment
    case blockComment
    /// Within the text literal of this index in the language's table.
    case text(Int)
    /// Within a literal that the table has no form of, as ``LiteralForm`` finds them.
    case literal
    case heredoc(tag: [UInt8])

    /// Whether this is the inside of a text literal.
    var isText: Bool {
      switch self {
      case .text, .literal, .heredoc: true
      case .code, .lineComment, .blockComment: false
      }
    }
  }

  let language: Language
  private(set) var state: State = .code
  /// The tag of a here-document that starts on the next line.
  private var pendingHeredoc: [UInt8]?
  /// The bytes that may open a comment or a literal.
  private let openers: ByteSet
  private let literals: LiteralForm?
  /// How many bytes of a literal without a form are still to come.
  private var literalLeft = 0

  init(language: Language) {
    self.language = language
    var openers = ByteSet()
    for opener in language.lineComments + language.strings.map(\.opener) {
      if let first = opener.first { openers.insert(first) }
    }
    if language.hasBlockComments { openers.insert(UInt8(ascii: "/")) }
    if language.hasHeredocs { openers.insert(UInt8(ascii: "<")) }
    literals = LiteralForm(language)
    for opener in literals?.openers ?? [] { openers.insert(opener) }
    self.openers = openers
  }

  /// Whether the scanner stands in plain code with nothing announced: as at the start of a file.
  var isPlain: Bool { state == .code && pendingHeredoc == nil }

  /// Whether another scanner of the same language stands in the same state.
  func isLike(_ other: SourceScanner) -> Bool { state == other.state && pendingHeredoc == other.pendingHeredoc }

  /// Whether white space is content here, since a literal goes on across the line's end.
  var isInsideLongText: Bool {
    switch state {
    case .text(let index): language.strings[index].multiline
    case .heredoc: true
    case .code, .literal, .lineComment, .blockComment: false
    }
  }

  /// Reads one token's worth of bytes at `index` and says how many it took and in which state they stand.
  ///
  /// An opener or a closer is one step and counts as part of its literal or comment.
  mutating func step(_ bytes: [UInt8], at index: Int) -> (length: Int, state: State) {
    let byte = bytes[index]
    if byte == UInt8(ascii: "\n") {
      let before = state
      endLine(bytes, newlineAt: index)
      return (1, before)
    }
    switch state {
    case .lineComment, .heredoc:
      return (1, state)
    case .blockComment:
      guard bytes.matches("*/", at: index) else { return (1, state) }
      state = .code
      return (2, .blockComment)
    case .text(let form):
      return stepInText(bytes, at: index, form: form)
    case .literal:
      literalLeft -= 1
      if literalLeft <= 0 { state = .code }
      return (1, .literal)
    case .code:
      return stepInCode(bytes, at: index)
    }
  }

  private mutating func stepInText(_ bytes: [UInt8], at index: Int, form: Int) -> (length: Int, state: State) {
    let row = language.strings[form]
    if row.escapes, bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count,
      bytes[index + 1] != UInt8(ascii: "\n"), bytes[index + 1] != UInt8(ascii: "\r")
    {
      return (2, .text(form))
    }
    guard bytes.matches(row.closer, at: index) else { return (1, .text(form)) }
    state = .code
    return (row.closer.count, .text(form))
  }

  private mutating func stepInCode(_ bytes: [UInt8], at index: Int) -> (length: Int, state: State) {
    if !openers.contains(bytes[index]) || isBlankByte(bytes[index]) { return (1, .code) }
    if language.lineComments.contains(where: { bytes.matches($0, at: index) }) {
      state = .lineComment
      return (1, .lineComment)
    }
    if language.hasBlockComments, bytes.matches("/*", at: index) {
      state = .blockComment
      return (2, .blockComment)
    }
    if let length = literals?.length(bytes, at: index), length > 1 {
      state = .literal
      literalLeft = length - 1
      return (1, .literal)
    }
    if let form = language.strings.firstIndex(where: { bytes.matches($0.opener, at: index) }) {
      state = .text(form)
      return (language.strings[form].opener.count, .text(form))
    }
    if language.hasHeredocs, bytes.matches("<<", at: index), let (tag, length) = heredocTag(bytes, at: index) {
      pendingHeredoc = tag
      return (length, .code)
    }
    return (1, .code)
  }

  private mutating func endLine(_ bytes: [UInt8], newlineAt index: Int) {
    switch state {
    case .lineComment: state = .code
    case .text(let form) where !language.strings[form].multiline: state = .code
    case .literal: state = .code
    case .heredoc(let tag):
      var start = index
      while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
      let line = bytes[start..<index].drop(while: isBlankByte).trimmingEnd
      let rest = line.dropFirst(tag.count)
      if line.starts(with: tag), rest.first.map({ !isNameByte($0) }) ?? true { state = .code }
    case .code, .blockComment, .text: break
    }
    if case .code = state, let tag = pendingHeredoc {
      state = .heredoc(tag: tag)
      pendingHeredoc = nil
    }
  }

  /// The tag of a here-document that is announced at `index`: `<<EOS`, `<<-EOS`, `<<~'EOS'`, `<<<"EOS"`.
  private func heredocTag(_ bytes: [UInt8], at index: Int) -> (tag: [UInt8], length: Int)? {
    var end = index + 2
    func skip(_ options: StaticString) {
      if end < bytes.count, options.withUTF8Buffer({ $0.contains(bytes[end]) }) { end += 1 }
    }
    if language.imports == .php {
      guard end < bytes.count, bytes[end] == UInt8(ascii: "<") else { return nil }
      end += 1
      while end < bytes.count, isBlankByte(bytes[end]) { end += 1 }
    } else {
      skip("-~")
    }
    skip("'\"")
    let start = end
    while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
    // Anything but a tag of capitals is more likely a shift or an append.
    guard end > start, bytes[start..<end].contains(where: { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }),
      !isDigitByte(bytes[start])
    else { return nil }
    let tag = Array(bytes[start..<end])
    skip("'\"")
    return (tag, end - index)
  }
}

extension [UInt8] {
  /// Whether `text` stands at `index`.
  func matches(_ text: StaticString, at index: Int) -> Bool {
    text.withUTF8Buffer { index + $0.count <= count && self[index..<(index + $0.count)].elementsEqual($0) }
  }

  /// Whether `text` stands at `index`.
  func matches(_ text: [UInt8], at index: Int) -> Bool {
    guard let first = text.first, index + text.count <= count, self[index] == first else { return false }
    return text.count == 1 || self[index..<(index + text.count)].elementsEqual(text)
  }
}
