package import Base
package import Forges
package import Work

/// Copies of forges' repositories on this machine, and the way back to the forge.
///
/// A mirror is a bare repository: `refs/heads/*` are the forge's branches, HEAD names the default branch, and the heads
/// of pull requests are where the forge keeps them (``ForgePlace/headRef``). Nobody but its keeper writes to it.
package protocol MirrorKeeping: Sendable {
  /// Brings the mirror up to date.
  ///
  /// - Parameters:
  ///   - repository: The repository as its forge describes it.
  ///   - numbers: The pull requests whose heads are needed.
  /// - Returns: The absolute path of the bare repository.
  /// - Throws: ``ForgeError``.
  func update(_ repository: RepositoryState, pullRequests numbers: [Int]) async throws(ForgeError) -> String

  /// Moves a branch on the forge to a commit, and only from where it is expected to be.
  ///
  /// - Parameters:
  ///   - commit: Where to.
  ///   - directory: The private repository that holds the commit; what it borrows is in the mirror.
  ///   - branch: The branch.
  ///   - old: Where the branch must be now; the zero id where it must not be there.
  ///   - repository: The repository; for a fork the fork's path with the number 0.
  /// - Returns: What came of it.
  /// - Throws: ``ForgeError`` where another try may succeed.
  func push(
    _ commit: ObjectID, from directory: String, onto branch: FeatureBranch, expecting old: ObjectID,
    to repository: ForgeRepository
  ) async throws(ForgeError) -> PushResult
}

/// What came of moving a branch on a forge.
package enum PushResult: Sendable, Hashable, Codable {
  case pushed
  case alreadyThere
  /// It is somewhere else by now; nothing was written.
  case raced(ObjectID)
  /// The forge refuses, with these words.
  case refused(String)
}

extension ForgeError: PassingError {
  /// Only what is away or asks for time passes by itself.
  package var wait: Int? { retryAfter }
}
