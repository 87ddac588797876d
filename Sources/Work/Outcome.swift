package import Base

/// What came of a job, decided by code.
package enum Outcome: Sendable, Hashable, Codable {
  case review(ReviewOutcome)
  case resolve(ResolveOutcome)
  case fix(FixOutcome)
  case agent(AgentOutcome)
  case undo(UndoOutcome)
  case attended(AttendOutcome)
  case answered(AskOutcome)
  /// The run could not be carried out; the reason is one line for a person.
  case failed(reason: String)
  /// A newer head, or a person's push in between, made the run pointless.
  case superseded(reason: String)
}

extension Outcome {
  /// The commit that it offers; `nil` for none.
  package var commit: ObjectID? {
    switch self {
    case .resolve(let resolve): resolve.commit
    case .fix(let fix): fix.commit
    case .undo(let undo): undo.commit
    case .review, .agent, .attended, .answered, .failed, .superseded: nil
    }
  }
}

/// What a review found.
package struct ReviewOutcome: Sendable, Hashable, Codable {
  package var findings: [Finding]
  /// What was not read, and why.
  package var unread: [Unread]
  /// One sentence on the whole change, and what else a person should know of the review.
  package var overall: String
  /// What of it tells that a linter or a model was not heard, a sentence each; `nil` where all were.
  package var unheard: [String]?
  /// The models that were asked, in the order of their first answer, as `PROVIDER/NAME`; `nil` where none was.
  package var models: [String]?
  /// The runs of these models.
  package var modelRuns: [RunID]?
  /// Why a model was to read the change and has not read all of it; `nil` where it has, or none was to.
  package var shortfall: Shortfall?
  /// What a model found and nobody is told as a finding; `nil` where no model was asked.
  package var dropped: [DroppedFinding]?
  /// What asking models took; `nil` where none answered.
  package var cost: ReviewCost?
  /// The run of the review; `nil` where it was none.
  package var run: RunID?
  /// The commit that the change starts from, and the last of it; `nil` where it is no commit, or is not known.
  package var baseCommit: ObjectID?
  package var headCommit: ObjectID?

  /// What keeps a model from reading all of a change.
  package enum Shortfall: String, Sendable, Hashable, Codable {
    /// What Arborist may spend is spent: money, time or answers.
    case budget
    /// What the model answered could not be used, or it refused.
    case answers
    /// The model could not be asked.
    case surroundings
  }

  package init(findings: [Finding], unread: [Unread], overall: String) {
    self.findings = findings
    self.unread = unread
    self.overall = overall
  }
}

/// What a model found and nobody is told as a finding.
package struct DroppedFinding: Sendable, Hashable, Codable {
  /// One line, safe to show.
  package var title: String
  /// The file as the model named it, safe to show.
  package var path: String
  /// The line that the model counted.
  package var line: Int?
  /// Why it is not told.
  package var why: String

  package init(title: String, path: String, line: Int?, why: String) {
    self.title = title
    self.path = path
    self.line = line
    self.why = why
  }
}

/// What asking models took.
package struct ReviewCost: Sendable, Hashable, Codable {
  /// In billionths of a US dollar; `nil` where a price is not known.
  package var nanodollars: Int64?
  /// Tokens of input, from a cache or not; `nil` where a vendor did not say.
  package var input: Int?
  /// Tokens of output, reasoning included; `nil` where a vendor did not say.
  package var output: Int?
  /// How often a model answered.
  package var answers: Int

  package init(nanodollars: Int64?, input: Int?, output: Int?, answers: Int) {
    self.nanodollars = nanodollars
    self.input = input
    self.output = output
    self.answers = answers
  }
}

