package import Base
package import Git
package import Merging
internal import Templates
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
  /// When the merge is said to have been made; the same time gives the same commit.
  package var time: Timestamp
  package var resolvers: [any Resolver]
  /// The resolvers that may only propose.
  package var proposing: [any Resolver]
  package var regenerator: any Regenerator

  package init(
    branch: RefName, base: String, ours: ObjectID, theirs: ObjectID, identity: BotIdentity, time: Timestamp,
    resolvers: [any Resolver] = StandardResolvers.auto, proposing: [any Resolver] = StandardResolvers.proposing,
    regenerator: any Regenerator = NoRegenerator()
  ) {
    self.branch = branch
    self.base = base
    self.ours = ours
    self.theirs = theirs
    self.identity = identity
    self.time = time
    self.resolvers = resolvers
    self.proposing = proposing
    self.regenerator = regenerator
  }

  /// Merges in the private repository, which must see both commits.
  ///
  /// - Throws: ``GitError``; with `noCommonAncestor` where the two have none.
  package func run(in repository: PrivateRepository) throws -> ResolveOutcome {
    // One walk through history tells whether one side holds the other, and what the merge starts from.
    let bases = try repository.mergeBases(ours, theirs)
    if bases == [theirs] {
      return ResolveOutcome(verdict: .upToDate, reason: "the branch already holds everything of \(base).")
    }
    if bases == [ours] {
      return ResolveOutcome(verdict: .clean, reason: "the branch has nothing that \(base) lacks.")
    }
    let index = try repository.merge(ours: ours, theirs: theirs, bases: bases)
    let renames = renames(from: bases, in: repository)
    if index.conflicts.isEmpty {
      return ResolveOutcome(
        verdict: .clean, reason: "git merges the two without a conflict; there is nothing to do.", renames: renames)
    }
    var files: [ConflictedFile] = []
    for conflict in index.conflicts {
      let (file, merged) = try settle(conflict, in: repository)
      files.append(file)
      if let merged { try index.settle(conflict, blob: try repository.writeBlob(merged)) }
    }
    try propose(for: &files, in: index, of: repository)
    files.sort { $0.path < $1.path }
    guard files.allSatisfy(\.left.isEmpty), index.isClean else {
      return ResolveOutcome(
        verdict: .conflicts, reason: "\(ConflictCount.left(in: files)) left to a person.", files: files,
        renames: renames)
    }
    let commit = try commit(try index.writeTree(), files, in: repository)
    return ResolveOutcome(
      verdict: .resolved, reason: "\(ConflictCount.resolved(in: files)) resolved; no test has confirmed it.",
      files: files, commit: commit, renames: renames)
  }

  /// What one side renamed and the other began to use; the merge does not wait for a history that cannot be compared.
  private func renames(from bases: [ObjectID], in repository: Repository) -> [RenameReach]? {
    guard let base = bases.first else { return nil }
    let found = try? RenameFinder(repository: repository, base: base, ours: ours, theirs: theirs).find()
    return found.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Adds what is proposed for files that one side deleted.
  private func propose(
    for files: inout [ConflictedFile], in index: MergedIndex, of repository: Repository
  ) throws(GitError) {
    let proposals = try DeletedFiles(repository: repository, index: index).proposals()
    for number in files.indices where files[number].kind == .modifyDelete && !files[number].left.isEmpty {
      files[number].left[0].proposal = proposals[files[number].path]
    }
  }

  private func settle(
    _ conflict: TreeConflict, in repository: Repository
  ) throws -> (file: ConflictedFile, merged: [UInt8]?) {
    switch try ContentConflict.read(conflict, in: repository) {
    case .whole(let file): return (file, nil)
    case .content(let content):
      let merge = ContentMerge(
        content, resolvers: resolvers, proposing: proposing, regenerator: regenerator)
      return (merge.file, merge.merged)
    }
  }

  private func commit(
    _ tree: ObjectID, _ files: [ConflictedFile], in repository: PrivateRepository
  ) throws -> ObjectID {
    let message = try Message.resolveCommit.render([
      "base": base, "branch": branch.shortDisplay, "count": ConflictCount.resolved(in: files),
      "files": files.map { file in
        [
          "path": file.path.display,
          "hunks": file.resolved.map { hunk -> [String: Any] in
            [
              "line": hunk.startLine, "by": hunk.by, "reason": hunk.reason,
              "drops": hunk.dropCount.map { ["count": $0, "lines": hunk.dropNotes] as [String: Any] } ?? false,
            ]
          },
        ] as [String: Any]
      },
    ])
    let signature = Signature(name: identity.name, email: identity.email, time: time)
    return try repository.writeCommit(
      tree: tree, parents: [ours, theirs], author: signature, committer: signature, message: Array(message.utf8))
  }
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
