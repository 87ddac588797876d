import Testing

@testable import Fix

/// Elements of which some are at fault and some cannot go without others.
private struct World {
  var count: Int
  /// All of these have to go.
  var bad: Set<Int>
  /// For each element those that have to go with it.
  var needs: [Set<Int>]

  /// A world in which elements need only earlier ones, so that the order of their numbers tears nothing apart.
  init(seed: Int) {
    var numbers = SeededNumbers(seed)
    let count = Int.random(in: 1...60, using: &numbers)
    self.count = count
    bad = Set((0..<Int.random(in: 1...4, using: &numbers)).map { _ in Int.random(in: 0..<count, using: &numbers) })
    needs = Array(repeating: [], count: count)
    for element in 1..<max(1, count) where Int.random(in: 0..<4, using: &numbers) == 0 {
      needs[element].insert(Int.random(in: 0..<element, using: &numbers))
    }
  }

  func effect(_ removed: Set<Int>) -> RemovalEffect {
    if removed.contains(where: { !needs[$0].isSubset(of: removed) }) { return .unresolved }
    return bad.isSubset(of: removed) ? .cured : .red
  }

  /// The one smallest set that cures.
  var answer: Set<Int> {
    var result = bad
    var waiting = Array(bad)
    while let next = waiting.popLast() {
      for other in needs[next] where result.insert(other).inserted { waiting.append(other) }
    }
    return result
  }
}

/// Counts what is asked for.
private final class Ledger {
  var known: [[Int]: RemovalEffect] = [:]
  var improved: [[Int]] = []
}

@Suite struct MinimalRemovalTests {
  private func search(_ world: World, order: [Int]) async throws -> ([Int], Ledger) {
    let ledger = Ledger()
    let search = MinimalRemoval(
      effect: { set in
        #expect(set == set.sorted())
        let effect = world.effect(Set(set))
        ledger.known[set] = effect
        return effect
      }, improved: { ledger.improved.append($0) })
    return (try await search.search(order, weights: [:]), ledger)
  }

  @Test(arguments: 0..<400) func findsTheOneSmallestSet(seed: Int) async throws {
    let world = World(seed: seed)
    let (found, ledger) = try await search(world, order: Array(0..<world.count))
    #expect(Set(found) == world.answer)
    #expect(ledger.improved.allSatisfy { world.effect(Set($0)) == .cured })
  }

  /// In an order that tears much apart the set may be larger than it has to be, and still no single element can go.
  @Test(arguments: 0..<400) func canSpareNothingInAnyOrder(seed: Int) async throws {
    let world = World(seed: seed)
    var numbers = SeededNumbers(seed + 10_000)
    let (found, ledger) = try await search(world, order: (0..<world.count).shuffled(using: &numbers))
    #expect(world.effect(Set(found)) == .cured)
    if found.count > 1 {
      for element in found { #expect(ledger.known[found.filter { $0 != element }].map { $0 != .cured } == true) }
    }
  }

  @Test func asksRarelyForOneOfForty() async throws {
    for bad in 0..<40 {
      var world = World(seed: 0)
      (world.count, world.bad, world.needs) = (40, [bad], Array(repeating: [], count: 40))
      let (found, ledger) = try await search(world, order: Array(0..<40))
      #expect(found == [bad])
      #expect(ledger.known.count <= 7)
    }
  }

  @Test func looksFirstWhereItIsLikeliest() async throws {
    var world = World(seed: 0)
    (world.count, world.bad, world.needs) = (40, [23], Array(repeating: [], count: 40))
    var asked = 0
    let search = MinimalRemoval(
      effect: { set in
        asked += 1
        return world.effect(Set(set))
      }, improved: { _ in })
    let weights = Dictionary(uniqueKeysWithValues: (0..<40).map { ($0, $0 == 23 ? 200.0 : 1) })
    #expect(try await search.search(Array(0..<40), weights: weights) == [23])
    #expect(asked <= 3)
  }
}
