import Base
package import Work

/// A command that a repository names; it runs in the sandbox or not at all.
package struct RepositoryCommand: Sendable, Hashable {
  /// The configuration's key that names it, such as `review.sarif`.
  package var key: String
  package var command: String

  package init(key: String, command: String) {
    self.key = key
    self.command = command
  }
}

extension RepositoryConfiguration {
  /// The commands that a job of this kind would run, in their order.
  ///
  /// `setup` prepares for another command; where none follows, it does not run either.
  package func commands(for kind: JobKind) -> [RepositoryCommand] {
    let own: [RepositoryCommand] =
      switch kind {
      case .review: review.sarif.map { RepositoryCommand(key: "review.sarif", command: $0) }
      case .agent, .undo: []
      case .resolve, .fix: test.map { RepositoryCommand(key: "test", command: $0) }
      }
    return own.isEmpty ? [] : setup.map { RepositoryCommand(key: "setup", command: $0) } + own
  }

  /// Why a job of this kind is refused as long as there is no sandbox; `nil` where it runs no command.
  package func refusalWithoutSandbox(for kind: JobKind) -> SandboxMissing? {
    let commands = commands(for: kind)
    return commands.isEmpty ? nil : SandboxMissing(commands: commands)
  }
}

/// Commands of a repository that would have to run, and no sandbox to run them in: exit status 3.
package struct SandboxMissing: Error, Hashable, CustomStringConvertible {
  /// The commands, in their order.
  package let commands: [RepositoryCommand]

  package init(commands: [RepositoryCommand]) {
    self.commands = commands
  }

  /// One line that names the first command of each key.
  package var description: String {
    var named: [String] = []
    var keys: Set<String> = []
    for command in commands where keys.insert(command.key).inserted {
      let line = command.command.prefix { $0 != "\n" }
      let shown = DisplayText.line(line.utf8)
      named.append("\(command.key) '\(shown.count > 60 ? shown.prefix(57) + "..." : shown)'")
    }
    return "needs the sandbox, which this version does not have: \(named.joined(separator: ", ")); remove "
      + "\(named.count == 1 ? "it" : "them") from \(RepositoryConfiguration.fileName) or wait for a version that has one"
  }
}
