/// Judges a merged file as a whole, and finds the resolutions that are at fault.
struct FileGate {
  private let context: ResolverContext
  private let checks: [any DocumentCheck]
  /// The rules, once there is something to judge.
  private var rules: [any FileRule]?

  /// How many bytes may be read in all to find out which resolution is at fault.
  private static let searchBudget = 4_000_000

  init(_ context: ResolverContext, checks: [any DocumentCheck]) {
    self.context = context
    self.checks = (checks + StandardDocumentChecks.all).filter { $0.applies(to: context.path) }
  }

  /// The regions whose resolutions must not be used, and why; empty where the file is as good as the sides.
  ///
  /// A resolution is at fault if either side's lines in its place cure the file. Where no single one is, those are
  /// that have to do with the line at fault, at worst all.
  mutating func refused(in regions: [FileMerge.Region]) -> [Int: FileFault] {
    let resolved = regions.indices.filter { if case .resolved = regions[$0] { true } else { false } }
    if resolved.isEmpty { return [:] }
    let rules = self.rules ?? makeRules()
    self.rules = rules
    for rule in rules {
      guard let fault = fault(of: regions, by: rule, replacing: [:]) else { continue }
      var culprits = single(among: resolved, of: regions, by: rule)
      if culprits.isEmpty, isFaultOfOthers(resolved, in: regions, by: rule) { continue }
      if culprits.isEmpty { culprits = touching(fault.lines, in: regions) }
      if culprits.isEmpty { culprits = resolved }
      return Dictionary(culprits.map { ($0, fault) }) { first, _ in first }
    }
    return [:]
  }

  private func makeRules() -> [any FileRule] {
    let (ours, theirs) = (context.sources.ours, context.sources.theirs)
    var rules: [any FileRule] = checks.compactMap { DocumentRule($0, ours: ours, theirs: theirs) }
    if let balance = BalanceRule(ours: ours, theirs: theirs) { rules.append(balance) }
    rules.append(DuplicateRule(ours: ours, theirs: theirs))
    return rules
  }

  /// The resolutions of which each alone, replaced by a side, makes the file pass.
  private func single(among resolved: [Int], of regions: [FileMerge.Region], by rule: any FileRule) -> [Int] {
    let cost = 2 * resolved.count * max(context.ours.count, context.theirs.count)
    guard cost <= Self.searchBudget else { return [] }
    return resolved.filter { index in
      [DroppedLine.Side.ours, .theirs].contains { fault(of: regions, by: rule, replacing: [index: $0]) == nil }
    }
  }

  /// Whether the conflicts that are left are at fault: with them no choice of sides makes the file pass.
  private func isFaultOfOthers(_ resolved: [Int], in regions: [FileMerge.Region], by rule: any FileRule) -> Bool {
    guard regions.contains(where: { if case .conflict = $0 { true } else { false } }) else { return false }
    return [DroppedLine.Side.ours, .theirs].allSatisfy { side in
      let replaced = Dictionary(resolved.map { ($0, side) }) { first, _ in first }
      return fault(of: regions, by: rule, replacing: replaced) != nil
    }
  }

  private func touching(_ lines: [Int], in regions: [FileMerge.Region]) -> [Int] {
    var touched: [Int] = []
    var start = 0
    for (index, region) in regions.enumerated() {
      let count = LineTable(text(of: region, side: .ours)).count
      if case .resolved = region, lines.contains(where: { (start..<(start + count)).contains($0) }) {
        touched.append(index)
      }
      start += count
    }
    return touched
  }

  /// What a rule finds in the file; conflicts that are left may be filled by either side.
  private func fault(
    of regions: [FileMerge.Region],
    by rule: any FileRule,
    replacing sides: [Int: DroppedLine.Side]
  ) -> FileFault? {
    guard let fault = rule.fault(in: source(of: regions, fill: .ours, replacing: sides)) else { return nil }
    let isClean = !regions.contains { if case .conflict = $0 { true } else { false } }
    if isClean || rule.fault(in: source(of: regions, fill: .theirs, replacing: sides)) != nil { return fault }
    return nil
  }

  private func source(
    of regions: [FileMerge.Region],
    fill: DroppedLine.Side,
    replacing sides: [Int: DroppedLine.Side]
  ) -> SourceText {
    var bytes: [UInt8] = []
    for (index, region) in regions.enumerated() {
      if case .resolved(let conflict, _) = region, let side = sides[index] {
        bytes += side == .ours ? conflict.ours : conflict.theirs
      } else {
        bytes += text(of: region, side: fill)
      }
    }
    return SourceText(bytes, language: context.language)
  }

  private func text(of region: FileMerge.Region, side: DroppedLine.Side) -> [UInt8] {
    switch region {
    case .merged(let bytes): bytes
    case .resolved(_, let resolution): resolution.lines
    case .conflict(let conflict): side == .ours ? conflict.ours : conflict.theirs
    }
  }
}
