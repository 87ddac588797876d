/// What tells whether a side changed lines that the other side only laid out in another way.
extension Conflict {
  /// Whether the side that changed more than white space may not have changed the ancestor's lines at all.
  func isOnlyLaidOutOrMoved(by side: DroppedLine.Side, in context: ResolverContext) -> Bool {
    switch side {
    case .ours:
      hasBaseElsewhere(ours, of: context.ours, in: context)
        || isOnlyLaidOut(position.ours, of: context.sources.ours, in: context)
    case .theirs:
      hasBaseElsewhere(theirs, of: context.theirs, in: context)
        || isOnlyLaidOut(position.theirs, of: context.sources.theirs, in: context)
    }
  }

  /// Whether a side has the ancestor's lines elsewhere in its file, so that others took their place here.
  ///
  /// White space does not count.
  private func hasBaseElsewhere(_ side: [UInt8], of file: [UInt8], in context: ResolverContext) -> Bool {
    let here = Set(Self.inks(side))
    let gone = Set(Self.inks(base)).subtracting(here).filter { $0.count(where: isNameByte) >= 8 }
    guard !gone.isEmpty else { return false }
    func counts(_ file: [UInt8]) -> [[UInt8]: Int] {
      Self.inks(file).reduce(into: [:]) { counts, ink in
        if gone.contains(ink) { counts[ink, default: 0] += 1 }
      }
    }
    let old = counts(context.base)
    let new = counts(file)
    return gone.contains { new[$0, default: 0] >= max(1, old[$0, default: 0]) }
  }

  /// Whether a side has the ancestor's code in another layout, and at most other comments.
  ///
  /// Then both sides chose a layout.
  private func isOnlyLaidOut(_ side: LineSpan, of source: SourceText, in context: ResolverContext) -> Bool {
    let code = { (span: LineSpan, source: SourceText) in
      source.tokens(span).filter { ![.blank, .lineEnd, .comment].contains($0.kind) }
        .map { source.table.bytes[$0.range] }
    }
    guard code(side, source) == code(position.base, context.sources.base) else { return false }
    let old = Set(position.base.indices.map { context.sources.base.line($0).filter { !isBlankByte($0) } })
    return side.indices.contains { line in
      let tokens = source.tokens(LineSpan(start: line, count: 1)).filter { ![.blank, .lineEnd].contains($0.kind) }
      return tokens.first.map { $0.kind != .comment } ?? false
        && !old.contains(source.line(line).filter { !isBlankByte($0) })
    }
  }

  private static func inks(_ bytes: [UInt8]) -> [[UInt8]] {
    HunkLine.split(bytes).map { $0.content.filter { !isBlankByte($0) } }
  }
}
