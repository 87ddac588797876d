/// What both sides of a conflict added at one place of their common ancestor.
///
/// A conflict shows only the lines in which the sides differ; lines with which both additions begin or end were taken
/// out of it. Here each side's addition is whole again, so that one can be put behind the other.
struct AddedBlocks {
  /// The addition of each side, with the lines that both share at its ends.
  private(set) var ours: Side
  private(set) var theirs: Side
  /// How many of the lines that both additions start with, and of those that both end with, belong to each item.
  private(set) var head: Int
  private(set) var tail: Int
  /// Whether the last line before the additions got a comma on both sides.
  let followsNewComma: Bool

  /// One side's addition in its file.
  struct Side {
    let source: SourceText
    /// The lines that the other side does not share.
    let own: LineSpan
    /// These, and the shared lines that make them whole.
    let span: LineSpan
    /// These, and all lines that both additions start or end with.
    let reach: LineSpan

    /// The lines that are not blank.
    var inkedLines: [Int] {
      span.indices.filter { !source.line($0).allSatisfy(isBlankByte) }
    }
  }

  /// - Returns: `nil` where the conflict is no such one, or where it cannot be told where the additions start and end.
  init?(_ conflict: Conflict, in context: ResolverContext) {
    guard !conflict.isNarrowed, !conflict.ours.isEmpty, !conflict.theirs.isEmpty,
      conflict.position.base.count <= 1, max(conflict.position.ours.count, conflict.position.theirs.count) <= Self.most
    else { return nil }
    let (base, ours, theirs) = (context.sources.base, context.sources.ours, context.sources.theirs)
    let position = conflict.position
    var head: Int?
    if position.base.count == 0 {
      head = Self.sharedHead(base, before: position.base.start, ours, theirs, position)
      followsNewComma = false
    } else {
      let line = base.line(position.base.start)
      head = Self.sharedHeadAfterComma(line, ours, theirs, position)
      followsNewComma = true
    }
    guard let head, let tail = Self.sharedTail(base, after: position.base.end, ours, theirs, position) else {
      return nil
    }
    let ourShape = AddedShape(ours, own: position.ours, head: head, tail: tail)
    let theirShape = AddedShape(theirs, own: position.theirs, head: head, tail: tail)
    guard let ends = AddedShape.ends(ourShape, theirShape) else { return nil }
    self.head = ends.head
    self.tail = ends.tail
    func whole(_ span: LineSpan) -> LineSpan {
      LineSpan(start: span.start - ends.head, count: span.count + ends.head + ends.tail)
    }
    func shared(_ span: LineSpan) -> LineSpan {
      LineSpan(start: span.start - head, count: span.count + head + tail)
    }
    self.ours = Side(source: ours, own: position.ours, span: whole(position.ours), reach: shared(position.ours))
    self.theirs = Side(
      source: theirs, own: position.theirs, span: whole(position.theirs), reach: shared(position.theirs)
    )
  }

  /// Longer additions are for people to look at.
  private static let most = 4000
  /// How far the search for the ends of an addition goes.
  private static let reach = 60
  /// How many lines of the ancestor are compared to tell where an addition starts or ends.
  private static let evidence = 3

  private static func sharedHead(
    _ base: SourceText, before line: Int, _ ours: SourceText, _ theirs: SourceText, _ position: Conflict.Position
  ) -> Int? {
    bestCount { count in
      let (a, b) = (position.ours.start - count, position.theirs.start - count)
      guard a >= 0, b >= 0 else { return nil }
      if count > 0, ours.table[a] != theirs.table[b] { return nil }
      var matches = 0
      while matches < evidence {
        let (at, x, y) = (line - 1 - matches, a - 1 - matches, b - 1 - matches)
        if at < 0 { return x < 0 && y < 0 ? evidence : matches }
        guard x >= 0, y >= 0, base.table[at] == ours.table[x], base.table[at] == theirs.table[y] else { break }
        matches += 1
      }
      return matches
    }
  }

