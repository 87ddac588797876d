/// The smallest piece of source text that a merge takes whole.
struct Token: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// A name or a keyword.
    case word
    /// A number or a version, with its dots, its unit and its exponent: it comes whole from one side.
    case number
    /// A text literal with its quotes, or one line of a literal that spans lines.
    case text
    /// A word within a comment, or a run of its punctuation.
    case comment
    /// White space within a line.
    case blank
    /// The end of a line.
    case lineEnd
    /// An opening or a closing bracket.
    case open
    case close
    /// Any other sign; operators of several signs are one token.
    case sign
  }

  var kind: Kind
  /// Where it stands in the file.
  var range: Range<Int>
}
