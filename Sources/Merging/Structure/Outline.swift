/// Which declarations of a file stand around a line.
package struct Outline: Sendable {
  /// One declaration, section or entry around a line.
  package struct Enclosing: Sendable, Hashable {
    /// The lines that open it, counted from zero: its signature, or its key.
    package var head: Range<Int>
    /// All its lines, its comments and attributes with them.
    package var lines: Range<Int>
    /// Whether it is a function or a block that is handed to a call.
    package var isFunction: Bool
  }

  private let items: [Item]
  private let table: LineTable

  /// More bytes are not read: what is said of a line of such a file can do without.
  private static let limit = 1 << 20
  /// A signature is hardly longer.
  private static let headLimit = 6

  /// Reads the outline of a file; `nil` where nothing is known about its language, or it is larger than 1 MiB.
  package init?(of content: [UInt8], at path: [UInt8]) {
    guard content.count <= Self.limit else { return nil }
    let text = SourceText(content, language: Language.ofFile(at: path))
    guard let tree = ItemTree(text, seed: 0x0B_7A_11_5E) else { return nil }
    (items, table) = (tree.items, text.table)
  }

  /// What stands around a line, the outermost first; the line may be one of an opening itself.
  ///
  /// - Parameter line: The line, counted from zero.
  /// - Returns: What stands around it; nothing at the top of a file.
  package func enclosing(_ line: Int) -> [Enclosing] {
    var result: [Enclosing] = []
    var level = items
    while let item = level.first(where: { $0.lines.contains(line) }) {
      if Self.tells(item) {
        result.append(
          Enclosing(
            head: head(of: item), lines: item.lines, isFunction: item.kind == .function || item.kind == .block))
      }
      level = item.children
    }
    return result
  }

  private static func tells(_ item: Item) -> Bool {
    switch item.kind {
    case .function, .type, .section, .block: true
    case .entry, .element, .field, .statement: !item.children.isEmpty && item.isNamed
    case .importing, .label, .listEntry, .paragraph, .directive, .divider, .filler: false
    }
  }

  /// The first line, and those behind it as long as a bracket is open.
  private func head(of item: Item) -> Range<Int> {
    let start = item.head.lowerBound
    var end = start
    var open = 0
    repeat {
      for byte in table[end] {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["): open += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): open -= 1
        default: break
        }
      }
      end += 1
    } while open > 0 && end < item.foot.upperBound && end < table.count && end - start < Self.headLimit
    return start..<end
  }
}

/// Whether a file can still be read after an edit.
package enum EditGate {
  /// What an edit makes worse: brackets or tags that do not pair any more, a document that its parser refuses, a
  /// declaration that is there twice.
  ///
  /// - Parameters:
  ///   - new: The file with the edit.
  ///   - old: The file as it is.
  ///   - path: The file's path, which tells its language.
  /// - Returns: The reason; `nil` where nothing is worse, which is no proof.
  package static func objection(to new: [UInt8], from old: [UInt8], at path: [UInt8]) -> FileMerge.Rejection.Reason? {
    let language = Language.ofFile(at: path)
    let (before, after) = (SourceText(old, language: language), SourceText(new, language: language))
    var rules: [any FileRule] = StandardDocumentChecks.all.filter { $0.applies(to: path) }
      .compactMap { DocumentRule($0, ours: before, theirs: before) }
    if let balance = BalanceRule(ours: before, theirs: before) { rules.append(balance) }
    rules.append(DuplicateRule(ours: before, theirs: before))
    return rules.lazy.compactMap { $0.fault(in: after)?.reason }.first
  }
}
