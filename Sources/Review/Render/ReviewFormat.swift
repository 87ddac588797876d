package import Work

/// The forms in which a review can be written.
package enum ReviewFormat: String, Sendable, Hashable, CaseIterable {
  case text
  case json
  case sarif
  case markdown

  /// The review in this form.
  ///
  /// - Parameters:
  ///   - outcome: The review.
  ///   - terminal: What the reader's terminal can show; only text depends on it.
  ///   - version: Arborist's own version; only SARIF names it.
  /// - Returns: Bytes in UTF-8 that end with a line end.
  package func render(_ outcome: ReviewOutcome, terminal: TextTerminal, version: String) -> [UInt8] {
    switch self {
    case .text: Array(TextRenderer.render(outcome, terminal: terminal).utf8)
    case .json: JSONRenderer.render(outcome)
    case .sarif: SARIFWriter.render(outcome, version: version)
    case .markdown: Array(MarkdownRenderer.render(outcome).utf8)
    }
  }
}

/// What text is written on.
package struct TextTerminal: Sendable, Hashable {
  /// Whether it shows colours.
  package var hasColor: Bool
  /// How many columns it has; at least 40 are used.
  package var width: Int

  package init(hasColor: Bool = false, width: Int = 80) {
    self.hasColor = hasColor
    self.width = max(40, width)
  }
}
