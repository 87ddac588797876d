/// Finds the items of one list that are those of another: by name, by content, then by likeness.
struct ItemMatching {
  /// For each item of the old list the index of its match in the new one.
  private(set) var toNew: [Int?]
  /// For each item of the new list the index of its match in the old one.
  private(set) var toOld: [Int?]

  private let old: [Item]
  private let new: [Item]
  private let oldLines: [UInt64]
  private let newLines: [UInt64]

  /// Between two matched items at most this many pairs are compared by their likeness.
  private static let mostPairs = 400
  /// Of an item at most this many lines are compared.
  private static let mostLines = 200

  init(_ old: [Item], in oldTree: ItemTree, _ new: [Item], in newTree: ItemTree) {
    self.old = old
    self.new = new
    oldLines = oldTree.lineNumbers
    newLines = newTree.lineNumbers
    toNew = Array(repeating: nil, count: old.count)
    toOld = Array(repeating: nil, count: new.count)
    matchNames()
    matchContents()
    matchAlike()
  }

  private mutating func pair(_ a: Int, _ b: Int) {
    toNew[a] = b
    toOld[b] = a
  }

  private struct Key: Hashable {
    var kind: Item.Kind
    var name: [UInt8]
  }

  /// Pairs named items whose kind and name no other item of their list has, wherever they stand.
  private mutating func matchNames() {
    func unique(_ items: [Item]) -> [Key: Int] {
      var places: [Key: Int] = [:]
      for (index, item) in items.enumerated() where item.isNamed {
        let key = Key(kind: item.kind, name: item.name)
        places[key] = places[key] == nil ? index : -1
      }
      return places
    }
    let others = unique(new)
    for (key, a) in unique(old) where a >= 0 {
      if let b = others[key], b >= 0 { pair(a, b) }
    }
  }

  /// Pairs items of equal content that stand in the same order.
  private mutating func matchContents() {
    var numbers: [UInt64: Int32] = [:]
    func number(_ value: UInt64) -> Int32 {
      if let known = numbers[value] { return known }
      let next = Int32(numbers.count)
      numbers[value] = next
      return next
    }
    // Items that are paired already have a number of their own.
    let oldNumbers = old.indices.map { number(toNew[$0].map { UInt64($0) | 1 << 63 } ?? old[$0].content >> 1) }
    let newNumbers = new.indices.map { number(toOld[$0] != nil ? UInt64($0) | 1 << 63 : new[$0].content >> 1) }
    var diff = SequenceDiff(alphabetSize: numbers.count)
    var (a, b) = (0, 0)
    let end = LineChange(old: LineSpan(start: old.count, count: 0), new: LineSpan(start: new.count, count: 0))
    for change in diff.changes(from: oldNumbers[...], to: newNumbers[...]) + [end] {
      while a < change.old.start, b < change.new.start {
        if toNew[a] == nil, toOld[b] == nil, old[a].content == new[b].content { pair(a, b) }
        a += 1
        b += 1
      }
      (a, b) = (change.old.end, change.new.end)
    }
  }

  /// Pairs what is left between two pairs, where it is much alike.
  private mutating func matchAlike() {
    var start = (old: 0, new: 0)
    for a in 0...old.count {
      let b: Int
      if a < old.count {
        guard let match = toNew[a], match >= start.new else { continue }
        b = match
      } else {
        b = new.count
      }
      matchAlike(start.old..<a, start.new..<b)
      start = (a + 1, b + 1)
    }
  }

  private mutating func matchAlike(_ oldRange: Range<Int>, _ newRange: Range<Int>) {
    guard !oldRange.isEmpty, !newRange.isEmpty else { return }
    let left = oldRange.filter { toNew[$0] == nil }
    let right = newRange.filter { toOld[$0] == nil }
    guard !left.isEmpty, !right.isEmpty, left.count * right.count <= Self.mostPairs else { return }
    // The alignment with the greatest likeness in all; best[i][j] is for what follows.
    let width = right.count + 1
    var likeness = Array(repeating: 0, count: left.count * right.count)
    var best = Array(repeating: 0, count: (left.count + 1) * width)
    for i in left.indices.reversed() {
      for j in right.indices.reversed() {
        let value = Self.likeness(old[left[i]], oldLines, new[right[j]], newLines)
        likeness[i * right.count + j] = value
        let matched = value > 0 ? value + best[(i + 1) * width + j + 1] : 0
        best[i * width + j] = max(matched, best[(i + 1) * width + j], best[i * width + j + 1])
      }
    }
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      let value = likeness[i * right.count + j]
      if value > 0, best[i * width + j] == value + best[(i + 1) * width + j + 1] {
        pair(left[i], right[j])
        i += 1
        j += 1
      } else if best[i * width + j] == best[i * width + j + 1] {
        j += 1
      } else {
        i += 1
      }
    }
  }

  /// How alike two items are, from 0 (not enough) to 100.
  private static func likeness(_ a: Item, _ aLines: [UInt64], _ b: Item, _ bLines: [UInt64]) -> Int {
    guard a.kind == b.kind || a.kind == .statement || b.kind == .statement else { return 0 }
    if a.kind == .divider || a.kind == .filler { return a.kind == b.kind ? 1 : 0 }
    if a.isNamed, b.isNamed, a.kind == b.kind, a.name == b.name { return 100 }
    let left = aLines[a.lines.prefix(mostLines).indices]
    let right = bLines[b.lines.prefix(mostLines).indices]
    guard left.count + right.count > 2 else { return 0 }
    var counts: [UInt64: Int] = [:]
    for line in left { counts[line, default: 0] += 1 }
    var common = 0
    for line in right where (counts[line] ?? 0) > 0 {
      counts[line, default: 0] -= 1
      common += 1
    }
    let share = 200 * common / (left.count + right.count)
    return share >= 60 ? share : 0
  }
}
