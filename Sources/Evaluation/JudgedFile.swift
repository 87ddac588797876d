package import Merging

/// What came of one conflict of a replayed merge.
package enum HunkClass: String, Sendable, Hashable, CaseIterable {
  case equal
  case whiteSpace = "white-space"
  case order
  case different
  /// Settled, but the lines around it were changed as well, so that nobody can tell what people put in its place.
  case unknown
  /// Left to a person.
  case left

  package init(_ likeness: Likeness?) {
    switch likeness {
    case .equal: self = .equal
    case .whiteSpace: self = .whiteSpace
    case .order: self = .order
    case .different: self = .different
    case nil: self = .unknown
    }
  }
}

/// One conflict of a replayed merge beside what people committed in its place.
package struct JudgedHunk: Sendable, Hashable {
  package var place: FilePlace
  package var conflict: Conflict
  /// What settled it; `nil` where it is left.
  package var resolution: Resolution?
  /// For a conflict that is left: the resolvers whose resolutions the gate refused.
  package var refused: [String] = []
  package var kind: HunkClass
  /// The committed lines; `nil` where nobody can tell them.
  package var committed: [UInt8]?
  /// The merged lines before and after it.
  package var before: [UInt8]
  package var after: [UInt8]

  /// The line of our side at which the conflict begins, counted from one.
  package var line: Int { conflict.position.ours.start + 1 }
}

/// A merged file beside what people committed.
package struct JudgedFile: Sendable {
  package let place: FilePlace
  package let language: String
  /// How the merged file compares with the committed one; `nil` where a conflict is left.
  package let likeness: Likeness?
  /// Every conflict, in order.
  package let hunks: [JudgedHunk]
  /// The names of the gate's rules that refused a resolution, one for each resolution.
  package let refusals: [String]

  /// Compares each conflict of a merge, and the whole where it is clean, with what people committed.
  ///
  /// - Parameters:
  ///   - merge: The merged file.
  ///   - base: The file as the common ancestor has it.
  ///   - committed: The file as people committed it.
  ///   - place: Where the file is.
  ///   - language: The name of its language.
  package init(_ merge: FileMerge, base: [UInt8], committed: [UInt8], place: FilePlace, language: String) {
    self.place = place
    self.language = language
    let truth = CommittedHunks(of: merge.regions, in: committed).lines
    var hunks: [JudgedHunk] = []
    func merged(at index: Int) -> [UInt8] {
      guard merge.regions.indices.contains(index), case .merged(let lines) = merge.regions[index] else { return [] }
      return lines
    }
    for (index, region) in merge.regions.enumerated() {
      let (conflict, resolution): (Conflict, Resolution?)
      switch region {
      case .merged: continue
      case .resolved(let settled, let by): (conflict, resolution) = (settled, by)
      case .conflict(let left): (conflict, resolution) = (left, nil)
      }
      let lines = truth[hunks.count]
      let likeness = resolution.flatMap { made in lines.map { Likeness.of(made.lines, $0, base: conflict.base) } }
      hunks.append(
        JudgedHunk(
          place: place, conflict: conflict, resolution: resolution,
          refused: resolution == nil
            ? merge.rejected.filter { $0.conflict == conflict }.map(\.resolution.resolver) : [],
          kind: resolution == nil ? .left : HunkClass(likeness), committed: lines,
          before: merged(at: index - 1), after: merged(at: index + 1)))
    }
    self.hunks = hunks
    refusals = merge.rejected.map { GateRule.name(of: $0.reason) }
    likeness =
      merge.isClean
      ? Likeness.of(merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil)), committed, base: base) : nil
  }
}

/// The rules of the gate by name.
package enum GateRule {
  /// The name of the rule behind a refusal: that of its case as words, without what it is about.
  package static func name(of reason: FileMerge.Rejection.Reason) -> String {
    words(String(describing: reason))
  }

  static func words(_ description: String) -> String {
    var words = ""
    for character in description.prefix(while: { $0 != "(" }) {
      if character.isUppercase { words += "-" }
      words += character.lowercased()
    }
    return words
  }
}
