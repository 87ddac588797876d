/// Something about the cell that test commands may have run into; the tests may be good where it is otherwise.
package enum Hindrance: String, Sendable, Hashable, Codable, CaseIterable {
  /// A log speaks of a host or a network that cannot be reached.
  case network
  /// A log speaks of a full disk.
  case disk
  /// A log speaks of memory that could not be had, or a process was ended for it.
  case memory
  /// A log speaks of processes or threads that could not be started.
  case processes
  /// A log speaks of a right that an ordinary user has not.
  case privilege
  /// A log speaks of a file system that cannot be written to.
  case readOnly
  /// The time for a command was over.
  case time
  /// More was printed than is kept.
  case output
  /// The date changed while the commands ran.
  case date
}
