package import Base
package import Merging

/// Runs the tool that writes a lock file or a generated file: the one place where it is plugged in.
///
/// The merge asks it for every such file that is in conflict, once the rest of the merged tree is known.
package protocol Regenerator: Sendable {
  /// Has the file written again, or says why not.
  func regenerate(_ regeneration: Regeneration) -> RegenerationResult
}

/// What came of having a file written again.
package enum RegenerationResult: Sendable, Hashable {
  /// What the tool wrote.
  case written([UInt8])
  /// The tool was not run; why, as a phrase for a person.
  case notRun(String)
}

/// Runs no tool: a command that a repository's files decide on needs a cell.
package struct NoRegenerator: Regenerator {
  package init() {}

  package func regenerate(_ regeneration: Regeneration) -> RegenerationResult {
    .notRun("no tool was run, which takes a cell")
  }
}

/// Runs the tool that writes a lock file or a generated file over a whole merged tree, when everything else in it is
/// settled; where that takes a cell.
package protocol TreeRegenerating: Sendable {
  /// Has the file written again.
  ///
  /// - Parameters:
  ///   - regeneration: The tool, and the file that it writes.
  ///   - tree: The merged tree; the file is in it as our side has it.
  /// - Returns: What the tool wrote, or why it was not run.
  /// - Throws: what keeps the caller from going on at all.
  func regenerate(_ regeneration: Regeneration, in tree: ObjectID) async throws -> RegenerationResult

  /// The command that is really run.
  func command(for regeneration: Regeneration) -> String
}

extension TreeRegenerating {
  package func command(for regeneration: Regeneration) -> String { regeneration.command }
}
