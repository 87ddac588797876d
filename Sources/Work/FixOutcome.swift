package import Base

/// What came of repairing the failing tests of a branch; decided by what was run.
package struct FixOutcome: Sendable, Hashable, Codable {
  package var verdict: Verdict
  /// Why, in one sentence.
  package var reason: String
  /// What else a person should know, a line each, the most important first.
  package var notes: [String]
  /// What was red at the head in every run of it.
  package var red: [RedTest]
  /// What was red in one run of the head and green in another.
  package var flaky: [String]
  /// What in the branch causes it, as far as it was found.
  package var culprit: CulpritNote?
  /// The model's attempts, in order.
  package var attempts: [FixAttempt]
  /// What is offered: the fix, or the partial revert.
  package var commit: ObjectID?
  /// What the commit is; `nil` without one.
  package var offer: Offer?
  /// The change to tests and other sealed files, as a difference in lines that are safe to show; empty for none.
  package var sealedChange: [String]
  /// What a model cost, in billionths of a US dollar; `nil` where a price is not known.
  package var cost: Int64?
  /// How often the test commands were run.
  package var testRuns: Int
  /// Stands for what failed: the same for the same red tests of the same branch.
  package var signature: String
  /// The base by the name that people know it under; `nil` where an older run kept none.
  package var base: String?
  /// What the repair changes, where that is nothing but tests and other sealed files; `nil` where it changes more.
  package var onlySealed: [RepositoryPath]?

  /// What was to be repaired.
  package var wanted: [RedTest] { red.filter { $0.isLeft != true } }
  /// What is red and was left as it is, because it fails at the base too.
  package var left: [RedTest] { red.filter { $0.isLeft == true } }

  /// How the repair ended.
  package enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// What was red is green, what was green is green, and nothing that tells so was touched.
    case fixed
    /// It is green only together with a change to sealed files: a person decides.
    case fixedWithTestChange = "fixed_with_test_change"
    case notFixed = "not_fixed"
    /// What was red is green, and something that was green is not.
    case regressed
    /// What failed does not fail each time.
    case flaky
    /// What was offered deceives the tests.
    case tampered
    case nothingToFix = "nothing_to_fix"
    /// The tests could not be run at all, or no model could be asked.
    case infrastructure
  }

  /// What a commit is that a repair offers.
  package enum Offer: String, Sendable, Hashable, Codable {
    case repair
    /// The culprit's lines taken back, and nothing else.
    case partialRevert = "partial_revert"
  }

  package init(verdict: Verdict, reason: String) {
    self.verdict = verdict
    self.reason = reason
    notes = []
    red = []
    flaky = []
    culprit = nil
    attempts = []
    commit = nil
    offer = nil
    sealedChange = []
    cost = 0
    testRuns = 0
    signature = ""
  }
}

/// Something that is red: a test, a build, or a command.
package struct RedTest: Sendable, Hashable, Codable {
  /// As its runner calls it.
  package var name: String
  /// What the runner says about it, in lines that are safe to show; of many the first.
  package var message: [String]
  /// Where in the repository it failed, the innermost place last, as far as the runner says.
  package var places: [SourcePlace]
  /// Whether it fails at the base too; `nil` where that was not tried.
  package var isAtBase: Bool?
  /// Whether it was not to be repaired, because it fails at the base too; `nil` for no.
  package var isLeft: Bool?

  package init(name: String, message: [String], places: [SourcePlace], isAtBase: Bool? = nil) {
    self.name = name
    self.message = message
    self.places = places
    self.isAtBase = isAtBase
  }
}

/// A line of a file of the repository.
package struct SourcePlace: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  /// Counted from one.
  package var line: Int

  package init(path: RepositoryPath, line: Int) {
    self.path = path
    self.line = line
  }
}

