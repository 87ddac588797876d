/// The commands of a repository that tell whether a tree is good.
package struct TestCommands: Sendable, Hashable, Codable {
  /// Run once in each new workspace, in order, before anything else; none may fail.
  package var setup: [String]
  /// Run in order on every tree, each as a line of `sh`; all must succeed.
  package var test: [String]
  /// How long one command may take.
  package var seconds: Int

  package init(setup: [String] = [], test: [String], seconds: Int) {
    self.setup = setup
    self.test = test
    self.seconds = seconds
  }
}

/// One command as it was carried out.
package struct CommandExecution: Sendable, Hashable {
  package var command: String
  package var ending: Ending
  package var elapsed: Duration
  /// What it printed, both streams as they came: of very much the beginning and the end.
  package var log: [UInt8]
  /// How many bytes of it are left out, and where in `log`.
  package var dropped: Int
  package var droppedAt: Int?

  package enum Ending: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
    /// It was ended because its time was over.
    case timedOut
  }

  package init(
    command: String, ending: Ending, elapsed: Duration, log: [UInt8], dropped: Int = 0, droppedAt: Int? = nil
  ) {
    self.command = command
    self.ending = ending
    self.elapsed = elapsed
    self.log = log
    self.dropped = dropped
    self.droppedAt = droppedAt
  }
}
