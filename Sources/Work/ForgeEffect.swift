package import Base

/// One thing to write to a forge, for the pull request of the job.
///
/// Each names what it is by a key that is the same at every try, and carrying it out looks for what is there already.
package enum ForgeEffect: Sendable, Hashable, Codable {
  /// Comments on lines of the change at this head, together where the forge has reviews.
  case comments([LineComment], head: ObjectID)
  /// The one comment that sums up; it is written anew in its place, and only while one of these is the head. Without
  /// any it speaks of no head.
  case summary(body: String, heads: [ObjectID] = [])
  /// An answer, once.
  case answer(Answer)
  /// Marks threads of ours as settled, by the keys of their comments.
  case settle(keys: [String])
  /// The state of one of our checks at a commit.
  case check(CheckReport)
}

/// A place in a difference, as exactly as the pickiest forge wants it.
package struct LineAnchor: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  /// The path on the base side, where it is another one.
  package var oldPath: RepositoryPath?
  package var side: Finding.Side
  /// The first and the last line on that side, counted from one.
  package var startLine: Int
  package var endLine: Int
  /// The line on the other side that stands beside ``startLine`` and ``endLine``, where that line is unchanged.
  package var startPair: Int?
  package var endPair: Int?
  /// Of a range of lines, where the other side stands at its two ends: at the end's pair, or at the line that comes next.
  ///
  /// Not known of anchors that were written down before this was.
  package var startBeside: Int?
  package var endBeside: Int?

  package init(
    path: RepositoryPath, oldPath: RepositoryPath? = nil, side: Finding.Side, startLine: Int, endLine: Int,
    startPair: Int? = nil, endPair: Int? = nil, startBeside: Int? = nil, endBeside: Int? = nil
  ) {
    self.path = path
    self.oldPath = oldPath
    self.side = side
    self.startLine = startLine
    self.endLine = endLine
    self.startPair = startPair
    self.endPair = endPair
    self.startBeside = startBeside
    self.endBeside = endBeside
  }
}

/// A comment on lines of a change.
package struct LineComment: Sendable, Hashable, Codable {
  /// Names the comment by the content that it speaks of; stands in a hidden marker.
  package var key: String
  /// Tells its line from others that are equal; stands in a second hidden marker.
  ///
  /// Not known of comments that were written down before this was.
  package var mark: String?
  package var anchor: LineAnchor
  /// Markdown, already fit to leave, without the marker and without the suggestion.
  package var body: String
  /// Lines that would take the place of the anchor's, where they apply as they stand; each without its line's end.
  package var suggestion: [String]?

  package init(key: String, anchor: LineAnchor, body: String, suggestion: [String]? = nil) {
    self.key = key
    self.anchor = anchor
    self.body = body
    self.suggestion = suggestion
  }
}

/// An answer to a comment.
package struct Answer: Sendable, Hashable, Codable {
  /// Names the answer; stands in a hidden marker.
  package var key: String
  /// The thread to answer in; `nil` for a comment on the pull request as a whole.
  package var thread: String?
  /// The comment that it answers.
  package var comment: Int64?
  package var body: String

  package init(key: String, thread: String?, comment: Int64?, body: String) {
    self.key = key
    self.thread = thread
    self.comment = comment
    self.body = body
  }
}

/// The state of a check of ours at a commit.
package struct CheckReport: Sendable, Hashable, Codable {
  package enum State: String, Sendable, Hashable, Codable, CaseIterable {
    case pending, success, failure
    /// Skipped, partial, or nothing that a machine may judge: never green.
    case neutral
  }

  /// `arborist/review` and the like: what the forge shows, and by which it is found again.
  package var name: String
  package var head: ObjectID
  package var state: State
  /// One line.
  package var title: String
  /// Markdown, already fit to leave.
  package var summary: String
  /// What to say on single lines, where the forge has annotations.
  package var annotations: [LineComment]

  package init(
    name: String, head: ObjectID, state: State, title: String, summary: String, annotations: [LineComment] = []
  ) {
    self.name = name
    self.head = head
    self.state = state
    self.title = title
    self.summary = summary
    self.annotations = annotations
  }
}
