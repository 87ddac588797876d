package import Base
package import Verify

/// What opens workspaces for a repair, and keeps what their commands print.
package protocol FixGround: Sendable {
  /// A workspace with a commit in it that nothing has run in but `setup`.
  ///
  /// - Parameters:
  ///   - commit: The commit.
  ///   - parallel: How many trees may be tested in it at once.
  /// - Returns: The workspace; closing it gives back what it takes.
  /// - Throws: ``StageFailure``, or what keeps a workspace from being made.
  func stage(of commit: ObjectID, parallel: Int) async throws -> any OpenStage

  /// Keeps the log of a run of tests under a name, for a person.
  func keep(_ log: [UInt8], as name: String) async

  /// Keeps what an attempt changed in a file of this name beside the logs, for a person.
  func keep(patch: [UInt8], as name: String) async
}
