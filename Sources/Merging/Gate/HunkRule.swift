/// A rule that judges one resolution by itself.
protocol HunkRule: Sendable {
  /// What speaks against the resolution; `nil` where nothing does.
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection?
}

/// Why a resolution must not be used, and the line or the word that shows it.
struct GateObjection: Hashable {
  var reason: FileMerge.Rejection.Reason
  var evidence: [UInt8]

  init(_ reason: FileMerge.Rejection.Reason, _ evidence: some Sequence<UInt8>) {
    self.reason = reason
    self.evidence = Array(evidence)
  }
}

/// The rules that judge each resolution by itself, the cheapest first.
enum HunkRules {
  static let all: [any HunkRule] = [
    AncestorRule(), MovedFileRule(), MarkerRule(), LastLineRule(), LossRule(), DeletionRule(), WholeValueRule(),
    KnownWordRule(), HunkBalanceRule(),
  ]

  /// The first objection of any of the rules.
  static func objection(
    to resolution: Resolution,
    for conflict: Conflict,
    in context: ResolverContext
  ) -> GateObjection? {
    for rule in all {
      if let objection = rule.objection(to: resolution, for: conflict, in: context) { return objection }
    }
    return nil
  }
}
