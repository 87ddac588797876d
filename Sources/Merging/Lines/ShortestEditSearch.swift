/// Myers' search for a shortest edit path through the grid of two sequences, in linear space.
///
/// A point of the grid is a pair of positions, x in the old sequence and y in the new one; a step right deletes a
/// line, a step down inserts one, and equal lines let a path run along its diagonal x - y for free. A box of the
/// grid is halved where a path from its start meets one from its end, and the halves are searched in turn.
struct ShortestEditSearch {
  /// For each line of the old sequence whether it is deleted; valid after `run`.
  private(set) var oldChanged: [Bool]
  /// For each line of the new sequence whether it is inserted; valid after `run`.
  private(set) var newChanged: [Bool]

  private let old: [Int32]
  private let new: [Int32]
  /// The greatest x that a path from the start of the box reaches on each diagonal.
  private var forward: [Int32]
  /// The least x that a path from the end of the box reaches on each diagonal.
  private var backward: [Int32]
  /// The index of diagonal zero in both tables.
  private let origin: Int
  /// The cost at which a search settles for the best path so far.
  private let costLimit: Int

  /// A run of more equal lines than this is a sign of a good path.
  private static let longRun = 20
  /// From this cost on a good path ends a search.
  private static let impatientCost = 256
  /// How many times the cost a path must have come for it to be good.
  private static let goodProgress = 4

  init(old: [Int32], new: [Int32]) {
    self.old = old
    self.new = new
    oldChanged = Array(repeating: false, count: old.count)
    newChanged = Array(repeating: false, count: new.count)
    let diagonals = old.count + new.count + 3
    forward = Array(repeating: 0, count: diagonals)
    backward = Array(repeating: 0, count: diagonals)
    origin = new.count + 1
    costLimit = max(roughSquareRoot(diagonals), 256)
  }

  /// A rectangle of the grid that is still to be searched.
  private struct Box {
    var x: Range<Int>
    var y: Range<Int>
    /// Whether the shortest path is wanted whatever it costs.
    var exact: Bool

    var firstDiagonal: Int { x.lowerBound - y.lowerBound }
    var lastDiagonal: Int { x.upperBound - y.upperBound }
    /// The diagonals of its lower left and of its upper right corner.
    var diagonals: ClosedRange<Int> { (x.lowerBound - y.upperBound)...(x.upperBound - y.lowerBound) }
  }

  /// The point at which a box is cut in two, and whether the path to it and from it must be the shortest.
  private struct Cut {
    var x: Int
    var y: Int
    var exactBefore = true
    var exactAfter = true
  }

  /// Finds a path through the whole grid.
  mutating func run() {
    var open = [Box(x: 0..<old.count, y: 0..<new.count, exact: false)]
    while let next = open.popLast() {
      let box = withoutCommonEnds(next)
      if box.x.isEmpty {
        for y in box.y { newChanged[y] = true }
      } else if box.y.isEmpty {
        for x in box.x { oldChanged[x] = true }
      } else {
        let cut = cut(box)
        open.append(Box(x: cut.x..<box.x.upperBound, y: cut.y..<box.y.upperBound, exact: cut.exactAfter))
        open.append(Box(x: box.x.lowerBound..<cut.x, y: box.y.lowerBound..<cut.y, exact: cut.exactBefore))
      }
    }
  }

  private func withoutCommonEnds(_ box: Box) -> Box {
    var (left, right, top, bottom) = (box.x.lowerBound, box.x.upperBound, box.y.lowerBound, box.y.upperBound)
    while left < right, top < bottom, old[left] == new[top] {
      left += 1
      top += 1
    }
    while left < right, top < bottom, old[right - 1] == new[bottom - 1] {
      right -= 1
      bottom -= 1
    }
    return Box(x: left..<right, y: top..<bottom, exact: box.exact)
  }

  /// The range of diagonals that paths have reached; each second one is reached at the present cost.
  private struct Band {
    var low: Int
    var high: Int
    /// Whether a path ran along more than `longRun` equal lines at the present cost.
    var sawLongRun = false

    init(around diagonal: Int) {
      low = diagonal
      high = diagonal
    }

    /// Widens the band by a diagonal on either side, or narrows it where it would leave the box.
    ///
    /// The diagonals just outside get a value that no path comes from.
    mutating func widen(within limits: ClosedRange<Int>, in table: inout [Int32], origin: Int, outside: Int32) {
      sawLongRun = false
      if low > limits.lowerBound {
        low -= 1
        table[origin + low - 1] = outside
      } else {
        low += 1
      }
      if high < limits.upperBound {
        high += 1
        table[origin + high + 1] = outside
      } else {
        high -= 1
      }
    }

    var diagonals: StrideThrough<Int> { stride(from: high, through: low, by: -2) }

    func contains(_ diagonal: Int) -> Bool { low <= diagonal && diagonal <= high }
  }

  /// Cuts a box where its shortest path passes the middle, or, where that is dear to find, on a good path.
  private mutating func cut(_ box: Box) -> Cut {
    var ahead = Band(around: box.firstDiagonal)
    var back = Band(around: box.lastDiagonal)
    // A path of odd cost is complete after a step from the start, one of even cost after a step from the end.
    let meetsAhead = (box.firstDiagonal - box.lastDiagonal) % 2 != 0
    forward[origin + box.firstDiagonal] = Int32(box.x.lowerBound)
    backward[origin + box.lastDiagonal] = Int32(box.x.upperBound)
    var cost = 0
    while true {
      cost += 1
      ahead.widen(within: box.diagonals, in: &forward, origin: origin, outside: -1)
      if let cut = advance(&ahead, in: box, meeting: meetsAhead ? back : nil) { return cut }
      back.widen(within: box.diagonals, in: &backward, origin: origin, outside: .max)
      if let cut = retreat(&back, in: box, meeting: meetsAhead ? nil : ahead) { return cut }
      if box.exact { continue }
      if cost > Self.impatientCost, ahead.sawLongRun || back.sawLongRun {
        if let cut = goodPathAhead(ahead, in: box, cost: cost) { return cut }
        if let cut = goodPathBack(back, in: box, cost: cost) { return cut }
      }
      if cost >= costLimit { return furthestCut(ahead, back, in: box) }
    }
  }

