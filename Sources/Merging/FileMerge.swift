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

  /// The merged file, in order.
  package let regions: [Region]
  /// The resolutions that were not used.
  package let rejected: [Rejection]
  private let lines: LineMerge

  /// Merges by lines, then asks the resolvers in order about each conflict; the first that answers is heard.
  ///
  /// - Parameters:
  ///   - base: The file as the common ancestor has it.
  ///   - ours: The file as the side that receives the merge has it.
  ///   - theirs: The file as the merged side has it.
  ///   - path: The path of the file in its repository; empty where it is unknown.
  ///   - options: How the line merge treats conflicts.
  ///   - resolvers: The resolvers; none for the textual merge.
  package init(
    base: [UInt8],
    ours: [UInt8],
    theirs: [UInt8],
    path: [UInt8],
    options: LineMerge.Options = .init(),
    resolvers: [any Resolver]
  ) {
    lines = LineMerge(base: base, ours: ours, theirs: theirs, options: options)
    let context = ResolverContext(path: path, base: base, ours: ours, theirs: theirs)
    var gate = ResolutionGate(files: [base, ours, theirs])
    var regions: [Region] = []
    var rejected: [Rejection] = []
    for (index, region) in lines.regions.enumerated() {
      switch region {
      case .merged(let bytes):
        regions.append(.merged(bytes))
      case .conflict(let conflict):
        guard let resolution = Self.firstResolution(of: conflict, in: context, by: resolvers) else {
          regions.append(.conflict(conflict))
          continue
        }
        if let reason = gate.reason(against: resolution, isLast: index == lines.regions.count - 1) {
          rejected.append(Rejection(conflict: conflict, resolution: resolution, reason: reason))
          regions.append(.conflict(conflict))
        } else {
          regions.append(.resolved(conflict, resolution))
        }
      }
    }
    self.regions = regions
    self.rejected = rejected
  }

  private static func firstResolution(
    of conflict: Conflict,
    in context: ResolverContext,
    by resolvers: [any Resolver]
  ) -> Resolution? {
    for resolver in resolvers {
      if let resolution = resolver.resolve(conflict, in: context) { return resolution }
    }
    return nil
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
