/// Settles conflicts in which a side gave something another name in its whole file, and did little else there.
///
/// The other side's lines get the new name, and so do the ancestor's; what is left is merged line by line.
package struct RenamedNames: Resolver {
  package let name = "renamed-names"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), !conflict.ours.isEmpty, !conflict.theirs.isEmpty,
      [.braces, .indentation, .endKeyword].contains(context.language.family), context.language.name != "YAML"
    else { return nil }
    guard !(fine.ourAlignment.edits + fine.theirAlignment.edits).contains(where: { $0.kind == .deletion }) else {
      return nil
    }
    let ours = NameChanges(fine.ourAlignment.edits, from: fine.base, to: fine.ours)
    let theirs = NameChanges(fine.theirAlignment.edits, from: fine.base, to: fine.theirs)
    let our = ours.throughout(in: conflict.theirs, base: context.base, side: context.ours, other: context.theirs)
    let their = theirs.throughout(in: conflict.ours, base: context.base, side: context.theirs, other: context.ours)
    guard !(our.isEmpty && their.isEmpty), Self.areIndependent(our, their) else { return nil }
    let both = our.merging(their) { first, _ in first }
    let merge = LineMerge(
      base: NameText.replacing(both, in: conflict.base),
      ours: NameText.replacing(their, in: conflict.ours),
      theirs: NameText.replacing(our, in: conflict.theirs)
    )
    guard merge.isClean else { return nil }
    let lines = merge.regions.reduce(into: [UInt8]()) { result, region in
      if case .merged(let bytes) = region { result += bytes }
    }
    return Resolution(resolver: name, lines: lines, reason: reason(our, their))
      .listingDrops(of: conflict, because: "it is there with the name that the other side gave")
  }

  private typealias Names = [ArraySlice<UInt8>: ArraySlice<UInt8>]

  /// Whether no name that one side gave or took has to do with one of the other side's.
  private static func areIndependent(_ ours: Names, _ theirs: Names) -> Bool {
    if ours == theirs { return false }
    let our = Set(ours.keys).union(ours.values)
    return our.isDisjoint(with: Set(theirs.keys).union(theirs.values))
  }

  private func reason(_ ours: Names, _ theirs: Names) -> String {
    func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    let pairs = (ours.map { (text($0), text($1), "ours") } + theirs.map { (text($0), text($1), "theirs") })
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    let list = pairs.map { "\($0.0) is \($0.1) in \($0.2)" }.joined(separator: ", ")
    return "throughout its file a side has other names, which are taken for both: \(list)"
  }
}

/// The names that a side's changed lines have in the place of others.
private struct NameChanges {
  private var names: [ArraySlice<UInt8>: ArraySlice<UInt8>] = [:]
  /// Names that were replaced in more than one way.
  private var disputed: Set<ArraySlice<UInt8>> = []
  /// How often each name was replaced, of all the times that it stands here.
  private var replaced: [ArraySlice<UInt8>: Int] = [:]
  private var present: [ArraySlice<UInt8>: Int] = [:]

  init(_ edits: [LineAlignment.Edit], from base: [TokenLine], to side: [TokenLine]) {
    for edit in edits where edit.kind == .modification {
      add(base[edit.base.lowerBound].bytes, side[edit.side.lowerBound].bytes)
    }
    present = NameText.counts(of: Set(names.keys), in: base.flatMap(\.bytes))
    names = names.filter { !disputed.contains($0.key) && replaced[$0.key] == present[$0.key] }
  }

  /// Takes the names of a line that is the same but for names.
  private mutating func add(_ old: [UInt8], _ new: [UInt8]) {
    let (old, new) = (NameText.pieces(of: old[...]), NameText.pieces(of: new[...]))
    guard old.count == new.count else { return }
    let pairs = zip(old, new).filter { $0 != $1 }
    guard pairs.allSatisfy({ NameText.isName($0) && NameText.isName($1) }) else { return }
    for (from, to) in pairs {
      if let known = names[from], known != to { disputed.insert(from) }
      names[from] = to
      replaced[from, default: 0] += 1
    }
  }

  /// Those of the names that the side's whole file has in the place of others.
  ///
  /// The old name must be gone from it, and the new one must not be something that the other side added as well.
  func throughout(
    in lines: [UInt8],
    base: [UInt8],
    side: [UInt8],
    other: [UInt8]
  ) -> [ArraySlice<UInt8>: ArraySlice<UInt8>] {
    guard !names.isEmpty, names.count <= 8 else { return [:] }
    let wanted = Set(names.keys).union(names.values)
    let new = NameText.counts(of: wanted, in: side)
    let candidates = names.filter { new[$0.key] == nil }
    if candidates.isEmpty { return [:] }
    let old = NameText.counts(of: wanted, in: base)
    let theirs = NameText.counts(of: wanted, in: other)
    let here = NameText.counts(of: wanted, in: lines)
    return candidates.filter { (old[$0.value] != nil || theirs[$0.value] == nil) && here[$0.key] != nil }
  }
}
