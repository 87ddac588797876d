package import Base
package import Broker
package import Forges
internal import Git
package import Work

/// Copies of forges' repositories on this machine, and the way back to the forge.
///
/// A mirror is a bare repository: `refs/heads/*` are the forge's branches, HEAD names the default branch, and the heads
/// of pull requests are where the forge keeps them (``ForgePlace/headRef``). Nobody but its keeper writes to it.
package protocol MirrorKeeping: Sendable {
  /// Brings the mirror up to date, as it is after this call began.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - numbers: The pull requests whose heads are needed.
  /// - Returns: Where the mirror is.
  /// - Throws: ``ForgeError``.
  func mirror(_ repository: ForgeRepository, numbers: [Int]) async throws(ForgeError) -> MirrorState

  /// Moves a branch on the forge to a commit, and only from where it is expected to be.
  ///
  /// - Throws: ``ForgeError`` where another try may succeed; whether the branch moved is then not known.
  func push(_ order: PushOrder) async throws(ForgeError) -> PushResult
}

extension Broker: MirrorKeeping {}

extension MirrorKeeping {
  /// Where branches of a repository are now; those that are not there are left out.
  ///
  /// - Throws: ``ForgeError``, or ``GitError`` where the mirror cannot be read.
  package func tips(of repository: ForgeRepository, _ names: Set<RefName>) async throws -> [RefName: ObjectID] {
    let location = try await mirror(repository, numbers: []).directory
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
    return try await source.perform { source in
      var tips: [RefName: ObjectID] = [:]
      for name in names {
        if case .direct(let tip) = try source.reference(name)?.target { tips[name] = tip }
      }
      return tips
    }
  }
}

extension ForgeError: PassingError {
  package var wait: Int? { retryAfter }

  /// What is away or asks for time passes by itself; what was refused is refused again.
  package var passes: Bool {
    switch code {
    case .limited, .unavailable, .malformed, .unauthenticated: true
    case .forbidden, .notFound, .rejected, .cancelled, .withheld: false
    }
  }
}
