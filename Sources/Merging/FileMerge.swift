/// A three-way merge of a file in which resolvers have settled what they safely can.
package struct FileMerge: Sendable {
  /// One stretch of the merged file, in order.
  package enum Region: Sendable, Hashable {
    /// Lines that the line merge decided.
    case merged([UInt8])
    /// A conflict that a resolver settled; its lines stand in the file.
    case resolved(Conflict, Resolution)
    /// A conflict that is left.
    case conflict(Conflict)
  }

  /// A resolution that was not used, and the conflict that is left for it.
  package struct Rejection: Sendable, Hashable {
    package var conflict: Conflict
    package var resolution: Resolution
    package var reason: Reason

    /// Why a resolution was not used.
    package enum Reason: Sendable, Hashable {
      /// It has a line that looks like a conflict marker and is in none of the three files.
      case conflictMarker
      /// Its last line lacks a line feed although more lines follow.
      case unfinishedLine
    }
  }

  /// A resolution that nobody may use unasked: a candidate for the person or the model who decides.
  package struct Proposal: Sendable, Hashable {
    package var conflict: Conflict
    package var resolution: Resolution
  }

  /// The merged file, in order.
  package let regions: [Region]
  /// The resolutions that were not used.
  package let rejected: [Rejection]
  /// What resolvers propose for conflicts that are left.
  package let proposals: [Proposal]
  private let lines: LineMerge

  /// Merges by lines, then asks the resolvers about each conflict.
  ///
  /// Where resolvers that may act alone disagree, none of them is heard.
  ///
  /// - Parameters:
  ///   - base: The file as the common ancestor has it.
  ///   - ours: The file as the side that receives the merge has it.
  ///   - theirs: The file as the merged side has it.
  ///   - path: The path of the file in its repository; empty where it is unknown.
  ///   - options: How the line merge treats conflicts.
  ///   - resolvers: The resolvers that may settle a conflict; none for the textual merge.
  ///   - proposing: The resolvers that may only propose.
  package init(
    base: [UInt8],
    ours: [UInt8],
    theirs: [UInt8],
    path: [UInt8],
    options: LineMerge.Options = .init(),
    resolvers: [any Resolver],
    proposing: [any Resolver] = []
  ) {
    lines = LineMerge(base: base, ours: ours, theirs: theirs, options: options)
    guard !lines.isClean, !(resolvers.isEmpty && proposing.isEmpty) else {
      regions = lines.regions { _ in nil }
      rejected = []
      proposals = []
      return
    }
    let context = ResolverContext(path: path, base: base, ours: ours, theirs: theirs)
    var gate = ResolutionGate(files: [base, ours, theirs])
    var rejected: [Rejection] = []
    var proposals: [Proposal] = []
    regions = lines.regions { conflict in
      guard let resolution = Self.agreed(resolvers.compactMap { $0.resolve(conflict, in: context) }) else {
        for resolution in proposing.compactMap({ $0.resolve(conflict, in: context) })
        where gate.reason(against: resolution, for: conflict) == nil {
          proposals.append(Proposal(conflict: conflict, resolution: resolution))
        }
        return nil
      }
      if let reason = gate.reason(against: resolution, for: conflict) {
        rejected.append(Rejection(conflict: conflict, resolution: resolution, reason: reason))
        return nil
      }
      return resolution
    }
    self.rejected = rejected
    self.proposals = proposals
  }

  /// The first of several resolutions, if they are the same but for white space and the order of lines.
  private static func agreed(_ resolutions: [Resolution]) -> Resolution? {
    guard let first = resolutions.first else { return nil }
    if resolutions.dropFirst().allSatisfy({ $0.lines == first.lines }) { return first }
    let ink = Self.ink(first.lines)
    return resolutions.dropFirst().allSatisfy { Self.ink($0.lines) == ink } ? first : nil
  }

  private static func ink(_ bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: UInt8(ascii: "\n")).map { $0.filter { !isBlankByte($0) } }.filter { !$0.isEmpty }
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The conflicts that are left, in order.
  package var left: [Conflict] {
    regions.compactMap { if case .conflict(let conflict) = $0 { conflict } else { nil } }
  }

  /// The conflicts that were settled and how, in order.
  package var resolved: [(conflict: Conflict, resolution: Resolution)] {
    regions.compactMap { if case .resolved(let conflict, let resolution) = $0 { (conflict, resolution) } else { nil } }
  }

  /// Whether no conflict is left.
  package var isClean: Bool {
    !regions.contains { if case .conflict = $0 { true } else { false } }
  }

  /// The merged file; the conflicts that are left stand between markers as git writes them.
  package func render(_ markers: ConflictMarkers) -> [UInt8] {
    var output: [UInt8] = []
    for region in regions {
      switch region {
      case .merged(let bytes): output += bytes
      case .resolved(_, let resolution): output += resolution.lines
      case .conflict(let conflict): lines.render(conflict, markers, to: &output)
      }
    }
    return output
  }
}
