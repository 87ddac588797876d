package import Base
package import TestResults
package import Verify

/// What the search for the changes that turned tests red has found, without a model.
package struct CulpritReport: Sendable, Hashable, Codable {
  /// The merge base and the head of the branch that was searched.
  package var base: ObjectID
  package var head: ObjectID
  /// One for each independent cause, in the order of their first red item.
  package var culprits: [Culprit]
  /// The red items that no removal was found for, and why.
  package var unexplained: [Unexplained]
  /// What was red at the base as well and was not searched for.
  package var redAtBase: [RedItem]
  /// The head without any of the culprits; `nil` where there is none, or where it was not tested.
  package var together: PartialRevert?
  package var ending: CulpritEnding
  /// How many trees were tested, those among them that an earlier part of the same run had tested.
  package var runs: Int
  /// How many candidates were not tested, since one of their files would not even parse.
  package var broken: Int
  /// How many tested candidates said nothing: they could not be built, or the red tests were not in them.
  package var unresolved: Int
  /// How many hunks of the branch could be removed.
  package var candidates: Int

  package init(base: ObjectID, head: ObjectID) {
    self.base = base
    self.head = head
    culprits = []
    unexplained = []
    redAtBase = []
    together = nil
    ending = .complete
    runs = 0
    broken = 0
    unresolved = 0
    candidates = 0
  }
}

/// Whether a search came to its own end.
package enum CulpritEnding: Sendable, Hashable, Codable {
  case complete
  /// No more test runs were allowed.
  case runsSpent
  case timeSpent
  /// Tests could not be run any more, for a reason that no candidate has to do with.
  case stage(StageFailure.Kind, String)
}

/// A smallest change of the branch without which some red items are green.
package struct Culprit: Sendable, Hashable, Codable {
  /// What is green without it, sorted.
  package var items: [RedItem]
  /// In the order of their paths and lines.
  package var hunks: [CulpritHunk]
  /// The commits that introduced the hunks, newest first.
  package var commits: [ObjectID]
  package var firstBad: FirstBad
  /// The head without these hunks.
  package var removal: PartialRevert
  /// The head without the lines of these hunks that matter; `nil` where these are all of their lines.
  package var lines: PartialRevert?
  /// Whether every smaller part of the hunks was tried: without any one of them the items stay red.
  package var isMinimal: Bool
  /// The same of the lines.
  package var areLinesMinimal: Bool

  /// The partial revert to offer: the first, by hunks and then by lines, that costs no green test; the hunks' where
  /// each does.
  package var offered: PartialRevert {
    guard let lines, !removal.keepsGreen, lines.keepsGreen else { return removal }
    return lines
  }
}

/// A tree that was tested: the head with a part of its branch taken back.
package struct PartialRevert: Sendable, Hashable, Codable {
  package var tree: ObjectID
  /// How its tests stand.
  package var standing: TestStanding
  /// The green tests of the head that are not green in it, sorted.
  package var lost: [TestIdentity]
  /// What is red in it and was not at the head, sorted; without the tests in `lost`.
  package var newlyRed: [RedItem]

  /// Whether it costs nothing that was green.
  package var keepsGreen: Bool { lost.isEmpty && newlyRed.isEmpty }
}

/// One hunk of a culprit.
package struct CulpritHunk: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable {
    case hunk
    case added
    case deleted
    case renamed
    case mode
    case binary
    case typeChanged = "type_changed"
  }

  package var kind: Kind
  /// The path at the head; at the base where the branch deleted the file.
  package var path: RepositoryPath
  /// The path at the base, where it is another.
  package var oldPath: RepositoryPath?
  /// The first line and the number of lines on both sides, as in a hunk's header; `nil` for what has no lines.
  package var span: HunkSpan?
  /// Its lines, the unchanged around them too; no more than ``lineLimit``.
  package var lines: [CulpritLine]
  /// How many lines are left out.
  package var omitted: Int
  /// The commits of the branch that introduced it, newest first; empty where nobody can tell.
  package var commits: [ObjectID]
  /// Whether it causes nothing and is only taken back with the others because it cannot do without them.
  package var isCompanion = false

  /// How many lines of one hunk are kept.
  package static let lineLimit = 200
}

/// Where a hunk lies, as its header says.
package struct HunkSpan: Sendable, Hashable, Codable {
  package var oldStart: Int
  package var oldCount: Int
  package var newStart: Int
  package var newCount: Int
}

/// One line of a culprit's hunk.
package struct CulpritLine: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable {
    case context
    case added
    case deleted
  }

  package var kind: Kind
  /// Counted from one; `nil` on the side that lacks it.
  package var oldNumber: Int?
  package var newNumber: Int?
  /// Safe to show; `DisplayText.line` of its bytes.
  package var text: String
  /// Whether it is one of the lines that matter.
  package var isCulprit: Bool
}

/// The first commit of a branch at which an item is red, as `git bisect` tells it.
package enum FirstBad: Sendable, Hashable, Codable {
  /// Its parents that were tested are good, and it is bad.
  case commit(ObjectID)
  /// One of these, newest first: those between could not be tested.
  case oneOf([ObjectID])
  /// It was not looked for, for a reason that is one line for a person.
  case unknown(String)
}

/// Red items for which no removal was found.
package struct Unexplained: Sendable, Hashable, Codable {
  /// Sorted.
  package var items: [RedItem]
  package var reason: Reason

  package enum Reason: String, Sendable, Hashable, Codable {
    /// The branch changes nothing but tests.
    case onlyTestsChanged = "only_tests_changed"
    /// Red without any of the branch's changes to what is tested too: its tests ask for what is not there yet.
    case needsAddition = "needs_addition"
    /// The tests cannot run without what the branch added, and no part of it can be taken out to turn them green.
    case needsBranch = "needs_branch"
    /// Red although the tree is the base's, where it was green: the cause lies outside of the repository.
    case outside
    /// The search ended before one was found.
    case notFound = "not_found"
  }
}
