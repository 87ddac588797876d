/// Settles conflicts in which both sides say the same, or in which one side changed nothing.
///
/// A line merge has no such conflicts by itself; they come from sides that differ only in their line endings or in
/// blank lines at the end of the file, and from stretches that another resolver or a finer comparison cut out.
package struct IdenticalChange: Resolver {
  package let name = "identical-change"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.isGenerated else { return nil }
    if conflict.ours == conflict.theirs {
      return resolution(conflict, conflict.ours, "both sides made the same change")
    }
    if conflict.base.isEmpty {
      if conflict.ours.isEmpty, standAlone(conflict.theirs, in: context.theirs, conflict.position.theirs, context) {
        return resolution(conflict, conflict.theirs, "both sides added what is around; these lines are in theirs alone")
      }
      if conflict.theirs.isEmpty, standAlone(conflict.ours, in: context.ours, conflict.position.ours, context) {
        return resolution(conflict, conflict.ours, "both sides added what is around; these lines are in ours alone")
      }
      return nil
    }
    if conflict.ours == conflict.base {
      return resolution(conflict, conflict.theirs, "only their side changed these lines")
    }
    if conflict.theirs == conflict.base {
      return resolution(conflict, conflict.ours, "only our side changed these lines")
    }
    return apartFromEndings(conflict, in: context)
  }

  /// Whether lines that one side alone has make sense wherever they stand: what they open they close, and they start
  /// and end in code.
  ///
  /// Where both sides added a stretch, the lines they share may be alike by chance (a closing brace, a blank line),
  /// and what lies between two of them need not be whole.
  private func standAlone(_ lines: [UInt8], in file: [UInt8], _ span: LineSpan, _ context: ResolverContext) -> Bool {
    let language = Language.ofFile(at: context.path)
    // In JSON the comma of the line above belongs to it as well.
    guard language.family != .markup, language.family != .other, language.name != "JSON",
      var scanner = SourceScanner.beforeLine(span.start, of: file, language: language), scanner.state == .code
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

  /// Compares the sides with their line endings and the blank lines at the end of the file put aside.
  private func apartFromEndings(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    let base = HunkLine.split(conflict.base)
    let ours = HunkLine.split(conflict.ours)
    let theirs = HunkLine.split(conflict.theirs)
    let atEnd = endsFile(conflict, in: context)
    let sides = [base, ours, theirs].map { contents($0, droppingBlankEnd: atEnd) }
    // Where a side had been emptied, blank lines would be all that is compared.
    guard sides.allSatisfy({ !$0.isEmpty }) else { return nil }
    if sides[1] == sides[2] {
      // The side whose form is nearer to what stood there before gives way to the one that changed it.
      let ourForm = form(ours) == form(base) && form(theirs) != form(base) ? conflict.theirs : conflict.ours
      return resolution(conflict, ourForm, "both sides made the same change; they differ only in line endings")
    }
    return nil
  }

  private func contents(_ lines: [HunkLine], droppingBlankEnd: Bool) -> [ArraySlice<UInt8>] {
    var contents = lines.map(\.content)
    while droppingBlankEnd, let last = contents.last, last.allSatisfy(isBlankByte) { contents.removeLast() }
    return contents
  }

  /// The line ending that most lines of a side have.
  private func form(_ lines: [HunkLine]) -> Int {
    lines.count { $0.ending.count == 2 } * 2 > lines.count ? 2 : 1
  }

  private func endsFile(_ conflict: Conflict, in context: ResolverContext) -> Bool {
    !conflict.ours.isEmpty && context.ours.suffix(conflict.ours.count).elementsEqual(conflict.ours)
      && context.theirs.suffix(conflict.theirs.count).elementsEqual(conflict.theirs)
  }

  private func resolution(_ conflict: Conflict, _ lines: [UInt8], _ reason: String) -> Resolution {
    Resolution(resolver: name, lines: lines, reason: reason)
      .listingDrops(of: conflict, because: "the other side has the same line but for its line ending")
  }
}
