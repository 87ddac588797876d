internal import Base
internal import TestResults
internal import Verify

/// One search, from the question to the report.
///
/// Only one task uses it.
final class SearchRun {
  let question: CulpritQuestion
  let branch: Branch
  let runner: CandidateRunner
  let judgement: RedJudgement
  let width: Int
  private var outcome: CulpritReport
  /// The first bad commits that were found, by item: one bisection tells of many items.
  private var unresolved: Set<ObjectID> = []

  init(_ question: CulpritQuestion, _ branch: Branch, _ runner: CandidateRunner, width: Int) {
    self.question = question
    self.branch = branch
    self.runner = runner
    self.width = width
    judgement = RedJudgement(question: question)
    outcome = CulpritReport(base: question.base, head: question.head)
    outcome.candidates = branch.difference.units.count
  }

  var units: [ChangeUnit] { branch.difference.units }

  func report() async throws -> CulpritReport {
    var waiting = question.red.sorted()
    do {
      waiting = try await withoutRedAtBase(waiting)
      while let item = waiting.first {
        let (culprit, reason) = try await culprit(of: item, among: waiting)
        if let culprit {
          outcome.culprits.append(culprit)
          waiting.removeAll { culprit.items.contains($0) }
        } else {
          unexplained([item], reason)
          waiting.removeFirst()
        }
      }
      try await together()
    } catch let end as SearchEnd {
      outcome.ending = end.ending
      unexplained(waiting, .notFound)
    }
    outcome.runs = runner.runs
    outcome.broken = runner.broken
    outcome.unresolved = unresolved.count
    return outcome
  }

  private func unexplained(_ items: [RedItem], _ reason: Unexplained.Reason) {
    if items.isEmpty { return }
    if let place = outcome.unexplained.firstIndex(where: { $0.reason == reason }) {
      outcome.unexplained[place].items = (outcome.unexplained[place].items + items).sorted()
    } else {
      outcome.unexplained.append(Unexplained(items: items, reason: reason))
    }
  }

  /// Notes down what is red at the base as well.
  private func withoutRedAtBase(_ items: [RedItem]) async throws -> [RedItem] {
    guard let base = try await standing(of: branch.baseTree) else { return items }
    outcome.redAtBase = items.filter { base.red.contains($0) }
    return items.filter { !base.red.contains($0) }
  }

  func standing(of tree: ObjectID) async throws -> TestStanding? {
    guard case .tested(_, let standing)? = try await runner.standings(of: [tree])[tree] else { return nil }
    return standing
  }

  // MARK: One culprit

  private func culprit(
    of item: RedItem, among waiting: [RedItem]
  ) async throws -> (Culprit?, Unexplained.Reason) {
    let all = Array(units.indices)
    if all.isEmpty { return (nil, branch.difference.changesTests ? .onlyTestsChanged : .outside) }
    let firstBad = try await firstBad(of: item)
    guard let start = try await start(for: item, firstBad) else { return (nil, try await reason(for: item)) }
    var best = start.sorted()
    var end: SearchEnd?
    var isMinimal = false
    do {
      best = try await smallest(start, [item], firstBad) { best = $0 }
      isMinimal = true
    } catch let stopped as SearchEnd {
      end = stopped
    }
    guard let (tree, standing) = try await tested(best) else { return (nil, .notFound) }
    let items = waiting.filter { $0 == item || judgement.effect(on: $0, standing) == .cured }
    var culprit = Culprit(
      items: items, hunks: [], commits: commits(of: best), firstBad: firstBad,
      removal: judgement.revert(tree, standing), lines: nil, isMinimal: isMinimal, areLinesMinimal: false)
    var matter = Set(branch.difference.pieces(of: best))
    if end == nil {
      do {
        matter = Set(try await lines(of: best, items, into: &culprit))
      } catch let stopped as SearchEnd {
        end = stopped
      }
    }
    culprit.hunks = best.map { HunkWriter.hunk(units[$0], in: branch.difference, matter: matter) }
    if let end {
      // What was found until then is kept.
      outcome.culprits.append(culprit)
      throw end
    }
    return (culprit, .notFound)
  }

  private func tested(_ set: [Int]) async throws -> (ObjectID, TestStanding)? {
    let results = try await runner.results(of: [branch.difference.pieces(of: set)])
    guard case .tested(let tree, let standing)? = results.first else { return nil }
    return (tree, standing)
  }

