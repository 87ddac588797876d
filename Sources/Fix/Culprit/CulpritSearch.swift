package import Base
package import Git
package import Verify

/// Finds, without a model, the smallest change of a branch whose removal turns red tests green while the green ones stay
/// green, and the commit at which they turned red.
package struct CulpritSearch: Sendable {
  private let repository: RepositoryActor<PrivateRepository>
  private let probing: any TreeProbing
  private let budget: CulpritBudget

  /// - Parameters:
  ///   - repository: Where the candidates' trees are written; it holds or borrows the branch's objects.
  ///   - probing: What tests them.
  ///   - budget: What the search may spend.
  package init(
    in repository: RepositoryActor<PrivateRepository>, probing: any TreeProbing, budget: CulpritBudget
  ) {
    self.repository = repository
    self.probing = probing
    self.budget = budget
  }

  /// Searches.
  ///
  /// The same question with the same answers of the probing gives the same report and the same calls of `onProbe`,
  /// whatever of it `cache` holds already, however many trees are tested side by side and in whatever order they end.
  /// Trees that `cache` holds count as test runs; those that were tested ahead and that nobody asked for do not.
  ///
  /// - Parameters:
  ///   - question: The branch, and what is red and green at its head.
  ///   - cache: What an earlier, interrupted search of the same question learnt.
  ///   - onProbe: Called after each test run, before its result is used.
  ///   - onProgress: Called whenever the search begins to wait for a test run.
  /// - Returns: What was found; also where the budget ended before the search did.
  /// - Throws: ``GitError`` where the repository cannot be read or written, `CancellationError`, or what `onProbe` or
  ///   the probing throw beside ``StageFailure``.
  package func find(
    _ question: CulpritQuestion, cache: CandidateCache = CandidateCache(),
    onProbe: @escaping @Sendable (ObjectID, Result<TestStanding, StageFailure>) async throws -> Void = { _, _ in },
    onProgress: @escaping @Sendable (CulpritProgress) -> Void = { _ in }
  ) async throws -> CulpritReport {
    let ground = SearchGround(repository)
    let flights = ProbeFlights(probing)
    let ledger = ProbeLedger(flights, budget: budget, cache: cache, onProbe: onProbe, onProgress: onProgress)
    if budget.parallel > 1 {
      let imagined = CulpritBudget(runs: budget.runs)
      ledger.foresight = Foresight(standing: question.standing, red: question.red) { known in
        do {
          _ = try await Self.report(question, on: ground, ProbeLedger(nil, budget: imagined, cache: known))
        } catch let unasked as Unasked {
          return unasked.tree
        } catch {
          // What cannot be looked into is found out when it is needed.
        }
        return nil
      }
    }
    do {
      let report = try await Self.report(question, on: ground, ledger)
      await flights.close()
      return report
    } catch {
      await flights.close()
      throw error
    }
  }

  private static func report(
    _ question: CulpritQuestion, on ground: SearchGround, _ ledger: ProbeLedger
  ) async throws -> CulpritReport {
    let search = try await SearchReport(question, on: ground, ledger)
    ledger.take(question.standing, of: search.branch.headTree)
    if let standing = question.baseStanding { ledger.take(standing, of: search.branch.baseTree) }
    return try await search.report()
  }
}

/// What several passes over one search share: what is read of the branch, and the candidates that were made.
///
/// Only one task uses it.
final class SearchGround {
  let repository: RepositoryActor<PrivateRepository>
  private var scopes: [Scope: (branch: Branch, maker: CandidateMaker)] = [:]

  private struct Scope: Hashable {
    var base: ObjectID
    var context: Int
  }

  init(_ repository: RepositoryActor<PrivateRepository>) {
    self.repository = repository
  }

  /// A search among what a branch changed since the question's base.
  ///
  /// - Parameters:
  ///   - question: The question.
  ///   - context: How many unchanged lines part two hunks at least, halved, as in git.
  ///   - ledger: What tells how candidates stand.
  /// - Returns: The search.
  /// - Throws: ``GitError`` where the repository cannot be read.
  func search(
    _ question: CulpritQuestion, context: Int = 3, _ ledger: ProbeLedger
  ) async throws(GitError) -> UnitSearch {
    let scope = Scope(base: question.base, context: context)
    if let (branch, maker) = scopes[scope] {
      return UnitSearch(question, branch, CandidateRunner(maker, ledger: ledger))
    }
    let branch = try await Branch.read(question, context: context, in: repository)
    let maker = CandidateMaker(branch.difference, at: question.head, in: repository)
    scopes[scope] = (branch, maker)
    return UnitSearch(question, branch, CandidateRunner(maker, ledger: ledger))
  }
}

/// What a search knows of a branch before anything is tested.
struct Branch: Sendable {
  var difference: BranchDifference
  /// The branch's own commits, a child before its parents.
  var commits: [ObjectID]
  var parents: [ObjectID: [ObjectID]]
  var trees: [ObjectID: ObjectID]
  var headTree: ObjectID
  var baseTree: ObjectID
  var names: UnitNames

  /// - Parameters:
  ///   - question: The question.
  ///   - context: How many unchanged lines part two hunks at least, halved, as in git.
  ///   - repository: Where the branch is.
  /// - Returns: What is known.
  /// - Throws: ``GitError`` where the repository cannot be read.
  static func read(
    _ question: CulpritQuestion, context: Int, in repository: RepositoryActor<PrivateRepository>
  ) async throws(GitError) -> Branch {
    try await repository.perform { repository throws(GitError) in
      let reader = DifferenceReader(
        base: question.base, head: question.head, context: context, isTest: question.isTest)
      var (difference, outside) = try reader.read(repository)
      let commits = try repository.commits(of: question.head, notIn: [question.base])
      var (parents, trees): ([ObjectID: [ObjectID]], [ObjectID: ObjectID]) = ([:], [:])
      for id in commits {
        let commit = try repository.commit(id)
        parents[id] = commit.parents
        trees[id] = commit.tree
      }
      let history = UnitHistory(commits: commits, head: question.head, base: question.base)
      for (unit, introducers) in try history.introducers(of: difference, repository).enumerated() {
        difference.units[unit].commits = introducers
      }
      return Branch(
        difference: difference, commits: commits, parents: parents, trees: trees,
        headTree: try repository.tree(of: question.head), baseTree: try repository.tree(of: question.base),
        names: UnitNames(difference, outside: outside))
    }
  }
}
