/// How the lines of a language declare something that must not be declared twice.
struct DeclarationForm {
  private let language: Language
  let isMarkdown: Bool
  /// Whether the same line twice in a row is a slip.
  let linesAreUnique: Bool

  init(_ language: Language) {
    self.language = language
    isMarkdown = language.name == "Markdown"
    linesAreUnique =
      switch language.family {
      case .braces, .indentation, .endKeyword, .build, .data: language.name != "table"
      case .markup, .other: false
      }
  }

  /// Whether a line parts the container it stands in.
  func opensPart(_ text: ArraySlice<UInt8>) -> Bool {
    switch language.name {
    case "C", "C++", "Objective-C", "C#", "C-like", "Swift":
      text.hasPrefix("#if") || text.hasPrefix("#el") || text.hasPrefix("#end")
    case "properties", "requirements": text.hasPrefix("[")
    default: false
    }
  }

  /// Whether a line starts a selection by labels.
  func isSwitch(_ text: ArraySlice<UInt8>) -> Bool {
    if language.family == .endKeyword { return text.hasPrefix("case ") }
    guard language.family == .braces, text.last == UInt8(ascii: "{") || text.hasPrefix("switch") else { return false }
    return text.split { !isNameByte($0) }.contains { $0.elementsEqual("switch".utf8) }
  }

  /// What a line declares.
  ///
  /// - Parameters:
  ///   - text: The line without white space at its ends.
  ///   - header: The line that the container starts with.
  ///   - previous: The line above; empty where it is blank.
  /// - Returns: What must not be there again; `nil` where the line declares nothing.
  func key(
    of text: ArraySlice<UInt8>,
    header: ArraySlice<UInt8>,
    previous: ArraySlice<UInt8>
  ) -> DeclarationKey? {
    if let statement = importStatement(text, header: header) {
      return DeclarationKey(kind: .importing, text: statement.canonical[...])
    }
    switch language.name {
    case "Markdown":
      let isHeading = text.hasPrefix("#") && text.contains(UInt8(ascii: " "))
      return isHeading ? DeclarationKey(kind: .heading, text: text) : nil
    case "properties": return property(text)
    case "XML": return named(text)
    default: break
    }
    guard language.family == .braces || language.family == .indentation || language.family == .endKeyword else {
      return nil
    }
    // What stands above may say that it is a variant of what has the same name.
    if previous.hasPrefix("@") || previous.hasPrefix("#[") { return nil }
    if text.hasPrefix(language.family == .endKeyword ? "when " : "case ") { return label(text) }
    return DeclarationWords(text, language).key
  }

  private func importStatement(_ text: ArraySlice<UInt8>, header: ArraySlice<UInt8>) -> ImportStatement? {
    guard language.imports != .none, let first = text.first else { return nil }
    if language.imports == .go, first == UInt8(ascii: "\"") || text.last == UInt8(ascii: "\"") {
      guard header.elementsEqual("import (".utf8) || text.hasPrefix("import ") else { return nil }
      return ImportStatement(text, form: .go)
    }
    // Only these can start an import; a full reading of every line would cost too much.
    let starts: [StaticString] = [
      "import", "#", "using", "global", "use", "from", "const", "let", "var", "export", "require", "@",
    ]
    guard starts.contains(where: { text.hasPrefix($0) }) else { return nil }
    return ImportStatement(text, form: language.imports)
  }

  private func label(_ text: ArraySlice<UInt8>) -> DeclarationKey? {
    if language.name == "Swift" || language.name == "Scala" || language.name == "Rust" {
      return DeclarationKey(kind: .label, text: text)
    }
    guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else {
      return language.family == .endKeyword ? DeclarationKey(kind: .label, text: text) : nil
    }
    return DeclarationKey(kind: .label, text: text[..<colon])
  }

  private func property(_ text: ArraySlice<UInt8>) -> DeclarationKey? {
    if text.hasPrefix("#") || text.hasPrefix(";") || text.hasPrefix("[") { return nil }
    guard let sign = text.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }) else { return nil }
    let key = text[..<sign].trimmingEnd
    let isPlain = key.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    return isPlain && !key.isEmpty ? DeclarationKey(kind: .key, text: key) : nil
  }

  /// An element with a name: the tag and the name up to the closing quote.
  private func named(_ text: ArraySlice<UInt8>) -> DeclarationKey? {
    guard text.hasPrefix("<"), let space = text.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let rest = text[text.index(after: space)...]
    guard rest.hasPrefix("name=\""), let quote = rest.dropFirst(6).firstIndex(of: UInt8(ascii: "\"")) else {
      return nil
    }
    return DeclarationKey(kind: .key, text: text[...quote])
  }
}
