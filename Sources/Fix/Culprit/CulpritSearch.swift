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
  /// The same question with the same answers of the probing gives the same report, whatever of it `cache` holds already
  /// and in whatever order trees that are tested side by side end. Trees that `cache` holds count as test runs.
  ///
  /// - Parameters:
  ///   - question: The branch, and what is red and green at its head.
  ///   - cache: What an earlier, interrupted search of the same question learnt.
  ///   - onProbe: Called after each test run, before its result is used.
  /// - Returns: What was found; also where the budget ended before the search did.
  /// - Throws: ``GitError`` where the repository cannot be read or written, `CancellationError`, or what `onProbe` or
  ///   the probing throw beside ``StageFailure``.
  package func find(
    _ question: CulpritQuestion, cache: CandidateCache = CandidateCache(),
    onProbe: @escaping @Sendable (ObjectID, TestStanding) async throws -> Void = { _, _ in }
  ) async throws -> CulpritReport {
    let branch = try await Branch.read(question, in: repository)
    let ledger = ProbeLedger(probing, budget: budget, cache: cache, onProbe: onProbe)
    ledger.take(question.standing, of: branch.headTree)
    if let standing = question.baseStanding { ledger.take(standing, of: branch.baseTree) }
    return try await SearchReport(question, branch, repository, ledger).report()
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
    _ question: CulpritQuestion, context: Int = 3, in repository: RepositoryActor<PrivateRepository>
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
