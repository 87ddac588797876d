/// Settles conflicts in which one side put new lines right beside lines that the other side changed.
///
/// Both are taken if the new lines do not look as if they needed the other side's change as well: they use nothing
/// that it removed, repeat nothing that it added, and are not like the lines that it rewrote.
package struct AdjacentInsertion: Resolver {
  package let name = "adjacent-insertion"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), !fine.insertionContacts.isEmpty,
      let lines = fine.mergedApartFromSpacing(), allows(fine)
    else { return nil }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "one side added lines beside those that the other changed; both are taken",
      dropped: conflict.droppedLines(from: lines, reason: "only its white space was changed; the other change is taken")
    )
  }

  private func allows(_ fine: FineMerge) -> Bool {
    let fromOurs = fine.insertionContacts.filter { $0.ours.kind == .insertion }
    let fromTheirs = fine.insertionContacts.filter { $0.theirs.kind == .insertion }
    // A deleted line beside a new one is most often what the new one belonged to.
    if fine.insertionContacts.contains(where: { $0.ours.kind == .deletion || $0.theirs.kind == .deletion }) {
      return false
    }
    let byTheirs = RewriteTraces(of: fine.theirAlignment.edits, to: fine.theirs, from: fine.base)
    let byOurs = RewriteTraces(of: fine.ourAlignment.edits, to: fine.ours, from: fine.base)
    return fromOurs.allSatisfy { byTheirs.allow(fine.ours[$0.ours.side], fine.language) }
      && fromTheirs.allSatisfy { byOurs.allow(fine.theirs[$0.theirs.side], fine.language) }
  }
}

/// What one side's changes of a conflict's lines removed, added and took apart.
struct RewriteTraces {
  private var removed: Set<ArraySlice<UInt8>> = []
  private var added: Set<ArraySlice<UInt8>> = []
  /// Neighbouring tokens that are no neighbours any more.
  private var parted: Set<Pair> = []
  private var rewritten: [LineAlignment.Line] = []

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
      rewritten.append(LineAlignment.Line(before, number: 0))
    }
    removed = old.subtracting(new)
    added = new.subtracting(known)
  }

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
      let own = LineAlignment.Line(line, number: 0)
      if rewritten.contains(where: { LineAlignment.likeness($0, own) > 0 }) { return false }
    }
    return depth == 0
  }
}
