package import Work

/// Where a commit goes, and why it is there or is nowhere.
package struct DeliveryPlan: Sendable, Hashable {
  /// What is to be written; `nil` for nothing.
  package var push: Effect?
  /// One line for a person; `nil` where there is nothing to say.
  package var note: String?
  /// Whether the commit goes nowhere though nobody wished that: a person has to look.
  package var isLeft = false

  package init(push: Effect? = nil, note: String? = nil) {
    self.push = push
    self.note = note
  }
}
