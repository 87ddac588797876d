package import Base

/// One conflict that a merge of two trees met, with renames put together.
package struct TreeConflict: Sendable, Hashable {
  /// What the two sides did.
  package enum Kind: Sendable, Hashable {
    /// Both changed the same lines or neighbouring ones. The file may have been renamed by one side, or by both to the
    /// same name.
    case content
    /// Both added a file of this name.
    case addAdd
    /// One changed the file and the other deleted it.
    case modifyDelete
    /// Both renamed the file differently, or two files to the same name.
    case renameRename
    /// One renamed the file and the other deleted it.
    case renameDelete
    /// One has a file where the other has a directory.
    case directoryFile
    /// Both changed what kind of file it is, or one did and the other its content.
    case mode
    /// Both changed which commit of a submodule is meant.
    case submodule
  }

  /// The file as one of the three sides has it.
  package struct Side: Sendable, Hashable {
    package var path: RepositoryPath
    package var mode: FileMode
    /// The blob, or the commit of a submodule.
    package var blob: ObjectID

    package init(path: RepositoryPath, mode: FileMode, blob: ObjectID) {
      self.path = path
      self.mode = mode
      self.blob = blob
    }
  }

  package var kind: Kind
  /// Where the file would be after the merge.
  package var path: RepositoryPath
  package var ancestor: Side?
  package var ours: Side?
  package var theirs: Side?

  package init(kind: Kind, path: RepositoryPath, ancestor: Side?, ours: Side?, theirs: Side?) {
    self.kind = kind
    self.path = path
    self.ancestor = ancestor
    self.ours = ours
    self.theirs = theirs
  }

  /// Every path that the conflict is about, without repetition.
  package var paths: [RepositoryPath] {
    Set([path] + [ancestor, ours, theirs].compactMap { $0?.path }).sorted()
  }

  /// The mode that the merged file gets: that of the side which changed it.
  package var mergedMode: FileMode {
    guard let ours else { return theirs?.mode ?? .regular }
    guard let theirs, ours.mode == ancestor?.mode else { return ours.mode }
    return theirs.mode
  }
}

/// The entries of one conflict as the index of a merge has them.
struct ConflictEntries {
  var ancestor: TreeConflict.Side?
  var ours: TreeConflict.Side?
  var theirs: TreeConflict.Side?

  /// The names of one file that a merge found to be renamed.
  struct Rename {
    var ancestor: RepositoryPath
    var ours: RepositoryPath?
    var theirs: RepositoryPath?
  }

  /// The conflicts behind the entries, each of which is keyed by its path.
  ///
  /// - Parameters:
  ///   - entries: What the index has; libgit2 puts each side of a renamed file at that side's own path.
  ///   - renames: Which of them belong together.
  ///   - isDirectory: Whether ours (`true`) or theirs (`false`) has a directory at a path.
  /// - Returns: The conflicts in the order of their paths.
  /// - Throws: What `isDirectory` throws.
  static func conflicts(
    _ entries: [RepositoryPath: ConflictEntries], _ renames: [Rename],
    isDirectory: (RepositoryPath, Bool) throws(GitError) -> Bool
  ) throws(GitError) -> [TreeConflict] {
    var entries = entries
    var result: [TreeConflict] = []
    for rename in renames {
      let group = ConflictEntries(
        ancestor: entries[rename.ancestor]?.ancestor,
        ours: rename.ours.flatMap { entries[$0]?.ours },
        theirs: rename.theirs.flatMap { entries[$0]?.theirs })
      entries[rename.ancestor]?.ancestor = nil
      if let path = rename.ours { entries[path]?.ours = nil }
      if let path = rename.theirs { entries[path]?.theirs = nil }
      if let conflict = try group.conflict(isDirectory) { result.append(conflict) }
    }
    for group in entries.values {
      if let conflict = try group.conflict(isDirectory) { result.append(conflict) }
    }
    return settleSharedTargets(result).sorted { ($0.path, $0.kind.rank) < ($1.path, $1.kind.rank) }
  }

  /// Where several conflicts claim the same path, none of them is one of content alone.
  private static func settleSharedTargets(_ conflicts: [TreeConflict]) -> [TreeConflict] {
    var claims: [RepositoryPath: Int] = [:]
    for conflict in conflicts {
      for path in Set([conflict.ours?.path, conflict.theirs?.path].compactMap { $0 }) { claims[path, default: 0] += 1 }
    }
    return conflicts.map { conflict in
      guard [.content, .addAdd].contains(conflict.kind), claims[conflict.path, default: 0] > 1 else { return conflict }
      var conflict = conflict
      conflict.kind = .renameRename
      return conflict
    }
  }

  private func conflict(_ isDirectory: (RepositoryPath, Bool) throws(GitError) -> Bool) throws(GitError)
    -> TreeConflict?
  {
    guard let path = target else { return nil }
    let kind: TreeConflict.Kind
    if [ancestor, ours, theirs].contains(where: { $0?.mode == .submodule }) {
      kind = .submodule
    } else if try isFileAgainstDirectory(path, isDirectory) {
      kind = .directoryFile
    } else {
      kind = kindOfFile
    }
    return TreeConflict(kind: kind, path: path, ancestor: ancestor, ours: ours, theirs: theirs)
  }

  private var target: RepositoryPath? {
    guard let base = ancestor?.path else { return ours?.path ?? theirs?.path }
    if let ours = ours?.path, ours != base { return ours }
    if let theirs = theirs?.path, theirs != base { return theirs }
    return base
  }

  private func isFileAgainstDirectory(
    _ path: RepositoryPath, _ isDirectory: (RepositoryPath, Bool) throws(GitError) -> Bool
  ) throws(GitError) -> Bool {
    if ours == nil, try isDirectory(path, true) { return true }
    if theirs == nil, try isDirectory(path, false) { return true }
    return false
  }

  private var kindOfFile: TreeConflict.Kind {
    switch (ancestor, ours, theirs) {
    case (let base?, let ours?, let theirs?):
      if ours.path != theirs.path, ours.path != base.path, theirs.path != base.path { return .renameRename }
      let links = [base, ours, theirs].count { $0.mode == .symbolicLink }
      if links == 1 || links == 2 { return .mode }
      if ours.blob == theirs.blob || ours.blob == base.blob || theirs.blob == base.blob { return .mode }
      return .content
    case (nil, .some, .some):
      return .addAdd
    case (let base?, let side?, nil), (let base?, nil, let side?):
      return side.path == base.path ? .modifyDelete : .renameDelete
    case (_?, nil, nil):
      // Both deleted it, but one of them by renaming it.
      return .renameRename
    case (nil, _, _):
      // One side of a rename whose other entries stand at another path.
      return .renameRename
    }
  }
}

extension TreeConflict.Kind {
  /// An order without meaning, so that the same merge always lists the same.
  fileprivate var rank: Int {
    switch self {
    case .content: 0
    case .addAdd: 1
    case .modifyDelete: 2
    case .renameRename: 3
    case .renameDelete: 4
    case .directoryFile: 5
    case .mode: 6
    case .submodule: 7
    }
  }
}
