/// Tells items whose order means nothing from statements, prose and arguments, whose order does.
enum AddedForm {
  /// Whether what starts on a line declares something, so that it may stand before or behind other declarations.
  static func isDeclaration(_ source: SourceText, _ line: Int, in container: AddedContainer) -> Bool {
    let text = source.line(line).trimmingEnd.drop(while: isBlankByte)
    let first = text.firstWord
    if statementWords.contains(first), text.dropFirst(first.utf8.count).first != UInt8(ascii: ":") { return false }
    guard container == .file, isScript(source.language), let byte = text.first else { return true }
    if ImportStatement(text, form: source.language.imports) != nil || opensImport(text, source.language) { return true }
    // A comment, an attribute or a selector.
    if !isNameByte(byte), byte != UInt8(ascii: "$") {
      return "@#[".utf8.contains(byte) || source.startsWithDocumentation(line)
    }
    return declarationWords.contains(first) || isSuite(text) || isAssignment(text)
  }

  /// Whether top-level lines of a language run one after another.
  private static func isScript(_ language: Language) -> Bool {
    switch language.name {
    case "Python", "JavaScript", "TypeScript", "PHP", "Ruby", "Lua", "Groovy": true
    default: false
    }
  }

  /// Whether an import goes on in the lines below.
  private static func opensImport(_ text: ArraySlice<UInt8>, _ language: Language) -> Bool {
    language.imports == .python && text.firstWord == "from" && text.hasSuffix(" import (")
  }

  /// Whether a line opens a suite or a test, or asks for a package.
  private static func isSuite(_ text: ArraySlice<UInt8>) -> Bool {
    let words = text.split { !isNameByte($0) }.prefix(2).map { String(decoding: $0, as: UTF8.self) }
    return words.first.map(suiteWords.contains) ?? false || words.first == "RSpec"
  }

  /// Whether a line gives a value to a name.
  private static func isAssignment(_ text: ArraySlice<UInt8>) -> Bool {
    guard let sign = text.firstIndex(of: UInt8(ascii: "=")) else { return false }
    let next = text[(sign + 1)...].first
    guard next != UInt8(ascii: "="), next != UInt8(ascii: "~") else { return false }
    // Python puts the type behind the name.
    let target = text[..<sign].prefix { $0 != UInt8(ascii: ":") }.trimmingEnd
    return target.allSatisfy { isNameByte($0) || ".$".utf8.contains($0) }
  }

  /// The names that items assign to as they are, and those of which they assign to a part.
  static func targets(_ items: AddedItems) -> (whole: Set<String>, roots: Set<String>) {
    var targets: (whole: Set<String>, roots: Set<String>) = ([], [])
    for line in items.heads {
      let text = items.side.source.line(line).drop(while: isBlankByte)
      guard isAssignment(text) else { continue }
      let isPart = text.prefix { $0 != UInt8(ascii: "=") }.contains(UInt8(ascii: "."))
      if isPart { targets.roots.insert(text.firstWord) } else { targets.whole.insert(text.firstWord) }
    }
    return targets
  }

  private static let statementWords: Set<String> = [
    "if", "else", "elif", "elsif", "elseif", "for", "foreach", "while", "until", "unless", "do", "try", "catch",
    "except", "finally", "switch", "with", "return", "throw", "raise", "break", "continue", "goto", "exit", "assert",
    "print", "yield", "await", "begin", "rescue", "ensure", "del", "pass", "echo", "die",
  ]
  private static let declarationWords: Set<String> = [
    "class", "def", "function", "const", "let", "var", "export", "interface", "type", "enum", "namespace", "declare",
    "async", "abstract", "final", "module", "local", "trait", "struct", "public", "private", "protected", "static",
    "readonly", "define", "alias", "attr_reader", "attr_accessor", "attr_writer", "require", "include", "extend",
  ]
  private static let suiteWords: Set<String> = [
    "describe", "context", "it", "test", "suite", "feature", "scenario", "specify", "task", "desc", "gem", "pod",
    "group", "shared_examples", "shared_context", "let",
  ]

