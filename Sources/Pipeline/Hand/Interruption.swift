internal import Base
package import Work

/// Whether somebody asked this process to end.
///
/// A task that is cancelled cannot tell why. What is given up in favour of something better is over; what somebody
/// interrupts stays open, so that it can be taken up again.
package final class Interruption: Sendable {
  private let asked = Lock(false)

  package init() {}

  package var isAsked: Bool { asked.withLock { $0 } }

  /// Asks for the end, for good.
  package func ask() { asked.withLock { $0 = true } }
}

/// A run that somebody interrupted: it stays open.
package struct InterruptedRun: Error, Hashable, CustomStringConvertible {
  package let run: RunID

  package var description: String {
    "run \(run) was interrupted, and what was done is kept: 'arborist resume \(run)' goes on with it"
  }
}
