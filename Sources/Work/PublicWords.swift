/// An error of which whoever reads a pull request may be told.
///
/// Its description is for whoever runs the server, and may name files, variables and options there.
package protocol PubliclyTold: Error {
  /// One line that a reader of the pull request can understand and act on, and that names nothing of the server.
  var publicWords: String { get }
}

/// What is told in public of what went wrong.
package enum PublicWords {
  /// What is told of an error that has no words of its own: where to look it up.
  package static let unknown = "something failed on the server that runs Arborist, whose log says what"

  /// The words for an error.
  package static func of(_ error: any Error) -> String { (error as? any PubliclyTold)?.publicWords ?? unknown }
}

extension AgentEnding {
  /// What is told in public in place of the reason, where that may speak of the server; `nil` where it speaks of the
  /// model's work and of what was allowed.
  package var publicWords: String? {
    switch self {
    case .modelUnavailable: "the model could not be reached"
    case .quotaSpent: "the vendor of the model wants to be paid first"
    case .unauthorized: "the vendor of the model does not accept the key that is set up on the server"
    case .unknownModel: "the vendor does not know the model"
    case .requestRejected: "the model does not take what it is sent"
    case .sandboxFailed: "the cell in which commands run failed on the server"
    case .sandboxMissing: "the server cannot confine commands as it has to"
    case .journalFailed: "the server could not write down what was done"
    case .completed, .repeating, .malformedCalls, .noProgress, .emptyAnswers, .refused, .contextFull, .cancelled,
      .stepsSpent, .moneySpent, .timeSpent:
      nil
    }
  }
}
