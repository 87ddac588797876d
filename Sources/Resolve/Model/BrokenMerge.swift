package import Base
package import Git
internal import Verify
package import Work

/// How a merge ended.
package struct MergeEnd: Sendable {
  package var outcome: ResolveOutcome
  /// The merge that could be made and is broken; `nil` for every other.
  package var broken: BrokenMerge?

  init(_ outcome: ResolveOutcome, broken: BrokenMerge? = nil) {
    self.outcome = outcome
    self.broken = broken
  }
}

/// A merge in which nothing is left and whose tests fail: what a repair begins with.
package struct BrokenMerge: Sendable {
  /// What it would be told as, had its tests not failed: with every conflict settled, and with what a person must look
  /// at first.
  package var outcome: ResolveOutcome
  /// What its tests and those of its parents said.
  package var confirmation: MergeConfirmation
  package var trees: MergeVerification.Trees
  let merge: BranchMerge

  /// What one side renamed and the other began to use by its old name, where the merge has that still, a line each.
  package var renamesInWords: [String] {
    (outcome.renames ?? []).prefix(20).map {
      $0.words(branch: merge.branch.shortDisplay, base: DisplayText.escaping(merge.base.utf8))
    }
  }

  /// The commits of the branch and of the base.
  package var parents: (branch: ObjectID, base: ObjectID) { (merge.ours, merge.theirs) }

  /// Makes the commit of it, for a repair to be put on top; no reference moves.
  ///
  /// - Returns: The commit; the same merge gives the same.
  /// - Throws: ``GitError``, or where the template is broken.
  package func commit(in repository: PrivateRepository) throws -> ObjectID {
    var outcome = outcome
    outcome.confirmation = confirmation
    let signature = try repository.signature(of: merge.identity, onTopOf: [merge.ours, merge.theirs])
    let message = try MergeMessage(outcome, branch: merge.branch, base: merge.base).text
    return try repository.writeCommit(
      tree: trees.merged, parents: [merge.ours, merge.theirs], author: signature, committer: signature,
      message: Array(message.utf8))
  }
}
