package import Base

/// What is to be written for an outcome: described as data first, carried out later by the one part that may write.
///
/// A branch is a name here and nothing more. It becomes a ``FeatureBranch`` when it is written, under the rules of that
/// moment, so that nothing read back from the journal can get around them.
package struct Publication: Sendable, Hashable, Codable {
  package var effects: [Effect]

  package init(effects: [Effect] = []) {
    self.effects = effects
  }
}

/// One thing to write.
///
/// Carrying the same effect out twice leaves what once leaves.
package enum Effect: Sendable, Hashable, Codable {
  /// Moves a branch from one commit to another, and only from that one; ``ObjectID/zero`` is "does not exist".
  case push(branch: RefName, from: ObjectID, to: ObjectID)
  /// Appends lines to the note of an object, each line once.
  case note(NotesRef, object: ObjectID, lines: [String])
  /// Writes to a forge.
  case forge(ForgeEffect)
}

/// The two references that hold comments, in the format of git-appraise; append-only.
package enum NotesRef: String, Sendable, Hashable, Codable, CaseIterable {
  /// Requests for review.
  case reviews = "refs/notes/devtools/reviews"
  /// Comments.
  case discuss = "refs/notes/devtools/discuss"
}
