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
  private let allowed: Int

  /// - Returns: `nil` where nothing is counted in the language.
  init?(ours: SourceText, theirs: SourceText) {
    count = BalanceCount(language: ours.language)
    guard count.isCounted || TagCount.isCounted(in: ours.language) else { return nil }
    allowed = min(Self.imbalance(of: ours, count), Self.imbalance(of: theirs, count))
  }

  func fault(in merged: SourceText) -> FileFault? {
    Self.imbalance(of: merged, count) > allowed ? FileFault(.unbalanced) : nil
  }

  private static func imbalance(of source: SourceText, _ count: BalanceCount) -> Int {
    if TagCount.isCounted(in: source.language) { return TagCount.imbalance(of: source.table.bytes) }
    return count.effect(of: source.table.bytes, from: SourceScanner(language: source.language)).mismatches
  }
}
