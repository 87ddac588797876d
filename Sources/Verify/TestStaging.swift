package import Base
package import TestResults

/// One execution of all test commands on one tree.
package struct TestExecution: Sendable, Hashable {
  /// The tree that was tested.
  package var tree: ObjectID
  package var standing: TestStanding
  /// What each test command told, in order; its log is in `commands` at the same place.
  package var reports: [TestReport]
  package var commands: [CommandExecution]
  /// Tracked files that the commands themselves changed.
  package var changedTracked: [RepositoryPath]
  /// What a person should know of it, a line each.
  package var notes: [String]
  /// What about the cell the commands may have run into; each is explained by a note.
  package var hindrances: Set<Hindrance> = []
  /// What runs the tests as it stood behind the commands; `nil` where nobody looked.
  package var runners: RunnerSeal?
  /// What the commands themselves changed of it.
  package var runnerChanges: [RunnerChange] = []

  package init(
    tree: ObjectID, standing: TestStanding, reports: [TestReport], commands: [CommandExecution],
    changedTracked: [RepositoryPath] = [], notes: [String] = []
  ) {
    self.tree = tree
    self.standing = standing
    self.reports = reports
    self.commands = commands
    self.changedTracked = changedTracked
    self.notes = notes
  }
}

/// Where the tests of trees are run: a workspace that stands as `setup` left it, whatever ran in it before.
package protocol TestStaging: Sendable {
  /// Runs the test commands on a tree of the repository.
  ///
  /// Each call begins with the workspace as `setup` left it, with the files of the tree in place of those that the
  /// workspace was made from; nothing that an earlier call left is there.
  ///
  /// - Throws: ``StageFailure`` where the tests could not be run at all; tests that fail are a result.
  func run(_ tree: ObjectID) async throws -> TestExecution

  /// The same, where what a program is told of whoever runs it may be otherwise.
  ///
  /// - Throws: ``StageFailure`` where the tests could not be run at all; tests that fail are a result.
  func run(_ tree: ObjectID, in surroundings: TestSurroundings) async throws -> TestExecution

  /// The same, with no more than so much time for each command; `nil` for what every command has.
  ///
  /// - Throws: ``StageFailure`` where the tests could not be run at all; tests that fail are a result.
  func run(_ tree: ObjectID, within limit: Duration?) async throws -> TestExecution
}

extension TestStaging {
  /// The usual run, of a stage that has no other surroundings.
  package func run(_ tree: ObjectID, in surroundings: TestSurroundings) async throws -> TestExecution {
    try await run(tree)
  }

  /// The usual run, of a stage that sets no limits.
  package func run(_ tree: ObjectID, within limit: Duration?) async throws -> TestExecution { try await run(tree) }
}

/// Who runs the tests, as a program is told it by its environment.
package enum TestSurroundings: Sendable, Hashable {
  case usual
  /// Another home, another name of the user, and other words for the same settings.
  case other
}

/// Why tests could not be run at all: one line for a person.
package struct StageFailure: Error, Hashable, CustomStringConvertible {
  package enum Kind: String, Sendable, Hashable, Codable {
    /// A command of `setup` failed.
    case setup
    /// A program that a command names is not there.
    case programMissing
    /// A wall of the cell is missing.
    case wallMissing
    /// The cell, or the machine under it, failed.
    case sandbox
    /// The disk or the memory of the cell was full.
    case full
    /// No time was left.
    case timeSpent
  }

  package let kind: Kind
  package let description: String
  /// The command of `setup` that failed, with what it printed; `nil` where it was something else.
  package let command: CommandExecution?

  package init(_ kind: Kind, _ description: String, command: CommandExecution? = nil) {
    self.kind = kind
    self.description = description
    self.command = command
  }

  /// Whether what the command printed says that a host could not be reached.
  package var isOfNetwork: Bool { command.map { LogSigns(of: $0.log).lines[.network] != nil } ?? false }
}
