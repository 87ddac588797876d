/// Settles conflicts in which one side gave all its paths of imports an ending, and the other changed the imports.
///
/// A file whose relative paths all end with `.js` since a change on one side keeps that habit: the other side's new
/// paths get the ending, too.
package struct ImportEndings: Resolver {
  package let name = "import-endings"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !conflict.isNarrowed, !context.isGenerated, context.language.imports == .ecmascript else { return nil }
    let sides = [conflict.base, conflict.ours, conflict.theirs].map { ImportBlock($0, form: .ecmascript) }
    guard let base = sides[0], let ours = sides[1], let theirs = sides[2], !base.items.isEmpty else { return nil }
    let our = ending(base, ours, of: context.ours)
    let their = ending(base, theirs, of: context.theirs)
    switch (our, their) {
    case (let ending?, nil): return resolution(conflict, theirs, ending)
    case (nil, let ending?): return resolution(conflict, ours, ending)
    default: return nil
    }
  }

  /// The ending that a side gave to the paths of the ancestor's imports.
  ///
  /// - Returns: `nil` where it did anything else, or has relative paths without the ending left.
  private func ending(_ base: ImportBlock, _ side: ImportBlock, of file: [UInt8]) -> [UInt8]? {
    guard base.lines.count == side.lines.count, base.items.count == side.items.count else { return nil }
    var ending: [UInt8]?
    for (old, new) in zip(base.items, side.items) where old.line.content != new.line.content {
      let (before, after) = (RelativePath(old.statement.module), RelativePath(new.statement.module))
      guard let before, let after, before.isBare, after.text.starts(with: before.text) else { return nil }
      let own = Array(after.text.dropFirst(before.text.count))
      guard own.first == UInt8(ascii: "."), own.count > 1, ending == nil || ending == own,
        adding(own, to: old)?.content == new.line.content
      else { return nil }
      ending = own
    }
    guard let ending else { return nil }
    let isWhole = HunkLine.split(file).allSatisfy { line in
      ImportStatement(line.content, form: .ecmascript).flatMap { RelativePath($0.module) }.map { !$0.isBare } ?? true
    }
    return isWhole ? ending : nil
  }

  /// The import with an ending behind its path.
  private func adding(_ ending: [UInt8], to item: ImportBlock.Item) -> HunkLine? {
    let (content, module) = (item.line.content, item.statement.module)
    guard module.count > 2, content.count >= module.count else { return nil }
    let place = (content.startIndex...(content.endIndex - module.count)).last { content[$0...].starts(with: module) }
    guard let place else { return nil }
    let end = place + module.count - 1
    return HunkLine(content: content[..<end] + ending + content[end...], ending: item.line.ending)
  }

  private func resolution(_ conflict: Conflict, _ side: ImportBlock, _ ending: [UInt8]) -> Resolution? {
    var introduced: [[UInt8]] = []
    var items = side.items[...]
    var lines: [HunkLine] = []
    for line in side.lines {
      guard let item = items.first, !line.isBlank else {
        lines.append(line)
        continue
      }
      items.removeFirst()
      guard RelativePath(item.statement.module)?.isBare ?? false else {
        lines.append(line)
        continue
      }
      guard let new = adding(ending, to: item) else { return nil }
      introduced.append(Array(item.statement.module.dropLast()) + ending + item.statement.module.suffix(1))
      lines.append(new)
    }
    guard !introduced.isEmpty else { return nil }
    let text = String(decoding: ending, as: UTF8.self)
    return Resolution(
      resolver: name,
      lines: HunkLine.join(lines),
      reason: "one side gave every path the ending \(text), which the other side's paths get",
      introduces: introduced
    ).listingDrops(of: conflict, because: "it is there with the ending \(text)")
  }
}

/// A quoted path that starts at the file's own directory.
private struct RelativePath {
  /// The path without its quotes.
  let text: ArraySlice<UInt8>

  init?(_ module: [UInt8]) {
    text = module.dropFirst().dropLast()
    guard text.first == UInt8(ascii: "."), text.contains(UInt8(ascii: "/")) else { return nil }
  }

  /// Whether its last part has no ending.
  var isBare: Bool {
    let last = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? []
    return !last.contains(UInt8(ascii: "."))
  }
}
