package import Base

/// What came of a job, decided by code.
package enum Outcome: Sendable, Hashable, Codable {
  case review(ReviewOutcome)
  case resolve(ResolveOutcome)
  case fix(FixOutcome)
  case agent(AgentOutcome)
  case undo(UndoOutcome)
  /// The run could not be carried out; the reason is one line for a person.
  case failed(reason: String)
  /// A newer head, or a person's push in between, made the run pointless.
  case superseded(reason: String)
}

/// What a review found.
package struct ReviewOutcome: Sendable, Hashable, Codable {
  package var findings: [Finding]
  /// What was not read, and why.
  package var unread: [Unread]
  /// One sentence on the whole change.
  package var overall: String

  package init(findings: [Finding], unread: [Unread], overall: String) {
    self.findings = findings
    self.unread = unread
    self.overall = overall
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

  package init(
    by: String, reason: String, startLine: Int, lines: [String], dropped: [DroppedLineNote]? = nil
  ) {
    self.by = by
    self.reason = reason
    self.startLine = startLine
    self.lines = lines
    self.dropped = dropped
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

  package init(side: Side, line: String, reason: String) {
    self.side = side
    self.line = line
    self.reason = reason
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
