/// What the harness says of a patch that is to repair failing tests.
package struct Verdict: Sendable, Hashable, Codable {
  /// How it came out.
  package enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
    /// What was red is green three times in three, with nothing sealed touched, and nothing else is worse.
    case fixed
    /// It is green, and something sealed was changed: a person decides.
    case fixedWithTestChange = "fixed_with_test_change"
    /// Something that was red still is, or it cannot be told.
    case notFixed = "not_fixed"
    /// Something that was green no longer is.
    case regressed
    /// It is green one time and red another.
    case flaky
    /// The patch acts on the tests, their runner or its words, not on what they test.
    case tampered
    /// The tests could not be run.
    case infrastructure
  }

  package var outcome: Outcome
  /// Why, a line each, what matters most first; never empty.
  package var reasons: [String]
  /// What a person should look at before the patch is merged, a line each.
  package var flags: [String]
  /// Whether the patch without its edits to what is sealed would by itself be `fixed`.
  package var unsealedPartFixes: Bool

  package init(outcome: Outcome, reasons: [String], flags: [String] = [], unsealedPartFixes: Bool = false) {
    self.outcome = outcome
    self.reasons = reasons
    self.flags = flags
    self.unsealedPartFixes = unsealedPartFixes
  }
}
