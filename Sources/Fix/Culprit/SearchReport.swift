internal import Base
internal import Git
internal import TestResults
internal import Verify

/// One search, from the question to the report.
///
/// Only one task uses it.
final class SearchReport {
  private let question: CulpritQuestion
  private let ground: SearchGround
  let branch: Branch
  private let ledger: ProbeLedger
  private let judgement: RedJudgement
  private let whole: UnitSearch
  /// Searches in what came after a commit, by that commit.
  private var later: [ObjectID: UnitSearch] = [:]
  private var fine: UnitSearch?
  private var outcome: CulpritReport
  /// For each culprit the pieces that its offered removal takes back; `nil` for one of a later difference.
  private var offered: [[Int]?] = []

  init(_ question: CulpritQuestion, on ground: SearchGround, _ ledger: ProbeLedger) async throws(GitError) {
    self.question = question
    self.ground = ground
    self.ledger = ledger
    judgement = RedJudgement(question: question)
    whole = try await ground.search(question, ledger)
    branch = whole.branch
    outcome = CulpritReport(base: question.base, head: question.head)
    outcome.candidates = branch.difference.units.count
  }

  func report() async throws -> CulpritReport {
    var waiting = question.red.sorted()
    do {
      waiting = try await withoutRedAtBase(waiting)
      while let item = waiting.first {
        if let found = try await culprit(of: item, among: waiting) {
          outcome.culprits.append(found.culprit)
          waiting.removeAll { found.culprit.items.contains($0) }
          if let end = found.end { throw end }
        } else {
          unexplained([item], try await reason(for: item))
          waiting.removeFirst()
        }
      }
      try await together()
    } catch let end as SearchEnd {
      outcome.ending = end.ending
      unexplained(waiting, .notFound)
    }
    outcome.runs = ledger.runs
    outcome.broken = ledger.broken
    outcome.unresolved = ledger.unresolved.count
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
    guard let base = try await ledger.standing(of: branch.baseTree) else { return items }
    outcome.redAtBase = items.filter { base.red.contains($0) }
    return items.filter { !base.red.contains($0) }
  }

  private func reason(for item: RedItem) async throws -> Unexplained.Reason {
    if branch.difference.units.isEmpty { return branch.difference.changesTests ? .onlyTestsChanged : .outside }
    return try await whole.reason(for: item)
  }

  // MARK: One culprit

  /// Looks for the culprit of an item: in the whole difference of the branch, and where that is too coarse, in what came
  /// after the last commit at which the item was green.
  private func culprit(of item: RedItem, among waiting: [RedItem]) async throws -> FoundCulprit? {
    if branch.difference.units.isEmpty { return nil }
    if let start = try await whole.likeliest(for: item) {
      var found = try await whole.culprit(of: item, from: start, .unknown("the search ended before"), among: waiting)
      if let culprit = found?.culprit, found?.end == nil, culprit.offered.keepsGreen {
        do {
          found?.culprit.firstBad = try await history(of: item, guess: culprit.commits).firstBad
        } catch let end as SearchEnd {
          found?.end = end
        }
        offered.append(found?.pieces)
        return found
      }
    }
    let history = try await history(of: item)
    let isNew = try await ledger.standing(of: branch.baseTree).map { judgement.effect(on: item, $0) } != .cured
    var best: (found: FoundCulprit, scope: Scope)?
    // What a test that is new was green on is not the base.
    for scope in isNew ? [Scope.later, .whole, .fine] : [.whole, .later, .fine] {
      guard let search = try await search(in: scope, after: history.lastGood) else { continue }
      guard let start = try await search.start(for: item, history.firstBad),
        let found = try await search.culprit(of: item, from: start, history.firstBad, among: waiting)
      else { continue }
      if best == nil || found.culprit.offered.keepsGreen { best = (found, scope) }
      if found.end != nil || found.culprit.offered.keepsGreen { break }
    }
    guard let best else { return nil }
    offered.append(best.scope == .whole ? best.found.pieces : nil)
    return best.found
  }

  /// What is searched.
  private enum Scope {
    /// The branch, hunk by hunk.
    case whole
    /// What came after the last good commit.
    case later
    /// The branch, each stretch of changed lines for itself, however near the next one is.
    case fine
  }

  private func search(in scope: Scope, after commit: ObjectID?) async throws -> UnitSearch? {
    switch scope {
    case .whole: return whole
    case .later: return try await search(after: commit)
    case .fine:
      if let fine { return fine }
      let search = try await ground.search(question, context: 0, ledger)
      guard search.units.count > whole.units.count else { return nil }
      fine = search
      return search
    }
  }

