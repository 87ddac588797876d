/// Refuses a resolution that opens or closes more than both sides do at its place.
///
/// It speaks only where ancestor and sides agree on how deep their lines end; where they do not, the whole file tells.
struct HunkBalanceRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    switch Self.verdict(on: resolution, for: conflict, in: context) {
    case .unbalanced: GateObjection(.unbalanced, Self.evidence(resolution, for: conflict, in: context))
    case .balanced, .unknown: nil
    }
  }

  /// What finds no counterpart in the resolution and finds one in the sides; else its first line.
  private static func evidence(
    _ resolution: Resolution, for conflict: Conflict, in context: ResolverContext
  ) -> [UInt8] {
    let count = BalanceCount(language: context.language)
    func mismatches(_ bytes: [UInt8], _ start: SourceScanner) -> Mismatches {
      Mismatches(
        SourceText(bytes, language: context.language), at: count.effect(of: bytes, from: start).mismatches)
    }
    let ourStart = context.sources.ours.scanner(atLine: conflict.position.ours.start)
    let words = mismatches(resolution.lines, ourStart).words(
      besides: mismatches(conflict.ours, ourStart),
      mismatches(conflict.theirs, context.sources.theirs.scanner(atLine: conflict.position.theirs.start)))
    return words.isEmpty ? Array(resolution.lines.split(separator: UInt8(ascii: "\n")).first ?? []) : words
  }

  enum Verdict: Hashable {
    /// It leaves the file as balanced as any side would.
    case balanced
    case unbalanced
    /// The sides differ here, so that only the whole file can tell.
    case unknown
  }

  static func verdict(on resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> Verdict {
    let count = BalanceCount(language: context.language)
    if !count.isCounted { return .balanced }
    let sources = context.sources
    let ourStart = sources.ours.scanner(atLine: conflict.position.ours.start)
    let theirStart = sources.theirs.scanner(atLine: conflict.position.theirs.start)
    guard ourStart.state == theirStart.state else { return .unknown }
    let ours = count.effect(of: conflict.ours, from: ourStart)
    let theirs = count.effect(of: conflict.theirs, from: theirStart)
    let result = count.effect(of: resolution.lines, from: ourStart)
    guard ours.net == theirs.net, ours.end == theirs.end else { return .unknown }
    if result.net == ours.net, result.end == ours.end, result.lowest >= min(ours.lowest, theirs.lowest) {
      return .balanced
    }
    if conflict.isNarrowed { return .unknown }
    let baseStart = sources.base.scanner(atLine: conflict.position.base.start)
    let base = count.effect(of: conflict.base, from: baseStart)
    return base.net == ours.net && base.end == ours.end ? .unbalanced : .unknown
  }
}
