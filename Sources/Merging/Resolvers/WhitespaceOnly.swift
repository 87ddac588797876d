/// Settles conflicts in which one side changed nothing but white space, or the sides differ in nothing else.
///
/// In a language in braces all white space between tokens may differ. Anywhere else only the white space at the end
/// of lines and the line endings may. White space within a text literal is content and never ignored.
package struct WhitespaceOnly: Resolver {
  package let name = "whitespace-only"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.isGenerated else { return nil }
    let pairs = [
      (conflict.ours, conflict.theirs), (conflict.base, conflict.ours), (conflict.base, conflict.theirs),
    ]
    guard conflict.hasLikelyBase(in: context) else { return nil }
    let alike = pairs.map { inkOnly($0.0) == inkOnly($0.1) }
    guard alike.contains(true) else { return nil }
    guard
      let base = Essence(conflict.base, in: context.sources.base, from: conflict.position.base.start),
      let ours = Essence(conflict.ours, in: context.sources.ours, from: conflict.position.ours.start),
      let theirs = Essence(conflict.theirs, in: context.sources.theirs, from: conflict.position.theirs.start)
    else { return nil }
    if ours == theirs, !ours.isEmpty, !conflict.isNarrowed {
      return resolution(conflict, conflict.ours, "the sides differ only in white space; ours is kept")
    }
    if base.isEmpty || ours.isEmpty || theirs.isEmpty { return nil }
    if ours == base, continues(conflict.theirs, conflict.base, beside: conflict.ours, context.language) {
      if conflict.isOnlyLaidOutOrMoved(by: .theirs, in: context) { return nil }
      let lines = withNewEndings(conflict.theirs, of: conflict.ours, before: conflict.base)
      return resolution(conflict, lines, "our side changed only white space here; theirs changed the content")
    }
    if theirs == base, continues(conflict.ours, conflict.base, beside: conflict.theirs, context.language) {
      if conflict.isOnlyLaidOutOrMoved(by: .ours, in: context) { return nil }
      let lines = withNewEndings(conflict.ours, of: conflict.theirs, before: conflict.base)
      return resolution(conflict, lines, "their side changed only white space here; ours changed the content")
    }
    return nil
  }

  /// A side without any white space: a cheap first look, since most conflicts differ in more.
  private func inkOnly(_ bytes: [UInt8]) -> [UInt8] {
    bytes.filter { !isBlankByte($0) && $0 != UInt8(ascii: "\n") }
  }

  /// Whether the side that changed the content still has much of it.
  ///
  /// Lines that `spaced` laid out anew may stand beside others that only took their place, and may be elsewhere in
  /// that side.
  private func continues(_ side: [UInt8], _ base: [UInt8], beside spaced: [UInt8], _ language: Language) -> Bool {
    language.whitespaceMatters || HunkLine.split(base).map(\.trimmed) == HunkLine.split(spaced).map(\.trimmed)
      || SideContrast.isLikeness(of: side, and: base, above: 40)
  }

  /// The lines with the endings of `converted` where that side turned every line ending of `base` into the other kind.
  private func withNewEndings(_ lines: [UInt8], of converted: [UInt8], before base: [UInt8]) -> [UInt8] {
    let old = Set(HunkLine.split(base).map(\.ending).filter { !$0.isEmpty })
    let new = Set(HunkLine.split(converted).map(\.ending).filter { !$0.isEmpty })
    guard old.count == 1, new.count == 1, old != new, let ending = new.first else { return lines }
    return HunkLine.join(
      HunkLine.split(lines).map { HunkLine(content: $0.content, ending: $0.ending.isEmpty ? $0.ending : ending) }
    )
  }

  private func resolution(_ conflict: Conflict, _ lines: [UInt8], _ reason: String) -> Resolution {
    Resolution(resolver: name, lines: lines, reason: reason)
      .listingDrops(of: conflict, because: "it differs only in white space from lines that were there or are kept")
  }
}

