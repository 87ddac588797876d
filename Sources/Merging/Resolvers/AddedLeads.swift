/// Keeps both where one side added items and the other only an attribute, an annotation or a comment for what follows.
///
/// What leads up to the next declaration has to stand right before it, so the items come first.
package struct AddedLeads: Resolver {
  package let name = "added-leads"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    switch context.language.family {
    case .braces, .endKeyword: break
    case .indentation: if context.language.imports != .python { return nil }
    default: return nil
    }
    guard !context.isGenerated, let blocks = AddedBlocks(conflict, in: context), !blocks.followsNewComma,
      blocks.head == 0, blocks.tail == 0,
      let ours = AddedItems(blocks.ours), let theirs = AddedItems(blocks.theirs),
      ours.indentation == theirs.indentation, Self.isAnnotation(ours) != Self.isAnnotation(theirs)
    else { return nil }
    let isOurs = Self.isAnnotation(ours)
    let (leads, items) = isOurs ? (ours, theirs) : (theirs, ours)
    let container = AddedContainer(of: items.side, indentation: items.indentation)
    guard container == .file || container == .type, Self.leadsToNext(leads), Self.areWhole(items, in: container)
    else { return nil }
    let doubt = AdditionDoubt(conflict, in: context)
    let additions = AdditionsInFiles(conflict, in: context)
    guard !doubt.isAny, !additions.repeatRemovedLines, !additions.haveRemovedNames else { return nil }
    return Resolution(
      resolver: name, lines: (isOurs ? blocks.swapped : blocks).concatenated(separator: [], parted: true),
      reason: "one side added declarations, the other what leads up to the next one"
    )
  }

  /// Whether there is nothing but what belongs to the code behind it.
  private static func isAnnotation(_ items: AddedItems) -> Bool { items.heads.isEmpty }

  /// Whether the addition is an attribute, an annotation or documentation right before a line of code.
  private static func leadsToNext(_ items: AddedItems) -> Bool {
    let (side, source) = (items.side, items.side.source)
    guard side.span.count <= 8, !side.span.indices.contains(where: side.isBlank), side.span.end < source.table.count,
      !side.isBlank(side.span.end), !source.isComment(side.span.end),
      source.line(side.span.end).prefix(while: isBlankByte) == items.indentation
    else { return false }
    return side.inkedLines.contains { !source.isComment($0) || source.isDocumentation($0) }
      && side.inkedLines.allSatisfy { source.isLeading($0) && !source.speaksOfFile($0) }
  }

  /// Whether the items end with code and declare something.
  private static func areWhole(_ items: AddedItems, in container: AddedContainer) -> Bool {
    let source = items.side.source
    guard let last = items.side.inkedLines.last, !source.isLeading(last) else { return false }
    return items.heads.allSatisfy { AddedForm.isDeclaration(source, $0, in: container) }
  }
}

extension SourceText {
  /// Whether a line says something of the file and not of what follows: such lines stand before all else.
  fileprivate func speaksOfFile(_ line: Int) -> Bool {
    let text = self.line(line).drop(while: isBlankByte)
    return text.hasPrefix("@file:") || text.hasPrefix("#![") || text.hasPrefix("/// <")
  }

  /// Whether a line of comment says of itself that it documents what follows.
  fileprivate func isDocumentation(_ line: Int) -> Bool {
    let text = self.line(line).drop(while: isBlankByte)
    return text.hasPrefix("///")
  }
}
