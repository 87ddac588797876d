/// A conflict in which both sides added items at the same place, none of which the other side has too.
struct BothAdded {
  let blocks: AddedBlocks
  let ours: AddedItems
  let theirs: AddedItems
  let container: AddedContainer

  var areLines: Bool { ours.areLines && theirs.areLines }
  /// Whether there is nothing but imports on both sides.
  let areImports: Bool

  /// - Returns: `nil` where either side did anything else, or where the same item may be among both additions.
  init?(_ conflict: Conflict, in context: ResolverContext) {
    guard !context.isGenerated, let blocks = AddedBlocks(conflict, in: context),
      let ours = AddedItems(blocks.ours), let theirs = AddedItems(blocks.theirs),
      !ours.heads.isEmpty, !theirs.heads.isEmpty, ours.indentation == theirs.indentation,
      ours.keys.isDisjoint(with: theirs.keys), !Self.areAlike(conflict)
    else { return nil }
    self.blocks = blocks
    self.ours = ours
    self.theirs = theirs
    container = AddedContainer(of: blocks.ours, indentation: ours.indentation)
    areImports = ours.areImports && theirs.areImports
    guard Self.isNew(ours, to: theirs.side.source, base: context.sources.base),
      Self.isNew(theirs, to: ours.side.source, base: context.sources.base)
    else { return nil }
  }

  /// Whether more than half of the lines with words of the shorter side are in the other one.
  private static func areAlike(_ conflict: Conflict) -> Bool {
    func lines(_ side: [UInt8]) -> Set<ArraySlice<UInt8>> {
      Set(HunkLine.split(side).map(\.trimmed).filter { $0.contains(where: isNameByte) })
    }
    let (ours, theirs) = (lines(conflict.ours), lines(conflict.theirs))
    return ours.intersection(theirs).count * 2 > min(ours.count, theirs.count)
  }

  /// Whether the other file has none of the items anywhere, but where the base has it as well.
  private static func isNew(_ items: AddedItems, to other: SourceText, base: SourceText) -> Bool {
    var wanted = Set(items.heads.map { items.side.source.line($0).trimmingEnd.drop(while: isBlankByte) })
    func isIn(_ source: SourceText) -> Set<ArraySlice<UInt8>> {
      var found: Set<ArraySlice<UInt8>> = []
      for line in 0..<source.table.count {
        let text = source.line(line).trimmingEnd.drop(while: isBlankByte)
        if wanted.contains(text) { found.insert(text) }
      }
      return found
    }
    wanted = isIn(other)
    return wanted.isEmpty || isIn(base).count == wanted.count
  }

  /// Our items and then theirs; sorted, where single lines are and the lines around them as well.
  func concatenated() -> [UInt8] {
    blocks.concatenated(separator: blocks.followsNewComma || lacksComma ? [UInt8(ascii: ",")] : [])
  }

  /// Whether our last item has no comma although items at this place have.
  private var lacksComma: Bool {
    guard container == .list, let last = ours.side.inkedLines.last, !endsWithComma(ours.side.source, last) else {
      return false
    }
    let before = stride(from: ours.side.span.start - 1, through: 0, by: -1)
      .first { !ours.side.source.isBlank($0) && !ours.side.source.isComment($0) }
    return before.map { endsWithComma(ours.side.source, $0) } ?? false
      || theirs.side.inkedLines.contains { endsWithComma(theirs.side.source, $0) }
  }

  private func endsWithComma(_ source: SourceText, _ line: Int) -> Bool {
    let tokens = source.tokens(LineSpan(start: line, count: 1)).filter {
      $0.kind != .blank && $0.kind != .lineEnd && $0.kind != .comment
    }
    return tokens.last.map { source.table.bytes[$0.range.lowerBound] == UInt8(ascii: ",") } ?? false
  }

  /// One sentence that says how many items each side added.
  func reason(_ what: String) -> String {
    "both sides added \(what) here: \(ours.heads.count) in ours, \(theirs.heads.count) in theirs, none the same"
  }
}

extension AddedItems {
  /// Whether every item is an import.
  var areImports: Bool {
    heads.allSatisfy {
      ImportStatement(side.source.line($0), form: side.source.language.imports) != nil
    }
  }
}