/// What came of merging the base into a branch.
package struct ResolveOutcome: Sendable, Hashable, Codable {
  package var verdict: Verdict
  /// Why, in one sentence.
  package var reason: String
  /// Every path on which the two sides were in conflict.
  package var files: [ConflictedFile]
  /// The merge, where nothing is left in conflict.
  package var commit: ObjectID?
  /// What one side renamed and the other side began to use by its old name; `nil` where nothing of the kind was found.
  package var renames: [RenameReach]?
  /// What the tests said of the merged tree; `nil` where nobody asked them.
  package var confirmation: MergeConfirmation?
  /// How far the merge may go; `nil` where nobody judged it, which allows what the policy says of unverified merges.
  package var reach: MergeReach?
  /// Why the merge may go no further than beside the branch, a line each; what a person must look at first.
  package var concerns: [String]?
  /// What a model edited outside of the places that it was asked about; `nil` where it did not.
  package var outside: [OutsideEdit]?
  /// The models that were asked, in the order of their first answer, as `PROVIDER/NAME`; `nil` where none was.
  package var models: [String]?
  /// The runs of these models.
  package var modelRuns: [RunID]?
  /// What the models said last, in the order of their tasks; `nil` where none was asked.
  package var said: [ModelWords]?
  /// The tip of the branch and that of the base; `nil` where an older version wrote the record.
  package var headCommit: ObjectID?
  package var baseCommit: ObjectID?
  /// The merged tree, where it could be made though nothing may be committed; what a repair begins with.
  package var tree: ObjectID?
  /// What came of repairing a merge whose tests failed; `nil` where nobody tried.
  package var repair: FixOutcome?

  /// How a merge ended.
  package enum Verdict: String, Sendable, Hashable, Codable {
    /// The branch already holds everything of the base.
    case upToDate = "up_to_date"
    /// git merges the two without a conflict; there is nothing for Arborist to do.
    case clean
    /// Every conflict was resolved; no test has confirmed it.
    case resolved
    /// At least one conflict is left; nothing was committed.
    case conflicts
    /// Every conflict was resolved, and the merge breaks what works in both parents; nothing was committed.
    case broken
    /// git merges the two without a conflict, and the merge breaks what works in both parents.
    case semanticConflict = "semantic_conflict"
  }

  package init(
    verdict: Verdict, reason: String, files: [ConflictedFile] = [], commit: ObjectID? = nil,
    renames: [RenameReach]? = nil
  ) {
    self.verdict = verdict
    self.reason = reason
    self.files = files
    self.commit = commit
    self.renames = renames
  }
}

/// What a model said at the end of a task: its own words, which nobody has checked.
package struct ModelWords: Sendable, Hashable, Codable {
  /// The model, as `PROVIDER/NAME`.
  package var model: String
  /// The lines as text that is safe to show; of many the last.
  package var lines: [String]
  /// What in them counts for nothing, and why, a line each; `nil` where there is nothing of the kind.
  package var notes: [String]?
  /// Whether nothing of that answer was taken and another came after it; `nil` where that is not so.
  package var isReplaced: Bool?

  package init(model: String, lines: [String], notes: [String]? = nil) {
    self.model = model
    self.lines = lines
    self.notes = notes
  }
}

/// One path on which the two sides of a merge were in conflict.
package struct ConflictedFile: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  package var kind: Kind
  /// How many places were in conflict.
  package var conflicts: Int
  /// The places that were resolved, in order.
  package var resolved: [ResolvedHunk]
  /// The places that are left, in order.
  package var left: [LeftHunk]

  /// The kinds of conflict that a merge of two trees knows.
  package enum Kind: String, Sendable, Hashable, Codable {
    case content
    case modifyDelete = "modify/delete"
    case addAdd = "add/add"
    case renameRename = "rename/rename"
    case renameDelete = "rename/delete"
    case mode
    case submodule
    case binary
    case directoryFile = "directory/file"
    case generated
    case tooLarge = "too large"
  }

  package init(
    path: RepositoryPath, kind: Kind, conflicts: Int, resolved: [ResolvedHunk] = [], left: [LeftHunk] = []
  ) {
    self.path = path
    self.kind = kind
    self.conflicts = conflicts
    self.resolved = resolved
    self.left = left
  }
}

/// A place that a resolver settled.
package struct ResolvedHunk: Sendable, Hashable, Codable {
  /// The resolver's name.
  package var by: String
  package var reason: String
  /// Where the place begins in our side, counted from one.
  package var startLine: Int
  /// The lines that took the conflict's place, as text that is safe to show.
  package var lines: [String]
  /// The lines that a side added and that are left out; `nil` where an older version wrote the record.
  package var dropped: [DroppedLineNote]?
  /// Who made it; `nil` where an older version wrote the record, or a resolver made it.
  package var maker: Maker?
  /// The name of the question that a model answered with it.
  package var question: String?

  /// Who made a resolution.
  package enum Maker: String, Sendable, Hashable, Codable {
    case resolver
    /// A model; `by` has its name.
    case model
    /// People settled the same conflict so before.
    case reused
    /// The tool that writes the file.
    case tool
  }

  package init(
    by: String, reason: String, startLine: Int, lines: [String], dropped: [DroppedLineNote]? = nil,
    maker: Maker? = nil, question: String? = nil
  ) {
    self.by = by
    self.reason = reason
    self.startLine = startLine
    self.lines = lines
    self.dropped = dropped
    self.maker = maker
    self.question = question
  }
}

