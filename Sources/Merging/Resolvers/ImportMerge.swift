/// The merge of three import blocks as sets.
struct ImportMerge {
  typealias Item = ImportBlock.Item

  let base: ImportBlock
  let ours: ImportBlock
  let theirs: ImportBlock
  let files: ImportFiles
  let form: Language.ImportForm

  var ourAdded: [Item] { ours.items.filter { !base.statements.contains($0.statement.canonical) } }
  var theirAdded: [Item] { theirs.items.filter { !base.statements.contains($0.statement.canonical) } }
  var ourRemoved: [Item] { base.items.filter { !ours.statements.contains($0.statement.canonical) } }
  var theirRemoved: [Item] { base.items.filter { !theirs.statements.contains($0.statement.canonical) } }

  /// One sentence on what each side did.
  var reason: String {
    func part(_ side: String, _ added: Int, _ removed: Int) -> String {
      switch (added, removed) {
      case (0, 0): "\(side) only moves some"
      case (_, 0): "\(side) adds \(added)"
      case (0, _): "\(side) removes \(removed)"
      default: "\(side) adds \(added) and removes \(removed)"
      }
    }
    if ours.items.isEmpty, theirs.items.isEmpty, base.items.isEmpty { return "all lines are blank; ours is kept" }
    let ourPart = part("ours", ourAdded.count, ourRemoved.count)
    let theirPart = part("theirs", theirAdded.count, theirRemoved.count)
    return "all lines are imports, merged as a set: \(ourPart), \(theirPart)"
  }

  /// The merged lines, or `nil` where the set does not say what is meant.
  func lines() -> [HunkLine]? {
    guard let lists = mergedLists(), isUnambiguous() else { return nil }
    // Beside blank lines that the other side moved, all new imports stand as their side has them.
    if base.items.isEmpty, ours.items.isEmpty != theirs.items.isEmpty {
      return ours.items.isEmpty ? theirs.lines : ours.lines
    }
    let order = form == .c ? nil : ImportOrder.first(forRuns: [files.ourRun, files.theirRun])
    let inPlace = changesInPlace(moved: order == nil)
    let removed = Set(theirRemoved.map(\.statement.canonical))
    var kept: [HunkLine] = []
    for line in ours.lines {
      guard !line.isBlank, let statement = ImportStatement(line.content, form: form) else {
        kept.append(line)
        continue
      }
      if let list = lists.first(where: { $0.ours == statement }) {
        kept.append(list.line)
      } else if let new = inPlace[statement.canonical] {
        kept.append(HunkLine(content: new.line.content, ending: line.ending))
      } else if !removed.contains(statement.canonical) {
        kept.append(relaid(line, statement))
      }
    }
    // Where none of ours is left, what theirs has stands as it does there.
    if kept.allSatisfy(\.isBlank) {
      let gone = Set(ourRemoved.map(\.statement.canonical))
      let rest = theirs.lines.filter { line in
        ImportStatement(line.content, form: form).map { !gone.contains($0.canonical) } ?? true
      }
      if rest.contains(where: { !$0.isBlank }) {
        let lines = Self.withoutEmptyGroups(rest, of: theirs.lines)
        return isWhole(lines) ? lines : nil
      }
    }
    let settled = lists.map(\.theirs.canonical) + inPlace.values.map(\.statement.canonical)
    let added = theirAdded.filter { !ours.holds($0) && !settled.contains($0.statement.canonical) }
    guard let placed = place(added, into: kept, order: order), isWhole(placed), keepsOrders(placed) else { return nil }
    return theirRemoved.isEmpty ? placed : Self.withoutEmptyGroups(placed, of: ours.lines)
  }

  /// The lines without the blank ones that part nothing any more, now that imports of a side are gone.
  private static func withoutEmptyGroups(_ lines: [HunkLine], of side: [HunkLine]) -> [HunkLine] {
    guard let first = side.first, !first.isBlank,
      !zip(side, side.dropFirst()).contains(where: { $0.isBlank && $1.isBlank })
    else { return lines }
    var result: [HunkLine] = []
    for line in lines where !(line.isBlank && result.last?.isBlank ?? true) { result.append(line) }
    return result
  }

  /// An import of ours, laid out as theirs has it where only theirs changed that.
  private func relaid(_ line: HunkLine, _ statement: ImportStatement) -> HunkLine {
    func like(_ item: Item) -> Bool { item.statement.canonical == statement.canonical }
    guard let old = base.items.first(where: like), old.line.content == line.content,
      let new = theirs.items.first(where: like), new.line.ending == line.ending || !new.line.spansLines
    else { return line }
    return HunkLine(content: new.line.content, ending: line.ending)
  }

