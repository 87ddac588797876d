/// What one side's changes of a conflict's lines removed, added and took apart.
struct RewriteTraces {
  private var removed: Set<ArraySlice<UInt8>> = []
  private var added: Set<ArraySlice<UInt8>> = []
  /// What stands in a changed line now and did not before.
  private var new: Set<ArraySlice<UInt8>> = []
  /// Neighbouring tokens that are no neighbours any more.
  private var parted: Set<Pair> = []
  private var rewritten: [LineAlignment.Line] = []
  /// The forms of lines to which another form was given: with an argument more, say.
  private var reshaped: Set<[[UInt8]]> = []

  private struct Pair: Hashable {
    var first: ArraySlice<UInt8>
    var second: ArraySlice<UInt8>

    /// The pairs of tokens of a line of which one at least is a name or a literal.
    static func all(of line: TokenLine) -> [Pair] {
      zip(line.units, line.units.dropFirst()).compactMap { first, second in
        first.isTelling || second.isTelling ? Pair(first: first.text, second: second.text) : nil
      }
    }
  }

  init(of edits: [LineAlignment.Edit], to side: [TokenLine], from base: [TokenLine]) {
    let known = Set(base.flatMap { $0.units.map(\.text) })
    var old: Set<ArraySlice<UInt8>> = []
    var new: Set<ArraySlice<UInt8>> = []
    for edit in edits {
      for line in edit.base { old.formUnion(base[line].units.lazy.filter(\.isTelling).map(\.text)) }
      for line in edit.side { new.formUnion(side[line].units.lazy.filter(\.isTelling).map(\.text)) }
      guard edit.kind == .modification else { continue }
      let (before, after) = (base[edit.base.lowerBound], side[edit.side.lowerBound])
      parted.formUnion(Set(Pair.all(of: before)).subtracting(Pair.all(of: after)))
      if before.shape != after.shape { reshaped.insert(before.shape) }
      rewritten.append(LineAlignment.Line(before, number: 0))
    }
    removed = old.subtracting(new)
    added = new.subtracting(known)
    self.new = new.subtracting(old)
  }

  /// Whether the other side's changes added something that this one's added too.
  func sharesAdditions(with other: RewriteTraces) -> Bool { !added.isDisjoint(with: other.added) }

  /// Whether this side's changes newly use something that the other side's removed.
  func usesRemoved(by other: RewriteTraces) -> Bool { !new.isDisjoint(with: other.removed) }

  /// Whether some lines have tokens side by side that these changes took apart.
  func tookApart(_ lines: [TokenLine]) -> Bool { lines.contains { Pair.all(of: $0).contains(where: parted.contains) } }

  /// Whether new lines of the other side stand free of these changes.
  func allow(_ lines: ArraySlice<TokenLine>, _ language: Language) -> Bool {
    var depth = 0
    for line in lines {
      if line.isImport(language) || Pair.all(of: line).contains(where: parted.contains) { return false }
      for unit in line.units {
        if removed.contains(unit.text) || added.contains(unit.text) { return false }
        if unit.kind == .open { depth += 1 }
        if unit.kind == .close { depth -= 1 }
        if depth < 0 { return false }
      }
      if reshaped.contains(line.shape) { return false }
      let own = LineAlignment.Line(line, number: 0)
      if rewritten.contains(where: { LineAlignment.likeness($0, own) > 0 }) { return false }
    }
    return depth == 0
  }
}
