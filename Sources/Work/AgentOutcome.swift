package import Base

/// How the work of a model on a task ended: always exactly one of these, decided by the harness.
package enum AgentEnding: String, Sendable, Hashable, Codable, CaseIterable {
  /// The model says that it is done.
  case completed

  /// It made the same call with the same result again and again.
  case repeating
  /// It made calls that nobody can understand, one answer after the other.
  case malformedCalls = "malformed_calls"
  /// It had a plan and did not come any further on it.
  case noProgress = "no_progress"
  /// It said nothing, again and again.
  case emptyAnswers = "empty_answers"
  /// The model or its vendor refused the task.
  case refused
  /// The conversation could not be made to fit the model's window any more.
  case contextFull = "context_full"
  /// Somebody ended it.
  case cancelled

  /// The steps that were allowed are used up.
  case stepsSpent = "steps_spent"
  /// The money that was allowed is used up.
  case moneySpent = "money_spent"
  /// The time that was allowed is used up.
  case timeSpent = "time_spent"

  /// The model could not be reached, or failed again and again.
  case modelUnavailable = "model_unavailable"
  /// The vendor wants to be paid first.
  case quotaSpent = "quota_spent"
  /// The vendor does not know the key, or the key may not use the model.
  case unauthorized
  /// The vendor does not know the model.
  case unknownModel = "unknown_model"
  /// The model's server does not take what is sent, whatever is tried.
  case requestRejected = "request_rejected"
  /// The cell, or the machine under it, failed.
  case sandboxFailed = "sandbox_failed"
  /// A wall of the cell is missing, and what was to run in it is not trusted.
  case sandboxMissing = "sandbox_missing"
  /// The journal could not be written.
  case journalFailed = "journal_failed"

  /// What kind of ending it is, which decides the exit status.
  package enum Nature: Sendable, Hashable {
    case completed
    /// Something is left for a person.
    case left
    /// What was allowed is used up, or is not allowed.
    case budget
    /// The surroundings failed; it can be tried again.
    case surroundings
  }

  package var nature: Nature {
    switch self {
    case .completed: .completed
    case .repeating, .malformedCalls, .noProgress, .emptyAnswers, .refused, .contextFull, .cancelled: .left
    case .stepsSpent, .moneySpent, .timeSpent, .sandboxMissing: .budget
    case .modelUnavailable, .quotaSpent, .unauthorized, .unknownModel, .requestRejected, .sandboxFailed,
      .journalFailed:
      .surroundings
    }
  }

  /// Whether it says nothing of the model's work, so that the same task may go on another time: somebody interrupted it,
  /// or the surroundings failed.
  package var mayPass: Bool { self == .cancelled || nature == .surroundings }
}

/// A task that no model could work on to its end, because it was interrupted or the surroundings failed.
///
/// Given again, it goes on.
package struct ModelOutOfReach: Error, Hashable, CustomStringConvertible {
  /// The model, as `PROVIDER/NAME`.
  package let model: String
  package let ending: AgentEnding
  /// One line for a person.
  package let reason: String

  package init(model: String, ending: AgentEnding, reason: String) {
    self.model = model
    self.ending = ending
    self.reason = reason
  }

  package var description: String {
    let reason = DisplayText.line(reason.utf8)
    return switch ending {
    case .sandboxFailed: "the cell failed while the model \(model) was at work: \(reason)"
    case .cancelled: "the model \(model) was interrupted"
    default: "the model \(model) could not be asked: \(reason)"
    }
  }
}

/// What came of a model's work on a task.
package struct AgentOutcome: Sendable, Hashable, Codable {
  package var ending: AgentEnding
  /// One line for a person on the ending.
  package var reason: String
  /// What the model said last; empty where it said nothing.
  package var text: String
  /// How many answers the model gave.
  package var steps: Int
  /// What it cost, in billionths of a US dollar; `nil` where the model's price is not known.
  package var cost: Int64?
  /// What differs from the commit that the work began with.
  package var changed: [RepositoryPath]

  package init(
    ending: AgentEnding, reason: String, text: String, steps: Int, cost: Int64?, changed: [RepositoryPath]
  ) {
    self.ending = ending
    self.reason = reason
    self.text = text
    self.steps = steps
    self.cost = cost
    self.changed = changed
  }
}
