/// A conflict in which both sides added items at the same place, none of which the other side has too.
struct BothAdded {
  let blocks: AddedBlocks
  let ours: AddedItems
  let theirs: AddedItems
  let container: AddedContainer

  var areLines: Bool { ours.areLines && theirs.areLines }
  /// The lines of both beside those around them.
  var kin: AddedKin { AddedKin(blocks) }
  /// Whether there is an import among the items of either side.
  let haveImports: Bool
  /// Which addition is to stand first.
  let order: AdditionDoubt.Order

  /// - Returns: `nil` where either side did anything else, or where the same item may be among both additions.
  init?(_ conflict: Conflict, in context: ResolverContext) {
    // In catalogues of messages two texts at one place are for one message.
    guard !context.path.suffix(3).elementsEqual(".po".utf8), !context.path.suffix(4).elementsEqual(".pot".utf8),
      !context.isGenerated, let blocks = AddedBlocks(conflict, in: context),
      let ours = AddedItems(blocks.ours), let theirs = AddedItems(blocks.theirs),
      !ours.heads.isEmpty, !theirs.heads.isEmpty, ours.indentation == theirs.indentation,
      AddedItems.areDistinct(ours, theirs), !Self.areAlike(conflict)
    else { return nil }
    self.blocks = blocks
    self.ours = ours
    self.theirs = theirs
    container = AddedContainer(of: blocks.ours, indentation: ours.indentation)
    haveImports = ours.haveImports || theirs.haveImports
    let doubt = AdditionDoubt(
      .init(source: blocks.ours.source, span: blocks.ours.span),
      .init(source: blocks.theirs.source, span: blocks.theirs.span),
      in: context
    )
    order = doubt.order == .any ? Self.documentationFirst(ours, theirs) : doubt.order
    guard !doubt.isAny, order != .none else { return nil }
    let areReleases = ours.releases != nil && theirs.releases != nil
    guard Self.isNew(ours, areReleases, to: theirs.side, base: context.sources.base),
      Self.isNew(theirs, areReleases, to: ours.side, base: context.sources.base)
    else { return nil }
    let additions = AdditionsInFiles(conflict, in: context)
    // What a text says twice may be in other words for other things.
    let isProse = context.language.family == .markup || context.language.name == "properties"
    guard !additions.repeatRemovedLines, isProse || !additions.shareNewNames else { return nil }
  }

  /// Whether more than half of the lines with words of the shorter side are in the other one.
  private static func areAlike(_ conflict: Conflict) -> Bool {
    func lines(_ side: [UInt8]) -> Set<ArraySlice<UInt8>> {
      Set(HunkLine.split(side).map(\.trimmed).filter { $0.contains(where: isNameByte) })
    }
    let (ours, theirs) = (lines(conflict.ours), lines(conflict.theirs))
    return ours.intersection(theirs).count * 2 > min(ours.count, theirs.count)
  }

  /// The order in which the documentation of a module, if one side added it, stands before all else.
  private static func documentationFirst(_ ours: AddedItems, _ theirs: AddedItems) -> AdditionDoubt.Order {
    let (mine, other) = (documents(ours), documents(theirs))
    if mine && other { return .none }
    return mine ? .oursFirst : other ? .theirsFirst : .any
  }

  private static func documents(_ items: AddedItems) -> Bool {
    items.heads.first.map(items.side.source.startsWithDocumentation) ?? false
  }

  /// How many lines around the additions are searched for items that stand elsewhere.
  private static let reach = 400

  /// Whether the other file has none of the items around, but where the base has it as well.
  private static func isNew(
    _ items: AddedItems, _ areReleases: Bool, to other: AddedBlocks.Side, base: SourceText
  ) -> Bool {
    let heads = areReleases ? items.releases ?? items.heads : items.heads
    var wanted = Set(heads.map { items.side.source.table[$0] })
    let lengths = Set(wanted.map(\.count))
    func present(in source: SourceText, around line: Int) -> Set<ArraySlice<UInt8>> {
      var found: Set<ArraySlice<UInt8>> = []
      for line in max(0, min(source.table.count, line - reach))..<min(source.table.count, line + reach) {
        let text = source.table[line]
        if lengths.contains(text.count), wanted.contains(text) { found.insert(text) }
      }
      return found
    }
    wanted = present(in: other.source, around: other.span.start)
    return wanted.isEmpty || present(in: base, around: other.span.start).count == wanted.count
  }

  /// Our items and then theirs, or what belongs to the section above and then sections; sorted, where single lines are and the lines around them as well.
  func concatenated() -> [UInt8] {
    if let sorted = sorted() { return sorted }
    let lacksComma = isTheirsFirst ? self.lacksComma(theirs.side, ours.side) : self.lacksComma(ours.side, theirs.side)
    let separator = blocks.followsNewComma || lacksComma ? [UInt8(ascii: ",")] : []
    return (isTheirsFirst ? blocks.swapped : blocks).concatenated(separator: separator, parted: !areLines)
  }

  /// Whether their items have to stand first: only ours end without the comma that stands between items, as the last
  /// ones of a list do.
  private var isTheirsFirst: Bool {
    if order != .any { return order == .theirsFirst }
    return !blocks.followsNewComma && lacksComma(ours.side, theirs.side) && !lacksComma(theirs.side, ours.side)
  }

