/// What the white space in the lines of a file means.
enum Spacing: Sendable, Hashable {
  /// Nothing: it only lays the text out.
  case layout
  /// At the start of a line it says what the line belongs to.
  case indentation
  /// It is content wherever it stands.
  case content

  /// Whether one side changed white space that means something in a line that the other side changed as well.
  func conflicts(_ base: TokenLine, _ ours: TokenLine, _ theirs: TokenLine) -> Bool {
    guard self != .layout else { return false }
    if ours.indentation != theirs.indentation { return true }
    return self == .content && [ours, theirs].contains { $0.hasInk(of: base) && $0.bytes != base.bytes }
  }
}

extension TokenLine {
  fileprivate var indentation: ArraySlice<UInt8> { units.first?.space ?? [] }

  /// Whether the line has the same tokens as another.
  fileprivate func hasInk(of other: TokenLine) -> Bool {
    units.lazy.filter { !$0.isLineEnd }.map(\.text).elementsEqual(other.units.lazy.filter { !$0.isLineEnd }.map(\.text))
  }
}

extension Language {
  /// Whether the indentation of a line says what it belongs to, or nothing is known about that.
  var indentsStructure: Bool {
    guard whitespaceMatters else { return false }
    return switch family {
    case .indentation: true
    case .build: name == "Make" || name == "Starlark"
    case .markup: name == "Markdown" || name == "text"
    case .braces: name == "Scala"
    case .other: name == "unknown"
    case .endKeyword, .data: false
    }
  }
}

extension SourceText {
  /// What white space means in the file, by its language and by whether it is markup with text that is kept as it is.
  var spacing: Spacing {
    if language.family == .markup, keepsText { return .content }
    return language.indentsStructure ? .indentation : .layout
  }

  /// Whether the file has an element or an attribute that keeps the white space within it.
  private var keepsText: Bool {
    let bytes = table.bytes
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "<") || byte == UInt8(ascii: ":"),
        Self.keepers.contains(where: { $0.count <= bytes.count - index && Self.isWord($0, in: bytes, at: index) })
      {
        return true
      }
      index += 1
    }
    return false
  }

  private static func isWord(_ word: [UInt8], in bytes: [UInt8], at start: Int) -> Bool {
    word.indices.allSatisfy { bytes[start + $0] == word[$0] || bytes[start + $0] | 0x20 == word[$0] }
  }

  private static let keepers = ["<pre", "<textarea", ":space=\"preserve"].map { Array($0.utf8) }
}

extension ResolverContext {
  /// What white space means in any of the three files.
  func readSpacing() -> Spacing {
    let all = [sources.base, sources.ours, sources.theirs].lazy.map(\.spacing)
    return all.contains(.content) ? .content : sources.base.spacing
  }
}
