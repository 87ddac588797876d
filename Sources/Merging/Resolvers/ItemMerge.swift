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
    /// Both added sections of a document.
    case sections = "items-sections"
    /// Both added items, and one did more.
    case addedAndChanged = "items-added-and-changed"
    /// Both changed different items.
    case changed = "items-changed"
    /// Both changed different entries of data.
    case values = "items-values"
    /// One added items beside one that the other changed.
    case beside = "items-beside"
    /// The same in data.
    case besideValues = "items-beside-values"
    /// One changed the head of an item, the other what is in it.
    case nested = "items-nested"
    /// Both deleted different items.
    case deleted = "items-deleted"
    /// One added items where the other deleted some.
    case addedAndDeleted = "items-added-and-deleted"
    /// One replaced items beside what the other changed.
    case rewritten = "items-rewritten"
    /// Only one side changed an item; the lines of both differ by chance.
    case oneSide = "items-one-side"
    /// No item is changed in a way that the other side did not change it.
    case alike = "items-alike"
    /// A side moved an item.
    case moved = "items-moved"
    /// Both changed lines of one item.
    case lines = "items-lines"
    /// A side replaced items where the other did something.
    case replaced = "items-replaced"
    /// Any of these among imports.
    case imports = "items-imports"
  }

  package let form: Form
  package var name: String { form.rawValue }

  package init(_ form: Form) {
    self.form = form
  }

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !conflict.isNarrowed, let merge = context.structure,
      let hunk = merge.hunk(conflict.position, context.sources), ItemChanges(hunk).form == form,
      Self.keepsAdditions(conflict, hunk.lines), !context.isGenerated
    else { return nil }
    return Resolution(resolver: name, lines: hunk.lines, reason: reason)
  }

  private var reason: String {
    switch form {
    case .added, .sections: "both sides added different items, and their order means nothing"
    case .addedAndChanged: "both sides added different items, and one changed others beside them"
    case .changed, .values: "the sides changed different items"
    case .beside, .besideValues: "one side added an item beside one that the other changed"
    case .nested: "the sides changed different parts of an item"
    case .deleted: "the sides deleted different items"
    case .addedAndDeleted: "one side added an item beside one that the other deleted"
    case .rewritten: "one side replaced items beside one that the other changed"
    case .oneSide: "only one side changed an item here"
    case .alike: "the sides changed these items alike"
    case .moved: "one side moved an item that the other left in its place"
    case .lines: "the sides changed different lines of an item"
    case .replaced: "one side replaced items where the other changed some"
    case .imports: "the sides changed different imports"
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
    var adds = false
    var changes = false
    var deletes = false
    var edits = false

    var isEmpty: Bool { !adds && !changes && !deletes && !edits }
    var onlyAdds: Bool { adds && !changes && !deletes && !edits }
    var onlyDeletes: Bool { deletes && !changes && !adds && !edits }
  }

  private var ours = Side()
  private var theirs = Side()
  private var addedByBoth = false
  private var isReplaced = false
  private var isMoved = false
  private var hasLines = false
  private var kinds: Set<Item.Kind> = []
  private var containers: Set<Item.Kind> = []

  init(_ hunk: StructuralHunk) {
    for event in hunk.events {
      switch event.decision {
      case .replaced: isReplaced = true
      case .moved: isMoved = true
      case .added: addedByBoth = true
      case .linesMerged: hasLines = true
      case .changed(let kind, let side): put(side, kind, event.container) { $0.changes = true }
      case .inserted(let kind, let side): put(side, kind, event.container) { $0.adds = true }
      case .deleted(let kind, let side):
        if kind != .filler { put(side, kind, event.container) { $0.deletes = true } }
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

  var form: ItemMerge.Form {
    if kinds.contains(.importing) || containers.contains(.importing) { return .imports }
    if isReplaced { return .replaced }
    if isMoved { return .moved }
    if hasLines { return .lines }
    if addedByBoth {
      guard ours.onlyAdds, theirs.onlyAdds else { return .addedAndChanged }
      return kinds.contains(.section) || kinds.contains(.paragraph) ? .sections : .added
    }
    if ours.deletes || theirs.deletes {
      if ours.onlyDeletes, theirs.onlyDeletes { return .deleted }
      if ours.onlyDeletes && theirs.onlyAdds || theirs.onlyDeletes && ours.onlyAdds { return .addedAndDeleted }
      return .rewritten
    }
    if ours.edits || theirs.edits { return .nested }
    if ours.isEmpty, theirs.isEmpty { return .alike }
    if ours.isEmpty || theirs.isEmpty { return .oneSide }
    let isData = containers.contains(.entry) || containers.contains(.section)
    if ours.adds || theirs.adds { return isData ? .besideValues : .beside }
    return isData ? .values : .changed
  }
}
