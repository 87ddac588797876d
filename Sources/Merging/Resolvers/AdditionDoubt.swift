/// What two additions say of each other that speaks against keeping both, or asks for an order of the two.
struct AdditionDoubt {
  /// One side's addition in its file.
  struct Side {
    let source: SourceText
    let span: LineSpan

    /// The lines that are neither blank nor within a text or a comment, without white space at their ends.
    var texts: [(line: Int, text: ArraySlice<UInt8>)] {
      span.indices.compactMap { line in
        guard !source.isBlank(line), !source.startsInside(line: line), !source.isComment(line) else { return nil }
        return (line, source.line(line).trimmingEnd.drop(while: isBlankByte))
      }
    }

    /// The lines that are indented the least.
    var heads: [(line: Int, text: ArraySlice<UInt8>)] {
      let texts = texts
      func depth(_ line: Int) -> Int { source.line(line).prefix(while: isBlankByte).count }
      let least = texts.map { depth($0.line) }.min() ?? 0
      return texts.filter { depth($0.line) == least }
    }
  }

  /// Which addition stands first.
  enum Order: Sendable, Hashable {
    case any
    case oursFirst
    case theirsFirst
    /// Neither can.
    case none
  }

  let ours: Side
  let theirs: Side
  let language: Language
  private let path: [UInt8]

  init(_ ours: Side, _ theirs: Side, in context: ResolverContext) {
    self.ours = ours
    self.theirs = theirs
    language = context.language
    path = context.path
  }

  init(_ conflict: Conflict, in context: ResolverContext) {
    self.init(
      Side(source: context.sources.ours, span: conflict.position.ours),
      Side(source: context.sources.theirs, span: conflict.position.theirs),
      in: context
    )
  }

  /// Whether only one of the two can stand, or neither whole before the other.
  var isAny: Bool {
    continuationBreaks || sharesNumber || sharesName || casesRunOn || marksOthers || order == .none
  }

  // MARK: - Sections

  /// The order in which what belongs to the section above comes before new sections.
  var order: Order {
    let (first, second) = (Layout(ours, language), Layout(theirs, language))
    guard first.hasHeader || second.hasHeader else { return .any }
    switch (first.startsSection, second.startsSection) {
    case (true, true): return .any
    case (false, true): return .oursFirst
    case (true, false): return .theirsFirst
    case (false, false):
      if first.hasHeader, second.hasHeader { return .none }
      return first.hasHeader ? .theirsFirst : .oursFirst
    }
  }

  private struct Layout {
    var hasHeader = false
    var startsSection = false

    init(_ side: Side, _ language: Language) {
      for (index, (line, text)) in side.texts.enumerated() where Self.isHeader(side.source, line, text, language) {
        hasHeader = true
        if index == 0 { startsSection = true }
      }
    }

