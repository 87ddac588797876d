package import Base
package import Git

/// Which lines of the head a change has added or changed.
package struct ChangedLines: Sendable {
  private var lines: [RepositoryPath: Set<Int>] = [:]
  private var added: Set<RepositoryPath> = []

  package init(_ diff: Diff) {
    for file in diff.files {
      guard let new = file.new else { continue }
      if file.old == nil { added.insert(new.path) }
      lines[new.path, default: []].formUnion(
        file.hunks.lazy.flatMap(\.lines).compactMap { $0.kind == .added ? $0.newNumber : nil })
    }
  }

  /// Whether the change touches one of the lines from `start` to `end`.
  ///
  /// A finding about a file as a whole has zero for both. It counts where the change adds the file: of a file that was
  /// there before nobody can tell whether the change brought it about.
  package func touch(_ path: RepositoryPath, from start: Int, through end: Int) -> Bool {
    guard start > 0 else { return added.contains(path) }
    guard let changed = lines[path] else { return false }
    if end - start > changed.count { return changed.contains { $0 >= start && $0 <= end } }
    return (start...max(start, end)).contains(where: changed.contains)
  }
}
