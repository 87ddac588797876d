/// What `arborist init` is going to do, as values; ``apply()`` does it.
///
/// An empty plan means that everything is as it should be.
package struct InstallationPlan: Sendable, Hashable {
  /// One thing to do; what it puts in place is there whole or not at all.
  package enum Step: Sendable, Hashable {
    /// Makes a directory.
    case makeDirectory([UInt8], mode: UInt32)
    /// Sets the permission bits of what is there.
    case setMode([UInt8], mode: UInt32)
    /// Gives a file or a link a second name; the first is replaced by a later step.
    case keep([UInt8], as: [UInt8])
    /// Writes a file in the place of what is there.
    case write([UInt8], content: [UInt8], mode: UInt32)
    /// Makes a symbolic link.
    case link([UInt8], target: [UInt8])
    /// Changes a file of git's configuration under its lock.
    case configure([UInt8], from: [UInt8], to: [UInt8])
    /// Puts a kept file back in the place of ours.
    case restore([UInt8], to: [UInt8])
    /// Removes a file or a link.
    case remove([UInt8])
    /// Removes a directory if nothing is left in it.
    case removeDirectory([UInt8])
  }

  package var steps: [Step] = []
  /// What a person should know, one line each.
  package var notes: [String] = []
  /// Who owns what is made: user and group; `nil` leaves it to the system.
  var owner: UInt32?
  var group: UInt32?

  /// Whether there is nothing to do.
  package var isEmpty: Bool { steps.isEmpty }
}