  /// A search in what came after a commit of the branch; `nil` where there is no such commit or where a merge came after
  /// it, with which the base may have come in.
  private func search(after commit: ObjectID?) async throws -> UnitSearch? {
    guard let commit, commit != question.base else { return nil }
    if let known = later[commit] { return known }
    var question = question
    question.base = commit
    let search = try await ground.search(question, ledger)
    if search.units.isEmpty || search.branch.parents.values.contains(where: { $0.count > 1 }) { return nil }
    later[commit] = search
    return search
  }

  // MARK: All culprits

  /// Tests the head without any of the culprits.
  private func together() async throws {
    ledger.left = nil
    guard outcome.culprits.count > 1 else {
      outcome.together = outcome.culprits.first?.offered
      return
    }
    var tree: ObjectID?
    if offered.contains(nil) {
      tree = try await joined(outcome.culprits.map(\.offered.tree))
    } else {
      let all = Set(offered.compactMap(\.self).joined()).sorted()
      if case .tested(let tested, _) = try await whole.runner.result(of: all) { tree = tested }
    }
    guard let tree, let standing = try await ledger.standing(of: tree) else { return }
    outcome.together = judgement.revert(tree, standing)
  }

  /// A tree with what several others change in the head's; `nil` where two change one file.
  private func joined(_ trees: [ObjectID]) async throws(GitError) -> ObjectID? {
    let head = branch.headTree
    return try await ground.repository.perform { repository throws(GitError) in
      var options = DiffOptions()
      options.detectsRenames = false
      var edits: [TreeEdit] = []
      var changed: Set<RepositoryPath> = []
      for tree in Set(trees).sorted() {
        for file in try repository.diff(from: head, to: tree, options: options).files {
          guard let path = (file.new ?? file.old)?.path, changed.insert(path).inserted else { return nil }
          edits.append(file.new.map { .put(path, mode: $0.mode, blob: $0.blob) } ?? .remove(path))
        }
      }
      return try repository.writeTree(from: head, edits)
    }
  }

  // MARK: The first bad commit

  /// When an item turned red.
  private struct History {
    var firstBad: FirstBad
    /// The parent of the first bad commit, where the item is green there.
    var lastGood: ObjectID?
  }

  /// Looks for the first commit of the branch at which an item is red.
  ///
  /// A commit in which a test is not there yet counts as good where it is not there at the base either.
  ///
  /// - Parameters:
  ///   - item: The item.
  ///   - guess: Commits of which it may be one, newest first: tested first, with their parents.
  /// - Returns: What was found.
  /// - Throws: ``SearchEnd`` where it cannot be looked for to the end, or `CancellationError`.
  private func history(of item: RedItem, guess: [ObjectID] = []) async throws -> History {
    guard let base = try await ledger.standing(of: branch.baseTree) else {
      return History(firstBad: .unknown("the base could not be tested"))
    }
    guard var bisection = CommitBisection(branch.commits, parents: branch.parents) else {
      return History(firstBad: .unknown("the branch has no commits"))
    }
    let isNew = isAbsent(item, base)
    if judgement.effect(on: item, base) != .cured, !isNew {
      return History(firstBad: .unknown("it is not green at the base"))
    }
    var states: [ObjectID: RemovalEffect] = [question.base: isNew ? .unresolved : .cured]
    if let first = guess.first, guess.count == 1 {
      for commit in [first] + (branch.parents[first] ?? []) where commit != question.head {
        try await test(commit, item, isNew, &bisection, &states)
      }
    }
    while let next = bisection.next { try await test(next, item, isNew, &bisection, &states) }
    let found = bisection.found
    guard found.count == 1 else { return History(firstBad: .oneOf(found)) }
    let lastGood = (branch.parents[found[0]] ?? []).first { states[$0] == .cured }
    return History(firstBad: .commit(found[0]), lastGood: lastGood)
  }

  /// Whether a test is not there although everything was built.
  private func isAbsent(_ item: RedItem, _ standing: TestStanding) -> Bool {
    guard case .test(let identity) = item, !standing.names(identity) else { return false }
    return standing.red.allSatisfy(\.isTest)
  }

  private func test(
    _ commit: ObjectID, _ item: RedItem, _ isNew: Bool, _ bisection: inout CommitBisection,
    _ effects: inout [ObjectID: RemovalEffect]
  ) async throws {
    guard let tree = branch.trees[commit] else { return }
    ledger.left = .commits(bisection.found.count)
    var state = CommitState.skipped
    if case .tested(_, let standing) = try await ledger.result(of: tree) {
      let effect = judgement.effect(on: item, standing)
      effects[commit] = effect
      switch effect {
      case .cured: state = .good
      case .red: state = .bad
      case .unresolved:
        if isNew, isAbsent(item, standing) { state = .good } else { ledger.unresolved.insert(tree) }
      }
    }
    bisection.note(state, of: commit)
  }
}