  private static func sharedTail(
    _ base: SourceText, after line: Int, _ ours: SourceText, _ theirs: SourceText, _ position: Conflict.Position
  ) -> Int? {
    bestCount { count in
      let (a, b) = (position.ours.end + count, position.theirs.end + count)
      guard a <= ours.table.count, b <= theirs.table.count else { return nil }
      if count > 0, ours.table[a - 1] != theirs.table[b - 1] { return nil }
      var matches = 0
      while matches < evidence {
        let (at, x, y) = (line + matches, a + matches, b + matches)
        if at >= base.table.count {
          return x >= ours.table.count && y >= theirs.table.count ? evidence : matches
        }
        guard x < ours.table.count, y < theirs.table.count, base.table[at] == ours.table[x],
          base.table[at] == theirs.table[y]
        else { break }
        matches += 1
      }
      return matches
    }
  }

  private static func sharedHeadAfterComma(
    _ line: ArraySlice<UInt8>, _ ours: SourceText, _ theirs: SourceText, _ position: Conflict.Position
  ) -> Int? {
    let wanted = line.trimmingEnd
    guard !wanted.isEmpty, wanted.last != UInt8(ascii: ",") else { return nil }
    for count in 0..<reach {
      let (a, b) = (position.ours.start - count - 1, position.theirs.start - count - 1)
      guard a >= 0, b >= 0, ours.table[a] == theirs.table[b] else { return nil }
      let before = ours.line(a).trimmingEnd
      if before.last == UInt8(ascii: ","), before.dropLast() == wanted { return count }
    }
    return nil
  }

  /// The least count with the most matches; `nil` where there is no match at all.
  private static func bestCount(_ matches: (Int) -> Int?) -> Int? {
    var best: (count: Int, matches: Int)?
    for count in 0..<reach {
      guard let found = matches(count) else { break }
      if found > best?.matches ?? 0 { best = (count, found) }
      if found == evidence { break }
    }
    return best?.count
  }
}

extension SourceText {
  /// One line without its line ending.
  func line(_ index: Int) -> ArraySlice<UInt8> {
    var line = table[index]
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return line
  }
}

extension AddedBlocks {
  /// One addition behind the other, in the place of the conflict.
  ///
  /// - Parameters:
  ///   - separator: What stands between two items of a list in which the last has none.
  ///   - parted: Whether a blank line stands between items here.
  /// - Returns: The lines.
  func concatenated(separator: [UInt8], parted: Bool) -> [UInt8] {
    let (a, b) = (ours.source.table, theirs.source.table)
    var first = Array(a[LineSpan(start: ours.own.start, count: ours.own.count + tail)])
    if !separator.isEmpty { first = Self.insert(separator, afterInkOf: first) }
    if first.last != UInt8(ascii: "\n") { first.append(UInt8(ascii: "\n")) }
    let second = Array(b[LineSpan(start: theirs.own.start - head, count: theirs.own.count + head)])
    if parted, needsBlankLine(first: first, second: second) { first += ending(of: first) }
    return first + second
  }

  /// The same additions with the sides exchanged.
  var swapped: AddedBlocks {
    var copy = self
    (copy.ours, copy.theirs) = (theirs, ours)
    return copy
  }

  private func ending(of lines: [UInt8]) -> [UInt8] {
    lines.suffix(2).elementsEqual("\r\n".utf8) ? Array("\r\n".utf8) : [UInt8(ascii: "\n")]
  }

  /// Whether either addition is set off by a blank line that would be missing between the two.
  private func needsBlankLine(first: [UInt8], second: [UInt8]) -> Bool {
    let isParted = [ours, theirs].contains { side in
      let (start, end) = (side.span.start, side.span.end)
      if side.isBlank(start) || side.isBlank(end - 1) { return true }
      // A blank line that both additions start or end with is part of them.
      if start > side.reach.start, side.isBlank(start - 1) { return true }
      if end < side.reach.end, side.isBlank(end) { return true }
      return side.isBlank(start - 1) && (side.isBlank(end) || end == side.source.table.count)
    }
    guard isParted else { return false }
    return HunkLine.split(first).last?.isBlank == false && HunkLine.split(second).first?.isBlank == false
  }

  private static func insert(_ separator: [UInt8], afterInkOf lines: [UInt8]) -> [UInt8] {
    guard let last = lines.lastIndex(where: { !isBlankByte($0) && $0 != UInt8(ascii: "\n") }) else { return lines }
    return Array(lines[...last]) + separator + Array(lines[(last + 1)...])
  }
}

extension AddedBlocks.Side {
  /// Whether the line exists and is blank.
  func isBlank(_ line: Int) -> Bool {
    line >= 0 && line < source.table.count && source.line(line).allSatisfy(isBlankByte)
  }
}