/// What in a branch causes that tests fail.
package struct CulpritNote: Sendable, Hashable, Codable {
  /// The smallest part of the branch's difference whose removal makes the red green; empty where there is none.
  package var hunks: [CulpritNoteLines]
  /// The first commit of the branch at which the tests fail; `nil` where it was not found.
  package var firstBad: CommitNote?
  /// What was found or why nothing was, in one sentence.
  package var explanation: String
  /// Whether no part of it can be left out.
  package var isMinimal: Bool
  package var testRuns: Int
  /// Each cause for itself; `nil` where an older run kept none.
  package var parts: [CulpritPart]?

  /// Each cause for itself, or all as one.
  package var allParts: [CulpritPart] {
    parts ?? [CulpritPart(hunks: hunks, firstBad: firstBad, explanation: explanation)]
  }

  package init(
    hunks: [CulpritNoteLines], firstBad: CommitNote?, explanation: String, isMinimal: Bool, testRuns: Int
  ) {
    self.hunks = hunks
    self.firstBad = firstBad
    self.explanation = explanation
    self.isMinimal = isMinimal
    self.testRuns = testRuns
  }
}

/// One of several causes that tests fail.
package struct CulpritPart: Sendable, Hashable, Codable {
  /// The smallest part of the difference whose removal makes green what it causes.
  package var hunks: [CulpritNoteLines]
  /// The first commit of the branch at which that fails; `nil` where it was not found.
  package var firstBad: CommitNote?
  /// What it is, in one sentence.
  package var explanation: String

  package init(hunks: [CulpritNoteLines], firstBad: CommitNote?, explanation: String) {
    self.hunks = hunks
    self.firstBad = firstBad
    self.explanation = explanation
  }
}

/// Some lines of a branch's difference.
package struct CulpritNoteLines: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  /// Where they stand at the head, counted from one.
  package var startLine: Int
  package var endLine: Int
  /// The difference: lines that begin with `-`, `+` or a space, safe to show.
  package var lines: [String]

  package init(path: RepositoryPath, startLine: Int, endLine: Int, lines: [String]) {
    self.path = path
    self.startLine = startLine
    self.endLine = endLine
    self.lines = lines
  }
}

/// A commit as a person knows it.
package struct CommitNote: Sendable, Hashable, Codable {
  package var id: ObjectID
  /// The first line of its message, safe to show.
  package var subject: String

  package init(id: ObjectID, subject: String) {
    self.id = id
    self.subject = subject
  }
}

/// One attempt of a model at a repair.
package struct FixAttempt: Sendable, Hashable, Codable {
  /// The model's own run.
  package var run: RunID
  /// The model, as `PROVIDER/NAME`.
  package var model: String
  package var ending: AgentEnding
  package var verdict: FixOutcome.Verdict
  /// Why, the most important first.
  package var reasons: [String]
  /// What the model says it did, safe to show.
  package var summary: String
  package var steps: Int
  /// In billionths of a US dollar; `nil` where the price is not known.
  package var cost: Int64?
  /// The name of the file with what it changed, beside the logs; `nil` where it changed nothing.
  package var patch: String?

  package init(
    run: RunID, model: String, ending: AgentEnding, verdict: FixOutcome.Verdict, reasons: [String], summary: String,
    steps: Int, cost: Int64?
  ) {
    self.run = run
    self.model = model
    self.ending = ending
    self.verdict = verdict
    self.reasons = reasons
    self.summary = summary
    self.steps = steps
    self.cost = cost
  }
}

/// What came of taking back what a run did.
package struct UndoOutcome: Sendable, Hashable, Codable {
  /// The run that is taken back.
  package var run: RunID
  /// The revert; `nil` where nothing had to be written.
  package var commit: ObjectID?
  /// What was done and what was not, in one sentence.
  package var reason: String
  /// What is left for a person, a line each.
  package var left: [String]

  package init(run: RunID, commit: ObjectID?, reason: String, left: [String] = []) {
    self.run = run
    self.commit = commit
    self.reason = reason
    self.left = left
  }
}
