internal import ArgumentParser

/// The command `arborist eval`.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure the bot on real history.",
    discussion: """
      Example: arborist eval merges --repo ~/src/project
      """,
    subcommands: [EvalMergesCommand.self, EvalFixesCommand.self])
}
