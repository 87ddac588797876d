internal import ArgumentParser

/// The command line.
struct Arborist: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "arborist",
    abstract: "A review bot that lives next to git.",
    discussion: """
      It reviews a change with its built-in checks, merges a base into a branch with every conflict settled that can be \
      settled safely, and answers pushes to a bare repository with both.

      Exit status: 0 nothing is left for a person; 1 something is; 2 the words or the configuration are wrong; \
      3 refused by policy; 4 the surroundings failed. 'merge-file' has those of 'git merge-file'.

      Example: arborist review --repo ~/src/project --base main
      """,
    version: version,
    subcommands: [
      ReviewCommand.self, ResolveCommand.self, FixCommand.self, MergeFileCommand.self, InitCommand.self,
      HookCommand.self, ServeCommand.self,
      WorkerCommand.self, AgentCommand.self, ResumeCommand.self, UndoCommand.self, DoctorCommand.self,
      LearnCommand.self,
      RunsCommand.self, LogCommand.self, EvalCommand.self, ChecksCommand.self, BrokerCommand.self,
      BrokerGitCommand.self,
    ])
}