  /// The items of both in order, where either side's lines and the ones around them are.
  private func sorted() -> [UInt8]? {
    guard areLines, order == .any, !blocks.followsNewComma, !lacksComma(ours.side, theirs.side),
      !lacksComma(theirs.side, ours.side), blocks.head == 0, blocks.tail == 0,
      let first = sortedLines(ours.side), let second = sortedLines(theirs.side)
    else { return nil }
    var lines: [ArraySlice<UInt8>] = []
    var rest = second[...]
    for line in first {
      while let next = rest.first, next.lexicographicallyPrecedes(line) { lines.append(rest.removeFirst()) }
      lines.append(line)
    }
    return Array((lines + rest).joined())
  }

  /// The side's lines, where they and the two lines before and behind them are in order.
  private func sortedLines(_ side: AddedBlocks.Side) -> [ArraySlice<UInt8>]? {
    let source = side.source
    let around = max(0, side.span.start - 2)..<min(source.table.count, side.span.end + 2)
    guard around.lowerBound < side.span.start, around.upperBound > side.span.end else { return nil }
    let lines = around.map { source.table[$0] }
    guard lines.allSatisfy({ $0.last == UInt8(ascii: "\n") && $0.prefix(while: isBlankByte) == ours.indentation }),
      !around.contains(where: { source.isBlank($0) || source.isComment($0) }),
      zip(lines, lines.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) })
    else { return nil }
    return side.span.indices.map { source.table[$0] }
  }

  /// Whether one side's last item has no comma although items at this place have.
  private func lacksComma(_ side: AddedBlocks.Side, _ other: AddedBlocks.Side) -> Bool {
    guard container == .list, let last = side.inkedLines.last, !side.source.endsWithComma(last) else { return false }
    let before = stride(from: side.span.start - 1, through: 0, by: -1)
      .first { !side.source.isBlank($0) && !side.source.isComment($0) }
    func isItemWithComma(_ source: SourceText, _ line: Int) -> Bool {
      source.line(line).prefix(while: isBlankByte) == ours.indentation && source.endsWithComma(line)
    }
    return before.map { isItemWithComma(side.source, $0) } ?? false
      || other.inkedLines.contains { isItemWithComma(other.source, $0) }
  }

  /// One sentence that says how many items each side added.
  func reason(_ what: String) -> String {
    "both sides added \(what) here: \(ours.heads.count) in ours, \(theirs.heads.count) in theirs, none the same"
  }
}

extension SourceText {
  /// Whether the last sign of a line's code is a comma.
  func endsWithComma(_ line: Int) -> Bool {
    let tokens = tokens(LineSpan(start: line, count: 1)).filter {
      $0.kind != .blank && $0.kind != .lineEnd && $0.kind != .comment
    }
    return tokens.last.map { table.bytes[$0.range.lowerBound] == UInt8(ascii: ",") } ?? false
  }
}

extension AddedItems {
  /// Whether there is an import among the items.
  var haveImports: Bool {
    heads.contains {
      ImportStatement(side.source.line($0), form: side.source.language.imports) != nil
    }
  }
}

extension BothAdded {
  /// Whether either side added a release with its heading to a change log.
  var areReleases: Bool {
    [ours, theirs].contains { items in
      items.heads.contains { line in
        if ReleaseHeading.level(items.side.source, line) != nil { return true }
        let text = items.side.source.line(line)
        return text.contains { $0 == UInt8(ascii: "(") } && text.suffix(20).contains { $0 == UInt8(ascii: "=") }
          && text.hasPrefix(" ") == false && items.side.source.language.family == .other
      }
    }
  }

  /// Whether the flow of control goes elsewhere behind some item.
  var isLeft: Bool {
    let leaving: Set<String> = ["return", "throw", "raise", "break", "continue", "goto", "exit", "panic", "yield"]
    return [ours, theirs].contains { items in
      items.heads.contains { line in
        let text = items.side.source.line(line).drop(while: isBlankByte)
        return leaving.contains(String(decoding: text.prefix(while: isNameByte), as: UTF8.self))
      }
    }
  }

  /// Whether every item is an element in tags.
  var areElements: Bool {
    [ours, theirs].allSatisfy { items in
      items.heads.allSatisfy {
        items.side.source.line($0).drop(while: isBlankByte).first == UInt8(ascii: "<")
      }
    }
  }
}

extension BothAdded {
  /// Whether every item declares something, and none what the other side's items change.
  var areDeclarations: Bool {
    let (mine, other) = (AddedForm.targets(ours), AddedForm.targets(theirs))
    guard mine.whole.isDisjoint(with: other.roots), other.whole.isDisjoint(with: mine.roots) else { return false }
    return [ours, theirs].allSatisfy { items in
      items.heads.allSatisfy { AddedForm.isDeclaration(items.side.source, $0, in: container) }
    }
  }

  /// Whether every item in parentheses has a name of its own, and none is a parameter.
  var areNamed: Bool { ours.opensCall && AddedForm.areNamed(ours) && AddedForm.areNamed(theirs) }

  /// Whether every item of a text stands for itself.
  var areListLines: Bool {
    [ours, theirs].allSatisfy { items in
      let isSection = items.side.inkedLines.first.map { items.side.source.startsSection($0) } ?? false
      return isSection || items.heads.allSatisfy { AddedForm.isListLine(items.side.source, $0) }
        || AddedForm.isListWithParagraphs(items)
    }
  }
}
