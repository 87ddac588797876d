internal import Base
internal import TestResults
internal import Verify

/// What a search found for one item.
struct FoundCulprit {
  var culprit: Culprit
  /// The pieces that its offered removal takes back.
  var pieces: [Int]
  /// Why it was not looked at to the end; `nil` where it was.
  var end: SearchEnd?
}

/// A search among the units of one difference.
///
/// Only one task uses it.
final class UnitSearch {
  let question: CulpritQuestion
  let branch: Branch
  let runner: CandidateRunner
  private let judgement: RedJudgement
  private let hints: HintWeight

  init(_ question: CulpritQuestion, _ branch: Branch, _ runner: CandidateRunner) {
    self.question = question
    self.branch = branch
    self.runner = runner
    judgement = RedJudgement(question: question)
    hints = HintWeight(question.hints)
  }

  var units: [ChangeUnit] { branch.difference.units }

  // MARK: One culprit

  /// Looks for the culprit of an item among the units; it may be that of others as well.
  ///
  /// - Parameters:
  ///   - item: The item.
  ///   - start: A set of units whose removal cures it.
  ///   - firstBad: What is known of the commit that broke it.
  ///   - waiting: All items for which none was found yet.
  /// - Returns: What was found, as far as the budget reached; `nil` where it ended at the start.
  /// - Throws: `CancellationError`, or what the probing throws.
  func culprit(
    of item: RedItem, from start: Set<Int>, _ firstBad: FirstBad, among waiting: [RedItem]
  ) async throws -> FoundCulprit? {
    let found = Found(units: start.sorted(), item: item)
    var end: SearchEnd?
    do {
      found.units = try await smallest(start, [item], firstBad) { found.units = $0 }
      found.isMinimal = true
      try await settle(found, among: waiting)
    } catch let stopped as SearchEnd {
      end = stopped
    }
    return try await describe(found, firstBad, among: waiting, end)
  }

  /// What is known of a culprit while it is looked at.
  private final class Found {
    var units: [Int]
    /// Those that are taken back with the others only to keep tests green.
    var companions: Set<Int> = []
    let item: RedItem
    var isMinimal = false
    /// The pieces that matter, where they were looked for.
    var pieces: [Int]?
    var arePiecesMinimal = false

    init(units: [Int], item: RedItem) {
      self.units = units
      self.item = item
    }
  }

  /// From the smallest set that cures to the one that costs no green test, and to the lines that matter.
  private func settle(_ found: Found, among waiting: [RedItem]) async throws {
    runner.ledger.left = nil
    guard var revert = try await revert(found.units) else { return }
    if !revert.keepsGreen, let more = try await companions(of: found.units, revert, found.item) {
      found.companions = Set(more)
      found.units = (found.units + more).sorted()
      revert = try await self.revert(found.units) ?? revert
    }
    let items = items(curedBy: revert.standing, found.item, waiting)
    let keepsGreen = revert.keepsGreen
    let pieces = branch.difference.pieces(of: found.units)
    found.pieces = pieces
    found.arePiecesMinimal = pieces.count == 1
    if pieces.count == 1 { return }
    let limit = runner.ledger.runs + Self.runsForLines
    let search = MinimalRemoval(
      effect: { removal in
        if self.runner.ledger.runs >= limit { throw LinesEnd() }
        return try await self.effect(removal, on: items, keepingGreen: keepsGreen)
      }, narrowing: { self.runner.ledger.left = .lines($0) }, improved: { found.pieces = $0 })
    do {
      found.pieces = try await search.search(pieces.reversed(), weights: [:])
      found.arePiecesMinimal = true
    } catch is LinesEnd {}
  }

  /// How many trees may be tested to find the lines of one culprit.
  private static let runsForLines = 16

  private struct LinesEnd: Error {}

  private func items(curedBy standing: TestStanding, _ item: RedItem, _ waiting: [RedItem]) -> [RedItem] {
    zip(waiting, judgement.effects(on: waiting, standing)).filter { $0 == item || $1 == .cured }.map(\.0)
  }

