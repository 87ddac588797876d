internal import Base
internal import Git

/// Describes a unit for the report.
enum HunkWriter {
  /// - Parameters:
  ///   - unit: The unit.
  ///   - difference: What it is of.
  ///   - matter: The pieces that matter.
  /// - Returns: Its description.
  static func hunk(_ unit: ChangeUnit, in difference: BranchDifference, matter: Set<Int>) -> CulpritHunk {
    let file = difference.files[unit.file]
    let path = file.path
    var hunk = CulpritHunk(
      kind: unit.kind, path: path, oldPath: nil, span: nil, lines: [], omitted: 0, commits: unit.commits)
    if let old = file.old?.path, old != path { hunk.oldPath = old }
    guard let lines = unit.hunk else { return hunk }
    hunk.span = HunkSpan(
      oldStart: lines.oldStart, oldCount: lines.oldCount, newStart: lines.newStart, newCount: lines.newCount)
    var (old, new): (Set<Int>, Set<Int>) = ([], [])
    for case .piece(let number, let gone, let came) in file.stretches where matter.contains(number) {
      old.formUnion(gone.compactMap(\.oldNumber))
      new.formUnion(came.compactMap(\.newNumber))
    }
    let isWhole = file.whole.map(matter.contains) == true
    for line in lines.lines.prefix(CulpritHunk.lineLimit) {
      let matters: Bool
      switch line.kind {
      case .context: matters = false
      case .added: matters = isWhole || line.newNumber.map(new.contains) == true
      case .deleted: matters = isWhole || line.oldNumber.map(old.contains) == true
      }
      hunk.lines.append(
        CulpritLine(
          kind: kind(of: line), oldNumber: line.oldNumber, newNumber: line.newNumber,
          text: DisplayText.line(line.content), isCulprit: matters))
    }
    hunk.omitted = max(0, lines.lines.count - CulpritHunk.lineLimit)
    return hunk
  }

  private static func kind(of line: DiffLine) -> CulpritLine.Kind {
    switch line.kind {
    case .context: .context
    case .added: .added
    case .deleted: .deleted
    }
  }
}
