internal import Base

/// Where the state of a bare repository lives, as paths; nothing here touches the disk.
///
///     DIR/installed        what `arborist init` recorded
///     DIR/spool/tmp/NAME   a delivery while a hook writes it
///     DIR/spool/new/NAME   a delivery that is whole and on disk, until the journal has it
///     DIR/spool/bad/NAME   a file in the spool that is no delivery, kept for a person
///     DIR/worker.lock      locked by the worker that runs
///     DIR/worker.log       what workers wrote to standard output and standard error
///     DIR/resolutions      the resolutions that are remembered
///     DIR/resolutions.lock locked while some are learned
///     DIR/journal.sqlite   events, runs and the job queue
///     DIR/work/            mirrors and workspaces
///
/// The order of starting: a hook puts its delivery into `spool/new`, and only then looks whether a worker holds the
/// lock; it starts one where none does. A worker takes the lock or ends; it empties the spool, gives the lock back and
/// looks into the spool once more before it ends.
package struct StateDirectory: Sendable, Hashable {
  /// The absolute path, without a slash at its end.
  package let path: [UInt8]

  /// The state directory at an absolute path; `nil` for any other path.
  package init?(_ path: some Collection<UInt8>) {
    guard path.first == UInt8(ascii: "/"), !path.contains(0) else { return nil }
    var path = Array(path)
    while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
    self.path = path
  }

  /// The state directory of a repository for which nobody named another.
  package init?(inGitDirectory gitDirectory: [UInt8]) {
    self.init(gitDirectory + Array("/arborist".utf8))
  }

  private func entry(_ name: String) -> [UInt8] { path + Array("/\(name)".utf8) }

  /// What `arborist init` recorded.
  package var installed: [UInt8] { entry("installed") }
  /// The directory that holds the three others of the spool.
  package var spool: [UInt8] { entry("spool") }
  /// Deliveries that are whole and on disk.
  package var spoolNew: [UInt8] { entry("spool/new") }
  /// Deliveries that are being written.
  package var spoolTemporary: [UInt8] { entry("spool/tmp") }
  /// Files that were found in the spool and are no deliveries.
  package var spoolBad: [UInt8] { entry("spool/bad") }
  /// The file that a running worker has locked.
  package var workerLock: [UInt8] { entry("worker.lock") }
  /// What workers wrote to standard output and standard error.
  package var workerLog: [UInt8] { entry("worker.log") }
  /// The journal's database.
  package var journal: [UInt8] { entry("journal.sqlite") }
  /// The resolutions that the repository remembers.
  package var resolutions: [UInt8] { entry("resolutions") }
  /// The file that is locked while resolutions are learned.
  package var resolutionsLock: [UInt8] { entry("resolutions.lock") }
  /// Mirrors and workspaces.
  package var work: [UInt8] { entry("work") }

  /// The path as text that is safe to show.
  package var display: String { DisplayText.escaping(path) }
}
