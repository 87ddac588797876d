package import Base
internal import CLibgit2

/// How two commits are merged.
package struct MergeOptions: Sendable, Hashable {
  /// Whether commits without a common ancestor are merged as if an empty one were theirs.
  package var allowsUnrelatedHistories = false
  /// Whether a file that one side renamed is merged with what the other did to it.
  package var detectsRenames = true

  package init() {}
}

/// The merge of two commits, as far as git can take it, and the conflicts that are left.
///
/// It belongs to the repository that made it and stays in the same ``RepositoryActor/perform(_:)``.
package final class MergedIndex {
  /// What the two sides disagree on, in the order of the paths; settling one does not change this list.
  package let conflicts: [TreeConflict]
  private let index: Handle
  private let repository: PrivateRepository

  fileprivate init(_ index: consuming Handle, of repository: PrivateRepository, conflicts: [TreeConflict]) {
    self.index = index
    self.repository = repository
    self.conflicts = conflicts
  }

  /// Whether no conflict is left.
  package var isClean: Bool { unsafe git_index_has_conflicts(index.pointer) == 0 }

  /// Settles a conflict by putting a file where it would be.
  ///
  /// - Throws: ``GitError`` where the file cannot be there.
  package func settle(
    _ conflict: TreeConflict, at path: RepositoryPath? = nil, mode: FileMode? = nil, blob: ObjectID
  ) throws(GitError) {
    try settleByRemoving(conflict)
    try put(path ?? conflict.path, mode: mode ?? conflict.mergedMode, blob: blob)
  }

  /// Settles a conflict by leaving no file behind.
  ///
  /// - Throws: ``GitError`` where libgit2 cannot.
  package func settleByRemoving(_ conflict: TreeConflict) throws(GitError) {
    for path in conflict.paths { try removeConflict(at: path) }
  }

  /// Puts a file in, whatever was there.
  ///
  /// - Throws: ``GitError`` with `invalid` where the path cannot be in a tree.
  package func put(_ path: RepositoryPath, mode: FileMode, blob: ObjectID) throws(GitError) {
    try IndexEntries.put(path, mode: mode, blob: blob, into: index)
  }

  /// Takes a file out; nothing happens where it is not there.
  ///
  /// - Throws: ``GitError`` where libgit2 cannot.
  package func remove(_ path: RepositoryPath) throws(GitError) {
    try IndexEntries.remove(path, from: index)
  }

  /// The files on which the merge is decided, in the order of their paths.
  package func files() -> [TreeEntry] {
    var result: [TreeEntry] = []
    for number in 0..<(unsafe git_index_entrycount(index.pointer)) {
      let place = unsafe git_index_get_byindex(index.pointer, number)
      guard let entry = unsafe place?.pointee, unsafe git_index_entry_stage(place) == 0,
        let path = RepositoryPath(unsafe bytes(entry.path))
      else { continue }
      result.append(unsafe TreeEntry(path: path, mode: FileMode(raw: entry.mode), id: ObjectID(entry.id)))
    }
    return result
  }

  /// Stores the merged tree.
  ///
  /// - Throws: ``GitError`` with `unmerged` where a conflict is left.
  package func writeTree() throws(GitError) -> ObjectID {
    try IndexEntries.writeTree(of: index, into: repository)
  }

  private func removeConflict(at path: RepositoryPath) throws(GitError) {
    let result = unsafe withCString(path.bytes) { unsafe git_index_conflict_remove(index.pointer, $0) }
    if result == GIT_ENOTFOUND.rawValue {
      git_error_clear()
      return
    }
    try check(result, "settle the conflict in '\(path)'")
  }
}

