internal import ArgumentParser
internal import Review
internal import Work

extension ReviewFormat: ExpressibleByArgument {}

extension ReviewFormat {
  /// Writes a review to standard output.
  ///
  /// - Parameters:
  ///   - outcome: The review.
  ///   - title: What was reviewed; only text says it.
  /// - Throws: ``CommandFailure`` where nobody takes the output.
  func write(_ outcome: ReviewOutcome, title: String) throws {
    if self == .text { try Terminal.result("Review of \(title)\n\n") }
    let terminal = TextTerminal(hasColor: Terminal.wantsColour, width: Terminal.width)
    try Terminal.result(render(outcome, terminal: terminal, version: Arborist.version))
  }
}

extension ReviewOutcome {
  /// Tells by the exit status what is left to a person: findings first, then what was not read.
  ///
  /// - Throws: ``ExitCode``.
  func checkNothingIsLeft() throws {
    if !findings.isEmpty { throw ExitCode(ExitStatus.somethingLeft.rawValue) }
    switch shortfall {
    case .budget: throw ExitCode(ExitStatus.refused.rawValue)
    case .surroundings: throw ExitCode(ExitStatus.surroundings.rawValue)
    case .answers: throw ExitCode(ExitStatus.somethingLeft.rawValue)
    case nil: break
    }
  }
}
