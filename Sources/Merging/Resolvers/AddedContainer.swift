/// What an added stretch of lines stands in, told from the line that opens it.
enum AddedContainer: Sendable, Hashable {
  /// The file itself.
  case file
  /// A type, a module or another block whose members are declarations.
  case type
  /// A list in brackets, an object literal, an enumeration: members parted by commas or lines.
  case list
  /// What a call or a declaration takes in parentheses, where the place of an element means something.
  case arguments
  /// The body of a function, whose statements run in sequence.
  case function
  /// The branches of a choice, or the body of a statement.
  case statement
  /// A key of a file that is structured by indentation.
  case key
  /// Nothing that can be told.
  case unknown

  /// How many lines are looked at to find what opens the stretch.
  private static let reach = 3000

  init(of side: AddedBlocks.Side, indentation: ArraySlice<UInt8>) {
    if indentation.isEmpty {
      self = .file
      return
    }
    let source = side.source
    var line = side.span.start - 1
    let stop = max(-1, line - Self.reach)
    while line > stop, !Self.opens(source, line, indentation) { line -= 1 }
    guard line > stop else {
      self = .unknown
      return
    }
    self = Self.opened(by: source, line)
  }

  private static func opens(_ source: SourceText, _ line: Int, _ indentation: ArraySlice<UInt8>) -> Bool {
    let text = source.line(line)
    let own = text.prefix(while: isBlankByte)
    guard own.count < indentation.count, !text.allSatisfy(isBlankByte) else { return false }
    // Directives of C stand at the left wherever they are.
    return source.language.imports == .python || text.dropFirst(own.count).first != UInt8(ascii: "#")
  }

  private static func opened(by source: SourceText, _ line: Int) -> AddedContainer {
    var tokens = code(of: source, line)
    if tokens.count == 1, tokens[0] == "{", line > 0 { tokens = code(of: source, line - 1) + tokens }
    guard let last = tokens.last else { return .unknown }
    let words = Set(tokens)
    if last == "(", !isGroup(tokens, source.language) { return .arguments }
    if last == "[" || last == "(" || words.contains("enum") { return .list }
    if last == "," { return .unknown }
    // A text in YAML, whose lines run on.
    if last.first == "|" || last.first == ">" { return .statement }
    if !words.isDisjoint(with: typeWords) { return .type }
    if !words.isDisjoint(with: choiceWords) { return .statement }
    if !words.isDisjoint(with: suiteWords) { return .type }
    if !words.isDisjoint(with: functionWords) { return .function }
    if last == "{" {
      let before = tokens.dropLast().last
      if before == ")" || before == "=>" || words.contains(")") { return .function }
      // A block that says no more, such as a composite literal or a type in Go.
      return .list
    }
    if last == ":" { return source.language.family == .indentation ? .key : .unknown }
    return .unknown
  }

  /// Whether parentheses hold a list: of files, of specifications, of the elements of a constant.
  private static func isGroup(_ tokens: [String], _ language: Language) -> Bool {
    if language.family == .build && language.name != "Starlark" { return true }
    let before = tokens.dropLast().last ?? ""
    return language.imports == .go && ["import", "const", "var", "type"].contains(before)
      || ["=", "+=", "|="].contains(before)
  }

  /// The words and signs of a line without its comments.
  private static func code(of source: SourceText, _ line: Int) -> [String] {
    source.tokens(LineSpan(start: line, count: 1)).compactMap { token in
      switch token.kind {
      case .blank, .lineEnd, .comment: nil
      default: String(decoding: source.table.bytes[token.range], as: UTF8.self)
      }
    }
  }

  private static let typeWords: Set<String> = [
    "class", "struct", "interface", "protocol", "extension", "trait", "impl", "namespace", "module", "object", "union",
    "record", "actor", "mod", "service", "message",
  ]
  private static let choiceWords: Set<String> = [
    "switch", "match", "when", "select", "case", "default", "if", "for", "while", "else", "do", "try", "catch", "guard",
    "finally", "unless", "elif", "elsif", "except", "with", "foreach", "loop",
  ]
  private static let suiteWords: Set<String> = ["describe", "context", "suite"]
  private static let functionWords: Set<String> = ["func", "fn", "def", "function", "it", "test", "fun"]
}
