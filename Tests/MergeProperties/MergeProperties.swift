package import Merging

/// What holds for every merge, whatever the files.
package enum MergeProperties {
  /// Descriptions of the properties that a merge violates; empty where all hold.
  ///
  /// - Parameters:
  ///   - merge: The files.
  ///   - resolvers: The resolvers that may settle conflicts.
  /// - Returns: One sentence for each violation.
  package static func violations(of merge: MergeCase, resolvers: [any Resolver]) -> [String] {
    let judge = Judge(merge: merge, resolvers: resolvers)
    return judge.unchangedSides() + judge.mirror() + judge.losses() + judge.markers()
  }

  private struct Judge {
    let merge: MergeCase
    let resolvers: [any Resolver]
    let result: FileMerge

    init(merge: MergeCase, resolvers: [any Resolver]) {
      self.merge = merge
      self.resolvers = resolvers
      result = FileMerge(
        base: merge.base, ours: merge.ours, theirs: merge.theirs, path: merge.path, resolvers: resolvers)
    }

    func merged(_ base: [UInt8], _ ours: [UInt8], _ theirs: [UInt8]) -> FileMerge {
      FileMerge(base: base, ours: ours, theirs: theirs, path: merge.path, resolvers: resolvers)
    }

    func text(_ merge: FileMerge) -> [UInt8] { MergeProperties.text(merge) }

    /// A side that did not change gives the other.
    func unchangedSides() -> [String] {
      var found: [String] = []
      if text(merged(merge.base, merge.base, merge.theirs)) != merge.theirs {
        found.append("an unchanged side of ours does not give theirs")
      }
      if text(merged(merge.base, merge.ours, merge.base)) != merge.ours {
        found.append("an unchanged side of theirs does not give ours")
      }
      if text(merged(merge.base, merge.ours, merge.ours)) != merge.ours {
        found.append("equal sides do not give themselves")
      }
      return found
    }

    /// Swapped sides give the same lines.
    func mirror() -> [String] {
      MergeProperties.mirror(result, merged(merge.base, merge.theirs, merge.ours))
    }

    /// What a side of a settled conflict added is in the resolution or on its list.
    func losses() -> [String] {
      result.resolved.flatMap { MergeProperties.losses(of: $0.resolution, for: $0.conflict) }
    }

    /// No conflict marker that is in none of the files stands in a settled stretch.
    func markers() -> [String] {
      let known = [merge.base, merge.ours, merge.theirs].reduce(into: Set<[UInt8]>()) { $0.formUnion(markerLines($1)) }
      return result.resolved.filter { !markerLines($0.resolution.lines).isSubset(of: known) }
        .map { "'\($0.resolution.resolver)' writes a conflict marker" }
    }

    private func markerLines(_ bytes: [UInt8]) -> Set<[UInt8]> {
      Set(
        bytes.split(separator: 0x0A).filter { line in
          ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].contains { line.starts(with: $0.utf8) }
        }.map(Array.init))
    }

  }

  /// Whether a merge and the one with swapped sides differ in more than order, white space and commas.
  ///
  /// - Parameters:
  ///   - one: A merge.
  ///   - other: The same with swapped sides.
  /// - Returns: One sentence for each difference.
  package static func mirror(_ one: FileMerge, _ other: FileMerge) -> [String] {
    if one.isClean != other.isClean { return ["swapping the sides changes whether the merge is clean"] }
    guard one.isClean, inkCounts(text(one)) != inkCounts(text(other)) else { return [] }
    return ["swapping the sides changes the lines of the result"]
  }

  private static func text(_ merge: FileMerge) -> [UInt8] {
    merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil))
  }

  private static func inkCounts(_ bytes: [UInt8]) -> [[UInt8]: Int] {
    bytes.split(separator: 0x0A).map { $0.filter { !isBlank($0) && $0 != UInt8(ascii: ",") } }.filter { !$0.isEmpty }
      .reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// What a resolution leaves out of what a side added, without saying so.
  ///
  /// - Parameters:
  ///   - resolution: Lines in the place of a conflict.
  ///   - conflict: The conflict.
  /// - Returns: One sentence for each line.
  package static func losses(of resolution: Resolution, for conflict: Conflict) -> [String] {
    let base = contentCounts(conflict.base)
    let kept = contentCounts(resolution.lines)
    return [(conflict.ours, DroppedLine.Side.ours), (conflict.theirs, .theirs)].flatMap { side, name in
      let listed = Set(resolution.dropped.filter { $0.side == name }.map { trimmed($0.line[...]) })
      return contentCounts(side).filter { line, count in
        count > base[line, default: 0] && kept[line, default: 0] == 0 && !listed.contains(line)
      }.map { _ in "'\(resolution.resolver)' loses a line of \(name) without saying so" }
    }
  }

  private static func contentCounts(_ bytes: [UInt8]) -> [[UInt8]: Int] {
    bytes.split(separator: 0x0A).map(trimmed).filter { !$0.isEmpty }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var line = line.drop(while: isBlank)
    while let last = line.last, isBlank(last) { line.removeLast() }
    return Array(line)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
