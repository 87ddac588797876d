package import Models

/// The tools of one run: what the model is offered, and what happens when it calls.
package protocol ToolCatalog: Sendable {
  /// The tools in the frozen order in which the model sees them.
  var declarations: [ToolDeclaration] { get }

  /// What a call is, without carrying it out: whether its tool exists, whether its arguments can be understood or
  /// repaired, and whether it changes anything.
  func examine(_ call: ToolCall) -> ExaminedCall
}

/// A call that was looked at.
package struct ExaminedCall: Sendable, Hashable {
  package var call: ToolCall
  package var verdict: Verdict

  package enum Verdict: Sendable, Hashable {
    /// It can be carried out; `isRead` says that carrying it out twice does no harm and that it may run beside others.
    case ready(ToolOperation, isRead: Bool)
    /// It cannot; the text tells the model which tool or field is wrong and what is expected.
    case malformed(String)
  }

  package init(call: ToolCall, verdict: Verdict) {
    self.call = call
    self.verdict = verdict
  }
}

/// One step of the plan that a model keeps.
package struct PlanStep: Sendable, Hashable, Codable {
  package enum Status: String, Sendable, Hashable, Codable {
    case pending
    case inProgress = "in_progress"
    case completed
  }

  package var text: String
  package var status: Status
  /// How the model wrote the status, where that is none of them by name, and empty where it gave none; a journal of an
  /// earlier version has none.
  package var writtenStatus: String?

  package init(text: String, status: Status) {
    self.text = text
    self.status = status
  }
}

/// What came of an operation, for the model.
package struct ToolAnswer: Sendable, Hashable {
  package var text: String
  /// Whether the tool failed; a command that ends with a status other than 0 has not.
  package var isError: Bool
  /// The same for two answers that say the same, whatever time each took and however its files are numbered: what a
  /// repeat is told by.
  package var likeness: Fingerprint

  package init(text: String, isError: Bool = false, likeness: Fingerprint? = nil) {
    self.text = text
    self.isError = isError
    self.likeness = likeness ?? Fingerprint(of: Array(text.utf8))
  }
}
