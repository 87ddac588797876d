package import Base
package import Git
package import Policy

/// What the hooks of a work tree have to know.
package enum HookFacts {
  /// The configuration on the default branch; the defaults where the repository has no base yet, or a broken file.
  ///
  /// A broken file must not keep anyone from committing, least of all the one who mends it.
  ///
  /// - Returns: The configuration, and what is wrong with the file.
  /// - Throws: ``GitError``.
  package static func configuration(
    of repository: Repository
  ) throws -> (settings: RepositoryConfiguration, fault: ConfigurationError?) {
    do {
      return (try RepositoryFacts(reading: repository).configuration, nil)
    } catch let error as ConfigurationError {
      return (RepositoryConfiguration(), error)
    } catch is NoBase {
      return (RepositoryConfiguration(), nil)
    }
  }

  /// Where what is pushed begins: at what the remote has, or else at the common ancestor with the base.
  ///
  /// - Returns: `nil` where nothing is known to compare with.
  /// - Throws: ``GitError``.
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
    } catch is ConfigurationError {
      return nil
    }
  }
}
