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
  /// The merge that is to be repaired, where the head is one whose tests fail and pass on both of its parents.
  package var merge: BrokenParents?

  /// What is told of a merge that is to be repaired.
  package struct BrokenParents: Sendable {
    /// The branch's commit and the base's.
    package var branchTip: ObjectID
    package var baseTip: ObjectID
    /// The tree of where the two parted; `nil` where there is no such one.
    package var parted: ObjectID?
    /// What one side renamed and the other began to use by its old name, a line each.
    package var renames: [String]
    /// What the model said that answered the conflicts, line by line.
    package var said: [String]

    package init(
      branchTip: ObjectID, baseTip: ObjectID, parted: ObjectID?, renames: [String] = [], said: [String] = []
    ) {
      self.branchTip = branchTip
      self.baseTip = baseTip
      self.parted = parted
      self.renames = renames
      self.said = said
    }
  }

  package init(
    branch: RefName, head: ObjectID, mergeBase: ObjectID, base: String, commands: TestCommands, tests: [Glob] = [],
    policy: FixPolicy = FixPolicy(), models: [String] = [], seconds: Int, identity: BotIdentity
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
  /// Whether a person waits for it, who can be told of options.
  package var isByHand = false
  /// Why none of the models that are configured can be asked; `nil` where none is, or one can.
  package var unasked: String?

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
