/// A rule that judges a whole merged file by the files of both sides.
protocol FileRule {
  /// What is worse in the merged file than in the sides; `nil` where nothing is.
  func fault(in merged: SourceText) -> FileFault?
}

/// What is wrong with a merged file.
struct FileFault: Hashable {
  var reason: FileMerge.Rejection.Reason
  /// The line that shows it.
  var evidence: [UInt8]
  /// The lines of the merged file that have to do with it; empty where nobody can tell.
  var lines: [Int]

  init(_ reason: FileMerge.Rejection.Reason, evidence: some Sequence<UInt8> = [], lines: [Int] = []) {
    self.reason = reason
    self.evidence = Array(evidence)
    self.lines = lines
  }
}

/// Refuses a file that is less balanced than the better side.
struct BalanceRule: FileRule {
  private let count: BalanceCount
  private let ours: Reading
  private let theirs: Reading

  private struct Reading {
    var imbalance: Int
    var mismatches: Mismatches
  }

  /// - Returns: `nil` where nothing is counted in the language.
  init?(ours: SourceText, theirs: SourceText) {
    count = BalanceCount(language: ours.language)
    guard count.isCounted || TagCount.isCounted(in: ours.language) else { return nil }
    self.ours = Self.reading(of: ours, count)
    self.theirs = Self.reading(of: theirs, count)
  }

  func fault(in merged: SourceText) -> FileFault? {
    let found = Self.reading(of: merged, count)
    if found.imbalance <= min(ours.imbalance, theirs.imbalance) { return nil }
    return FileFault(.unbalanced, evidence: found.mismatches.words(besides: ours.mismatches, theirs.mismatches))
  }

  private static func reading(of source: SourceText, _ count: BalanceCount) -> Reading {
    let bytes = source.table.bytes
    if TagCount.isCounted(in: source.language) {
      return Reading(imbalance: TagCount.imbalance(of: bytes), mismatches: Mismatches(source, at: []))
    }
    let places = count.effect(of: bytes, from: SourceScanner(language: source.language)).mismatches
    return Reading(imbalance: places.count, mismatches: Mismatches(source, at: places))
  }
}
