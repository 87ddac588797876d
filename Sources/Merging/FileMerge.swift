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
    /// The line or the word that shows it; empty where there is none to show.
    package var evidence: [UInt8] = []

    /// Why a resolution was not used.
    package enum Reason: Sendable, Hashable {
      /// It has a line that looks like a conflict marker and is in none of the three files.
      case conflictMarker
      /// Its last line lacks a line feed although more lines follow.
      case unfinishedLine
      /// It leaves out a line that a side added, and does not list it.
      case lostLine
      /// It leaves out a line that both sides kept.
      case vanishedLine
      /// It brings back a line that a side deleted and the other side did not write anew.
      case revivedLine
      /// It opens or closes more than the sides do.
      case unbalanced
      /// With it the file has something twice that neither side has twice.
      case duplicate
      /// With it the file is not valid, as both sides are.
      case invalidDocument
      /// It holds a number, a version or a text literal that no side has.
      case blendedValue
      /// It holds a word that no side has.
      case newWord
      /// What it takes for the ancestor's lines is itself a merge with conflicts.
      case unsureAncestor
      /// With swapped sides the conflict is left or settled in another way.
      case oneWay
      /// It leaves an edit out with its lines, in a file that one side moved.
      case editInMovedFile

      /// One sentence for a person, without its full stop.
      package var sentence: String {
        switch self {
        case .conflictMarker: "it has a line that looks like a conflict marker"
        case .unfinishedLine: "its last line has no line end although more lines follow"
        case .lostLine: "it leaves out a line that a side added and does not say why"
        case .vanishedLine: "it leaves out a line that both sides kept"
        case .revivedLine: "it brings back a line that a side deleted"
        case .unbalanced: "brackets, tags or quotes would not balance as they do in the sides"
        case .duplicate: "the file would have something twice that neither side has twice"
        case .invalidDocument: "the file would not be valid as both sides are"
        case .blendedValue: "it has a number, a version or a text that no side has"
        case .newWord: "it has a word that no side has"
        case .unsureAncestor: "the sides have several common ancestors, which are in conflict here themselves"
        case .oneWay: "with the sides swapped it would come out in another way"
        case .editInMovedFile: "it leaves out an edit in a file that one side moved to another path"
        }
      }
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
  /// Where resolvers that may act alone disagree, none of them is heard. What they agree on is used if it passes the
  /// gate: the rules for single resolutions at once, those for files when all conflicts were asked about.
  ///
  /// - Parameters:
  ///   - base: The file as the common ancestor has it.
  ///   - ours: The file as the side that receives the merge has it.
  ///   - theirs: The file as the merged side has it.
  ///   - path: The path of the file in its repository; empty where it is unknown.
  ///   - isMoved: Whether a side has the file at another path than the common ancestor.
  ///   - options: How the line merge treats conflicts.
  ///   - resolvers: The resolvers that may settle a conflict; none for the textual merge.
  ///   - proposing: The resolvers that may only propose.
  ///   - checks: What tells whether the merged file is a valid document, beside the checks that come with Arborist.
  ///   - bothWays: Whether only what comes out alike with swapped sides is used; tests with a resolver that prefers a
  ///     side need it otherwise.
  package init(
    base: [UInt8],
    ours: [UInt8],
    theirs: [UInt8],
    path: [UInt8],
    isMoved: Bool = false,
    options: LineMerge.Options = .init(),
    resolvers: [any Resolver],
    proposing: [any Resolver] = [],
    checks: [any DocumentCheck] = [],
    bothWays: Bool = true
  ) {
    lines = LineMerge(base: base, ours: ours, theirs: theirs, options: options)
    // A file that a tool writes is no resolver's to touch, whoever it is.
    let isGenerated = GeneratedFile.at(path, versions: [ours, theirs]) != nil
    guard !lines.isClean, !isGenerated, !(resolvers.isEmpty && proposing.isEmpty) else {
      regions = lines.regions { _ in nil }
      rejected = []
      proposals = []
      return
    }
    let context = ResolverContext(
      path: path, base: base, ours: ours, theirs: theirs, isMoved: isMoved, lines: lines)
    var settlement = ConflictSettlement(context: context, resolvers: resolvers, proposing: proposing, checks: checks)
    if bothWays {
      let swapped = LineMerge(base: base, ours: theirs, theirs: ours, options: options)
      var mirror = ConflictSettlement(
        context: ResolverContext(swapping: context, lines: swapped), resolvers: resolvers, proposing: [],
        checks: checks)
      regions = settlement.regions(of: lines, and: swapped, by: &mirror)
    } else {
      regions = settlement.regions(of: lines)
    }
    rejected = settlement.rejected
    proposals = settlement.proposals
  }

  /// The conflicts that are left, in order.
  package var left: [Conflict] {
    regions.compactMap { if case .conflict(let conflict) = $0 { conflict } else { nil } }
  }

  /// The conflicts that were settled and how, in order.
  package var resolved: [(conflict: Conflict, resolution: Resolution)] {
    regions.compactMap { if case .resolved(let conflict, let resolution) = $0 { (conflict, resolution) } else { nil } }
  }

  /// Takes regions as they are; only for tests of what the gate is there for.
  init(ungated lines: LineMerge, regions: [Region]) {
    self.lines = lines
    self.regions = regions
    rejected = []
    proposals = []
  }

  /// Why no resolution was used for a conflict that is left; `nil` where no resolver settled it.
  package func rejection(for conflict: Conflict) -> Rejection? {
    if let exact = rejected.first(where: { $0.conflict == conflict }) { return exact }
    // A conflict is asked about as a whole and shown in parts.
    return rejected.first { rejection in
      let (one, two) = (rejection.conflict.position, conflict.position)
      return one.ours.overlaps(two.ours) || one.theirs.overlaps(two.theirs)
    }
  }

  /// The lines that sides added and that resolutions leave out, each with the conflict it is from.
  package var dropped: [(conflict: Conflict, line: DroppedLine)] {
    resolved.flatMap { settled in settled.resolution.dropped.map { (settled.conflict, $0) } }
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
