internal import Merging

/// A replay as programs read it: the document `arborist.eval-merges/1`.
package struct EvaluationDocument: Encodable, Sendable {
  private let tier: String
  private let merges: Merges
  private let files: Files
  private let repositories: [Files]
  private let languages: [Files]
  private let resolvers: [Hunks]
  private let alone: [Hunks]?
  private let refusals: [Count]
  private let apart: [Count]
  private let shown: [Shown]?
  private let times: Times?

  /// - Parameters:
  ///   - evaluation: What the replay came to.
  ///   - tier: Which resolvers were asked together: `auto`, `all` or `named`.
  ///   - resolvers: Their names, in their order.
  ///   - alone: Those that were asked alone as well; `nil` where none were.
  ///   - lines: Turns a hunk into lines of text that are safe to show; `nil` where none are to be shown.
  ///   - hasTimes: Whether to say how long files took, which is not the same twice.
  package init(
    _ evaluation: MergeEvaluation, tier: String, resolvers: [String], alone: [String]?,
    showing lines: (([UInt8]) -> [String])?, hasTimes: Bool
  ) {
    self.tier = tier
    merges = Merges(evaluation.merges)
    files = Files(nil, evaluation.files)
    repositories = EvaluationReport.sorted(evaluation.byRepository).map { Files($0.key, $0.value) }
    languages = EvaluationReport.sorted(evaluation.byLanguage).map { Files($0.key, $0.value) }
    self.resolvers = resolvers.map { Hunks($0, evaluation.byResolver[$0] ?? HunkTally(), isAlone: false) }
    self.alone = alone?.map { Hunks($0, evaluation.alone[$0] ?? HunkTally(), isAlone: true) }
    refusals = Count.sorted(evaluation.refusals)
    apart = Count.sorted(evaluation.apart)
    shown = lines.map { lines in evaluation.shown.hunks.map { Shown($0, lines) } }
    times = hasTimes ? Times(evaluation.sortedDurations) : nil
  }

  private struct Merges: Encodable, Sendable {
    var replayed: Int
    var conflicted: Int
    var clean: Int
    var good: Int
    var octopus: Int
    var unrelated: Int
    var unreadable: Int

    init(_ tally: MergeTally) {
      replayed = tally.replayed
      conflicted = tally.conflicted
      clean = tally.clean
      good = tally.good
      octopus = tally.octopus
      unrelated = tally.unrelated
      unreadable = tally.unreadable
    }
  }

  private struct Files: Encodable, Sendable {
    var name: String?
    var files: Int
    var clean: Int
    var equal: Int
    var whiteSpace: Int
    var order: Int
    var different: Int
    var left: Int
    var conflicts: Int
    var conflictsLeft: Int
    var precision: Double?

    init(_ name: String?, _ tally: FileTally) {
      let likeness = tally.likeness
      self.name = name
      files = tally.files
      clean = tally.clean
      equal = likeness[.equal]
      whiteSpace = likeness[.whiteSpace]
      order = likeness[.order]
      different = likeness[.different]
      left = tally.left
      conflicts = tally.conflicts
      conflictsLeft = tally.conflictsLeft
      precision = Share(likeness.good, of: likeness.total).fraction
    }
  }

  private struct Hunks: Encodable, Sendable {
    var name: String
    var settled: Int
    var equal: Int
    var whiteSpace: Int
    var order: Int
    var different: Int
    var unknown: Int
    var precision: Double?
    var read: Int?
    var wrong: Int?
    var tier: String?

    init(_ name: String, _ tally: HunkTally, isAlone: Bool) {
      let likeness = tally.likeness
      self.name = name
      settled = tally.settled
      equal = likeness[.equal]
      whiteSpace = likeness[.whiteSpace]
      order = likeness[.order]
      different = likeness[.different]
      unknown = tally.unknown
      precision = Share(likeness.good, of: likeness.total).fraction
      guard isAlone else { return }
      let record = ResolverRecord(
        name: name, settled: likeness.total, equal: likeness.good, read: tally.read, wrong: tally.wrong)
      (read, wrong, tier) = (tally.read, tally.wrong, "\(record.tier)")
    }
  }

  private struct Count: Encodable, Sendable {
    var name: String
    var count: Int

    static func sorted(_ counts: [String: Int]) -> [Count] {
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { Count(name: $0.key, count: $0.value) }
    }
  }

  private struct Shown: Encodable, Sendable {
    var repository: String
    var merge: String
    var path: String
    var line: Int
    var likeness: String
    var resolver: String?
    var reason: String?
    var base: [String]
    var ours: [String]
    var theirs: [String]
    var result: [String]?
    var committed: [String]?

    init(_ hunk: JudgedHunk, _ lines: ([UInt8]) -> [String]) {
      repository = hunk.place.repository
      merge = hunk.place.merge
      path = hunk.place.path
      line = hunk.line
      likeness = hunk.kind.rawValue
      resolver = hunk.resolution?.resolver
      reason = hunk.resolution?.reason
      base = lines(hunk.conflict.base)
      ours = lines(hunk.conflict.ours)
      theirs = lines(hunk.conflict.theirs)
      result = hunk.resolution.map { lines($0.lines) }
      committed = hunk.committed.map(lines)
    }
  }

  private struct Times: Encodable, Sendable {
    var p50: Double?
    var p95: Double?
    var worst: Double?
    var unit = "ms"

    init(_ sorted: [FileDuration]) {
      func milliseconds(_ percent: Int) -> Double? {
        MergeEvaluation.percentile(percent, of: sorted).map { Double($0.nanoseconds / 1000) / 1000 }
      }
      p50 = milliseconds(50)
      p95 = milliseconds(95)
      worst = milliseconds(100)
    }
  }
}
