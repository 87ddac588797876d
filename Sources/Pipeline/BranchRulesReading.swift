package import Base
package import Git
internal import Policy
package import Work

/// Reads which branches of a bare repository are closed, for what has to go on whatever its configuration says.
package enum BranchRulesReading {
  /// The rules; without the configuration's where its file is broken, so that a push can mend it.
  ///
  /// - Returns: `nil` where the repository has no base at all yet.
  /// - Throws: ``GitError``.
  package static func rules(of repository: Repository, recorded: [RefName]) throws -> BranchRules? {
    do {
      return try RepositoryFacts(reading: repository, recorded: recorded).rules
    } catch is ConfigurationError {
      return try RepositoryFacts(withoutConfigurationOf: repository, recorded: recorded).rules
    } catch is NoBase {
      return nil
    }
  }
}
