internal import Base
package import Git
package import Installation

/// Reads out of a repository what `arborist init` has to know.
package enum InstallationReading {
  /// The facts.
  ///
  /// - Throws: ``GitError`` where the configuration cannot be read.
  package static func facts(of repository: Repository) throws(GitError) -> InstallationFacts {
    let branch = try repository.head().branch
    return InstallationFacts(
      gitDirectory: Array(repository.commonDirectory.utf8), isBare: repository.isBare,
      hooksPath: try repository.effectivePath("core.hooksPath").map { Array($0.utf8) },
      sharedRepository: try repository.configuration("core.sharedRepository").map { Array($0.utf8) },
      defaultBranch: branch,
      mergeDefault: try repository.effectiveConfiguration("merge.default").map { Array($0.utf8) },
      conflictStyle: try repository.effectiveConfiguration("merge.conflictStyle").map { Array($0.utf8) })
  }
}
