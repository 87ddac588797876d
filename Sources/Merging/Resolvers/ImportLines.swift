/// The lines of a text, those of one import that spans several put together.
///
/// Lists of names in brackets go over lines in Python, JavaScript and Rust; what they import is the same as on one line.
struct ImportLines {
  /// The lines, or for an import over several all of it, with the ending of its last line.
  let lines: [HunkLine]
  /// How many lines of the text each of them is.
  let counts: [Int]

  /// The longest import in lines.
  private static let most = 200

  init(_ bytes: [UInt8], form: Language.ImportForm) {
    let all = HunkLine.split(bytes)
    guard let brackets = Self.brackets(form) else {
      (lines, counts) = (all, Array(repeating: 1, count: all.count))
      return
    }
    var lines: [HunkLine] = []
    var counts: [Int] = []
    var index = 0
    while index < all.count {
      let length = Self.length(all[index...], of: bytes, brackets, form)
      let last = all[index + length - 1]
      let first = all[index].content.startIndex
      lines.append(length == 1 ? last : HunkLine(content: bytes[first..<last.content.endIndex], ending: last.ending))
      counts.append(length)
      index += length
    }
    (self.lines, self.counts) = (lines, counts)
  }

  /// How many lines the import takes that starts with the first of these; 1 for anything else.
  private static func length(
    _ lines: ArraySlice<HunkLine>,
    of bytes: [UInt8],
    _ brackets: (opener: UInt8, closer: UInt8),
    _ form: Language.ImportForm
  ) -> Int {
    guard let first = lines.first, let start = first.content.firstIndex(of: brackets.opener),
      !first.content[start...].contains(brackets.closer), startsImport(first.trimmed)
    else { return 1 }
    for (offset, line) in lines.prefix(most).enumerated().dropFirst() {
      if line.content.contains(brackets.opener) { return 1 }
      guard line.content.contains(brackets.closer) else { continue }
      let whole = bytes[first.content.startIndex..<line.content.endIndex]
      return ImportStatement(whole, form: form) == nil ? 1 : offset + 1
    }
    return 1
  }

  private static func brackets(_ form: Language.ImportForm) -> (opener: UInt8, closer: UInt8)? {
    switch form {
    case .python: (UInt8(ascii: "("), UInt8(ascii: ")"))
    case .ecmascript, .rust: (UInt8(ascii: "{"), UInt8(ascii: "}"))
    default: nil
    }
  }

  private static func startsImport(_ line: ArraySlice<UInt8>) -> Bool {
    line.hasPrefix("from ") || line.hasPrefix("import ") || line.hasPrefix("export ") || line.hasPrefix("use ")
      || line.hasPrefix("pub ") || line.hasPrefix("pub(") || line.hasPrefix("const ")
  }
}

extension HunkLine {
  /// Whether it is an import over several lines.
  var spansLines: Bool { content.contains(UInt8(ascii: "\n")) }
}
