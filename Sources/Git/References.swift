package import Base
internal import CLibgit2

/// A reference and what it points to.
package struct Reference: Sendable, Hashable {
  package var name: RefName
  package var target: Target

  package init(name: RefName, target: Target) {
    self.name = name
    self.target = target
  }

  /// What a reference can point to.
  package enum Target: Sendable, Hashable {
    case direct(ObjectID)
    /// Another reference, which need not be there.
    case symbolic(RefName)
  }
}

/// What HEAD stands for.
package enum Head: Sendable, Hashable {
  /// A branch and the commit at its tip.
  case branch(RefName, ObjectID)
  /// A branch that has no commit yet.
  case unborn(RefName)
  /// A commit without a branch.
  case detached(ObjectID)

  /// The branch that HEAD names, born or not.
  package var branch: RefName? {
    switch self {
    case .branch(let name, _), .unborn(let name): name
    case .detached: nil
    }
  }

  /// The commit that HEAD comes to.
  package var commit: ObjectID? {
    switch self {
    case .branch(_, let id), .detached(let id): id
    case .unborn: nil
    }
  }
}

/// References and the names of commits.
extension Repository {
  /// What HEAD stands for.
  ///
  /// - Throws: ``GitError`` where HEAD is missing or broken.
  package func head() throws(GitError) -> Head {
    let operation = "read HEAD"
    let reference = try make(operation, owner: self, free: { unsafe git_reference_free($0) }) {
      unsafe git_reference_lookup(&$0, pointer, "HEAD")
    }
    switch try target(of: reference, operation) {
    case .direct(let id):
      // libgit2 reads through the link that old versions of git make of HEAD, and `core.preferSymlinkRefs` still does.
      if let name = CheckedOut.linked(gitDirectory + "/HEAD") { return .branch(name, id) }
      return .detached(id)
    case .symbolic(let name):
      guard let id = try lookUpThroughSymbolic(name) else { return .unborn(name) }
      return .branch(name, id)
    }
  }

  private func lookUpThroughSymbolic(_ name: RefName) throws(GitError) -> ObjectID? {
    var next = name
    // git follows at most five symbolic references.
    for _ in 0..<5 {
      switch try reference(next)?.target {
      case nil: return nil
      case .direct(let id): return id
      case .symbolic(let further): next = further
      }
    }
    throw GitError(.invalid, operation: "follow '\(name)'", message: "symbolic references go in a circle")
  }

  /// A reference, not followed; `nil` where it is not there.
  ///
  /// - Throws: ``GitError`` where it cannot be read.
  package func reference(_ name: RefName) throws(GitError) -> Reference? {
    var found: OpaquePointer?
    let result = unsafe withCString(name.bytes) { unsafe git_reference_lookup(&found, pointer, $0) }
    if result == GIT_ENOTFOUND.rawValue {
      git_error_clear()
      return nil
    }
    try check(result, "read the reference '\(name)'")
    guard let found = unsafe found else { return nil }
    let handle = unsafe Handle(found, owner: self) { unsafe git_reference_free($0) }
    return Reference(name: name, target: try target(of: handle, "read the reference '\(name)'"))
  }

  /// Every reference below `refs/`, in no particular order, names that git would refuse left out.
  ///
  /// - Throws: ``GitError`` where they cannot be read.
  package func references() throws(GitError) -> [Reference] {
    let operation = "list the references"
    let iterator = try make(operation, owner: self, free: { unsafe git_reference_iterator_free($0) }) {
      unsafe git_reference_iterator_new(&$0, pointer)
    }
    var result: [Reference] = []
    while true {
      var next: OpaquePointer?
      let code = unsafe git_reference_next(&next, iterator.pointer)
      if code == GIT_ITEROVER.rawValue { return result }
      try check(code, operation)
      guard let next = unsafe next else { return result }
      let reference = unsafe Handle(next, owner: self) { unsafe git_reference_free($0) }
      guard let name = try? RefName(unsafe bytes(git_reference_name(reference.pointer))) else { continue }
      result.append(Reference(name: name, target: try target(of: reference, operation)))
    }
  }

  /// What the repository tells others that it has: symbolic references that name nothing are passed over, as git does.
  ///
  /// - Throws: ``GitError`` where they cannot be read.
  func listing() throws(GitError) -> RemoteListing {
    var result = RemoteListing(head: nil, references: [:])
    for reference in try references() {
      switch reference.target {
      case .direct(let id): result.references[reference.name] = id
      case .symbolic(let name): result.references[reference.name] = try lookUpThroughSymbolic(name)
      }
    }
    if case .branch(let name, _) = try head() { result.head = name }
    return result
  }

  private func target(
    of reference: borrowing Handle, _ operation: String
  ) throws(GitError) -> Reference.Target {
    if unsafe git_reference_type(reference.pointer) == GIT_REFERENCE_DIRECT {
      return unsafe .direct(ObjectID(git_reference_target(reference.pointer)))
    }
    do {
      return .symbolic(try RefName(unsafe bytes(git_reference_symbolic_target(reference.pointer))))
    } catch {
      throw GitError(.invalid, operation: operation, message: error.description)
    }
  }

  /// The directory of the repository or of a work tree of it in which the branch is checked out or being rebased; `nil`
  /// where it is in none.
  ///
  /// - Throws: ``GitError`` where that cannot be told.
  package func placeOfWork(on branch: RefName) throws(GitError) -> String? {
    try CheckedOut.place(of: branch, in: commonDirectory)
  }

  /// The names of the remotes that the repository's own configuration has, sorted.
  ///
  /// - Throws: ``GitError`` where it cannot be read.
  package func remoteNames() throws(GitError) -> [String] {
    var names = unsafe git_strarray()
    try check(unsafe git_remote_list(&names, pointer), "list the remotes")
    defer { unsafe git_strarray_dispose(&names) }
    var result: [String] = []
    for index in 0..<(unsafe names.count) {
      guard let name = unsafe names.strings?[index] else { continue }
      result.append(unsafe String(cString: name))
    }
    return result.sorted()
  }

  /// The commit that a revision names, as `git rev-parse REVISION^{commit}` finds it.
  ///
  /// - Throws: ``GitError`` with `notFound`, `ambiguous`, `invalid`, or `wrongType` where it names something else.
  package func resolve(_ revision: String) throws(GitError) -> ObjectID {
    let operation = "find the commit '\(DisplayText.escaping(revision.utf8))'"
    guard !revision.utf8.contains(0) else { throw GitError(.invalid, operation: operation, message: "it has a NUL") }
    var object: OpaquePointer?
    let result = unsafe git_revparse_single(&object, pointer, revision)
    if result < 0 {
      let error = lastError(result, operation)
      guard error.code == .missingObject else { throw error }
      throw GitError(.notFound, operation: operation, message: error.message)
    }
    guard let object = unsafe object else { throw lastError(result, operation) }
    let handle = unsafe Handle(object, owner: self) { unsafe git_object_free($0) }
    let type = unsafe git_object_type(handle.pointer)
    guard type == GIT_OBJECT_COMMIT || type == GIT_OBJECT_TAG else {
      throw GitError(.wrongType, operation: operation, message: "it names a file or a directory")
    }
    let commit = try make(operation, owner: self, free: { unsafe git_object_free($0) }) {
      unsafe git_object_peel(&$0, handle.pointer, GIT_OBJECT_COMMIT)
    }
    return unsafe ObjectID(git_object_id(commit.pointer))
  }
}
