/// What speaks against a set of imports: changes that the other side's imports would have to follow.
extension ImportMerge {
  /// What one side did to the imports, and what the other side did beside it.
  private struct SideChange {
    let name: FineMerge.Side
    let side: ImportBlock
    let added: [Item]
    let removed: [Item]
    /// What the side imports outside the conflict.
    let others: ImportNames
    let isUsed: ([UInt8]) -> Bool
    let other: ImportBlock
    /// What only the other side added.
    let otherNew: [Item]

    /// What the side removed and the other side kept.
    var removedAlone: [Item] { removed.filter(other.holds) }
  }

  private var sideChanges: [SideChange] {
    [
      SideChange(
        name: .ours,
        side: ours,
        added: ourAdded,
        removed: ourRemoved,
        others: files.ourOthers,
        isUsed: files.uses.oursUses,
        other: theirs,
        otherNew: theirAdded.filter { !ours.holds($0) }
      ),
      SideChange(
        name: .theirs,
        side: theirs,
        added: theirAdded,
        removed: theirRemoved,
        others: files.theirOthers,
        isUsed: files.uses.theirsUses,
        other: ours,
        otherNew: ourAdded.filter { !theirs.holds($0) }
      ),
    ]
  }

  /// Whether the merged file uses the names that a side added, and not those that a side removed.
  ///
  /// Of names that their own side has but in comments or in other words, as those of extensions, nothing shows.
  func isWanted() -> Bool {
    let uses = files.uses
    let old = base.names
    return sideChanges.allSatisfy { change in
      change.side.names.subtracting(change.other.names).filter(change.isUsed).allSatisfy { name in
        old.contains(name)
          ? uses.isDispensable(name, keptBy: change.name) : uses.isUsed(name, importedBy: change.name)
      }
    }
  }

  /// Whether one side's change may be meant for what the other side has as well.
  func isFollowed() -> Bool {
    sideChanges.contains { change in
      // Who moves an import to another place in the file has not removed it.
      if change.removedAlone.contains(where: { isMoved($0, by: change) }) { return true }
      if form == .c { return isHeaderMoved(by: change) }
      return change.otherNew.contains { new in
        let names = new.statement.bound
        // What nobody uses was left behind, or is on its way elsewhere.
        let isIdle =
          files.uses.hasCode && !names.isEmpty
          && !names.contains { files.uses.oursUses($0) || files.uses.theirsUses($0) }
        return isIdle || change.added.contains { isPart(new.statement, of: $0.statement) }
      }
    }
  }

  /// Whether an import that a side removed stands elsewhere in its file, or what it brought comes from elsewhere now
  /// and new imports of the other side may have to follow it there.
  private func isMoved(_ item: Item, by change: SideChange) -> Bool {
    guard change.others.clash(with: item.statement) else { return false }
    let parent = Self.parent(item.statement.module)
    return change.others.holds(item.statement) || form == .c || parent.isEmpty
      || change.otherNew.contains { $0.statement.module.starts(with: parent) }
  }

  /// A path without its last part, with the separator behind it.
  private static func parent(_ path: [UInt8]) -> ArraySlice<UInt8> {
    let end = path.lastIndex { ".:/\\".utf8.contains($0) } ?? path.startIndex
    return path[..<(end == path.startIndex ? end : end + 1)]
  }

  /// Whether a side moved headers, or took out all that were there, while the other side added some.
  private func isHeaderMoved(by change: SideChange) -> Bool {
    if change.side.items.isEmpty, !change.removed.isEmpty,
      change.others.isEmpty || !change.others.isSubset(of: files.baseOthers)
    {
      return true
    }
    let names = Set(change.added.map { Self.fileName($0.statement) })
    return !change.otherNew.isEmpty
      && (change.otherNew + change.removed).contains { names.contains(Self.fileName($0.statement)) }
  }

  /// The last part of a header's path.
  private static func fileName(_ statement: ImportStatement) -> ArraySlice<UInt8> {
    statement.module.dropFirst().dropLast().split(separator: UInt8(ascii: "/")).last ?? []
  }

  /// Whether two statements import a thing and a part of it: two ways to reach the same.
  private func isPart(_ one: ImportStatement, of two: ImportStatement) -> Bool {
    guard form == .java || form == .php || form == .python else { return false }
    return Self.paths(one).contains { a in
      Self.paths(two).contains { b in Self.isBelow(a, b) || Self.isBelow(b, a) }
    }
  }

  private static func isBelow(_ path: [UInt8], _ parent: [UInt8]) -> Bool {
    let prefix = parent.last == UInt8(ascii: "*") ? parent.dropLast() : parent[...]
    guard path.count > prefix.count, path != parent, path.starts(with: prefix) else { return false }
    return prefix.count < parent.count || !isNameByte(path[prefix.count])
  }

  /// The whole names of what a statement imports.
  private static func paths(_ statement: ImportStatement) -> [[UInt8]] {
    statement.names?.map { statement.module + [UInt8(ascii: ".")] + $0 } ?? [statement.module]
  }
}