  /// What they changed of an import that ours has as the base had it, by the import whose place it takes.
  ///
  /// - Parameter moved: Whether an import from elsewhere counts too, since no order says where it belongs.
  /// - Returns: Their statements by the canonical text of ours.
  private func changesInPlace(moved: Bool) -> [[UInt8]: Item] {
    var places: [[UInt8]: Item] = [:]
    for old in theirRemoved where ours.holds(old) {
      let same = theirs.items.filter { $0.statement.key == old.statement.key }
      let wasAlone = base.items.count { $0.statement.key == old.statement.key } == 1
      if wasAlone, same.count == 1, !base.holds(same[0]) { places[old.statement.canonical] = same[0] }
    }
    guard moved else { return places }
    for rewrite in rewrites(removed: theirRemoved, added: theirAdded, other: ours) where ours.holds(rewrite.old) {
      places[rewrite.old.statement.canonical] = rewrite.new
    }
    return places
  }
}

// MARK: - What is in the result

extension ImportMerge {
  /// Statements of one module whose lists of names both sides changed, merged name by name.
  private struct MergedList {
    var ours: ImportStatement
    var theirs: ImportStatement
    var line: HunkLine
  }

  /// - Returns: `nil` where both sides changed the import of one module in ways that no list of names explains.
  private func mergedLists() -> [MergedList]? {
    var lists: [MergedList] = []
    for item in ourAdded {
      let key = item.statement.key
      let others = theirs.items.filter { $0.statement.key == key }
      guard let other = others.first else {
        // Removed by them, changed by us.
        if base.items.contains(where: { $0.statement.module == item.statement.module }) { return nil }
        continue
      }
      if other.statement.canonical == item.statement.canonical { continue }
      let counts = [base, ours, theirs].map { side in side.items.count { $0.statement.key == key } }
      if counts.contains(where: { $0 > 1 }) {
        guard item.statement.names?.count == 1, others.allSatisfy({ $0.statement.names?.count == 1 }) else {
          return nil
        }
        continue
      }
      let ancestor = base.items.first { $0.statement.key == key }?.statement
      // Only ours changed this one; the set has it already.
      if let ancestor, ancestor.canonical == other.statement.canonical { continue }
      guard let merged = mergeNames(ancestor, item, other) else { return nil }
      lists.append(merged)
    }
    for item in theirAdded {
      let module = item.statement.module
      let wasThere = base.items.contains { $0.statement.module == module }
      if wasThere, !ours.items.contains(where: { $0.statement.module == module }) { return nil }
    }
    return lists
  }

  /// Lists of names with more in all are left alone, since names are compared pair by pair.
  private static let mostNames = 1_000

  private func mergeNames(_ base: ImportStatement?, _ ours: Item, _ theirs: Item) -> MergedList? {
    guard let ourNames = ours.statement.names, let theirNames = theirs.statement.names,
      base == nil || base?.names != nil
    else { return nil }
    let baseNames = base?.names ?? []
    let star = [UInt8(ascii: "*")]
    guard ourNames.count + theirNames.count + baseNames.count <= Self.mostNames, !ourNames.contains(star),
      !theirNames.contains(star)
    else { return nil }
    var names = ourNames.filter { !baseNames.contains($0) || theirNames.contains($0) }
    let new = theirNames.filter { !baseNames.contains($0) && !ourNames.contains($0) }
    let order = ImportOrder.first(for: [ourNames, theirNames])
    for name in new {
      if let order {
        names.insert(name, at: names.firstIndex { order.isBefore(name, $0) } ?? names.count)
      } else {
        names.insert(name, at: index(of: name, from: theirNames, in: names, behind: ourNames))
      }
    }
    guard !names.isEmpty, let line = replaceNames(of: ours, by: names, longest: theirs) else { return nil }
    return MergedList(ours: ours.statement, theirs: theirs.statement, line: line)
  }

  /// The place of a name behind the one that it follows in a side, and behind what ours has there alone.
  private func index(of name: [UInt8], from side: [[UInt8]], in names: [[UInt8]], behind ours: [[UInt8]]) -> Int {
    let before = side.prefix { $0 != name }.last(where: names.contains)
    var index = before.flatMap(names.firstIndex).map { $0 + 1 } ?? 0
    while index < names.count, ours.contains(names[index]), !side.contains(names[index]) { index += 1 }
    return index
  }

