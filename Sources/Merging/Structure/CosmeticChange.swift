/// Whether a change of a file changes anything but its looks.
package enum CosmeticChange: String, Sendable, Hashable {
  /// The two versions differ in white space and line ends alone.
  case whiteSpace = "white space"
  /// They differ in white space and comments alone.
  case comments

  /// What kind of cosmetic change leads from one version of the file to the other.
  ///
  /// In a language in which indentation is the structure, a change of it is none of looks.
  ///
  /// - Parameters:
  ///   - old: The file before.
  ///   - new: The file after.
  ///   - path: The path of the file, which decides the language.
  /// - Returns: `nil` for any other change.
  package static func of(_ old: [UInt8], _ new: [UInt8], path: [UInt8]) -> CosmeticChange? {
    let language = Language.ofFile(at: path)
    let keepsIndentation = [.indentation, .build, .other, .markup].contains(language.family)
    if tokens(old, language, keepsIndentation, withComments: true)
      == tokens(new, language, keepsIndentation, withComments: true)
    {
      return .whiteSpace
    }
    guard language.family != .other, language.family != .markup else { return nil }
    return tokens(old, language, keepsIndentation, withComments: false)
      == tokens(new, language, keepsIndentation, withComments: false) ? .comments : nil
  }

  /// What is read of the text: its tokens, and before the first of each line its indentation where that counts.
  private static func tokens(
    _ bytes: [UInt8], _ language: Language, _ keepsIndentation: Bool, withComments: Bool
  ) -> [ArraySlice<UInt8>] {
    let text = SourceText(bytes, language: language)
    var result: [ArraySlice<UInt8>] = []
    for line in 0..<text.table.count {
      var indentation: ArraySlice<UInt8> = []
      var isFirst = true
      for token in text.tokens(LineSpan(start: line, count: 1)) {
        var slice = bytes[token.range]
        switch token.kind {
        case .blank:
          if isFirst { indentation = slice }
          continue
        case .lineEnd: continue
        case .comment where !withComments: continue
        case .comment, .text, .sign:
          while let last = slice.last, isBlankByte(last) || last == 0x0D || last == 0x0A { slice.removeLast() }
          if slice.isEmpty { continue }
        default: break
        }
        if isFirst, keepsIndentation { result.append([0x0A] + indentation) }
        isFirst = false
        result.append(slice)
      }
    }
    return result
  }
}
