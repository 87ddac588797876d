internal import Base
internal import CLibgit2

/// Something that git or libgit2 could not do.
package struct GitError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is, for code that reacts to it.
  package let code: Code
  /// What was tried and on what, as the words after "cannot".
  package let operation: String
  /// Why it failed: libgit2's own words where it has some.
  package let message: String

  package init(_ code: Code, operation: String, message: String) {
    self.code = code
    self.operation = operation
    self.message = message
  }

  package var description: String { "cannot \(operation): \(message)" }

  /// A kind of failure.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The name of the kind.
    package let description: String

    private init(_ name: String) {
      description = name
    }

    /// No such reference, object, path or repository.
    package static let notFound = Code("not found")
    /// An object that another one needs is not there, as in a shallow or partial clone.
    package static let missingObject = Code("missing object")
    /// Something of that name is already there.
    package static let exists = Code("exists")
    /// A shortened name fits more than one object.
    package static let ambiguous = Code("ambiguous")
    /// HEAD names a branch that has no commit yet.
    package static let unbornBranch = Code("unborn branch")
    /// A name, a path or a value that git does not allow.
    package static let invalid = Code("invalid")
    /// The object is of another type than the one asked for.
    package static let wrongType = Code("wrong type")
    /// A reference is not where it was expected to be.
    package static let modified = Code("modified")
    /// Another process holds the lock; the same can be tried again.
    package static let locked = Code("locked")
    /// The other side did not accept the credentials, or none were given.
    package static let authentication = Code("authentication")
    /// The other side's certificate or host key is not trusted.
    package static let certificate = Code("certificate")
    /// Stored data contradicts itself.
    package static let corrupt = Code("corrupt")
    /// The repository uses a format that libgit2 does not know.
    package static let unsupported = Code("unsupported")
    /// Larger than the limit that was given.
    package static let tooLarge = Code("too large")
    /// The two commits have no common ancestor.
    package static let noCommonAncestor = Code("no common ancestor")
    /// Conflicts are left in the index.
    package static let unmerged = Code("unmerged")
    /// The operating system refused.
    package static let system = Code("system")
    /// The network or the other side failed.
    package static let network = Code("network")
    /// Anything else.
    package static let other = Code("other")
  }
}

/// Throws what libgit2 says where the result of a call is an error.
///
/// It must follow the call on the same thread: libgit2 keeps its last message per thread.
///
/// - Returns: The result, which is not negative.
@discardableResult
func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(GitError) -> Int32 {
  if result >= 0 { return result }
  throw lastError(result, operation())
}

/// What libgit2 says about the call that just failed; the message is taken, so that no later failure repeats it.
func lastError(_ result: Int32, _ operation: String) -> GitError {
  var message = "no reason given (\(result))"
  var kind: UInt32 = 0
  if let last = unsafe git_error_last() {
    kind = UInt32(bitPattern: unsafe last.pointee.klass)
    if let text = unsafe last.pointee.message {
      message = DisplayText.line(unsafe String(cString: text).utf8)
    }
  }
  git_error_clear()
  return GitError(code(result, kind, message), operation: operation, message: message)
}

private func code(_ result: Int32, _ kind: UInt32, _ message: String) -> GitError.Code {
  switch git_error_code(result) {
  case GIT_ENOTFOUND: return kind == GIT_ERROR_ODB.rawValue ? .missingObject : .notFound
  case GIT_EEXISTS: return .exists
  case GIT_EAMBIGUOUS: return .ambiguous
  case GIT_EUNBORNBRANCH: return .unbornBranch
  case GIT_EINVALIDSPEC, GIT_EINVALID: return .invalid
  case GIT_EPEEL: return .wrongType
  case GIT_EMODIFIED, GIT_ENONFASTFORWARD: return .modified
  case GIT_ELOCKED: return .locked
  case GIT_EAUTH: return .authentication
  case GIT_ECERTIFICATE: return .certificate
  case GIT_EMISMATCH: return .corrupt
  case GIT_EUNMERGED, GIT_EMERGECONFLICT: return .unmerged
  default: break
  }
  switch git_error_t(kind) {
  case GIT_ERROR_OS, GIT_ERROR_FILESYSTEM: return .system
  case GIT_ERROR_ZLIB, GIT_ERROR_ODB, GIT_ERROR_OBJECT, GIT_ERROR_TREE, GIT_ERROR_INDEXER: return .corrupt
  case GIT_ERROR_NET, GIT_ERROR_HTTP, GIT_ERROR_SSH, GIT_ERROR_SSL: return .network
  case GIT_ERROR_REPOSITORY where message.contains("unsupported"): return .unsupported
  default: return .other
  }
}
