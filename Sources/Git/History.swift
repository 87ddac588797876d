package import Base
internal import CLibgit2

/// How two commits lie to each other.
package struct Divergence: Sendable, Hashable {
  /// Commits that the first has and the second lacks.
  package var ahead: Int
  /// Commits that the second has and the first lacks.
  package var behind: Int

  package init(ahead: Int, behind: Int) {
    self.ahead = ahead
    self.behind = behind
  }
}

/// A commit that joins histories.
package struct MergeCommit: Sendable, Hashable {
  package var id: ObjectID
  /// Two or more.
  package var parents: [ObjectID]

  package init(id: ObjectID, parents: [ObjectID]) {
    self.id = id
    self.parents = parents
  }
}

/// How commits descend from each other.
extension Repository {
  /// Whether everything of the first commit is in the second; a commit is in itself.
  ///
  /// - Throws: ``GitError`` where history cannot be read.
  package func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(GitError) -> Bool {
    if ancestor == commit { return true }
    if isShallow { return try ShallowHistory(of: self).ancestors(of: commit).contains(ancestor) }
    var (first, second) = (commit.oid, ancestor.oid)
    let operation = "tell whether \(ancestor.short) is in \(commit.short)"
    return try check(unsafe git_graph_descendant_of(pointer, &first, &second), operation) == 1
  }

  /// The best common ancestors of two commits; empty where they have none.
  ///
  /// - Throws: ``GitError`` where history cannot be read.
  package func mergeBases(_ left: ObjectID, _ right: ObjectID) throws(GitError) -> [ObjectID] {
    if isShallow { return try ShallowHistory(of: self).mergeBases(left, right) }
    var (first, second) = (left.oid, right.oid)
    var bases = unsafe git_oidarray()
    let result = unsafe git_merge_bases(&bases, pointer, &first, &second)
    let operation = "find the merge base of \(left.short) and \(right.short)"
    if result == GIT_ENOTFOUND.rawValue {
      let error = lastError(result, operation)
      if error.code == .missingObject { throw error }
      return []
    }
    try check(result, operation)
    defer { unsafe git_oidarray_dispose(&bases) }
    return unsafe UnsafeBufferPointer(start: bases.ids, count: bases.count).map { ObjectID($0) }
  }

  /// The best common ancestor of two commits, the first where there are several; `nil` where there is none.
  ///
  /// - Throws: ``GitError`` where history cannot be read.
  package func mergeBase(_ left: ObjectID, _ right: ObjectID) throws(GitError) -> ObjectID? {
    try mergeBases(left, right).first
  }

  /// How many commits each of two commits has that the other lacks.
  ///
  /// - Throws: ``GitError`` where history cannot be read.
  package func divergence(of first: ObjectID, from second: ObjectID) throws(GitError) -> Divergence {
    var (left, right) = (first.oid, second.oid)
    var (ahead, behind) = (0, 0)
    try check(
      unsafe git_graph_ahead_behind(&ahead, &behind, pointer, &left, &right),
      "compare \(first.short) with \(second.short)")
    return Divergence(ahead: ahead, behind: behind)
  }

  /// The commits that the head has and the bases lack, a child before its parents.
  ///
  /// - Throws: ``GitError`` where history cannot be read.
  package func commits(
    of head: ObjectID, notIn bases: [ObjectID] = [], oldestFirst: Bool = false, limit: Int = .max
  ) throws(GitError) -> [ObjectID] {
    let operation = "list the commits of \(head.short)"
    let walk = try make(operation, owner: self, free: { unsafe git_revwalk_free($0) }) {
      unsafe git_revwalk_new(&$0, pointer)
    }
    let order = GIT_SORT_TOPOLOGICAL.rawValue | (oldestFirst ? GIT_SORT_REVERSE.rawValue : 0)
    try check(unsafe git_revwalk_sorting(walk.pointer, order), operation)
    var start = head.oid
    try check(unsafe git_revwalk_push(walk.pointer, &start), operation)
    for base in bases {
      var oid = base.oid
      try check(unsafe git_revwalk_hide(walk.pointer, &oid), operation)
    }
    var result: [ObjectID] = []
    var next = git_oid()
    while result.count < limit {
      let code = unsafe git_revwalk_next(&next, walk.pointer)
      if code == GIT_ITEROVER.rawValue { break }
      try check(code, operation)
      result.append(ObjectID(next))
    }
    return result
  }

  /// The commits with several parents that the head has and the bases lack, newest first.
  ///
  /// - Parameters:
  ///   - head: Where to start.
  ///   - bases: What is in these is left out.
  ///   - since: Only those that were committed then or later.
  /// - Returns: The commits with their parents.
  /// - Throws: ``GitError`` where history cannot be read.
  package func mergeCommits(
    of head: ObjectID, notIn bases: [ObjectID] = [], since: Timestamp? = nil
  ) throws(GitError) -> [MergeCommit] {
    let operation = "list the merges of \(head.short)"
    let walk = try make(operation, owner: self, free: { unsafe git_revwalk_free($0) }) {
      unsafe git_revwalk_new(&$0, pointer)
    }
    let order = GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue
    try check(unsafe git_revwalk_sorting(walk.pointer, order), operation)
    var start = head.oid
    try check(unsafe git_revwalk_push(walk.pointer, &start), operation)
    for base in bases {
      var oid = base.oid
      try check(unsafe git_revwalk_hide(walk.pointer, &oid), operation)
    }
    var result: [MergeCommit] = []
    var next = git_oid()
    while true {
      let code = unsafe git_revwalk_next(&next, walk.pointer)
      if code == GIT_ITEROVER.rawValue { return result }
      try check(code, operation)
      let id = ObjectID(next)
      let commit = try commitHandle(id)
      let count = unsafe git_commit_parentcount(commit.pointer)
      guard count > 1 else { continue }
      if let since, unsafe git_commit_time(commit.pointer) < since.seconds { continue }
      let parents = (0..<count).map { unsafe ObjectID(git_commit_parent_id(commit.pointer, $0)) }
      result.append(MergeCommit(id: id, parents: parents))
    }
  }
}