  /// Units that, taken back too, turn what a removal costs green again; `nil` where there are none.
  ///
  /// What depends on the removed lines and is only noticed when it runs is found like this. Tests that the branch itself
  /// added cannot be won back by taking out more of it.
  private func companions(of set: [Int], _ revert: PartialRevert, _ item: RedItem) async throws -> [Int]? {
    let rest = Set(units.indices).subtracting(set)
    let base = try await runner.ledger.standing(of: branch.baseTree)
    guard !rest.isEmpty, let base, revert.newlyRed.isEmpty,
      revert.lost.allSatisfy({ base.green.contains($0) })
    else { return nil }
    let wanted = [item] + revert.lost.map(RedItem.test)
    let near = branch.names.closure(of: set).subtracting(set)
    for candidate in [near, rest] where !candidate.isEmpty {
      guard try await unitEffect((set + candidate).sorted(), on: wanted) == .cured else { continue }
      let order = order(candidate, .unknown(""))
      let search = MinimalRemoval(
        effect: { try await self.unitEffect($0, on: wanted) }, isWhole: isWhole, narrowing: narrowing,
        improved: { _ in })
      let found = try await search.search(order, weights: weights(of: order), always: set)
      let whole = (set + found).sorted()
      return try await self.revert(whole)?.keepsGreen == true ? found : nil
    }
    return nil
  }

  private func describe(
    _ found: Found, _ firstBad: FirstBad, among waiting: [RedItem], _ end: SearchEnd?
  ) async throws -> FoundCulprit? {
    guard let removal = try await revert(found.units) else { return nil }
    let whole = branch.difference.pieces(of: found.units)
    let matter = found.pieces ?? whole
    var culprit = Culprit(
      items: items(curedBy: removal.standing, found.item, waiting), hunks: [], commits: [], firstBad: firstBad,
      removal: removal, lines: nil, isMinimal: found.isMinimal, areLinesMinimal: found.arePiecesMinimal)
    if matter.count < whole.count, case .tested(let tree, let standing) = try await runner.result(of: matter) {
      culprit.lines = judgement.revert(tree, standing)
    }
    let set = Set(matter)
    culprit.hunks = found.units.map { unit in
      var hunk = HunkWriter.hunk(units[unit], in: branch.difference, matter: set)
      hunk.isCompanion = found.companions.contains(unit) || set.isDisjoint(with: units[unit].pieces)
      return hunk
    }
    let own = found.units.filter { !set.isDisjoint(with: units[$0].pieces) && !found.companions.contains($0) }
    culprit.commits = commits(of: own)
    return FoundCulprit(
      culprit: culprit, pieces: culprit.lines != nil && culprit.offered == culprit.lines ? matter : whole, end: end)
  }

  private func revert(_ set: [Int]) async throws -> PartialRevert? {
    try await tested(set).map { judgement.revert($0.0, $0.1) }
  }

  private func tested(_ set: [Int]) async throws -> (ObjectID, TestStanding)? {
    let result = try await runner.result(of: branch.difference.pieces(of: set))
    guard case .tested(let tree, let standing) = result else { return nil }
    return (tree, standing)
  }

  /// The commits that introduced some units, newest first.
  func commits(of set: [Int]) -> [ObjectID] {
    let all = Set(set.flatMap { units[$0].commits })
    return branch.commits.filter(all.contains)
  }

  /// What taking out a set of pieces does to some items.
  private func effect(
    _ removal: [Int], on items: [RedItem], keepingGreen: Bool = false
  ) async throws -> RemovalEffect {
    guard case .tested(let tree, let standing) = try await runner.result(of: removal) else { return .unresolved }
    let effect = judgement.effect(on: items, standing)
    if effect == .unresolved { runner.ledger.unresolved.insert(tree) }
    if keepingGreen, effect == .cured, !judgement.revert(tree, standing).keepsGreen { return .unresolved }
    return effect
  }

  private func unitEffect(_ set: [Int], on items: [RedItem]) async throws -> RemovalEffect {
    try await effect(branch.difference.pieces(of: set), on: items)
  }

  private func narrowing(_ count: Int) { runner.ledger.left = .changes(count) }

  // MARK: Where to begin

  /// A set of units whose removal turns an item green.
  func start(for item: RedItem, _ firstBad: FirstBad) async throws -> Set<Int>? {
    let all = Set(units.indices)
    var candidates: [Set<Int>] = []
    if case .commit(let commit) = firstBad {
      let own = units.indices.filter { units[$0].commits.contains(commit) }
      if !own.isEmpty { candidates.append(branch.names.closure(of: own)) }
    }
    candidates.append(all)
    let free = all.filter { branch.names.closure(of: [$0]).isDisjoint(with: branch.names.pinned) }
    if !free.isEmpty, free.count < all.count { candidates.append(free) }
    var effect = RemovalEffect.unresolved
    for candidate in candidates {
      narrowing(candidate.count)
      effect = try await unitEffect(candidate.sorted(), on: [item])
      if effect == .cured { return candidate }
    }
    let weights = weights(of: Array(all))
    let likely = order(all, firstBad).enumerated().sorted { left, right in
      let (first, second) = (weights[left.element] ?? 1, weights[right.element] ?? 1)
      return first == second ? left.offset < right.offset : first > second
    }.map(\.element)
    let hinted = likely.prefix(Self.hintedTries).filter { (weights[$0] ?? 1) > 1 }
    for unit in effect == .unresolved ? hinted : Array(likely.prefix(Self.singleTries)) {
      narrowing(all.count)
      let candidate = branch.names.closure(of: [unit])
      if try await unitEffect(candidate.sorted(), on: [item]) == .cured { return candidate }
    }
    return effect == .unresolved ? try await divided(free.isEmpty ? Array(all) : free.sorted(), for: item) : nil
  }

