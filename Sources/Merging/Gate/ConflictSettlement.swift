/// Asks the resolvers about each conflict of a file, and lets what they agree on through the gate.
struct ConflictSettlement {
  private let context: ResolverContext
  private let resolvers: [any Resolver]
  private let proposing: [any Resolver]
  private var gate: FileGate
  /// What was decided on a conflict, so that nobody is asked twice.
  private var decisions: [Place: Resolution?] = [:]
  private var barred: Set<Place> = []
  /// The resolutions that were not used.
  private(set) var rejected: [FileMerge.Rejection] = []
  /// What resolvers propose for conflicts that are left.
  private(set) var proposals: [FileMerge.Proposal] = []

  /// What resolvers may read of the three files for all conflicts together, as if each conflict took a full reading.
  ///
  /// No file that people write comes near it; with more, the line merge is the answer.
  private var budget: Budget
  static let greatestEffort = 1_500_000_000

  /// How often the parts of a conflict whose resolution the file gate refused are looked at anew.
  private static let greatestRounds = 6

  /// Where a conflict stands, and whether as a whole or as a part.
  private struct Place: Hashable {
    var position: Conflict.Position
    var isNarrowed: Bool

    init(_ conflict: Conflict) {
      position = conflict.position
      isNarrowed = conflict.isNarrowed
    }

    /// The same place where the sides are swapped.
    var swapped: Place {
      var copy = self
      (copy.position.ours, copy.position.theirs) = (position.theirs, position.ours)
      return copy
    }
  }

  init(
    context: ResolverContext,
    resolvers: [any Resolver],
    proposing: [any Resolver],
    checks: [any DocumentCheck],
    effort: Int = Self.greatestEffort
  ) {
    budget = Budget(steps: effort)
    self.context = context
    self.resolvers = resolvers
    self.proposing = proposing
    gate = FileGate(context, checks: checks)
  }

  /// The merged file with what may be used of the resolutions whichever side is called ours.
  ///
  /// Nothing that is meant hangs on that, but a gate that reads lines in their order may judge two orders in two ways,
  /// and a resolver may have a blind side. So the merge is made with swapped sides too, and what only one of the two
  /// settles is left.
  ///
  /// - Parameters:
  ///   - lines: The merge by lines.
  ///   - swapped: The same with swapped sides.
  ///   - mirror: The settlement of that.
  /// - Returns: The regions, in order.
  mutating func regions(
    of lines: LineMerge, and swapped: LineMerge, by mirror: inout ConflictSettlement
  ) -> [FileMerge.Region] {
    for _ in 1...Self.greatestRounds {
      let regions = regions(of: lines)
      let settled = Self.settled(in: regions)
      if settled.isEmpty { return regions }
      let other = Self.settled(in: mirror.regions(of: swapped))
      let disputed = Set(settled.keys.filter { settled[$0] != other[$0.swapped] })
        .union(other.keys.filter { settled[$0.swapped] == nil }.map(\.swapped))
      if disputed.isEmpty { return regions }
      for case .resolved(let conflict, let resolution) in regions where disputed.contains(Place(conflict)) {
        reject(resolution, of: conflict, GateObjection(.oneWay, []))
      }
      barred.formUnion(disputed)
      mirror.barred.formUnion(disputed.map(\.swapped))
    }
    return lines.regions { _ in nil }
  }

  /// The places that were settled, each with its lines but for white space, order and the commas that order asks for.
  private static func settled(in regions: [FileMerge.Region]) -> [Place: [[UInt8]]] {
    regions.reduce(into: [:]) { settled, region in
      guard case .resolved(let conflict, let resolution) = region else { return }
      settled[Place(conflict)] = ink(resolution.lines.filter { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\r") })
    }
  }

  /// The merged file with what may be used of the resolutions, as the sides stand.
  mutating func regions(of lines: LineMerge) -> [FileMerge.Region] {
    for round in 1...Self.greatestRounds {
      let regions = lines.regions { conflict in barred.contains(Place(conflict)) ? nil : decision(on: conflict) }
      let refused = gate.refused(in: regions)
      if refused.isEmpty { return regions }
      for (index, region) in regions.enumerated() {
        guard case .resolved(let conflict, let resolution) = region,
          let fault = refused[index] ?? (round == Self.greatestRounds ? refused.values.first : nil)
        else { continue }
        barred.insert(Place(conflict))
        reject(resolution, of: conflict, GateObjection(fault.reason, fault.evidence))
      }
    }
    return lines.regions { _ in nil }
  }

  private mutating func decision(on conflict: Conflict) -> Resolution? {
    let place = Place(conflict)
    if let known = decisions[place] { return known }
    let decision = decide(conflict)
    decisions[place] = decision
    return decision
  }

  private mutating func decide(_ conflict: Conflict) -> Resolution? {
    guard budget.take(context.base.count + context.ours.count + context.theirs.count) else { return nil }
    let resolutions = resolvers.compactMap { $0.resolve(conflict, in: context) }
    guard Self.agree(resolutions), let first = resolutions.first else {
      for resolution in proposing.compactMap({ $0.resolve(conflict, in: context) })
      where HunkRules.objection(to: resolution, for: conflict, in: context) == nil {
        proposals.append(FileMerge.Proposal(conflict: conflict, resolution: resolution))
      }
      return nil
    }
    var objection: GateObjection?
    for resolution in resolutions {
      guard let found = HunkRules.objection(to: resolution, for: conflict, in: context) else { return resolution }
      objection = objection ?? found
    }
    if let objection { reject(first, of: conflict, objection) }
    return nil
  }

  private mutating func reject(_ resolution: Resolution, of conflict: Conflict, _ objection: GateObjection) {
    rejected.append(
      FileMerge.Rejection(
        conflict: conflict, resolution: resolution, reason: objection.reason, evidence: objection.evidence)
    )
  }

  /// Whether several resolutions are the same but for white space and the order of lines.
  private static func agree(_ resolutions: [Resolution]) -> Bool {
    guard let first = resolutions.first else { return false }
    if resolutions.dropFirst().allSatisfy({ $0.lines == first.lines }) { return true }
    let ink = Self.ink(first.lines)
    return resolutions.dropFirst().allSatisfy { Self.ink($0.lines) == ink }
  }

  private static func ink(_ bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: UInt8(ascii: "\n")).map { $0.filter { !isBlankByte($0) } }.filter { !$0.isEmpty }
      .sorted { $0.lexicographicallyPrecedes($1) }
  }
}

extension LineSpan {
  /// Whether two spans share a line.
  func overlaps(_ other: LineSpan) -> Bool { start < other.end && other.start < end }
}
