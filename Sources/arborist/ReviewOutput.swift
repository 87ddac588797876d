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
