/// Counts what a stretch of a file opens and closes: brackets, begin and end keywords, literals and comments.
struct BalanceCount {
  /// What a stretch does to the depth.
  struct Effect: Hashable {
    /// For each kind of bracket or keyword, how many more are opened than closed.
    var net: [Int]
    /// The lowest depth on the way, all kinds together; never above zero.
    var lowest: Int
    /// Where the scanner ends: in code, in a comment, in a literal.
    var end: SourceScanner.State
    /// How many closers find no opener of their kind, and how many openers are left.
    var mismatches: Int
  }

  let language: Language
  private let brackets: [UInt8]
  private let keywords: BlockKeywords?

  init(language: Language) {
    self.language = language
    brackets = Self.brackets(of: language)
    keywords = BlockKeywords(language)
  }

  /// Whether there is anything to count in this language.
  var isCounted: Bool { !brackets.isEmpty || keywords != nil }

  /// The brackets that must balance in a language: none where they are only text.
  private static func brackets(of language: Language) -> [UInt8] {
    switch language.family {
    case .braces, .endKeyword, .build: return Array("()[]{}".utf8)
    // A flow collection or a template in YAML is left to the check of documents.
    case .indentation: return language.name == "Python" ? Array("()[]{}".utf8) : []
    case .data: return language.name == "JSON" ? Array("[]{}".utf8) : []
    // A pattern of `case` in a shell has a closing bracket alone.
    case .other: return language.name == "Shell" ? Array("{}".utf8) : []
    case .markup: return []
    }
  }

  /// The effect of a stretch at whose start the scanner stands.
  func effect(of bytes: [UInt8], from start: SourceScanner) -> Effect {
    var scanner = start
    var depth = Depth(keywordKinds: keywords?.kindCount ?? 0)
    var words = keywords.map { BlockKeywords.Reader($0) }
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let (length, state) = scanner.step(bytes, at: index)
      if state == .code {
        if let place = brackets.firstIndex(of: byte) { depth.take(kind: place / 2, opens: place % 2 == 0) }
      }
      if words != nil {
        let change = words?.take(bytes, at: index, isCode: state == .code && byte != UInt8(ascii: "\n")) ?? nil
        if let change { depth.take(kind: 3 + change.kind, opens: change.opens) }
      }
      index += length
    }
    return Effect(
      net: depth.net,
      lowest: depth.lowest,
      end: scanner.state,
      mismatches: depth.unmatched + depth.openCount
        + (scanner.isInsideLongText || scanner.state == .blockComment ? 1 : 0)
    )
  }

  /// The openers that wait for their closers.
  private struct Depth {
    var net: [Int]
    var lowest = 0
    var unmatched = 0
    /// The kinds of the brackets that are open, and of the keywords: a condition of a preprocessor may stand across them.
    private var open: (brackets: [Int], keywords: [Int]) = ([], [])
    private var level = 0

    var openCount: Int { open.brackets.count + open.keywords.count }

    init(keywordKinds: Int) {
      net = Array(repeating: 0, count: 3 + keywordKinds)
    }

    mutating func take(kind: Int, opens: Bool) {
      net[kind] += opens ? 1 : -1
      level += opens ? 1 : -1
      lowest = min(lowest, level)
      if kind < 3 {
        Self.take(kind: kind, opens: opens, &open.brackets, &unmatched)
      } else {
        Self.take(kind: kind, opens: opens, &open.keywords, &unmatched)
      }
    }

    private static func take(kind: Int, opens: Bool, _ open: inout [Int], _ unmatched: inout Int) {
      if opens {
        open.append(kind)
      } else if open.last == kind {
        open.removeLast()
      } else if open.count > 1, open[open.count - 2] == kind {
        // What was opened within is at fault.
        open.removeLast(2)
        unmatched += 1
      } else {
        unmatched += 1
      }
    }
  }
}
