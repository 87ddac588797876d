/// Settles conflicts in which a side did nothing but give something another name, in its whole file.
///
/// The other side's lines get the new name.
package struct RenamedNames: Resolver {
  package let name = "renamed-names"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !conflict.isNarrowed, !context.isGenerated, !conflict.base.isEmpty, !conflict.ours.isEmpty,
      !conflict.theirs.isEmpty, Self.isCode(context.language)
    else { return nil }
    let base = NameText.pieces(of: conflict.base[...])
    let (our, their) = (Self.renames(base, conflict.ours), Self.renames(base, conflict.theirs))
    // The files are read for the names in them, twice where these are used.
    guard (our == nil) != (their == nil),
      context.mayRead(2 * (context.base.count + context.ours.count + context.theirs.count))
    else { return nil }
    switch (our, their) {
    case (let our?, nil):
      guard areNames(our, .ours, conflict, context) else { return nil }
      return resolution(conflict, our, of: context.ours, for: conflict.theirs, in: context.theirs, context)
    case (nil, let their?):
      guard areNames(their, .theirs, conflict, context) else { return nil }
      return resolution(conflict, their, of: context.theirs, for: conflict.ours, in: context.ours, context)
    default: return nil
    }
  }

  private typealias Names = [ArraySlice<UInt8>: ArraySlice<UInt8>]

  /// The languages in which a word is most often the name of something.
  private static func isCode(_ language: Language) -> Bool {
    switch language.family {
    // The words of a style sheet are values.
    case .braces, .endKeyword: language.name != "CSS"
    case .indentation: language.imports == .python
    default: false
    }
  }

  /// The names that a side has in the place of others, where that is all it changed but for the layout.
  ///
  /// - Returns: `nil` where it changed anything else, or a name in one place and not in another.
  private static func renames(_ base: [ArraySlice<UInt8>], _ side: [UInt8]) -> Names? {
    let pieces = NameText.pieces(of: side[...])
    guard pieces.count == base.count else { return nil }
    var names: Names = [:]
    for (old, new) in zip(base, pieces) {
      if old == new { continue }
      guard NameText.isName(old), NameText.isName(new), !NameText.hasByteOrderMark(old),
        !NameText.hasByteOrderMark(new), !ReservedWords.contains(new)
      else { return nil }
      if let known = names[old], known != new { return nil }
      names[old] = new
    }
    guard !names.isEmpty, names.count <= 8 else { return nil }
    return zip(base, pieces).contains { $0 == $1 && names[$0] != nil } ? nil : names
  }

  /// Whether what a side replaced are names of something, and not values of which it chose others.
  ///
  /// They stand in code. Where the other side uses them more often than the ancestor did, each is declared there or
  /// used several times; else another value was chosen in one place, and the new uses may still mean the old one.
  private func areNames(
    _ names: Names,
    _ side: FineMerge.Side,
    _ conflict: Conflict,
    _ context: ResolverContext
  ) -> Bool {
    let (old, new) = (Set(names.keys), Set(names.values))
    let isOurs = side == .ours
    let (source, span) =
      isOurs ? (context.sources.ours, conflict.position.ours) : (context.sources.theirs, conflict.position.theirs)
    let (otherSource, otherSpan) =
      isOurs ? (context.sources.theirs, conflict.position.theirs) : (context.sources.ours, conflict.position.ours)
    let before = CodeNames(of: old, in: conflict.position.base, of: context.sources.base)
    let after = CodeNames(of: new, in: span, of: source)
    let there = CodeNames(of: old, in: otherSpan, of: otherSource)
    let more = old.filter { there.inCode[$0, default: 0] > before.inCode[$0, default: 0] }
    let quoted = old.filter { there.inText[$0, default: 0] > before.inText[$0, default: 0] }
    let throughout = RenameTally(names, conflict, side, in: context)
    let areSure = names.allSatisfy { old, new in
      let isInCode = before.inCode[old] != nil && after.inCode[new] != nil
      if isInCode, !ReservedWords.contains(old) { return true }
      return !more.contains(old) && !quoted.contains(old) && throughout.isReplaced(old, atLeast: isInCode ? 3 : 2)
    }
    guard areSure else { return false }
    guard !more.isEmpty || !quoted.isEmpty else { return true }
    let all = CodeNames(of: old, in: whole(context.sources.base), of: context.sources.base)
    let now = CodeNames(of: new, in: whole(source), of: source)
    // A word in a new text is the name only if it was that in the old texts.
    return quoted.allSatisfy { all.inText[$0] != nil }
      && more.allSatisfy { name in
        all.declared.contains(name)
          || all.inCode[name, default: 0] > 1 && names[name].map { now.inCode[$0, default: 0] > 1 } ?? false
      }
  }

  private func whole(_ source: SourceText) -> LineSpan { LineSpan(start: 0, count: source.table.count) }

  private func resolution(
    _ conflict: Conflict,
    _ names: Names,
    of side: [UInt8],
    for lines: [UInt8],
    in other: [UInt8],
    _ context: ResolverContext
  ) -> Resolution? {
    let wanted = Set(names.keys).union(names.values)
    let here = NameText.counts(of: wanted, in: lines)
    guard names.allSatisfy({ here[$0.key] != nil }), !deletesLines(conflict, in: context) else { return nil }
    // The old names must be gone, and the new ones must not be something that the other side added as well.
    let new = NameText.counts(of: wanted, in: side)
    guard names.allSatisfy({ new[$0.key] == nil }) else { return nil }
    let old = NameText.counts(of: wanted, in: context.base)
    let theirs = NameText.counts(of: wanted, in: other)
    guard names.allSatisfy({ old[$0.value] != nil || theirs[$0.value] == nil }) else { return nil }
    // Lines with little in common with what was there have taken its place.
    guard SideContrast.isLikeness(of: lines, and: conflict.base, above: 50) else { return nil }
    // Who came to use the old name elsewhere as well would have it there without its meaning.
    let inBase = NameText.counts(of: wanted, in: conflict.base)
    func outside(_ all: [ArraySlice<UInt8>: Int], _ part: [ArraySlice<UInt8>: Int], _ name: ArraySlice<UInt8>) -> Int {
      all[name, default: 0] - part[name, default: 0]
    }
    guard names.keys.allSatisfy({ outside(theirs, here, $0) <= outside(old, inBase, $0) }) else { return nil }
    return Resolution(resolver: name, lines: NameText.replacing(names, in: lines), reason: reason(names))
      .listingDrops(of: conflict, because: "it is there with the name that the other side gave")
  }

  /// Whether either side left out whole lines, so that it is not sure what else belongs to them.
  private func deletesLines(_ conflict: Conflict, in context: ResolverContext) -> Bool {
    guard let fine = FineMerge(conflict, in: context) else { return true }
    return (fine.ourAlignment.edits + fine.theirAlignment.edits).contains { $0.kind == .deletion }
  }

  private func reason(_ names: Names) -> String {
    let list = names.map { (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
      .sorted { $0.0 < $1.0 }.map { "\($0.0) is \($0.1)" }.joined(separator: ", ")
    return "one side only gave other names throughout its file, which the other side's lines get: \(list)"
  }
}

/// How often names stand in the ancestor's file and in that of the side that replaced them.
private struct RenameTally {
  private let names: [ArraySlice<UInt8>: ArraySlice<UInt8>]
  private let base: [ArraySlice<UInt8>: Int]
  private let side: [ArraySlice<UInt8>: Int]
  private let inConflict: [ArraySlice<UInt8>: Int]

  init(
    _ names: [ArraySlice<UInt8>: ArraySlice<UInt8>],
    _ conflict: Conflict,
    _ side: FineMerge.Side,
    in context: ResolverContext
  ) {
    let wanted = Set(names.keys).union(names.values)
    self.names = names
    base = NameText.counts(of: wanted, in: context.base)
    self.side = NameText.counts(of: wanted, in: side == .ours ? context.ours : context.theirs)
    inConflict = NameText.counts(of: wanted, in: conflict.base)
  }

  /// Whether the side replaced a word wherever the file had it, so often, and in other places than the conflict too.
  ///
  /// Then it is a name, whether it stands in code here, in a comment or in a text.
  func isReplaced(_ old: ArraySlice<UInt8>, atLeast count: Int) -> Bool {
    guard let new = names[old], side[old] == nil else { return false }
    let before = base[old, default: 0]
    return before >= count && before > inConflict[old, default: 0]
      && side[new, default: 0] - base[new, default: 0] >= count
  }
}
