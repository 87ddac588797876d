package import Base
internal import CLibgit2
internal import Glibc
package import Work

/// What came of moving a reference of another repository.
package enum LandingOutcome: Sendable, Hashable {
  /// The reference moved.
  case landed
  /// It was already where it should go.
  case alreadyThere
  /// It is elsewhere than was expected, so nothing was done; the zero id says that it is not there.
  case raced(actual: ObjectID)
}

/// Why a reference of another repository was not moved.
package struct LandingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The full name of the reference that was to move, as text that is safe to show.
  package let ref: String
  package let reason: Reason

  /// The possible reasons.
  package enum Reason: Sendable, Hashable {
    /// The reference is symbolic, so that moving it would move another.
    case symbolic
    /// The new commit does not hold everything of the old one.
    case notFastForward
    /// HEAD of the repository or of one of its work trees, in this directory, names the branch.
    case checkedOut(String)
    /// A reference of this name is in the way, as `a` is for `a/b`.
    case blocked(by: RefName)
    /// Another process has the lock at this path, because it is just moving the reference; the same can be tried again.
    case locked(String)
    /// The other side refused, in its words.
    case rejected(String)
    /// Hooks of the other repository, of these names, have a say in what is pushed, and would not be asked.
    case hooks([String])
    case failed(GitError)
  }

  package var description: String {
    let why =
      switch reason {
      case .symbolic: "it is a symbolic reference"
      case .notFastForward: "the new commit does not hold everything of the old one"
      case .checkedOut(let directory): "it is checked out in '\(DisplayText.escaping(directory.utf8))'"
      case .blocked(let other): "the reference '\(other.display)' is in the way"
      case .locked(let path): "another process holds its lock; try again, and if no git runs there, remove '\(path)'"
      case .rejected(let words): "the other side refused: \(words)"
      case .hooks(let names):
        "the repository has a hook (\(names.joined(separator: ", "))) that decides on pushes, and a push to a path runs "
          + "none: push to it by ssh:// or http://"
      case .failed(let error): error.description
      }
    return "cannot move '\(ref)': \(why)"
  }

  init(ref: String, reason: Reason) {
    self.ref = ref
    self.reason = reason
  }

  init(ref: RefName, reason: Reason) {
    self.init(ref: ref.display, reason: reason)
  }
}

/// The way from a private repository into one that others use.
///
/// libgit2's own push to a local repository runs no hooks and overwrites references, so it is not used. Here the objects
/// are copied and the reference is moved under its lock, and only from where it was expected to be.
extension PrivateRepository {
  /// Moves a branch of a local repository to a commit of this one.
  ///
  /// - Parameters:
  ///   - commit: Where to.
  ///   - branch: The branch.
  ///   - old: Where the branch must be now; the zero id where it must not be there.
  ///   - directory: The repository's work tree or git directory.
  /// - Returns: What came of it.
  /// - Throws: ``LandingError``; then nothing moved.
  package func land(
    _ commit: ObjectID, onto branch: FeatureBranch, expecting old: ObjectID, at directory: String
  ) throws(LandingError) -> LandingOutcome {
    try land(commit, branch.ref, old, directory)
  }

  /// Moves a notes reference of a local repository to a notes commit of this one.
  ///
  /// - Parameters:
  ///   - commit: Where to.
  ///   - notes: The reference.
  ///   - old: Where it must be now; the zero id where it must not be there.
  ///   - directory: The repository's work tree or git directory.
  /// - Returns: What came of it.
  /// - Throws: ``LandingError``; then nothing moved.
  package func land(
    _ commit: ObjectID, onto notes: NotesRef, expecting old: ObjectID, at directory: String
  ) throws(LandingError) -> LandingOutcome {
    let ref: RefName
    do {
      ref = try notes.refName()
    } catch {
      throw LandingError(ref: notes.rawValue, reason: .failed(error))
    }
    return try land(commit, ref, old, directory)
  }

  private func land(
    _ commit: ObjectID, _ ref: RefName, _ old: ObjectID, _ directory: String
  ) throws(LandingError) -> LandingOutcome {
    let result: Result<LandingOutcome, LandingError>
    do throws(GitError) {
      result = try attempt(commit, ref, old, directory)
    } catch {
      throw LandingError(ref: ref, reason: .failed(error))
    }
    return try result.get()
  }

  private func attempt(
    _ commit: ObjectID, _ ref: RefName, _ old: ObjectID, _ directory: String
  ) throws(GitError) -> Result<LandingOutcome, LandingError> {
    let site = try LandingSite(directory, from: self)
    site.removeAbandonedLock(of: ref, to: commit)
    // Once without the lock, so that no object is copied for nothing; what counts is the check under the lock.
    if let known = try site.verdict(on: ref, from: old, to: commit) { return known }
    let holdsOld = old.isZero ? true : try isAncestor(old, of: commit)
    guard holdsOld else {
      return .failure(LandingError(ref: ref, reason: .notFastForward))
    }
    try site.copy(commit, from: self)
    return try site.move(ref, from: old, to: commit)
  }
}
