/// Refuses a resolution that leaves out a line which a side added and does not say so.
struct LossRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    let lost = LineLedger(conflict, result: resolution.lines).lost
    if lost.isEmpty { return nil }
    var listed: [Key: Int] = [:]
    for line in resolution.dropped where !line.reason.isEmpty {
      listed[Key(side: line.side, line: line.line[...].trimmingEnd.drop(while: isBlankByte)), default: 0] += 1
    }
    let unlisted = lost.first { listed[Key(side: $0.side, line: $0.line), default: 0] < $0.count }
    return unlisted.map { GateObjection(.lostLine, $0.line) }
  }

  private struct Key: Hashable {
    var side: DroppedLine.Side
    var line: ArraySlice<UInt8>
  }
}

/// Refuses a resolution that undoes what the sides say of the ancestor's lines: a line that both kept must stay, and
/// one that a side deleted must not come back unless the other side wrote it anew.
///
/// The ancestor's lines of a narrowed conflict are a guess, and nothing is judged by them.
struct DeletionRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    guard !conflict.isNarrowed, !conflict.base.isEmpty else { return nil }
    var inks: (ours: [UInt8], theirs: [UInt8])?
    for entry in LineLedger(conflict, result: resolution.lines).entries where entry.base > 0 && entry.hasWord {
      if entry.result < min(entry.base, entry.ours, entry.theirs) { return GateObjection(.vanishedLine, entry.line) }
      let mayReturn = entry.ours > entry.base || entry.theirs > entry.base
      guard !mayReturn, entry.result > min(entry.ours, entry.theirs) else { continue }
      // Who wrapped a line in another way did not delete it.
      let sides = inks ?? (Self.ink(conflict.ours), Self.ink(conflict.theirs))
      inks = sides
      let line = Self.ink(entry.line)
      let isThere = [(entry.ours, sides.ours), (entry.theirs, sides.theirs)].allSatisfy { count, side in
        entry.result <= count || count == 0 && Self.holds(side, line)
      }
      if !isThere { return GateObjection(.revivedLine, entry.line) }
    }
    return nil
  }

  private static func ink(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    bytes.filter { !isBlankByte($0) && $0 != UInt8(ascii: "\n") }
  }

  /// Whether `text` holds `part`; `false` where that would take too long to find out.
  private static func holds(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first, part.count <= text.count, text.count <= 100_000 else { return false }
    var steps = 2_000_000
    for start in 0...(text.count - part.count) where text[start] == first {
      var length = 1
      while length < part.count, text[start + length] == part[length] { length += 1 }
      if length == part.count { return true }
      steps -= length
      if steps < 0 { return false }
    }
    return false
  }
}
