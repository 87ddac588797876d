internal import FileSystem
package import Journal
package import Work

/// Which of the runs that a person asked for a process works on.
package struct OpenRuns: Sendable {
  private let directories: UserDirectories

  package init(_ directories: UserDirectories) {
    self.directories = directories
  }

  /// Whether a process works on the run, or on the job that it is a task of; as ``isWorkedOn(_:)``.
  package func isWorkedOn(_ run: RunSummary) -> Bool? {
    isWorkedOn(run.job.parent ?? run.run)
  }

  /// Whether a process works on the run: `false` for one that was interrupted, and `nil` where that cannot be told,
  /// because the run is another person's or another machine's.
  ///
  /// Asks for the run's lock without taking it, so that nobody who wants to take the run up is misled.
  package func isWorkedOn(_ run: RunID) -> Bool? {
    guard let lock = try? FileDescriptor(opening: Array("\(directories.runs)/\(run.text)/lock".utf8), .read) else {
      return nil
    }
    return try? lock.isLockedByAnother()
  }
}
