package import Base

/// Lines that could take the place of a conflict, for a person to decide.
package struct CandidateLines: Sendable, Hashable, Codable {
  /// The resolver's name.
  package var by: String
  package var reason: String
  /// The lines of our side that they would replace, counted from one; the end is one less where there are none.
  package var startLine: Int
  package var endLine: Int
  /// The lines, as text that is safe to show.
  package var lines: [String]

  package init(by: String, reason: String, startLine: Int, endLine: Int, lines: [String]) {
    self.by = by
    self.reason = reason
    self.startLine = startLine
    self.endLine = endLine
    self.lines = lines
  }
}

/// What is proposed for a file that one side deleted and the other changed.
package struct DeletionProposal: Sendable, Hashable, Codable {
  package enum Action: String, Sendable, Hashable, Codable {
    /// Nothing refers to the file any more, as far as a search can tell.
    case delete
    /// Something still refers to it, or not everything could be searched.
    case keep
  }

  package var action: Action
  /// Why, as a phrase for a person.
  package var reason: String
  /// The change that is lost with the file: lines that begin with `-` or `+`, and `@@ LINE` before each group.
  package var lost: [String]
  /// How many more lines it has.
  package var lostMore: Int
  /// What the change is where it changes only looks: `white space` or `comments`.
  package var cosmetic: String?
  /// Where the merged tree refers to the file.
  package var references: [CodePlace]

  package init(
    action: Action, reason: String, lost: [String], lostMore: Int, cosmetic: String?, references: [CodePlace]
  ) {
    self.action = action
    self.reason = reason
    self.lost = lost
    self.lostMore = lostMore
    self.cosmetic = cosmetic
    self.references = references
  }
}

/// A line of a file.
package struct CodePlace: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  /// Counted from one.
  package var line: Int
  /// The line, as text that is safe to show.
  package var text: String
  /// What the line would be; `nil` where nothing is proposed.
  package var proposal: String?

  package init(path: RepositoryPath, line: Int, text: String, proposal: String? = nil) {
    self.path = path
    self.line = line
    self.text = text
    self.proposal = proposal
  }
}

/// A rename on one side that does not reach what the other side added.
package struct RenameReach: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable {
    case file
    /// A name that the source declares.
    case name
  }

  /// The side that renamed.
  package enum Side: String, Sendable, Hashable, Codable {
    case ours
    case theirs
  }

  package var kind: Kind
  package var side: Side
  /// The old and the new path or name, as text that is safe to show.
  package var from: String
  package var to: String
  /// The lines the other side added, where they stand on that side, and what they would be.
  package var places: [CodePlace]

  package init(kind: Kind, side: Side, from: String, to: String, places: [CodePlace]) {
    self.kind = kind
    self.side = side
    self.from = from
    self.to = to
    self.places = places
  }
}

/// What a tool would have to do to write a file again.
package struct RegenerationNeeded: Sendable, Hashable, Codable {
  package var command: String
  /// From the root of the repository; empty for the root itself.
  package var directory: String
  /// The names of the files that the tool reads.
  package var inputs: [String]
  /// Why it was not done.
  package var notRun: String

  package init(command: String, directory: String, inputs: [String], notRun: String) {
    self.command = command
    self.directory = directory
    self.inputs = inputs
    self.notRun = notRun
  }
}

/// The commits behind the lines of a conflict: of each side the last ones that changed them, or the file where they are
/// gone.
package struct PlaceCommits: Sendable, Hashable, Codable {
  package var ours: [CommitNote]
  package var theirs: [CommitNote]

  package init(ours: [CommitNote], theirs: [CommitNote]) {
    self.ours = ours
    self.theirs = theirs
  }
}
