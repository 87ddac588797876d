internal import Base
internal import Git

/// Finds the commits of a branch that introduced what it changed.
struct UnitHistory {
  /// The commits of the branch, newest first.
  let commits: [ObjectID]
  let head: ObjectID
  let base: ObjectID

  /// More commits than this are not looked through; blame still tells of lines that were added.
  private static let mostCommits = 400

  /// For each unit the commits that introduced it, newest first; none where nobody can tell.
  func introducers(of difference: BranchDifference, _ repository: Repository) throws(GitError) -> [[ObjectID]] {
    if commits.count == 1 { return difference.units.map { _ in commits } }
    let places = Dictionary(commits.enumerated().map { ($1, $0) }) { first, _ in first }
    var found = [Set<Int>](repeating: [], count: difference.units.count)
    for (number, unit) in difference.units.enumerated() {
      guard let path = difference.files[unit.file].new?.path, let hunk = unit.hunk, unit.kind != .binary else {
        continue
      }
      let added = hunk.lines.compactMap { $0.kind == .added ? $0.newNumber : nil }
      guard let first = added.first, let last = added.last, last >= first else { continue }
      let wanted = Set(added)
      for line in try repository.blame(path, at: head, notBefore: base, lines: first...last)
      where wanted.contains(line.line) {
        if let place = places[line.commit] { found[number].insert(place) }
      }
    }
    try followDeletions(in: difference, repository, &found)
    return found.map { $0.sorted().map { commits[$0] } }
  }

  /// What has no added line: who took its lines out, or changed its file, last.
  private func followDeletions(
    in difference: BranchDifference, _ repository: Repository, _ found: inout [Set<Int>]
  ) throws(GitError) {
    var open = Set(
      difference.units.indices.filter { unit in
        found[unit].isEmpty || difference.units[unit].hunk?.lines.contains { $0.kind == .deleted } == true
      })
    var paths = difference.files.map { Set([$0.new?.path, $0.old?.path].compactMap(\.self)) }
    var missing = difference.units.map { unit in
      Set(unit.hunk?.lines.filter { $0.kind == .deleted }.map(\.content) ?? [])
    }
    for (place, commit) in commits.enumerated().prefix(Self.mostCommits) where !open.isEmpty {
      let parents = try repository.commit(commit).parents
      guard parents.count < 2 else { continue }
      let diff = try repository.diff(from: parents.first, to: commit)
      for change in diff.files {
        for unit in open.sorted() {
          let file = difference.units[unit].file
          guard [change.old, change.new].contains(where: { $0.map { paths[file].contains($0.path) } == true }) else {
            continue
          }
          if let old = change.old { paths[file].insert(old.path) }
          if difference.units[unit].kind != .hunk {
            if Self.makes(difference.units[unit].kind, change) {
              found[unit].insert(place)
              open.remove(unit)
            }
            continue
          }
          let deleted = Set(change.hunks.flatMap(\.lines).filter { $0.kind == .deleted }.map(\.content))
          let own = missing[unit].intersection(deleted)
          guard !own.isEmpty else { continue }
          found[unit].insert(place)
          missing[unit].subtract(own)
          if missing[unit].isEmpty { open.remove(unit) }
        }
      }
    }
  }

  /// Whether a commit's change of a file makes a unit of a kind.
  private static func makes(_ kind: CulpritHunk.Kind, _ change: FileChange) -> Bool {
    switch kind {
    case .added: change.old == nil
    case .deleted: change.new == nil
    case .renamed: change.old?.path != change.new?.path
    case .mode: change.old?.mode != change.new?.mode
    case .hunk, .binary, .typeChanged: true
    }
  }
}