/// What is left of a stretch of lines when the white space that its language ignores is gone.
private struct Essence: Hashable {
  private var bytes: [UInt8]

  var isEmpty: Bool { bytes.isEmpty }

  /// - Returns: `nil` where a text literal reaches across a line's end within the stretch or into it.
  init?(_ stretch: [UInt8], in file: SourceText, from line: Int) {
    guard var scanner = file.scannerOutsideText(atLine: line) else { return nil }
    let language = file.language
    if language.whitespaceMatters {
      guard let bytes = Essence.lineByLine(stretch, &scanner) else { return nil }
      self.bytes = bytes
    } else {
      guard let bytes = Essence.tokenByToken(stretch, &scanner, language) else { return nil }
      self.bytes = bytes
    }
  }

  /// Lines without the white space at their end.
  private static func lineByLine(_ stretch: [UInt8], _ scanner: inout SourceScanner) -> [UInt8]? {
    var index = 0
    while index < stretch.count {
      let atEnd = stretch[index] == UInt8(ascii: "\n")
      index += scanner.step(stretch, at: index).length
      if atEnd, scanner.isInsideLongText { return nil }
    }
    return Array(HunkLine.split(stretch).map(\.trimmedEnd).joined(separator: [UInt8(ascii: "\n")]))
  }

  /// Tokens with one blank between them where joining them would make another token, and a line break where the
  /// language, a comment or a preprocessor line gives it a meaning.
  private static func tokenByToken(
    _ stretch: [UInt8],
    _ scanner: inout SourceScanner,
    _ language: Language
  ) -> [UInt8]? {
    let linesEndStatements = !semicolonLanguages.contains(language.name)
    var result: [UInt8] = []
    var between = Between.nothing
    var inDirective = false
    var last = SourceScanner.State.code
    var index = 0
    while index < stretch.count {
      let byte = stretch[index]
      let (length, state) = scanner.step(stretch, at: index)
      defer { index += length }
      if byte == UInt8(ascii: "\n") {
        if scanner.isInsideLongText { return nil }
        let counts = state == .lineComment || inDirective || (linesEndStatements && state != .blockComment)
        if counts { between = .lineBreak } else if between == .nothing { between = .blank }
        inDirective = false
      } else if isBlankByte(byte), !state.isText {
        if between == .nothing { between = .blank }
      } else {
        between.write(to: &result, before: byte, isLiteral: state.isText || last.isText)
        if byte == UInt8(ascii: "#"), language.imports == .c, state == .code { inDirective = true }
        result += stretch[index..<(index + length)]
        between = .nothing
        last = state
      }
    }
    return result
  }

  /// The white space that was passed since the last token.
  private enum Between {
    case nothing, blank, lineBreak

    /// Writes what of it counts before a token that starts with `byte`; beside a literal, a name may be its prefix.
    func write(to result: inout [UInt8], before byte: UInt8, isLiteral: Bool) {
      guard let last = result.last else { return }
      switch self {
      case .nothing: break
      case .lineBreak: result.append(UInt8(ascii: "\n"))
      case .blank:
        if Essence.sticks(last, byte) || (isLiteral && (isNameByte(last) || isNameByte(byte))) {
          result.append(UInt8(ascii: " "))
        }
      }
    }
  }

  /// The languages in which a line's end is nothing but white space.
  private static let semicolonLanguages: Set<String> = ["C", "C++", "C#", "Java", "Rust", "PHP", "CSS", "Dart"]

  /// Whether two bytes side by side could read as one token.
  fileprivate static func sticks(_ first: UInt8, _ second: UInt8) -> Bool {
    if isNameByte(first) || isNameByte(second) { return isNameByte(first) && isNameByte(second) }
    return !isBracketOrStop(first) && !isBracketOrStop(second)
  }

  private static func isBracketOrStop(_ byte: UInt8) -> Bool {
    "(){}[];,".utf8.contains(byte)
  }
}
