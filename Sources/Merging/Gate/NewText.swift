/// The lines of a resolution that no side has as they are, and the words and values in them.
struct NewText {
  let conflict: Conflict
  let context: ResolverContext
  private let result: [UInt8]
  private let language: Language
  private let new: [LineSpan]

  /// - Returns: `nil` where every line stands in a side of the conflict or was written by a person before.
  init?(_ resolution: Resolution, for conflict: Conflict, in context: ResolverContext) {
    if resolution.isQuoted { return nil }
    let known = [conflict.ours, conflict.theirs, conflict.base].reduce(into: Set<ArraySlice<UInt8>>()) { known, side in
      for line in HunkLine.split(side) { known.insert(line.trimmed) }
    }
    let lines = HunkLine.split(resolution.lines)
    new = lines.indices.filter { !known.contains(lines[$0].trimmed) }.map { LineSpan(start: $0, count: 1) }
    if new.isEmpty { return nil }
    self.conflict = conflict
    self.context = context
    result = resolution.lines
    language = Self.withQuotes(context.language)
  }

  /// Calls `body` with each token of the new lines until it returns `false`.
  func forEachToken(_ body: (Token.Kind, ArraySlice<UInt8>) -> Bool) {
    let table = LineTable(result)
    var tokenizer = Tokenizer(bytes: result, scanner: scanner)
    var next = 0
    for line in 0..<table.count where next < new.count {
      let tokens = tokenizer.tokens(in: table.range(LineSpan(start: line, count: 1)))
      guard new[next].start == line else { continue }
      next += 1
      for token in tokens where !body(token.kind, result[token.range]) { return }
    }
  }

  /// Calls `body` with each new line until it returns `false`.
  func forEachLine(_ body: (ArraySlice<UInt8>) -> Bool) {
    let table = LineTable(result)
    for line in new where !body(table[line.start]) { return }
  }

  /// The tokens of some kinds of the conflict's sides.
  func tokensOfSides(_ kinds: Set<Token.Kind>) -> Set<ArraySlice<UInt8>> {
    let sides = [
      (context.sources.base, conflict.position.base), (context.sources.ours, conflict.position.ours),
      (context.sources.theirs, conflict.position.theirs),
    ]
    return sides.reduce(into: Set()) { known, side in
      collect(kinds, of: side.0, in: side.0.table.range(side.1), from: side.0.scanner(atLine: side.1.start), &known)
    }
  }

  /// The tokens of some kinds of the three whole files.
  func tokensOfFiles(_ kinds: Set<Token.Kind>) -> Set<ArraySlice<UInt8>> {
    [context.sources.base, context.sources.ours, context.sources.theirs].reduce(into: Set()) { known, source in
      let scanner = SourceScanner(language: language)
      collect(kinds, of: source, in: 0..<source.table.bytes.count, from: scanner, &known)
    }
  }

  private func collect(
    _ kinds: Set<Token.Kind>,
    of source: SourceText,
    in range: Range<Int>,
    from scanner: SourceScanner,
    _ known: inout Set<ArraySlice<UInt8>>
  ) {
    let start = language == context.language ? scanner : SourceScanner(language: language)
    var tokenizer = Tokenizer(bytes: source.table.bytes, scanner: start)
    for token in tokenizer.tokens(in: range) where kinds.contains(token.kind) {
      known.insert(source.table.bytes[token.range])
    }
  }

  private var scanner: SourceScanner {
    guard language == context.language else { return SourceScanner(language: language) }
    return context.sources.ours.scanner(atLine: conflict.position.ours.start)
  }

  /// The row with text in double quotes, where the table tells of no text literals although the format has them.
  private static func withQuotes(_ language: Language) -> Language {
    let formats = ["JSON", "YAML", "TOML", "XML", "HTML", "CMake", "properties", "Make"]
    guard formats.contains(language.name), !language.strings.contains(where: { $0.opener == [UInt8(ascii: "\"")] })
    else { return language }
    var copy = language
    let quote = [UInt8(ascii: "\"")]
    copy.strings.append(Language.TextForm(opener: quote, closer: quote, escapes: true, multiline: false))
    return copy
  }
}