  /// The line with another list of names, in the way it is written; `nil` where it would grow beyond usual lengths.
  private func replaceNames(of item: Item, by names: [[UInt8]], longest other: Item) -> HunkLine? {
    if let list = [item, other].first(where: \.line.spansLines) {
      return ImportNameLines(list.line)?.line(with: names, ending: item.line.ending)
    }
    let content = item.line.content
    let text = Array(content)
    let opener: Int?
    let closer: Int?
    if form == .python {
      guard !text.contains(UInt8(ascii: "(")) else { return nil }
      opener = text.indices.first { text.matches(" import ", at: $0) }.map { $0 + 7 }
      closer = content.trimmingEnd.count
    } else {
      opener = text.firstIndex(of: UInt8(ascii: "{"))
      closer = text.lastIndex(of: UInt8(ascii: "}"))
    }
    guard let opener, let closer, opener < closer else { return nil }
    let inside = text[(opener + 1)..<closer]
    let before = inside.prefix(while: isBlankByte)
    let after = form == .python ? [] : Array(inside.trimmingEnd.endIndex..<inside.endIndex).map { text[$0] }
    let list = Array(names.joined(separator: Array(", ".utf8)))
    let line = text[...opener] + before + list + after + text[closer...]
    let usual = form == .ecmascript ? 100 : form == .rust ? 100 : 88
    guard line.count <= max(usual, content.count, other.line.content.count) else { return nil }
    return HunkLine(content: ArraySlice(Array(line)), ending: item.line.ending)
  }

  private func isUnambiguous() -> Bool {
    guard !isElsewhere(theirAdded, in: files.ourOthers, notIn: files.theirOthers, than: ours),
      !isElsewhere(ourAdded, in: files.theirOthers, notIn: files.ourOthers, than: theirs)
    else { return false }
    guard isWanted(), !isFollowed() else { return false }
    return isRemovalSafe(ourRemoved, from: ours, keptBy: theirs)
      && isRemovalSafe(theirRemoved, from: theirs, keptBy: ours)
      && isRewriteSafe(removed: ourRemoved, added: ourAdded, other: theirs, otherAdded: theirAdded)
      && isRewriteSafe(removed: theirRemoved, added: theirAdded, other: ours, otherAdded: ourAdded)
  }

  /// Whether one of the imports that one side added stands elsewhere in the other side's file, where the merge keeps
  /// it.
  ///
  /// It does not keep what brought the same name before, and what the side that added it took away there.
  private func isElsewhere(_ added: [Item], in others: ImportNames, notIn own: ImportNames, than other: ImportBlock)
    -> Bool
  {
    added.contains { item in
      others.clash(with: item.statement) && !other.holds(item)
        && (own.clash(with: item.statement) || !files.baseOthers.clash(with: item.statement)
          || files.baseOthers.holds(item.statement) || form == .c)
    }
  }

  /// Whether it can be told that the other side can do without the imports that one side dropped.
  ///
  /// That shows only for an import that names what it brings; a whole module or a wildcard does not say what it is
  /// there for.
  private func isRemovalSafe(_ removed: [Item], from side: ImportBlock, keptBy other: ImportBlock) -> Bool {
    removed.allSatisfy { item in
      guard other.holds(item), !side.items.contains(where: { $0.statement.key == item.statement.key }) else {
        return true
      }
      // Who drops a header has it from another one.
      return form == .c || (form != .swift && !item.statement.bound.isEmpty)
    }
  }

  /// Whether a side that imports the same names from elsewhere leaves nothing for the other side to follow.
  ///
  /// Who moves a file or adds an ending to every path means it for the imports that the other side adds as well, and
  /// a set cannot say how.
  private func isRewriteSafe(removed: [Item], added: [Item], other: ImportBlock, otherAdded: [Item]) -> Bool {
    let new = otherAdded.filter { item in !added.contains { $0.statement.canonical == item.statement.canonical } }
    return rewrites(removed: removed, added: added, other: other).allSatisfy { rewrite in
      other.holds(rewrite.old)
        && !new.contains { rewrite.change.couldApply(to: $0.statement.module, kind: $0.statement.kind) }
    }
  }

  /// An import that one side took from elsewhere, and its place in the other side.
  private struct Rewrite {
    var old: Item
    var new: Item
    var change: ImportRewrite
  }

