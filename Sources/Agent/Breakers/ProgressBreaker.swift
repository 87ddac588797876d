/// Ends a run that has a plan and does not come any further on it.
///
/// Progress is a step that changes its status, a new step, or a state of the files that was not there before.
package struct ProgressBreaker: Sendable, Hashable {
  /// After so many answers without progress the model is told.
  package static let nudgeAfter = 20
  /// After so many the run ends.
  package static let endAfter = 40

  /// Answers since the last progress.
  package private(set) var idle = 0
  private var plan: [String] = []
  private var isOpen = false
  private var seen: Set<String> = []

  package init() {}

  /// Notes the model's plan; each step as text with its status, and whether any is not completed.
  package mutating func note(plan steps: [String], isOpen: Bool) {
    if steps != plan { idle = 0 }
    plan = steps
    self.isOpen = isOpen
  }

  /// Notes an answer and the state of the files behind it.
  package mutating func noteAnswer(files: String) {
    idle = seen.insert(files).inserted ? 0 : idle + 1
  }

  package enum Verdict: Sendable, Hashable {
    case go
    case nudge
    case end
  }

  /// What is to be done now.
  package var verdict: Verdict {
    guard isOpen else { return .go }
    if idle >= Self.endAfter { return .end }
    return idle > 0 && idle.isMultiple(of: Self.nudgeAfter) ? .nudge : .go
  }
}
