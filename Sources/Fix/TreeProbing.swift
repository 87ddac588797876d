package import Base
package import Verify

/// What tells how the tests of a candidate tree stand.
///
/// Asking twice about one tree may run its tests once.
package protocol TreeProbing: Sendable {
  /// How the tests of a tree stand.
  ///
  /// - Throws: ``StageFailure`` where its tests could not be run at all, or `CancellationError`.
  func standing(of tree: ObjectID) async throws -> TestStanding
}
