/// The words at the start of a line that may declare something.
struct DeclarationWords {
  /// What the line declares; `nil` where it declares nothing that must be there only once.
  let key: DeclarationKey?

  init(_ text: ArraySlice<UInt8>, _ language: Language) {
    var rest = text
    var hasModifier = false
    while let word = Self.word(at: rest), Self.modifiers.contains(word) {
      hasModifier = true
      rest = rest.dropFirst(word.utf8.count).drop(while: isBlankByte)
      // `pub(crate)`, `private(set)`
      if rest.hasPrefix("("), let close = rest.firstIndex(of: UInt8(ascii: ")")) {
        rest = rest[rest.index(after: close)...].drop(while: isBlankByte)
      }
    }
    key = Self.key(text, rest, hasModifier: hasModifier, language)
  }

  private static func key(
    _ text: ArraySlice<UInt8>,
    _ rest: ArraySlice<UInt8>,
    hasModifier: Bool,
    _ language: Language
  ) -> DeclarationKey? {
    guard let keyword = word(at: rest) else { return nil }
    let whole = DeclarationKey(kind: .declaration, text: text)
    let afterKeyword = rest.dropFirst(keyword.utf8.count)
    let after = afterKeyword.drop(while: isBlankByte)
    let name = after.prefix { isNameByte($0) || $0 == UInt8(ascii: ".") }
    if let byName = uniqueNames[language.name], byName.contains(keyword), !name.isEmpty, afterKeyword.first == 0x20 {
      // Names that a language lets stand again.
      if name.elementsEqual("_".utf8) || name.elementsEqual("init".utf8) && language.name == "Go" { return nil }
      // Without a body it is a forward declaration, or the type of something else.
      let behind = rest[name.endIndex...].drop(while: isBlankByte)
      if language.imports == .c, behind.first != UInt8(ascii: "{"), behind.first != UInt8(ascii: ":") { return nil }
      return DeclarationKey(kind: .declaration, text: text[rest.startIndex..<name.endIndex])
    }
    if wholeLines.contains(keyword) { return whole }
    if hasModifier, language.family == .braces, !after.isEmpty { return whole }
    return language.family == .braces && isHeader(text, keyword) ? whole : nil
  }

  /// Whether a line reads like the header of a function: a type, a name, parentheses, and a block or nothing behind.
  private static func isHeader(_ text: ArraySlice<UInt8>, _ first: String) -> Bool {
    guard !statements.contains(first), let paren = text.firstIndex(of: UInt8(ascii: "(")) else { return false }
    let before = text[..<paren]
    guard before.contains(UInt8(ascii: " ")),
      before.allSatisfy({ isNameByte($0) || isBlankByte($0) || "*&:<>~,".utf8.contains($0) })
    else { return false }
    return text.last == UInt8(ascii: "{") || text.last == UInt8(ascii: ")")
  }

  /// The name or keyword that a text starts with.
  private static func word(at text: ArraySlice<UInt8>) -> String? {
    let word = text.prefix(while: isNameByte)
    return word.isEmpty || word.count > 12 ? nil : String(decoding: word, as: UTF8.self)
  }

  private static let modifiers: Set<String> = [
    "public", "private", "protected", "internal", "fileprivate", "package", "open", "static", "final", "abstract",
    "override", "async", "export", "default", "pub", "data", "sealed", "inline", "readonly", "virtual", "partial",
    "mutating", "unsafe", "extern", "suspend", "lateinit", "declare",
  ]
  private static let statements: Set<String> = [
    "if", "for", "while", "switch", "else", "try", "catch", "do", "return", "new", "throw", "await", "yield", "when",
    "guard", "defer", "match", "loop", "foreach", "using", "lock", "synchronized", "assert", "with", "delete", "go",
    "case", "elif", "elseif", "and", "or", "not",
  ]
  /// What is taken for the same only where the whole line is: its parameters tell overloads apart.
  private static let wholeLines: Set<String> = ["func", "fun", "fn", "def", "function", "init", "interface"]
  /// The keywords after which a name may stand only once in a container.
  private static let uniqueNames: [String: Set<String>] = [
    "JavaScript": ["const", "let", "class", "function"],
    "TypeScript": ["const", "let", "class", "enum", "type"],
    "Swift": ["let", "var", "class", "struct", "enum", "protocol", "typealias", "actor"],
    "Kotlin": ["val", "var", "class", "object", "interface"],
    "Java": ["class", "interface", "enum", "record"],
    "C#": ["class", "interface", "enum", "struct", "record"],
    "Dart": ["class", "enum", "mixin"],
    "C": ["struct", "union", "enum"],
    "C++": ["struct", "union", "enum", "class"],
    "Go": ["func", "type", "const"],
    "Rust": ["fn", "struct", "enum", "trait", "mod", "const", "static", "type"],
    "PHP": ["function", "class", "interface", "trait", "const"],
    "Python": ["def", "class"],
    "Ruby": ["def"],
  ]
}
