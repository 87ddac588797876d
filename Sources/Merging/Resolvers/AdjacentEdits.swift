/// Settles conflicts in which the sides changed different lines that merely touch, by taking both changes.
///
/// Lines that are alike are paired first, so that a change of two lines by one side and of the line between them by
/// the other is seen as what it is. A line that both changed is taken only where one of them changed its white space
/// alone. New lines beside a change of the other side are the business of ``AdjacentInsertion``.
package struct AdjacentEdits: Resolver {
  package let name = "adjacent-edits"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), fine.insertionContacts.isEmpty,
      let lines = fine.mergedApartFromSpacing(), !fine.changesIdentity, !fine.changesStructure,
      !conflict.exchangesWords, !conflict.changesOnlySpace
    else { return nil }
    let isOneSide = lines == conflict.ours || lines == conflict.theirs
    guard isOneSide || !conflict.isRewritten else { return nil }
    let ours = RewriteTraces(of: fine.ourAlignment.edits, to: fine.ours, from: fine.base)
    let theirs = RewriteTraces(of: fine.theirAlignment.edits, to: fine.theirs, from: fine.base)
    // Changes that bring the same name in, or of which one uses what the other took away, are no independent ones.
    guard !ours.sharesAdditions(with: theirs), !ours.usesRemoved(by: theirs), !theirs.usesRemoved(by: ours) else {
      return nil
    }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "the sides changed different lines; both changes are taken",
      dropped: conflict.droppedLines(from: lines, reason: "only its white space was changed; the other change is taken")
    )
  }
}

extension FineMerge {
  /// Whether a side changed which package, project or artefact an entry of a manifest is about.
  ///
  /// What stands beside it, a version or a path, then belongs to the old name or to the new one.
  var changesIdentity: Bool {
    guard language.family == .data || language.family == .markup else { return false }
    return contacts.contains { contact in
      [contact.ours, contact.theirs].contains { edit in
        edit.kind == .modification && base[edit.base.lowerBound].namesAnIdentity
      }
    }
  }
}

extension FineMerge {
  /// Whether a change reaches across brackets, or the sides deleted different ones of several equal lines.
  var changesStructure: Bool {
    let (our, their) = (deletions(ourAlignment), deletions(theirAlignment))
    if our.contains(where: { line, places in their[line].map { $0 != places } ?? false }) { return true }
    return contacts.contains { contact in
      contact.ours.kind == .replacement && Self.closesFirst(ours[contact.ours.side], contact.ours)
        || contact.theirs.kind == .replacement && Self.closesFirst(theirs[contact.theirs.side], contact.theirs)
    }
  }

  /// Where an alignment deleted lines that say something, by their bytes.
  private func deletions(_ alignment: LineAlignment) -> [[UInt8]: [Int]] {
    alignment.edits.reduce(into: [:]) { result, edit in
      guard edit.kind == .deletion else { return }
      let line = base[edit.base.lowerBound]
      guard line.units.contains(where: \.isTelling) else { return }
      result[line.bytes, default: []].append(edit.base.lowerBound)
    }
  }

  /// Whether new lines close a bracket that was opened before them, and there are more of them than before.
  private static func closesFirst(_ lines: ArraySlice<TokenLine>, _ edit: LineAlignment.Edit) -> Bool {
    guard edit.side.count > edit.base.count else { return false }
    var depth = 0
    for unit in lines.lazy.flatMap(\.units) {
      if unit.kind == .open { depth += 1 }
      if unit.kind == .close { depth -= 1 }
      if depth < 0 { return true }
    }
    return false
  }
}

extension TokenLine {
  /// Whether the line's key is one that says what the lines around it are about.
  fileprivate var namesAnIdentity: Bool {
    guard let key = units.first(where: \.isTelling)?.text else { return false }
    let word = key.drop { $0 == UInt8(ascii: "\"") }.prefix { $0 != UInt8(ascii: "\"") }
    return ["name", "id", "artifactId", "groupId", "package"].contains { word.elementsEqual($0.utf8) }
  }
}
