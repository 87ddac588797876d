/// Divides the ancestor's lines of a conflict among the conflicts it was split into.
///
/// Git shows no ancestor there and needs no such division. It cannot be derived from the diffs, since both sides
/// changed all of these lines; each goes to the conflict that has the line most like it.
enum BaseAlignment {
  /// The lines of one of the conflicts.
  struct Claim {
    var ours: LineSpan
    var theirs: LineSpan
  }

  /// A line that a line of the ancestor can be matched with.
  private struct Target {
    /// Twice the index of the conflict it is in; one more if it follows that conflict, and both sides have it.
    var place: Int
    var number: Int32
    var bytes: ArraySlice<UInt8>
  }

  /// With more pairs of lines than this only equal lines are matched.
  private static let mostPairs = 40_000

  /// The ancestor's lines for each claim; in order, without overlap, in the whole.
  static func share(_ base: LineSpan, among claims: [Claim], of sides: MergeSides, diff: inout SequenceDiff)
    -> [LineSpan]
  {
    let targets = targets(claims, of: sides)
    let places =
      base.count * targets.count <= mostPairs
      ? similarPlaces(base, targets, sides) : equalPlaces(base, targets, sides, &diff)
    var spans: [LineSpan?] = Array(repeating: nil, count: claims.count)
    var place = 0
    for (offset, matched) in places.enumerated() {
      if let matched {
        place = matched
        if place % 2 == 1 { continue }
      }
      // A line without a match goes with the line before it, or with the conflict that follows.
      let claim = min((place + 1) / 2, claims.count - 1)
      let line = base.start + offset
      let start = spans[claim]?.start ?? line
      spans[claim] = LineSpan(start: start, count: line + 1 - start)
    }
    var end = base.start
    return spans.map { span in
      let span = span ?? LineSpan(start: end, count: 0)
      end = span.end
      return span
    }
  }

  private static func targets(_ claims: [Claim], of sides: MergeSides) -> [Target] {
    var targets: [Target] = []
    func add(_ lines: Range<Int>, _ side: MergeSides.Side, place: Int) {
      for line in lines {
        targets.append(Target(place: place, number: side.numbers[line], bytes: side.table[line]))
      }
    }
    for (index, claim) in claims.enumerated() {
      add(claim.ours.indices, sides.ours, place: 2 * index)
      add(claim.theirs.indices, sides.theirs, place: 2 * index)
      if index + 1 < claims.count {
        add(claim.ours.end..<claims[index + 1].ours.start, sides.ours, place: 2 * index + 1)
      }
    }
    return targets
  }

  /// The places of the lines of the ancestor by a diff with the targets.
  private static func equalPlaces(
    _ base: LineSpan,
    _ targets: [Target],
    _ sides: MergeSides,
    _ diff: inout SequenceDiff
  ) -> [Int?] {
    var places: [Int?] = Array(repeating: nil, count: base.count)
    let changes = diff.changes(from: sides.base.numbers[base.indices], to: targets.map(\.number)[...])
    var (line, target) = (0, 0)
    for change in changes + [
      LineChange(old: LineSpan(start: base.count, count: 0), new: LineSpan(start: targets.count, count: 0))
    ] {
      while line < change.old.start {
        places[line] = targets[target].place
        line += 1
        target += 1
      }
      (line, target) = (change.old.end, change.new.end)
    }
    return places
  }

  /// The places of the lines of the ancestor by the alignment with the greatest likeness in all.
  private static func similarPlaces(_ base: LineSpan, _ targets: [Target], _ sides: MergeSides) -> [Int?] {
    let width = targets.count + 1
    var likeness = Array(repeating: 0, count: base.count * targets.count)
    // best[line * width + target] is the greatest likeness of the lines and targets from there on.
    var best = Array(repeating: 0, count: (base.count + 1) * width)
    for line in (0..<base.count).reversed() {
      let bytes = sides.base.table[base.start + line]
      for target in targets.indices.reversed() {
        let pair = Self.likeness(bytes, targets[target].bytes)
        likeness[line * targets.count + target] = pair
        let matched = pair > 0 ? pair + best[(line + 1) * width + target + 1] : 0
        best[line * width + target] = max(
          matched,
          best[(line + 1) * width + target],
          best[line * width + target + 1]
        )
      }
    }
    var places: [Int?] = Array(repeating: nil, count: base.count)
    var (line, target) = (0, 0)
    while line < base.count, target < targets.count {
      let here = best[line * width + target]
      let pair = likeness[line * targets.count + target]
      if pair > 0, here == pair + best[(line + 1) * width + target + 1] {
        places[line] = targets[target].place
        line += 1
        target += 1
      } else if here == best[line * width + target + 1] {
        target += 1
      } else {
        line += 1
      }
    }
    return places
  }

  /// How alike two lines are, from 0 (less than half) to 16 (equal), by their common ends.
  private static func likeness(_ line: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Int {
    let (a, b) = (line.span, other.span)
    let shorter = min(a.count, b.count)
    let longer = max(a.count, b.count)
    guard shorter * 2 >= longer, longer > 0 else { return 0 }
    var prefix = 0
    while prefix < shorter, a[prefix] == b[prefix] { prefix += 1 }
    var suffix = 0
    while suffix < shorter - prefix, a[a.count - 1 - suffix] == b[b.count - 1 - suffix] { suffix += 1 }
    let common = prefix + suffix
    return common * 2 < longer ? 0 : max(1, 16 * common / longer)
  }
}