extension ResolvedHunk {
  /// The most dropped lines that a message names.
  private static let namedDrops = 10

  /// How many lines are left out that a side added, as a phrase; `nil` where there are none.
  package var dropCount: String? {
    let count = dropped?.count ?? 0
    return count == 0 ? nil : "without \(count) \(count == 1 ? "line" : "lines") that a side added:"
  }

  /// The lines that are left out, each with its reason, for a message; of many the first.
  package var dropNotes: [String] {
    let dropped = dropped ?? []
    let more = dropped.count - Self.namedDrops
    return dropped.prefix(Self.namedDrops).map { "of \($0.side.rawValue): \($0.line), because \($0.reason)" }
      + (more > 0 ? ["and \(more) more"] : [])
  }
}

/// A line that a side added and that a resolution leaves out, and why nothing is lost by it.
package struct DroppedLineNote: Sendable, Hashable, Codable {
  /// A side of a merge.
  package enum Side: String, Sendable, Hashable, Codable {
    case ours, theirs
  }

  package var side: Side
  /// The line as text that is safe to show.
  package var line: String
  package var reason: String
  /// Whether that nothing is lost was seen in the merged tree; `nil` where a resolver's rule says so.
  package var isConfirmed: Bool?

  package init(side: Side, line: String, reason: String, isConfirmed: Bool? = nil) {
    self.side = side
    self.line = line
    self.reason = reason
    self.isConfirmed = isConfirmed
  }
}

/// A place that is left to a person.
package struct LeftHunk: Sendable, Hashable, Codable {
  /// The lines of our side, counted from one; both zero where the whole path is left.
  package var startLine: Int
  package var endLine: Int
  package var reason: String
  /// The three sides, line by line, as text that is safe to show; `nil` where a side has no such file.
  package var base: [String]?
  package var ours: [String]?
  package var theirs: [String]?
  /// Lines that could take the place, each by a resolver that may only propose; `nil` where there are none.
  package var candidates: [CandidateLines]?
  /// What is proposed where a whole file is left because one side deleted it.
  package var proposal: DeletionProposal?
  /// What a tool would have to do to write the file again; `nil` for a file that people write.
  package var regenerate: RegenerationNeeded?
  /// What models answered, in the order in which they were asked; `nil` where none was.
  package var answers: [UnusedAnswer]?
  /// The name of the question that models were asked; `nil` where none was.
  package var question: String?
  /// The first line of their side, counted from one; `nil` where the whole path is left, or an older version wrote the
  /// record.
  package var theirStartLine: Int?
  /// The commits that changed the lines; `nil` where nobody looked for them.
  package var commits: PlaceCommits?

  package init(
    startLine: Int, endLine: Int, reason: String, base: [String]?, ours: [String]?, theirs: [String]?,
    candidates: [CandidateLines]? = nil, proposal: DeletionProposal? = nil, regenerate: RegenerationNeeded? = nil
  ) {
    self.startLine = startLine
    self.endLine = endLine
    self.reason = reason
    self.base = base
    self.ours = ours
    self.theirs = theirs
    self.candidates = candidates
    self.proposal = proposal
    self.regenerate = regenerate
  }
}

/// What came of looking at a forge's report.
package struct AttendOutcome: Sendable, Hashable, Codable {
  /// The jobs that were planned, as `KIND of #NUMBER at HEAD`.
  package var planned: [String]
  /// What led to nothing, and why; one sentence each.
  package var ignored: [String]

  package init(planned: [String], ignored: [String]) {
    self.planned = planned
    self.ignored = ignored
  }
}

/// What came of a question about a pull request.
package struct AskOutcome: Sendable, Hashable, Codable {
  /// What the model said, as it said it.
  package var text: String
  /// The model, as `PROVIDER/NAME`.
  package var model: String
  /// The run in which it was asked.
  package var run: RunID
  /// What of the change it was not shown, a line each.
  package var unread: [String]

  package init(text: String, model: String, run: RunID, unread: [String]) {
    self.text = text
    self.model = model
    self.run = run
    self.unread = unread
  }
}
