internal import ArgumentParser
internal import Base
internal import Fix
internal import Pipeline
internal import Review
internal import Work

/// What a run by hand came to, for a person or a program, and as an exit status.
struct HandReport {
  private let result: HandResult
  private let remote: String?

  init(_ result: HandResult, remote: String?) {
    self.result = result
    self.remote = remote
  }

  /// Does the work until it is over or interrupted, and writes what came of it.
  ///
  /// - Parameters:
  ///   - format: How it is written.
  ///   - remote: The remote that is pushed to; `nil` for none.
  ///   - work: The run.
  /// - Throws: What the work throws, ``CommandFailure`` where the run is not over, ``ExitCode`` with what the outcome
  ///   calls for.
  static func write(
    _ format: OutputFormat, remote: String?, _ work: @escaping @Sendable () async throws -> HandResult
  ) async throws {
    do {
      try HandReport(try await AgentSessions.untilCancelled(work), remote: remote).write(format)
    } catch let waits as RunWaits {
      do {
        if let found = waits.found { try HandReport(found, remote: remote).write(format) }
      } catch is ExitCode {
        // What the run waits for decides.
      }
      throw CommandFailure(.surroundings, waits.description)
    }
  }

  /// - Throws: ``CommandFailure`` where the output cannot be written, ``ExitCode`` with what the outcome calls for.
  func write(_ format: OutputFormat) throws {
    for warning in result.warnings { Terminal.note(warning) }
    switch result.outcome {
    case .fix(let fix): try write(fix, format)
    case .undo(let undo): try write(undo, format)
    case .superseded(let reason): throw CommandFailure(.surroundings, "run \(result.run): \(reason)")
    case .failed(let reason): throw CommandFailure(.refused, "run \(result.run): \(reason)")
    case .resolve(let resolve):
      try ResolveOutput(
        outcome: resolve, branch: result.branch, base: result.base, pushed: result.pushed, remote: remote,
        notes: result.notes + result.left, refusal: result.refusal, run: result.run, patch: result.patch,
        isDryRun: result.isDryRun
      ).write(format)
      try result.checkDelivery()
    case .review: try write(format == .json ? ReviewFormat.json : .text, title: "run \(result.run)")
    case .agent, .attended, .answered: break
    }
  }

  /// Writes what a review found.
  ///
  /// - Parameters:
  ///   - format: How it is written.
  ///   - title: What was reviewed; only text says it.
  /// - Throws: As ``write(_:)``.
  func write(_ format: ReviewFormat, title: String) throws {
    switch result.outcome {
    case .review(let review):
      try format.write(review, title: title)
      try review.checkNothingIsLeft()
    case .failed(let reason): throw CommandFailure(.refused, "run \(result.run): \(reason)")
    default: throw CommandFailure(.surroundings, "run \(result.run) came to nothing")
    }
  }

  private func write(_ fix: FixOutcome, _ format: OutputFormat) throws {
    switch format {
    case .json:
      try Terminal.result(
        JSONDocument.encode(
          FixDocument(
            fix, run: result.run, branch: result.branch, base: result.base, pushed: result.pushed,
            delivery: result.notes + result.left + result.told, patch: result.patch),
          schema: "arborist.fix/1"))
    case .text:
      let report = FixReport(
        fix, branch: result.branch, base: result.base, pushed: result.pushed, remote: remote,
        hasMoved: result.pushed != nil && !result.left.isEmpty, isColoured: Terminal.wantsColour)
      var text = report.text
      for note in result.notes + result.left + result.told { text += "\(note)\n" }
      if let patch = result.patch { text += "As a patch it is in \(DisplayText.escaping(patch.utf8))\n" }
      if let logs = result.logs {
        text += "\(report.logs(in: logs))\n"
      }
      text += "run \(result.run)\n"
      try Terminal.result(text)
    }
    if result.refusal != nil { return try result.checkDelivery() }
    switch fix.verdict {
    // What is repaired and lies nowhere is left to a person.
    case .fixed where result.pushed == nil && !result.isDryRun: throw ExitCode(ExitStatus.somethingLeft.rawValue)
    // A repair that is on a branch is one, on whichever.
    case .fixed, .nothingToFix: return
    case .infrastructure: throw ExitCode(ExitStatus.surroundings.rawValue)
    default: throw ExitCode(ExitStatus.somethingLeft.rawValue)
    }
  }

  private func write(_ undo: UndoOutcome, _ format: OutputFormat) throws {
    switch format {
    case .json:
      try Terminal.result(
        JSONDocument.encode(UndoDocument(undo, by: result.run, pushed: result.pushed), schema: "arborist.undo/1"))
    case .text:
      let own = result.run == undo.run ? [] : ["run \(result.run)"]
      try Terminal.result(([undo.reason] + undo.left + own).joined(separator: "\n") + "\n")
    }
    if !undo.left.isEmpty { throw ExitCode(ExitStatus.somethingLeft.rawValue) }
  }
}

extension HandResult {
  /// Why it was not delivered, as a line of the report.
  fileprivate var told: [String] { refusal.map { ["It was not delivered: \($0)"] } ?? [] }

  /// Tells that what was made is not where it was to go.
  ///
  /// - Throws: ``CommandFailure`` where that was refused, ``ExitCode`` where a person has to look.
  fileprivate func checkDelivery() throws {
    if let refusal { throw CommandFailure(.refused, "run \(run): \(refusal)") }
    if !left.isEmpty { throw ExitCode(ExitStatus.somethingLeft.rawValue) }
  }
}

/// What came of taking a run back, as programs read it: the document `arborist.undo/1`.
private struct UndoDocument: Encodable {
  private let run: RunID
  /// The run that took it back; `nil` where nothing was written.
  private let undo: RunID?
  private let commit: ObjectID?
  private let pushed: String?
  private let reason: String
  private let left: [String]

  init(_ outcome: UndoOutcome, by own: RunID, pushed: RefName?) {
    run = outcome.run
    undo = own == outcome.run ? nil : own
    commit = outcome.commit
    self.pushed = pushed.map { QuotedPath.encode($0.bytes) }
    reason = outcome.reason
    left = outcome.left
  }
}
