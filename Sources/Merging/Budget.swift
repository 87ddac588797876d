/// How much work may still be done for a file; it is counted in steps, so that the same input always gets as far.
struct Budget: Sendable {
  /// The steps that are left.
  private(set) var steps: Int

  init(steps: Int) {
    self.steps = steps
  }

  /// Takes steps for some work.
  ///
  /// - Parameter count: About how many steps the work may take.
  /// - Returns: Whether it may be done; where it may not, nothing is taken.
  mutating func take(_ count: Int) -> Bool {
    guard count <= steps else { return false }
    steps -= count
    return true
  }
}
