/// Settles conflicts as the merge of the file's items settles them.
///
/// A line merge sees lines that touch; a file has functions, fields, entries and sections. Where the sides changed
/// different ones, or added different ones where order means nothing, both changes can stand. What exactly the sides
/// did decides how sure that is, so each form of it is a resolver of its own.
package struct ItemMerge: Resolver {
  /// What the sides did where they are in conflict.
  package enum Form: String, Sendable, Hashable, CaseIterable {
    /// Both added items with different names, and order means nothing.
    case added = "items-added"
    /// The same with many lines, of which people are more likely to change some in the merge.
    case addedLong = "items-added-long"
    /// Both changed different items of code.
    case changed = "items-changed"
    /// One replaced statements one for one beside what the other changed.
    case rewritten = "items-rewritten"
    /// Both deleted different items.
    case deleted = "items-deleted"
    /// At most one side changed an item in a way the other did not; their lines meet by chance.
    case oneSide = "items-one-side"
    /// Anything else that different items explain: entries of data side by side, sections, moved and replaced items.
    case other = "items-other"
  }

  package let form: Form
  package var name: String { form.rawValue }

  package init(_ form: Form) {
    self.form = form
  }

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !conflict.isNarrowed, let merge = context.structure,
      let hunk = merge.hunk(around: conflict.position, context.sources), ItemChanges(hunk).form == form,
      Self.keepsAdditions(conflict, hunk.lines), !context.isGenerated, isSure(conflict, hunk.lines, context)
    else { return nil }
    return Resolution(resolver: name, lines: hunk.lines, reason: reason)
      .listingDrops(of: conflict, because: "it is kept, but for white space or the comma at its end")
  }

  /// Whether nothing in the conflict or the rest of the file speaks against what the items say.
  private func isSure(_ conflict: Conflict, _ lines: [UInt8], _ context: ResolverContext) -> Bool {
    switch form {
    case .added, .addedLong:
      let additions = AdditionsInFiles(conflict, in: context)
      // Elements and entries are all alike.
      let areCopies = !context.language.hasTags && context.language.family != .data && additions.areCopies
      let doubt = AdditionDoubt(conflict, in: context)
      guard !doubt.isAny, doubt.order == .any, !doubt.areArguments else { return false }
      return !areCopies && !additions.shareNewNames && !additions.repeatRemovedLines
    case .oneSide: return OneSideItems(conflict, in: context).allow(lines)
    case .changed, .rewritten, .deleted, .other: return true
    }
  }

  private var reason: String {
    switch form {
    case .added, .addedLong: "both sides added different items, and their order means nothing"
    case .changed: "the sides changed different items"
    case .rewritten: "one side replaced statements beside those that the other changed"
    case .deleted: "the sides deleted different items"
    case .oneSide: "only one side changed an item here"
    case .other: "the sides changed different items, of which it is not known that they are independent"
    }
  }

  /// Whether every line that a side added is in a result, white space and a comma at its end aside.
  static func keepsAdditions(_ conflict: Conflict, _ result: [UInt8]) -> Bool {
    let base = counts(conflict.base)
    let kept = counts(result)
    return [conflict.ours, conflict.theirs].allSatisfy { side in
      counts(side).allSatisfy { line, count in
        let added = count - (base[line] ?? 0)
        return added <= 0 || (kept[line] ?? 0) >= added
      }
    }
  }

  private static func counts(_ bytes: [UInt8]) -> [[UInt8]: Int] {
    var counts: [[UInt8]: Int] = [:]
    for line in bytes.split(separator: 0x0A) {
      var ink = line.filter { !isBlankByte($0) }
      if ink.last == UInt8(ascii: ",") { ink.removeLast() }
      if !ink.isEmpty { counts[ink, default: 0] += 1 }
    }
    return counts
  }
}

/// What the sides did at a conflict, by the decisions of the structural merge.
private struct ItemChanges {
  private struct Side {
    var added = 0
    var deleted = 0
    var changes = false
    var edits = false

    var isEmpty: Bool { added == 0 && deleted == 0 && !changes && !edits }
    var onlyAdds: Bool { added > 0 && deleted == 0 && !changes && !edits }
    var onlyDeletes: Bool { deleted > 0 && added == 0 && !changes && !edits }
  }

  private var ours = Side()
  private var theirs = Side()
  private var addedByBoth = false
  private var isReplaced = false
  private var isMoved = false
  private var hasLines = false
  /// Whether the hunk has more than thirty lines.
  private var isLong: Bool
  private var kinds: Set<Item.Kind> = []
  private var containers: Set<Item.Kind> = []

  init(_ hunk: StructuralHunk) {
    isLong = hunk.lines.count { $0 == 0x0A } > 30
    for event in hunk.events {
      switch event.decision {
      case .replaced: isReplaced = true
      case .moved: isMoved = true
      case .added: addedByBoth = true
      case .linesMerged: hasLines = true
      case .changed(let kind, let side): put(side, kind, event.container) { $0.changes = true }
      case .inserted(let kind, let side): put(side, kind, event.container) { $0.added += 1 }
      case .deleted(let kind, let side):
        if kind != .filler { put(side, kind, event.container) { $0.deleted += 1 } }
      case .edited(let side): put(side, nil, nil) { $0.edits = true }
      case .insertedByBoth(let kind): kinds.insert(kind)
      case .partsMerged: break
      }
    }
  }

  private mutating func put(
    _ side: DroppedLine.Side,
    _ kind: Item.Kind?,
    _ container: Item.Kind?,
    _ change: (inout Side) -> Void
  ) {
    if side == .ours { change(&ours) } else { change(&theirs) }
    if let kind { kinds.insert(kind) }
    if let container { containers.insert(container) }
  }

  /// The form of the changes; `nil` where imports are among them, which have a merge of their own.
  var form: ItemMerge.Form? {
    if kinds.contains(.importing) || containers.contains(.importing) { return nil }
    if isReplaced || isMoved || hasLines { return .other }
    if addedByBoth {
      let isProse = kinds.contains(.section) || kinds.contains(.paragraph)
      guard ours.onlyAdds, theirs.onlyAdds, !isProse else { return .other }
      return isLong ? .addedLong : .added
    }
    if ours.onlyDeletes, theirs.onlyDeletes { return .deleted }
    if ours.deleted > 0 || theirs.deleted > 0 {
      return ours.added == ours.deleted && theirs.added == theirs.deleted ? .rewritten : .other
    }
    if ours.edits || theirs.edits { return .other }
    if ours.isEmpty || theirs.isEmpty { return .oneSide }
    let isData = kinds.contains(.entry) || containers.contains(.entry) || containers.contains(.section)
    return ours.added > 0 || theirs.added > 0 || isData ? .other : .changed
  }
}
