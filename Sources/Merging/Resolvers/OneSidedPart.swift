/// Proposes the lines that one side alone has within a stretch that both sides added.
///
/// What both added is alike around them, perhaps by chance: whether the lines are meant there is for a person to say.
package struct OneSidedPart: Resolver {
  package let name = "one-sided-part"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.isGenerated, conflict.base.isEmpty else { return nil }
    if conflict.ours.isEmpty,
      standAlone(conflict.theirs, in: context.sources.theirs, conflict.position.theirs, context)
    {
      return resolution(conflict.theirs, "both sides added what is around; these lines are in theirs alone")
    }
    if conflict.theirs.isEmpty, standAlone(conflict.ours, in: context.sources.ours, conflict.position.ours, context) {
      return resolution(conflict.ours, "both sides added what is around; these lines are in ours alone")
    }
    return nil
  }

  private func resolution(_ lines: [UInt8], _ reason: String) -> Resolution {
    Resolution(resolver: name, lines: lines, reason: reason)
  }

  /// Whether lines that one side alone has make sense wherever they stand: what they open they close, and they start
  /// and end in code.
  ///
  /// Where both sides added a stretch, the lines they share may be alike by chance (a closing brace, a blank line),
  /// and what lies between two of them need not be whole.
  private func standAlone(_ lines: [UInt8], in file: SourceText, _ span: LineSpan, _ context: ResolverContext) -> Bool {
    let language = context.language
    // In JSON the comma of the line above belongs to it as well.
    guard language.family != .markup, language.family != .other, language.name != "JSON",
      case var scanner = file.scanner(atLine: span.start), scanner.state == .code
    else { return false }
    var open: [UInt8] = []
    var hasCode = false
    var index = 0
    while index < lines.count {
      let byte = lines[index]
      let (length, state) = scanner.step(lines, at: index)
      index += length
      guard state == .code else { continue }
      if !isBlankByte(byte), byte != UInt8(ascii: "\n") { hasCode = true }
      switch byte {
      case UInt8(ascii: "("): open.append(UInt8(ascii: ")"))
      case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
      case UInt8(ascii: "{"): open.append(UInt8(ascii: "}"))
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        guard open.popLast() == byte else { return false }
      default: break
      }
    }
    return hasCode && open.isEmpty && scanner.state == .code
  }
}