/// Merging.
extension PrivateRepository {
  /// Merges two commits as far as git can; nothing but objects of this repository is written.
  ///
  /// Attributes and configured merge drivers do not count.
  ///
  /// - Parameters:
  ///   - ours: The commit that receives the merge.
  ///   - theirs: The commit that is merged.
  ///   - bases: What ``Repository/mergeBases(_:_:)`` says of the two, where the caller has asked it already: reading
  ///     history back to there is half the cost of a merge.
  ///   - options: How to merge.
  /// - Returns: The merge, with the conflicts that are left.
  /// - Throws: ``GitError`` with `noCommonAncestor` where they have none and that is not allowed.
  package func merge(
    ours: ObjectID, theirs: ObjectID, bases: [ObjectID]? = nil, options: MergeOptions = MergeOptions()
  ) throws(GitError) -> MergedIndex {
    let operation = "merge \(theirs.short) into \(ours.short)"
    let bases = if let bases { bases } else { try mergeBases(ours, theirs) }
    if bases.isEmpty, !options.allowsUnrelatedHistories {
      throw GitError(.noCommonAncestor, operation: operation, message: "the two have no common ancestor\(shallowHint)")
    }
    var settings = unsafe git_merge_options()
    try check(unsafe git_merge_options_init(&settings, UInt32(GIT_MERGE_OPTIONS_VERSION)), operation)
    let renames = options.detectsRenames ? GIT_MERGE_FIND_RENAMES.rawValue : 0
    unsafe settings.flags = renames | GIT_MERGE_SKIP_REUC.rawValue
    unsafe settings.target_limit = 1000
    let index: Handle
    if bases.count > 1 {
      // Several best ancestors are merged with each other first, which only the merge of commits does.
      let left = try commitHandle(ours)
      let right = try commitHandle(theirs)
      index = try make(operation, owner: self, free: { unsafe git_index_free($0) }) {
        unsafe git_merge_commits(&$0, pointer, left.pointer, right.pointer, &settings)
      }
    } else {
      index = try unsafe mergeTrees(bases.first, ours, theirs, &settings, operation)
    }
    let conflicts = try conflicts(in: index, ours: ours, theirs: theirs)
    return MergedIndex(index, of: self, conflicts: conflicts)
  }

  private func mergeTrees(
    _ base: ObjectID?, _ ours: ObjectID, _ theirs: ObjectID, _ settings: inout git_merge_options, _ operation: String
  ) throws(GitError) -> Handle {
    let left = try treeHandle(ours)
    let right = try treeHandle(theirs)
    guard let base else {
      return try make(operation, owner: self, free: { unsafe git_index_free($0) }) {
        unsafe git_merge_trees(&$0, pointer, nil, left.pointer, right.pointer, &settings)
      }
    }
    let ancestor = try treeHandle(base)
    return try make(operation, owner: self, free: { unsafe git_index_free($0) }) {
      unsafe git_merge_trees(&$0, pointer, ancestor.pointer, left.pointer, right.pointer, &settings)
    }
  }

  private func conflicts(
    in index: borrowing Handle, ours: ObjectID, theirs: ObjectID
  ) throws(GitError) -> [TreeConflict] {
    guard unsafe git_index_has_conflicts(index.pointer) == 1 else { return [] }
    let entries = try entries(in: index)
    return try ConflictEntries.conflicts(entries, Self.renames(in: index)) { path, isOurs throws(GitError) in
      try entry(at: path, in: isOurs ? ours : theirs)?.mode == .directory
    }
  }

  private func entries(in index: borrowing Handle) throws(GitError) -> [RepositoryPath: ConflictEntries] {
    let operation = "list the conflicts of a merge"
    let iterator = try make(operation, owner: self, free: { unsafe git_index_conflict_iterator_free($0) }) {
      unsafe git_index_conflict_iterator_new(&$0, index.pointer)
    }
    var result: [RepositoryPath: ConflictEntries] = [:]
    while true {
      var ancestor: UnsafePointer<git_index_entry>?
      var ours: UnsafePointer<git_index_entry>?
      var theirs: UnsafePointer<git_index_entry>?
      let code = unsafe git_index_conflict_next(&ancestor, &ours, &theirs, iterator.pointer)
      if code == GIT_ITEROVER.rawValue { return result }
      try check(code, operation)
      let group = unsafe ConflictEntries(
        ancestor: Self.side(ancestor), ours: Self.side(ours), theirs: Self.side(theirs))
      guard let path = group.ancestor?.path ?? group.ours?.path ?? group.theirs?.path else { continue }
      result[path] = group
    }
  }

  private static func side(_ entry: UnsafePointer<git_index_entry>?) -> TreeConflict.Side? {
    guard let entry = unsafe entry?.pointee, let path = RepositoryPath(unsafe bytes(entry.path)) else { return nil }
    return unsafe TreeConflict.Side(path: path, mode: FileMode(raw: entry.mode), blob: ObjectID(entry.id))
  }

  private static func renames(in index: borrowing Handle) -> [ConflictEntries.Rename] {
    var result: [ConflictEntries.Rename] = []
    for number in 0..<(unsafe git_index_name_entrycount(index.pointer)) {
      guard let entry = unsafe git_index_name_get_byindex(index.pointer, number)?.pointee,
        let ancestor = RepositoryPath(unsafe bytes(entry.ancestor))
      else { continue }
      let ours = unsafe entry.ours.flatMap { RepositoryPath(unsafe bytes($0)) }
      let theirs = unsafe entry.theirs.flatMap { RepositoryPath(unsafe bytes($0)) }
      result.append(ConflictEntries.Rename(ancestor: ancestor, ours: ours, theirs: theirs))
    }
    return result
  }
}
