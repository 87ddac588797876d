internal import Base
package import Git
internal import Merging
package import Verify
package import Work

/// Merges a base into a branch with the help of a model where resolvers are not sure, and lets tests confirm it.
///
/// It asks at most twice, takes nothing that did not pass the gate, and makes a commit only where everything is
/// answered and nothing is broken. No reference moves.
package struct ModelResolve: Sendable {
  /// What is known of a merge beside its two commits.
  package struct Context: Sendable, Hashable {
    /// What people wrote about the change that the branch makes; empty where nothing is known.
    package var request: String
    /// The repository's own commands; `nil` where it has none.
    package var commands: TestCommands?
    /// The model to ask, as `PROVIDER/NAME`; `nil` for the job's first.
    package var model: String?

    package init(request: String = "", commands: TestCommands? = nil, model: String? = nil) {
      self.request = request
      self.commands = commands
      self.model = model
    }
  }

  private let merge: BranchMerge
  private let context: Context
  private let repository: RepositoryActor<PrivateRepository>
  private let model: (any ModelTaskPerforming)?
  private let stage: (any TestStaging)?
  private let journal: any StepJournal

  /// How often a model is asked about one merge.
  package static let mostRounds = 2

  /// - Parameters:
  ///   - merge: What is to be merged.
  ///   - context: What is known beside.
  ///   - repository: The private repository, which must see both commits; commits and trees are made in it.
  ///   - model: What asks a model; `nil` where none is configured, which leaves what the resolvers left.
  ///   - stage: Where tests are run; `nil` where there is no command to run.
  ///   - journal: Where each step is written down.
  package init(
    merge: BranchMerge, context: Context = Context(), repository: RepositoryActor<PrivateRepository>,
    model: (any ModelTaskPerforming)?, stage: (any TestStaging)?, journal: any StepJournal = NoStepJournal()
  ) {
    self.merge = merge
    self.context = context
    self.repository = repository
    self.model = model
    self.stage = stage
    self.journal = journal
  }

  /// Merges.
  ///
  /// - Returns: What came of it; with a commit only where ``ResolveOutcome/verdict`` is `resolved`. How far the commit
  ///   may go is ``ResolveOutcome/reach``.
  /// - Throws: ``GitError``, with `noCommonAncestor` where the two have none; what the journal throws; what keeps the
  ///   model from being asked at all.
  package func run() async throws -> ResolveOutcome {
    let merge = merge
    return try await repository.perform { try merge.run(in: $0) }
  }
}
