package import Base
package import Work

/// What a repository asks for in `.arborist.yml`, with every value checked.
package struct RepositoryConfiguration: Sendable, Hashable {
  /// The branch that changes are merged into; `nil` where the file names none.
  package var base: RefName?
  /// Commands; they run in the sandbox or not at all.
  package var test: [String] = []
  package var setup: [String] = []
  /// What counts as tests, beyond the usual places.
  package var tests: [Glob] = []
  /// Which jobs an event starts: kinds, or skills' names.
  ///
  /// Where the file has the key, an event that it does not name starts nothing.
  package var on: [Trigger: [String]] = [
    .push: ["review", "resolve"], .opened: ["review", "resolve"], .updated: ["review", "resolve"],
  ]
  /// Where a commit goes that a test has confirmed.
  package var push: PushTarget = .head
  /// Where a merge goes that no test has confirmed.
  package var unverified: UnverifiedTarget = .side
  /// Branches beyond the base and the default branch that only people may move.
  package var protect: [BranchPattern] = []
  package var review = ReviewConfiguration()
  /// How failing tests are repaired.
  package var fix = FixConfiguration()
  /// Registry hosts that are open to `setup`.
  package var network: [String] = []
  package var budget = Budget()
  /// For each job the models it may use, by `PROVIDER/NAME`.
  package var models: [String: [String]] = [:]

  package init() {}

  /// The events that a repository can bind jobs to.
  package enum Trigger: String, Sendable, Hashable, CaseIterable {
    case push
    case opened
    case updated
    case failed
  }

  /// Where a confirmed commit goes.
  package enum PushTarget: String, Sendable, Hashable, CaseIterable {
    /// The pull request's own branch.
    case head
    /// A branch beside it: `arborist/KIND/BRANCH-HEAD8`.
    case side
  }

  /// Where a merge goes that no test has confirmed.
  package enum UnverifiedTarget: String, Sendable, Hashable, CaseIterable {
    case side
    case head
    /// Nowhere: it is reported.
    case report
  }

  /// What one run may cost.
  package struct Budget: Sendable, Hashable {
    package var usd: Double = 2
    package var minutes: Double = 30
    package var steps: Int = 150

    package init() {}

    /// The time in whole seconds, 1 at least; a part of one counts as one.
    package var seconds: Int { max(1, Int((minutes * 60).rounded(.up))) }
    /// The money in billionths of a US dollar, 1 at least.
    package var nanodollars: Int64 { max(1, Int64(usd * 1_000_000_000)) }
  }
}

/// How a repository wants its tests to be repaired.
package struct FixConfiguration: Sendable, Hashable {
  /// How often a model may try.
  package var attempts = 2
  /// How many of the attempts may go on side by side.
  package var parallel = 1
  /// What becomes of what fails at the base too.
  package var atBase: BaseFailures = .leave

  package init() {}

  /// What becomes of tests that fail without the branch as well.
  package enum BaseFailures: String, Sendable, Hashable, CaseIterable {
    /// They are named and left.
    case leave
    case repair
  }
}

/// How a repository wants to be reviewed.
package struct ReviewConfiguration: Sendable, Hashable {
  /// Instructions for a model, each with the paths it is about; no paths means all.
  package var instructions: [Instruction] = []
  /// Paths that are not reviewed.
  package var ignore: [Glob] = []
  /// For a built-in check its severity, or `nil` for off.
  ///
  /// A check that is not named keeps its own.
  package var checks: [String: Severity?] = [:]
  /// Commands that print SARIF; they run in the sandbox or not at all.
  package var sarif: [String] = []
  /// From 0 to 1: a finding of which a model is less sure is not told.
  package var confidence: Double = 0.5

  package init() {}

  /// One instruction.
  package struct Instruction: Sendable, Hashable {
    package var text: String
    package var paths: [Glob]

    package init(text: String, paths: [Glob] = []) {
      self.text = text
      self.paths = paths
    }
  }
}
