/// How often each likeness was met.
package struct LikenessTally: Sendable, Hashable {
  private var counts: [Int]

  package init() { counts = Array(repeating: 0, count: Likeness.allCases.count) }

  package subscript(_ likeness: Likeness) -> Int { counts[likeness.rawValue] }

  package mutating func add(_ likeness: Likeness) { counts[likeness.rawValue] += 1 }

  package mutating func add(_ other: LikenessTally) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  package var total: Int { counts.reduce(0, +) }
  /// Those that are what people committed, white space and the order of added lines aside.
  package var good: Int { total - self[.different] }
}

/// What came of a number of conflicted files.
package struct FileTally: Sendable, Hashable {
  package private(set) var files = 0
  /// Conflicts in them, and those of these that are left.
  package private(set) var conflicts = 0
  package private(set) var conflictsLeft = 0
  /// How the clean ones compare with what people committed.
  package private(set) var likeness = LikenessTally()

  package init() {}

  package var clean: Int { likeness.total }
  /// Files in which something is left.
  package var left: Int { files - clean }

  package mutating func add(_ file: JudgedFile) {
    files += 1
    conflicts += file.hunks.count
    conflictsLeft += file.hunks.count { $0.kind == .left }
    if let likeness = file.likeness { self.likeness.add(likeness) }
  }

  package mutating func add(_ other: FileTally) {
    files += other.files
    conflicts += other.conflicts
    conflictsLeft += other.conflictsLeft
    likeness.add(other.likeness)
  }
}

/// What came of the conflicts that one resolver settled.
package struct HunkTally: Sendable, Hashable {
  package private(set) var likeness = LikenessTally()
  /// Those of which nobody can tell what people put in their place.
  package private(set) var unknown = 0
  /// Differing ones that a person has read, and those of them that were judged wrong.
  package private(set) var read = 0
  package private(set) var wrong = 0

  package init() {}

  /// All that were settled.
  package var settled: Int { likeness.total + unknown }

  package mutating func add(_ kind: HunkClass, verdict: MergeVerdict? = nil) {
    switch kind {
    case .equal: likeness.add(.equal)
    case .whiteSpace: likeness.add(.whiteSpace)
    case .order: likeness.add(.order)
    case .different:
      likeness.add(.different)
      if let verdict {
        read += 1
        wrong += verdict == .wrong ? 1 : 0
      }
    case .unknown: unknown += 1
    case .left: break
    }
  }

  package mutating func add(_ other: HunkTally) {
    likeness.add(other.likeness)
    unknown += other.unknown
    read += other.read
    wrong += other.wrong
  }
}

/// What came of whole merges.
package struct MergeTally: Sendable, Hashable {
  /// Merges that were looked at.
  package var replayed = 0
  /// Those in which git leaves something in conflict.
  package var conflicted = 0
  /// Those of these in which nothing is left in any file.
  package var clean = 0
  /// Those of these in which every file is what people committed, white space and the order of added lines aside.
  package var good = 0
  /// Merges of more than two parents, which are not looked at.
  package var octopus = 0
  /// Merges whose parents have no common ancestor, which are not looked at.
  package var unrelated = 0
  /// Merges that could not be replayed, because the repository lacks an object or is damaged.
  package var unreadable = 0

  package init() {}

  package mutating func add(_ other: MergeTally) {
    replayed += other.replayed
    conflicted += other.conflicted
    clean += other.clean
    good += other.good
    octopus += other.octopus
    unrelated += other.unrelated
    unreadable += other.unreadable
  }
}

/// A share in tenths of a percent, rounded.
package struct Share: Sendable, Hashable {
  /// `nil` where there is nothing to have a share of.
  package let permille: Int?

  package init(_ part: Int, of whole: Int) { permille = whole > 0 ? (2000 * part + whole) / (2 * whole) : nil }

  package var text: String { permille.map { "\($0 / 10).\($0 % 10) %" } ?? "-" }
  /// The share as a number between 0 and 1.
  package var fraction: Double? { permille.map { Double($0) / 1000 } }
}
