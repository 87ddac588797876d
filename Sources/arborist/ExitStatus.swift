/// How a command ended, as scripts read it.
///
/// `merge-file` alone has statuses of its own, those of `git merge-file`.
enum ExitStatus: Int32 {
  /// Done; nothing is left for a person.
  case done = 0
  /// Done; something is left: findings, conflicts.
  case somethingLeft = 1
  /// The words or the configuration are wrong; nothing was done.
  case usage = 2
  /// Refused by policy.
  case refused = 3
  /// The surroundings failed; it can be tried again.
  case surroundings = 4
}

/// An error that a command ends with: one line and a status.
struct CommandFailure: Error, CustomStringConvertible {
  let status: ExitStatus
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}
