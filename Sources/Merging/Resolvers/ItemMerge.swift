/// Settles conflicts as the merge of the file's items settles them.
package struct ItemMerge: Resolver {
  /// What a structural merge may have done at a conflict.
  package enum Form: String, Sendable, Hashable, CaseIterable {
    case members = "items-members"
    case fields = "items-fields"
    case keys = "items-keys"
    case cases = "items-cases"
    case entries = "items-entries"
    case sections = "items-sections"
    case imports = "items-imports"
    case blocks = "items-blocks"
    case mixed = "items-mixed"
    case replaced = "items-replaced"
    case moved = "items-moved"
    case lines = "items-lines"
    case adjacent = "items-adjacent"
    case statements = "items-statements"
    case oneSide = "items-one-side"
  }

  package let form: Form
  package var name: String { form.rawValue }

  package init(_ form: Form) {
    self.form = form
  }

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !conflict.isNarrowed, !context.isGenerated, let merge = context.structure,
      let hunk = merge.hunk(conflict.position, context.sources), Self.form(of: hunk) == form
    else { return nil }
    return Resolution(resolver: name, lines: hunk.lines, reason: "merged item by item")
  }

  static func form(of hunk: StructuralHunk) -> Form {
    var sides: Set<DroppedLine.Side> = []
    var added: [Form] = []
    var kinds: Set<Item.Kind> = []
    for event in hunk.events {
      switch event.decision {
      case .replaced: return .replaced
      case .moved: return .moved
      case .added(let ours, let theirs): added.append(ours == theirs ? form(of: ours) : .mixed)
      case .changed(let kind, let side):
        sides.insert(side)
        kinds.insert(kind)
      case .linesMerged, .partsMerged, .deleted: break
      }
    }
    if let first = added.first { return added.allSatisfy { $0 == first } ? first : .mixed }
    if hunk.events.contains(where: { $0.decision == .linesMerged }) { return .lines }
    if sides.count < 2 { return .oneSide }
    return kinds.contains(.statement) ? .statements : .adjacent
  }

  private static func form(of kind: Item.Kind) -> Form {
    switch kind {
    case .function, .type: .members
    case .field: .fields
    case .entry, .element: .keys
    case .label: .cases
    case .listEntry: .entries
    case .section, .paragraph: .sections
    case .importing: .imports
    case .block: .blocks
    case .statement, .directive, .divider, .filler: .mixed
    }
  }
}
