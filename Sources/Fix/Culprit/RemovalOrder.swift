internal import Base

/// The order in which the units of a branch are taken out: each beginning of it should be a state that can be built.
struct RemovalOrder {
  /// The units, the first to go first.
  let units: [Int]

  /// - Parameters:
  ///   - candidates: The units to put in order.
  ///   - names: What has to go with what.
  ///   - rank: How early each should go; the lower, the earlier.
  init(_ candidates: some Sequence<Int>, names: UnitNames, rank: (Int) -> [Int]) {
    let ranks = Dictionary(candidates.map { ($0, rank($0)) }) { first, _ in first }
    let wanted = ranks.keys.sorted { left, right in
      let (first, second) = (ranks[left] ?? [], ranks[right] ?? [])
      return first == second ? left < right : first.lexicographicallyPrecedes(second)
    }
    // What a unit needs goes before it.
    var result: [Int] = []
    var seen: Set<Int> = []
    for start in wanted {
      var stack: [(unit: Int, isDone: Bool)] = [(start, false)]
      while let (unit, isDone) = stack.popLast() {
        if isDone {
          result.append(unit)
        } else if seen.insert(unit).inserted {
          stack.append((unit, true))
          let needed = names.needs[unit].filter { ranks[$0] != nil && !seen.contains($0) }
          stack += needed.sorted(by: >).map { ($0, false) }
        }
      }
    }
    units = result
  }
}