  /// Whether a line of text or of an unknown file stands for itself: an item of a list, a row, a heading, a word.
  static func isListLine(_ source: SourceText, _ line: Int) -> Bool {
    let text = source.line(line).trimmingEnd.drop(while: isBlankByte)
    guard let first = text.first else { return true }
    let second = text.dropFirst().first
    if "-*+".utf8.contains(first), second == 0x20 { return true }
    if first == UInt8(ascii: "|") || first == UInt8(ascii: "#") || text.hasPrefix("..") { return true }
    // The definition of a link.
    if first == UInt8(ascii: "["), text.contains(UInt8(ascii: ":")) { return true }
    // A person with an address.
    if text.last == UInt8(ascii: ">"), text.contains(UInt8(ascii: "@")) { return true }
    return text.drop { $0 == UInt8(ascii: "!") }.allSatisfy {
      isNameByte($0) || "-._/*@+:=,~^%?[]".utf8.contains($0)
    }
  }

  /// Whether every element in parentheses has a name of its own, so that its place means nothing.
  static func areNamed(_ items: AddedItems) -> Bool {
    let source = items.side.source
    return items.heads.allSatisfy { line in
      let text = source.line(line).trimmingEnd.drop(while: isBlankByte)
      let name = text.prefix { isNameByte($0) || $0 == UInt8(ascii: ".") }
      let rest = text[name.endIndex...]
      guard let sign = rest.first else { return false }
      // A keyword argument.
      if !name.isEmpty, sign == UInt8(ascii: "="), rest.dropFirst().first != UInt8(ascii: "=") { return true }
      // A call that says first what it is about, or a tuple that does.
      let argument = rest.dropFirst().drop(while: isBlankByte).first
      if sign == UInt8(ascii: "("), argument == UInt8(ascii: "\"") || argument == UInt8(ascii: "'") { return true }
      return sign == UInt8(ascii: "(") && !name.isEmpty && argument == nil
    }
  }
}

extension AddedItems {
  /// Whether the parentheses around the items are those of a call in a language in which names decide, not places.
  var opensCall: Bool {
    let source = side.source
    guard source.language.imports == .python || source.language.name == "Starlark" || source.language.name == "Kotlin"
    else { return false }
    var line = side.span.start - 1
    let stop = max(-1, line - 400)
    while line > stop, source.isBlank(line) || source.line(line).prefix(while: isBlankByte).count >= indentation.count {
      line -= 1
    }
    guard line > stop else { return false }
    let words = source.line(line).split { !isNameByte($0) }.map { String(decoding: $0, as: UTF8.self) }
    return Set(words).isDisjoint(with: ["def", "class", "fun", "constructor", "lambda", "async"])
  }
}

extension SourceText {
  /// Whether the text of a module's documentation starts on a line: in Python, the first text before any code.
  func startsWithDocumentation(_ line: Int) -> Bool {
    guard language.imports == .python, let first = self.line(line).first,
      first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    else { return false }
    return (0..<line).allSatisfy { isBlank($0) || isComment($0) }
  }

  /// Whether a line is a heading of Markdown or has a line of one sign below it.
  func startsSection(_ line: Int) -> Bool {
    if language.name == "Markdown", self.line(line).first == UInt8(ascii: "#") { return true }
    guard line + 1 < table.count else { return false }
    let next = self.line(line + 1).trimmingEnd
    guard let first = next.first, "=-~^".utf8.contains(first), next.count > 2 else { return false }
    return next.allSatisfy { $0 == first }
  }
}

extension BothAdded {
  /// Whether every item is a function of a shell script or a test with a title and a body of its own.
  var areShellDeclarations: Bool {
    [ours, theirs].allSatisfy { items in
      items.heads.allSatisfy { line in
        let text = items.side.source.line(line).trimmingEnd
        let word = text.firstWord
        let rest = text.dropFirst(word.utf8.count).drop(while: isBlankByte)
        if word == "function" || !word.isEmpty && rest.hasPrefix("()") { return true }
        // The body is a text that goes on in the lines below.
        return word.hasPrefix("test") && rest.contains { "'\"".utf8.contains($0) }
          && items.side.source.startsInside(line: line + 1)
      }
    }
  }
}