    private static func isHeader(
      _ source: SourceText, _ line: Int, _ text: ArraySlice<UInt8>, _ language: Language
    ) -> Bool {
      switch language.name {
      case "TOML", "properties", "unknown":
        if language.name == "unknown", source.line(line).first != UInt8(ascii: "[") { return false }
        let code = text.prefix { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: ";") }.trimmingEnd
        return code.first == UInt8(ascii: "[") && code.last == UInt8(ascii: "]")
      case "Markdown":
        let isPlain = text.first != UInt8(ascii: "#")
        return (isPlain || text.drop { $0 == UInt8(ascii: "#") }.first == 0x20) && source.startsSection(line)
      case "text": return source.startsSection(line)
      default: return false
      }
    }
  }

  /// Whether the additions stand in parentheses, where the place of an element means something.
  var areArguments: Bool {
    [ours, theirs].contains { side in
      guard let first = side.heads.first?.line else { return false }
      let whole = AddedBlocks.Side(source: side.source, own: side.span, span: side.span, reach: side.span)
      let indentation = side.source.line(first).prefix(while: isBlankByte)
      return AddedContainer(of: whole, indentation: indentation) == .arguments
    }
  }

  // MARK: - Lines that go on

  /// Whether a line goes on in the next one at the end of an addition, but not where both stand.
  private var continuationBreaks: Bool {
    guard language.family != .markup else { return false }
    func goesOn(_ source: SourceText, _ line: Int) -> Bool {
      line >= 0 && line < source.table.count && source.line(line).trimmingEnd.last == UInt8(ascii: "\\")
    }
    return [ours, theirs].contains { side in
      goesOn(side.source, side.span.end - 1) != goesOn(side.source, side.span.start - 1)
    }
  }

  // MARK: - Branches

  /// Whether one of them goes on into the next branch of a choice, or stands for all the rest.
  private var casesRunOn: Bool {
    switch language.name {
    case "C", "C++", "Objective-C", "C-like", "C#", "Java", "JavaScript", "TypeScript", "PHP", "Dart", "Groovy": break
    default: return false
    }
    let heads = [ours, theirs].map(\.heads)
    guard heads.joined().contains(where: { Self.isLabel($0.text) }) else { return false }
    if heads.joined().contains(where: { $0.text.firstWord == "default" }) { return true }
    if [ours, theirs].allSatisfy({ $0.texts.allSatisfy { Self.isLabel($0.text) && $0.text.last == UInt8(ascii: ":") } })
    {
      return false
    }
    return [ours, theirs].contains { side in
      let last = side.texts.last { $0.text.contains(where: isNameByte) }
      return last.map { !Self.leaves($0.text) } ?? true
    }
  }

  private static func isLabel(_ text: ArraySlice<UInt8>) -> Bool {
    let word = text.firstWord
    // A branch with an arrow ends by itself.
    let hasArrow = zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: "-") && $1 == UInt8(ascii: ">") }
    return word == "case" && !hasArrow
      || word == "default" && text.dropFirst(7).drop(while: isBlankByte).first == UInt8(ascii: ":")
  }

  private static func leaves(_ text: ArraySlice<UInt8>) -> Bool {
    text.split { !isNameByte($0) }.contains { word in
      ["break", "return", "continue", "throw", "goto", "yield", "exit"].contains(String(decoding: word, as: UTF8.self))
    }
  }

  // MARK: - Numbers

  /// Whether both give one number to something in a list that gives a number to each.
  private var sharesNumber: Bool {
    func identifiers(_ side: Side) -> Set<ArraySlice<UInt8>> {
      Set(side.texts.compactMap { NumberedEntry.identifier($0.text) })
    }
    if !identifiers(ours).isDisjoint(with: identifiers(theirs)) { return true }
    switch language.family {
    case .braces, .endKeyword: break
    case .indentation where language.imports == .python: break
    default: return false
    }
    func numbers(_ side: Side) -> Set<ArraySlice<UInt8>> {
      Set(side.heads.compactMap { NumberedEntry.number($0.text, language) })
    }
    let shared = numbers(ours).intersection(numbers(theirs))
    guard !shared.isEmpty else { return false }
    if language.name == "Protocol Buffers" { return true }
    // A list in which the neighbour has a number of its own.
    let around = [ours.span.start - 1, ours.span.end].compactMap { line -> ArraySlice<UInt8>? in
      guard line >= 0, line < ours.source.table.count else { return nil }
      return NumberedEntry.number(ours.source.line(line).trimmingEnd.drop(while: isBlankByte), language)
    }
    return around.contains { !shared.contains($0) }
  }

  // MARK: - Names

  /// Whether both name one thing that is to be named once: a package, whatever its version.
  private var sharesName: Bool { !names(ours).isDisjoint(with: names(theirs)) }

  private func names(_ side: Side) -> Set<[UInt8]> {
    let file = String(decoding: path.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
    if language.name == "requirements" || file.hasPrefix("requirements") || file.hasPrefix("constraints") {
      return Set(side.heads.compactMap { PackageName.requirement($0.text) })
    }
    if language.name == "XML" { return PackageName.elements(side.texts.map(\.text), heads: side.heads.map(\.text)) }
    switch language.family {
    case .markup, .other, .data: return []
    case .braces, .indentation, .endKeyword, .build: return Set(side.heads.compactMap { PackageName.quoted($0.text) })
    }
  }
}

extension ArraySlice<UInt8> {
  /// The letters, digits and underscores with which it starts.
  var firstWord: String { String(decoding: prefix(while: isNameByte), as: UTF8.self) }
}
