/// How one side's lines of a conflict follow from the lines of the ancestor: kept, modified, deleted, replaced, new.
struct LineAlignment: Sendable {
  /// One change of a side; lines are counted from the conflict's first line.
  struct Edit: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      /// New lines between two lines of the ancestor.
      case insertion
      /// One line that is gone.
      case deletion
      /// One line in the place of one that it is like.
      case modification
      /// Lines in the place of others that they are not like.
      case replacement
    }

    var kind: Kind
    var base: Range<Int>
    var side: Range<Int>
  }

  /// The changes, in order.
  private(set) var edits: [Edit] = []
  /// The side's line for each line of the ancestor that was kept or modified.
  private(set) var places: [Int?]

  /// A line as far as its likeness to others goes.
  struct Line: Sendable {
    /// Equal for equal lines of all sides.
    var number: Int32
    /// The hashes of its tokens but white space, in ascending order, each with its weight.
    var words: [(hash: UInt64, weight: Int)]
    var weight: Int
  }

  /// How many pairs of lines are compared in one place at most.
  private static let pairLimit = 10_000

  init(base: [Line], side: [Line], diff: inout SequenceDiff) {
    places = Array(repeating: nil, count: base.count)
    let changes = diff.changes(from: base.map(\.number)[...], to: side.map(\.number)[...])
    var (old, new) = (0, 0)
    let end = LineChange(old: LineSpan(start: base.count, count: 0), new: LineSpan(start: side.count, count: 0))
    for change in changes + [end] {
      while old < change.old.start {
        places[old] = new
        old += 1
        new += 1
      }
      pairSimilar(base, side, change)
      (old, new) = (change.old.end, change.new.end)
    }
    collect(base, side)
  }

  /// Pairs the lines of one change that are alike, with the greatest likeness in all.
  private mutating func pairSimilar(_ base: [Line], _ side: [Line], _ change: LineChange) {
    let (rows, columns) = (change.old.count, change.new.count)
    guard rows > 0, columns > 0, rows * columns <= Self.pairLimit else { return }
    let width = columns + 1
    var pairs = Array(repeating: 0, count: rows * columns)
    var best = Array(repeating: 0, count: (rows + 1) * width)
    for row in (0..<rows).reversed() {
      for column in (0..<columns).reversed() {
        let pair = Self.likeness(base[change.old.start + row], side[change.new.start + column])
        pairs[row * columns + column] = pair
        best[row * width + column] = max(
          pair > 0 ? pair + best[(row + 1) * width + column + 1] : 0,
          best[(row + 1) * width + column],
          best[row * width + column + 1]
        )
      }
    }
    var (row, column) = (0, 0)
    while row < rows, column < columns {
      let here = best[row * width + column]
      let pair = pairs[row * columns + column]
      if pair > 0, here == pair + best[(row + 1) * width + column + 1] {
        places[change.old.start + row] = change.new.start + column
        row += 1
        column += 1
      } else if here == best[row * width + column + 1] {
        column += 1
      } else {
        row += 1
      }
    }
  }

  /// How alike two lines are, from 0 (less than half of their tokens) to 100 (the same tokens).
  static func likeness(_ one: Line, _ two: Line) -> Int {
    let all = one.weight + two.weight
    guard all > 0, 3 * min(one.weight, two.weight) >= max(one.weight, two.weight) else { return 0 }
    var (first, second, common) = (0, 0, 0)
    while first < one.words.count, second < two.words.count {
      let (a, b) = (one.words[first].hash, two.words[second].hash)
      if a == b { common += one.words[first].weight }
      if a <= b { first += 1 }
      if b <= a { second += 1 }
    }
    let share = 200 * common / all
    return share < 50 ? 0 : share
  }

  private mutating func collect(_ base: [Line], _ side: [Line]) {
    var (old, new) = (0, 0)
    func gap(to oldEnd: Int, _ newEnd: Int, _ edits: inout [Edit]) {
      if old < oldEnd, new < newEnd {
        edits.append(Edit(kind: .replacement, base: old..<oldEnd, side: new..<newEnd))
      } else if new < newEnd {
        edits.append(Edit(kind: .insertion, base: old..<old, side: new..<newEnd))
      } else {
        for line in old..<max(old, oldEnd) {
          edits.append(Edit(kind: .deletion, base: line..<(line + 1), side: new..<new))
        }
      }
    }
    var edits: [Edit] = []
    for (line, place) in places.enumerated() {
      guard let place else { continue }
      gap(to: line, place, &edits)
      if base[line].number != side[place].number {
        edits.append(Edit(kind: .modification, base: line..<(line + 1), side: place..<(place + 1)))
      }
      (old, new) = (line + 1, place + 1)
    }
    gap(to: base.count, side.count, &edits)
    self.edits = edits
  }
}
