package import Merging

/// What people committed in the place of each conflict of a merged file.
package struct CommittedHunks: Sendable {
  /// For each region of the merge that was in conflict, in order: the committed lines; `nil` where the lines around
  /// it were changed as well, so that nobody can tell.
  package let lines: [[UInt8]?]

  /// Looks for the committed lines between the lines around each conflict.
  ///
  /// - Parameters:
  ///   - regions: The merged file.
  ///   - committed: The file as people committed it.
  package init(of regions: [FileMerge.Region], in committed: [UInt8]) {
    var skeleton: [UInt8] = []
    var places: [Int] = []
    var lineCount = 0
    for region in regions {
      if case .merged(let bytes) = region {
        skeleton += bytes
        lineCount += bytes.count { $0 == 0x0A }
      } else {
        // A line that no text file has.
        if let last = skeleton.last, last != 0x0A {
          skeleton.append(0x0A)
          lineCount += 1
        }
        places.append(lineCount)
        skeleton += [0, 0, 1, 0x0A]
        lineCount += 1
      }
    }
    let table = LineTable(committed)
    let total = LineTable(skeleton).count
    var matches: [Int: Int] = [:]
    var (old, new) = (0, 0)
    let end = LineChange(old: LineSpan(start: total, count: 0), new: LineSpan(start: table.count, count: 0))
    for change in LineDiff.changes(from: skeleton, to: committed) + [end] {
      while old < change.old.start {
        matches[old] = new
        old += 1
        new += 1
      }
      (old, new) = (change.old.end, change.new.end)
    }
    lines = places.map { place in
      let before = place == 0 ? -1 : matches[place - 1]
      let after = place + 1 >= total ? table.count : matches[place + 1]
      guard let before, let after, before < after else { return nil }
      return Array(table[LineSpan(start: before + 1, count: after - before - 1)])
    }
  }
}
