package import Base
package import Verify
package import Work

/// What a repair is asked for.
package struct FixOrder: Sendable {
  package var branch: RefName
  /// The branch's last commit, and what its difference is made against.
  package var head: ObjectID
  package var mergeBase: ObjectID
  /// The base by the name that people know it under.
  package var base: String
  package var commands: TestCommands
  /// What counts as tests, beyond the usual places.
  package var tests: [Glob]
  package var policy: FixPolicy
  /// The models that may be asked, as `PROVIDER/NAME`; none for what can be decided without one.
  package var models: [String]
  /// How long everything may take, in seconds.
  package var seconds: Int
  package var identity: BotIdentity
  /// When the commits are said to have been made; the same time gives the same commits.
  package var time: Timestamp

  package init(
    branch: RefName, head: ObjectID, mergeBase: ObjectID, base: String, commands: TestCommands, tests: [Glob] = [],
    policy: FixPolicy = FixPolicy(), models: [String] = [], seconds: Int, identity: BotIdentity, time: Timestamp
  ) {
    self.branch = branch
    self.head = head
    self.mergeBase = mergeBase
    self.base = base
    self.commands = commands
    self.tests = tests
    self.policy = policy
    self.models = models
    self.seconds = seconds
    self.identity = identity
    self.time = time
  }
}

/// How a repository wants its tests to be repaired.
package struct FixPolicy: Sendable, Hashable {
  /// How often models may try.
  package var attempts: Int
  /// How many of the attempts, and how many test runs of the search for the culprit, may go on side by side.
  package var parallel: Int
  /// Whether what fails at the base too is to be repaired.
  package var includesBase: Bool
  /// How many trees the search for the culprit may test.
  package var culpritRuns: Int
  /// The names of what is to be repaired, whatever else is red; `nil` for everything.
  package var only: Set<String>?
  /// Whether the culprit taken back is offered where nothing better is.
  package var offersRevert: Bool
  /// Whether somebody said that no model is to be asked.
  package var refusesModels: Bool

  package init(
    attempts: Int = 2, parallel: Int = 1, includesBase: Bool = false, culpritRuns: Int = 60, only: Set<String>? = nil,
    offersRevert: Bool = true, refusesModels: Bool = false
  ) {
    self.attempts = attempts
    self.parallel = parallel
    self.includesBase = includesBase
    self.culpritRuns = culpritRuns
    self.only = only
    self.offersRevert = offersRevert
    self.refusesModels = refusesModels
  }
}
