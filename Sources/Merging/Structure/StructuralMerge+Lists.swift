/// Merging the items of a list: what stands in which order, and what cannot be told.
extension StructuralMerge {
  /// The items of a list in three versions, and how they match.
  private struct Versions {
    var base: [Item]
    var ours: [Item]
    var theirs: [Item]
    var container: Item.Kind?
    var toOurs: [Int?]
    var toTheirs: [Int?]
    /// For the items of each side the item of the ancestor.
    var oursToBase: [Int?]
    var theirsToBase: [Int?]
    /// Items of the ancestor that a side moved.
    var movedByOurs: Set<Int> = []
    var movedByTheirs: Set<Int> = []
  }

  mutating func merge(_ b: [Item], _ o: [Item], _ t: [Item], in container: Item.Kind?) {
    let toOurs = ItemMatching(b, in: base.tree, o, in: ours.tree)
    let toTheirs = ItemMatching(b, in: base.tree, t, in: theirs.tree)
    var list = Versions(
      base: b, ours: o, theirs: t, container: container, toOurs: toOurs.toNew, toTheirs: toTheirs.toNew,
      oursToBase: toOurs.toOld, theirsToBase: toTheirs.toOld
    )
    list.movedByOurs = Self.moved(list.toOurs)
    list.movedByTheirs = Self.moved(list.toTheirs)
    var emitted: [Int] = []
    var (o, t, b) = (0, 0, 0)
    for index in 0...list.base.count {
      if index < list.base.count {
        guard list.toOurs[index] != nil, list.toTheirs[index] != nil, !list.movedByOurs.contains(index),
          !list.movedByTheirs.contains(index)
        else { continue }
      }
      let nextOurs = index < list.base.count ? list.toOurs[index] ?? 0 : list.ours.count
      let nextTheirs = index < list.base.count ? list.toTheirs[index] ?? 0 : list.theirs.count
      between(b..<index, o..<nextOurs, t..<nextTheirs, of: list, &emitted)
      if index < list.base.count {
        merge(list.base[index], list.ours[nextOurs], list.theirs[nextTheirs], in: list.container)
        if !entries.isEmpty, list.base[index].kind.isSeparable { emitted.append(entries.count - 1) }
      }
      (b, o, t) = (index + 1, nextOurs + 1, nextTheirs + 1)
    }
    setCommas(emitted, of: list)
  }

  /// The items that are not in the longest run of matches in order.
  private static func moved(_ matches: [Int?]) -> Set<Int> {
    var tails: [Int] = []
    var previous: [Int: Int] = [:]
    let matched = matches.indices.filter { matches[$0] != nil }
    for index in matched {
      let value = matches[index] ?? 0
      var (low, high) = (0, tails.count)
      while low < high {
        let middle = (low + high) / 2
        if (matches[tails[middle]] ?? 0) < value { low = middle + 1 } else { high = middle }
      }
      if low > 0 { previous[index] = tails[low - 1] }
      if low == tails.count { tails.append(index) } else { tails[low] = index }
    }
    var kept: Set<Int> = []
    var next = tails.last
    while let index = next {
      kept.insert(index)
      next = previous[index]
    }
    return Set(matched).subtracting(kept)
  }

  /// An item that a side puts at a place.
  private struct Placed {
    var index: Int
    /// The item of the ancestor that was moved here.
    var moved: Int?
  }