  /// Takes each path from the start a step further; the cut if one meets a path from the end.
  private mutating func advance(_ band: inout Band, in box: Box, meeting other: Band?) -> Cut? {
    for diagonal in band.diagonals {
      let index = origin + diagonal
      let before = Int(forward[index - 1])
      let after = Int(forward[index + 1])
      let entry = before >= after ? before + 1 : after
      var x = entry
      var y = x - diagonal
      while x < box.x.upperBound, y < box.y.upperBound, old[x] == new[y] {
        x += 1
        y += 1
      }
      if x - entry > Self.longRun { band.sawLongRun = true }
      forward[index] = Int32(x)
      if let other, other.contains(diagonal), Int(backward[index]) <= x { return Cut(x: x, y: y) }
    }
    return nil
  }

  /// Takes each path from the end a step back; the cut if one meets a path from the start.
  private mutating func retreat(_ band: inout Band, in box: Box, meeting other: Band?) -> Cut? {
    for diagonal in band.diagonals {
      let index = origin + diagonal
      let before = Int(backward[index - 1])
      let after = Int(backward[index + 1])
      let entry = before < after ? before : after - 1
      var x = entry
      var y = x - diagonal
      while x > box.x.lowerBound, y > box.y.lowerBound, old[x - 1] == new[y - 1] {
        x -= 1
        y -= 1
      }
      if entry - x > Self.longRun { band.sawLongRun = true }
      backward[index] = Int32(x)
      if let other, other.contains(diagonal), x <= Int(forward[index]) { return Cut(x: x, y: y) }
    }
    return nil
  }
}

// MARK: - Where the shortest path is too dear

extension ShortestEditSearch {
  /// The best path from the start that has come far for its cost and ends in a long run of equal lines.
  ///
  /// How far a path has come is what it covered of both sequences, less its distance from the diagonal it began on.
  private func goodPathAhead(_ band: Band, in box: Box, cost: Int) -> Cut? {
    var best: Cut?
    var bestProgress = Self.goodProgress * cost
    for diagonal in band.diagonals {
      let x = Int(forward[origin + diagonal])
      let y = x - diagonal
      let progress =
        (x - box.x.lowerBound) + (y - box.y.lowerBound) - abs(diagonal - box.firstDiagonal)
      guard progress > bestProgress,
        x >= box.x.lowerBound + Self.longRun, x < box.x.upperBound,
        y >= box.y.lowerBound + Self.longRun, y < box.y.upperBound,
        isRun(x: x - Self.longRun, y: y - Self.longRun)
      else { continue }
      bestProgress = progress
      best = Cut(x: x, y: y, exactBefore: true, exactAfter: false)
    }
    return best
  }

  /// The same for paths from the end.
  private func goodPathBack(_ band: Band, in box: Box, cost: Int) -> Cut? {
    var best: Cut?
    var bestProgress = Self.goodProgress * cost
    for diagonal in band.diagonals {
      let x = Int(backward[origin + diagonal])
      let y = x - diagonal
      let progress =
        (box.x.upperBound - x) + (box.y.upperBound - y) - abs(diagonal - box.lastDiagonal)
      guard progress > bestProgress,
        x > box.x.lowerBound, x <= box.x.upperBound - Self.longRun,
        y > box.y.lowerBound, y <= box.y.upperBound - Self.longRun,
        isRun(x: x, y: y)
      else { continue }
      bestProgress = progress
      best = Cut(x: x, y: y, exactBefore: false, exactAfter: true)
    }
    return best
  }

  /// Whether a long run of equal lines starts at a point.
  private func isRun(x: Int, y: Int) -> Bool {
    for step in 0..<Self.longRun where old[x + step] != new[y + step] {
      return false
    }
    return true
  }

  /// Cuts at the end of the path that has come furthest, from whichever end.
  private func furthestCut(_ ahead: Band, _ back: Band, in box: Box) -> Cut {
    var furthest = Cut(x: -1, y: 0, exactBefore: true, exactAfter: false)
    for diagonal in ahead.diagonals {
      // A path may have stepped over the edge of the box.
      let x = min(Int(forward[origin + diagonal]), box.x.upperBound, box.y.upperBound + diagonal)
      if x + x - diagonal > furthest.x + furthest.y {
        furthest.x = x
        furthest.y = x - diagonal
      }
    }
    var nearest = Cut(x: .max / 4, y: .max / 4, exactBefore: false, exactAfter: true)
    for diagonal in back.diagonals {
      let x = max(Int(backward[origin + diagonal]), box.x.lowerBound, box.y.lowerBound + diagonal)
      if x + x - diagonal < nearest.x + nearest.y {
        nearest.x = x
        nearest.y = x - diagonal
      }
    }
    let covered = furthest.x + furthest.y - box.x.lowerBound - box.y.lowerBound
    let coveredBack = box.x.upperBound + box.y.upperBound - nearest.x - nearest.y
    return coveredBack < covered ? furthest : nearest
  }
}
