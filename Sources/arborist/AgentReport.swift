internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Foundation
internal import Models
internal import Pipeline
internal import Work

/// What came of a task, for a person or a program, and as an exit status.
struct AgentReport {
  private let result: AgentResult

  init(_ result: AgentResult) {
    self.result = result
  }

  /// Writes the patch where one is wanted, and the result; that one of them cannot be written keeps nothing of the
  /// other back.
  ///
  /// - Throws: ``CommandFailure`` or ``ExitCode`` with what the ending calls for.
  func write(_ format: OutputFormat, patch: PatchFile?) throws {
    var failures: [CommandFailure] = []
    var place = result.patchFile
    do {
      try patch?.write(result.patch)
      if let patch, !result.patch.isEmpty { place = patch.path }
    } catch {
      let kept = result.patchFile.map { "; it is kept at '\(DisplayText.escaping($0.utf8))'" } ?? ""
      failures.append(CommandFailure(.surroundings, "the patch cannot be written: \(error)\(kept)"))
    }
    do {
      switch format {
      case .json:
        try Terminal.result(JSONDocument.encode(AgentDocument(result, patch: place), schema: "arborist.agent/1"))
      case .text: try Terminal.result(text(patch: place))
      }
    } catch {
      failures.append(Failure.of(error))
    }
    let status = ExitStatus(of: result.outcome.ending)
    // Standard error is complete by itself: who reads that alone has to learn what happened.
    if status != .done {
      Terminal.note(
        "run \(result.run) \(result.isOver ? "ended" : "was left") as \(result.outcome.ending.rawValue): "
          + "\(DisplayText.line(result.outcome.reason.utf8)); "
          + result.outcome.ending.advice(for: result.run, isOver: result.isOver))
    }
    if let last = failures.popLast() {
      for failure in failures { Terminal.note(failure.description) }
      throw last
    }
    if status != .done { throw ExitCode(status.rawValue) }
  }

  /// The result for a person; `patch` is where the patch is, if there is one.
  private func text(patch: String?) -> String {
    let outcome = result.outcome
    var lines: [String] = []
    if !outcome.text.isEmpty {
      // What a model says is a stranger's: nothing in it may move a terminal.
      lines += outcome.text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.line($0.utf8) }
      lines.append("")
    }
    lines.append("\(outcome.ending.rawValue): \(DisplayText.line(outcome.reason.utf8))")
    lines.append("run \(result.run): \(outcome.steps.counted("answer")), \(spent)")
    if outcome.changed.isEmpty {
      lines.append("No file differs.")
    } else {
      let names = outcome.changed.prefix(20).map(\.display).joined(separator: ", ")
      let more = outcome.changed.count > 20 ? " and \(outcome.changed.count - 20) more" : ""
      let verb = outcome.changed.count == 1 ? "differs" : "differ"
      lines.append("\(outcome.changed.count.counted("file")) \(verb): \(names)\(more)")
      if let patch { lines.append("The patch is at \(DisplayText.escaping(patch.utf8))") }
    }
    if !result.notInPatch.isEmpty {
      let names = result.notInPatch.prefix(20).map(\.display).joined(separator: ", ")
      lines.append(
        "\(result.notInPatch.count) of them are NOT in the patch (too large, unreadable, or a name that git refuses): "
          + names)
    }
    if result.ignored > 0 {
      let verb = result.ignored == 1 ? "is" : "are"
      lines.append("\(result.ignored.counted("new file")) \(verb) left out, covered by ignore rules.")
    }
    if !result.isOver { lines.append("Go on with 'arborist resume \(result.run)'.") }
    return lines.joined(separator: "\n") + "\n"
  }

  private var spent: String {
    let usage = result.usage
    let input = usage.input + usage.cacheRead + usage.cacheWrite
    let money = result.outcome.cost.map { Dollars(nano: $0).description } ?? "cost not known (no price for this model)"
    return "\(money), \(input) tokens in (\(usage.cacheRead) from the cache), \(usage.output) out"
      + (result.isEstimated ? " (in part estimated: the vendor did not count every request)" : "")
  }
}

extension ExitStatus {
  /// The status that an ending calls for.
  init(of ending: AgentEnding) {
    self =
      switch ending.nature {
      case .completed: .done
      case .left: .somethingLeft
      case .budget: .refused
      case .surroundings: .surroundings
      }
  }
}

extension AgentEnding {
  /// What a person can do about it, for the end of a line.
  fileprivate func advice(for run: RunID, isOver: Bool) -> String {
    if isOver || self == .journalFailed { return advice(for: run) }
    return "the run is as it was: see to the address, the key and the network, and go on with 'arborist resume \(run)'"
  }