  /// Merges what stands between two items that both sides have kept.
  private mutating func between(
    _ b: Range<Int>, _ o: Range<Int>, _ t: Range<Int>, of list: Versions, _ emitted: inout [Int]
  ) {
    if o.isEmpty, t.isEmpty {
      noteDeletions(b, of: list)
      return
    }
    guard let left = placed(o, of: list, .ours), let right = placed(t, of: list, .theirs) else {
      return conflict(list.ours[o], list.theirs[t])
    }
    noteDeletions(b, of: list)
    guard let order = order(left, right, of: list) else { return conflict(list.ours[o], list.theirs[t]) }
    let deleted = (b.contains { list.toOurs[$0] == nil }, b.contains { list.toTheirs[$0] == nil })
    // What one side replaces and the other deletes or replaces is one change made twice.
    if deleted.0, deleted.1, !left.isEmpty || !right.isEmpty {
      note(.replaced, from: entries.count, in: list.container)
    }
    let replaces =
      b.contains { list.toOurs[$0] == nil } && !left.isEmpty
      || b.contains { list.toTheirs[$0] == nil } && !right.isEmpty
    let start = entries.count
    var kinds: (Item.Kind?, Item.Kind?) = (nil, nil)
    var sides: Set<DroppedLine.Side> = []
    for (side, place, twin) in order {
      let isShared = twin != nil
      let item = side == .ours ? list.ours[place.index] : list.theirs[place.index]
      let itemStart = entries.count
      if let moved = place.moved, let our = list.toOurs[moved], let their = list.toTheirs[moved] {
        merge(list.base[moved], list.ours[our], list.theirs[their], in: list.container)
        note(.moved, from: itemStart, in: list.container)
      } else {
        emitAdded(item, side, first: start == itemStart, in: list)
        if let twin { pairs.append((list.ours[place.index].lines, list.theirs[twin].lines)) }
        note(
          isShared ? .insertedByBoth(item.kind) : .inserted(item.kind, by: side), from: itemStart, in: list.container)
        if !isShared {
          if side == .ours { kinds.0 = item.kind } else { kinds.1 = item.kind }
          sides.insert(side)
        }
      }
      if !entries.isEmpty, item.kind.isSeparable { emitted.append(entries.count - 1) }
    }
    if sides.count == 2 {
      if replaces { note(.replaced, from: start, in: list.container) }
      if let ours = kinds.0, let theirs = kinds.1 { note(.added(ours, theirs), from: start, in: list.container) }
    }
  }

  private mutating func noteDeletions(_ range: Range<Int>, of list: Versions) {
    for index in range {
      if list.toOurs[index] == nil {
        note(.deleted(list.base[index].kind, by: .ours), from: entries.count, in: list.container)
      }
      if list.toTheirs[index] == nil {
        note(.deleted(list.base[index].kind, by: .theirs), from: entries.count, in: list.container)
      }
    }
  }

  /// The items of a side that belong between two kept ones; `nil` where the other side deleted what this one changed.
  private func placed(_ range: Range<Int>, of list: Versions, _ side: DroppedLine.Side) -> [Placed]? {
    let isOurs = side == .ours
    var result: [Placed] = []
    for index in range {
      guard let base = isOurs ? list.oursToBase[index] : list.theirsToBase[index] else {
        result.append(Placed(index: index))
        continue
      }
      let item = isOurs ? list.ours[index] : list.theirs[index]
      guard (isOurs ? list.toTheirs[base] : list.toOurs[base]) != nil else {
        if item.content != list.base[base].content { return nil }
        continue
      }
      switch (list.movedByOurs.contains(base), list.movedByTheirs.contains(base)) {
      case (true, true): return nil
      case (true, false): if isOurs { result.append(Placed(index: index, moved: base)) }
      case (false, true): if !isOurs { result.append(Placed(index: index, moved: base)) }
      case (false, false): return nil
      }
    }
    return result
  }

  /// Items with the side they come from; of those that both sides added, also the index on their side.
  private typealias Ordered = [(side: DroppedLine.Side, place: Placed, twin: Int?)]

  /// The items of both sides in the order in which they are to stand; `nil` where nothing tells it.
  private func order(_ left: [Placed], _ right: [Placed], of list: Versions) -> Ordered? {
    var matches: [UInt64: ArraySlice<Int>] = [:]
    if !left.isEmpty {
      for (index, other) in right.enumerated() where other.moved == nil {
        matches[list.theirs[other.index].content, default: []].append(index)
      }
    }
    // What both sides added alike stands once and divides the rest.
    var result: Ordered = []
    var (start, next) = (0, 0)
    for (place, mine) in left.enumerated() {
      let content = list.ours[mine.index].content
      while let first = matches[content]?.first, first < next { matches[content]?.removeFirst() }
      guard mine.moved == nil, let match = matches[content]?.first else { continue }
      guard let part = concatenated(left[start..<place], right[next..<match], of: list) else { return nil }
      result += part + [(.ours, mine, right[match].index)]
      (start, next) = (place + 1, match + 1)
    }
    guard let part = concatenated(left[start...], right[next...], of: list) else { return nil }
    return result + part
  }

