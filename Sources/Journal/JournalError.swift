/// Why the journal did not do what it was asked to.
///
/// The description is one line: what, where, and what to do.
package enum JournalError: Error, Sendable, Hashable {
  /// The database may be read only: the right to write it is missing, or it was opened for reading.
  case readOnly(at: String)
  /// No room is left on the disk that holds the database.
  case diskFull(at: String)
  /// Somebody else kept the database locked for longer than is waited for.
  case busy(at: String)
  /// What is stored is damaged, or is not what a journal holds.
  case corrupt(String)
  /// A newer version of Arborist has changed the database.
  case tooNew(at: String)
  /// The database was opened for reading and has no tables yet: whoever was to make it has not come so far.
  case empty(at: String)
  /// There is no such thing in the journal.
  case notFound(String)
  /// More than one run's name begins like that.
  case ambiguous(prefix: String, count: Int)
  /// The job was given to another worker meanwhile; whoever asked holds it no longer and must drop it.
  case staleFence
  /// The job became pointless before it published anything; the run is to be finished as superseded.
  case superseded(reason: String)
  /// The operation cannot follow what is in the journal; the program has a fault.
  case outOfOrder(String)
  /// A value cannot be stored.
  case unstorable(String)
  /// The task that asked was cancelled; nothing was stored.
  case cancelled
  /// The database cannot be used for the reason given.
  case unavailable(at: String, reason: String)
}

extension JournalError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .readOnly(let path):
      "the journal '\(path)' cannot be written: ask its owner for the right to (for a file: and to its directory)"
    case .diskFull(let path):
      "the journal '\(path)' cannot be written: the disk is full; free some space and try again"
    case .busy(let path):
      "the journal '\(path)' is locked by another process: wait for it to end and try again"
    case .corrupt(let detail):
      "the journal is damaged: \(detail); put it aside and keep it; the next worker makes a new one"
    case .tooNew(let path):
      "the journal '\(path)' was written by a newer Arborist: update this one, or name another database"
    case .empty(let path):
      "there is nothing in the journal '\(path)' yet: nothing has run"
    case .notFound(let what):
      "\(what) is not in the journal: 'arborist runs' lists what is"
    case .ambiguous(let prefix, let count):
      "'\(prefix)' is the beginning of \(count) runs' names: give more digits"
    case .staleFence:
      "the job was given to another worker: this one drops it, and nothing is to be done"
    case .superseded(let reason):
      "the job is superseded: \(reason); nothing is to be done"
    case .outOfOrder(let detail):
      "the journal refused a step out of order: \(detail); please report this"
    case .unstorable(let detail):
      "the journal cannot store a value: \(detail); please report this"
    case .cancelled:
      "the journal was not asked to the end: the task was cancelled; try again"
    case .unavailable(let path, let reason):
      "the journal '\(path)' cannot be used: \(reason)"
    }
  }
}
