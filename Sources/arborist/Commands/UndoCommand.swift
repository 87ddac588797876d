internal import ArgumentParser
internal import Pipeline

/// The command `arborist undo`.
struct UndoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Take back what a run did to a branch, by a commit on top of it.",
    discussion: """
      The branch becomes what it was before the run. Nothing is forced: where somebody has built on what the run did, it \
      is refused. A branch beside yours that the run made is named, with the command that deletes it.

      Example: arborist undo 3f2a
      """)

  @Argument(help: "The run, or the beginning of its name.")
  var run: String

  @Option(help: "The repository that the run worked on, or a directory in it.")
  var repo = "."

  @Option(help: "The state directory of a bare repository. Default: that of --repo.")
  var state: String?

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    let (journal, summary) = try await JournalPlace.open(holding: run, repository: repo, state: state)
    let session = try await AgentSessions.open(isTrusted: false)
    try await HandReport.write(format, remote: nil) { try await HandRuns(session).undo(summary, recorded: journal) }
  }
}
