internal import ArgumentParser
internal import Pipeline

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
  var format: OutputFormat = .text

  @OptionGroup var models: ModelOptions
  @OptionGroup var limits: LimitOptions

  func run() async throws {
    try ShellCommands.check(test, of: "--test")
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
    try await HandReport.write(format, remote: push) { try await HandRuns(session).fix(asked) }
  }
}
