package import Base
internal import Git
package import Work
internal import Workspace

/// Looks at commits that are being pushed and that the repository has not taken in yet.
package struct PushedCommits: Sendable {
  private let workspace: RunWorkspace

  /// - Parameters:
  ///   - directory: An existing directory in which the workspace is made.
  ///   - objects: The object directories of the repository and of what is pushed.
  /// - Returns: The commits; ``remove()`` must follow.
  /// - Throws: ``GitError`` where no workspace can be made.
  package static func make(under directory: String, borrowing objects: [String]) async throws -> PushedCommits {
    let run = RunID(random: .random(in: .min ... .max))
    return PushedCommits(workspace: try await RunWorkspace.make(for: run, under: directory, borrowing: objects))
  }

  /// Whether the object is a commit of the bot's own, or a tag on one.
  ///
  /// - Throws: ``GitError`` where it cannot be read.
  package func isCommitted(_ id: ObjectID, by bot: BotIdentity) async throws -> Bool {
    try await workspace.repository.perform { repository in
      guard let commit = try? repository.resolve(id.hex) else { return false }
      return try repository.commit(commit).committer.email == Array(bot.email.utf8)
    }
  }

  /// Throws the workspace away.
  package func remove() {
    try? workspace.remove()
  }
}
