package import Base
package import Git
package import Policy

/// What the hooks of a work tree have to know.
package enum HookFacts {
  /// The configuration on the default branch; the defaults where the repository has no base yet.
  ///
  /// - Throws: ``GitError`` or ``ConfigurationError``.
  package static func configuration(of repository: Repository) throws -> RepositoryConfiguration {
    do {
      return try RepositoryFacts(reading: repository).configuration
    } catch is NoBase {
      return RepositoryConfiguration()
    }
  }

  /// Where what is pushed begins: at what the remote has, or else at the common ancestor with the base.
  ///
  /// - Returns: `nil` where nothing is known to compare with.
  /// - Throws: ``GitError`` or ``ConfigurationError``.
  package static func start(
    of local: ObjectID, remote: ObjectID, in repository: Repository
  ) throws -> ObjectID? {
    if !remote.isZero, try repository.contains(remote), let ancestor = try repository.mergeBase(remote, local) {
      return ancestor
    }
    do {
      return try RepositoryFacts(reading: repository).baseTip.flatMap { try repository.mergeBase($0, local) }
    } catch is NoBase {
      return nil
    }
  }
}
