/// How often names stand in code, within text literals and in declarations of some lines of a file.
struct CodeNames {
  private(set) var inCode: [ArraySlice<UInt8>: Int] = [:]
  private(set) var inText: [ArraySlice<UInt8>: Int] = [:]
  private(set) var declared: Set<ArraySlice<UInt8>> = []

  /// Reads only the names that are asked for.
  init(of names: Set<ArraySlice<UInt8>>, in span: LineSpan, of source: SourceText) {
    let bytes = source.table.bytes
    let tokens = source.tokens(span).filter { $0.kind != .blank && $0.kind != .comment }
    for (index, token) in tokens.enumerated() {
      let text = bytes[token.range]
      if token.kind == .text {
        for piece in NameText.pieces(of: text) where names.contains(piece) { inText[piece, default: 0] += 1 }
        continue
      }
      guard token.kind == .word, names.contains(text) else { continue }
      inCode[text, default: 0] += 1
      let before = index > 0 ? bytes[tokens[index - 1].range] : []
      let after = index + 1 < tokens.count ? bytes[tokens[index + 1].range] : []
      if Self.declaringWords.contains(Array(before)) || after.elementsEqual("=".utf8) || after.elementsEqual(":=".utf8)
      {
        declared.insert(text)
      }
    }
  }

  /// The words after which a name is made.
  private static let declaringWords = Set(
    [
      "var", "let", "const", "val", "def", "fn", "fun", "func", "function", "class", "struct", "enum", "union",
      "interface", "trait", "protocol", "type", "typealias", "typedef", "namespace", "module", "object", "record",
      "define", "int", "long", "bool", "boolean", "char", "float", "double", "String", "void", "mut", "auto",
    ].map { Array($0.utf8) })
}
