/// Refuses to settle a conflict on lines that are no ancestor's: where the sides have several common ancestors, git
/// merges these first and leaves its markers in what it takes for the base.
struct AncestorRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    let table = LineTable(conflict.base)
    for index in 0..<table.count where Self.isNestedMarker(table[index]) {
      return GateObjection(.unsureAncestor, table[index].trimmingEnd)
    }
    return nil
  }

  /// Whether a line is a marker longer than those of a merge that is not nested.
  ///
  /// Underlines of headings are such rows of `=` too, so that these count only in company of the others; a conflict may
  /// begin or end within what was nested, and then nothing else tells.
  private static func isNestedMarker(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first, "<|>".utf8.contains(first) else { return false }
    let length = line.prefix { $0 == first }.count
    return length > 7 && line.dropFirst(length).first == UInt8(ascii: " ")
      || length == 7 && line.dropFirst(7).starts(with: " Temporary merge branch ".utf8)
  }
}
