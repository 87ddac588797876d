internal import ArgumentParser
internal import Base
internal import Pipeline

/// The command `arborist eval fixes`.
struct EvalFixesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixes",
    abstract: "Replay commits of your own history that fixed a failing test, as tasks for the repair.",
    discussion: """
      Tried are commits that change tests and code. One is a task where its tests are red on the code before it and \
      green with it. Measured are the tests themselves; the search for a culprit, with the fault planted back into a \
      branch of the commits that followed; and with --model the repair: solved share, cost, time to green, verdicts. \
      Everything runs in cells; nothing is written to the repository.

      Example: arborist eval fixes --repo ~/src/project --test 'make test' --limit 10
      """)

  @Option(help: "The repository, or a directory in it.")
  var repo = "."

  @Option(help: "The branch whose history is read. Default: what is checked out.")
  var branch: String?

  @Option(help: "A command that fails where a test does; may be given again. Default: 'test' of .arborist.yml.")
  var test: [String] = []

  @Option(help: "How many tasks to replay at most.")
  var limit = 10

  @Option(help: "How many commits that change tests and code to try at most.")
  var scan = 50

  @Option(help: "How many later commits to put around the fault that is planted back.")
  var padding = 5

  @Flag(help: "Run it also where a wall of the cell is missing: what it runs is then trusted as you are.")
  var trusted = false

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  @OptionGroup var models: ModelOptions
  @OptionGroup var limits: LimitOptions

  func run() async throws {
    for (name, value) in [("limit", limit), ("scan", scan)] where !(1...10_000).contains(value) {
      throw CommandFailure(.usage, "--\(name) must be between 1 and 10000")
    }
    guard (0...50).contains(padding) else { throw CommandFailure(.usage, "--padding must be between 0 and 50") }
    var request = HandRequest(repository: repo)
    request.branch = branch
    request.isDryRun = true
    request.test = test
    // What is configured for 'fix' is for pushes; measuring with a model is asked for.
    request.models = model.isEmpty ? nil : model
    try limits.apply(to: &request)
    let session = try await AgentSessions.open(isTrusted: trusted)
    let evaluation = FixEvaluation(session, request, limit: limit, scan: scan, padding: padding)
    let report = try await AgentSessions.untilCancelled { try await evaluation.run() }
    switch format {
    case .json: try Terminal.result(JSONDocument.encode(report, schema: "arborist.eval-fixes/1"))
    case .text: try Terminal.result(report.text)
    }
  }

  private var model: [String] { models.model }
}
