package import Base
package import Egress
package import Git
package import Workspace

/// What a ``TestStage`` is made from.
package struct StageOrder: Sendable {
  /// Where the commit and every tree to be tested is.
  package var repository: RepositoryActor<PrivateRepository>
  /// What is checked out; other trees are tested as differences from it.
  package var commit: ObjectID
  package var commands: TestCommands
  /// An absolute path at which nothing is; the stage makes it, and removes it when it is closed.
  package var directory: String
  /// The hosts that `setup` can reach, and nothing else.
  package var hosts: [HostName]
  /// Where the cells can read the history, so that the workspace has a `.git`; `nil` for none.
  package var history: ObjectDirectories?
  /// The branch that git in the cells is told it is on.
  package var branch: RefName?
  /// How long all test commands of one run may take together; `nil` for no limit but that of each command.
  package var limit: Duration?
  /// How many runs may go on at once, each in a cell of its own.
  package var parallel: Int
  /// The most bytes that are kept of what one command prints: of more the beginning and the end.
  package var outputLimit = 16 << 20
  /// A test command that was refused so many processes is ended: one that waits for its turn tries again once for each
  /// process that ends, and one that does nothing but fork reaches this within a minute or two.
  package var refusalLimit = 10_000

  package init(
    repository: RepositoryActor<PrivateRepository>, commit: ObjectID, commands: TestCommands, directory: String,
    hosts: [HostName] = [], history: ObjectDirectories? = nil, branch: RefName? = nil, limit: Duration? = nil,
    parallel: Int = 1
  ) {
    self.repository = repository
    self.commit = commit
    self.commands = commands
    self.directory = directory
    self.hosts = hosts
    self.history = history
    self.branch = branch
    self.limit = limit
    self.parallel = max(1, parallel)
  }
}
