/// Whether what the merge of items made of a conflict is what one side has there, and takes nothing else away.
struct OneSideItems {
  private let conflict: Conflict
  private let context: ResolverContext

  /// How many pairs of lines are compared.
  private static let mostPairs = 10_000
  /// How many lines around the conflict are looked at for those of the ancestor in another form.
  private static let reach = 8

  init(_ conflict: Conflict, in context: ResolverContext) {
    self.conflict = conflict
    self.context = context
  }

  /// Whether the lines are those of either side, white space aside, and the other side can do without its own.
  func allow(_ lines: [UInt8]) -> Bool {
    let ink = Self.ink(lines)
    guard ink == Self.ink(conflict.ours) || ink == Self.ink(conflict.theirs) else { return false }
    return !AdditionsInFiles(conflict, in: context).haveRemovedNames && !hasEditOfDeleted
  }

  private static func ink(_ bytes: [UInt8]) -> [UInt8] {
    bytes.filter { !isBlankByte($0) && $0 != UInt8(ascii: "\n") }
  }

  /// Whether a line that both sides took away is still there in another form, and in none that both sides have.
  private var hasEditOfDeleted: Bool {
    let base = HunkLine.split(conflict.base)
    let (ours, theirs) = (HunkLine.split(conflict.ours), HunkLine.split(conflict.theirs))
    let known = Set(base.map(\.trimmed))
    let kept = Set((ours + theirs).map(\.trimmed))
    let removed = base.filter { $0.content.count(where: isNameByte) > 2 && !kept.contains($0.trimmed) }.map(Self.pieces)
    let added = (ours + theirs).filter { !$0.isBlank && !known.contains($0.trimmed) }.map(Self.pieces)
    guard !removed.isEmpty, !added.isEmpty else { return false }
    guard removed.count * added.count <= Self.mostPairs else { return true }
    let around =
      neighbours(context.sources.ours, conflict.position.ours)
      + neighbours(context.sources.theirs, conflict.position.theirs)
    return removed.contains { line in
      let likeness = added.map { Self.likeness(line, $0) }.max() ?? 0
      return likeness >= 50 && likeness > around.map { Self.likeness(line, $0) }.max() ?? 0
    }
  }

  private func neighbours(_ source: SourceText, _ span: LineSpan) -> [[ArraySlice<UInt8>: Int]] {
    let before = max(0, span.start - Self.reach)..<span.start
    let after = span.end..<min(source.table.count, span.end + Self.reach)
    return (Array(before) + Array(after)).map { Self.counts(source.line($0)) }
  }

  private static func pieces(_ line: HunkLine) -> [ArraySlice<UInt8>: Int] { counts(line.content) }

  private static func counts(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>: Int] {
    NameText.pieces(of: line).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// How much of two lines is alike, from 0 to 100.
  private static func likeness(_ one: [ArraySlice<UInt8>: Int], _ other: [ArraySlice<UInt8>: Int]) -> Int {
    let common = one.reduce(0) { $0 + min($1.value, other[$1.key] ?? 0) }
    let total = one.values.reduce(0, +) + other.values.reduce(0, +)
    return total == 0 ? 0 : 200 * common / total
  }
}