  private func advice(for run: RunID) -> String {
    switch self {
    case .completed: "there is nothing to do"
    case .repeating, .malformedCalls, .noProgress, .emptyAnswers:
      "see 'arborist log \(run)', and try another task, --profile or --model"
    case .refused: "word the task differently, or try another --model"
    case .contextFull: "make the task smaller, or try a --model with a larger window"
    case .cancelled: "what was done until then is kept; start it again for the rest"
    case .stepsSpent: "allow more with --steps"
    case .moneySpent: "allow more with --usd"
    case .timeSpent: "allow more with --minutes"
    case .modelUnavailable: "try again later, or with another --model"
    case .quotaSpent: "look at the account with the vendor, or try another --model"
    case .unauthorized: "check the key of the model's provider in the environment"
    case .unknownModel: "check the name after --model"
    case .requestRejected: "see 'arborist log \(run)', and try another --profile or --model"
    case .sandboxFailed, .sandboxMissing: "see what 'arborist doctor' says"
    case .journalFailed: "when the journal can be written again, go on with 'arborist resume \(run)'"
    }
  }
}

/// What came of a task as programs read it: the document `arborist.agent/1`.
struct AgentDocument: Encodable {
  private let run: RunID
  private let outcome: String
  private let reason: String
  private let text: String
  private let steps: Int
  /// In US dollars; left out where the model's price is not known.
  private let cost: Double?
  private let usage: Usage
  /// Whether the vendor did not count every request: the usage leaves those out, and the cost has estimates for them.
  private let estimated: Bool
  private let changed: [RepositoryPath]
  private let patch: String?
  /// What differs and is not in the patch.
  private let notInPatch: [RepositoryPath]
  /// How many new files are in none of these, because the ignore rules cover them.
  private let ignored: Int
  /// Whether the run is not over and can be taken up again.
  private let resumable: Bool

  private struct Usage: Encodable {
    var input: Int
    var cacheRead: Int
    var cacheWrite: Int
    var output: Int
  }

  /// The document; `patch` is where the patch is, if there is one.
  init(_ result: AgentResult, patch: String?) {
    self.patch = patch
    run = result.run
    outcome = result.outcome.ending.rawValue
    reason = result.outcome.reason
    text = result.outcome.text
    steps = result.outcome.steps
    cost = result.outcome.cost.map { Double($0) / 1_000_000_000 }
    usage = Usage(
      input: result.usage.input, cacheRead: result.usage.cacheRead, cacheWrite: result.usage.cacheWrite,
      output: result.usage.output)
    estimated = result.isEstimated
    changed = result.outcome.changed
    notInPatch = result.notInPatch
    ignored = result.ignored
    resumable = !result.isOver
  }
}

/// What a model would be told, for a person.
struct ExplanationText {
  let text: String

  init(_ explanation: AgentExplanation) {
    var lines = [
      "\(explanation.model), tool profile \(explanation.profile): about \(explanation.tokens) tokens before the first "
        + "answer", "",
    ]
    let widest = explanation.pieces.map(\.name.count).max() ?? 0
    for piece in explanation.pieces {
      let name = piece.name + String(repeating: " ", count: widest - piece.name.count)
      let tokens = piece.isIn ? "\(piece.tokens)" : "-"
      let padding = String(repeating: " ", count: max(0, 6 - tokens.count))
      lines.append(
        "\(piece.isIn ? "+" : " ") \(name) \(padding)\(tokens)  \(piece.place.padding(toLength: 8, withPad: " ", startingAt: 0)) \(piece.why)"
      )
    }
    for piece in explanation.pieces where piece.isIn {
      lines += ["", "== \(piece.name) (\(piece.place))", ""]
      lines += piece.text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.line($0.utf8) }
    }
    text = lines.joined(separator: "\n") + "\n"
  }
}

/// What a model would be told as programs read it: the document `arborist.explain/1`.
struct ExplanationDocument: Encodable {
  private let model: String
  private let profile: String
  private let tokens: Int
  private let fragments: [Fragment]

  private struct Fragment: Encodable {
    var name: String
    var place: String
    var included: Bool
    var reason: String
    var tokens: Int
    var text: String
  }

  init(_ explanation: AgentExplanation) {
    model = explanation.model.description
    profile = explanation.profile
    tokens = explanation.tokens
    fragments = explanation.pieces.map {
      Fragment(name: $0.name, place: $0.place, included: $0.isIn, reason: $0.why, tokens: $0.tokens, text: $0.text)
    }
  }
}
