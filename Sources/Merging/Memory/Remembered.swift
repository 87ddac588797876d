/// Settles a conflict as people settled the same one before: all three sides are equal, but for line endings and
/// trailing white space, as they stood or mirrored.
package struct Remembered: Resolver {
  package static let name = "remembered"

  /// How it did where histories were learned in their order and met a conflict of an earlier merge again.
  ///
  /// It stands apart from the table, for without a memory there is nothing to measure.
  package static let record = ResolverRecord(name: name, settled: 57, equal: 52, read: 4, wrong: 1)

  package var name: String { Self.name }
  private let memory: RememberedResolutions

  package init(_ memory: RememberedResolutions) {
    self.memory = memory
  }

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.isGenerated else { return nil }
    let key = ConflictKey(conflict)
    guard key.size <= ResolutionMemory.largestHunk, let found = memory.resolution(of: key), found.state == .usable,
      let first = found.occurrences.first
    else { return nil }
    let merge = Self.short(first.merge)
    let dropped = Self.dropped(
      conflict, found.lines, "people left it out of the same conflict in the merge \(merge)")
    // Whether lines go that the other side changed was a matter of that day, and so was which of two additions goes.
    if found.key.first.isEmpty { return nil }
    if found.key.base.isEmpty, !dropped.isEmpty { return nil }
    return Resolution(
      resolver: name, lines: Self.lines(found.lines, for: conflict, in: context),
      reason: found.occurrences.count == 1
        ? "people settled the same conflict so in the merge \(merge)"
        : "people settled the same conflict so in \(found.occurrences.count) merges, first in \(merge)",
      dropped: dropped, isQuoted: true)
  }

  /// The remembered lines with the line endings of the file.
  private static func lines(_ lines: [UInt8], for conflict: Conflict, in context: ResolverContext) -> [UInt8] {
    var result = lines
    if usesCarriageReturn(conflict.ours) ?? usesCarriageReturn(conflict.theirs) ?? usesCarriageReturn(context.ours)
      ?? false
    {
      result = lines.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }
    let sides = [conflict.ours, conflict.theirs].filter { !$0.isEmpty }
    if result.last == 0x0A, !sides.isEmpty, sides.allSatisfy({ $0.last != 0x0A }) {
      result.removeLast()
      if result.last == 0x0D { result.removeLast() }
    }
    return result
  }

  /// Whether the first line that ends does so with a carriage return and a line feed; `nil` where none ends.
  private static func usesCarriageReturn(_ bytes: [UInt8]) -> Bool? {
    guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
    return end > 0 && bytes[end - 1] == 0x0D
  }

  /// The lines that a side added and that people left out.
  private static func dropped(_ conflict: Conflict, _ lines: [UInt8], _ reason: String) -> [DroppedLine] {
    let kept = Set(inked(conflict.base) + inked(lines))
    let sides: [(DroppedLine.Side, [UInt8])] = [(.ours, conflict.ours), (.theirs, conflict.theirs)]
    return sides.flatMap { side, bytes in
      rawLines(bytes).filter { !kept.contains(ink($0)) && !ink($0).isEmpty }.map {
        DroppedLine(side: side, line: $0, reason: reason)
      }
    }
  }

  private static func inked(_ bytes: [UInt8]) -> [[UInt8]] { rawLines(bytes).map(ink) }

  private static func ink(_ line: [UInt8]) -> [UInt8] { line.filter { !isBlankByte($0) && $0 != 0x0D } }

  private static func rawLines(_ bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: 0x0A).map { line in line.last == 0x0D ? Array(line.dropLast()) : Array(line) }
  }

  private static func short(_ merge: [UInt8]) -> String {
    merge.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension StandardResolvers {
  /// The resolvers that may settle a conflict unattended, with what the repository remembers.
  package static func auto(remembering memory: RememberedResolutions?) -> [any Resolver] {
    resolvers(auto, of: .auto, memory)
  }

  /// The resolvers that may only propose, with what the repository remembers.
  package static func proposing(remembering memory: RememberedResolutions?) -> [any Resolver] {
    resolvers(proposing, of: .proposal, memory)
  }

  private static func resolvers(
    _ standard: [any Resolver], of tier: ResolverTier, _ memory: RememberedResolutions?
  ) -> [any Resolver] {
    guard let memory, Remembered.record.tier == tier else { return standard }
    return standard + [Remembered(memory)]
  }
}
