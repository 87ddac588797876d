package import Base

/// What running the tests of a merge beside both of its parents said.
package struct MergeConfirmation: Sendable, Hashable, Codable {
  /// How it came out.
  package enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nothing is red that is not red in a parent, and no test is missing.
    case verified
    /// The merge breaks something.
    case failed
    /// The tests ran and say nothing of the merge: a parent's fail in a way that hides it.
    case inconclusive
    /// There is no command that could be run.
    case notRun = "not_run"
    /// The tests could not be run.
    case infrastructure
  }

  /// Something that a merge broke.
  package struct Failure: Sendable, Hashable, Codable {
    /// What is wrong with it.
    package enum Kind: String, Sendable, Hashable, Codable {
      /// It is red in the merge and in neither parent.
      case red
      /// It is red now and then in the merge, and never in a parent.
      case flaky
      /// A parent has the test, nobody deleted it, and the merge does not run it.
      case missing
      /// It passes in a parent, and does not run in the merge, or is marked as known to fail there.
      case skipped
      /// Fewer tests ran than the two parents together call for.
      case fewer
    }

    package var kind: Kind
    /// The test, the build or the command, as text that is safe to show.
    package var name: String
    /// What is said of it; some lines of what was printed.
    package var detail: [String]

    package init(kind: Kind, name: String, detail: [String] = []) {
      self.kind = kind
      self.name = name
      self.detail = detail
    }
  }

  package var verdict: Verdict
  /// Why, in one sentence.
  package var reason: String
  /// What the merge broke, sorted.
  package var failures: [Failure]
  /// What is red in the merge and in a parent too, sorted.
  package var known: [String]
  /// What is green one time and red another, in a parent too, sorted.
  package var flaky: [String]
  /// How many tests ran on the merged tree.
  package var executed: Int
  /// The commands that were run, as they are written.
  package var commands: [String]
  /// What a person should know of it, a line each.
  package var notes: [String]

  package init(
    verdict: Verdict, reason: String, failures: [Failure] = [], known: [String] = [], flaky: [String] = [],
    executed: Int = 0, commands: [String] = [], notes: [String] = []
  ) {
    self.verdict = verdict
    self.reason = reason
    self.failures = failures
    self.known = known
    self.flaky = flaky
    self.executed = executed
    self.commands = commands
    self.notes = notes
  }
}

/// An edit that a model made outside of the places it was asked about, and said so.
package struct OutsideEdit: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  /// Where it begins in the merged file, counted from one.
  package var line: Int
  /// What was there and what is there now, line by line, as text that is safe to show.
  package var old: [String]
  package var new: [String]
  /// Why, in the model's words.
  package var reason: String
  /// Whether the tests fail without it, and do not with it.
  package var isNeeded: Bool

  package init(
    path: RepositoryPath, line: Int, old: [String], new: [String], reason: String, isNeeded: Bool = false
  ) {
    self.path = path
    self.line = line
    self.old = old
    self.new = new
    self.reason = reason
    self.isNeeded = isNeeded
  }
}

/// What a model answered to a place that is left to a person all the same.
package struct UnusedAnswer: Sendable, Hashable, Codable {
  /// What became of it.
  package enum State: String, Sendable, Hashable, Codable {
    /// The model said that it cannot tell, or left the place as it was.
    case abstained
    /// The gate did not let it through.
    case refused
    /// It passed the gate, and something else kept the merge from being made.
    case accepted
  }

  package var state: State
  /// The model, as `PROVIDER/NAME`.
  package var model: String
  /// Why, in one sentence.
  package var reason: String
  /// The lines that the model put in the place, as text that is safe to show; `nil` where it put none.
  package var lines: [String]?

  package init(state: State, model: String, reason: String, lines: [String]? = nil) {
    self.state = state
    self.model = model
    self.reason = reason
    self.lines = lines
  }
}

/// How far a merge may go.
package enum MergeReach: String, Sendable, Hashable, Codable {
  /// Onto the branch itself, as the policy says: tests confirmed it, and nothing rests on a model's word alone.
  case branch
  /// Beside the branch at most, marked: a person decides.
  case beside
}
