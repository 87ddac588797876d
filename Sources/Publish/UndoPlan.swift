package import Base
internal import Work

/// What of a run's pushes can be taken back, decided from what is there now.
package enum UndoPlan: Sendable, Hashable {
  /// The branch is where the run left it: a commit on top makes it what it was.
  case revert(branch: RefName, from: ObjectID, to: ObjectID)
  /// A branch of Arborist's own: nobody's branch was moved, and a person can delete it.
  case side(branch: RefName)
  /// Somebody has built on it; one line for a person.
  case builtOn(String)
  /// It is not there any more.
  case gone(String)

  /// The plan for one push.
  ///
  /// - Parameters:
  ///   - branch: The branch that the run moved.
  ///   - from: Where it was; zero where the run made it.
  ///   - to: Where the run left it.
  ///   - tip: Where it is now; `nil` where there is none.
  ///   - holds: Whether what is there now holds what the run left.
  package init(branch: RefName, from: ObjectID, to: ObjectID, tip: ObjectID?, holds: Bool) {
    let name = branch.shortDisplay
    if tip == to {
      self = from.isZero ? .side(branch: branch) : .revert(branch: branch, from: from, to: to)
    } else if tip == nil {
      self = .gone("\(name) is gone already")
    } else if let tip, holds {
      self = .builtOn(
        "\(name) is at \(tip.short) by now, which builds on \(to.short): revert that by hand, or ask whoever built on it"
      )
    } else {
      self = .gone("\(name) does not hold \(to.short) any more")
    }
  }
}
