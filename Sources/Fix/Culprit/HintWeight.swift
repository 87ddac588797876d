internal import Base
internal import Git

/// How likely a unit is at fault by what the failures name; one where they say nothing of it.
struct HintWeight {
  private let places: [RepositoryPath: [Int?]]
  private let names: Set<[UInt8]>

  init(_ hints: CulpritHints) {
    places = Dictionary(grouping: hints.places, by: \.path).mapValues { $0.map(\.line) }
    names = Set(hints.names.map { Array($0.utf8) })
  }

  func weight(of unit: ChangeUnit, in difference: BranchDifference) -> Double {
    var weight = 1.0
    if let lines = places[difference.files[unit.file].path] {
      weight = 3
      if let hunk = unit.hunk {
        let distance = lines.compactMap(\.self).map { Self.distance(of: $0, from: hunk) }.min()
        if let distance, distance <= 12 { weight = distance == 0 ? 24 : 10 }
      }
    }
    guard !names.isEmpty, let hunk = unit.hunk else { return weight }
    var used: Set<[UInt8]> = []
    for line in Self.scope(of: hunk) + hunk.lines.filter({ $0.kind != .context }).map(\.content) {
      for name in CodeWords.names(in: line) where names.contains(Array(name)) { used.insert(Array(name)) }
    }
    return weight * Double(1 + min(3, used.count))
  }

  /// What a hunk lies in: git's heading names what was begun before the first line that is shown, so a line below it
  /// that begins something comes first.
  private static func scope(of hunk: Hunk) -> [[UInt8]] {
    let before = hunk.lines.prefix { $0.kind == .context }.map(\.content)
    let opening = before.last { line in
      guard let first = line.first else { return false }
      if CodeWords.isNameByte(first) || first == UInt8(ascii: "$") { return true }
      return line.last == UInt8(ascii: "{") && CodeWords.uses(in: line).contains(where: \.declares)
    }
    return [opening ?? hunk.heading]
  }

  /// How many lines lie between a line of the head and the changed lines of a hunk.
  private static func distance(of line: Int, from hunk: Hunk) -> Int {
    let end = hunk.newStart + max(hunk.newCount, 1) - 1
    if line < hunk.newStart { return hunk.newStart - line }
    return line > end ? line - end : 0
  }
}
