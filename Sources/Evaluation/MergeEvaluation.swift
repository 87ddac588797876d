package import Merging

/// How long one file took.
package struct FileDuration: Sendable, Hashable {
  package var place: FilePlace
  package var nanoseconds: Int64

  package init(place: FilePlace, nanoseconds: Int64) {
    self.place = place
    self.nanoseconds = nanoseconds
  }
}

/// What a replay of merges came to.
///
/// Adding up parts in any order gives the same, so parts of a replay may be made side by side.
package struct MergeEvaluation: Sendable {
  package private(set) var files = FileTally()
  package private(set) var byRepository: [String: FileTally] = [:]
  package private(set) var byLanguage: [String: FileTally] = [:]
  /// What each resolver settled beside the others.
  package private(set) var byResolver: [String: HunkTally] = [:]
  /// What each resolver settles where it alone is asked.
  package private(set) var alone: [String: HunkTally] = [:]
  /// How many resolutions each rule of the gate refused.
  package private(set) var refusals: [String: Int] = [:]
  /// Paths that are not judged, by the reason.
  package private(set) var apart: [String: Int] = [:]
  package var merges = MergeTally()
  /// The entries of the table of verdicts that are about a differing hunk.
  package private(set) var verdictsMet: Set<Int> = []
  package private(set) var shown: HunkSelection
  package private(set) var durations: [FileDuration] = []
  private let verdicts: MergeVerdicts
  private let onlyUnread: Bool

  /// - Parameters:
  ///   - selection: Which hunks to keep for reading.
  ///   - verdicts: What is already known of differing hunks.
  ///   - onlyUnread: Whether hunks with a verdict are not kept for reading.
  package init(
    selection: HunkSelection = HunkSelection(), verdicts: MergeVerdicts = MergeVerdicts(), onlyUnread: Bool = false
  ) {
    shown = selection
    self.verdicts = verdicts
    self.onlyUnread = onlyUnread
  }

  /// Counts a file on which all resolvers were asked.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - showing: Whether its hunks may be kept for reading.
  package mutating func add(_ file: JudgedFile, showing: Bool = true) {
    files.add(file)
    byRepository[file.place.repository, default: FileTally()].add(file)
    byLanguage[file.language, default: FileTally()].add(file)
    for rule in file.refusals { refusals[rule, default: 0] += 1 }
    for hunk in file.hunks {
      if let resolution = hunk.resolution { byResolver[resolution.resolver, default: HunkTally()].add(hunk.kind) }
      if showing { offer(hunk) }
    }
  }

  /// Counts what one resolver alone settled in a file.
  package mutating func add(_ file: JudgedFile, by resolver: String) {
    for hunk in file.hunks where hunk.resolution != nil {
      let index = verdicts.index(of: hunk)
      if let index { verdictsMet.insert(index) }
      alone[resolver, default: HunkTally()].add(hunk.kind, verdict: index.map { verdicts.entries[$0].verdict })
      offer(hunk)
    }
  }

  private mutating func offer(_ hunk: JudgedHunk) {
    if onlyUnread, verdicts.index(of: hunk) != nil { return }
    shown.offer(hunk)
  }

  /// Counts a path that is not judged.
  package mutating func addApart(_ reason: String, count: Int = 1) { apart[reason, default: 0] += count }

  /// Notes how long a file took.
  package mutating func add(_ duration: FileDuration) { durations.append(duration) }

  /// Adds what another part of the replay came to.
  package mutating func add(_ other: MergeEvaluation) {
    files.add(other.files)
    byRepository.merge(other.byRepository) { $0.adding($1) }
    byLanguage.merge(other.byLanguage) { $0.adding($1) }
    byResolver.merge(other.byResolver) { $0.adding($1) }
    alone.merge(other.alone) { $0.adding($1) }
    refusals.merge(other.refusals, uniquingKeysWith: +)
    apart.merge(other.apart, uniquingKeysWith: +)
    merges.add(other.merges)
    verdictsMet.formUnion(other.verdictsMet)
    shown.add(other.shown)
    durations += other.durations
  }

  /// The records that follow from what each resolver settled alone, in the order of the names.
  package func records(of names: [String]) -> [ResolverRecord] {
    names.map { name in
      let tally = alone[name] ?? HunkTally()
      return ResolverRecord(
        name: name, settled: tally.likeness.total, equal: tally.likeness.good, read: tally.read, wrong: tally.wrong)
    }
  }

  /// The time below which the given share of the files stayed; `nil` where there are none.
  package static func percentile(_ percent: Int, of sorted: [FileDuration]) -> FileDuration? {
    // The nearest rank.
    sorted.isEmpty ? nil : sorted[max(0, (percent * sorted.count + 99) / 100 - 1)]
  }

  /// The times, shortest first.
  package var sortedDurations: [FileDuration] {
    durations.sorted { ($0.nanoseconds, $0.place) < ($1.nanoseconds, $1.place) }
  }
}

extension FileTally {
  func adding(_ other: FileTally) -> FileTally {
    var sum = self
    sum.add(other)
    return sum
  }
}

extension HunkTally {
  func adding(_ other: HunkTally) -> HunkTally {
    var sum = self
    sum.add(other)
    return sum
  }
}
