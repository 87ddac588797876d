/// Refuses lines that look like conflict markers and are not the ancestor's.
///
/// Those that a side added were forgotten in it: what stands around them is in conflict as it was then.
struct MarkerRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    let markers = Self.markers(in: resolution.lines)
    guard !markers.isEmpty else { return nil }
    let known = Self.markers(in: context.base)
    // A row of `=` alone is an underline, too.
    let underlines = Self.markers(in: context.ours).union(Self.markers(in: context.theirs)).filter {
      $0.first == UInt8(ascii: "=")
    }
    return markers.first { !known.contains($0) && !underlines.contains($0) }.map { GateObjection(.conflictMarker, $0) }
  }

  /// The lines that start with seven of a marker's characters and then end or go on with a space, without their ends.
  private static func markers(in bytes: [UInt8]) -> Set<[UInt8]> {
    var markers: Set<[UInt8]> = []
    let table = LineTable(bytes)
    for index in 0..<table.count {
      var line = table[index]
      guard let first = line.first, "<|=>".utf8.contains(first) else { continue }
      if line.last == 0x0A { line.removeLast() }
      if line.last == 0x0D { line.removeLast() }
      guard line.prefix(7).allSatisfy({ $0 == first }), line.count >= 7 else { continue }
      let rest = line.dropFirst(7)
      if rest.isEmpty || rest.first == 0x20 { markers.insert(Array(line)) }
    }
    return markers
  }
}

/// Refuses a resolution that ends in the middle of a line although more lines follow.
struct LastLineRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    guard let last = resolution.lines.last, last != 0x0A else { return nil }
    let isLast = conflict.position.ours.end == context.sources.ours.table.count
    return isLast ? nil : GateObjection(.unfinishedLine, HunkLine.split(resolution.lines).last?.content ?? [])
  }
}
