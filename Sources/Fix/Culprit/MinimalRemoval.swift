/// What taking some elements out does.
enum RemovalEffect: Sendable, Hashable {
  /// What is red turns green.
  case cured
  /// It stays red.
  case red
  /// Nobody can tell: it cannot be built, or is not there.
  case unresolved
}

/// Finds a smallest set of elements whose removal cures, when the removal of all of them does.
///
/// It is delta debugging (Zeller and Hildebrandt 2002) for a world in which few elements of many are at fault and in
/// which the order is known in which they can be taken out without tearing apart what belongs together: in a sequence
/// whose every beginning is a state that can be built, the shortest beginning that cures ends with an element that is
/// needed. It is found by bisection, kept, and the next one is looked for before it. Where states in between cannot be
/// told, the elements between are kept together, and what is left is reduced as `ddmin` does until no single element
/// can be spared.
struct MinimalRemoval {
  /// What the removal of a set, sorted, does.
  var effect: ([Int]) async throws -> RemovalEffect
  /// Whether a set, sorted, seems to tear nothing apart; those that do are only asked for when no others are left.
  var isWhole: ([Int]) -> Bool = { _ in true }
  /// Called before an effect is asked for, with how many elements it is to part.
  var narrowing: (Int) -> Void = { _ in }
  /// Called with each smaller set that cures.
  var improved: ([Int]) -> Void

  /// How many states between two known ones may say nothing before the elements between them are kept together.
  private static let patience = 6

  /// - Parameters:
  ///   - order: The elements; to remove all of them cures.
  ///   - weights: How likely each is at fault, above zero.
  ///   - always: Elements that are taken out in any case.
  /// - Returns: The set, sorted, without those of `always`.
  /// - Throws: What asking for effects throws.
  func search(_ order: [Int], weights: [Int: Double], always: [Int] = []) async throws -> [Int] {
    var kept: [Int] = []
    var limit = order.count
    while limit > 0 {
      if !kept.isEmpty || !always.isEmpty {
        if try await effect(of: kept, always) == .cured { break }
      }
      let (low, high) = try await shortest(order, weights, limit, kept: kept, always)
      kept += order[low..<high]
      limit = low
      improved((order[..<low] + kept).sorted())
    }
    improved(kept.sorted())
    return try await reduced(kept.sorted(), always: always)
  }

  /// Takes from a set that cures everything that is not needed; what is left is needed, element by element.
  func reduced(_ set: [Int], always: [Int] = []) async throws -> [Int] {
    var set = set
    var parts = 2
    while set.count > 1 || (set.count == 1 && !always.isEmpty) {
      narrowing(set.count)
      parts = min(parts, set.count)
      if let (smaller, isPart) = try await smaller(set, parts: parts, always) {
        set = smaller
        improved(set)
        parts = isPart ? 2 : max(2, parts - 1)
        if set.isEmpty { break }
      } else if parts == set.count {
        break
      } else {
        parts = min(set.count, parts * 2)
      }
    }
    return set
  }

  /// The first part of the set that cures alone, or else the set without the first of its parts that can be spared.
  private func smaller(_ set: [Int], parts: Int, _ always: [Int]) async throws -> ([Int], isPart: Bool)? {
    let bounds = (0...parts).map { set.count * $0 / parts }
    var candidates: [[Int]] = []
    if parts > 2 || !always.isEmpty { candidates += (0..<parts).map { Array(set[bounds[$0]..<bounds[$0 + 1]]) } }
    candidates += (0..<parts).map { Array(set[..<bounds[$0]] + set[bounds[$0 + 1]...]) }
    for (number, candidate) in candidates.enumerated() where try await effect(of: candidate, always) == .cured {
      return (candidate, candidates.count > parts && number < parts)
    }
    return nil
  }

  private func effect(of set: [Int], _ always: [Int]) async throws -> RemovalEffect {
    try await effect((set + always).sorted())
  }

  /// The shortest beginning, together with what is kept, that cures: `high` elements do, and `low` do not.
  private func shortest(
    _ order: [Int], _ weights: [Int: Double], _ limit: Int, kept: [Int], _ always: [Int]
  ) async throws -> (low: Int, high: Int) {
    var (low, high) = (0, limit)
    var unresolved: Set<Int> = []
    var tries = 0
    let whole = Set((1..<max(limit, 1)).filter { isWhole((order[..<$0] + kept + always).sorted()) })
    while true {
      var inner = (low + 1..<max(high, low + 1)).filter { !unresolved.contains($0) }
      if inner.contains(where: whole.contains) { inner.removeAll { !whole.contains($0) } }
      if inner.isEmpty || tries >= Self.patience { return (low, high) }
      let pick = Self.pick(among: inner, from: low, to: high, order, weights)
      narrowing(high - low)
      let effect = try await effect((order[..<pick] + kept + always).sorted())
      switch effect {
      case .cured: high = pick
      case .red: low = pick
      case .unresolved: unresolved.insert(pick)
      }
      tries = effect == .unresolved ? tries + 1 : 0
    }
  }

  /// The place that parts what lies between two states into halves of one likelihood.
  private static func pick(
    among places: [Int], from low: Int, to high: Int, _ order: [Int], _ weights: [Int: Double]
  ) -> Int {
    var sums: [Double] = [0]
    for place in low..<high { sums.append(sums[sums.count - 1] + (weights[order[place]] ?? 1)) }
    let half = sums[sums.count - 1] / 2
    return places.min { abs(sums[$0 - low] - half) < abs(sums[$1 - low] - half) } ?? high
  }
}
