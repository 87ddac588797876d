/// How far a search for culprits is: told whenever it begins to wait for a test run.
package struct CulpritProgress: Sendable, Hashable {
  /// What is being narrowed down.
  package enum Left: Sendable, Hashable {
    /// How many commits may be the first bad one.
    case commits(Int)
    /// How many changes of the branch the one that is looked for is among.
    case changes(Int)
    /// How many lines of the changes that were found may still turn out not to matter.
    case lines(Int)
  }

  /// Which test run this is, counted from one; what is tested ahead is not counted before it is needed.
  package var run: Int
  /// The most test runs that there may be.
  package var limit: Int
  /// `nil` where nothing is being narrowed down, as when a guess is tried.
  package var left: Left?
  /// How many trees are being tested at this moment.
  package var sideBySide: Int

  package init(run: Int, limit: Int, left: Left?, sideBySide: Int) {
    self.run = run
    self.limit = limit
    self.left = left
    self.sideBySide = sideBySide
  }
}

extension CulpritProgress: CustomStringConvertible {
  package var description: String {
    var text = "test run \(run) of at most \(limit)"
    switch left {
    case .commits(let count) where count > 1: text += ", \(count) commits are left"
    case .changes(let count) where count > 1: text += ", \(count) changes are left"
    case .lines(let count) where count > 1: text += ", \(count) lines are left"
    default: break
    }
    return sideBySide > 1 ? text + " (\(sideBySide) at once)" : text
  }
}