  private func rewrites(removed: [Item], added: [Item], other: ImportBlock) -> [Rewrite] {
    removed.compactMap { old in
      let new = added.first { new in
        new.statement.key != old.statement.key
          && (new.statement.module == old.statement.module
            || new.statement.bound.contains(where: old.statement.bound.contains))
      }
      // Where both did the same there is nothing to follow.
      guard let new, !other.items.contains(where: { $0.statement.key == new.statement.key }) else { return nil }
      return Rewrite(old: old, new: new, change: ImportRewrite(from: old.statement, to: new.statement))
    }
  }

  /// Whether no import and no name is there twice, and every line but the last is ended.
  private func isWhole(_ lines: [HunkLine]) -> Bool {
    guard lines.dropLast().allSatisfy({ !$0.ending.isEmpty }) else { return false }
    let statements = lines.compactMap { ImportStatement($0.content, form: form) }
    let bound = statements.flatMap(\.bound)
    return Set(statements.map(\.canonical)).count == statements.count && Set(bound).count == bound.count
  }
}

// MARK: - Where it stands

extension ImportMerge {
  /// Puts what they added into our lines: in order where the imports around are sorted, else after the neighbour
  /// they follow.
  private func place(_ added: [Item], into kept: [HunkLine], order: ImportOrder?) -> [HunkLine]? {
    var lines = kept
    for item in added {
      guard let group = groupRange(of: item, in: lines) else { return nil }
      let index: Int
      if let order {
        index =
          group.first { line in
            ImportStatement(lines[line].content, form: form).map { order.isBefore(item.statement, $0) } ?? false
          } ?? group.upperBound
      } else {
        index = indexAfterNeighbour(of: item, in: lines, group: group)
      }
      var line = item.line
      if line.ending.isEmpty || lines.first.map({ $0.ending != line.ending }) ?? false {
        guard !line.spansLines else { return nil }
        line.ending = lines.first?.ending ?? line.ending
      }
      guard !line.ending.isEmpty else { return nil }
      lines.insert(line, at: index)
    }
    return lines
  }

  /// The lines of the group that a new import belongs to: the one that holds its neighbours.
  private func groupRange(of item: Item, in lines: [HunkLine]) -> Range<Int>? {
    if !lines.contains(where: \.isBlank) && !theirs.hasBlankLines { return lines.startIndex..<lines.endIndex }
    let neighbours = Set(theirs.items.filter { $0.group == item.group }.map(\.statement.canonical))
    let hits = lines.indices.filter { index in
      ImportStatement(lines[index].content, form: form).map { neighbours.contains($0.canonical) } ?? false
    }
    guard let first = hits.first, let last = hits.last, !lines[first...last].contains(where: \.isBlank) else {
      return nil
    }
    var start = first
    while start > 0, !lines[start - 1].isBlank { start -= 1 }
    var end = last + 1
    while end < lines.count, !lines[end].isBlank { end += 1 }
    return start..<end
  }

  private func indexAfterNeighbour(of item: Item, in lines: [HunkLine], group: Range<Int>) -> Int {
    guard let place = theirs.items.firstIndex(of: item) else { return group.upperBound }
    for neighbour in theirs.items[..<place].reversed() where neighbour.group == item.group {
      let found = group.last { index in
        ImportStatement(lines[index].content, form: form) == neighbour.statement
      }
      guard let found else { continue }
      // Behind what we added at the same place, which stands first.
      var index = found + 1
      let ourNew = Set(ourAdded.map(\.statement.canonical))
      while index < group.upperBound, let next = ImportStatement(lines[index].content, form: form),
        ourNew.contains(next.canonical)
      {
        index += 1
      }
      return index
    }
    for neighbour in theirs.items[(place + 1)...] where neighbour.group == item.group {
      let found = group.first { index in
        ImportStatement(lines[index].content, form: form) == neighbour.statement
      }
      if let found { return found }
    }
    return group.upperBound
  }

  /// Whether the result has the imports of either side in that side's order, where the order can matter.
  private func keepsOrders(_ lines: [HunkLine]) -> Bool {
    guard form == .c || form == .ruby else { return true }
    let result = lines.compactMap { ImportStatement($0.content, form: form)?.canonical }
    return [ours, theirs].allSatisfy { side in
      let own = side.items.map(\.statement.canonical).filter { result.contains($0) }
      let present = Set(own)
      return result.filter { present.contains($0) } == own
    }
  }
}
