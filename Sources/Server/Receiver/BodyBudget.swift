internal import Base

/// How many bytes of request bodies are in memory, and whether more may be.
///
/// Small bodies and large ones have a share each: somebody who sends many large ones keeps no ordinary delivery out.
final class BodyBudget: Sendable {
  private struct Taken {
    var small = 0
    var large = 0
  }

  private let taken = Lock(Taken())
  private let limits: ServerLimits

  init(limits: ServerLimits) {
    self.limits = limits
  }

  /// Lets a body grow; `false` where too much is in memory already, and then nothing has changed.
  func grow(from old: Int, to new: Int) -> Bool {
    taken.withLock { taken in
      var next = taken
      move(from: old, to: new, in: &next)
      guard next.small <= limits.smallBodies || next.small <= taken.small,
        next.large <= limits.largeBodies || next.large <= taken.large
      else { return false }
      taken = next
      return true
    }
  }

  /// A body of this size is gone.
  func release(_ size: Int) {
    taken.withLock { move(from: size, to: 0, in: &$0) }
  }

  private func move(from old: Int, to new: Int, in taken: inout Taken) {
    if old <= limits.smallBody { taken.small -= old } else { taken.large -= old }
    if new <= limits.smallBody { taken.small += new } else { taken.large += new }
  }

  /// The bytes that are in memory.
  var bytes: Int { taken.withLock { $0.small + $0.large } }
}