  /// How many single units are tried where no large set cures, and how many where only the large ones cannot be built.
  private static let singleTries = 12
  private static let hintedTries = 3

  /// How many trees may be tested to find a part that can be built without the rest.
  private static let runsForParts = 30

  /// A part of a set whose removal cures, where the whole cannot be built without it: what stays red is left aside, and
  /// what cannot be told is parted again, down to the units that tear something apart; then the rest without these.
  private func divided(_ set: [Int], for item: RedItem) async throws -> Set<Int>? {
    let limit = runner.ledger.runs + Self.runsForParts
    var parts = [set[...]]
    var torn: Set<Int> = []
    var next = 0
    while next < parts.count, runner.ledger.runs < limit {
      let part = parts[next]
      next += 1
      narrowing(part.count)
      let candidate = branch.names.closure(of: part)
      switch part.count == set.count ? .unresolved : try await unitEffect(candidate.sorted(), on: [item]) {
      case .cured: return candidate
      case .red: break
      case .unresolved where part.count < 2: torn.formUnion(part)
      case .unresolved:
        let middle = part.startIndex + part.count / 2
        parts += [part[..<middle], part[middle...]]
      }
    }
    let rest = set.filter { branch.names.closure(of: [$0]).isDisjoint(with: torn) }
    guard !torn.isEmpty, !rest.isEmpty else { return nil }
    let candidate = branch.names.closure(of: rest)
    return try await unitEffect(candidate.sorted(), on: [item]) == .cured ? candidate : nil
  }

  /// The unit that the hints point to with those that go with it, if its removal cures.
  func likeliest(for item: RedItem) async throws -> Set<Int>? {
    let weights = weights(of: Array(units.indices))
    let ranked = weights.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
    let sum = weights.values.reduce(0, +)
    guard let first = ranked.first, units.count > 2, first.value >= 4, first.value * 5 >= sum else { return nil }
    if ranked.count > 1, ranked[1].value == first.value { return nil }
    let candidate = branch.names.closure(of: [first.key])
    return try await unitEffect(candidate.sorted(), on: [item]) == .cured ? candidate : nil
  }

  func reason(for item: RedItem) async throws -> Unexplained.Reason {
    switch try await unitEffect(Array(units.indices), on: [item]) {
    case .red: branch.difference.changesTests ? .needsAddition : .outside
    default: .needsBranch
    }
  }

  // MARK: The smallest set

  private func order(_ set: Set<Int>, _ firstBad: FirstBad) -> [Int] {
    let places = Dictionary(branch.commits.enumerated().map { ($1, $0) }) { first, _ in first }
    return RemovalOrder(set, names: branch.names) { unit in
      var isOwn = false
      if case .commit(let commit) = firstBad { isOwn = units[unit].commits.contains(commit) }
      let newest = units[unit].commits.compactMap { places[$0] }.min() ?? places.count
      return [branch.names.pinned.contains(unit) ? 1 : 0, isOwn ? 0 : 1, newest, unit]
    }.units
  }

  private func smallest(
    _ start: Set<Int>, _ items: [RedItem], _ firstBad: FirstBad, improved: @escaping ([Int]) -> Void
  ) async throws -> [Int] {
    let order = order(start, firstBad)
    let search = MinimalRemoval(
      effect: { try await self.unitEffect($0, on: items) }, isWhole: isWhole, narrowing: narrowing,
      improved: improved)
    return try await search.search(order, weights: weights(of: order))
  }

  private func isWhole(_ set: [Int]) -> Bool {
    let all = Set(set)
    return set.allSatisfy { branch.names.needs[$0].isSubset(of: all) }
  }

  /// How likely each unit is at fault, by the hints.
  private func weights(of set: [Int]) -> [Int: Double] {
    Dictionary(set.map { ($0, hints.weight(of: units[$0], in: branch.difference)) }) { first, _ in first }
  }
}