  /// The commits that introduced some units, newest first.
  private func commits(of set: [Int]) -> [ObjectID] {
    let all = Set(set.flatMap { units[$0].commits })
    return branch.commits.filter(all.contains)
  }

  /// What taking out sets of pieces does to some items.
  private func effects(_ removals: [[Int]], on items: [RedItem]) async throws -> [RemovalEffect] {
    try await runner.results(of: removals).map { result in
      guard case .tested(let tree, let standing) = result else { return .unresolved }
      let effect = judgement.effect(on: items, standing)
      if effect == .unresolved { unresolved.insert(tree) }
      return effect
    }
  }

  private func unitEffects(_ sets: [[Int]], on items: [RedItem]) async throws -> [RemovalEffect] {
    try await effects(sets.map { branch.difference.pieces(of: $0) }, on: items)
  }

  // MARK: Where to begin

  /// A set of units whose removal turns an item green.
  private func start(for item: RedItem, _ firstBad: FirstBad) async throws -> Set<Int>? {
    let all = Set(units.indices)
    var candidates: [Set<Int>] = []
    if case .commit(let commit) = firstBad {
      let own = units.indices.filter { units[$0].commits.contains(commit) }
      if !own.isEmpty { candidates.append(branch.names.closure(of: own)) }
    }
    candidates.append(all)
    let free = all.subtracting(branch.names.pinned)
    if !free.isEmpty, free.count < all.count { candidates.append(free) }
    for candidate in candidates {
      if try await unitEffects([candidate.sorted()], on: [item]) == [.cured] { return candidate }
    }
    for unit in order(all, firstBad) {
      let candidate = branch.names.closure(of: [unit])
      if try await unitEffects([candidate.sorted()], on: [item]) == [.cured] { return candidate }
    }
    return nil
  }

  private func reason(for item: RedItem) async throws -> Unexplained.Reason {
    switch try await unitEffects([Array(units.indices)], on: [item]).first {
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
      width: width, effects: { try await self.unitEffects($0, on: items) }, improved: improved)
    return try await search.search(order, weights: weights(of: order))
  }

  /// How likely each unit is at fault, by the hints.
  private func weights(of set: [Int]) -> [Int: Double] {
    Dictionary(set.map { ($0, 1) }) { first, _ in first }
  }

  // MARK: Lines

  /// The pieces of some units that matter.
  private func lines(of set: [Int], _ items: [RedItem], into culprit: inout Culprit) async throws -> [Int] {
    let pieces = branch.difference.pieces(of: set)
    if pieces.count == 1 {
      culprit.areLinesMinimal = true
      return pieces
    }
    let search = MinimalRemoval(
      width: width, effects: { try await self.effects($0, on: items) }, improved: { _ in })
    let found = try await search.search(pieces.reversed(), weights: [:])
    culprit.areLinesMinimal = true
    guard found.count < pieces.count else { return found }
    if case .tested(let tree, let standing)? = try await runner.results(of: [found]).first {
      culprit.lines = judgement.revert(tree, standing)
    }
    return found
  }

  // MARK: All culprits

  private func together() async throws {
    guard outcome.culprits.count > 1 else {
      outcome.together = outcome.culprits.first?.offered
      return
    }
  }

  // MARK: The first bad commit

  private func firstBad(of item: RedItem) async throws -> FirstBad {
    guard let base = try await standing(of: branch.baseTree), judgement.effect(on: item, base) == .cured else {
      return .unknown("the test is not green at the base")
    }
    guard var bisection = CommitBisection(branch.commits, parents: branch.parents) else {
      return .unknown("the branch has no commits")
    }
    while case let next = bisection.next(width), !next.isEmpty {
      let trees = next.compactMap { branch.trees[$0] }
      let results = try await runner.standings(of: trees)
      var states: [(ObjectID, CommitState)] = []
      for commit in next {
        guard let tree = branch.trees[commit], let result = results[tree] else { continue }
        var state = CommitState.skipped
        if case .tested(_, let standing) = result {
          switch judgement.effect(on: item, standing) {
          case .cured: state = .good
          case .red: state = .bad
          case .unresolved: unresolved.insert(tree)
          }
        }
        states.append((commit, state))
      }
      for (commit, state) in states where state == .bad { bisection.note(state, of: commit) }
      for (commit, state) in states where state != .bad { bisection.note(state, of: commit) }
    }
    let found = bisection.found
    return found.count == 1 ? .commit(found[0]) : .oneOf(found)
  }
}
