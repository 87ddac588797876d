/// What the structural merge has in the place of a conflict of the line merge.
struct StructuralHunk: Sendable {
  /// The lines that take the conflict's place.
  var lines: [UInt8]
  /// What was decided there.
  var events: [StructuralMerge.Event]
}

extension StructuralMerge {
  /// How many lines that both sides have may be looked at before and after a conflict.
  private static let extensions = [
    (0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (2, 0), (1, 2), (2, 1), (2, 2), (3, 0), (0, 4),
  ]

  /// What stands in the place of a conflict; `nil` where nothing certain does.
  ///
  /// Two functions that both sides added end alike, and a line merge takes their last lines for one. Where the place
  /// cannot be told as it is, it is looked for with some of the lines that both sides have around it; what is found
  /// must have these lines at its ends, as they stay in the merged file.
  func hunk(around position: Conflict.Position, _ sources: ResolverContext.Sources) -> StructuralHunk? {
    for (up, down) in Self.extensions {
      guard let wider = widened(position, up, down, sources), var hunk = hunk(wider, sources) else { continue }
      if up == 0, down == 0 { return hunk }
      let table = sources.ours.table
      let head = table[LineSpan(start: wider.ours.start, count: up)]
      let tail = table[LineSpan(start: wider.ours.end - down, count: down)]
      guard hunk.lines.count >= head.count + tail.count, hunk.lines.starts(with: head),
        hunk.lines.suffix(tail.count).elementsEqual(tail)
      else { continue }
      hunk.lines = Array(hunk.lines.dropFirst(head.count).dropLast(tail.count))
      return hunk
    }
    return nil
  }

  /// The place with some more lines before and after it, which must be alike on both sides.
  private func widened(
    _ position: Conflict.Position,
    _ up: Int,
    _ down: Int,
    _ sources: ResolverContext.Sources
  ) -> Conflict.Position? {
    let (ours, theirs) = (position.ours, position.theirs)
    guard ours.start >= up, theirs.start >= up, ours.end + down <= sources.ours.table.count,
      theirs.end + down <= sources.theirs.table.count
    else { return nil }
    let (left, right) = (sources.ours.table, sources.theirs.table)
    guard
      left[LineSpan(start: ours.start - up, count: up)].elementsEqual(
        right[LineSpan(start: theirs.start - up, count: up)]
      ), left[LineSpan(start: ours.end, count: down)].elementsEqual(right[LineSpan(start: theirs.end, count: down)])
    else { return nil }
    var wider = position
    wider.ours = LineSpan(start: ours.start - up, count: ours.count + up + down)
    wider.theirs = LineSpan(start: theirs.start - up, count: theirs.count + up + down)
    return wider
  }

  /// The place of a conflict in the result; `nil` where the merge left it, or where it took lines from elsewhere or to
  /// elsewhere.
  ///
  /// The lines of code around the conflict must stand around it here as well, and between them nothing but lines of
  /// the conflict; none of its lines may stand anywhere else. Blank lines do not count.
  private func hunk(_ position: Conflict.Position, _ sources: ResolverContext.Sources) -> StructuralHunk? {
    func isBlank(_ text: SourceText, _ line: Int) -> Bool {
      text.table[line].allSatisfy { isBlankByte($0) || $0 == 0x0A }
    }
    func isBlank(_ entry: Entry) -> Bool {
      guard case .line(let side, let number, _) = entry else { return false }
      return isBlank(side == .ours ? sources.ours : sources.theirs, number)
    }
    var (our, their) = (position.ours.start - 1, position.theirs.start - 1)
    while our >= 0, isBlank(sources.ours, our) { our -= 1 }
    while their >= 0, isBlank(sources.theirs, their) { their -= 1 }
    var start = 0
    if our >= 0 || their >= 0 {
      guard our >= 0, their >= 0, let place = places.ours[our] ?? places.theirs[their] else { return nil }
      start = place + 1
    }
    let blanksBefore = position.ours.start - 1 - our
    (our, their) = (position.ours.end, position.theirs.end)
    let (ourCount, theirCount) = (sources.ours.table.count, sources.theirs.table.count)
    while our < ourCount, isBlank(sources.ours, our) { our += 1 }
    while their < theirCount, isBlank(sources.theirs, their) { their += 1 }
    var end = entries.count
    if our < ourCount || their < theirCount {
      guard our < ourCount, their < theirCount, let place = places.ours[our] ?? places.theirs[their] else { return nil }
      end = place
    }
    let blanksAfter = our - position.ours.end
    guard start <= end else { return nil }
    let around = start..<end
    for _ in 0..<blanksBefore where start < end && isBlank(entries[start]) { start += 1 }
    for _ in 0..<blanksAfter where start < end && isBlank(entries[end - 1]) { end -= 1 }
    for entry in entries[start..<end] where !isBlank(entry) {
      guard case .line(let side, let number, _) = entry,
        (side == .ours ? position.ours : position.theirs).indices.contains(number)
      else { return nil }
      // The other side has the line as well, and outside of the conflict the line merge has taken it.
      if let twin = side == .ours ? twins.ours[number] : twins.theirs[number],
        !(side == .ours ? position.theirs : position.ours).indices.contains(twin)
      {
        return nil
      }
    }
    // What the conflict holds stands here or nowhere.
    for line in position.ours.indices where !isBlank(sources.ours, line) {
      if let place = places.ours[line], !(start..<end).contains(place) { return nil }
    }
    for line in position.theirs.indices where !isBlank(sources.theirs, line) {
      if let place = places.theirs[line], !(start..<end).contains(place) { return nil }
    }
    let here = events(at: start..<end, gaps: around)
    return StructuralHunk(lines: entries[start..<end].flatMap(bytes), events: here)
  }
}
