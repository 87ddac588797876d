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
    /// What the configuration counts as tests beyond the usual places.
    package var tests: [Glob]
    /// The model to ask, as `PROVIDER/NAME`; `nil` for the job's first.
    package var model: String?
    /// Whether a person waits for it, who can be told of options.
    package var isByHand = false

    package init(
      request: String = "", commands: TestCommands? = nil, tests: [Glob] = [], model: String? = nil
    ) {
      self.request = request
      self.commands = commands
      self.tests = tests
      self.model = model
    }
  }

  let merge: BranchMerge
  let context: Context
  let repository: RepositoryActor<PrivateRepository>
  let model: (any ModelTaskPerforming)?
  let stage: (any TestStaging)?
  let regenerator: (any TreeRegenerating)?
  let journal: any StepKeeping

  /// How often a model is asked about one merge.
  package static let mostRounds = 2

  /// - Parameters:
  ///   - merge: What is to be merged.
  ///   - context: What is known beside.
  ///   - repository: The private repository, which must see both commits; commits and trees are made in it.
  ///   - model: What asks a model; `nil` where none is configured, which leaves what the resolvers left.
  ///   - stage: Where tests are run; `nil` where there is no command to run.
  ///   - regenerator: Runs the tools that write lock files; `nil` leaves these to a person, and with them the merge.
  ///   - journal: Where each step is written down.
  package init(
    merge: BranchMerge, context: Context = Context(), repository: RepositoryActor<PrivateRepository>,
    model: (any ModelTaskPerforming)?, stage: (any TestStaging)?,
    regenerator: (any TreeRegenerating)? = nil, journal: any StepKeeping = NoSteps()
  ) {
    self.merge = merge
    self.context = context
    self.repository = repository
    self.model = model
    self.stage = stage
    self.regenerator = regenerator
    self.journal = journal
  }

  /// Merges.
  ///
  /// - Returns: What came of it; with a commit only where ``ResolveOutcome/verdict`` is `resolved`. How far the commit
  ///   may go is ``ResolveOutcome/reach``.
  /// - Throws: ``GitError``, with `noCommonAncestor` where the two have none; what the journal throws; what keeps the
  ///   model from being asked at all.
  package func run() async throws -> ResolveOutcome { try await end().outcome }

  /// Merges, and keeps a merge that could be made and is broken for a repair.
  ///
  /// - Returns: What came of it, as ``run()`` has it.
  /// - Throws: as ``run()``.
  package func end() async throws -> MergeEnd {
    var end = try await merged()
    end.outcome.headCommit = merge.ours
    end.outcome.baseCommit = merge.theirs
    return end
  }

  private func merged() async throws -> MergeEnd {
    let merge = merge
    let regenerates = regenerator != nil
    switch try await repository.perform({ try Self.prepare(merge, regenerates, in: $0) }) {
    case .ended(let outcome): return MergeEnd(outcome)
    case .prepared(let prepared):
      if prepared.conflicts.isEmpty { return try await confirmClean(prepared) }
      if prepared.questions.files.isEmpty, prepared.questions.unasked.isEmpty { return try await settled(prepared) }
      return try await ask(prepared)
    }
  }

  /// How a merge begins.
  private enum Beginning: Sendable {
    case ended(ResolveOutcome)
    case prepared(PreparedMerge)
  }

  private static func prepare(
    _ merge: BranchMerge, _ regenerates: Bool, in repository: PrivateRepository
  ) throws -> Beginning {
    switch try merge.begin(in: repository) {
    case .ended(let outcome): return .ended(outcome)
    case .open(let open):
      return .prepared(try PreparedMerge(open, of: merge, regenerates: regenerates, in: repository))
    }
  }

  // MARK: - Without a model

  /// A merge that git makes clean: with tests it may turn out to break something all the same.
  private func confirmClean(_ prepared: PreparedMerge) async throws -> MergeEnd {
    var outcome = ResolveOutcome(
      verdict: .clean, reason: "git merges the two without a conflict; there is nothing to do.",
      renames: prepared.renames)
    guard let tree = prepared.tree, let confirmation = try await confirm(tree, prepared) else {
      return MergeEnd(outcome)
    }
    let made = outcome
    outcome.confirmation = confirmation
    outcome.tree = tree
    guard confirmation.verdict == .failed else { return MergeEnd(outcome) }
    outcome.verdict = .semanticConflict
    outcome.reason = "git merges the two without a conflict, and the merge is broken: \(confirmation.reason)"
    return MergeEnd(outcome, broken: try await broken(made, tree, confirmation, prepared))
  }

  /// The merge as a repair needs it.
  private func broken(
    _ made: ResolveOutcome, _ tree: ObjectID, _ confirmation: MergeConfirmation, _ prepared: PreparedMerge
  ) async throws -> BrokenMerge {
    BrokenMerge(
      outcome: made, confirmation: confirmation, trees: try await trees(tree, prepared), merge: merge)
  }

  /// A merge in which resolvers settled everything.
  private func settled(_ prepared: PreparedMerge) async throws -> MergeEnd {
    var files = prepared.files
    guard let start = prepared.tree, let tree = try await regenerate(&files, of: prepared, in: start) else {
      return MergeEnd(left(prepared, files, because: nil))
    }
    let renames = try await repository.perform { repository throws(GitError) in
      try RenameReach.left(of: prepared.renames, in: tree, repository)
    }
    var outcome = ResolveOutcome(
      verdict: .resolved, reason: "\(ConflictCount.resolved(in: files)) resolved; no test has confirmed it.",
      files: files, renames: renames)
    guard let confirmation = try await confirm(tree, prepared) else {
      let forgone = ForgoneEdits.concerns(files)
      if !forgone.isEmpty { (outcome.concerns, outcome.reach) = (forgone, .beside) }
      return MergeEnd(try await commit(outcome, tree))
    }
    return try await conclude(outcome, tree, confirmation, concerns: [], of: prepared)
  }

  /// The outcome of a merge that is left, with what could be settled.
  func left(_ prepared: PreparedMerge, _ files: [ConflictedFile], because reason: String?) -> ResolveOutcome {
    let count = "\(ConflictCount.left(in: files)) left to a person"
    return ResolveOutcome(
      verdict: .conflicts, reason: reason.map { "\(count); \($0)." } ?? "\(count).", files: files,
      renames: prepared.renames)
  }

  /// Has the files written again that tools write.
  ///
  /// - Parameters:
  ///   - files: What a person is told; those that were written again are settled in it, the others have the reason.
  ///   - prepared: The merge.
  ///   - tree: The merged tree, in which everything else is settled.
  /// - Returns: The tree with them; `nil` where one could not be written again.
  /// - Throws: what the tool's surroundings and the journal throw, or ``GitError``.
  func regenerate(
    _ files: inout [ConflictedFile], of prepared: PreparedMerge, in tree: ObjectID
  ) async throws -> ObjectID? {
    guard let regenerator else { return tree }
    var edits: [(path: RepositoryPath, content: [UInt8])] = []
    for file in prepared.questions.generated {
      let step = "regenerated \(tree.hex) \(file.path.display)"
      if let known = try await journal.recall(step, as: StoredBytes.self) {
        edits.append((file.path, known.bytes))
      } else {
        switch try await regenerator.regenerate(file.regeneration, in: tree) {
        case .notRun(let reason):
          // What stands there is why no tool was run at first.
          let known = files[file.place].left[0].regenerate.map { "; \($0.notRun)" } ?? ""
          var told = files[file.place].left[0].reason
          if !known.isEmpty, told.hasSuffix(known) { told.removeLast(known.count) }
          files[file.place].left[0].reason = "\(told); \(reason)"
          files[file.place].left[0].regenerate?.notRun = reason
          return nil
        case .written(let content):
          try await journal.record(step, StoredBytes(content))
          edits.append((file.path, content))
        }
      }
      files[file.place].left = []
      files[file.place].resolved = [
        ResolvedHunk(
          by: "regeneration", reason: "'\(regenerator.command(for: file.regeneration))' wrote it anew", startLine: 1,
          lines: [],
          maker: .tool)
      ]
    }
    if edits.isEmpty { return tree }
    let (written, modes) = (edits, prepared.modes)
    return try await repository.perform { repository throws(GitError) in
      var edits: [TreeEdit] = []
      for (path, content) in written {
        edits.append(.put(path, mode: modes[path] ?? .regular, blob: try repository.writeBlob(content)))
      }
      return try repository.writeTree(from: tree, edits)
    }
  }

  // MARK: - The end

  /// What the tests say of a tree; `nil` where there is no command to run.
  func confirm(_ tree: ObjectID, _ prepared: PreparedMerge) async throws -> MergeConfirmation? {
    guard let stage else { return nil }
    let verification = MergeVerification(stage: stage, commands: context.commands?.test ?? [], journal: journal)
    return try await verification.run(try await trees(tree, prepared))
  }

  private func trees(_ tree: ObjectID, _ prepared: PreparedMerge) async throws -> MergeVerification.Trees {
    let (ours, theirs, base) = (merge.ours, merge.theirs, prepared.bases.first)
    return try await repository.perform { repository throws(GitError) in
      MergeVerification.Trees(
        merged: tree, ours: try repository.tree(of: ours), theirs: try repository.tree(of: theirs),
        base: try base.map { base throws(GitError) in try repository.tree(of: base) } ?? nil)
    }
  }

  /// The end of a merge in which nothing is left: a commit, unless it is broken.
  func conclude(
    _ outcome: ResolveOutcome, _ tree: ObjectID, _ confirmation: MergeConfirmation, concerns: [String],
    of prepared: PreparedMerge
  ) async throws -> MergeEnd {
    var outcome = outcome
    let concerns = ForgoneEdits.concerns(outcome.files) + concerns
    outcome.confirmation = confirmation
    outcome.tree = tree
    let resolved = "\(ConflictCount.resolved(in: outcome.files)) resolved"
    switch confirmation.verdict {
    case .failed:
      var made = outcome
      (made.confirmation, made.tree) = (nil, nil)
      made.concerns = concerns.isEmpty ? nil : concerns
      outcome.verdict = .broken
      outcome.reason = "\(resolved), and the merge is broken: \(confirmation.reason) Nothing was committed."
      return MergeEnd(outcome, broken: try await broken(made, tree, confirmation, prepared))
    case .verified:
      outcome.reach = concerns.isEmpty ? .branch : .beside
      outcome.reason = "\(resolved). \(confirmation.reason)"
    case .notRun, .inconclusive, .infrastructure:
      outcome.reach = .beside
      outcome.reason = "\(resolved); no test has confirmed it: \(confirmation.reason)"
    }
    outcome.concerns = concerns.isEmpty ? nil : concerns
    return MergeEnd(try await commit(outcome, tree))
  }

  private func commit(_ outcome: ResolveOutcome, _ tree: ObjectID) async throws -> ResolveOutcome {
    let merge = merge
    return try await repository.perform { try merge.commit(outcome, tree: tree, in: $0) }
  }
}
