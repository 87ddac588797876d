internal import ArgumentParser
internal import Base
internal import Fix
internal import Models
internal import Pipeline
internal import Work

/// The command `arborist fix`.
struct FixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fix",
    abstract: "Give a feature branch whose tests fail back green, or say why not.",
    discussion: """
      The tests are run in a closed cell, at the branch's head and at its base. What fails each time is told, with the \
      smallest part of the branch that causes it. A model may then repair it; whether it did is decided by running the \
      tests again on a fresh copy, without what the model did to tests. A repair goes to the branch ('push: head') or \
      beside it; what a person has to decide goes beside it, to arborist/fix/BRANCH-HEAD8. Nothing that is checked out \
      is touched. A run that was interrupted goes on with 'arborist resume RUN'.

      Example: arborist fix --branch feature --test 'make test' --model anthropic/claude-sonnet-4-5 --push origin
      """)

  @Option(help: "The repository, or a directory in it.")
  var repo = "."

  @Option(help: "What the branch is held against. Default: the configured base, or the remote's default branch.")
  var base: String?

  @Option(help: "The branch to repair. Default: what is checked out.")
  var branch: String?

  @Option(help: "A command that fails where a test does; may be given again. Default: 'test' of .arborist.yml.")
  var test: [String] = []

  @Option(help: "The remote that the repair is pushed to. Default: none, it stays in the repository.")
  var push: String?

  @Flag(help: "Do everything and write nothing to any branch.")
  var dryRun = false

  @Flag(help: "Repair what fails at the base too; otherwise that is named and left.")
  var alsoBase = false

  @Flag(help: "Run it also where a wall of the cell is missing: what it runs is then trusted as you are.")
  var trusted = false

  @Option(help: "How the result is written: text or json.")
  var format: ResolveCommand.Format = .text

  @OptionGroup var models: ModelOptions
  @OptionGroup var limits: LimitOptions

  func run() async throws {
    var request = HandRequest(repository: repo)
    request.base = base
    request.branch = branch
    request.remote = push
    request.isDryRun = dryRun
    request.test = test
    request.includesBase = alsoBase ? true : nil
    request.models = try models.names()
    try limits.apply(to: &request)
    let asked = request
    let session = try await AgentSessions.open(isTrusted: trusted)
    let result = try await AgentSessions.untilCancelled { try await HandRuns(session).fix(asked) }
    try HandReport(result, remote: push).write(format)
  }
}

/// What a run by hand came to, for a person or a program, and as an exit status.
struct HandReport {
  private let result: HandResult
  private let remote: String?

  init(_ result: HandResult, remote: String?) {
    self.result = result
    self.remote = remote
  }

  /// - Throws: ``CommandFailure`` where the output cannot be written, ``ExitCode`` with what the outcome calls for.
  func write(_ format: ResolveCommand.Format) throws {
    for warning in result.warnings { Terminal.note(warning) }
    switch result.outcome {
    case .fix(let fix): try write(fix, format)
    case .undo(let undo): try write(undo, format)
    case .superseded(let reason): throw CommandFailure(.surroundings, "run \(result.run): \(reason)")
    case .failed(let reason): throw CommandFailure(.refused, "run \(result.run): \(reason)")
    case .resolve(let resolve):
      try ResolveOutput(
        outcome: resolve, branch: result.branch, base: result.base, pushed: result.pushed, remote: remote,
        notes: result.notes + result.left + result.told + ["run \(result.run)"], run: result.run, patch: result.patch
      ).write(format)
      try result.checkDelivery()
    case .review, .agent: break
    }
  }

  private func write(_ fix: FixOutcome, _ format: ResolveCommand.Format) throws {
    switch format {
    case .json:
      try Terminal.result(
        JSONDocument.encode(
          FixDocument(
            fix, run: result.run, branch: result.branch, base: result.base, pushed: result.pushed,
            delivery: result.notes + result.left + result.told, patch: result.patch),
          schema: "arborist.fix/1"))
    case .text:
      var text = FixReport(
        fix, branch: result.branch, base: result.base, pushed: result.pushed, isColoured: Terminal.wantsColour
      ).text
      for note in result.notes + result.left + result.told { text += "\(note)\n" }
      if let patch = result.patch { text += "As a patch it is in \(DisplayText.escaping(patch.utf8))\n" }
      if let logs = result.logs { text += "The logs of all commands are in \(DisplayText.escaping(logs.utf8))\n" }
      text += "run \(result.run)\n"
      try Terminal.result(text)
    }
    if result.refusal != nil { return try result.checkDelivery() }
    switch fix.verdict {
    case .fixed, .nothingToFix: return try result.checkDelivery()
    case .infrastructure: throw ExitCode(ExitStatus.surroundings.rawValue)
    default: throw ExitCode(ExitStatus.somethingLeft.rawValue)
    }
  }

  private func write(_ undo: UndoOutcome, _ format: ResolveCommand.Format) throws {
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
