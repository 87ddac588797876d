/// Keeps both where each side added declarations of its own to a file or a type.
package struct AddedDeclarations: Resolver {
  package let name = "added-declarations"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    switch context.language.family {
    case .braces, .endKeyword: break
    case .indentation: if context.language.imports != .python { return nil }
    default: return nil
    }
    guard let added = BothAdded(conflict, in: context), !added.blocks.followsNewComma,
      added.container == .file || added.container == .type,
      // What a header needs is often in another header by then.
      context.language.imports != .c || !added.haveImports, added.areDeclarations
    else { return nil }
    return Resolution(resolver: name, lines: added.concatenated(), reason: added.reason("declarations"))
  }
}

/// Keeps both where each side added elements of its own to a list.
package struct AddedElements: Resolver {
  package let name = "added-elements"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard context.language.family != .markup, let added = BothAdded(conflict, in: context),
      !added.blocks.followsNewComma, Self.areElements(added, context.language)
    else { return nil }
    return Resolution(resolver: name, lines: added.concatenated(), reason: added.reason("elements"))
  }

  /// Whether the items are elements of one list, in which their places mean nothing.
  private static func areElements(_ added: BothAdded, _ language: Language) -> Bool {
    switch added.container {
    case .list: return language.family != .other || added.kin.areTexts
    case .arguments: return language.family != .other && (added.areNamed || added.kin.areNames)
    case .unknown: return language.imports == .c && added.kin.areMacroElements
    default: return false
    }
  }
}

/// Proposes both where each side added elements behind what was the last one, which had no comma.
package struct AddedLastElements: Resolver {
  package let name = "added-last-elements"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard context.language.family != .markup, !conflict.base.isEmpty, let added = BothAdded(conflict, in: context),
      added.blocks.followsNewComma
    else { return nil }
    return Resolution(resolver: name, lines: added.concatenated(), reason: added.reason("elements"))
  }
}

/// Keeps both where each side added single statements of its own to the body of a function.
package struct AddedStatements: Resolver {
  package let name = "added-statements"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let added = BothAdded(conflict, in: context), !added.blocks.followsNewComma, added.container == .function,
      added.areLines, !added.isLeft
    else { return nil }
    return Resolution(resolver: name, lines: added.concatenated(), reason: added.reason("statements"))
  }
}

/// Keeps both where each side added entries of its own to a file of entries: ignored paths, targets, settings.
package struct AddedEntries: Resolver {
  package let name = "added-entries"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    switch context.language.family {
    case .data, .build, .other: break
    case .indentation: if context.language.imports == .python { return nil }
    default: return nil
    }
    guard let added = BothAdded(conflict, in: context), !added.blocks.followsNewComma, added.container != .list,
      added.container != .statement, added.container != .function, !added.areReleases,
      context.language.family != .other || added.container == .file,
      added.container != .arguments, Self.isUnordered(added, context),
      context.language.family != .indentation || [added.blocks.ours, added.blocks.theirs].allSatisfy(Self.startsEntry)
    else { return nil }
    return Resolution(resolver: name, lines: added.concatenated(), reason: added.reason("entries"))
  }

  /// Whether the order of entries means nothing in such a file.
  private static func isUnordered(_ added: BothAdded, _ context: ResolverContext) -> Bool {
    switch context.language.name {
    case "Dockerfile": return false
    case "Shell": return added.areShellDeclarations
    // The lines of a recipe run one after another.
    case "Make":
      if added.ours.indentation.first == UInt8(ascii: "\t") {
        let side = added.blocks.ours
        let before = side.span.start > 0 ? side.source.line(side.span.start - 1).trimmingEnd : []
        return before.last == UInt8(ascii: "\\") || added.kin.repeatNeighbours
      }
      return true
    default: break
    }
    switch context.language.family {
    case .data, .build: return true
    case .indentation: return context.language.name == "YAML"
    default: break
    }
    return IgnoredPath.areIndependent(added) && (added.areListLines || added.areLines && added.kin.startAlike)
  }

  /// Whether the first line is an item, a key or a comment: any other would go on what stands before it.
  private static func startsEntry(_ side: AddedBlocks.Side) -> Bool {
    guard let first = side.inkedLines.first else { return false }
    let line = side.source.line(first).trimmingEnd.drop(while: isBlankByte)
    if line.first == UInt8(ascii: "#") || line.last == UInt8(ascii: ":") { return true }
    return line.starts(with: "- ".utf8)
      || zip(line, line.dropFirst()).contains { $0 == UInt8(ascii: ":") && $1 == 0x20 }
  }
}

/// Keeps both where each side added list items, rows or sections of its own to a text.
package struct AddedText: Resolver {
  package let name = "added-text"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard context.language.family == .markup, !context.base.isEmpty, let added = BothAdded(conflict, in: context),
      !added.blocks.followsNewComma, !added.areReleases,
      context.language.hasTags ? added.areElements : added.areListLines && added.haveOneSection,
      !added.areMoved(in: context)
    else { return nil }
    return Resolution(resolver: name, lines: added.concatenated(), reason: added.reason("entries"))
  }
}