  private func concatenated(_ left: ArraySlice<Placed>, _ right: ArraySlice<Placed>, of list: Versions) -> Ordered? {
    let ours: Ordered = left.map { (.ours, $0, nil) }
    let theirs: Ordered = right.map { (.theirs, $0, nil) }
    if left.isEmpty || right.isEmpty { return ours + theirs }
    let leftItems = left.map { list.ours[$0.index] }
    let rightItems = right.map { list.theirs[$0.index] }
    guard leftItems.allSatisfy({ isOrderFree($0, list.container) }),
      rightItems.allSatisfy({ isOrderFree($0, list.container) })
    else { return nil }
    // One name that both sides use is one item that they added in different ways.
    let names = Set(leftItems.map(\.name))
    guard rightItems.allSatisfy({ !names.contains($0.name) }) else { return nil }
    return ours + theirs
  }

  /// Whether an item may stand in any order among its siblings.
  private func isOrderFree(_ item: Item, _ container: Item.Kind?) -> Bool {
    guard item.isNamed else { return false }
    switch item.kind {
    case .function, .type, .block, .label, .entry, .importing: return true
    case .field: return container == nil || container == .type || container == .section
    case .element: return item.name.contains(0x20)
    case .section: return true
    // Rows of a table and steps of a list stand in an order.
    case .listEntry: return ours.text.language.nesting != .headings
    case .paragraph, .statement, .directive, .divider, .filler: return false
    }
  }

  /// Emits an item that one side added, with the blank lines before it.
  private mutating func emitAdded(_ item: Item, _ side: DroppedLine.Side, first: Bool, in list: Versions) {
    let siblings = side == .ours ? list.ours : list.theirs
    var gap = item.gap
    // The first of its list has no blank lines before it; where it is no longer the first, those of its neighbour do.
    if gap.isEmpty, !first || !entries.isEmpty, let own = siblings.first, own.lines == item.lines, siblings.count > 1,
      item.kind != .filler, !first
    {
      gap = siblings[1].gap
    }
    emit(gap, side)
    emit(item.lines, side)
  }

  private mutating func conflict(_ ours: ArraySlice<Item>, _ theirs: ArraySlice<Item>) {
    func range(_ items: ArraySlice<Item>) -> Range<Int> {
      guard let first = items.first, let last = items.last else { return 0..<0 }
      return first.wholeLines.lowerBound..<last.wholeLines.upperBound
    }
    entries.append(.conflict(ours: range(ours), theirs: range(theirs)))
  }
}

/// The commas between the items of a list.
extension StructuralMerge {
  /// Gives each entry of a list that commas separate its comma.
  private mutating func setCommas(_ emitted: [Int], of list: Versions) {
    guard ours.text.language.nesting == .brackets, let last = emitted.last else { return }
    func style(_ items: [Item]) -> (isSeparated: Bool?, trailing: Bool?) {
      let items = items.filter { $0.kind.isSeparable }
      guard let last = items.last else { return (nil, nil) }
      if items.count == 1 { return (nil, last.hasComma) }
      return (items.dropLast().allSatisfy(\.hasComma), last.hasComma)
    }
    let styles = [style(list.base), style(list.ours), style(list.theirs)]
    guard styles.contains(where: { $0.isSeparated == true }), !styles.contains(where: { $0.isSeparated == false })
    else {
      return
    }
    let trailing =
      styles[1].trailing != styles[0].trailing
      ? styles[1].trailing ?? false : styles[2].trailing ?? styles[0].trailing ?? false
    for place in emitted {
      guard case .line(let side, let number, _) = entries[place] else { continue }
      let has = Commas.ends(side == .ours ? ours.text : theirs.text, line: number)
      let wants = place != last || trailing
      if has != wants {
        entries[place] = .line(side: side, number: number, comma: wants ? .added : .removed)
      }
    }
  }
}

extension Item.Kind {
  /// Whether a comma may stand between items of this kind and the next.
  var isSeparable: Bool {
    switch self {
    case .filler, .divider, .directive: false
    default: true
    }
  }
}
