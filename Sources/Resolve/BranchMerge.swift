package import Base
package import Git
package import Merging
package import Work

/// Merges a base into a branch, with everything that can be settled safely settled.
///
/// All or nothing: a merge is committed only where no conflict is left. No reference moves.
package struct BranchMerge: Sendable {
  package var branch: RefName
  /// The base by the name that people know it under.
  package var base: String
  /// The tip of the branch, which receives the merge.
  package var ours: ObjectID
  /// The tip of the base.
  package var theirs: ObjectID
  package var identity: BotIdentity
  package var resolvers: [any Resolver]
  /// The resolvers that may only propose.
  package var proposing: [any Resolver]
  package var regenerator: any Regenerator

  package init(
    branch: RefName, base: String, ours: ObjectID, theirs: ObjectID, identity: BotIdentity,
    resolvers: [any Resolver] = StandardResolvers.auto, proposing: [any Resolver] = StandardResolvers.proposing,
    regenerator: any Regenerator = NoRegenerator()
  ) {
    self.branch = branch
    self.base = base
    self.ours = ours
    self.theirs = theirs
    self.identity = identity
    self.resolvers = resolvers
    self.proposing = proposing
    self.regenerator = regenerator
  }

  /// Merges in the private repository, which must see both commits.
  ///
  /// - Throws: ``GitError``; with `noCommonAncestor` where the two have none.
  package func run(in repository: PrivateRepository) throws -> ResolveOutcome {
    switch try begin(in: repository) {
    case .ended(let outcome): return outcome
    case .open(let merge):
      guard !merge.conflicts.isEmpty else {
        return ResolveOutcome(
          verdict: .clean, reason: "git merges the two without a conflict; there is nothing to do.",
          renames: merge.renames)
      }
      let files = merge.files
      guard files.allSatisfy(\.left.isEmpty), merge.index.isClean else {
        return ResolveOutcome(
          verdict: .conflicts, reason: "\(ConflictCount.left(in: files)) left to a person.", files: files,
          renames: merge.renames)
      }
      var outcome = ResolveOutcome(
        verdict: .resolved, reason: "\(ConflictCount.resolved(in: files)) resolved; no test has confirmed it.",
        files: files, renames: merge.renames)
      let forgone = ForgoneEdits.concerns(files)
      if !forgone.isEmpty { (outcome.concerns, outcome.reach) = (forgone, .beside) }
      return try commit(outcome, tree: try merge.index.writeTree(), in: repository)
    }
  }

  /// A merge that was begun: everything is settled that can be settled without a model.
  struct Open {
    /// What is left and what was settled, in the order of the paths.
    var conflicts: [MergedConflict]
    /// The merged index, with every settled file in it.
    var index: MergedIndex
    var renames: [RenameReach]?
    /// The best common ancestors.
    var bases: [ObjectID]

    /// What a person is told, in the order of the paths.
    var files: [ConflictedFile] { conflicts.map(\.file) }
  }

  /// How a merge began.
  enum Beginning {
    /// There is nothing to merge.
    case ended(ResolveOutcome)
    case open(Open)
  }

  /// Merges as far as that can be done without a model.
  ///
  /// - Throws: ``GitError``; with `noCommonAncestor` where the two have none.
  func begin(in repository: PrivateRepository) throws -> Beginning {
    // One walk through history tells whether one side holds the other, and what the merge starts from.
    let bases = try repository.mergeBases(ours, theirs)
    if bases == [theirs] {
      return .ended(ResolveOutcome(verdict: .upToDate, reason: "the branch already holds everything of \(base)."))
    }
    if bases == [ours] {
      return .ended(ResolveOutcome(verdict: .clean, reason: "the branch has nothing that \(base) lacks."))
    }
    let index = try repository.merge(ours: ours, theirs: theirs, bases: bases)
    let renames = renames(from: bases, in: repository)
    var conflicts: [MergedConflict] = []
    for conflict in index.conflicts {
      let merged = try settle(conflict, in: repository)
      conflicts.append(merged)
      if let content = merged.merged { try index.settle(conflict, blob: try repository.writeBlob(content)) }
    }
    try propose(for: &conflicts, in: index, of: repository)
    conflicts.sort { $0.file.path < $1.file.path }
    return .open(Open(conflicts: conflicts, index: index, renames: renames, bases: bases))
  }

  /// What one side renamed and the other began to use; the merge does not wait for a history that cannot be compared.
  private func renames(from bases: [ObjectID], in repository: Repository) -> [RenameReach]? {
    guard let base = bases.first else { return nil }
    let found = try? RenameFinder(repository: repository, base: base, ours: ours, theirs: theirs).find()
    return found.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Adds what is proposed for files that one side deleted.
  private func propose(
    for conflicts: inout [MergedConflict], in index: MergedIndex, of repository: Repository
  ) throws(GitError) {
    let proposals = try DeletedFiles(repository: repository, index: index).proposals()
    for number in conflicts.indices {
      let file = conflicts[number].file
      guard file.kind == .modifyDelete, !file.left.isEmpty else { continue }
      conflicts[number].file.left[0].proposal = proposals[file.path]
    }
  }

  private func settle(_ conflict: TreeConflict, in repository: Repository) throws -> MergedConflict {
    switch try ContentConflict.read(conflict, in: repository) {
    case .whole(let file): return MergedConflict(conflict: conflict, file: file)
    case .content(let content):
      let merge = ContentMerge(
        content, resolvers: resolvers, proposing: proposing, regenerator: regenerator)
      return MergedConflict(
        conflict: conflict, file: merge.file, content: content, merge: merge.merge, merged: merge.merged)
    }
  }

  /// Makes the commit of a merge in which nothing is left, with a message that says who settled what.
  ///
  /// - Parameters:
  ///   - outcome: What came of the merge.
  ///   - tree: The merged tree.
  ///   - repository: Where the commit is made; no reference moves.
  /// - Returns: The outcome with the commit.
  /// - Throws: ``GitError``, or where the template is broken.
  func commit(
    _ outcome: ResolveOutcome, tree: ObjectID, in repository: PrivateRepository
  ) throws -> ResolveOutcome {
    var outcome = outcome
    let message = try MergeMessage(outcome, branch: branch, base: base).text
    let signature = try repository.signature(of: identity, onTopOf: [ours, theirs])
    outcome.commit = try repository.writeCommit(
      tree: tree, parents: [ours, theirs], author: signature, committer: signature, message: Array(message.utf8))
    return outcome
  }
}

/// One conflict of a merge with what became of it.
struct MergedConflict: Sendable {
  var conflict: TreeConflict
  /// What a person is told.
  var file: ConflictedFile
  /// The three files, where it is a conflict of content.
  var content: ContentConflict?
  /// Their merge with what resolvers settled, where they were merged by lines.
  var merge: FileMerge?
  /// The merged file, where nothing is left in conflict.
  var merged: [UInt8]?
}

/// What a person is told about a conflict that is not one of lines.
enum ConflictWords {
  static func wholeFile(_ conflict: TreeConflict) -> ConflictedFile {
    ConflictedFile(path: conflict.path, kind: kind(conflict.kind), wholeFileLeft: reason(conflict))
  }

  private static func kind(_ kind: TreeConflict.Kind) -> ConflictedFile.Kind {
    switch kind {
    case .content: .content
    case .addAdd: .addAdd
    case .modifyDelete: .modifyDelete
    case .renameRename: .renameRename
    case .renameDelete: .renameDelete
    case .directoryFile: .directoryFile
    case .mode: .mode
    case .submodule: .submodule
    }
  }

  private static func reason(_ conflict: TreeConflict) -> String {
    let inOurs = conflict.ours != nil
    switch conflict.kind {
    case .content: return "a side of the file is missing"
    case .addAdd: return "both sides added a file of this name"
    case .modifyDelete:
      return inOurs
        ? "the branch changed the file and the base deleted it" : "the branch deleted the file and the base changed it"
    case .renameRename: return "the two sides renamed files to different names or to the same one: \(names(conflict))"
    case .renameDelete:
      return inOurs
        ? "the branch renamed the file and the base deleted it" : "the branch deleted the file and the base renamed it"
    case .directoryFile: return "one side has a file where the other has a directory"
    case .mode: return "both sides changed what kind of file it is, or one its kind and the other its content"
    case .submodule: return "the two sides mean different commits of the submodule"
    }
  }

  private static func names(_ conflict: TreeConflict) -> String {
    conflict.paths.map { "'\($0.display)'" }.joined(separator: ", ")
  }
}
