/// All resolutions that a repository remembers, while they are learned.
///
/// Merging reads them through ``RememberedResolutions``, which does not need them all at once.
package struct ResolutionMemory: Sendable, Hashable {
  /// The most bytes that a conflict and its resolution may have together: 32 KiB.
  package static let largestHunk = 32 << 10
  /// How many merges are kept for one resolution.
  static let mostOccurrences = 8

  /// The resolutions by their conflicts.
  package private(set) var entries: [ConflictKey: RememberedResolution]
  /// The merge commits that have been read, by the twenty bytes of their names.
  package var seen: Set<[UInt8]>

  package init(_ resolutions: [RememberedResolution] = [], seen: Set<[UInt8]> = []) {
    entries = Dictionary(resolutions.map { ($0.key, $0) }) { first, _ in first }
    self.seen = seen
  }

  /// What came of learning a resolution.
  package enum Lesson: Sendable, Hashable {
    case remembered
    /// It was known; it was seen once more.
    case confirmed
    /// It was known to be settled otherwise.
    case contradicted
    /// It is none to remember.
    case refused
  }

  /// Remembers how a conflict was settled.
  ///
  /// - Parameters:
  ///   - conflict: The conflict.
  ///   - lines: What was committed in its place.
  ///   - occurrence: Where.
  ///   - isOwn: Whether Arborist itself made the merge. It learns nothing from itself, but what people do with its
  ///     merges afterwards counts.
  /// - Returns: What came of it.
  @discardableResult
  package mutating func learn(
    _ conflict: Conflict, settledAs lines: [UInt8], at occurrence: RememberedResolution.Occurrence, isOwn: Bool = false
  ) -> Lesson {
    let key = ConflictKey(conflict)
    guard Self.isWorthwhile(key), key.size + lines.count <= Self.largestHunk, occurrence.merge.count == 20,
      occurrence.path.count <= Int(UInt16.max), !ConflictMarkers.areLeft(in: lines, of: conflict),
      !Self.isForeign(lines, to: key)
    else { return .refused }
    let lines = RememberedResolution.withLineFeeds(lines)
    guard var entry = entries[key] else {
      if isOwn { return .refused }
      entries[key] = RememberedResolution(key: key, lines: lines, occurrences: [occurrence])
      return .remembered
    }
    guard ConflictKey.normalised(entry.lines) == ConflictKey.normalised(lines) else {
      if isOwn { return .refused }
      if entry.state == .usable { entry.state = .disputed }
      entries[key] = entry
      return .contradicted
    }
    let isKnown = entry.occurrences.contains { $0.merge == occurrence.merge && $0.path == occurrence.path }
    if !isKnown, entry.occurrences.count < Self.mostOccurrences {
      entry.occurrences.append(occurrence)
      entries[key] = entry
    }
    return .confirmed
  }

  /// Whether the sides say anything: blank lines alone are alike everywhere.
  private static func isWorthwhile(_ key: ConflictKey) -> Bool {
    key.first != key.second && (key.first + key.second).contains { !isBlankByte($0) && $0 != 0x0A }
  }

  /// Whether most of the lines are none of the conflict's: then what stands around it has moved into its place.
  private static func isForeign(_ lines: [UInt8], to key: ConflictKey) -> Bool {
    func inked(_ bytes: [UInt8]) -> [[UInt8]] {
      bytes.split(separator: 0x0A).map { line in line.filter { !isBlankByte($0) && $0 != 0x0D } }.filter { !$0.isEmpty }
    }
    let (first, second) = (inked(key.first), inked(key.second))
    let known = Set(first + second + inked(key.base))
    return inked(lines).count { !known.contains($0) } > first.count + second.count
  }

  /// Never uses the resolution of a conflict again.
  package mutating func revoke(_ key: ConflictKey) {
    entries[key]?.state = .revoked
  }

  /// Notes that what became of a resolution after a merge has been seen to the end.
  package mutating func settle(_ key: ConflictKey, occurrence index: Int) {
    guard let count = entries[key]?.occurrences.count, index < count else { return }
    entries[key]?.occurrences[index].isSettled = true
  }

  /// Forgets what was learned in merges of which this is not true, and what is left without any.
  package mutating func forget(merges isKept: ([UInt8]) -> Bool) {
    for (key, entry) in entries {
      let kept = entry.occurrences.filter { isKept($0.merge) }
      entries[key]?.occurrences = kept
      if kept.isEmpty { entries[key] = nil }
    }
    seen = seen.filter(isKept)
  }

  /// Forgets the oldest resolutions until the rest has at most this many bytes.
  package mutating func trim(to size: Int) {
    var total = entries.values.reduce(0) { $0 + ResolutionFile.size(of: $1) }
    guard total > size else { return }
    let oldest = entries.values.sorted { a, b in
      let (first, second) = (a.occurrences.map(\.time).max() ?? 0, b.occurrences.map(\.time).max() ?? 0)
      return first != second ? first < second : a.key.hash < b.key.hash
    }
    for entry in oldest where total > size {
      total -= ResolutionFile.size(of: entry)
      entries[entry.key] = nil
    }
  }
}

extension ConflictMarkers {
  /// Whether lines hold a conflict marker that none of the three sides holds.
  static func areLeft(in lines: [UInt8], of conflict: Conflict) -> Bool {
    let found = markerLines(lines)
    guard !found.isEmpty else { return false }
    return !found.isSubset(of: markerLines(conflict.base + [0x0A] + conflict.ours + [0x0A] + conflict.theirs))
  }

  private static func markerLines(_ bytes: [UInt8]) -> Set<[UInt8]> {
    var result: Set<[UInt8]> = []
    for line in bytes.split(separator: 0x0A) {
      guard let first = line.first, "<|=>".utf8.contains(first), line.prefix(7).allSatisfy({ $0 == first }),
        line.count >= 7
      else { continue }
      let rest = line.dropFirst(7)
      if rest.isEmpty || rest.first == 0x20 || rest.first == 0x0D { result.insert(Array(line)) }
    }
    return result
  }
}
